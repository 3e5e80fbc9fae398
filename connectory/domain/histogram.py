"""A histogram of latencies that can be merged: quantiles stay within two percent, in any order.

Bucket n holds whole microseconds above the n-th bound up to the next one; bounds grow by a constant
ratio, so that the middle of a bucket is near everything in it. Counts are integers: merging is
adding, and neither the order of rows nor how they were cut into batches leaves a trace.
Method: logarithmic buckets with a guaranteed relative error (Masson, Rim, Lee: DDSketch, 2019).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from connectory.domain.tallies import unpack

ERROR: Final = 0.015
"""Largest relative error of a quantile, as built; what is promised is 0.02."""

_RATIO = (1 + ERROR) / (1 - ERROR)
_LONGEST = 7 * 86_400_000_000


def _bounds() -> NDArray[np.int64]:
    """Return the largest whole number of microseconds of each bucket, growing by the ratio."""
    found = [0]
    while found[-1] < _LONGEST:
        found.append(max(found[-1] + 1, int(found[-1] * _RATIO)))
    return np.array(found, dtype=np.int64)


_BOUNDS: Final = _bounds()


def buckets(microseconds: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the bucket of each duration; a negative one counts as none at all."""
    return np.searchsorted(_BOUNDS, np.maximum(microseconds, 0), side="left").astype(np.int64)


def quantile(packed: bytes, share: float) -> float | None:
    """Return the duration that a share of all does not exceed, in microseconds; None if empty.

    Args:
        packed: A histogram.
        share: From 0 to 1, e.g. 0.95.
    """
    bucket, count = unpack(packed)
    if not len(count):
        return None
    rank = max(1, int(np.ceil(share * int(count.sum()))))
    place = int(bucket[int(np.searchsorted(np.cumsum(count), rank, side="left"))])
    if place == 0:
        return 0.0
    low, high = int(_BOUNDS[place - 1]) + 1, int(_BOUNDS[min(place, len(_BOUNDS) - 1)])
    return 2 * low * high / (low + high)
