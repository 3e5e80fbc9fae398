"""Mail from a mailbox of the tenant, by Microsoft Graph.

Accepted is not delivered: Graph answers before Exchange looks at the address, and what cannot be
delivered comes back to the mailbox that sends.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from connectory.domain.one_line import one_line
from connectory.mail_settings import is_plain_address
from connectory.reports.sending import Posting, Refused
from connectory.reports_settings import ReportSettings

Post = Callable[[str, dict[str, Any]], None]
"""Sends a body to a path of Graph, once; raises what `connectory.reports.sending` names."""

_LONGEST_SUBJECT = 250
_LONGEST_NAME = 80


class GraphSender:
    """Sends as HTML; Exchange makes the plain text of it.

    Args:
        settings: Which mailbox sends.
        post: Signed in, and never trying twice.
    """

    def __init__(self, settings: ReportSettings, post: Post) -> None:
        self._settings = settings
        self._post = post

    def ready(self) -> None:
        """Nothing can be asked beforehand: the permission to send shows when something is sent."""

    def send(self, posting: Posting) -> str:
        """Hand a message over."""
        if not is_plain_address(posting.address):
            raise Refused(f"no plain mail address: {one_line(posting.address, 200)}")
        self._post(path(self._settings), body(posting, self._settings))
        return "accepted by Microsoft Graph"

    def close(self) -> None:
        """Hold nothing open: the client is its maker's."""


def path(settings: ReportSettings) -> str:
    """Return where mail of the mailbox in the settings is handed over."""
    return f"/v1.0/users/{quote(settings.graph_sender, safe='@')}/sendMail"


def body(posting: Posting, settings: ReportSettings) -> dict[str, Any]:
    """Return a message as Graph takes it, to one receiver and kept in no folder of the sender."""
    name = one_line(posting.name, _LONGEST_NAME)
    message: dict[str, Any] = {
        "subject": one_line(posting.subject, _LONGEST_SUBJECT),
        "body": {"contentType": "HTML", "content": posting.html},
        "toRecipients": [{"emailAddress": {"address": posting.address, "name": name}}],
        "internetMessageId": posting.message_id,
        # Only names of our own are taken here; this one lets a bounce be told apart all the same.
        "internetMessageHeaders": [{"name": "x-connectory-message", "value": posting.token}],
    }
    if settings.coe_mailbox:
        message["replyTo"] = [{"emailAddress": {"address": settings.coe_mailbox}}]
    return {"message": message, "saveToSentItems": False}
