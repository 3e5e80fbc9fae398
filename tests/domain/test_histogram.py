"""Quantiles from merged histograms: near the truth, and the same however rows were cut."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectory.domain import histogram, tallies

DURATIONS = st.lists(st.integers(0, 10**11), min_size=1, max_size=200)
PROMISED = 0.02


def packed(values: list[int]) -> bytes:
    """Return the histogram of some durations."""
    bucket, count = np.unique(
        histogram.buckets(np.array(values, dtype=np.int64)), return_counts=True
    )
    nobody = np.zeros(len(bucket), dtype=np.int64)
    return tallies.added(nobody, bucket, count, {}).packed(1)[0]


def true_quantile(values: list[int], share: float) -> int:
    """Return the smallest value that a share of all does not exceed."""
    return sorted(values)[max(1, int(np.ceil(share * len(values)))) - 1]


@given(DURATIONS, st.sampled_from([0.0, 0.5, 0.9, 0.95, 0.99, 1.0]))
def test_a_quantile_is_within_two_percent(values: list[int], share: float) -> None:
    """Whatever the durations, from a microsecond to a day."""
    told = histogram.quantile(packed(values), share)
    true = true_quantile(values, share)

    assert told is not None
    assert abs(told - true) <= PROMISED * true


@given(DURATIONS, st.integers(1, 7), st.randoms(use_true_random=False))
def test_merging_leaves_no_trace_of_order_or_cut(
    values: list[int], parts: int, chance: object
) -> None:
    """Byte for byte the same, however the rows came."""
    shuffled = list(values)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    size = max(1, len(shuffled) // parts)
    cuts = [shuffled[place : place + size] for place in range(0, len(shuffled), size)]

    assert tallies.merge([packed(cut) for cut in cuts]) == packed(values)
    assert tallies.total(packed(values)) == len(values)


def test_nothing_has_no_quantile() -> None:
    """An empty histogram says that nothing is known, not that calls took no time."""
    assert histogram.quantile(b"", 0.5) is None
    assert tallies.merge([]) == b""


def test_what_is_no_histogram_is_refused() -> None:
    """Bytes of another length or beginning are an error, not a figure."""
    with pytest.raises(ValueError, match="buffer size"):
        tallies.unpack(b"\x01ab")
    with pytest.raises(ValueError, match="begins"):
        tallies.unpack(b"abc")
