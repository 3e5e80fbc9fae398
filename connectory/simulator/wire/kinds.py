"""What can go wrong at a service, by name; imports nothing, since the command line lists it."""

from __future__ import annotations

from typing import Final

FAULTS: Final = {
    "429": "too many requests: 429, with or without Retry-After",
    "500": "the service breaks: 500",
    "502": "a gateway in front of the service breaks: 502",
    "503": "the service is not available: 503",
    "504": "a gateway waited for the service in vain: 504",
    "forbidden": "the caller may not: 403, as one environment or a whole service says it",
    "unauthorized": "the token counts no more, also between two pages: 401",
    "redirect": "the service sends the caller elsewhere, to a signed address: 302",
    "drop": "the connection breaks in the middle of a body",
    "truncate": "half of the body comes, and its length fits that half",
    "slow": "the reply is late",
    "not_json": "200 with a page of HTML, as a proxy answers",
    "expired_page_token": "the link to a next page has expired: 400",
    "empty_page": "200 with a page that is empty and links on",
    "foreign_link": "200 with a page that links on to another host, by a signed address",
    "error_page": "200 with nothing in the body but an error",
    "partial_error": "200 with half of the rows, or of the replies of a batch, and an error beside",
    "malformed_record": "one record of a list is not what it should be",
    "duplicate_blobs": "the audit log lists every blob twice",
    "late_blobs": "the audit log lists every second blob only once the fault has ended",
}
"""Every fault there is, and what it does (docs/simulator.md)."""

HOW: Final = ("nameless", "hollow", "wrong_type", "null_record")
"""How a record can be malformed: without what names it, without what it holds, with a text or an
object where the other belongs, or with a null in its own place."""

ELSEWHERE: Final = (
    "https://elsewhere.example/part?sv=2024-11-04&sp=r&sig=c2lnbmF0dXJlIG9mIGEgbGluaw%3D%3D"
)
"""Where a service sends callers who are not to follow."""

SERVICES: Final = (
    "api.bap.microsoft.com",
    "api.powerapps.com",
    "api.flow.microsoft.com",
    "api.powerplatform.com",
    "graph.microsoft.com",
    "dynamics.com",
    "manage.office.com",
    "blob.core.windows.net",
)
"""Ends of the hosts of every service, but for the sign-in."""

LOG_SERVICES: Final = ("api.loganalytics.azure.com", "api.applicationinsights.io")
"""Hosts of the services that are asked for calls, where the settings name a log there."""
