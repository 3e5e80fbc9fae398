"""Which decisions of people stand at a moment: made by then, and not taken back by then."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from connectory.queries.moments import FINISHED, Moment
from connectory.queries.tables import RUNS, STEWARDS


def stands(
    moment: Moment, decided: ColumnElement[Any], ended: ColumnElement[Any]
) -> ColumnElement[bool]:
    """Return the condition that a decision stands at a moment.

    What was decided or taken back before the next run began belongs to the moment.

    Args:
        moment: As of when.
        decided: Column that tells when it was decided.
        ended: Column that tells when it was replaced or taken back, if it was.
    """
    following = (
        select(func.min(RUNS.c.started_at))
        .where(RUNS.c.id > moment.run_id, RUNS.c.state.in_(FINISHED))
        .scalar_subquery()
    )
    return and_(
        or_(following.is_(None), decided < following),
        or_(ended.is_(None), and_(following.is_not(None), ended >= following)),
    )


def standing_stewards(moment: Moment) -> ColumnElement[bool]:
    """Return the condition that a row of stewards stands at a moment."""
    return stands(moment, STEWARDS.c.decided_at, STEWARDS.c.replaced_at)
