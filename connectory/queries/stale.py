"""How stale connectors are, as it was answered, with what people decided to leave alone."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Connection, Subquery, and_, case, func, select, true

from connectory.domain.staleness import STATES, to_be_asked
from connectory.domain.staleness_words import words_of
from connectory.queries.call_tables import moment_of
from connectory.queries.exposure_answers import SCOPE
from connectory.queries.frames import Schema, frame
from connectory.queries.ignoring import counted
from connectory.queries.moments import Moment
from connectory.queries.standing import stands
from connectory.queries.tables import (
    ANSWERS,
    CONNECTOR_EXPOSURE_ANSWERS,
    CONNECTOR_VERSIONS,
    CONNECTORS,
    ENVIRONMENT_VERSIONS,
    EXEMPTIONS,
    EXPOSURE_ANSWERS,
    FAMILY_ANSWERS,
    STALENESS_ANSWERS,
    connector_name,
    environment_name,
    holds,
    in_environment,
    known_connectors,
    meaning_of_absence,
    with_person,
)

_STALE: Schema = {
    "connector_id": "count",
    "connector": "text",
    "environment_id": "count",
    "environment": "text",
    "environment_kind": "text",
    "environment_group": "text",
    "profile": "text",
    "state": "text",
    "score": "number",
    "reason": "text",
    "last_used_on": "time",
    "evidence": "text",
    "source": "text",
    "known": "flag",
    "parts": "list",
    "to_be_asked": "flag",
    "exempt": "flag",
    "exempt_until": "time",
    "exempt_reason": "text",
    "exempted_by": "text",
    "ownership": "text",
    "owner_key": "text",
    "owner": "text",
    "owner_state": "text",
    "department": "text",
    "family_key": "text",
    "family": "text",
    "monthly": "money",
    "currency": "text",
}
_EXEMPTIONS: Schema = {
    "exemption_id": "count",
    "connector_id": "count",
    "connector": "text",
    "environment": "text",
    "reason": "text",
    "until": "time",
    "via": "text",
    "exempted_by": "text",
    "exempted_at": "time",
    "withdrawn_at": "time",
    "withdrawn_by": "text",
    "withdrawn_reason": "text",
    "stands": "flag",
}


def stale_connectors(
    connection: Connection,
    moment: Moment,
    today: date,
    left_out: Collection[int] = (),
    connectors: Collection[int] | None = None,
) -> pd.DataFrame:
    """Return the verdict on the use of every connector that is not gone, the stalest first.

    Args:
        connection: Open transaction on the store.
        moment: As of when the verdicts are, and what people decided before the run after it.
        today: Day on which exemptions must hold.
        left_out: Connectors that the settings leave out of figures.
        connectors: Only these; all if none are named.

    Returns:
        One row a connector that was assessed. score and parts are missing where too little is
        known; reason says of what. A part: what it is about, what was found (`found` with `values`,
        in English in `words`), its points and of how many. to_be_asked: somebody should be asked
        whether it is needed, an exemption aside. ownership: verdict on the owner; owner_state: what
        the directory says of that account. monthly: what it costs, if that was reckoned.
    """
    run_id, facts, told = moment.run_id, STALENESS_ANSWERS.c, ENVIRONMENT_VERSIONS.c
    exempt = _standing(moment, today)
    rows = (
        in_environment(known_connectors(run_id), CONNECTORS.c.environment_id, run_id)
        .join(
            STALENESS_ANSWERS,
            and_(facts.connector_id == CONNECTORS.c.id, holds(STALENESS_ANSWERS, run_id)),
        )
        .outerjoin(exempt, exempt.c.connector_id == CONNECTORS.c.id)
    )
    for table in (ANSWERS, FAMILY_ANSWERS, CONNECTOR_EXPOSURE_ANSWERS):
        rows = rows.outerjoin(
            table, and_(table.c.connector_id == CONNECTORS.c.id, holds(table, run_id))
        )
    rows = rows.outerjoin(
        EXPOSURE_ANSWERS,
        and_(EXPOSURE_ANSWERS.c.scope == SCOPE, holds(EXPOSURE_ANSWERS, run_id)),
    )
    joined, owner = with_person(rows, ANSWERS.c.owner_key, run_id, "owner")
    order = case({state: place for place, state in enumerate(STATES)}, value=facts.state)
    query = (
        select(
            CONNECTORS.c.id,
            connector_name(),
            CONNECTORS.c.environment_id,
            environment_name(),
            told.sku,
            told.group_key,
            facts.profile,
            facts.state,
            facts.score,
            facts.reason,
            facts.last_used_on,
            facts.evidence,
            facts.source,
            facts.known,
            facts.parts,
            exempt.c.until,
            exempt.c.reason,
            exempt.c.exempted_by,
            ANSWERS.c.state,
            ANSWERS.c.owner_key,
            owner.name,
            owner.state(absent=meaning_of_absence(connection, run_id)),
            owner.facts.c.department,
            FAMILY_ANSWERS.c.family_key,
            FAMILY_ANSWERS.c.family_name,
            CONNECTOR_EXPOSURE_ANSWERS.c.monthly,
            EXPOSURE_ANSWERS.c.currency,
        )
        .select_from(joined)
        .where(counted(CONNECTORS.c.id, left_out), _of(connectors))
        .order_by(
            func.coalesce(facts.score, -1).desc(),
            order,
            func.lower(connector_name()),
            CONNECTORS.c.id,
        )
    )
    return frame([_row(tuple(row)) for row in connection.execute(query)], _STALE)


def exemptions(
    connection: Connection, moment: Moment, today: date, connector_id: int | None = None
) -> pd.DataFrame:
    """Return every exemption ever made, of one connector or of all, the newest first.

    Args:
        connection: Open transaction on the store.
        moment: As of when connectors are named.
        today: Day on which those that stand hold.
        connector_id: Which connector; all if none is named.
    """
    table = EXEMPTIONS.c
    rows = EXEMPTIONS.join(CONNECTORS, CONNECTORS.c.id == table.connector_id).join(
        CONNECTOR_VERSIONS,
        and_(
            CONNECTOR_VERSIONS.c.connector_id == CONNECTORS.c.id,
            holds(CONNECTOR_VERSIONS, moment.run_id),
        ),
    )
    query = (
        select(
            table.id,
            CONNECTORS.c.id,
            connector_name(),
            environment_name(),
            table.reason,
            table.until,
            table.via,
            table.exempted_by,
            table.exempted_at,
            table.withdrawn_at,
            table.withdrawn_by,
            table.withdrawn_reason,
            _stands(moment, today),
        )
        .select_from(in_environment(rows, CONNECTORS.c.environment_id, moment.run_id))
        .where(true() if connector_id is None else CONNECTORS.c.id == connector_id)
        .order_by(table.exempted_at.desc(), table.id.desc())
    )
    found = [
        (*row[:5], moment_of(row.until), *row[6:-1], bool(row[-1]))
        for row in connection.execute(query)
    ]
    return frame(found, _EXEMPTIONS)


def _row(row: tuple[Any, ...]) -> tuple[Any, ...]:
    place = list(_STALE).index("last_used_on")
    state, last = row[place - 3], row[place]
    evidence, source, known, parts, until, why, who = row[place + 1 : place + 8]
    rest = row[place + 8 :]
    return (
        *row[:place],
        pd.NaT if last is None else moment_of(last),
        evidence,
        source,
        known,
        [{**part, "words": words_of(part)} for part in parts],
        to_be_asked(state, parts),
        until is not None,
        pd.NaT if until is None else moment_of(until),
        why,
        who,
        *rest,
    )


def _of(connectors: Collection[int] | None) -> ColumnElement[bool]:
    return true() if connectors is None else CONNECTORS.c.id.in_(list(connectors))


def _stands(moment: Moment, today: date) -> ColumnElement[bool]:
    """Return the condition that an exemption stands at a moment, and holds on a day."""
    table = EXEMPTIONS.c
    return and_(stands(moment, table.exempted_at, table.withdrawn_at), table.until >= today)


def _standing(moment: Moment, today: date) -> Subquery:
    """Return the exemptions that stand: of each connector the one decided last."""
    table = EXEMPTIONS.c
    place = func.row_number().over(
        partition_by=table.connector_id, order_by=(table.exempted_at.desc(), table.id.desc())
    )
    ranked = (
        select(
            table.connector_id, table.until, table.reason, table.exempted_by, place.label("place")
        )
        .where(_stands(moment, today))
        .subquery("ranked")
    )
    return select(ranked).where(ranked.c.place == 1).subquery("exempt")
