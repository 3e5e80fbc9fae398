"""The last day of which figures name an account, by which it is known whom nobody names any more."""

from __future__ import annotations

from typing import Final, cast

import numpy as np
from sqlalchemy import Connection, Table, bindparam, or_, update

from collectors.telemetry.columns import day_of
from connectory.domain.tallies import Whole
from models import CallCaller

_CALLERS = cast("Table", CallCaller.__table__)
_MOST: Final = 200_000


class LastDays:
    """Notes on accounts the last day that they called; what was noted is not noted again.

    What is remembered is true only once its transaction is committed: call `forget` otherwise.
    """

    def __init__(self) -> None:
        self._known: dict[int, int] = {}

    def forget(self) -> None:
        """Remember nothing: what was noted was rolled back."""
        self._known.clear()

    def note(self, connection: Connection, callers: Whole, days: Whole) -> None:
        """Note new calls.

        Args:
            connection: The transaction that keeps them.
            callers: Who called, by number.
            days: When, as days since 1970.
        """
        if not len(callers):
            return
        order = np.lexsort((days, callers))
        last = np.flatnonzero(np.append(np.diff(callers[order]) != 0, True))
        told = zip(callers[order][last].tolist(), days[order][last].tolist(), strict=True)
        later = [(one, day) for one, day in told if self._known.get(one, -1) < day]
        if not later:
            return
        if len(self._known) > _MOST:
            self._known.clear()
        self._known.update(later)
        table = _CALLERS.c
        connection.execute(
            update(_CALLERS)
            .where(
                table.id == bindparam("of_caller"),
                or_(table.last_day.is_(None), table.last_day < bindparam("on_day")),
            )
            .values(last_day=bindparam("on_day")),
            [{"of_caller": one, "on_day": day_of(day)} for one, day in later],
        )
