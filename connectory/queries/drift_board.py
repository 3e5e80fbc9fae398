"""The drift board: every family in every environment of its chain, and how each stands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy import Connection, FromClause, Row, ScalarSelect, Select, and_, func, select

from connectory.domain.chains import chains
from connectory.drift_settings import DriftSettings
from connectory.queries.accepted import accepted_counts
from connectory.queries.frames import Schema, frame
from connectory.queries.ignoring import counted
from connectory.queries.moments import Moment
from connectory.queries.tables import (
    COMPARISONS,
    CONNECTOR_VERSIONS,
    CONNECTORS,
    DEFINITION_STEPS,
    DRIFT_ANSWERS,
    ENVIRONMENT_VERSIONS,
    ENVIRONMENTS,
    FAMILY_ANSWERS,
    RUNS,
    connector_name,
    environment_name,
    holds,
    in_environment,
    known_connectors,
    present,
)

__all__ = ["STATES", "drift_board"]

STATES = ("breaking", "risky", "missing", "unreadable", "unknown", "compatible", "cosmetic",
          "expected", "same")  # fmt: skip
"""How a connector may stand to its reference, the worst first; missing: there is none."""

_USUAL = DriftSettings()
_SCHEMA: Schema = {
    "family": "text",
    "family_name": "text",
    "rule": "text",
    "reason": "text",
    "connector_id": "number",
    "name": "text",
    "environment_id": "count",
    "environment": "text",
    "environment_type": "text",
    "is_reference": "flag",
    "reference_reason": "text",
    "state": "text",
    "state_reason": "text",
    "breaking": "count",
    "risky": "count",
    "compatible": "count",
    "cosmetic": "count",
    "expected": "count",
    "accepted": "count",
    "open": "count",
    "comparison_id": "number",
    "against_connector_id": "number",
    "changed_at": "time",
    "published_at": "time",
}
_COUNTS = ("breaking", "risky", "compatible", "cosmetic", "expected")


def drift_board(
    connection: Connection,
    moment: Moment,
    settings: DriftSettings = _USUAL,
    *,
    left_out: Collection[int] = (),
    today: date | None = None,
) -> pd.DataFrame:
    """Return how each member of each family stands to its reference, by family and environment.

    Told are families with several members, and connectors in an environment of a chain that the
    settings declare.

    Args:
        connection: Open transaction on the store.
        moment: As of when.
        settings: The chains that are declared.
        left_out: Connectors not told of.
        today: The day it is, for acceptances that end; that of the run by default.

    Returns:
        state: one of `STATES`. breaking … cosmetic count the changes, expected those of them that
        are meant to be; accepted counts breaking and risky ones that are accepted, open those that
        are not. changed_at: when the last new version of it was found; published_at: when the
        platform says that it was changed. A row `missing` has no connector.
    """
    rows = connection.execute(_members(moment, left_out, today)).all()
    places = connection.execute(_places(moment.run_id)).all()
    of_chain = _declared(places, settings)
    sizes: dict[str, int] = defaultdict(int)
    for row in rows:
        sizes[row.family_key] += 1
    in_chain = {place for chain in of_chain for place in chain}
    shown = [
        row
        for row in rows
        if sizes[row.family_key] > 1 or (row.environment_id in in_chain and row.rule != "override")
    ]
    told = [_told(row) for row in shown] + _missing(shown, places, of_chain)
    order = list(_SCHEMA)
    by = [order.index(name) for name in ("family_name", "family", "environment")]
    told.sort(key=lambda row: tuple(str(row[place]).casefold() for place in by))
    return frame(told, _SCHEMA)


def _told(row: Row[Any]) -> tuple[Any, ...]:
    counts = [getattr(row, name) or 0 for name in _COUNTS]
    accepted = row.accepted or 0
    return (
        row.family_key,
        row.family_name,
        row.rule,
        row.reason,
        row.connector_id,
        row.name,
        row.environment_id,
        row.environment,
        row.sku,
        row.is_reference,
        row.reference_reason,
        row.state or "same",
        row.state_reason,
        *counts,
        accepted,
        counts[0] + counts[1] - accepted,
        row.comparison_id,
        row.against_connector_id,
        row.changed_at,
        row.published_at,
    )


def _missing(
    rows: Sequence[Row[Any]], places: Sequence[Row[Any]], declared: Sequence[Sequence[int]]
) -> list[tuple[Any, ...]]:
    """Return a row for each environment of a family's chain in which it has no member."""
    named = {place.id: place for place in places}
    homes = {row.connector_id: row.environment_id for row in rows}
    by_family: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        by_family[row.family_key].append(row)
    wanted = chains(
        {
            family: [(one.environment_id, homes.get(one.reference_connector_id, one.environment_id))
                     for one in members]
            for family, members in by_family.items()
        },
        declared,
    )  # fmt: skip
    found = []
    for family, members in by_family.items():
        here = {one.environment_id for one in members}
        ahead = next((one for one in members if one.is_reference), members[0])
        for place in wanted[family]:
            if place not in here and place in named:
                absent: dict[str, Any] = dict.fromkeys(_SCHEMA) | {
                    "family": family,
                    "family_name": ahead.family_name,
                    "rule": ahead.rule,
                    "reason": "other connectors of this chain are there",
                    "environment_id": place,
                    "environment": named[place].environment,
                    "environment_type": named[place].sku,
                    "is_reference": False,
                    "state": "missing",
                    **dict.fromkeys((*_COUNTS, "accepted", "open"), 0),
                    "against_connector_id": ahead.reference_connector_id,
                }
                found.append(tuple(absent.values()))
    return found


