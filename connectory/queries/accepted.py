"""What people accepted: which acceptances stand at a moment, and what they leave open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date

from sqlalchemy import ColumnElement, FromClause, Subquery, and_, func, or_, select

from connectory.queries.moments import FINISHED, Moment
from connectory.queries.tables import ACCEPTANCES, COMPARISON_CHANGES, RUNS

OPEN_SEVERITIES = ("breaking", "risky")
"""Changes that somebody has to look at until they are accepted."""


def standing(
    moment: Moment, today: date | None = None, acceptances: FromClause = ACCEPTANCES
) -> ColumnElement[bool]:
    """Return the condition that an acceptance stands at a moment.

    What was accepted or withdrawn before the next run began belongs to the moment. The last day of
    an acceptance is compared with the day of the run, or with today if that is given and later.

    Args:
        moment: As of when.
        today: The day it is, for a store that was not read for some time.
        acceptances: The table, perhaps under another name.
    """
    table = acceptances.c
    following = (
        select(func.min(RUNS.c.started_at))
        .where(RUNS.c.id > moment.run_id, RUNS.c.state.in_(FINISHED))
        .scalar_subquery()
    )
    day = moment.read_at.astimezone(UTC).date()
    return and_(
        table.until >= max(day, today or day),
        or_(following.is_(None), table.accepted_at < following),
        or_(
            table.withdrawn_at.is_(None),
            and_(following.is_not(None), table.withdrawn_at >= following),
        ),
    )


def accepted_counts(
    pairs: Subquery,
    moment: Moment,
    today: date | None = None,
    severities: Sequence[str] = OPEN_SEVERITIES,
) -> Subquery:
    """Return connector_id, comparison_id, accepted: how many changes of each are accepted.

    Args:
        pairs: connector_id, comparison_id and family_key of what is asked about.
        moment: As of when.
        today: The day it is, if the moment is not of today.
        severities: Which changes are counted.
    """
    changes = COMPARISON_CHANGES.c
    mine = or_(
        ACCEPTANCES.c.connector_id == pairs.c.connector_id,
        ACCEPTANCES.c.family_key == pairs.c.family_key,
    )
    return (
        select(
            pairs.c.connector_id,
            pairs.c.comparison_id,
            func.count(changes.ordinal.distinct()).label("accepted"),
        )
        .select_from(
            pairs.join(
                COMPARISON_CHANGES,
                and_(
                    changes.comparison_id == pairs.c.comparison_id,
                    changes.severity.in_(severities),
                ),
            ).join(
                ACCEPTANCES,
                and_(ACCEPTANCES.c.fingerprint == changes.fingerprint, mine),
            )
        )
        .where(standing(moment, today))
        .group_by(pairs.c.connector_id, pairs.c.comparison_id)
        .subquery("accepted")
    )
