"""The key figures, their course over time, and what needs a person."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Select, and_, case, func, select, union_all

from connectory.queries.attention import attention, attention_count
from connectory.queries.connectors import UNASSESSED
from connectory.queries.frames import Schema, framed
from connectory.queries.ignoring import counted
from connectory.queries.moments import FINISHED, Moment
from connectory.queries.tables import (
    ANSWERS,
    CONNECTOR_VERSIONS,
    CONNECTORS,
    ENVIRONMENT_VERSIONS,
    RUNS,
    holds,
    known_connectors,
    present,
)
from connectory.queries.usage import (
    WITHOUT_OWNER,
    agent_pairs,
    app_pairs,
    connection_counts,
    flow_pairs,
    reference_counts,
)

__all__ = ["Totals", "attention", "attention_count", "totals", "trend"]

_TREND: Schema = {
    "run_id": "count",
    "read_at": "time",
    "connectors": "count",
    "without_owner": "count",
}


@dataclass(frozen=True, slots=True)
class Totals:
    """The key figures at a moment.

    Attributes:
        connectors: Custom connectors present.
        environments: Environments present.
        without_owner: Of the connectors, those nobody in working order owns.
        owner_unknown: Of the connectors, those whose ownership is not proven.
        without_definition: Of the connectors, those whose definition is absent, unreadable or
            was not read.
        connections: Connections to connectors that are not gone.
        broken_connections: Of these, in error.
        references: Connection references to connectors that are not gone.
        flows: Cloud flows that use at least one of them.
        apps: Canvas apps that use at least one of them.
        agents: Agents that use at least one of them.
    """

    connectors: int
    environments: int
    without_owner: int
    without_definition: int
    connections: int
    broken_connections: int
    references: int
    flows: int
    apps: int
    agents: int
    owner_unknown: int


def totals(connection: Connection, moment: Moment, left_out: Collection[int] = ()) -> Totals:
    """Return the key figures, in one statement.

    Args:
        connection: Open transaction on the store.
        moment: As of when.
        left_out: Connectors that count nowhere, nor does what only they bring along.
    """
    counts = _counts(moment.run_id, left_out)
    query = select(*(column.scalar_subquery().label(name) for name, column in counts.items()))
    row = connection.execute(query).mappings().one()
    return Totals(**{name: int(row[name] or 0) for name in row})


def _counts(run_id: int, left_out: Collection[int]) -> dict[str, Any]:
    here = select(CONNECTORS.c.id).select_from(known_connectors(run_id))
    known = here.where(counted(CONNECTORS.c.id, left_out)).subquery("known")
    owned = _owned(run_id, left_out)
    by_connection, by_reference = connection_counts(run_id), reference_counts(run_id)
    flows, apps = flow_pairs(run_id).subquery("flow_use"), app_pairs(run_id).subquery("app_use")
    agents = agent_pairs(run_id).subquery("agent_use")

    def of_known(counts: Any, what: Any) -> Any:
        return select(what).select_from(counts.join(known, known.c.id == counts.c.connector_id))

    return {
        "connectors": owned,
        "environments": select(func.count()).where(present(ENVIRONMENT_VERSIONS, run_id)),
        "without_owner": owned.where(ANSWERS.c.state.in_(WITHOUT_OWNER)),
        "owner_unknown": owned.where(func.coalesce(ANSWERS.c.state, UNASSESSED) == UNASSESSED),
        "without_definition": owned.where(CONNECTOR_VERSIONS.c.definition_state != "readable"),
        "connections": of_known(by_connection, func.sum(by_connection.c.connections)),
        "broken_connections": of_known(by_connection, func.sum(by_connection.c.broken_connections)),
        "references": of_known(by_reference, func.sum(by_reference.c.references)),
        "flows": of_known(flows, func.count(flows.c.flow_id.distinct())),
        "apps": of_known(apps, func.count(apps.c.app_id.distinct())),
        "agents": of_known(agents, func.count(agents.c.agent_id.distinct())),
    }


def _owned(run_id: int, left_out: Collection[int]) -> Select[Any]:
    """Count connectors present, with the answer about their owner at hand."""
    rows = CONNECTOR_VERSIONS.outerjoin(
        ANSWERS,
        and_(ANSWERS.c.connector_id == CONNECTOR_VERSIONS.c.connector_id, holds(ANSWERS, run_id)),
    )
    return (
        select(func.count())
        .select_from(rows)
        .where(
            present(CONNECTOR_VERSIONS, run_id),
            counted(CONNECTOR_VERSIONS.c.connector_id, left_out),
        )
    )


def trend(
    connection: Connection, moment: Moment, weeks: int = 26, left_out: Collection[int] = ()
) -> pd.DataFrame:
    """Return connectors present, and those without owner, at each moment of the last weeks.

    One statement, whose work grows with what changed, not with the number of moments: every
    interval adds one where it begins and takes one where it ends.

    Args:
        connection: Open transaction on the store.
        moment: The last moment shown.
        weeks: How far back from its time.
        left_out: Connectors that count at none of the moments.
    """
    there = _changes_present(left_out).subquery("there")
    without = _changes_without_owner(left_out).subquery("without")
    by_run = {
        name: select(part.c.run_id, func.sum(part.c.step).label("step"))
        .group_by(part.c.run_id)
        .subquery(f"{name}_by_run")
        for name, part in (("there", there), ("without", without))
    }
    rows = RUNS
    for part in by_run.values():
        rows = rows.outerjoin(part, part.c.run_id == RUNS.c.id)  # type: ignore[assignment]
    courses = (
        select(
            RUNS.c.id.label("run_id"),
            RUNS.c.started_at.label("read_at"),
            RUNS.c.state,
            *(
                func.sum(func.coalesce(part.c.step, 0)).over(order_by=RUNS.c.id).label(name)
                for name, part in by_run.items()
            ),
        )
        .select_from(rows)
        .subquery("courses")
    )
    query = (
        select(courses.c.run_id, courses.c.read_at, courses.c.there, courses.c.without)
        .where(
            courses.c.state.in_(FINISHED),
            courses.c.run_id <= moment.run_id,
            courses.c.read_at >= moment.read_at - timedelta(weeks=weeks),
        )
        .order_by(courses.c.run_id)
    )
    return framed(connection, query, _TREND)


def _changes_present(left_out: Collection[int]) -> Any:
    versions = CONNECTOR_VERSIONS.c
    here = and_(versions.presence == "present", counted(versions.connector_id, left_out))
    return union_all(
        select(versions.from_run.label("run_id"), func.count().label("step"))
        .where(here)
        .group_by(versions.from_run),
        select(versions.to_run, -func.count())
        .where(here, versions.to_run.is_not(None))
        .group_by(versions.to_run),
    )


def _changes_without_owner(left_out: Collection[int]) -> Any:
    """Where intervals of being present and of being without owner overlap."""
    versions, answers = CONNECTOR_VERSIONS.c, ANSWERS.c
    start = case((versions.from_run > answers.from_run, versions.from_run), else_=answers.from_run)
    end = case(
        (versions.to_run.is_(None), answers.to_run),
        (answers.to_run.is_(None), versions.to_run),
        (versions.to_run < answers.to_run, versions.to_run),
        else_=answers.to_run,
    )
    overlaps = (
        select(start.label("start"), end.label("end"))
        .select_from(
            ANSWERS.join(CONNECTOR_VERSIONS, versions.connector_id == answers.connector_id)
        )
        .where(
            versions.presence == "present",
            counted(versions.connector_id, left_out),
            answers.state.in_(WITHOUT_OWNER),
            (versions.to_run.is_(None)) | (versions.to_run > answers.from_run),
            (answers.to_run.is_(None)) | (answers.to_run > versions.from_run),
        )
        .cte("overlaps")
    )
    return union_all(
        select(overlaps.c.start.label("run_id"), func.count().label("step")).group_by(
            overlaps.c.start
        ),
        select(overlaps.c.end, -func.count())
        .where(overlaps.c.end.is_not(None))
        .group_by(overlaps.c.end),
    )
