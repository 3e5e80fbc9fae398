"""Rows that share a key, and what they add up to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from connectory.domain.tallies import Whole

_MOST: Final = 1 << 62
LARGEST_SUM: Final = (1 << 62) - 1
"""Sums stay here once they would be more: two of them still fit a whole number of a database.

It is 146,000 years of microseconds. No log of a day tells as much, unless it is made to.
"""


@dataclass(frozen=True, slots=True)
class Groups:
    """Rows that share a key, in the order of the keys.

    Attributes:
        order: Rows, those of a group one after the other, in their own order.
        starts: Where in that order each group begins.
    """

    order: NDArray[np.intp]
    starts: NDArray[np.intp]

    @property
    def first(self) -> NDArray[np.intp]:
        """The first row of each group."""
        return self.order[self.starts]

    @property
    def of(self) -> Whole:
        """Group of each row."""
        return self.spread(np.arange(len(self.starts)))

    def spread(self, values: Whole) -> Whole:
        """Return a value of each group for each of its rows."""
        found = np.empty(len(self.order), dtype=np.int64)
        sizes = np.diff(self.starts, append=len(self.order))
        found[self.order] = np.repeat(values, sizes)
        return found

    def sum(self, values: Whole) -> Whole:
        """Return the sum of each group."""
        return np.add.reduceat(values[self.order], self.starts)

    def bounded_sum(self, values: Whole) -> Whole:
        """Return the sum of each group, `LARGEST_SUM` where it is more."""
        told = values[self.order]
        exact = np.add.reduceat(told, self.starts)
        if told.sum(dtype=np.float64) < LARGEST_SUM:
            return exact
        about = np.add.reduceat(told.astype(np.float64), self.starts)
        return np.where(about < 1.5 * LARGEST_SUM, np.minimum(exact, LARGEST_SUM), LARGEST_SUM)

    def most(self, values: Whole) -> Whole:
        """Return the largest value of each group."""
        return np.maximum.reduceat(values[self.order], self.starts)


def grouped(*keys: Whole) -> Groups:
    """Return rows by key, of which each column is one part, the first the foremost."""
    if not len(keys[0]):
        nowhere = np.zeros(0, dtype=np.intp)
        return Groups(nowhere, nowhere)
    codes, span = np.zeros(len(keys[0]), dtype=np.int64), 1
    for key in keys:
        part, width = _from_zero(key)
        if span * width >= _MOST:
            codes, span = _dense(codes)
            part, width = _dense(part)
        codes, span = codes * width + part, span * width
    order = np.argsort(codes, kind="stable")
    told = codes[order]
    starts = np.flatnonzero(np.concatenate([[True], told[1:] != told[:-1]]))
    return Groups(order, starts)


def _from_zero(key: Whole) -> tuple[Whole, int]:
    low = int(key.min())
    return key - low, int(key.max()) - low + 1


def _dense(codes: Whole) -> tuple[Whole, int]:
    every, inverse = np.unique(codes, return_inverse=True)
    return inverse.astype(np.int64), len(every)
