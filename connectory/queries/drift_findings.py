"""Breaking drift that nobody accepted: new versions since the run before, and against references."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Subquery, and_, func, literal, select

from connectory.queries.accepted import accepted_counts
from connectory.queries.drift_board import compared_now
from connectory.queries.drift_changes import compared_steps
from connectory.queries.moments import FINISHED, Moment
from connectory.queries.tables import (
    COMPARISONS,
    CONNECTORS,
    DRIFT_ANSWERS,
    ENVIRONMENT_VERSIONS,
    RUNS,
    environment_name,
    holds,
)

_BREAKING = ("breaking",)


def drift_findings(moment: Moment) -> list[tuple[str, Subquery, tuple[int, int]]]:
    """Return what of drift needs a person: kind, statement, and rank if used and if not.

    Each statement has connector_id, breaking (changes that nobody accepted) and against (name of
    the reference environment).
    """
    return [("broke", _broke(moment), (3, 7)), ("drifted", _drifted(moment), (4, 8))]


def _broke(moment: Moment) -> Subquery:
    """Return new versions found since the run before that break callers."""
    before: Any = (
        select(func.coalesce(func.max(RUNS.c.id), 0))
        .where(RUNS.c.id < moment.run_id, RUNS.c.state.in_(FINISHED))
        .scalar_subquery()
    )
    steps = compared_steps(before, moment)
    accepted = accepted_counts(steps, moment, severities=_BREAKING)
    left = COMPARISONS.c.breaking - func.coalesce(accepted.c.accepted, 0)
    return (
        select(
            steps.c.connector_id,
            func.sum(left).label("breaking"),
            literal("").label("against"),
        )
        .select_from(
            steps.join(COMPARISONS, COMPARISONS.c.id == steps.c.comparison_id).outerjoin(
                accepted,
                and_(
                    accepted.c.connector_id == steps.c.connector_id,
                    accepted.c.comparison_id == steps.c.comparison_id,
                ),
            )
        )
        .where(left > 0)
        .group_by(steps.c.connector_id)
        .subquery("broke")
    )


def _drifted(moment: Moment) -> Subquery:
    """Return connectors that break what works against their reference."""
    run_id, drift, reference = moment.run_id, DRIFT_ANSWERS.c, CONNECTORS.alias("reference")
    place = ENVIRONMENT_VERSIONS.alias("reference_place")
    accepted = accepted_counts(compared_now(run_id), moment, severities=_BREAKING)
    left = COMPARISONS.c.breaking - func.coalesce(accepted.c.accepted, 0)
    return (
        select(
            drift.connector_id,
            left.label("breaking"),
            environment_name(place).label("against"),
        )
        .select_from(
            DRIFT_ANSWERS.join(COMPARISONS, COMPARISONS.c.id == drift.comparison_id)
            .join(reference, reference.c.id == drift.against_connector_id)
            .join(
                place,
                and_(
                    place.c.environment_id == reference.c.environment_id,
                    holds(place, run_id),
                ),
            )
            .outerjoin(accepted, accepted.c.connector_id == drift.connector_id)
        )
        .where(holds(DRIFT_ANSWERS, run_id), left > 0)
        .subquery("drifted")
    )
