"""What is kept already of a batch: which of its calls, and the minutes that it adds to.

Logs are written in the order of time, and keys begin with it. One look at the newest key before the
end of what a batch tells of a target says in most cases that nothing of it can be known, and only
for what lies before that key single calls are looked up.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final, cast

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Table

from collectors.telemetry.bulk import added_up, looked_up
from collectors.telemetry.call import TIME_BYTES, times
from collectors.telemetry.columns import NOTHING, Columns, day_of
from collectors.telemetry.groups import grouped
from collectors.telemetry.rows import Rows
from connectory.domain.tallies import Whole
from models import Invocation

_INVOCATIONS = cast("Table", Invocation.__table__)
MINUTE_US: Final = 60_000_000


def _by_day(days: Whole) -> Iterator[tuple[date, NDArray[np.intp]]]:
    """Yield each day with the places where it stands.

    Days are told as such and not as parameters, so that PostgreSQL opens one partition only.
    """
    for number in np.unique(days).tolist():
        yield day_of(number), np.flatnonzero(days == number)


def newest(connection: Connection, rows: Rows) -> Whole:
    """Return for each row the time of the newest call that is kept of its day and target.

    Calls after the minute of the last row of that day and target are left out.

    Args:
        connection: Open writing transaction.
        rows: In the order of their keys.

    Returns:
        Time of day in microseconds; NOTHING where nothing is kept.
    """
    runs = grouped(rows.day, rows.target)
    days, targets = rows.day[runs.first], rows.target[runs.first]
    ends = (runs.most(rows.us) // MINUTE_US + 1) * MINUTE_US
    found = np.full(len(days), NOTHING, dtype=np.int64)
    for day, some in _by_day(days):
        wanted: Columns = {"target_id": targets[some], "event_key": times(ends[some])}
        keys = looked_up(
            connection,
            _INVOCATIONS,
            wanted,
            "held.event_key",
            f"held.day = '{day}' AND held.target_id = wanted.target_id "
            "AND held.event_key < wanted.event_key ORDER BY held.event_key DESC",
        )
        found[some] = [
            NOTHING if key is None else int.from_bytes(bytes(key[:TIME_BYTES]), "big")
            for key in keys
        ]
    return runs.spread(found)


def known(connection: Connection, rows: Rows, latest: Whole) -> NDArray[np.bool_]:
    """Tell of each row whether it is kept.

    Args:
        connection: Open writing transaction.
        rows: In the order of their keys.
        latest: What `newest` told.
    """
    told = np.zeros(len(rows), dtype=bool)
    maybe = np.flatnonzero(rows.us <= latest)
    for day, some in _by_day(rows.day[maybe]):
        places = maybe[some]
        wanted: Columns = {"target_id": rows.target[places], "event_key": rows.key[places]}
        told[places] = [
            one is not None
            for one in looked_up(
                connection,
                _INVOCATIONS,
                wanted,
                "1",
                f"held.day = '{day}' AND held.target_id = wanted.target_id "
                "AND held.event_key = wanted.event_key",
            )
        ]
    return told


def minutes(connection: Connection, rows: Rows, latest: Whole) -> tuple[Whole, ...]:
    """Return what is kept of the minutes that new rows belong to, before they are kept themselves.

    Args:
        connection: Open writing transaction.
        rows: In the order of their keys.
        latest: What `newest` told.

    Returns:
        Day, target, connection, minute and calls, column by column.
    """
    minute = rows.us // MINUTE_US
    maybe = np.flatnonzero(minute <= latest // MINUTE_US)
    runs = grouped(rows.day[maybe], rows.target[maybe], minute[maybe])
    first = maybe[runs.first]
    found: list[tuple[Whole, ...]] = []
    for day, some in _by_day(rows.day[first]):
        places = first[some]
        start = minute[places] * MINUTE_US
        wanted: Columns = {
            "target_id": rows.target[places],
            "event_key": times(start),
            "until": times(start + MINUTE_US),
        }
        sums = added_up(
            connection,
            _INVOCATIONS,
            wanted,
            ("connection_id", "weight"),
            f"held.day = '{day}' AND held.target_id = wanted.target_id "
            "AND held.event_key >= wanted.event_key AND held.event_key < wanted.until",
        )
        place, connected, calls = (
            np.array([tuple(row) for row in sums], dtype=np.int64).reshape(len(sums), 3).T
        )
        place = places[place]
        found.append((rows.day[place], rows.target[place], connected, minute[place], calls))
    if not found:
        return (np.zeros(0, dtype=np.int64),) * 5
    return tuple(np.concatenate(column) for column in zip(*found, strict=True))
