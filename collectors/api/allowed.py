"""Which requests may be sent beside a GET: the POSTs that only read, a query, and the commands."""

from __future__ import annotations

import re
from typing import Any

_READING_POSTS = frozenset(
    {
        ("graph", "/v1.0/$batch"),
        ("graph", "/v1.0/directoryObjects/getByIds"),
        ("powerplatform", "/resourcequery/resources/query"),
    }
)
_LOG_QUERIES = {
    "loganalytics": re.compile(r"/v1/workspaces/[0-9a-fA-F-]{36}/query"),
    "appinsights": re.compile(r"/v1/apps/[0-9a-fA-F-]{36}/query"),
}
"""Queries over logs; what such a service does beyond answering is asked for elsewhere."""
AUDIT_QUERIES = "/v1.0/security/auditLog/queries"
_QUERY = {
    "displayName": str,
    "filterStartDateTime": str,
    "filterEndDateTime": str,
    "recordTypeFilters": list,
    "operationFilters": list,
    "userPrincipalNameFilters": list,
}
"""A query of the audit log, which Microsoft keeps for some weeks; nothing else comes of it."""
_MAIL = re.compile(r"/v1\.0/users/[A-Za-z0-9._~%@-]+/sendMail")
_MAIL_SAYS = {
    "subject",
    "body",
    "toRecipients",
    "replyTo",
    "internetMessageId",
    "internetMessageHeaders",
}
_SUBSCRIPTION = re.compile(r"/api/v1\.0/[0-9a-fA-F-]{36}/activity/feed/subscriptions/start")
"""The calls that alter something at Microsoft: one switches the audit log on, by a person's command
only; the other sends a report by mail. With the query of the audit log they are all there are."""


def refuse_writing(family: str, path: str, body: Any) -> None:
    """Let a POST pass that only reads, or asks the audit log a question in the one known form.

    Raises:
        PermissionError: It could write.
    """
    if (family, path) == ("graph", AUDIT_QUERIES):
        if not _only_asks(body):
            raise PermissionError(f"a query of another form is never sent: {family} {path}")
        return
    bare = path.partition("?")[0]
    if family in _LOG_QUERIES and _LOG_QUERIES[family].fullmatch(path) and _only_reads_logs(body):
        return
    if (family, bare) not in _READING_POSTS:
        raise PermissionError(f"a POST that may write is never sent: {family} {path}")
    if bare.endswith("/$batch") and not _only_reads(body):
        raise PermissionError(f"a batch that may write is never sent: {family} {path}")


def refuse_unknown_command(family: str, path: str, body: Any = None) -> None:
    """Let one of the few calls pass that alter something.

    Raises:
        PermissionError: It is none of them.
    """
    if family == "activity" and _SUBSCRIPTION.fullmatch(path) and body is None:
        return
    if not (family == "graph" and _MAIL.fullmatch(path)):
        raise PermissionError(f"a POST that may write is never sent: {family} {path}")
    if not _only_mails(body):
        raise PermissionError(f"a mail of another form is never sent: {family} {path}")


def _only_mails(body: Any) -> bool:
    """Tell whether a body is a mail to one receiver, with no copy, attachment or trace left."""
    message = body.get("message") if isinstance(body, dict) else None
    return (
        isinstance(message, dict)
        and body == {"message": message, "saveToSentItems": False}
        and message.keys() <= _MAIL_SAYS
        and isinstance(message.get("toRecipients"), list)
        and len(message["toRecipients"]) == 1
    )


def _only_reads(batch: Any) -> bool:
    """Tell whether each request inside a batch is a GET, whatever else the batch holds."""
    requests = batch.get("requests") if isinstance(batch, dict) else None
    return isinstance(requests, list) and all(
        isinstance(request, dict) and request.get("method") == "GET" for request in requests
    )


def _only_reads_logs(body: Any) -> bool:
    """Tell whether a body holds a query alone, and none of the commands that begin with a dot."""
    query = body.get("query") if isinstance(body, dict) and set(body) == {"query"} else None
    return isinstance(query, str) and not query.lstrip().startswith(".")


def _only_asks(query: Any) -> bool:
    """Tell whether a query of the audit log has every member it should, no other, of their kinds."""
    return (
        isinstance(query, dict)
        and query.keys() == _QUERY.keys()
        and all(isinstance(query[name], kind) for name, kind in _QUERY.items())
        and all(
            isinstance(item, str)
            for value in query.values()
            if type(value) is list
            for item in value
        )
    )
