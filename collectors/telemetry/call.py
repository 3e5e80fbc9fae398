"""One call as a log tells it, and the key by which it is kept once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import compress
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

DAY_US: Final = 86_400_000_000
"""Microseconds of a day."""
TIME_BYTES: Final = 5
"""Of a key, which begins with the time of day."""
_HASH_BYTES = 11
_REMEMBERED = 200_000
_TRIES = 20_000
_SHAPES = 1_000
_LONGEST_SHAPE: Final = 5_000


class Call(NamedTuple):
    """One call, or one row that stands for several.

    Attributes:
        at: When it began, in microseconds since 1970 (UTC).
        event: What identifies it within its source; empty if the log has none.
        address: Host that was called, case-folded.
        environment: Environment the log names, case-folded; empty if none.
        method: HTTP method, upper case.
        path: Path as called, without query.
        operation: Operation the log names; empty if none.
        consumer: Flow, app or program; empty if not told.
        caller: Account; empty if not told.
        connection: Connection; empty if not told.
        status: HTTP status; 0 if no response came, None if not told.
        duration: Microseconds; None if not told.
        request: Bytes; None if not told.
        response: Bytes; None if not told.
        retries: Tries before this one, 0 if not told.
        weight: Calls it stands for.
    """

    at: int
    event: str
    address: str
    environment: str
    method: str
    path: str
    operation: str
    consumer: str
    caller: str
    connection: str
    status: int | None
    duration: int | None
    request: int | None
    response: int | None
    retries: int
    weight: int


@dataclass(frozen=True, slots=True)
class Calls:
    """Calls, column by column, as records tell them; what each tells of a call, `Call` says.

    A call of its own is nowhere made, so that what a column repeats is worked out once.
    """

    at: Sequence[int]
    event: Sequence[str]
    address: Sequence[str]
    environment: Sequence[str]
    method: Sequence[str]
    path: Sequence[str]
    operation: Sequence[str]
    consumer: Sequence[str]
    caller: Sequence[str]
    connection: Sequence[str]
    status: Sequence[int | None]
    duration: Sequence[int | None]
    request: Sequence[int | None]
    response: Sequence[int | None]
    retries: Sequence[int]
    weight: Sequence[int]

    @classmethod
    def of(cls, calls: Iterable[Call]) -> Calls:
        """Return calls that stand one by one."""
        columns = list(zip(*calls, strict=True)) or [()] * len(Call._fields)
        return cls(*columns)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.at)

    def portion(self, start: int, end: int) -> Calls:
        """Return some that follow each other."""
        return Calls(*(getattr(self, name)[start:end] for name in Call._fields))

    def where(self, chosen: Sequence[bool]) -> Calls:
        """Return those of which this says so."""
        return Calls(*(list(compress(getattr(self, name), chosen)) for name in Call._fields))


class Ordinals:
    """Names rows of one file that have no id: by all they say, and their number among the same.

    A row found again in another file that overlaps gets the same number there, and is kept once.
    Rows that are the same share their time, and so stand near each other: only the newest are
    remembered.
    """

    def __init__(self, remembered: int = _REMEMBERED) -> None:
        self._seen: OrderedDict[bytes, int] = OrderedDict()
        self._shapes: dict[tuple[str, ...], tuple[str, list[str]]] = {}
        self._remembered = remembered

    def name(self, record: Mapping[str, object]) -> str:
        """Return what identifies the next row that says this, as it stands in the file.

        What settings make of a row is left out: they may change while the file stays.
        """
        words, names = self._shape(tuple(record))
        said = words % tuple([record[name] for name in names])
        return self._next(blake2b(said.encode("utf-8", "surrogatepass"), digest_size=16).digest())

    def _shape(self, names: tuple[str, ...]) -> tuple[str, list[str]]:
        """Return how rows with these names are written, as a sorted list of them is, and in which order."""
        found = self._shapes.get(names)
        if found is None:
            if len(self._shapes) > _SHAPES:
                self._shapes.clear()
            order = sorted(names)
            pairs = ", ".join(f"({name!r}, ".replace("%", "%%") + "%r)" for name in order)
            found = f"[{pairs}]", order
            if sum(map(len, names)) < _LONGEST_SHAPE:
                self._shapes[names] = found
        return found

    def _next(self, row: bytes) -> str:
        number = self._seen.pop(row, 0)
        self._seen[row] = number + 1
        if len(self._seen) > self._remembered:
            self._seen.popitem(last=False)
        return f"{row.hex()}/{number}"


class Shared:
    """Finds rows of one file that share their id and their time, and say otherwise.

    Such an id is none of a call, but of several tries of it: only one of these can be kept under it.
    Only the newest ids are remembered: tries stand near each other.
    """

    def __init__(self, remembered: int = _TRIES) -> None:
        self._seen: dict[tuple[str, int], tuple[object, ...]] = {}
        self._before: dict[tuple[str, int], tuple[object, ...]] = {}
        self._remembered = remembered

    def among(self, calls: Calls) -> int:
        """Return how many of some calls say otherwise than one before under the same id."""
        if not any(calls.event):
            return 0
        if len(self._seen) > self._remembered:
            self._seen, self._before = {}, self._seen
        keys = list(zip(calls.event, calls.at, strict=True))
        told = list(
            zip(calls.method, calls.path, calls.status, calls.duration, calls.response, strict=True)
        )
        known = len(self._seen)
        if self._seen.keys().isdisjoint(keys) and self._before.keys().isdisjoint(keys):
            self._seen.update(zip(keys, told, strict=True))
            if len(self._seen) == known + len(keys):
                return 0
            for key in keys:
                self._seen.pop(key, None)
        return sum(self._differs(key, one) for key, one in zip(keys, told, strict=True) if key[0])

    def _differs(self, key: tuple[str, int], told: tuple[object, ...]) -> bool:
        first = self._before.get(key) or self._seen.setdefault(key, told)
        return first != told


def event_key(at: int, event: str) -> bytes:
    """Return the key of an event within its day and target, in the order of time.

    Args:
        at: When, in microseconds since 1970.
        event: What identifies it.
    """
    return event_keys(np.array([at % DAY_US], dtype=np.int64), [event]).tobytes()


def event_keys(us: NDArray[np.int64], events: Sequence[str]) -> NDArray[np.void]:
    """Return the keys of events.

    Args:
        us: Time of day of each, in microseconds.
        events: What identifies each.
    """
    hashes = b"".join(
        [
            blake2b(event.encode("utf-8", "surrogatepass"), digest_size=_HASH_BYTES).digest()
            for event in events
        ]
    )
    found = np.empty((len(events), TIME_BYTES + _HASH_BYTES), dtype=np.uint8)
    found[:, :TIME_BYTES] = _time_bytes(us)
    found[:, TIME_BYTES:] = np.frombuffer(hashes, dtype=np.uint8).reshape(-1, _HASH_BYTES)
    return found.view(f"V{found.shape[1]}").reshape(-1)


def times(us: NDArray[np.int64]) -> NDArray[np.void]:
    """Return what keys of these times of day begin with."""
    return np.ascontiguousarray(_time_bytes(us)).view(f"V{TIME_BYTES}").reshape(-1)


def _time_bytes(us: NDArray[np.int64]) -> NDArray[np.uint8]:
    return us.astype(">u8").view(np.uint8).reshape(-1, 8)[:, 8 - TIME_BYTES :]
