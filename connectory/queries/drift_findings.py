"""Breaking drift that nobody accepted: new versions since the run before, and against references."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, Subquery, and_, func, literal, select, union_all

from connectory.queries.accepted import accepted_counts
from connectory.queries.moments import FINISHED, Moment
from connectory.queries.tables import (
    COMPARISONS,
    CONNECTORS,
    DEFINITION_STEPS,
    DRIFT_ANSWERS,
    ENVIRONMENT_VERSIONS,
    RUNS,
    environment_name,
    holds,
)

_BREAKING = ("breaking",)


def drift_findings(moment: Moment) -> Subquery:
    """Return what of drift needs a person.

    connector_id, kind (broke or drifted), breaking (changes that nobody accepted), against (name of
    the reference environment), used_rank and unused_rank (rank among what needs attention).
    """
    return union_all(_broke(moment), _drifted(moment)).subquery("drifting")


def _broke(moment: Moment) -> Select[Any]:
    """Return new versions found since the run before that break callers."""
    before: Any = (
        select(func.coalesce(func.max(RUNS.c.id), 0))
        .where(RUNS.c.id < moment.run_id, RUNS.c.state.in_(FINISHED))
        .scalar_subquery()
    )
    steps = DEFINITION_STEPS.c
    accepted = accepted_counts(moment, severities=_BREAKING)
    left = COMPARISONS.c.breaking - func.coalesce(accepted.c.accepted, 0)
    # Grouped by a value that no index has, so that steps are sought by their runs.
    whose = steps.connector_id + 0
    return (
        select(
            whose.label("connector_id"),
            literal("broke").label("kind"),
            func.sum(left).label("breaking"),
            literal("").label("against"),
            literal(3).label("used_rank"),
            literal(7).label("unused_rank"),
        )
        .select_from(
            DEFINITION_STEPS.join(COMPARISONS, COMPARISONS.c.id == steps.comparison_id).outerjoin(
                accepted,
                and_(
                    accepted.c.connector_id == steps.connector_id,
                    accepted.c.comparison_id == steps.comparison_id,
                ),
            )
        )
        .where(steps.run_id > before, steps.run_id <= moment.run_id, left > 0)
        .group_by(whose)
    )


def _drifted(moment: Moment) -> Select[Any]:
    """Return connectors that break what works against their reference."""
    run_id, drift, reference = moment.run_id, DRIFT_ANSWERS.c, CONNECTORS.alias("reference")
    place = ENVIRONMENT_VERSIONS.alias("reference_place")
    accepted = accepted_counts(moment, severities=_BREAKING)
    left = COMPARISONS.c.breaking - func.coalesce(accepted.c.accepted, 0)
    return (
        select(
            drift.connector_id,
            literal("drifted").label("kind"),
            left.label("breaking"),
            environment_name(place).label("against"),
            literal(4).label("used_rank"),
            literal(8).label("unused_rank"),
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
            .outerjoin(
                accepted,
                and_(
                    accepted.c.connector_id == drift.connector_id,
                    accepted.c.comparison_id == drift.comparison_id,
                ),
            )
        )
        .where(holds(DRIFT_ANSWERS, run_id), left > 0)
    )
