"""Requests to somebody to answer for a connector: how each is opened, changed and noted.

A request is changed only by whoever still holds it as it is: every change names person and nonce,
and all but one of several at once find that they came too late.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy import Connection, RowMapping, Table, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_on_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_on_sqlite

from connectory.domain.answering import Hindrance, Passed, Recipient
from connectory.domain.campaign_steps import Pace
from models import AttestationEvent, AttestationRequest, Campaign

CAMPAIGNS = cast("Table", Campaign.__table__)
REQUESTS = cast("Table", AttestationRequest.__table__)
_EVENTS = cast("Table", AttestationEvent.__table__)

LONGEST_AUTHOR: Final = 200


@dataclass(frozen=True, slots=True)
class Held:
    """A request as somebody knows it, by which it can be changed as long as it is still so."""

    request_id: int
    connector_id: int
    campaign_id: int
    person: str
    nonce: str


def held(row: RowMapping) -> Held:
    """Return a request as a row of it says that it is."""
    return Held(row["id"], row["connector_id"], row["campaign_id"], row["asked"], row["nonce"])


def nonce() -> str:
    """Return what no link was made with before."""
    return secrets.token_urlsafe(18)


def locked(connection: Connection, campaign_id: int) -> RowMapping | None:
    """Return a campaign that nobody else changes until this transaction ends; None if there is none."""
    query = select(CAMPAIGNS).where(CAMPAIGNS.c.id == campaign_id).with_for_update()
    return connection.execute(query).mappings().first()


def request(connection: Connection, request_id: int) -> RowMapping | None:
    """Return a request; None if there is none."""
    query = select(REQUESTS).where(REQUESTS.c.id == request_id)
    return connection.execute(query).mappings().first()


def change(connection: Connection, known: Held, values: Mapping[str, Any]) -> bool:
    """Change an open request; return whether it was still as it is known."""
    row = REQUESTS.c
    changed = connection.execute(
        update(REQUESTS)
        .where(
            row.id == known.request_id,
            row.connector_id == known.connector_id,
            row.campaign_id == known.campaign_id,
            row.asked == known.person,
            row.nonce == known.nonce,
            row.closed_at.is_(None),
        )
        .values(**values)
    )
    return changed.rowcount == 1


def open_request(
    connection: Connection,
    *,
    campaign_id: int,
    connector_id: int,
    to: Recipient,
    facts: Mapping[str, Any],
    pace: Pace,
    now: datetime,
    who: str,
    escalations: int = 0,
    follows_id: int | None = None,
) -> int | None:
    """Open a request and return its number; None if one is open for that connector already.

    Args:
        connection: Open transaction that writes.
        campaign_id: The campaign that asks.
        connector_id: What it is about.
        to: Who is asked.
        facts: What is known of the connector.
        pace: What it is counted by.
        now: The time it is.
        who: Who opens it.
        escalations: How often it went on to the next one.
        follows_id: The request whose answer led to it.
    """
    values = {
        "campaign_id": campaign_id,
        "connector_id": connector_id,
        **asked(to),
        "facts": dict(facts),
        "deadline": pace.deadline,
        "counted_from": pace.counted_from,
        "reminders": pace.reminders,
        "escalations": escalations,
        "postponed": 0,
        "follows_id": follows_id,
        "opened_at": now,
    }
    make = insert_on_sqlite if connection.dialect.name == "sqlite" else insert_on_postgresql
    statement = make(REQUESTS).values(**values).on_conflict_do_nothing().returning(REQUESTS.c.id)
    number = connection.scalar(statement)
    if number is not None:
        told = {"to": to.name, "role": to.role, "deadline": pace.deadline.isoformat()}
        note(connection, number, "opened", who, told, now)
    return cast("int | None", number)


def asked_before(
    connection: Connection, campaign_id: int, connector_id: int | None = None
) -> dict[int, set[str]]:
    """Return everybody who was asked about connectors in a campaign, also before the one asked now.

    Args:
        connection: Open transaction on the store.
        campaign_id: The campaign.
        connector_id: Only about this connector.
    """
    found: dict[int, set[str]] = defaultdict(set)
    row, event = REQUESTS.c, _EVENTS.c
    asked_now = select(row.connector_id, row.asked).where(row.campaign_id == campaign_id)
    went_on = (
        select(row.connector_id, event.told)
        .join(_EVENTS, event.request_id == row.id)
        .where(row.campaign_id == campaign_id, event.what == "escalated")
    )
    if connector_id is not None:
        asked_now = asked_now.where(row.connector_id == connector_id)
        went_on = went_on.where(row.connector_id == connector_id)
    for number, person in connection.execute(asked_now):
        found[number].add(person)
    for number, told in connection.execute(went_on):
        found[number].add(told["asked"])
    return found


def asked(to: Recipient) -> dict[str, Any]:
    """Return what a request says of whom it asks; links of anybody before are nothing any more."""
    return {
        "asked": to.recipient,
        "asked_name": to.name,
        "address": to.address,
        "language": to.language,
        "role": to.role,
        "passed": [asdict(one) for one in to.passed],
        "nonce": nonce(),
        "letter": None,
        "told_at": None,
    }


def passed(rows: Sequence[Any]) -> tuple[Passed, ...]:
    """Return who was to be asked before, as a row keeps it."""
    return tuple(Passed(one["role"], one["name"], one["why"]) for one in rows)


def passed_by(row: RowMapping, to: Recipient, why: Hindrance) -> tuple[Passed, ...]:
    """Return who was to be asked before the next one, and why it is not them any more."""
    known = (*passed(row["passed"]), Passed(row["role"], row["asked_name"], why))
    names = {(one.role, one.name) for one in known}
    return (*known, *(one for one in to.passed if (one.role, one.name) not in names))


def note(
    connection: Connection,
    request_id: int,
    what: str,
    who: str,
    told: Mapping[str, Any],
    now: datetime,
) -> None:
    """Note what happened to a request."""
    kept = {name: value for name, value in told.items() if value not in (None, "")}
    connection.execute(
        insert(_EVENTS).values(request_id=request_id, at=now, what=what, who=who, told=kept)
    )
