"""Opening and closing campaigns, and the steps that a request takes while nobody answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Final, Literal

from sqlalchemy import Connection, Engine, RowMapping, insert, select, update

from connectory.actions.asking import (
    CAMPAIGNS,
    LONGEST_AUTHOR,
    REQUESTS,
    asked,
    change,
    held,
    locked,
    nonce,
    note,
    open_request,
    passed_by,
)
from connectory.database import writing
from connectory.domain.answering import Hindrance, Recipient
from connectory.domain.attesting import Next
from connectory.domain.campaign_steps import Steps, first_pace, next_pace
from connectory.domain.one_line import one_line

LONGEST_NAME: Final = 200
LONGEST_PURPOSE: Final = 2_000


class NotOpened(Exception):
    """No campaign was opened or closed; the text says why and what to do. Nothing was written."""


@dataclass(frozen=True, slots=True)
class Asking:
    """A connector, and who is to be asked about it.

    Attributes:
        connector_id: The connector.
        to: Who is asked.
        steps: How patiently.
        facts: What is known of it, kept as evidence.
    """

    connector_id: int
    to: Recipient
    steps: Steps
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Opened:
    """What came of opening a campaign.

    Attributes:
        campaign_id: The campaign.
        requests: Number of the request by connector.
        already: Connectors that are asked about already, each with the campaign that does.
    """

    campaign_id: int
    requests: Mapping[int, int]
    already: Mapping[int, int] = field(default_factory=dict)


def open_campaign(
    engine: Engine,
    asking: Sequence[Asking],
    *,
    name: str,
    purpose: str,
    chosen: Mapping[str, Any],
    steps: Mapping[str, Any],
    author: str,
    now: datetime,
    today: date,
) -> Opened:
    """Open a campaign: one request for each connector that is not asked about already.

    Args:
        engine: The store.
        asking: Whom to ask about what.
        name: Name people see.
        purpose: Why they are asked.
        chosen: How the connectors were chosen.
        steps: The steps by environment, as `campaign_steps.kept` returns them.
        author: Who opens it.
        now: The time it is.
        today: The day it is where people live.

    Raises:
        NotOpened: Name, purpose or author is missing, or nothing is left to ask about.
    """
    title, why, who = (
        one_line(name, LONGEST_NAME),
        one_line(purpose, LONGEST_PURPOSE),
        _author(author),
    )
    if not title or not why:
        raise NotOpened("a campaign needs a name, and a purpose that people are told")
    if not asking:
        raise NotOpened("there is nobody to ask; choose connectors somebody can be asked about")
    deadline = max(first_pace(one.steps, today).deadline for one in asking)
    with writing(engine) as connection:
        campaign_id = connection.scalar(
            insert(CAMPAIGNS)
            .values(
                name=title,
                purpose=why,
                chosen=dict(chosen),
                steps=dict(steps),
                opened_by=who,
                opened_at=now,
                deadline=deadline,
            )
            .returning(CAMPAIGNS.c.id)
        )
        requests: dict[int, int] = {}
        # In the order of connectors, so that two who open at once wait for each other in turn.
        for one in sorted(asking, key=lambda one: one.connector_id):
            number = open_request(
                connection,
                campaign_id=campaign_id,
                connector_id=one.connector_id,
                to=one.to,
                facts=one.facts,
                pace=first_pace(one.steps, today),
                now=now,
                who=who,
            )
            if number is not None:
                requests[one.connector_id] = number
        already = open_elsewhere(
            connection, [one.connector_id for one in asking if one.connector_id not in requests]
        )
        if not requests:
            raise NotOpened(
                "each of these connectors is asked about already, in "
                f"{_campaigns(already.values())}; wait for the answers or close that first"
            )
        return Opened(campaign_id, requests, already)


def _campaigns(numbers: Any) -> str:
    return ", ".join(f"campaign {number}" for number in sorted(set(numbers)))


def open_elsewhere(connection: Connection, connector_ids: Sequence[int]) -> dict[int, int]:
    """Return the campaigns that have a request open, by connector."""
    row = REQUESTS.c
    found: dict[int, int] = {}
    for start in range(0, len(connector_ids), 500):
        some = connector_ids[start : start + 500]
        query = select(row.connector_id, row.campaign_id).where(
            row.closed_at.is_(None), row.connector_id.in_(some)
        )
        found |= {one.connector_id: one.campaign_id for one in connection.execute(query)}
    return found


def close_campaign(engine: Engine, campaign_id: int, *, author: str, now: datetime) -> int:
    """Close a campaign and what is open of it; return how many requests were.

    Args:
        engine: The store.
        campaign_id: Which.
        author: Who closes it.
        now: The time it is.

    Raises:
        NotOpened: Nobody is named, there is no such campaign, or it is closed.
    """
    who = _author(author)
    with writing(engine) as connection:
        campaign = locked(connection, campaign_id)
        if campaign is None:
            raise NotOpened(f"there is no campaign {campaign_id}; connectory campaign list")
        if campaign["closed_at"] is not None:
            raise NotOpened(f"campaign {campaign_id} is closed already")
        rows = open_rows(connection, campaign_id)
        for row in rows:
            end(connection, row, "cancelled", who=who, now=now)
        finish(connection, campaign_id, who=who, now=now)
        return len(rows)


def open_rows(connection: Connection, campaign_id: int) -> Sequence[RowMapping]:
    """Return the open requests of a campaign, the oldest first."""
    query = (
        select(REQUESTS)
        .where(REQUESTS.c.campaign_id == campaign_id, REQUESTS.c.closed_at.is_(None))
        .order_by(REQUESTS.c.id)
    )
    return connection.execute(query).mappings().all()


def finish(connection: Connection, campaign_id: int, *, who: str, now: datetime) -> None:
    """Close a campaign of which nothing is open."""
    connection.execute(
        update(CAMPAIGNS)
        .where(CAMPAIGNS.c.id == campaign_id, CAMPAIGNS.c.closed_at.is_(None))
        .values(closed_at=now, closed_by=who)
    )


def end(
    connection: Connection,
    row: RowMapping,
    outcome: Literal["unanswered", "cancelled"],
    *,
    who: str,
    now: datetime,
    reason: str | None = None,
) -> bool:
    """Close a request without an answer; return whether it was still open."""
    values = {"closed_at": now, "outcome": outcome, "nonce": nonce(), "reason": reason}
    if not change(connection, held(row), values):
        return False
    note(connection, row["id"], "closed", who, {"outcome": outcome, "reason": reason}, now)
    return True


def remind(
    connection: Connection, row: RowMapping, *, reminders: int, who: str, now: datetime
) -> bool:
    """Note that whoever is asked is due a reminder; return whether the request was still so."""
    changed = change(
        connection, held(row), {"reminders": reminders, "letter": None, "told_at": None}
    )
    if changed:
        note(connection, row["id"], "reminded", who, {"to": row["asked_name"]}, now)
    return changed


def escalate(
    connection: Connection,
    row: RowMapping,
    following: Next,
    *,
    why: Hindrance,
    steps: Steps,
    who: str,
    now: datetime,
    today: date,
) -> bool:
    """Ask the next one instead; return whether the request was still so.

    Args:
        connection: Open transaction that writes.
        row: The request.
        following: Who is asked now.
        why: Why not whoever was asked before.
        steps: Steps of the environment.
        who: Who or what does it.
        now: The time it is.
        today: The day it is where people live.
    """
    pace = next_pace(row["deadline"], steps, today)
    to = replace(following.to, passed=passed_by(row, following.to, why))
    values = {
        **asked(to),
        "counted_from": pace.counted_from,
        "deadline": pace.deadline,
        "reminders": pace.reminders,
        "escalations": following.escalations,
    }
    if not change(connection, held(row), values):
        return False
    told = {
        "asked": row["asked"],
        "from": row["asked_name"],
        "why": why,
        "to": to.name,
        "role": to.role,
        "deadline": pace.deadline.isoformat(),
    }
    note(connection, row["id"], "escalated", who, told, now)
    return True


def _author(text: str) -> str:
    told = one_line(text, LONGEST_AUTHOR)
    if not told:
        raise NotOpened("nobody is named who decides; say who it is")
    return told
