"""The bridge to how unused connectors are, cached as in `dashboard.data`.

Exempting a connector is what pages write here, into our own store and nowhere else.
"""

from __future__ import annotations

from datetime import date

from pandas import DataFrame, Series

from connectory.actions import exempting
from connectory.clock import page_clock
from connectory.database import reading
from connectory.queries import stale as stale_query
from connectory.queries import stale_filters
from connectory.queries.stale_filters import Counted
from dashboard import data
from dashboard.caching import engine as _engine
from dashboard.caching import few as _few
from dashboard.data import At
from dashboard.decisions import Decided, decided


def stale(at: At) -> DataFrame:
    """Return how unused each connector is, with the parts of its score, the most unused first."""
    return _stale(at, data.day_of(at), decided(at))


@_few
def _stale(at: At, today: date, decided: Decided) -> DataFrame:
    del decided
    with reading(_engine(at.url)) as connection:
        return stale_query.stale_connectors(connection, at.moment, today)


def of(at: At, connector_id: int) -> Series | None:
    """Return the row of one connector; None if it is gone or was not assessed."""
    rows = stale(at)
    mine = rows[rows["connector_id"] == connector_id]
    return None if mine.empty else mine.iloc[0]


def counted(at: At, seen_from: At | None = None) -> Counted | None:
    """Return how many connectors are out of use; None if nothing was judged.

    Args:
        at: The moment.
        seen_from: A later one it is compared with, which decides what is ignored.
    """
    rows = stale(at)
    ignored = rows["connector_id"].isin(list(data.left_out(seen_from or at)))
    return stale_filters.counted(rows[~ignored])


def exempt(at: At, connector_id: int, *, reason: str, until: date, author: str) -> None:
    """Say that a connector is not to be called stale until a day.

    Raises:
        NotExempted: It was not written; the text says why.
    """
    exempting.exempt(
        _engine(at.url),
        connector_id,
        reason=reason,
        until=until,
        author=author,
        via="dashboard",
        now=page_clock(),
    )


def withdraw(at: At, connector_id: int, *, reason: str, author: str) -> None:
    """End the exemption of a connector.

    Raises:
        NotExempted: It was not written; the text says why.
    """
    exempting.withdraw(
        _engine(at.url), connector_id, reason=reason, author=author, now=page_clock()
    )
