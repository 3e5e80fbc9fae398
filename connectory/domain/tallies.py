"""Tallies kept as bytes: counts by bucket, to which counts are added, many tallies at once.

The bytes follow from the counts alone: neither the order in which they came nor how they were cut
into portions leaves a trace.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]
_SPAN: Final = 1 << 16
ENTRY: Final = np.dtype([("bucket", "<u2"), ("count", "<u8")])
"""One bucket of a tally as it is kept; a tally has them in rising order."""


@dataclass(frozen=True, slots=True)
class Tallies:
    """Several tallies, one after the other.

    Attributes:
        owners: Place of the tally each entry belongs to, rising.
        buckets: Bucket of each entry, rising within a tally.
        counts: Count of each entry.
    """

    owners: Whole
    buckets: Whole
    counts: Whole

    def packed(self, number: int) -> list[bytes]:
        """Return each of so many tallies as bytes; those without an entry are empty."""
        entries = np.empty(len(self.owners), dtype=ENTRY)
        entries["bucket"], entries["count"] = self.buckets, self.counts
        raw = entries.tobytes()
        ends = np.searchsorted(self.owners, np.arange(number), side="right") * ENTRY.itemsize
        starts = [0, *ends[:-1].tolist()]
        return [raw[start:end] for start, end in zip(starts, ends.tolist(), strict=True)]

    def peaks(self, number: int) -> tuple[Whole, Whole]:
        """Return of each of so many tallies its first bucket with the most, and how many."""
        best = np.lexsort((self.buckets, -self.counts, self.owners))
        first = np.searchsorted(self.owners[best], np.arange(number), side="left")
        return self.buckets[best][first], self.counts[best][first]


def added(owners: Whole, buckets: Whole, counts: Whole, before: Mapping[int, bytes]) -> Tallies:
    """Return tallies with counts added to what was there before.

    Args:
        owners: Place of the tally that each count belongs to.
        buckets: Bucket of each, below 65,536.
        counts: How many.
        before: What was there, by place.
    """
    told = np.frombuffer(b"".join(before.values()), dtype=ENTRY)
    sizes = [len(raw) // ENTRY.itemsize for raw in before.values()]
    places = np.repeat(np.array(list(before), dtype=np.int64), sizes)
    codes = np.concatenate([owners * _SPAN + buckets, told["bucket"] + places * _SPAN])
    amounts = np.concatenate([counts, told["count"].astype(np.int64)])
    every, inverse = np.unique(codes, return_inverse=True)
    sums = np.zeros(len(every), dtype=np.int64)
    np.add.at(sums, inverse, amounts)
    return Tallies(every // _SPAN, every % _SPAN, sums)


def merge(parts: Sequence[bytes]) -> bytes:
    """Return the tally of everything that several tell of."""
    told = np.frombuffer(b"".join(parts), dtype=ENTRY)
    nobody = np.zeros(len(told), dtype=np.int64)
    every = added(nobody, told["bucket"].astype(np.int64), told["count"].astype(np.int64), {})
    return every.packed(1)[0]


def unpack(packed: bytes) -> tuple[Whole, Whole]:
    """Return buckets and counts of a tally.

    Raises:
        ValueError: These bytes are none.
    """
    told = np.frombuffer(packed, dtype=ENTRY)
    return told["bucket"].astype(np.int64), told["count"].astype(np.int64)


def total(packed: bytes) -> int:
    """Return how much a tally holds."""
    return int(unpack(packed)[1].sum())
