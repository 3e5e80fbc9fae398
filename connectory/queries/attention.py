"""What needs a person: connectors nobody can answer for, and what does not work though used."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pandas as pd
from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    RowMapping,
    Select,
    Subquery,
    and_,
    case,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)

from connectory.queries.drift_findings import drift_findings
from connectory.queries.frames import Schema, frame
from connectory.queries.ignoring import counted
from connectory.queries.moments import Moment
from connectory.queries.tables import (
    ANSWERS,
    APP_REFERENCES,
    APP_VERSIONS,
    APPS,
    BROKEN,
    CONNECTION_VERSIONS,
    CONNECTIONS,
    CONNECTOR_VERSIONS,
    CONNECTORS,
    FLOW_REFERENCES,
    FLOW_VERSIONS,
    FLOWS,
    POLICY_ANSWERS,
    REFERENCE_VERSIONS,
    REFERENCES,
    connector_name,
    environment_name,
    holds,
    in_environment,
    present,
    with_person,
)
from connectory.queries.usage import WITHOUT_OWNER, agent_counts, app_counts, flow_counts

_SCHEMA: Schema = {
    "severity": "text",
    "kind": "text",
    "title": "text",
    "connector_id": "count",
    "connector": "text",
    "environment": "text",
    "detail": "text",
}
_SEVERITIES = ("critical", "high", "high", "high", "high", "medium", "medium", "medium", "medium")
"""By rank: nobody answers for it though used; nobody answers for it; blocked though used; a new
version breaks those that use it; it breaks what works in the reference environment, and is used;
unreadable; broken; the two of drift once more, of connectors that nothing uses."""
_TITLES = {
    "departed_owner": "Its owner has left",
    "disabled_owner": "The account of its owner is disabled",
    "empty_group": "The group that owns it is empty",
    "nobody": "Nobody owns it",
    "blocked": "A policy blocks it, and it is in use",
    "unreadable": "Its definition cannot be read",
    "broken": "Broken connections are in use",
    "broke": "A new version breaks what called it before",
    "drifted": "It differs from its reference in what breaks callers",
}
_DRIFT = ("broke", "drifted")
_FORGOTTEN = "someone the directory no longer knows"


def attention(
    connection: Connection, moment: Moment, limit: int = 6, left_out: Collection[int] = ()
) -> pd.DataFrame:
    """Return what needs a person, the worst and the most used first.

    Only connectors that are present are looked at. In use means: a flow or an app refers to it.

    Args:
        connection: Open transaction on the store.
        moment: As of when.
        limit: Most rows returned.
        left_out: Connectors not looked at.

    Returns:
        severity (critical, high or medium), kind, title, connector_id, connector, environment,
        detail.
    """
    found = _findings(moment, left_out)
    query = (
        select(found)
        .order_by(
            found.c.rank,
            found.c.uses.desc(),
            found.c.kind,
            func.lower(found.c.connector),
            found.c.connector_id,
        )
        .limit(limit)
    )
    return frame([_told(row) for row in connection.execute(query).mappings()], _SCHEMA)


def attention_count(connection: Connection, moment: Moment, left_out: Collection[int] = ()) -> int:
    """Return how many rows `attention` has without a limit."""
    found = _findings(moment, left_out)
    return connection.scalar(select(func.count()).select_from(found)) or 0


def _told(row: RowMapping) -> tuple[Any, ...]:
    title = _TITLES[row["kind"]]
    if row["rank"] == 0:
        title += ", and it is in use"
    if row["kind"] == "broken":
        detail = f"{_many(row['broken'], 'broken connection')} referred to by a flow, an app or a connection reference"
    elif row["kind"] == "unreadable":
        detail = row["words"] or "the reason is not known"
    else:
        words = row["words"]
        if row["kind"] in _DRIFT:
            against = "the version before" if row["kind"] == "broke" else words
            words = f"{_many(row['broken'], 'breaking change')} against {against}"
        users = [(row["flows"], "flow"), (row["apps"], "app"), (row["agents"], "agent")]
        named = [_many(*one) for one in users if one[0]]
        used = "used by " + " and ".join([", ".join(named[:-1]), named[-1]] if named[1:] else named)
        used = used if row["uses"] else "not used by any flow, app or agent that was read"
        detail = f"{words}; {used}" if words else used
    return (
        _SEVERITIES[row["rank"]],
        row["kind"],
        title,
        row["connector_id"],
        row["connector"],
        row["environment"],
        detail,
    )


def _many(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _findings(moment: Moment, left_out: Collection[int]) -> Subquery:
    run_id = moment.run_id
    kinds = (
        _ownerless(run_id),
        _blocked(run_id),
        _unreadable(run_id),
        _broken(run_id),
        _drifting(moment),
    )
    looked_at = counted(CONNECTORS.c.id, left_out)
    return union_all(*(kind.where(looked_at) for kind in kinds)).subquery("found")


def _finding(
    rows: FromClause,
    run_id: int,
    *,
    rank: int | tuple[Any, Any],
    kind: ColumnElement[Any],
    words: ColumnElement[Any],
    broken: ColumnElement[Any],
) -> Select[Any]:
    """Select findings of one kind; `rows` has connectors present, each with its environment.

    Two ranks are that of connectors in use and that of others.
    """
    by_flow, by_app, by_agent = flow_counts(run_id), app_counts(run_id), agent_counts(run_id)
    flows = func.coalesce(by_flow.c.flows, 0)
    apps = func.coalesce(by_app.c.apps, 0)
    agents = func.coalesce(by_agent.c.agents, 0)
    uses = flows + apps + agents
    used = rows
    for counts in (by_flow, by_app, by_agent):
        used = used.outerjoin(counts, counts.c.connector_id == CONNECTORS.c.id)
    return select(
        (
            literal(rank) if isinstance(rank, int) else case((uses > 0, rank[0]), else_=rank[1])
        ).label("rank"),
        kind.label("kind"),
        CONNECTORS.c.id.label("connector_id"),
        connector_name().label("connector"),
        environment_name().label("environment"),
        flows.label("flows"),
        apps.label("apps"),
        agents.label("agents"),
        uses.label("uses"),
        broken.label("broken"),
        words.label("words"),
    ).select_from(used)


def _here(run_id: int) -> FromClause:
    rows = CONNECTORS.join(
        CONNECTOR_VERSIONS,
        and_(
            CONNECTOR_VERSIONS.c.connector_id == CONNECTORS.c.id,
            present(CONNECTOR_VERSIONS, run_id),
        ),
    )
    return in_environment(rows, CONNECTORS.c.environment_id, run_id)


def _ownerless(run_id: int) -> Select[Any]:
    ownerless = _here(run_id).join(
        ANSWERS,
        and_(
            ANSWERS.c.connector_id == CONNECTORS.c.id,
            holds(ANSWERS, run_id),
            ANSWERS.c.state.in_(WITHOUT_OWNER),
        ),
    )
    rows, owner = with_person(ownerless, ANSWERS.c.owner_key, run_id, "owner")
    name = func.coalesce(
        owner.facts.c.display_name,
        owner.facts.c.user_principal_name,
        case((ANSWERS.c.owner_key.is_not(None), _FORGOTTEN)),
    )
    return _finding(rows, run_id, rank=(0, 1), kind=ANSWERS.c.state, words=name, broken=literal(0))


def _blocked(run_id: int) -> Select[Any]:
    """Select connectors that policies block where something in their environment uses them."""
    table = POLICY_ANSWERS.c
    rows = _here(run_id).join(
        POLICY_ANSWERS,
        and_(
            table.connector_id == CONNECTORS.c.id,
            holds(POLICY_ANSWERS, run_id),
            table.data_group == "blocked",
        ),
    )
    found = _finding(
        rows,
        run_id,
        rank=2,
        kind=literal("blocked"),
        words=table.reason,
        broken=literal(0),
    )
    return found.where(found.selected_columns.uses > 0)


def _drifting(moment: Moment) -> Select[Any]:
    """Select connectors that break callers, each kind of drift for itself."""
    found = drift_findings(moment)
    return _finding(
        _here(moment.run_id).join(found, found.c.connector_id == CONNECTORS.c.id),
        moment.run_id,
        rank=(found.c.used_rank, found.c.unused_rank),
        kind=found.c.kind,
        words=found.c.against,
        broken=found.c.breaking,
    )


def _unreadable(run_id: int) -> Select[Any]:
    facts = CONNECTOR_VERSIONS.c
    return _finding(
        _here(run_id),
        run_id,
        rank=5,
        kind=literal("unreadable"),
        words=facts.definition_detail,
        broken=literal(0),
    ).where(facts.definition_state == "unreadable")


def _broken(run_id: int) -> Select[Any]:
    counts = _used_broken_connections(run_id)
    return _finding(
        _here(run_id).join(counts, counts.c.connector_id == CONNECTORS.c.id),
        run_id,
        rank=6,
        kind=literal("broken"),
        words=null(),
        broken=counts.c.broken,
    )


def _used_broken_connections(run_id: int) -> Subquery:
    """Return connector_id, broken: broken connections that something refers to."""
    rows = CONNECTORS.join(
        CONNECTION_VERSIONS, CONNECTION_VERSIONS.c.connector_key == CONNECTORS.c.key
    ).join(
        CONNECTIONS,
        and_(
            CONNECTIONS.c.id == CONNECTION_VERSIONS.c.connection_id,
            CONNECTIONS.c.environment_id == CONNECTORS.c.environment_id,
        ),
    )
    by_reference = select(REFERENCES.c.id).where(
        REFERENCE_VERSIONS.c.connector_key == CONNECTORS.c.key,
        REFERENCE_VERSIONS.c.connection_key == CONNECTIONS.c.key,
        REFERENCE_VERSIONS.c.connection_reference_id == REFERENCES.c.id,
        REFERENCES.c.environment_id == CONNECTORS.c.environment_id,
        present(REFERENCE_VERSIONS, run_id),
    )
    by_flow = select(FLOWS.c.id).where(
        FLOW_REFERENCES.c.connector_key == CONNECTORS.c.key,
        FLOW_REFERENCES.c.connection_key == CONNECTIONS.c.key,
        FLOW_REFERENCES.c.flow_id == FLOWS.c.id,
        FLOWS.c.environment_id == CONNECTORS.c.environment_id,
        FLOW_VERSIONS.c.flow_id == FLOWS.c.id,
        holds(FLOW_REFERENCES, run_id),
        present(FLOW_VERSIONS, run_id),
    )
    by_app = select(APPS.c.id).where(
        APP_REFERENCES.c.connector_key == CONNECTORS.c.key,
        APP_REFERENCES.c.connection_key == CONNECTIONS.c.key,
        APP_REFERENCES.c.app_id == APPS.c.id,
        APPS.c.environment_id == CONNECTORS.c.environment_id,
        APP_VERSIONS.c.app_id == APPS.c.id,
        holds(APP_REFERENCES, run_id),
        present(APP_VERSIONS, run_id),
    )
    return (
        select(CONNECTORS.c.id.label("connector_id"), func.count().label("broken"))
        .select_from(rows)
        .where(
            present(CONNECTION_VERSIONS, run_id),
            CONNECTION_VERSIONS.c.status == BROKEN,
            or_(exists(by_reference), exists(by_flow), exists(by_app)),
        )
        .group_by(CONNECTORS.c.id)
        .subquery("used_broken")
    )
