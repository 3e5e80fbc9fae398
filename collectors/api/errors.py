"""What can go wrong between us and a service, and what an operator can do about it.

::

    ApiError
    ├── SignInError          no token could be had
    ├── Unreachable          nothing answered, or the retry budget ended before something did
    ├── Refused              401 or 403: this identity may not read that
    │   ├── NotOffered       this cloud has no such service
    │   └── NobodySignedIn   the service wants a person, and none has signed in
    ├── NotFound             404: it is not there (any more)
    ├── Throttled            429 until patience ended
    ├── ServerFault          5xx until patience ended, or an unexpected status
    ├── BadReply             the reply is cut off or not what it should be
    │   └── PartialReply     the reply says itself that part of it is missing
    ├── TooLarge             the reply exceeds the limit
    ├── PageLinkRefused      the next page is on a host that gets no token of ours
    └── AddressRefused       a document's address leads where nothing may be asked

The text of each is one line: what happened; where; what to do. Addresses in it carry no query
values but harmless ones, because a signed address is a secret.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, quote, urlsplit

from connectory.domain.redaction import redact_text

_HARMLESS = {"api-version", "$top", "$select", "$filter", "$expand"}
_LONGEST = 300
_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://[^\s\"'<>()\[\]{}|\\]+", re.IGNORECASE)


def redacted(url: str) -> str:
    """Return an address fit for logs and errors: host, path and harmless query values.

    Args:
        url: Any address, a signed one included.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return "an address that cannot be read"
    query = "&".join(
        f"{name}={quote(value, safe=' $(),=')}" if name in _HARMLESS else f"{name}=…"
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
    )
    text = f"{parts.scheme}://{parts.hostname or ''}{parts.path}"
    return (f"{text}?{query}" if query else text)[:_LONGEST]


def without_secrets(text: str) -> str:
    """Return a service's own words with every address and secret inside them redacted.

    Whose mail address a service repeats is nobody's business who reads of the failure.

    Args:
        text: Hostile; an address may stand in quotes, brackets or after a name.
    """
    text = _ADDRESS.sub(lambda found: redacted(found.group()), redact_text(text))
    return redact_text(_MAIL.sub("[address]", text))


class ApiError(Exception):
    """A service could not be read.

    Args:
        what: What happened.
        where: Address or name of the service; redacted here.
        cure: What to do.

    Attributes:
        status: What the service answered with; None if it did not answer.
    """

    status: int | None = None

    def __init__(self, what: str, where: str, cure: str) -> None:
        place = redacted(where) if "://" in where else where
        super().__init__(" ".join(f"{what}; {place}; {cure}".split()))
        self.what = what
        self.where = place
        self.cure = cure


class SignInError(ApiError):
    """No token could be had: a wrong or expired credential, an unknown application."""


class Unreachable(ApiError):
    """Nothing answered: no network, a wrong host, a proxy in between, or too many time-outs."""


class Refused(ApiError):
    """The service knows who asks and says no (401 or 403).

    Args:
        what: What happened.
        where: Address.
        cure: What to do.
        code: Error code of the reply, e.g. EnvironmentAccessDenied.
    """

    def __init__(self, what: str, where: str, cure: str, code: str | None = None) -> None:
        super().__init__(what, where, cure)
        self.code = code


class NotOffered(Refused):
    """The tenant's cloud has no such service; nothing was asked."""


class NobodySignedIn(Refused):
    """The service refuses applications, and no person has signed in for it; nothing was asked."""


class NotFound(ApiError):
    """What was asked for is not there (404)."""


class Throttled(ApiError):
    """The service kept answering 429 until the retries or their budget were used up."""


class ServerFault(ApiError):
    """The service kept failing, or answered with a status nobody expects."""


class BadReply(ApiError):
    """A reply is cut off, is not JSON, or lacks what every such reply has."""


class PartialReply(BadReply):
    """A reply says itself that it is not the whole one: an error stands beside its rows."""


class TooLarge(ApiError):
    """A reply is larger than the limit set for it."""


class PageLinkRefused(ApiError):
    """A link to the next page leads to a host outside the service, or in a circle."""


class AddressRefused(ApiError):
    """The address of a document leads to a host that is not allowed, or to one that is not public."""
