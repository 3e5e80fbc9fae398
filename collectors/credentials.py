"""Registered applications, and when their secrets and certificates end.

A connector that signs in by OAuth names a client id; here is when the secret behind it ends. Of a
credential only its name and its two dates are read: neither its value nor the hint of it.
Source: Microsoft Graph v1.0. Where registrations are refused, the credentials that enterprise
applications carry themselves are read instead; they prove nothing about the registrations.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Any

from collectors.api.paging import ODataNextLink
from collectors.contract import Collector, StepContext
from collectors.lookups import open_parents
from collectors.nouns import APP_CREDENTIALS, APP_REGISTRATIONS
from collectors.records import Shape, sound
from collectors.store import Kept
from connectory.domain.identity import parse_time

_REGISTRATION = "id,appId,displayName,createdDateTime,passwordCredentials,keyCredentials"
_PRINCIPAL = "id,appId,passwordCredentials,keyCredentials"
_HOLDER = Shape(texts=("id", "appId"), may_be_lists=("passwordCredentials", "keyCredentials"))
_KINDS = {"passwordCredentials": "secret", "keyCredentials": "certificate"}


def collect(step: StepContext) -> None:
    """Read registered applications, or enterprise applications where those are refused."""
    with step.reading("applications") as source:
        for page in sound(source, _pages(step, "/v1.0/applications", _REGISTRATION), _HOLDER):
            step.store.keep(APP_REGISTRATIONS, map(registration, page), source=source.source)
            source.rows += _keep(step, page, "application")
    if step.was_read("applications"):
        _end(step, "service_principal", but=frozenset())
    elif step.sources["applications"].outcome == "refused":
        _principals(step)


def _principals(step: StepContext) -> None:
    """Read what enterprise applications carry: it stands in for registrations while they are shut."""
    seen: set[str] = set()
    with step.reading("service_principals") as source:
        pages = _pages(step, "/v1.0/servicePrincipals", _PRINCIPAL)
        for page in sound(source, pages, _HOLDER):
            source.rows += _keep(step, page, "service_principal")
            seen.update(record["id"].casefold() for record in page)
    if step.was_read("service_principals"):
        _end(step, "service_principal", but=seen)


def _end(step: StepContext, holder: str, *, but: AbstractSet[str]) -> None:
    """Let the credentials of these holders end, but of those that were seen."""
    gone = open_parents(step.store, APP_CREDENTIALS, holder=holder) - but
    step.store.replace_edges(APP_CREDENTIALS, sorted(gone), [])


def _pages(step: StepContext, path: str, columns: str) -> Any:
    parameters = {"$select": columns, "$top": "999"}
    return step.api.pages("graph", path, parameters, pager=ODataNextLink())


def _keep(step: StepContext, page: list[dict[str, Any]], holder: str) -> int:
    rows = [row for record in page for row in credentials(record, holder)]
    step.store.replace_edges(APP_CREDENTIALS, [record["id"].casefold() for record in page], rows)
    return len(page)


def registration(record: dict[str, Any]) -> Kept:
    """Return one registered application; its client id is its identity, its object id a fact."""
    return Kept(
        record["appId"].casefold(),
        {
            "object_id": record["id"].casefold(),
            "display_name": record.get("displayName"),
            "created_at": parse_time(record.get("createdDateTime")),
        },
    )


def credentials(record: dict[str, Any], holder: str) -> list[dict[str, Any]]:
    """Return the secrets and certificates of one application: names and dates.

    Args:
        record: A registered or enterprise application.
        holder: Which of the two: ``application`` or ``service_principal``.
    """
    return [
        {
            "holder_key": record["id"].casefold(),
            "holder": holder,
            "client_key": record["appId"].casefold(),
            "credential_key": one["keyId"].casefold(),
            "kind": kind,
            "display_name": one.get("displayName"),
            "starts_at": parse_time(one.get("startDateTime")),
            "ends_at": parse_time(one.get("endDateTime")),
        }
        for member, kind in _KINDS.items()
        for one in record.get(member) or []
    ]


COLLECTOR = Collector(
    "credentials",
    "tenant",
    collect,
    retires=(APP_REGISTRATIONS,),
    presence_sources=("applications",),
)
