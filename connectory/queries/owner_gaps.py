"""Who owns each connector and who answers for it, with the proof and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    RowMapping,
    Select,
    and_,
    case,
    func,
    select,
)

from connectory.domain.ownership import advice
from connectory.queries.connectors import NOT_ASSESSED, UNASSESSED
from connectory.queries.directory import last_known
from connectory.queries.frames import Schema, frame
from connectory.queries.moments import Moment
from connectory.queries.proofs import Proofs, proofs
from connectory.queries.reads import COUNTED_BY, known_counts, unlisted
from connectory.queries.standing import standing_stewards
from connectory.queries.stewards import FIELDS, fields_of
from connectory.queries.tables import (
    ANSWERS,
    CONNECTORS,
    ENVIRONMENT_VERSIONS,
    PERMISSIONS,
    STALENESS_ANSWERS,
    STEWARDS,
    connector_name,
    environment_name,
    holds,
    in_environment,
    known_connectors,
    meaning_of_absence,
    with_person,
)
from connectory.queries.usage import agent_counts, app_counts, flow_counts

_KINDS = ("flows", "apps", "agents")
_GAPS: Schema = {
    "connector_id": "count",
    "connector": "text",
    "environment_id": "count",
    "environment": "text",
    "environment_kind": "text",
    "environment_group": "text",
    "department": "text",
    "state": "text",
    "reason": "text",
    "source": "text",
    "proven_at": "time",
    "owner_key": "text",
    "owner": "text",
    "owner_state": "text",
    "owner_mail": "text",
    "owners": "number",
    "editors": "number",
    "members": "number",
    **FIELDS,
    "advice": "text",
    "consumers": "number",
    "last_used_on": "day",
}


def owner_gaps(connection: Connection, moment: Moment) -> pd.DataFrame:
    """Return how every connector that is not gone is owned, by name.

    department is that of the owner, or of the last one there was, as last known. source says so
    or could not, and was last read whole at proven_at; missing, it never was. owner_state is
    enabled, disabled, deleted or unknown. owners, editors and members count who can act; missing,
    that is not known, or no group owns it. consumers are flows, apps and agents; missing where there
    are none among those that could be listed. last_used_on is by the best evidence there is.

    Args:
        connection: Open transaction on the store.
        moment: As of when; also of what people decided.
    """
    run_id = moment.run_id
    absent = meaning_of_absence(connection, run_id)
    proven = proofs(connection, run_id)
    short = unlisted(connection, run_id, COUNTED_BY["consumers"])
    rows = connection.execute(_query(moment, absent)).mappings()
    return frame([_row(row, proven, short) for row in rows], _GAPS)


def _row(row: RowMapping, proven: Proofs, short: Mapping[str, set[int]]) -> list[Any]:
    values: dict[str, Any] = dict(row)
    counted = {kind: row[kind] for kind in _KINDS}
    counted["consumers"] = sum(counted.values())
    values |= known_counts(counted, row["environment_id"], short)
    values["proven_at"] = proven.at(row["source"], row["environment_id"])
    named = row["business_owner_state"] == "enabled"
    values["advice"] = advice(row["state"], named=named)
    return [values[name] for name in _GAPS]


def _query(moment: Moment, absent: str) -> Select[Any]:
    run_id = moment.run_id
    rows, counts = _joined(moment)
    rows, owner = with_person(rows, ANSWERS.c.owner_key, run_id, "owner")
    rows, last = with_person(rows, _last_owner(run_id), run_id, "last_owner")
    rows, steward = with_person(rows, STEWARDS.c.business_owner_key, run_id, "business_owner")
    rows, deputy = with_person(rows, STEWARDS.c.deputy_key, run_id, "deputy")
    named = [
        column.label(name)
        for name, column in zip(FIELDS, fields_of(steward, deputy, absent), strict=True)
    ]
    return (
        select(
            CONNECTORS.c.id.label("connector_id"),
            connector_name().label("connector"),
            CONNECTORS.c.environment_id,
            environment_name().label("environment"),
            ENVIRONMENT_VERSIONS.c.sku.label("environment_kind"),
            ENVIRONMENT_VERSIONS.c.group_key.label("environment_group"),
            last_known(last, "department", run_id).label("department"),
            func.coalesce(ANSWERS.c.state, UNASSESSED).label("state"),
            func.coalesce(ANSWERS.c.reason, NOT_ASSESSED).label("reason"),
            ANSWERS.c.source,
            ANSWERS.c.owner_key,
            owner.name.label("owner"),
            owner.state(absent=absent).label("owner_state"),
            owner.facts.c.mail.label("owner_mail"),
            ANSWERS.c.owners,
            ANSWERS.c.editors,
            ANSWERS.c.members,
            *named,
            *(func.coalesce(column, 0).label(kind) for kind, column in counts.items()),
            STALENESS_ANSWERS.c.last_used_on,
        )
        .select_from(rows)
        .order_by(func.lower(connector_name()), CONNECTORS.c.id)
    )


def _joined(moment: Moment) -> tuple[FromClause, dict[str, ColumnElement[Any]]]:
    run_id = moment.run_id
    rows = in_environment(known_connectors(run_id), CONNECTORS.c.environment_id, run_id)
    for table in (ANSWERS, STALENESS_ANSWERS):
        rows = rows.outerjoin(
            table, and_(table.c.connector_id == CONNECTORS.c.id, holds(table, run_id))
        )
    rows = rows.outerjoin(
        STEWARDS, and_(STEWARDS.c.connector_id == CONNECTORS.c.id, standing_stewards(moment))
    )
    by_kind = dict(
        zip(_KINDS, (flow_counts(run_id), app_counts(run_id), agent_counts(run_id)), strict=True)
    )
    for counts in by_kind.values():
        rows = rows.outerjoin(counts, counts.c.connector_id == CONNECTORS.c.id)
    return rows, {kind: counts.c[kind] for kind, counts in by_kind.items()}


def _last_owner(run_id: int) -> ColumnElement[Any]:
    """Return who owns a connector, or where nobody does, who owned it last."""
    roles = PERMISSIONS.c
    former = (
        select(roles.principal_key)
        .where(
            roles.connector_id == CONNECTORS.c.id,
            roles.role == "Owner",
            roles.to_run.is_not(None),
            roles.to_run <= run_id,
        )
        .order_by(roles.to_run.desc(), roles.id)
        .limit(1)
        .correlate(CONNECTORS)
        .scalar_subquery()
    )
    return case((ANSWERS.c.owner_key.is_not(None), ANSWERS.c.owner_key), else_=former)
