"""Policies over connectors: where each applies, and where they put a connector."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Row, Select, and_, case, func, select

from connectory.domain.data_policy import (
    Governed,
    Pattern,
    Policy,
    PolicyVerdict,
    applies,
    policy_verdict,
    standing,
)
from connectory.queries.frames import Schema, frame, framed
from connectory.queries.moments import Moment
from connectory.queries.tables import (
    CONNECTOR_VERSIONS,
    CONNECTORS,
    DATA_POLICIES,
    DATA_POLICY_CONNECTORS,
    DATA_POLICY_PATTERNS,
    DATA_POLICY_RULES,
    DATA_POLICY_TARGETS,
    DATA_POLICY_VERSIONS,
    DEFINITIONS,
    ENVIRONMENT_VERSIONS,
    ENVIRONMENTS,
    POLICY_ANSWERS,
    SOURCES,
    STEPS,
    connector_name,
    environment_name,
    holds,
    in_environment,
    present,
)
from connectory.queries.usage import app_counts, flow_counts

_SCHEMA: Schema = {
    "policy": "text",
    "system": "text",
    "default_group": "text",
    "reach": "text",
    "environments": "number",
    "named": "count",
    "patterns": "number",
    "exempts": "flag",
    "created_at": "time",
    "modified_at": "time",
}
_STANDINGS: Schema = {
    "policy": "text",
    "system": "text",
    "reach": "text",
    "data_group": "text",
    "rule": "text",
    "detail": "text",
}
_RULES: Schema = {
    "policy": "text",
    "kind": "text",
    "position": "count",
    "subject": "text",
    "allowed": "flag",
}
_PROVISIONAL = "dv:"
"""How the key of a connector begins that has no runtime name yet."""
_VERDICTS: Schema = {
    "connector_id": "count",
    "connector": "text",
    "environment": "text",
    "data_group": "text",
    "rule": "text",
    "policies": "count",
    "reason": "text",
    "flows": "count",
    "apps": "count",
}
_DATA = ("data_policies", "data_policies_v1")


def policies(connection: Connection, moment: Moment) -> pd.DataFrame:
    """Return the policies that are here, by name.

    environments counts those, and groups of them, that a policy names: what that means tells its
    reach; it is missing where that could not be read. named counts custom connectors it sorts by name; patterns is missing where they could
    not be read. exempts tells that it exempts resources, which no public page describes and no
    verdict looks at.
    """
    found = _policies(connection, moment.run_id)
    rows = [
        (
            one.name,
            one.system,
            one.default,
            one.reach,
            None if one.environments is None else len(one.environments) + len(one.groups),
            len(one.named),
            None if one.patterns is None else len(one.patterns),
            bool(row.exempt),
            row.created_at,
            row.modified_at,
        )
        for row, one in found
    ]
    return frame(rows, _SCHEMA)


def connector_policies(connection: Connection, moment: Moment, connector_id: int) -> pd.DataFrame:
    """Return each policy that applies to a connector, and where that one puts it.

    data_group is blocked, business, non_business, allowed (by an allow-list), ignore (left to other
    policies) or unknown; rule says what in the policy decides, and detail names the pattern.
    """
    run_id = moment.run_id
    row = connection.execute(_connectors(run_id).where(CONNECTORS.c.id == connector_id)).first()
    if row is None:
        return frame([], _STANDINGS)
    governed = _governed(row)
    rows = [
        (told.policy.name, one.system, one.reach, told.group, told.rule, told.detail)
        for _, one in _policies(connection, run_id)
        if applies(one, governed.environment, governed.group) is not False
        for told in (standing(one, governed),)
    ]
    return frame(rows, _STANDINGS)


def connector_rules(connection: Connection, moment: Moment, connector_id: int) -> pd.DataFrame:
    """Return what policies that apply say of single actions and addresses of a connector.

    kind is action, other_actions (every action not named) or endpoint; of endpoints the first that
    fits decides. subject is the operation id or address, ``*`` for all others.
    """
    run_id, rules = moment.run_id, DATA_POLICY_RULES.c
    row = connection.execute(_connectors(run_id).where(CONNECTORS.c.id == connector_id)).first()
    if row is None:
        return frame([], _RULES)
    governed = _governed(row)
    applying = {
        facts.data_policy_id: one.name
        for facts, one in _policies(connection, run_id)
        if applies(one, governed.environment, governed.group) is not False
    }
    query = (
        select(DATA_POLICY_RULES)
        .where(
            holds(DATA_POLICY_RULES, run_id),
            rules.connector_key == row.key,
            rules.environment_key.in_(["", governed.environment]),
        )
        .order_by(rules.data_policy_id, rules.kind, rules.position)
    )
    told = [
        (applying[one.data_policy_id], one.kind, one.position, one.subject, one.allowed)
        for one in connection.execute(query)
        if one.data_policy_id in applying
    ]
    return frame(told, _RULES)


def policy_answer(
    connection: Connection, moment: Moment, connector_id: int
) -> PolicyVerdict | None:
    """Return where all policies put a connector, as it was assessed; None if it was not."""
    table = POLICY_ANSWERS
    query = select(table.c.data_group, table.c.rule, table.c.policies, table.c.reason).where(
        table.c.connector_id == connector_id, holds(table, moment.run_id)
    )
    row = connection.execute(query).first()
    return None if row is None else PolicyVerdict(*row)


def policy_answers(connection: Connection, moment: Moment) -> pd.DataFrame:
    """Return where all policies put each connector that is here, blocked and used ones first.

    flows and apps count what refers to it.
    """
    run_id, table = moment.run_id, POLICY_ANSWERS.c
    by_flow, by_app = flow_counts(run_id), app_counts(run_id)
    rows = CONNECTORS.join(
        CONNECTOR_VERSIONS,
        and_(
            CONNECTOR_VERSIONS.c.connector_id == CONNECTORS.c.id,
            present(CONNECTOR_VERSIONS, run_id),
        ),
    ).join(
        POLICY_ANSWERS, and_(table.connector_id == CONNECTORS.c.id, holds(POLICY_ANSWERS, run_id))
    )
    placed = in_environment(rows, CONNECTORS.c.environment_id, run_id)
    flows = func.coalesce(by_flow.c.flows, 0).label("flows")
    apps = func.coalesce(by_app.c.apps, 0).label("apps")
    query = (
        select(
            CONNECTORS.c.id,
            connector_name(),
            environment_name(),
            table.data_group,
            table.rule,
            table.policies.label("applying"),
            table.reason,
            flows,
            apps,
        )
        .select_from(
            placed.outerjoin(by_flow, by_flow.c.connector_id == CONNECTORS.c.id).outerjoin(
                by_app, by_app.c.connector_id == CONNECTORS.c.id
            )
        )
        .order_by(
            case((table.data_group == "blocked", 0), else_=1),
            (flows + apps).desc(),
            func.lower(connector_name()),
            CONNECTORS.c.id,
        )
    )
    return framed(connection, query, _VERDICTS)


def policy_verdicts(connection: Connection, run_id: int) -> dict[int, PolicyVerdict]:
    """Return where all policies put each connector that is not gone, by its surrogate key."""
    found = [one for _, one in _policies(connection, run_id)]
    read = _read(connection, run_id)
    verdicts = {}
    for row in connection.execute(_connectors(run_id)):
        governed = _governed(row)
        standings = [
            standing(one, governed)
            for one in found
            if applies(one, governed.environment, governed.group) is not False
        ]
        verdicts[row.id] = policy_verdict(standings, **read)
    return verdicts


def _read(connection: Connection, run_id: int) -> dict[str, bool]:
    """Return which systems of policies were ever read whole up to a run."""
    query = (
        select(SOURCES.c.source)
        .distinct()
        .join(STEPS, STEPS.c.id == SOURCES.c.step_id)
        .where(
            STEPS.c.collector == "policies",
            STEPS.c.run_id <= run_id,
            SOURCES.c.outcome == "complete",
        )
    )
    read = set(connection.scalars(query))
    return {
        "data_policies_read": not read.isdisjoint(_DATA),
        "oldest_read": "data_policies_legacy" in read,
        "allow_lists_read": "rule_based_policies" in read,
    }


def _connectors(run_id: int) -> Select[Any]:
    facts, document = CONNECTOR_VERSIONS.c, DEFINITIONS.c
    rows = CONNECTORS.join(
        CONNECTOR_VERSIONS,
        and_(
            facts.connector_id == CONNECTORS.c.id,
            holds(CONNECTOR_VERSIONS, run_id),
            facts.presence != "gone",
        ),
    ).join(ENVIRONMENTS, ENVIRONMENTS.c.id == CONNECTORS.c.environment_id)
    placed = in_environment(rows, CONNECTORS.c.environment_id, run_id)
    return select(
        CONNECTORS.c.id,
        CONNECTORS.c.key,
        ENVIRONMENTS.c.key.label("environment"),
        ENVIRONMENT_VERSIONS.c.group_key,
        facts.backend_url,
        document.host,
        document.base_path,
    ).select_from(placed.outerjoin(DEFINITIONS, document.id == facts.definition_id))


def _governed(row: Row[Any]) -> Governed:
    """Return a connector as policies look at it: by what it calls, else what its document names."""
    documented = f"https://{row.host}{row.base_path or ''}" if row.host else None
    key = None if row.key.startswith(_PROVISIONAL) else row.key
    return Governed(key, row.environment, row.group_key, row.backend_url or documented)


def _policies(connection: Connection, run_id: int) -> list[tuple[Row[Any], Policy]]:
    """Return the policies that are here with all their parts, by name."""
    facts = DATA_POLICY_VERSIONS.c
    query = (
        select(DATA_POLICIES.c.key, *DATA_POLICY_VERSIONS.c)
        .join(DATA_POLICY_VERSIONS, facts.data_policy_id == DATA_POLICIES.c.id)
        .where(present(DATA_POLICY_VERSIONS, run_id))
        .order_by(func.lower(facts.name), DATA_POLICIES.c.key)
    )
    targets, named, patterns = (
        _parts(connection, run_id, table)
        for table in (DATA_POLICY_TARGETS, DATA_POLICY_CONNECTORS, DATA_POLICY_PATTERNS)
    )
    return [
        (
            row,
            Policy(
                name=row.name or row.key,
                system=row.system,
                reach=row.reach or "",
                environments=_targets(targets[row.data_policy_id], "environment")
                if row.targets_read
                else None,
                groups=_targets(targets[row.data_policy_id], "group"),
                default=row.default_group or "non_business",
                patterns=_patterns(patterns[row.data_policy_id]) if row.patterns_read else None,
                named={
                    (one.environment_key, one.connector_key): one.data_group
                    for one in named[row.data_policy_id]
                },
            ),
        )
        for row in connection.execute(query)
    ]


def _parts(connection: Connection, run_id: int, table: Any) -> dict[int, list[Row[Any]]]:
    found: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in connection.execute(select(table).where(holds(table, run_id))):
        found[row.data_policy_id].append(row)
    return found


def _targets(rows: list[Row[Any]], kind: str) -> frozenset[str]:
    return frozenset(row.target_key for row in rows if row.kind == kind)


def _patterns(rows: list[Row[Any]]) -> tuple[Pattern, ...]:
    ordered = sorted(rows, key=lambda row: int(row.position))
    return tuple(Pattern(row.pattern, row.data_group) for row in ordered)
