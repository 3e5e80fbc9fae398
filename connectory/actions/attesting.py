"""Answering a request: exactly one answer counts, and what follows from it is written with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import Connection, Engine, RowMapping

from connectory.actions.asking import (
    LONGEST_AUTHOR,
    Held,
    asked_before,
    change,
    locked,
    nonce,
    note,
    open_request,
    passed_by,
    request,
)
from connectory.actions.exempting import exempt_within
from connectory.actions.retiring import planned
from connectory.actions.stewarding import Decision, decide, standing
from connectory.database import writing
from connectory.domain.answering import MAILBOX, Hindrance
from connectory.domain.attesting import Given, Next, Retirement
from connectory.domain.campaign_steps import Steps, longer_pace, next_pace
from connectory.domain.one_line import one_line
from connectory.domain.stewardship import StewardFields

Via = Literal["link", "csv", "dashboard"]
Lost = Literal["answered", "gone_on", "closed", "unknown"]
_LOST: dict[Lost, str] = {
    "answered": "it was answered already",
    "gone_on": "somebody else is asked by now, or more time was taken",
    "closed": "the campaign is closed",
    "unknown": "there is no such request",
}


_WHY: dict[str, Hindrance] = {"hand_over": "handed_over", "not_mine": "not_theirs"}


class NotAnswered(Exception):
    """An answer came too late or for nothing; nothing was changed."""

    def __init__(self, why: Lost) -> None:
        super().__init__(_LOST[why])
        self.why = why


@dataclass(frozen=True, slots=True)
class Chain:
    """What decides who is asked next.

    Attributes:
        row: The request that was answered.
        before: Everybody who was asked about this connector in this campaign.
        named: Who is named to have it, as written; empty if nobody was.
    """

    row: RowMapping
    before: frozenset[str]
    named: str = ""


Successor = Callable[[Connection, Chain], Next | None]
"""Tells who is asked next; None if nobody is left."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What an answer is taken under.

    Attributes:
        steps: Steps of the environment.
        retirement: How slowly something is retired.
        successor: Tells who is asked next.
        today: The day it is where people live.
        now: The time it is.
    """

    steps: Steps
    retirement: Retirement
    successor: Successor
    today: date
    now: datetime


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of an answer.

    Attributes:
        request_id: The request.
        next_id: The request that was opened to somebody else.
        plan_id: The plan by which it is retired.
        until: Of more_time and keep: the day that was said.
    """

    request_id: int
    next_id: int | None = None
    plan_id: int | None = None
    until: date | None = None


def answer(
    engine: Engine, known: Held, given: Given, terms: Terms, *, who: str, via: Via, mark: str = ""
) -> Answered:
    """Write down an answer and what follows from it.

    Args:
        engine: The store.
        known: The request as whoever answers knows it.
        given: The answer.
        terms: What it is taken under.
        who: Who answers.
        via: How it came.
        mark: By what the link is recognised, if it came by one.

    Raises:
        NotAnswered: The request is not as it was known, or its campaign is closed.
    """
    with writing(engine) as connection:
        return answer_within(connection, known, given, terms, who=who, via=via, mark=mark)


def answer_within(
    connection: Connection,
    known: Held,
    given: Given,
    terms: Terms,
    *,
    who: str,
    via: Via,
    mark: str = "",
) -> Answered:
    """Write down an answer in a transaction that is open already; see `answer`."""
    author = one_line(who, LONGEST_AUTHOR)
    campaign = locked(connection, known.campaign_id)
    row = request(connection, known.request_id)
    if campaign is None or row is None:
        raise NotAnswered("unknown")
    if not change(connection, known, _changes(row, given, terms, author, via)):
        raise NotAnswered(lost(row))
    told = {
        "answer": given.answer,
        "reason": given.reason,
        "hand_over_to": given.hand_over_to,
        "until": given.until.isoformat() if given.until else None,
        "asked": row["asked"],
        "via": via,
        "link": mark,
    }
    what = "postponed" if given.answer == "more_time" else "answered"
    note(connection, row["id"], what, author, told, terms.now)
    return _followed(connection, row, given, terms, author)


def lost(row: RowMapping) -> Lost:
    """Return why a request cannot be answered any more by whoever knew it otherwise."""
    if row["closed_at"] is None:
        return "gone_on"
    return "closed" if row["outcome"] in {"cancelled", "unanswered"} else "answered"


def _changes(row: RowMapping, given: Given, terms: Terms, who: str, via: Via) -> dict[str, Any]:
    if given.answer == "more_time" and given.until is not None:
        pace = longer_pace(given.until, row["deadline"], terms.steps, terms.today)
        return {
            "nonce": nonce(),
            "counted_from": pace.counted_from,
            "deadline": pace.deadline,
            "reminders": pace.reminders,
            "postponed": row["postponed"] + 1,
        }
    return {
        "nonce": nonce(),
        "closed_at": terms.now,
        "outcome": given.answer,
        "answered_by": who,
        "via": via,
        "reason": given.reason or None,
        "hand_over_to": given.hand_over_to or None,
    }


def _followed(
    connection: Connection, row: RowMapping, given: Given, terms: Terms, who: str
) -> Answered:
    match given.answer:
        case "retire":
            plan_id = planned(
                connection,
                row["connector_id"],
                request_id=row["id"],
                retirement=terms.retirement,
                who=who,
                now=terms.now,
                today=terms.today,
            )
            return Answered(row["id"], plan_id=plan_id)
        case "hand_over" | "not_mine":
            return Answered(row["id"], next_id=_passed_on(connection, row, given, terms, who))
        case "keep":
            _kept(connection, row, given, who, terms.now)
            return Answered(row["id"], until=given.until)
        case _:
            return Answered(row["id"], until=given.until)


def _kept(connection: Connection, row: RowMapping, given: Given, who: str, now: datetime) -> None:
    """Leave a connector alone until the day that was said; it is theirs whom it was handed over to.

    The platform gives it no other owner, so whoever takes it over is its business owner here.
    """
    number = row["connector_id"]
    if given.until is not None:
        exempt_within(
            connection,
            number,
            reason=given.reason,
            until=given.until,
            author=who,
            via="attestation",
            now=now,
        )
    if row["role"] == "named" and not row["asked"].startswith(MAILBOX):
        before = standing(connection).get(number, StewardFields())
        deputy = None if before.deputy == row["asked"] else before.deputy
        fields = replace(before, business_owner=row["asked"], deputy=deputy)
        decide(
            connection,
            [Decision(number, fields)],
            author=who,
            via="attestation",
            reason=given.reason,
            now=now,
        )


def _passed_on(
    connection: Connection, row: RowMapping, given: Given, terms: Terms, who: str
) -> int | None:
    before = asked_before(connection, row["campaign_id"], row["connector_id"])
    chain = Chain(row, frozenset(before[row["connector_id"]]), given.hand_over_to)
    following = terms.successor(connection, chain)
    if following is None:
        return None
    return open_request(
        connection,
        campaign_id=row["campaign_id"],
        connector_id=row["connector_id"],
        to=replace(following.to, passed=passed_by(row, following.to, _WHY[given.answer])),
        facts=row["facts"],
        pace=next_pace(row["deadline"], terms.steps, terms.today),
        now=terms.now,
        who=who,
        escalations=following.escalations,
        follows_id=row["id"],
    )
