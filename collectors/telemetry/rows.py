"""New calls as rows of whole numbers, column by column."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from numpy.typing import NDArray

from connectory.domain.tallies import Whole


@dataclass(frozen=True, slots=True)
class Rows:
    """Calls, column by column; NOTHING where a status, duration or size is not told.

    Attributes:
        day: Days since 1970.
        us: Time of day in microseconds.
        target: Call target.
        key: Key within day and target, which begins with the time.
        endpoint: Call endpoint.
        consumer: Call consumer.
        caller: Call caller.
        connection: Call connection.
        status: HTTP status, 0 to 999.
        duration: Microseconds.
        request: Bytes.
        response: Bytes.
        retries: Tries before.
        weight: Calls each row stands for.
    """

    day: Whole
    us: Whole
    target: Whole
    key: Any  # keys of one length are of no type that a checker knows
    endpoint: Whole
    consumer: Whole
    caller: Whole
    connection: Whole
    status: Whole
    duration: Whole
    request: Whole
    response: Whole
    retries: Whole
    weight: Whole

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.day)

    def take(self, places: NDArray[Any]) -> Rows:
        """Return some of them, by their places or by whether each is wanted."""
        return Rows(*(getattr(self, one.name)[places] for one in fields(self)))
