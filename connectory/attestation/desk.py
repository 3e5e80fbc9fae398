"""What a link shows, and what an answer by it does: between the pages and the store.

Looking writes nothing, whoever looks: filters of mail open every link they see.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any, Literal
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, RowMapping, select

from connectory.actions.asking import Held
from connectory.actions.attesting import (
    Answered,
    Lost,
    NotAnswered,
    Successor,
    Terms,
    answer,
    lost,
)
from connectory.actions.exempting import NotExempted
from connectory.attestation.links import (
    AnswerLink,
    Expired,
    Links,
    ListLink,
    NotSigned,
    answer_link,
    expiry,
    mark,
)
from connectory.config import Settings
from connectory.database import reading
from connectory.domain.attesting import Bounds, Given, Unfit, checked, plan
from connectory.domain.campaign_steps import Steps, steps_of
from connectory.queries.tables import (
    ATTESTATION_EVENTS,
    ATTESTATION_REQUESTS,
    CAMPAIGNS,
    RETIREMENT_PLANS,
)

Why = Literal["not_signed", "expired", "origin", "form", "busy"] | Lost


class Refused(Exception):
    """A link shows nothing and takes no answer.

    Attributes:
        why: Why.
        language: Language of whom it was made for, if that is known.
    """

    def __init__(self, why: Why, language: str | None = None) -> None:
        super().__init__(why)
        self.why, self.language = why, language


@dataclass(frozen=True, slots=True)
class Question:
    """An open request as its link shows it."""

    row: RowMapping
    known: Held
    token: str
    bounds: Bounds
    steps: Steps
    plan: tuple[date, date, date]

    @property
    def language(self) -> str | None:
        """Language of who is asked."""
        return self.row["language"]  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class Receipt:
    """An answer that was given by the very link that shows it."""

    row: RowMapping
    at: datetime
    person: str
    told: Mapping[str, Any]
    plan: tuple[date, date, date] | None

    @property
    def language(self) -> str | None:
        """Language of who answered, unless somebody else is asked by now."""
        return self.row["language"] if self.row["asked"] == self.person else None


@dataclass(frozen=True, slots=True)
class Listing:
    """All that one person is asked, each with the token of its own link."""

    rows: tuple[tuple[RowMapping, str], ...]
    token: str
    language: str | None


@dataclass(frozen=True)
class Desk:
    """Where links are shown and answers taken.

    Attributes:
        engine: The store.
        settings: All settings.
        links: Reads and makes links.
        successor: Tells who is asked next.
        clock: Tells the time.
    """

    engine: Engine
    settings: Settings
    links: Links
    successor: Successor
    clock: Callable[[], datetime]

    @cached_property
    def zone(self) -> ZoneInfo:
        """Where days begin and end."""
        return ZoneInfo(self.settings.dashboard.time_zone)

    def look(self, token: str) -> Question | Receipt | Listing:
        """Return what a link shows.

        Args:
            token: As it stands in the address.

        Raises:
            Refused: It shows nothing.
        """
        link = self._read(token)
        with reading(self.engine) as connection:
            if isinstance(link, ListLink):
                return self._listing(connection, link, token)
            row = _request(connection, link)
            if row is None:
                raise Refused("unknown")
            if _is_open(row, link):
                return self._question(row, link, token)
            return self._receipt(connection, row, token)

    def take(self, token: str, form: Mapping[str, str]) -> Answered:
        """Take an answer.

        Args:
            token: As it stands in the address.
            form: What was filled in.

        Raises:
            Unfit: The answer lacks something; the question can be shown again.
            Refused: The link takes no answer, or another one came first.
        """
        shown = self.look(token)
        if not isinstance(shown, Question):
            raise Refused("answered")
        given = self.given(shown, form)
        terms = Terms(
            shown.steps,
            self.settings.campaigns.retirement(),
            self.successor,
            shown.bounds.today,
            self.clock(),
        )
        name = shown.row["asked_name"]
        try:
            return answer(
                self.engine, shown.known, given, terms, who=name, via="link", mark=mark(token)
            )
        except NotAnswered as error:
            raise Refused(error.why, shown.language) from error
        except NotExempted as error:
            # What is tomorrow here may be today in UTC, by which exemptions go.
            raise Unfit("day_not_ahead") from error

    def given(self, question: Question, form: Mapping[str, str]) -> Given:
        """Return the answer that a form gives.

        Raises:
            Unfit: It lacks something.
        """
        return checked(
            form.get("answer", ""),
            reason=form.get("reason", ""),
            hand_over_to=_whom(question.row["facts"], form),
            until=_day(form.get("until", "")),
            bounds=question.bounds,
        )

    def lists(self, token: str, person: str) -> bool:
        """Tell whether a token shows the list of a person."""
        try:
            link = self._read(token)
        except Refused:
            return False
        return isinstance(link, ListLink) and link.person == person

    def _read(self, token: str) -> AnswerLink | ListLink:
        try:
            return self.links.read(token, self.clock())
        except NotSigned:
            raise Refused("not_signed") from None
        except Expired:
            raise Refused("expired") from None

    def _question(self, row: RowMapping, link: AnswerLink, token: str) -> Question:
        campaigns = self.settings.campaigns
        facts = row["facts"]
        steps = steps_of(row["steps"], facts.get("group"), facts.get("environment_type"))
        today = self.clock().astimezone(self.zone).date()
        known = Held(link.request_id, link.connector_id, link.campaign_id, link.person, link.nonce)
        bounds = Bounds(today, steps, row["postponed"], campaigns.keep_days, row["deadline"])
        return Question(row, known, token, bounds, steps, plan(today, campaigns.retirement()))

    def _receipt(self, connection: Connection, row: RowMapping, token: str) -> Receipt:
        events = ATTESTATION_EVENTS.c
        query = (
            select(events.at, events.told)
            .where(events.request_id == row["id"], events.what.in_(("answered", "postponed")))
            .order_by(events.id)
        )
        used = mark(token)
        for at, told in connection.execute(query):
            if told.get("link") == used:
                return Receipt(row, at, told["asked"], told, _plan(connection, row["id"]))
        raise Refused(lost(row))

    def _listing(self, connection: Connection, link: ListLink, token: str) -> Listing:
        row = ATTESTATION_REQUESTS.c
        query = (
            select(ATTESTATION_REQUESTS)
            .where(row.asked == link.person, row.closed_at.is_(None), row.id <= link.newest)
            .order_by(row.deadline, row.id)
        )
        rows = [
            (one, self.links.answer(answer_link(one, self.zone)))
            for one in connection.execute(query).mappings()
            if expiry(one["deadline"], self.zone) > self.clock()
        ]
        return Listing(tuple(rows), token, rows[0][0]["language"] if rows else None)


def _request(connection: Connection, link: AnswerLink) -> RowMapping | None:
    """Return the request a link is bound to, with what its campaign says."""
    row = ATTESTATION_REQUESTS.c
    query = (
        select(
            ATTESTATION_REQUESTS,
            CAMPAIGNS.c.name.label("campaign"),
            CAMPAIGNS.c.purpose,
            CAMPAIGNS.c.steps,
            CAMPAIGNS.c.closed_at.label("campaign_closed_at"),
        )
        .join(CAMPAIGNS, CAMPAIGNS.c.id == row.campaign_id)
        .where(
            row.id == link.request_id,
            row.connector_id == link.connector_id,
            row.campaign_id == link.campaign_id,
        )
    )
    return connection.execute(query).mappings().first()


def _is_open(row: RowMapping, link: AnswerLink) -> bool:
    return (
        row["closed_at"] is None
        and row["campaign_closed_at"] is None
        and row["asked"] == link.person
        and row["nonce"] == link.nonce
    )


def _plan(connection: Connection, request_id: int) -> tuple[date, date, date] | None:
    plans = RETIREMENT_PLANS.c
    query = select(plans.announce_on, plans.freeze_on, plans.remove_on).where(
        plans.request_id == request_id
    )
    found = connection.execute(query).first()
    return None if found is None else (found[0], found[1], found[2])


def _whom(facts: Mapping[str, Any], form: Mapping[str, str]) -> str:
    """Return who is named: one of those the page offers, else what was written."""
    chosen, offered = form.get("to", ""), facts.get("people", [])
    if chosen in {str(number) for number in range(len(offered))}:
        return str(offered[int(chosen)]["key"])
    return form.get("named", "")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def utc_day(moment: datetime, zone: ZoneInfo) -> date:
    """Return the day that a time falls on where people live."""
    return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(zone).date()
