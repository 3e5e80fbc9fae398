"""Rows that share a key add up exactly, and no sum ever turns round."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from collectors.telemetry.groups import LARGEST_SUM, grouped

ROWS = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.one_of(st.integers(0, 9), st.integers(0, LARGEST_SUM), st.just(LARGEST_SUM // 2)),
    ),
    min_size=1,
    max_size=40,
)


@given(ROWS)
def test_a_bounded_sum_is_exact_up_to_its_bound(rows: list[tuple[int, int]]) -> None:
    """Above it is the bound, also where 63 bits hold no more."""
    keys, values = (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))
    groups = grouped(keys)
    told = groups.bounded_sum(values).tolist()

    expected = [
        min(sum(value for key, value in rows if key == one), LARGEST_SUM)
        for one in sorted({key for key, _ in rows})
    ]
    assert told == expected
