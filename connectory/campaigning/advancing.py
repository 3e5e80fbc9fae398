"""What time brings: reminders, the next one to ask, the end of what nobody answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, RowMapping, select

from connectory.actions.asking import asked_before, locked
from connectory.actions.campaigns import end, escalate, finish, open_rows, remind
from connectory.actions.retiring import close_removed
from connectory.campaigning.letters import owe, write_letters
from connectory.campaigning.questions import signer
from connectory.campaigning.waiting import Letters, letters_of, settle, waits
from connectory.config import Settings
from connectory.database import reading, writing
from connectory.domain.answering import Hindrance, Recipient
from connectory.domain.attesting import Next
from connectory.domain.campaign_steps import (
    Step,
    Steps,
    Waiting,
    next_step,
    reminders_due,
    steps_of,
)
from connectory.queries.moments import Moment
from connectory.queries.next_to_ask import next_to_ask, unreachable
from connectory.queries.tables import CAMPAIGNS, CONNECTORS, known_connectors
from connectory.reports.outbox import Queued

_WHO: Final = "connectory"
_GONE: Final = "the connector is gone"


@dataclass(frozen=True, slots=True)
class Advanced:
    """What time brought.

    Attributes:
        steps: How many were reminded, went on to the next one, or were given up.
        gone: Requests that ended because their connector is gone.
        closed: Campaigns of which nothing is open any more.
        removed: Plans that ended because their connector is gone.
        queued: What became of the letters.
    """

    steps: Mapping[Step, int] = field(default_factory=dict)
    gone: int = 0
    closed: int = 0
    removed: int = 0
    queued: Queued = field(default_factory=Queued)


@dataclass(frozen=True, slots=True)
class _Around:
    """What decides, beside a request itself, what happens to it."""

    before: Mapping[int, set[str]]
    lost: Mapping[str, Hindrance]
    letters: Letters
    present: frozenset[int]


def advance(engine: Engine, settings: Settings, moment: Moment, *, now: datetime) -> Advanced:
    """Take the steps that are due of every open campaign, and put its letters into the outbox.

    Several may do so at once: each step is taken once, and nobody is written to twice for it.

    Args:
        engine: The store.
        settings: All settings.
        moment: As of when it is known who works here and which connectors there are.
        now: The time it is.

    Raises:
        ConfigError: Something is open, and links have no address to lead to, or no key.
    """
    with writing(engine) as connection:
        removed = close_removed(connection, moment.run_id, now=now)
    with reading(engine) as connection:
        query = select(CAMPAIGNS.c.id).where(CAMPAIGNS.c.closed_at.is_(None))
        open_ones = list(connection.scalars(query.order_by(CAMPAIGNS.c.id)))
    if not open_ones:
        return Advanced(removed=removed)
    links = signer(settings)
    today = now.astimezone(ZoneInfo(settings.dashboard.time_zone)).date()
    taken: Counter[Step] = Counter()
    gone = closed = 0
    queued: Counter[str] = Counter()
    for campaign_id in open_ones:
        with writing(engine) as connection:
            campaign = locked(connection, campaign_id)
            if campaign is None or campaign["closed_at"] is not None:
                continue
            steps, lost = _campaign(connection, settings, moment, campaign, now=now, today=today)
            taken.update(steps)
            gone += lost
            owe(connection, campaign_id)
            if not open_rows(connection, campaign_id):
                finish(connection, campaign_id, who=_WHO, now=now)
                closed += 1
        told = write_letters(engine, settings, moment, campaign_id, links, now=now)
        queued.update(
            queued=told.queued, held=told.held, refused=told.refused, already=told.already
        )
    return Advanced(dict(taken), gone, closed, removed, Queued(**queued))


def _campaign(
    connection: Connection,
    settings: Settings,
    moment: Moment,
    campaign: RowMapping,
    *,
    now: datetime,
    today: date,
) -> tuple[Counter[Step], int]:
    """Take the steps that are due of one campaign; return which, and how many connectors are gone."""
    rows = open_rows(connection, campaign["id"])
    letters = letters_of(connection, campaign["id"])
    patience = {row["id"]: _steps(campaign, row) for row in rows}
    zone = ZoneInfo(settings.dashboard.time_zone)
    if settle(connection, rows, letters, patience, zone=zone, now=now):
        rows = open_rows(connection, campaign["id"])
    around = _around(connection, settings, moment, campaign["id"], rows, letters)
    present = [row for row in rows if row["connector_id"] in around.present]
    gone = sum(
        end(connection, row, "cancelled", who=_WHO, now=now, reason=_GONE)
        for row in rows
        if row["connector_id"] not in around.present
    )
    due: dict[int, tuple[Step | None, Steps]] = {}
    for row in present:
        steps = patience[row["id"]]
        due[row["id"]] = (next_step(_waiting(row, around), steps, today), steps)
    going_on = [row for row in present if due[row["id"]][0] == "escalate"]
    following = next_to_ask(
        connection,
        moment,
        settings.reports,
        {row["connector_id"]: around.before[row["connector_id"]] for row in going_on},
    )
    taken: Counter[Step] = Counter()
    for row in present:
        step, steps = due[row["id"]]
        to = following.get(row["connector_id"])
        if step == "escalate" and to is None:
            step = next_step(_waiting(row, around, further=False), steps, today)
        if step and _taken(connection, row, step, steps, to, around, now=now, today=today):
            taken[step] += 1
    return taken, gone


def _taken(
    connection: Connection,
    row: RowMapping,
    step: Step,
    steps: Steps,
    to: Recipient | None,
    around: _Around,
    *,
    now: datetime,
    today: date,
) -> bool:
    if step == "escalate" and to is not None:
        return escalate(
            connection,
            row,
            Next(to, row["escalations"] + 1),
            why=_why(row, around) or "did_not_answer",
            steps=steps,
            who=_WHO,
            now=now,
            today=today,
        )
    if step == "remind":
        due = reminders_due((today - row["counted_from"]).days, steps)
        return remind(connection, row, reminders=due, who=_WHO, now=now)
    return step == "give_up" and end(connection, row, "unanswered", who=_WHO, now=now)


def _around(
    connection: Connection,
    settings: Settings,
    moment: Moment,
    campaign_id: int,
    rows: Sequence[RowMapping],
    letters: Letters,
) -> _Around:
    there = select(CONNECTORS.c.id).select_from(known_connectors(moment.run_id))
    people = {row["asked"] for row in rows}
    return _Around(
        asked_before(connection, campaign_id),
        unreachable(connection, moment, settings.reports, people),
        letters,
        frozenset(connection.scalars(there)),
    )


def _steps(campaign: RowMapping, row: RowMapping) -> Steps:
    facts = row["facts"]
    return steps_of(campaign["steps"], facts.get("group"), facts.get("environment_type"))


def _waiting(row: RowMapping, around: _Around, *, further: bool = True) -> Waiting:
    return Waiting(
        row["counted_from"],
        row["deadline"],
        row["reminders"],
        row["escalations"],
        unreachable=_why(row, around) is not None,
        further=further,
        unsent=waits(row, around.letters),
    )


def _why(row: RowMapping, around: _Around) -> Hindrance | None:
    """Return why no letter reaches whoever is asked; None if it does, as far as one knows."""
    sending = around.letters.get((row["letter"] or "", row["asked"]))
    if sending is not None and sending.state in {"refused", "bounced"}:
        return "no_address"
    return around.lost.get(row["asked"])
