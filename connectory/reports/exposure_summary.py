"""The summary for licence managers: what custom connectors cost, what to buy, what to give back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

import pandas as pd
from sqlalchemy import Connection

from connectory.config import Settings
from connectory.domain.licensing.budget import Overrun
from connectory.domain.licensing.model import Unsolved
from connectory.domain.licensing.prices import PriceBookError
from connectory.queries.budget import budget_finding
from connectory.queries.coverage import Coverage, coverage
from connectory.queries.exposure import (
    Exposure,
    cost_by_connector,
    exposure,
    plan_lines,
    unneeded_licences,
)
from connectory.queries.exposure_answers import connector_answers
from connectory.queries.exposure_forecast import ahead
from connectory.queries.moments import Moment
from connectory.reports.languages import Language, language_of
from connectory.reports.letter import Letter
from connectory.reports.periods import period_words
from connectory.reports.summaries import named, rests_on, summary
from connectory.reports.told import Figure, Row, Section, Told
from connectory.reports.words import name

AHEAD_DAYS: Final = 90
"""So far it is looked ahead."""
_ROWS: Final = 10
_CONNECTORS: Final = 8


@dataclass(frozen=True, slots=True)
class ExposureFacts:
    """What the summary is about.

    Attributes:
        reason: Why nothing could be reckoned; the figures are empty then.
        people: People who need cover they do not have.
        flows: Flows that need cover no person can give.
        review: What no rule decides; in no figure.
        monthly: What the cheapest plan costs a month.
        proven: Nothing costs less.
        metered: What linked environments bill as things are.
        currency: Of every amount.
        lines: What the plan buys.
        spare: Licences and passes that need not be paid for.
        connectors: What each connector costs, the dearest first.
        overrun: What is the matter with the budget.
        later: A day to come, with what it may then cost at least and at most.
        coverage: What could be read.
        read_on: The day as of which it is.
    """

    reason: str
    people: int
    flows: int
    review: int
    monthly: Decimal
    proven: bool
    metered: Decimal
    currency: str
    lines: pd.DataFrame
    spare: pd.DataFrame
    connectors: pd.DataFrame
    overrun: Overrun | None
    later: tuple[date, Decimal, Decimal] | None
    coverage: Coverage
    read_on: date


def exposure_summaries(
    connection: Connection, moment: Moment, settings: Settings, *, today: date, period: str
) -> Iterator[Letter]:
    """Yield the summary for each mailbox of licence managers that the settings name.

    Args:
        connection: Open transaction on the store.
        moment: As of when.
        settings: All settings.
        today: The day it is; what is told is that of the moment.
        period: The time it is about, e.g. 2026-11.
    """
    del today
    facts: ExposureFacts | None = None
    for to in named(settings.reports.licence_mailboxes):
        facts = facts or gathered(connection, moment, settings)
        language = language_of(None, settings.reports.language)
        told = tell(facts, language, period_words(period, language))
        yield summary("exposure-summary", period, to, told)


def gathered(connection: Connection, moment: Moment, settings: Settings) -> ExposureFacts:
    """Return what the summary is about: each figure by the query that its page asks."""
    finding = budget_finding(connection, moment, settings.licensing)
    zone = ZoneInfo(settings.dashboard.time_zone)
    shared: dict[str, Any] = {
        "overrun": finding.told if finding else None,
        "coverage": coverage(connection, moment),
        "read_on": moment.read_at.astimezone(zone).date(),
    }
    try:
        found = exposure(connection, moment, settings.licensing)
    except (PriceBookError, Unsolved) as error:
        nothing = pd.DataFrame()
        return ExposureFacts(
            str(error), 0, 0, 0, Decimal(0), False, Decimal(0), "",
            nothing, nothing, nothing, later=None, **shared,
        )  # fmt: skip
    return _reckoned(connection, moment, found, shared)


def _reckoned(
    connection: Connection, moment: Moment, found: Exposure, shared: dict[str, Any]
) -> ExposureFacts:
    told = found.estimate
    return ExposureFacts(
        reason="",
        people=len(told.need.people),
        flows=len(told.need.flows),
        review=len(told.need.review),
        monthly=told.monthly,
        proven=told.plan.proven,
        metered=told.metered_now,
        currency=told.currency,
        lines=plan_lines(found),
        spare=unneeded_licences(found),
        connectors=cost_by_connector(found, connector_answers(connection, moment)),
        later=_later(connection, moment),
        **shared,
    )


def _later(connection: Connection, moment: Moment) -> tuple[date, Decimal, Decimal] | None:
    told = ahead(connection, moment, AHEAD_DAYS).monthly
    if told is None or not told.bands:
        return None
    last = told.bands[-1]
    return last.day, Decimal(round(max(last.low, 0))), Decimal(round(last.high))


def tell(facts: ExposureFacts, language: Language, period: str) -> Told:
    """Return what the summary says."""
    say = language.say
    if facts.reason:
        headline = say("exposure.headline_unknown")
        subject = say("exposure.subject_unknown", period=period)
        lead = say("exposure.why", reason=facts.reason)
        sections = _budget(facts, language)
    else:
        amount = language.money(facts.monthly, facts.currency)
        headline = say("exposure.headline", amount=amount)
        subject = say("exposure.subject", amount=amount, period=period)
        sure = say("exposure.proven" if facts.proven else "exposure.unproven")
        lead = f"{say('exposure.people', facts.people)} {sure}"
        sections = [
            *_budget(facts, language),
            Section(say("tenant.figures"), figures=_figures(facts, language)),
            *_plan(facts, language),
            *_spare(facts, language),
            *_connectors(facts, language),
            *_ahead(facts, language),
        ]
    read = facts.coverage
    return Told(
        language=language.code,
        subject=subject,
        preview=lead,
        above=say("exposure.above", period=period),
        headline=headline,
        lead=lead,
        sections=tuple(sections),
        reasons_title=say("digest.section.reasons"),
        reasons=(say("exposure.reason"),),
        foot=rests_on(read.environments_read, read.environments, facts.read_on, language),
    )


def _figures(facts: ExposureFacts, language: Language) -> tuple[Figure, ...]:
    say, number = language.say, language.number
    return (
        Figure(say("exposure.figure.people"), number(facts.people)),
        Figure(say("exposure.figure.flows"), number(facts.flows)),
        Figure(say("exposure.figure.metered"), language.money(facts.metered, facts.currency)),
        Figure(say("exposure.figure.review"), number(facts.review)),
    )


def _budget(facts: ExposureFacts, language: Language) -> list[Section]:
    found, say = facts.overrun, language.say
    if found is None:
        return []

    def told(amount: Decimal | None) -> str:
        return "" if amount is None else language.money(amount, facts.currency)

    sentence = say(
        f"exposure.{found.kind}",
        amount=told(found.monthly),
        budget=told(found.budget),
        day=language.day(found.day) if found.day else "",
    )
    return [Section(say("exposure.budget"), sentences=(sentence,))]


def _plan(facts: ExposureFacts, language: Language) -> list[Section]:
    say = language.say
    rows = [
        Row(
            _plan_name(line["plan"], language),
            _joined(
                line["environment"],
                say(
                    "exposure.line",
                    quantity=language.number(int(line["quantity"])),
                    price=language.money(line["unit_price"], facts.currency),
                ),
            ),
            language.money(line["monthly"], facts.currency),
        )
        for _, line in facts.lines.iterrows()
    ]
    return _listed(say("exposure.buy"), say("exposure.buy_lead"), rows, _ROWS, language)


def _plan_name(plan: str, language: Language) -> str:
    """Return what a plan is called; one of a price book of your own by its own name."""
    known = language.has(f"exposure.plan.{plan}")
    return language.say(f"exposure.plan.{plan}") if known else name(plan)


def _spare(facts: ExposureFacts, language: Language) -> list[Section]:
    say, spare = language.say, facts.spare
    if spare.empty:
        return []
    priced = spare[spare["monthly"].notna()]
    total = language.money(sum(priced["monthly"], Decimal(0)), facts.currency)
    order = spare["monthly"].map(lambda amount: Decimal(0) if pd.isna(amount) else -amount)
    ordered = spare.loc[order.sort_values(kind="stable").index]
    rows = [
        Row(
            name(one["holder"]),
            " · ".join([name(one["product"]), say("exposure.kind." + one["kind"])]),
            "" if pd.isna(one["monthly"]) else language.money(one["monthly"], facts.currency),
        )
        for _, one in ordered.iterrows()
    ]
    lead = f"{say('exposure.save_lead')} {say('exposure.save_total', amount=total)}"
    return _listed(say("exposure.save"), lead, rows, _ROWS, language)


def _connectors(facts: ExposureFacts, language: Language) -> list[Section]:
    say = language.say
    dear = facts.connectors[facts.connectors["monthly"].map(bool).astype(bool)]
    rows = [
        Row(
            name(one["connector"]),
            _joined(
                one["environment"],
                say("digest.cost_people", int(one["only"])) if one["only"] else "",
            ),
            language.money(one["monthly"], facts.currency),
        )
        for _, one in dear.iterrows()
    ]
    lead = say("exposure.connectors_lead")
    return _listed(say("exposure.connectors"), lead, rows, _CONNECTORS, language)


def _ahead(facts: ExposureFacts, language: Language) -> list[Section]:
    if facts.later is None:
        return []
    day, low, high = facts.later
    sentence = language.say(
        "exposure.ahead_lead",
        day=language.day(day),
        low=language.money(low, facts.currency),
        high=language.money(high, facts.currency),
    )
    return [Section(language.say("exposure.ahead"), sentences=(sentence,))]


def _listed(title: str, lead: str, rows: list[Row], most: int, language: Language) -> list[Section]:
    """Return a section of at most so many rows; none if there are none."""
    if not rows:
        return []
    more = language.say("digest.more", len(rows) - most) if len(rows) > most else ""
    return [Section(title, lead, rows=tuple(rows[:most]), more=more)]


def _joined(environment: Any, words: str) -> str:
    return " · ".join(
        [one for one in (name(environment) if isinstance(environment, str) else "", words) if one]
    )
