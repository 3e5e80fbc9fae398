"""Tallies kept as bytes: counts by bucket, to which counts are added, many tallies at once.

The bytes follow from the counts alone: neither the order in which they came nor how they were cut
into portions leaves a trace. They are few, because whoever adds to a tally writes it anew: a first
byte says how many bytes a count takes, then come bucket and count of each bucket that has any.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]
_SPAN: Final = 1 << 16
_ENTRIES: Final = {
    width: np.dtype([("bucket", "<u2"), ("count", f"<u{width}")]) for width in (1, 2, 4, 8)
}
"""One bucket of a tally as it is kept, by the width of a count; a tally has them in rising order."""
_LIMITS: Final = np.array([2**8, 2**16, 2**32], dtype=np.int64)


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
        most, sizes = np.zeros(number, dtype=np.int64), np.bincount(self.owners, minlength=number)
        np.maximum.at(most, self.owners, self.counts)
        widths = 1 << np.searchsorted(_LIMITS, most, side="right")
        found = [b""] * number
        for width, layout in _ENTRIES.items():
            places = np.flatnonzero((widths == width) & (sizes > 0))
            mine = widths[self.owners] == width
            entries = np.empty(int(mine.sum()), dtype=layout)
            entries["bucket"], entries["count"] = self.buckets[mine], self.counts[mine]
            raw, head, start = entries.tobytes(), bytes([width]), 0
            ends = np.cumsum(sizes[places]) * layout.itemsize
            for place, end in zip(places.tolist(), ends.tolist(), strict=True):
                found[place] = head + raw[start:end]
                start = end
        return found


def added(owners: Whole, buckets: Whole, counts: Whole, before: Mapping[int, bytes]) -> Tallies:
    """Return tallies with counts added to what was there before.

    Args:
        owners: Place of the tally that each count belongs to.
        buckets: Bucket of each, below 65,536.
        counts: How many.
        before: What was there, by place.
    """
    places, kept, held = _entries(before)
    codes = np.concatenate([owners * _SPAN + buckets, places * _SPAN + kept])
    amounts = np.concatenate([counts, held])
    every, inverse = np.unique(codes, return_inverse=True)
    sums = np.zeros(len(every), dtype=np.int64)
    np.add.at(sums, inverse, amounts)
    return Tallies(every // _SPAN, every % _SPAN, sums)


def _entries(tallies: Mapping[int, bytes]) -> tuple[Whole, Whole, Whole]:
    """Return place, bucket and count of every entry of some tallies."""
    if any(raw[0] not in _ENTRIES for raw in tallies.values() if raw):
        raise ValueError("no tally begins like that")
    found: list[tuple[Whole, Whole, Whole]] = []
    for width, layout in _ENTRIES.items():
        mine = {place: raw[1:] for place, raw in tallies.items() if raw and raw[0] == width}
        entries = np.frombuffer(b"".join(mine.values()), dtype=layout)
        sizes = [len(raw) // layout.itemsize for raw in mine.values()]
        places = np.repeat(np.array(list(mine), dtype=np.int64), sizes)
        found.append(
            (places, entries["bucket"].astype(np.int64), entries["count"].astype(np.int64))
        )
    places, buckets, counts = (np.concatenate(column) for column in zip(*found, strict=True))
    return places, buckets, counts


def merge(parts: Sequence[bytes]) -> bytes:
    """Return the tally of everything that several tell of."""
    _, buckets, counts = _entries(dict(enumerate(parts)))
    return added(np.zeros(len(buckets), dtype=np.int64), buckets, counts, {}).packed(1)[0]


def unpack(packed: bytes) -> tuple[Whole, Whole]:
    """Return buckets and counts of a tally.

    Raises:
        ValueError: These bytes are none.
    """
    _, buckets, counts = _entries({0: packed})
    return buckets, counts


def total(packed: bytes) -> int:
    """Return how much a tally holds."""
    return int(unpack(packed)[1].sum())
