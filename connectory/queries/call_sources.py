"""What each source tells of use, side by side: nothing here is added to anything else."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    Subquery,
    and_,
    case,
    distinct,
    func,
    literal,
    select,
    union_all,
)

from connectory.domain import evidence
from connectory.domain.evidence import Source
from connectory.queries.call_tables import (
    CALLERS,
    DAILY,
    ENDPOINTS,
    EVERY,
    TARGETS,
    Chosen,
    Window,
    moment_of,
    named,
    total,
    within,
)
from connectory.queries.flow_runs import COUNTS, best_days
from connectory.queries.former_callers import former_by_source
from connectory.queries.frames import Schema, frame
from connectory.queries.moments import Moment
from connectory.queries.tables import APPS, AUDIT_EVENTS, ENVIRONMENTS
from connectory.queries.usage import agent_pairs, app_pairs, flow_pairs

_SOURCES: Schema = {
    "source": "text",
    "evidence": "text",
    "counts": "text",
    "calls": "count",
    "unmatched": "number",
    "days": "number",
    "first_day": "time",
    "last_day": "time",
    "callers": "number",
}
_NEVER = (pd.NA, pd.NaT, pd.NaT, pd.NA)


def sources(
    connection: Connection, moment: Moment, window: Window, chosen: Chosen = EVERY
) -> pd.DataFrame:
    """Return what each source tells of a connector, or of all, the best first.

    calls: what it counts, as `counts` says (calls, actions, runs, launches or links). unmatched: of
    these, of no connector; missing where a source counts no calls, or one connector is asked for.
    days: with any. callers: different accounts it names; missing where it names none by its nature.
    Of days of which they are forgotten as many as on the one of these that had most, without those
    who called no connector.
    A source that tells of nothing has no row; one without a rank stands last, without evidence.
    """
    told = [
        *_calls(connection, window, chosen),
        *_runs(connection, moment, window, chosen),
        *_launches(connection, moment, window, chosen),
        *_references(connection, moment, chosen),
    ]
    told.sort(key=lambda row: (evidence.place(row[0]), row[0]))
    return frame(told, _SOURCES)


def last_used(told: pd.DataFrame) -> tuple[datetime, Source] | None:
    """Return the last day of which any source tells use, and the best that tells of it.

    Args:
        told: What `sources` returned.
    """
    known = told[told["last_day"].notna() & told["evidence"].notna()]
    if known.empty:
        return None
    row = known[known["last_day"] == known["last_day"].max()].iloc[0]
    return row["last_day"].to_pydatetime(), evidence.RANKED[evidence.place(row["source"])]


def _calls(connection: Connection, window: Window, chosen: Chosen) -> list[tuple[Any, ...]]:
    nowhere = ENDPOINTS.c.connector_id.is_(None)
    mine = chosen.holds(ENDPOINTS.c.connector_id)
    query = (
        select(
            TARGETS.c.source,
            total(DAILY.c.calls),
            total(case((nowhere, DAILY.c.calls), else_=0)),
            func.count(distinct(DAILY.c.day)),
            func.min(DAILY.c.day),
            func.max(DAILY.c.day),
            named(DAILY.c.caller_id, CALLERS),
        )
        .select_from(
            DAILY.join(ENDPOINTS, ENDPOINTS.c.id == DAILY.c.endpoint_id).join(
                TARGETS, TARGETS.c.id == DAILY.c.target_id
            )
        )
        .where(within(DAILY.c.day, window), mine if chosen.connector_id else mine | nowhere)
        .group_by(TARGETS.c.source)
    )
    former = former_by_source(connection, window, chosen)
    found = []
    for source, calls, unmatched, days, first, last, callers in connection.execute(query):
        rank = evidence.place(source)
        known = evidence.RANKED[rank] if rank < len(evidence.RANKED) else None
        grade, counts = (known.evidence, known.counts) if known else (None, "calls")
        loose = pd.NA if chosen.connector_id else unmatched
        span = (moment_of(first), moment_of(last))
        known_ones = max(callers, former.get(source, 0))
        found.append((source, grade, counts, calls, loose, days, *span, known_ones))
    return found


def _runs(
    connection: Connection, moment: Moment, window: Window, chosen: Chosen
) -> list[tuple[Any, ...]]:
    best = best_days(moment)
    pairs = _flows(moment, chosen)
    runs: ColumnElement[int] = sum((best.c[name] for name in COUNTS), literal(0))
    day = case((runs > 0, best.c.day))
    query = select(
        func.count(), total(runs), func.count(distinct(day)), func.min(day), func.max(day)
    ).where(within(best.c.day, window), best.c.flow_id.in_(select(pairs.c.flow_id)))
    read, calls, days, first, last = connection.execute(query).one()
    if not read:
        return []
    return [_row(evidence.RUNS, calls, days, _day(first), _day(last), pd.NA)]


def _launches(
    connection: Connection, moment: Moment, window: Window, chosen: Chosen
) -> list[tuple[Any, ...]]:
    pairs = app_pairs(moment.run_id, chosen.connector_id).subquery("pairs")
    apps = select(pairs.c.app_id).where(chosen.holds(pairs.c.connector_id))
    events = AUDIT_EVENTS.c
    after = datetime.combine(window.last + timedelta(days=1), time(), UTC)
    at: ColumnElement[Any] = events.at
    if connection.dialect.name == "postgresql":
        at = func.timezone("UTC", at)
    who = func.coalesce(events.actor_key, events.actor_name)
    query = (
        select(
            func.count(),
            func.count(distinct(func.date(at))),
            func.min(events.at),
            func.max(events.at),
            func.count(distinct(who)),
        )
        .select_from(
            AUDIT_EVENTS.join(ENVIRONMENTS, ENVIRONMENTS.c.key == events.environment_key).join(
                APPS,
                and_(APPS.c.environment_id == ENVIRONMENTS.c.id, APPS.c.key == events.target_key),
            )
        )
        .where(
            events.noun == "app",
            events.action == "launched",
            events.run_id <= moment.run_id,
            events.at >= datetime.combine(window.first, time(), UTC),
            events.at < after,
            APPS.c.id.in_(apps),
        )
    )
    calls, days, first, last, people = connection.execute(query).one()
    if not calls:
        return []
    spans = (_day(first.astimezone(UTC).date()), _day(last.astimezone(UTC).date()))
    return [_row(evidence.LAUNCHES, calls, days, *spans, people)]


def _references(connection: Connection, moment: Moment, chosen: Chosen) -> list[tuple[Any, ...]]:
    run_id = moment.run_id
    one = chosen.connector_id
    pairs = (
        flow_pairs(run_id, one).subquery("flows"),
        app_pairs(run_id, one).subquery("apps"),
        agent_pairs(run_id, one).subquery("agents"),
    )
    each: list[Select[Any]] = [
        select(func.count(distinct(told.c[name])).label("number")).where(
            chosen.holds(told.c.connector_id)
        )
        for told, name in zip(pairs, ("flow_id", "app_id", "agent_id"), strict=True)
    ]
    every = union_all(*each).subquery("every")
    number = connection.scalar(select(total(every.c.number))) or 0
    if not number:
        return []
    known = evidence.REFERENCES
    return [(known.name, known.evidence, known.counts, number, pd.NA, *_NEVER)]


def _flows(moment: Moment, chosen: Chosen) -> FromClause:
    pairs: Subquery = flow_pairs(moment.run_id, chosen.connector_id).subquery("pairs")
    return select(pairs.c.flow_id).where(chosen.holds(pairs.c.connector_id)).subquery("its_flows")


def _row(source: Source, calls: int, days: int, *rest: Any) -> tuple[Any, ...]:
    return (source.name, source.evidence, source.counts, calls, pd.NA, days, *rest)


def _day(day: date | None) -> Any:
    return pd.NaT if day is None else moment_of(day)
