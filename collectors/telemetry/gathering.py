"""Calls in few bytes, from when they are read until they are kept: numbers in place of names.

A name is looked up while the record that holds it is at hand; a portion is arrays from then on, so
that a quarter of a million calls take some 40 MB.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from collectors.telemetry.call import DAY_US, Calls, event_keys
from collectors.telemetry.columns import NOTHING
from connectory.domain.tallies import Whole

TOGETHER: Final = 250_000
"""Calls that are kept in one transaction: few enough for memory, and each adds many to a figure."""
MOST_DAYS: Final = 200
"""Days of which calls are kept in one transaction: PostgreSQL locks the partition of each, and has
room for a few thousand locks.
"""
_NAMES: Final = (
    "address", "environment", "method", "path", "operation", "consumer", "caller", "connection",
)  # fmt: skip
_FIGURES: Final = ("status", "duration", "request", "response", "retries", "weight")
_MOST: Final = 100_000
_LONGEST: Final = 16_000_000
_PARTS: Final = 500
"""Small parts that are held at a time: a portion of few calls may come in many."""


@dataclass(frozen=True, slots=True)
class Named:
    """What calls name in one column.

    Attributes:
        numbers: Of each call the place of its name among the names.
        names: Each name once; there may be others that none of these calls has.
    """

    numbers: Whole
    names: Sequence[str]

    def used(self) -> Whole:
        """Return the places of names that calls have, rising."""
        met = np.zeros(int(self.numbers.max(initial=-1)) + 1, dtype=np.bool_)
        met[self.numbers] = True
        return np.flatnonzero(met)

    def told(self, places: Whole) -> list[str]:
        """Return the names at some places."""
        return [self.names[place] for place in places.tolist()]


@dataclass(frozen=True, slots=True)
class Portion:
    """Calls that are kept together, column by column; what each tells of a call, `Call` says.

    Attributes:
        key: What stands for the event.
    """

    at: Whole
    key: NDArray[np.void]
    address: Named
    environment: Named
    method: Named
    path: Named
    operation: Named
    consumer: Named
    caller: Named
    connection: Named
    status: Whole
    duration: Whole
    request: Whole
    response: Whole
    retries: Whole
    weight: Whole

    @classmethod
    def of(cls, calls: Calls) -> Portion:
        """Return calls as a portion."""
        gathered = Gathered()
        gathered.add(calls)
        return gathered.all()

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.at)

    def of_few_days(self) -> list[Portion]:
        """Return these calls in portions of a bounded number of days each; usually that is one."""
        day = self.at // DAY_US
        days = np.unique(day)
        if len(days) <= MOST_DAYS:
            return [self]
        starts = np.searchsorted(days, day) // MOST_DAYS
        return [self._where(starts == number) for number in range(int(starts.max()) + 1)]

    def _where(self, wanted: NDArray[np.bool_]) -> Portion:
        taken: dict[str, Any] = {}
        for one in fields(self):
            column = getattr(self, one.name)
            taken[one.name] = (
                Named(column.numbers[wanted], column.names)
                if isinstance(column, Named)
                else column[wanted]
            )
        return Portion(**taken)


class _Numbers(dict[str, int]):
    """Numbers names as they are met."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []
        self.length = 0

    def __missing__(self, name: str) -> int:
        number = self[name] = len(self.names)
        self.names.append(name)
        self.length += len(name)
        return number

    def of(self, names: Sequence[str]) -> Whole:
        """Return the number of each name."""
        if len(names) and names.count(names[0]) == len(names):
            return np.full(len(names), self[names[0]], dtype=np.int64)
        return _whole(list(map(self.__getitem__, names)))


class Gathered:
    """Calls that come in small parts.

    Args:
        most: Names of a column that are remembered from one portion to the next.
        longest: Characters of all of its names together; there is a portion when there are as many.
    """

    def __init__(self, most: int = _MOST, longest: int = _LONGEST) -> None:
        self._most, self._longest = most, longest
        self._names = {name: _Numbers() for name in _NAMES}
        self._parts: list[dict[str, NDArray[Any]]] = []
        self._size = 0

    def add(self, part: Calls) -> None:
        """Add calls."""
        if self._parts and not len(part):
            return
        if len(self._parts) == _PARTS:
            self._parts = [self._joined()]
        at = _whole(part.at)
        columns: dict[str, NDArray[Any]] = {"at": at, "key": event_keys(at % DAY_US, part.event)}
        for name, numbers in self._names.items():
            columns[name] = numbers.of(getattr(part, name))
        for name in _FIGURES:
            columns[name] = _told(getattr(part, name))
        self._parts.append(columns)
        self._size += len(part)

    @property
    def full(self) -> bool:
        """Whether those there are had better be taken."""
        longest = max(numbers.length for numbers in self._names.values())
        return self._size >= TOGETHER or longest >= self._longest

    def taken(self) -> Iterator[Portion]:
        """Yield those there are, if any, which are here no longer."""
        if self._size:
            yield self.all()

    def all(self) -> Portion:
        """Return those there are, which are here no longer."""
        columns: dict[str, Any] = self._joined()
        for name, numbers in self._names.items():
            columns[name] = Named(columns[name], numbers.names)
            if len(numbers) > self._most or numbers.length > self._longest // 2:
                self._names[name] = _Numbers()
        self._parts, self._size = [], 0
        return Portion(**columns)

    def _joined(self) -> dict[str, NDArray[Any]]:
        return {name: np.concatenate([one[name] for one in self._parts]) for name in self._parts[0]}


def _whole(values: Sequence[int]) -> Whole:
    return np.array(values, dtype=np.int64)


def _told(values: Sequence[int | None]) -> Whole:
    if None in values:
        return _whole([NOTHING if value is None else value for value in values])
    return _whole(values)  # type: ignore[arg-type]
