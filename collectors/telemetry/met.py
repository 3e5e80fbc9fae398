"""Which figures of callers cannot be there yet, so that they need not be looked for one by one.

PostgreSQL takes rows that are surely new twice as fast as rows that may be there. Of a day and
target that nothing was kept of before, all that is there was written here: a filter (Bloom's)
remembers what that is, in 16 MB, wrong only in that it takes a new row for a known one.
"""

from __future__ import annotations

from typing import Final, cast

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Table, select

from collectors.telemetry.columns import day_of
from connectory.domain.tallies import Whole
from models import UsageTarget

_DAYS = cast("Table", UsageTarget.__table__)
_BITS: Final = 1 << 24
_MOST: Final = _BITS // 8
"""Figures that are remembered; when there are as many, one new one in twenty is taken for known."""
_MOST_DAYS: Final = 400
_MIX: Final = np.uint64(0x9E3779B97F4A7C15)
_HALF: Final = np.uint64(32)


class Met:
    """Remembers the figures that one keeper of calls has written.

    A day and target has one keeper at a time: what another writes meanwhile is not known here.
    What is remembered is true only once its transaction is committed: call `forget` otherwise.
    """

    def __init__(self) -> None:
        self._bits = np.zeros(_BITS, dtype=np.bool_)
        self._remembered = 0
        self._others: dict[int, Whole] = {}

    def forget(self) -> None:
        """Remember nothing: what is in the store by then counts as not written here."""
        if self._others:
            self._bits[:] = False
            self._remembered = 0
            self._others.clear()

    def unmet(self, connection: Connection, *key: Whole) -> NDArray[np.bool_]:
        """Tell of figures that are about to be written which of them cannot be there yet.

        Args:
            connection: The transaction that writes them, before it tells of their days and targets
                that there are calls.
            key: Their key, column by column: day, target, and what else there is.
        """
        if self._remembered + len(key[0]) > _MOST or len(self._others) > _MOST_DAYS:
            self.forget()
        codes = _mixed(key)
        places = codes % np.uint64(_BITS), (codes >> _HALF) % np.uint64(_BITS)
        there = self._bits[places[0]] & self._bits[places[1]]
        for place in places:
            self._bits[place] = True
        self._remembered += len(codes)
        known: NDArray[np.bool_] = there | self._kept_before(connection, key[0], key[1])
        return ~known

    def _kept_before(self, connection: Connection, day: Whole, target: Whole) -> NDArray[np.bool_]:
        """Tell which rows are of a day and target that calls were kept of by somebody else."""
        found = np.zeros(len(day), dtype=np.bool_)
        for number in np.unique(day).tolist():
            if number not in self._others:
                query = select(_DAYS.c.target_id).where(_DAYS.c.day == day_of(number))
                self._others[number] = np.array(list(connection.scalars(query)), dtype=np.int64)
            found |= (day == number) & np.isin(target, self._others[number])
        return found


def _mixed(key: tuple[Whole, ...]) -> NDArray[np.uint64]:
    """Return a number of each key that spreads over all of 64 bits."""
    codes = np.zeros(len(key[0]), dtype=np.uint64)
    for column in key:
        codes = (codes ^ column.view(np.uint64)) * _MIX
        codes ^= codes >> _HALF
    return codes
