"""What a comparison found, with what people accepted of it, and which versions changed what."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy import Connection, FromClause, Select, and_, case, func, select

from connectory.queries.accepted import accepted_counts, standing
from connectory.queries.frames import Schema, frame
from connectory.queries.ignoring import counted
from connectory.queries.moments import Moment
from connectory.queries.tables import (
    ACCEPTANCES,
    COMPARISON_CHANGES,
    COMPARISONS,
    CONNECTOR_VERSIONS,
    CONNECTORS,
    DEFINITION_STEPS,
    FAMILY_ANSWERS,
    RUNS,
    alias,
    connector_name,
    environment_name,
    holds,
    in_environment,
    with_person,
)

_CHANGES: Schema = {
    "ordinal": "count",
    "rule": "text",
    "severity": "text",
    "direction": "text",
    "operation_id": "text",
    "method": "text",
    "path": "text",
    "kind": "text",
    "name": "text",
    "status": "text",
    "property": "text",
    "before": "text",
    "after": "text",
    "message": "text",
    "expected": "text",
    "fingerprint": "text",
    "accepted": "flag",
    "acceptance_id": "number",
    "accepted_for": "text",
    "accepted_until": "text",
    "accepted_reason": "text",
    "accepted_by": "text",
    "accepted_at": "time",
}
_FACTS = list(_CHANGES)[:16]
_STEPS: Schema = {
    "run_id": "count",
    "at": "time",
    "connector_id": "count",
    "name": "text",
    "environment_id": "count",
    "environment": "text",
    "verdict": "text",
    "reason": "text",
    "breaking": "count",
    "risky": "count",
    "compatible": "count",
    "cosmetic": "count",
    "accepted": "count",
    "open": "count",
    "comparison_id": "number",
    "before_run": "number",
    "published_at": "time",
    "modifier_key": "text",
    "modifier": "text",
}


@dataclass(frozen=True, slots=True)
class ComparisonFacts:
    """A comparison as a whole.

    Attributes:
        purpose: history, environments or upstream.
        verdict: The worst of its changes, or identical.
        breaking: How many changes are so; and so on.
        expected: Of all of them, those that are meant to be.
        cut: There are more changes than are kept.
        before_definition_id: Definition compared with.
        after_definition_id: Definition compared.
    """

    purpose: str
    verdict: str
    breaking: int
    risky: int
    compatible: int
    cosmetic: int
    expected: int
    cut: bool
    before_definition_id: int | None
    after_definition_id: int | None


def comparison(connection: Connection, comparison_id: int) -> ComparisonFacts | None:
    """Return a comparison as a whole; None if there is none of that number."""
    table = COMPARISONS.c
    names = ComparisonFacts.__slots__
    query = select(*(table[name] for name in names)).where(table.id == comparison_id)
    row = connection.execute(query).first()
    return None if row is None else ComparisonFacts(*row)


def comparison_rows(
    connection: Connection,
    comparison_id: int,
    connector_id: int,
    moment: Moment,
    today: date | None = None,
) -> pd.DataFrame:
    """Return the changes that a comparison found, the worst first, with what was accepted of them.

    An acceptance holds for its connector or for the whole family, and for the very same fact: one
    that changes is open again, as is one past its last day.

    Args:
        connection: Open transaction on the store.
        comparison_id: The comparison.
        connector_id: The connector that is looked at.
        moment: As of when.
        today: The day it is, for acceptances that end; that of the run by default.

    Returns:
        The place of each change, before and after as JSON (long ones cut), why it is expected, and
        accepted with accepted_for (connector or family), _until (a day), _reason, _by and _at.
    """
    changes = COMPARISON_CHANGES
    own, shared = alias(ACCEPTANCES, "own"), alias(ACCEPTANCES, "shared")
    family = (
        select(FAMILY_ANSWERS.c.family_key)
        .where(FAMILY_ANSWERS.c.connector_id == connector_id, holds(FAMILY_ANSWERS, moment.run_id))
        .scalar_subquery()
    )
    rows = changes.outerjoin(
        own,
        and_(
            own.c.connector_id == connector_id,
            own.c.fingerprint == changes.c.fingerprint,
            standing(moment, today, own),
        ),
    ).outerjoin(
        shared,
        and_(
            shared.c.family_key == family,
            shared.c.fingerprint == changes.c.fingerprint,
            standing(moment, today, shared),
        ),
    )
    both = [
        func.coalesce(own.c[name], shared.c[name])
        for name in ("id", "until", "reason", "accepted_by", "accepted_at")
    ]
    told_for = case((own.c.id.is_not(None), "connector"), (shared.c.id.is_not(None), "family"))
    query = (
        select(*(changes.c[name] for name in _FACTS), told_for, *both)
        .select_from(rows)
        .where(changes.c.comparison_id == comparison_id)
        .order_by(changes.c.ordinal, both[0].desc())
    )
    found: dict[int, tuple[Any, ...]] = {}
    for row in connection.execute(query):
        *facts, of, number, until, why, who, when = row
        day = None if until is None else until.isoformat()
        told = (*facts, number is not None, number, of, day, why, who, when)
        found.setdefault(row.ordinal, told)
    return frame(list(found.values()), _CHANGES)


def definition_steps(
    connection: Connection,
    since: Moment | None,
    until: Moment,
    connector_id: int | None = None,
    *,
    left_out: Collection[int] = (),
    today: date | None = None,
) -> pd.DataFrame:
    """Return every new version of a connector after one moment and up to another, the newest first.

    Args:
        connection: Open transaction on the store.
        since: Versions found after this; None for all since the first run.
        until: Versions found up to this.
        connector_id: Only of this connector.
        left_out: Connectors not told of.
        today: The day it is, for acceptances that end; that of the run by default.

    Returns:
        One row a version. verdict: breaking, risky, compatible, cosmetic, identical, unreadable or
        unknown, with the reason of the last two. accepted counts breaking and risky changes that
        are accepted, open those that are not. published_at and modifier: when the platform says it
        was changed, and who did as it tells; missing where it does not. at: when it was found.
    """
    query = _steps(since.run_id if since else 0, until, today)
    query = query.where(counted(DEFINITION_STEPS.c.connector_id, left_out))
    if connector_id is not None:
        query = query.where(DEFINITION_STEPS.c.connector_id == connector_id)
    return frame(connection.execute(query).all(), _STEPS)


def _steps(floor: int, until: Moment, today: date | None) -> Select[Any]:
    steps, facts, table = DEFINITION_STEPS.c, CONNECTOR_VERSIONS.c, COMPARISONS.c
    accepted = accepted_counts(until, today)
    version = alias(CONNECTOR_VERSIONS, "version")
    rows: FromClause = (
        DEFINITION_STEPS.join(RUNS, RUNS.c.id == steps.run_id)
        .join(CONNECTORS, CONNECTORS.c.id == steps.connector_id)
        .join(
            CONNECTOR_VERSIONS,
            and_(facts.connector_id == CONNECTORS.c.id, holds(CONNECTOR_VERSIONS, until.run_id)),
        )
        .outerjoin(
            version,
            and_(version.c.connector_id == steps.connector_id, version.c.from_run == steps.run_id),
        )
        .outerjoin(COMPARISONS, table.id == steps.comparison_id)
        .outerjoin(
            accepted,
            and_(
                accepted.c.connector_id == steps.connector_id,
                accepted.c.comparison_id == steps.comparison_id,
            ),
        )
    )
    rows = in_environment(rows, CONNECTORS.c.environment_id, until.run_id)
    rows, modifier = with_person(rows, version.c.modifier_key, until.run_id, "modifier")
    counts = {name: func.coalesce(table[name], 0) for name in
              ("breaking", "risky", "compatible", "cosmetic")}  # fmt: skip
    taken = func.coalesce(accepted.c.accepted, 0)
    return (
        select(
            steps.run_id,
            RUNS.c.started_at,
            steps.connector_id,
            connector_name(),
            CONNECTORS.c.environment_id,
            environment_name(),
            steps.verdict,
            steps.reason,
            *counts.values(),
            taken,
            counts["breaking"] + counts["risky"] - taken,
            steps.comparison_id,
            steps.before_run,
            version.c.changed_at,
            version.c.modifier_key,
            modifier.name,
        )
        .select_from(rows)
        .where(steps.run_id > floor, steps.run_id <= until.run_id)
        .order_by(steps.run_id.desc(), func.lower(connector_name()), steps.connector_id)
    )