def _declared(places: Sequence[Row[Any]], settings: DriftSettings) -> list[list[int]]:
    """Return the chains of the settings as environments that are there."""
    by_name: Mapping[str, int] = {
        name.casefold(): place.id
        for place in places
        for name in (place.key, place.name, place.display_name)
        if name
    }
    named = [[by_name.get(name.casefold()) for name in chain] for chain in settings.chains]
    return [[place for place in chain if place is not None] for chain in named]


def _places(run_id: int) -> Select[Any]:
    facts = ENVIRONMENT_VERSIONS.c
    return (
        select(
            ENVIRONMENTS.c.id,
            ENVIRONMENTS.c.key,
            facts.name,
            facts.display_name,
            facts.sku,
            environment_name().label("environment"),
        )
        .join(ENVIRONMENT_VERSIONS, facts.environment_id == ENVIRONMENTS.c.id)
        .where(present(ENVIRONMENT_VERSIONS, run_id))
    )


def family_rows(run_id: int) -> FromClause:
    """Return connectors that are not gone with their family and how they stand to its reference."""
    return (
        in_environment(known_connectors(run_id), CONNECTORS.c.environment_id, run_id)
        .join(
            FAMILY_ANSWERS,
            and_(FAMILY_ANSWERS.c.connector_id == CONNECTORS.c.id, holds(FAMILY_ANSWERS, run_id)),
        )
        .outerjoin(
            DRIFT_ANSWERS,
            and_(DRIFT_ANSWERS.c.connector_id == CONNECTORS.c.id, holds(DRIFT_ANSWERS, run_id)),
        )
        .outerjoin(COMPARISONS, COMPARISONS.c.id == DRIFT_ANSWERS.c.comparison_id)
    )


def _members(moment: Moment, left_out: Collection[int], today: date | None) -> Select[Any]:
    run_id = moment.run_id
    family, drift, table = FAMILY_ANSWERS.c, DRIFT_ANSWERS.c, COMPARISONS.c
    accepted = accepted_counts(moment, today)
    rows = family_rows(run_id).outerjoin(
        accepted,
        and_(
            accepted.c.connector_id == CONNECTORS.c.id,
            accepted.c.comparison_id == drift.comparison_id,
        ),
    )
    return (
        select(
            CONNECTORS.c.id.label("connector_id"),
            CONNECTORS.c.environment_id,
            family.family_key,
            family.family_name,
            family.rule,
            family.reason,
            family.reference_connector_id,
            family.is_reference,
            family.reference_reason,
            connector_name().label("name"),
            environment_name().label("environment"),
            ENVIRONMENT_VERSIONS.c.sku,
            drift.state,
            drift.reason.label("state_reason"),
            drift.comparison_id,
            drift.against_connector_id,
            *(table[name] for name in _COUNTS),
            accepted.c.accepted,
            _last_step(run_id).label("changed_at"),
            CONNECTOR_VERSIONS.c.changed_at.label("published_at"),
        )
        .select_from(rows)
        .where(counted(CONNECTORS.c.id, left_out))
    )


def _last_step(run_id: int) -> ScalarSelect[Any]:
    """Return when the last new version of a connector was found; null if none was."""
    steps = DEFINITION_STEPS.c
    last = (
        select(func.max(steps.run_id))
        .where(steps.connector_id == CONNECTORS.c.id, steps.run_id <= run_id)
        .correlate(CONNECTORS)
        .scalar_subquery()
    )
    return (
        select(RUNS.c.started_at).where(RUNS.c.id == last).correlate(CONNECTORS).scalar_subquery()
    )
