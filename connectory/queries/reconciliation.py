"""Which sources see each connector, where they disagree, and why they may.

Each question is one statement over all connectors; what an absence means is decided by
`connectory.domain.reconciliation`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, get_args

import pandas as pd
from sqlalchemy import Connection, Select, and_, case, func, select, union

from connectory.domain import reconciliation as rules
from connectory.domain.reconciliation import Disagreement, Seen, Sightings, Source
from connectory.queries.frames import Schema, frame
from connectory.queries.moments import Moment
from connectory.queries.tables import (
    CONNECTOR_ALIASES,
    CONNECTOR_VERSIONS,
    CONNECTORS,
    ENVIRONMENT_VERSIONS,
    RUNS,
    SIGHTINGS,
    SOURCES,
    STEPS,
    connector_name,
    environment_name,
    holds,
    in_environment,
    known_connectors,
)
from connectory.queries.usage import agent_pairs, app_pairs, flow_pairs

KINDS: Final[tuple[rules.Kind, ...]] = get_args(rules.Kind)
"""Kinds of disagreement in the order in which they are told, those worth a look first."""

_SCHEMA: Schema = {
    "connector_id": "count",
    "connector": "text",
    "name": "text",
    "environment": "text",
    "presence": "text",
    **dict.fromkeys(rules.SOURCES, "text"),
    "kinds": "list",
    "reasons": "list",
    "worth_a_look": "flag",
}
_DISAGREEMENTS: Schema = {
    "connector_id": "count",
    "connector": "text",
    "environment": "text",
    "kind": "text",
    "worth_a_look": "flag",
    "shown_by": "list",
    "not_shown_by": "list",
    "reason": "text",
    "since": "time",
}
_TO_COMPARE = 2
_BY_KIND: Schema = {"kind": "text", "worth_a_look": "flag", "connectors": "count"}


@dataclass(frozen=True, slots=True)
class Reconciled:
    """How far the sources agree.

    Attributes:
        connectors: Connectors that are not gone.
        worth_a_look: Of these, with a disagreement that nothing about the lists explains.
        explained: Of these, with disagreements that follow from what the lists are for, and none
            worth a look.
        agreed: Of these, shown by every source that was read, two or more; or lacked by all.
        not_compared: Of these, those of which too little was read to tell: one source alone, or
            the ones that could show what another lacks were not read. Every connector is in one
            of these four.
    """

    connectors: int
    worth_a_look: int
    explained: int
    agreed: int
    not_compared: int


@dataclass(frozen=True, slots=True)
class _Sighted:
    shown: bool
    stopped: datetime | None


@dataclass(frozen=True, slots=True)
class _Verdict:
    facts: Any
    seen: Mapping[Source, Seen]
    found: tuple[Disagreement, ...]

    @property
    def worth_a_look(self) -> bool:
        return any(not one.explained for one in self.found)

    @property
    def agreed(self) -> bool:
        return not self.found and _agree(self.seen.values())


def _agree(seen: Iterable[Seen]) -> bool:
    """Tell whether two lists or more say the same, and none could say otherwise."""
    count = Counter(seen)
    if count["lacks"]:
        return not count["shows"] and not count["not_known"] and count["lacks"] >= _TO_COMPARE
    return count["shows"] >= _TO_COMPARE


def reconciliation(connection: Connection, moment: Moment) -> pd.DataFrame:
    """Return every connector that is not gone, by name, with what each source says of it.

    A source shows it, lacks it, is not_known where it was not read, or not_there where it cannot
    exist. ``kinds`` and ``reasons`` tell each disagreement in the same order.
    """
    rows = [
        [
            *(verdict.facts[:5]),
            *(verdict.seen[source] for source in rules.SOURCES),
            [one.kind for one in verdict.found],
            [one.reason for one in verdict.found],
            verdict.worth_a_look,
        ]
        for verdict in _verdicts(connection, moment)
    ]
    return frame(rows, _SCHEMA)


def narrowed(
    told: pd.DataFrame,
    *,
    search: str = "",
    show: str = "any",
    kinds: Sequence[str] = (),
    environments: Sequence[str] = (),
) -> pd.DataFrame:
    """Return the rows of `reconciliation` that pass every filter.

    Args:
        told: What `reconciliation` returned.
        search: Words, each of which must stand in a name or an environment.
        show: any, or a figure of `Reconciled`: worth_a_look, explained, agreed or not_compared.
        kinds: Kinds of disagreement, of which a row has one; any if empty.
        environments: Names of environments; any if empty.
    """
    found = told["kinds"].map(bool).astype(bool)
    seen = told[list(rules.SOURCES)].itertuples(index=False, name=None)
    agreed = ~found & pd.Series([_agree(row) for row in seen], index=told.index, dtype=bool)
    kept = {
        "any": pd.Series(data=True, index=told.index),
        "worth_a_look": told["worth_a_look"],
        "explained": found & ~told["worth_a_look"],
        "agreed": agreed,
        "not_compared": ~found & ~agreed,
    }[show]
    if kinds:
        kept &= told["kinds"].map(lambda one: not set(kinds).isdisjoint(one)).astype(bool)
    if environments:
        kept &= told["environment"].isin(list(environments))
    names = told[["connector", "name", "environment"]].fillna("").agg("\n".join, axis=1)
    for word in search.casefold().split():
        kept &= names.str.casefold().str.contains(word, regex=False)
    return told[kept]


def disagreements(connection: Connection, moment: Moment) -> pd.DataFrame:
    """Return a row per connector and kind of disagreement, those worth a look first.

    ``since`` is when a source that showed it before stopped to, where a run saw that.
    """
    rows = [
        (KINDS.index(one.kind), _row(verdict, one))
        for verdict in _verdicts(connection, moment)
        for one in verdict.found
    ]
    return frame([row for _, row in sorted(rows, key=lambda one: one[0])], _DISAGREEMENTS)


def _row(verdict: _Verdict, one: Disagreement) -> list[Any]:
    facts = verdict.facts
    return [
        facts.connector_id,
        facts.connector,
        facts.environment,
        one.kind,
        not one.explained,
        [source for source in rules.SOURCES if verdict.seen[source] == "shows"],
        list(one.lacking),
        one.reason,
        one.since,
    ]


def by_kind(connection: Connection, moment: Moment, left_out: Collection[int] = ()) -> pd.DataFrame:
    """Return how many connectors each kind of disagreement is about, kinds that occur only."""
    verdicts = _counted(connection, moment, left_out)
    found = [one.kind for verdict in verdicts for one in verdict.found]
    rows = [
        [kind, kind not in rules.EXPLAINED, found.count(kind)] for kind in KINDS if kind in found
    ]
    return frame(rows, _BY_KIND)


def _counted(connection: Connection, moment: Moment, left_out: Collection[int]) -> list[_Verdict]:
    every = _verdicts(connection, moment)
    return [one for one in every if one.facts.connector_id not in left_out]


def reconciled(
    connection: Connection, moment: Moment, left_out: Collection[int] = ()
) -> Reconciled:
    """Return how far the sources agree, without connectors that are left out."""
    verdicts = _counted(connection, moment, left_out)
    look = sum(verdict.worth_a_look for verdict in verdicts)
    any_found = sum(bool(verdict.found) for verdict in verdicts)
    agreed = sum(verdict.agreed for verdict in verdicts)
    return Reconciled(
        connectors=len(verdicts),
        worth_a_look=look,
        explained=any_found - look,
        agreed=agreed,
        not_compared=len(verdicts) - any_found - agreed,
    )


def _verdicts(connection: Connection, moment: Moment) -> Iterator[_Verdict]:
    run_id = moment.run_id
    sighted = _sighted(connection, run_id)
    outcomes = _outcomes(connection, run_id)
    spellings = _spellings(connection)
    used = set(connection.scalars(_used(run_id)))
    for facts in connection.execute(_connectors(run_id)):
        here = {source: sighted.get((facts.connector_id, source)) for source in rules.SOURCES}
        seen: dict[Source, Seen] = {
            source: _seen(
                here[source], outcomes.get(_place(source, facts.environment_id)), facts, source
            )
            for source in rules.SOURCES
        }
        told = Sightings(
            seen=seen,
            has_row=facts.dataverse_id is not None,
            stopped={s: row.stopped for s, row in here.items() if row and row.stopped},
            created=facts.created_at,
            used=facts.connector_id in used,
            spellings=spellings.get(facts.connector_id, ()),
        )
        yield _Verdict(facts, seen, rules.disagreements(told, moment.read_at))


def _seen(sighted: _Sighted | None, outcome: str | None, facts: Any, source: Source) -> Seen:
    """Return what a source says; one that was not read to its end does not say that it lacks it."""
    shown = sighted is not None and sighted.shown
    if shown and outcome not in {"refused", "failed", "skipped", "not_asked"}:
        return "shows"
    if source == "dataverse" and not facts.has_dataverse:
        return "not_there"
    return "lacks" if outcome == "complete" else "not_known"


def _place(source: Source, environment_id: int) -> tuple[int | None, str]:
    """Return under which scope the outcome of a source is kept: one is asked of the whole tenant."""
    return (None if source == "inventory" else environment_id, source)


def _connectors(run_id: int) -> Select[Any]:
    facts = CONNECTOR_VERSIONS.c
    rows = in_environment(known_connectors(run_id), CONNECTORS.c.environment_id, run_id)
    name = connector_name()
    return (
        select(
            CONNECTORS.c.id.label("connector_id"),
            name.label("connector"),
            facts.name,
            environment_name().label("environment"),
            facts.presence,
            CONNECTORS.c.environment_id,
            ENVIRONMENT_VERSIONS.c.has_dataverse,
            facts.dataverse_id,
            facts.created_at,
        )
        .select_from(rows)
        .order_by(func.lower(name), CONNECTORS.c.id)
    )


def _sighted(connection: Connection, run_id: int) -> dict[tuple[int, str], _Sighted]:
    """Return by connector and source whether it is shown, and since when it no longer is."""
    shown = func.max(case((holds(SIGHTINGS, run_id), 1), else_=0))
    query = (
        select(
            SIGHTINGS.c.entity_id,
            SIGHTINGS.c.source,
            shown.label("shown"),
            case((shown == 0, func.max(RUNS.c.started_at))).label("stopped"),
        )
        .select_from(
            SIGHTINGS.outerjoin(
                RUNS, and_(RUNS.c.id == SIGHTINGS.c.to_run, SIGHTINGS.c.to_run <= run_id)
            )
        )
        .where(SIGHTINGS.c.noun == CONNECTORS.name, SIGHTINGS.c.from_run <= run_id)
        .group_by(SIGHTINGS.c.entity_id, SIGHTINGS.c.source)
    )
    return {
        (row.entity_id, row.source): _Sighted(bool(row.shown), row.stopped)
        for row in connection.execute(query)
    }


def _outcomes(connection: Connection, run_id: int) -> dict[tuple[int | None, str], str]:
    """Return how each source was last read, by environment; None for the tenant."""
    newest = (
        select(STEPS.c.collector, STEPS.c.environment_id, func.max(STEPS.c.run_id).label("run_id"))
        .where(STEPS.c.run_id <= run_id, STEPS.c.collector.in_(["connectors", "inventory"]))
        .group_by(STEPS.c.collector, STEPS.c.environment_id)
        .subquery("newest")
    )
    same = STEPS.c.environment_id.is_not_distinct_from(newest.c.environment_id)
    query = (
        select(STEPS.c.environment_id, SOURCES.c.source, SOURCES.c.outcome)
        .join(
            newest,
            and_(newest.c.collector == STEPS.c.collector, newest.c.run_id == STEPS.c.run_id, same),
        )
        .join(SOURCES, SOURCES.c.step_id == STEPS.c.id)
    )
    return {(row.environment_id, row.source): row.outcome for row in connection.execute(query)}


def _spellings(connection: Connection) -> dict[int, tuple[str, ...]]:
    """Return the names one source has for what can only be kept as one connector.

    Spellings carry no time: one seen first after a past moment is told as of it as well.
    """
    alias = CONNECTOR_ALIASES.c
    folded = func.lower(alias.spelling)
    query = (
        select(alias.connector_id, func.min(folded).label("first"), func.max(folded).label("last"))
        .group_by(alias.connector_id, alias.source)
        .having(func.count(folded.distinct()) > 1)
    )
    return {row.connector_id: (row.first, row.last) for row in connection.execute(query)}


def _used(run_id: int) -> Any:
    pairs = [
        query.subquery(name)
        for name, query in (
            ("flow_use", flow_pairs(run_id)),
            ("app_use", app_pairs(run_id)),
            ("agent_use", agent_pairs(run_id)),
        )
    ]
    return union(*(select(part.c.connector_id) for part in pairs))
