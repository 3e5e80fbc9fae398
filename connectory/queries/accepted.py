"""What people accepted: which acceptances stand at a moment, and what they leave open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date

from sqlalchemy import ColumnElement, FromClause, Subquery, and_, func, select, union

from connectory.queries.moments import Moment
from connectory.queries.standing import stands
from connectory.queries.tables import ACCEPTANCES, COMPARISON_CHANGES, FAMILY_ANSWERS, holds

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
    day = moment.read_at.astimezone(UTC).date()
    return and_(
        table.until >= max(day, today or day),
        stands(moment, table.accepted_at, table.withdrawn_at),
    )


def accepted_counts(
    moment: Moment, today: date | None = None, severities: Sequence[str] = OPEN_SEVERITIES
) -> Subquery:
    """Return connector_id, comparison_id, accepted: how many changes of each are accepted.

    It begins with what people accepted, which is little, whatever was compared. A comparison of
    another connector that found the same fact may be among them.

    Args:
        moment: As of when.
        today: The day it is, if the moment is not of today.
        severities: Which changes are counted.
    """
    changes, family = COMPARISON_CHANGES.c, FAMILY_ANSWERS.c
    found = ACCEPTANCES.join(
        COMPARISON_CHANGES,
        and_(changes.fingerprint == ACCEPTANCES.c.fingerprint, changes.severity.in_(severities)),
    )
    own = (
        select(ACCEPTANCES.c.connector_id, changes.comparison_id, changes.ordinal)
        .select_from(found)
        .where(standing(moment, today), ACCEPTANCES.c.connector_id.is_not(None))
    )
    shared = (
        select(family.connector_id, changes.comparison_id, changes.ordinal)
        .select_from(found.join(FAMILY_ANSWERS, family.family_key == ACCEPTANCES.c.family_key))
        .where(standing(moment, today), holds(FAMILY_ANSWERS, moment.run_id))
    )
    either = union(own, shared).subquery("accepted_changes")
    return (
        select(
            either.c.connector_id,
            either.c.comparison_id,
            func.count().label("accepted"),
        )
        .group_by(either.c.connector_id, either.c.comparison_id)
        .subquery("accepted")
    )
