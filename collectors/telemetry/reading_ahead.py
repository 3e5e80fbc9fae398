"""Reading on while what was read is being kept."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def read_ahead(portions: Iterator[T]) -> Iterator[T]:
    """Yield portions, the next of which is read while the last is worked on.

    Two portions are in memory at a time. What reading raises is raised after the portions before
    it; whoever stops early waits for the portion that is being read.
    """
    end = object()
    with ThreadPoolExecutor(1, thread_name_prefix="read-ahead") as pool:
        coming = pool.submit(next, portions, end)
        while (found := coming.result()) is not end:
            coming = pool.submit(next, portions, end)
            yield found  # type: ignore[misc]
