"""The change log: what changed of connectors, merged with who did what by the audit log.

What two reads differ in and what the log tells are one row where one brought about the other.
An entry without a change that was found, such as an attempt that failed, has a row of its own.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import pandas as pd
from sqlalchemy import ColumnElement, Connection, and_, func, select, true

from connectory.domain.authorship import Author, Between, Entry, author
from connectory.queries.audit import log_read
from connectory.queries.change import Change
from connectory.queries.changes_of_connectors import ownership_changes, version_changes
from connectory.queries.changes_of_links import permission_changes
from connectory.queries.frames import Schema, frame
from connectory.queries.moments import Moment, at
from connectory.queries.tables import (
    AUDIT_EVENTS,
    CONNECTOR_VERSIONS,
    CONNECTORS,
    DEFINITION_STEPS,
    ENVIRONMENT_VERSIONS,
    ENVIRONMENTS,
    RUNS,
    STEPS,
    connector_name,
    environment_name,
    holds,
    in_environment,
    meaning_of_absence,
    with_person,
)

TOLD = ("created", "saved", "edited", "deleted", "shared", "unshared")
"""Actions of the audit log that change a connector."""
STEPS_OF = ("definition_changed", "changed")
"""Kinds of change that a comparison may judge."""
_SHARES = ("permission_added", "permission_removed", "owner_changed")
_LOG: Schema = {
    "at": "time",
    "exact": "flag",
    "found_at": "time",
    "run_id": "number",
    "kind": "text",
    "connector_id": "number",
    "connector": "text",
    "environment": "text",
    "detail": "text",
    "severity": "text",
    "who": "list",
    "who_key": "text",
    "who_state": "text",
    "told_by": "text",
    "why_unknown": "text",
}


class _Connector(NamedTuple):
    name: str
    environment: str
    environment_id: int


class _Event(NamedTuple):
    entry: Entry
    connector_id: int | None
    connector: str | None
    environment: str | None
    succeeded: bool | None


class _Read(NamedTuple):
    """A run that read connectors, or their roles, of an environment."""

    run_id: int
    started_at: datetime
    ended_at: datetime


Reads = Mapping[tuple[str, int], list[_Read]]


def change_log(
    connection: Connection,
    moment: Moment,
    days: int | None = None,
    connector_id: int | None = None,
) -> pd.DataFrame:
    """Return what happened to connectors up to a moment, the newest first.

    Args:
        connection: Open transaction on the store.
        moment: Up to when.
        days: Only what was found or done in so many days before it; None for all.
        connector_id: Only of this connector.

    Returns:
        kind: that of a change (new, definition_changed, changed, renamed, owner_changed, missing,
        gone, returned, permission_added, permission_removed), or the action of an entry of the
        audit log of which no change was found. severity: verdict of the comparison with what was
        there before; missing where there is none. at: when it was done where that is told (exact),
        else when it was found. who: names of whoever did it, nobody if that is not known. told_by: what names who did it: audit_log or connector (its own
        record). why_unknown: why nobody is named; None if somebody is.
    """
    since = None if days is None else moment.read_at - timedelta(days=days)
    earlier = None if since is None else at(connection, since)
    window = (earlier.run_id if earlier else 0, moment.run_id)
    found = [
        change
        for part in (version_changes, ownership_changes, permission_changes)
        for change in part(connection, window, connector_id)
    ]
    known = _connectors(connection, moment.run_id)
    reads = _reads(connection, moment.run_id)
    records = _records(connection, moment.run_id, window)
    verdicts = _verdicts(connection, window)
    spans = log_read(connection, moment).spans
    events = list(_events(connection, moment, connector_id))
    of: dict[int, list[Entry]] = defaultdict(list)
    for event in events:
        if event.connector_id is not None and event.succeeded is not False:
            of[event.connector_id].append(event.entry)
    rows: list[tuple[Any, ...]] = []
    merged: set[int] = set()
    vanished = {one.connector_id: one for one in found if one.kind == "missing"}
    for change in found:
        told, between = known[change.connector_id], _between(change, known, reads)
        if change.kind == "gone" and change.connector_id in vanished:
            # What is gone was deleted before it was missed.
            missed = _between(vanished[change.connector_id], known, reads)
            between = replace(between, after=missed.after)
        record = records.get((change.connector_id, change.run_id, change.kind == "new"))
        by = author(change.kind, between, of[change.connector_id], record, spans)
        merged |= by.entries
        judged = verdicts.get((change.connector_id, change.run_id))
        verdict = judged if change.kind in STEPS_OF else None
        rows.append(_row(change, told, by, between.until, verdict))
    rows += [_alone(event) for event in events if event.entry.number not in merged]
    rows = [row for row in rows if since is None or row[0] > since]
    rows.sort(key=lambda row: (row[0], row[3] is not pd.NA, str(row[6]), row[4]), reverse=True)
    return frame(rows, _LOG)


def _row(
    change: Change, told: _Connector, by: Author, found_at: datetime, verdict: str | None
) -> tuple[Any, ...]:
    return (
        *(by.at or found_at, by.at is not None, found_at, change.run_id, change.kind),
        *(change.connector_id, told.name, told.environment, change.detail, verdict),
        *(list(by.who), by.who_key, by.who_state, by.origin, by.why or None),
    )


def _alone(event: _Event) -> tuple[Any, ...]:
    entry = event.entry
    detail = "it failed" if event.succeeded is False else "no difference was found"
    if event.connector_id is None:
        detail = "of a connector that no read showed"
    why = None if entry.who else "the audit log names nobody"
    return (
        *(entry.at, True, pd.NaT, pd.NA, entry.action),
        *(pd.NA if event.connector_id is None else event.connector_id, event.connector),
        *(event.environment, detail, None),
        *([entry.who] if entry.who else [], entry.who_key, entry.who_state),
        *("audit_log" if entry.who else None, why),
    )


def _between(change: Change, known: Mapping[int, _Connector], reads: Reads) -> Between:
    """Return between which two reads something changed."""
    collector = "permissions" if change.kind in _SHARES else "connectors"
    here = reads.get((collector, known[change.connector_id].environment_id), [])
    every = reads["", 0]
    place = bisect_left(here, change.run_id, key=lambda one: one.run_id)
    found = next((one for one in here[place:] if one.run_id == change.run_id), None)
    if found is None:
        found = every[bisect_left(every, change.run_id, key=lambda one: one.run_id)]
    return Between(here[place - 1].started_at if place else None, found.ended_at)


def _connectors(connection: Connection, run_id: int) -> dict[int, _Connector]:
    rows = CONNECTORS.join(
        CONNECTOR_VERSIONS,
        and_(
            CONNECTOR_VERSIONS.c.connector_id == CONNECTORS.c.id, holds(CONNECTOR_VERSIONS, run_id)
        ),
    )
    query = select(
        CONNECTORS.c.id, connector_name(), environment_name(), CONNECTORS.c.environment_id
    ).select_from(in_environment(rows, CONNECTORS.c.environment_id, run_id))
    return {number: _Connector(*told) for number, *told in connection.execute(query)}


def _reads(connection: Connection, run_id: int) -> Reads:
    """Return by collector and environment the runs that read it, in order; all under no name."""
    query = (
        select(
            STEPS.c.collector,
            STEPS.c.environment_id,
            RUNS.c.id,
            RUNS.c.started_at,
            func.coalesce(STEPS.c.finished_at, RUNS.c.finished_at, RUNS.c.started_at),
        )
        .join(RUNS, RUNS.c.id == STEPS.c.run_id)
        .where(
            STEPS.c.collector.in_(["connectors", "permissions"]),
            STEPS.c.environment_id.is_not(None),
            STEPS.c.state.in_(["complete", "partial"]),
            RUNS.c.id <= run_id,
        )
        .order_by(RUNS.c.id)
    )
    every = (
        select(RUNS.c.id, RUNS.c.started_at, func.coalesce(RUNS.c.finished_at, RUNS.c.started_at))
        .where(RUNS.c.id <= run_id)
        .order_by(RUNS.c.id)
    )
    found: dict[tuple[str, int], list[_Read]] = defaultdict(list)
    for collector, environment, *read in connection.execute(query):
        found[collector, environment].append(_Read(*read))
    found["", 0] = [_Read(*read) for read in connection.execute(every)]
    return found


def _verdicts(connection: Connection, window: tuple[int, int]) -> dict[tuple[int, int], str]:
    """Return by connector and run what came of comparing what it found with what was there."""
    steps = DEFINITION_STEPS.c
    query = select(steps.connector_id, steps.run_id, steps.verdict).where(
        steps.run_id.between(window[0] + 1, window[1])
    )
    return {(connector, run): verdict for connector, run, verdict in connection.execute(query)}


def _records(
    connection: Connection, run_id: int, window: tuple[int, int]
) -> dict[tuple[int, int, bool], Entry]:
    """Return what connectors say of their last change and of their making, by run that found it."""
    facts = CONNECTOR_VERSIONS.c
    absent = meaning_of_absence(connection, run_id)
    rows, editor = with_person(CONNECTOR_VERSIONS, facts.modifier_key, run_id, "editor")
    rows, maker = with_person(rows, facts.creator_key, run_id, "maker")
    query = (
        select(
            *(facts.connector_id, facts.from_run),
            *(facts.changed_at, editor.name.label("editor"), facts.modifier_key),
            editor.state(absent=absent).label("editor_state"),
            *(facts.created_at, maker.name.label("maker"), facts.creator_key),
            maker.state(absent=absent).label("maker_state"),
        )
        .select_from(rows)
        .where(facts.from_run.between(window[0] + 1, window[1]))
    )
    found: dict[tuple[int, int, bool], Entry] = {}
    for connector, run, *told in connection.execute(query):
        for new, (when, who, key, state) in ((False, told[:4]), (True, told[4:])):
            if when is not None and who is not None:
                found[connector, run, new] = Entry(0, when, "", who, key, state)
    return found


def _events(connection: Connection, moment: Moment, connector_id: int | None) -> Iterator[_Event]:
    """Yield what the audit log tells of connectors up to a moment."""
    events, home, run_id = AUDIT_EVENTS.c, ENVIRONMENTS.c.id, moment.run_id
    rows = (
        AUDIT_EVENTS.outerjoin(ENVIRONMENTS, ENVIRONMENTS.c.key == events.environment_key)
        .outerjoin(
            ENVIRONMENT_VERSIONS,
            and_(
                ENVIRONMENT_VERSIONS.c.environment_id == home, holds(ENVIRONMENT_VERSIONS, run_id)
            ),
        )
        .outerjoin(
            CONNECTORS,
            and_(CONNECTORS.c.environment_id == home, CONNECTORS.c.key == events.connector_key),
        )
        .outerjoin(
            CONNECTOR_VERSIONS,
            and_(
                CONNECTOR_VERSIONS.c.connector_id == CONNECTORS.c.id,
                holds(CONNECTOR_VERSIONS, run_id),
            ),
        )
    )
    joined, actor = with_person(rows, events.actor_key, run_id, "actor")
    mine: ColumnElement[bool] = true() if connector_id is None else CONNECTORS.c.id == connector_id
    query = (
        select(
            *(events.id, events.at, events.action, events.succeeded),
            func.coalesce(actor.name, events.actor_name).label("who"),
            events.actor_key,
            actor.state(absent=meaning_of_absence(connection, run_id)).label("state"),
            CONNECTORS.c.id.label("connector_id"),
            func.coalesce(connector_name(), events.target_key).label("connector"),
            func.coalesce(environment_name(), events.environment_key).label("environment"),
        )
        .select_from(joined)
        .where(
            events.noun == "connector",
            events.action.in_(TOLD),
            events.run_id <= run_id,
            mine,
        )
        .order_by(events.at, events.id)
    )
    for row in connection.execute(query):
        entry = Entry(row.id, row.at, row.action, row.who, row.actor_key, row.state)
        yield _Event(entry, row.connector_id, row.connector, row.environment, row.succeeded)
