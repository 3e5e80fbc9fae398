"""The summary for administrators: what needs attention, how it stands, what could not be read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

import pandas as pd
from sqlalchemy import Connection

from connectory.config import Settings
from connectory.domain.digest import UNUSED
from connectory.queries.attention import attention, attention_count
from connectory.queries.coverage import Coverage, coverage
from connectory.queries.exposure_answers import exposure_answer
from connectory.queries.ignoring import ignored
from connectory.queries.moments import Moment, at
from connectory.queries.outbox import outbox_counts
from connectory.queries.overview import Totals, totals
from connectory.queries.owner_digest import endings
from connectory.queries.stale import stale_connectors
from connectory.reports.languages import Language, language_of
from connectory.reports.letter import Letter
from connectory.reports.periods import period_words
from connectory.reports.summaries import named, rests_on, summary
from connectory.reports.told import Badge, Figure, Row, Section, Told, Tone
from connectory.reports.words import name

SINCE_DAYS: Final = 7
"""So far back figures are compared with."""
_MOST: Final = 10
_GAPS: Final = 8
_NEEDING: Final = ("held", "uncertain", "refused", "bounced")
_BADGES: Final[dict[str, tuple[Tone, str]]] = {
    "critical": ("red", "✕"),
    "high": ("orange", "▲"),
    "medium": ("yellow", "!"),
    "low": ("blue", "i"),
}


@dataclass(frozen=True, slots=True)
class TenantFacts:
    """What the summary is about.

    Attributes:
        now: Key figures.
        before: The same a week ago; None if nothing was read then.
        before_on: The day of these.
        found: What needs attention, the worst first.
        findings: How many there are.
        unused: Connectors that are abandoned or were never used; None if that was not judged.
        ending: Applications with a secret or certificate that somebody has to look at.
        monthly: What the cheapest plan costs a month; None if that is not known.
        currency: Of that.
        waiting: Messages by state that need a person.
        coverage: What could be read.
        read_on: The day as of which it is.
    """

    now: Totals
    before: Totals | None
    before_on: date
    found: pd.DataFrame
    findings: int
    unused: int | None
    ending: int
    monthly: Decimal | None
    currency: str
    waiting: dict[str, int]
    coverage: Coverage
    read_on: date


def tenant_summaries(
    connection: Connection, moment: Moment, settings: Settings, *, today: date, period: str
) -> Iterator[Letter]:
    """Yield the summary for the mailbox of the Centre of Excellence, if the settings name one.

    Args:
        connection: Open transaction on the store.
        moment: As of when.
        settings: All settings.
        today: The day it is.
        period: The time it is about, e.g. 2026-W48.
    """
    for to in named([settings.reports.coe_mailbox]):
        language = language_of(None, settings.reports.language)
        facts = gathered(connection, moment, settings, today)
        told = tell(facts, language, period_words(period, language))
        yield summary("tenant-summary", period, to, told)


def gathered(
    connection: Connection, moment: Moment, settings: Settings, today: date
) -> TenantFacts:
    """Return what the summary is about: each figure by the query that its page asks."""
    zone = ZoneInfo(settings.dashboard.time_zone)
    left_out = ignored(connection, moment, settings.ignore.rules())
    earlier = at(connection, moment.read_at - timedelta(days=SINCE_DAYS))
    stale = stale_connectors(connection, moment, today, left_out)
    unused = stale["state"].isin(UNUSED[:2]) & ~stale["exempt"]
    cost = exposure_answer(connection, moment)
    counts = outbox_counts(connection)
    return TenantFacts(
        now=totals(connection, moment, left_out),
        before=totals(connection, earlier, left_out) if earlier else None,
        before_on=(earlier or moment).read_at.astimezone(zone).date(),
        found=attention(connection, moment, _MOST, left_out),
        findings=attention_count(connection, moment, left_out),
        unused=None if stale.empty else int(unused.sum()),
        ending=len(endings(connection, moment, zone, today)),
        monthly=cost.monthly if cost else None,
        currency=(cost.currency if cost else None) or "",
        waiting={state: number for state, number in _by_state(counts) if state in _NEEDING},
        coverage=coverage(connection, moment),
        read_on=moment.read_at.astimezone(zone).date(),
    )


def tell(facts: TenantFacts, language: Language, period: str) -> Told:
    """Return what the summary says."""
    say = language.say
    environments = language.number(facts.now.environments)
    lead = say("tenant.lead", facts.now.connectors, environments=environments)
    rows = [row for _, row in facts.found.iterrows()]
    sections = [Section(say("tenant.figures"), figures=_figures(facts, language))]
    if rows:
        left = facts.findings - len(rows)
        more = say("digest.more", left) if left > 0 else ""
        found = tuple(_finding(row, language) for row in rows)
        sections.insert(0, Section(say("tenant.attention"), rows=found, more=more))
    sections += _mail(facts, language) + _gaps(facts, language)
    read = facts.coverage
    return Told(
        language=language.code,
        subject=say("tenant.subject", facts.findings, period=period),
        preview=lead,
        above=say("tenant.above", period=period),
        headline=say("tenant.headline", facts.findings),
        lead=lead,
        sections=tuple(sections),
        reasons_title=say("digest.section.reasons"),
        reasons=(say("tenant.reason"),),
        foot=rests_on(read.environments_read, read.environments, facts.read_on, language),
    )


def _figures(facts: TenantFacts, language: Language) -> tuple[Figure, ...]:
    say = language.say
    told = []
    for word in ("connectors", "without_owner", "owner_unknown"):
        value = getattr(facts.now, word)
        before = getattr(facts.before, word) if facts.before else None
        note = _change(value, before, facts, language)
        told.append(Figure(say(f"tenant.figure.{word}"), language.number(value), note))
    for word, number in (("unused", facts.unused), ("ending", facts.ending)):
        if number is not None:
            told.append(Figure(say(f"tenant.figure.{word}"), language.number(number)))
    if facts.monthly is not None:
        amount = language.money(facts.monthly, facts.currency)
        told.append(Figure(say("tenant.figure.monthly"), amount))
    return tuple(told)


def _change(value: int, before: int | None, facts: TenantFacts, language: Language) -> str:
    if before is None:
        return ""
    day = language.day(facts.before_on)
    if value == before:
        return language.say("tenant.same", day=day)
    sign = "+" if value > before else "-"
    change = f"{sign}{language.number(abs(value - before))}"
    return language.say("tenant.change", change=change, day=day)


def _finding(row: Any, language: Language) -> Row:
    kind = row["kind"] if language.has(f"tenant.kind.{row['kind']}") else "other"
    tone, symbol = _BADGES[row["severity"]]
    badge = Badge(tone, symbol, language.say(f"severity.{row['severity']}"))
    note = f"{name(row['environment'])} · {language.say(f'tenant.kind.{kind}')}"
    return Row(name(row["connector"]), note, badge=badge)


def _mail(facts: TenantFacts, language: Language) -> list[Section]:
    told = tuple(
        language.say(f"tenant.outbox.{state}", number)
        for state in _NEEDING
        if (number := facts.waiting.get(state, 0))
    )
    return [Section(language.say("tenant.mail"), sentences=told)] if told else []


def _gaps(facts: TenantFacts, language: Language) -> list[Section]:
    say, gaps = language.say, facts.coverage.gaps
    if not gaps:
        return []
    grouped: dict[tuple[str | None, str], dict[str, None]] = {}
    for one in gaps:
        where = grouped.setdefault((one.environment, one.outcome), {})
        where[one.collector.replace("_", " ")] = None
    rows = tuple(
        Row(
            name(environment) if environment else say("outcome.tenant"),
            f"{', '.join(what)} · {say(f'outcome.{outcome}')}",
        )
        for (environment, outcome), what in list(grouped.items())[:_GAPS]
    )
    more = say("digest.more", len(grouped) - _GAPS) if len(grouped) > _GAPS else ""
    return [Section(say("tenant.gaps"), say("tenant.gaps_lead"), rows=rows, more=more)]


def _by_state(counts: pd.DataFrame) -> Iterator[tuple[str, int]]:
    for state, number in zip(counts["state"], counts["messages"], strict=True):
        yield str(state), int(number)
