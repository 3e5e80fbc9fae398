"""Stretches of time of which logs of calls could not be read, and never will be."""

from __future__ import annotations

import pandas as pd
from sqlalchemy import Connection, select

from connectory.queries.call_tables import GAPS
from connectory.queries.frames import Schema, framed
from connectory.queries.moments import Moment

_GAPS: Schema = {
    "source": "text",
    "log": "text",
    "from_at": "time",
    "to_at": "time",
    "reason": "text",
}


def call_gaps(connection: Connection, moment: Moment) -> pd.DataFrame:
    """Return every gap that was known at a moment, the newest first."""
    query = (
        select(GAPS.c.source, GAPS.c.name, GAPS.c.from_at, GAPS.c.to_at, GAPS.c.reason)
        .where(GAPS.c.run_id <= moment.run_id)
        .order_by(GAPS.c.to_at.desc(), GAPS.c.source, GAPS.c.name)
    )
    return framed(connection, query, _GAPS)
