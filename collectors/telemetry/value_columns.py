"""Values of many records at once: what repeats is worked out once, and plain numbers all together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any, Final, Generic, TypeVar

import numpy as np

from collectors.telemetry.call_values import NOTHING, REFUSALS, since_1970, text, whole
from connectory.domain.identity import parse_times

Record = Mapping[str, Any] | Sequence[str]
Told = TypeVar("Told")
_EXACT: Final = (str, int, bool, bytes, type(None))
"""Of each of these, what is equal reads the same."""
_REMEMBERED: Final = 20_000
_PLAIN: Final = frozenset({int, float, str, type(None)})
_NOTHING: Final = frozenset({None, "", "-"})
_EXACTLY: Final = (1 << 53) - 1
"""Up to here a float is the whole number it stands for."""


class Distinct(Generic[Told]):
    """What the values of a field are worked out to, each distinct one once.

    Args:
        work: Works out one value.
    """

    def __init__(self, work: Callable[[Any], Told]) -> None:
        self._work = work
        self._known: dict[type, _Known[Told]] = {kind: _Known(work) for kind in _EXACT}

    def of(self, values: Sequence[Any]) -> Callable[[Any], Told]:
        """Return what works out each of these values."""
        for known in self._known.values():
            if len(known) > _REMEMBERED:
                known.clear()
        kinds = set(map(type, values))
        only = self._known.get(kinds.pop()) if len(kinds) == 1 else None
        return self._any if only is None else only.__getitem__

    def _any(self, value: Any) -> Told:
        known = self._known.get(type(value))
        return self._work(value) if known is None else known[value]


class _Known(dict[Any, Told]):
    def __init__(self, work: Callable[[Any], Told]) -> None:
        super().__init__()
        self._work = work

    def __missing__(self, value: Any) -> Told:
        found = self[value] = self._work(value)
        return found


class Fields:
    """What some records say, field by field.

    Args:
        columns: Column by the name of a field, or its place in records that are lists.
        records: The records.
    """

    def __init__(self, columns: Mapping[str, str | int], records: Sequence[Record]) -> None:
        self.nothing: list[None] = [None] * len(records)
        """What a field says that no column tells."""
        self.refused: dict[int, str] = {}
        """Why records hold nothing, by their places: the first reason of each that was noted."""
        self._values = dict(zip(columns, _columns(list(columns.values()), records), strict=True))

    def values(self, name: str) -> Sequence[Any]:
        """Return what each record says in a field."""
        return self._values.get(name, self.nothing)

    def noted(self, one: Callable[[Any], Told], values: Sequence[Any], instead: Told) -> list[Told]:
        """Return what values are worked out to; why one is refused is noted."""
        try:
            return list(map(one, values))
        except REFUSALS:
            pass
        found = []
        for place, value in enumerate(values):
            try:
                found.append(one(value))
            except REFUSALS as error:
                self.refused.setdefault(place, str(error))
                found.append(instead)
        return found

    def check(self, holds: Callable[..., object], why: str, *columns: Sequence[Any]) -> None:
        """Note the reason of each record for which something does not hold."""
        for place, values in enumerate(zip(*columns, strict=True)):
            if not holds(*values):
                self.refused.setdefault(place, why)

    def worked_out(self, name: str, distinct: Distinct[Told], instead: Told) -> list[Told]:
        """Return what the values of a field are worked out to."""
        values = self.values(name)
        if values is self.nothing:
            return [distinct.of([None])(None)] * len(values)
        return self.noted(distinct.of(values), values, instead)

    def texts(self, name: str) -> list[str]:
        """Return the texts of a field whose values do not repeat."""
        values = self.values(name)
        if set(map(type, values)) == {str}:
            told = [value.replace("\x00", "").strip() for value in values]
            return ["" if one == NOTHING else one for one in told] if NOTHING in told else told
        return self.noted(lambda value: text(name, value), values, "")

    def figures(self, name: str, most: int, per: int = 1) -> Sequence[int | None]:
        """Return the figures of a field in whole units."""
        values = self.values(name)
        if values is self.nothing:
            return self.nothing
        found = figures(values, most, per)
        if found is None:
            found = self.noted(lambda value: whole(name, text(name, value), most, per), values, 0)
        return found


def _columns(names: Sequence[str | int], records: Sequence[Any]) -> Sequence[Sequence[Any]]:
    try:
        return list(zip(*map(itemgetter(*names), records), strict=True)) or [()] * len(names)
    except KeyError:
        return [[record.get(name) for record in records] for name in names]


def moments(values: Sequence[Any]) -> list[int] | None:
    """Return ISO times in microseconds since 1970; None if they have to be looked at one by one."""
    if set(map(type, values)) != {str}:
        return None
    found = parse_times([value.strip() for value in values])
    return None if found is None else list(map(since_1970, found))


def figures(values: Sequence[Any], most: int, per: int) -> list[int | None] | None:
    """Return figures in whole units; None if these values have to be looked at one by one.

    Args:
        values: As records say them.
        most: No figure is larger.
        per: Units of what is said.
    """
    kinds = set(map(type, values))
    if not kinds <= _PLAIN:
        return None
    told = values
    if not _NOTHING.isdisjoint(values):
        told = [one for one in values if one not in _NOTHING]
    if str in kinds and "_" in "".join(map(str, told)):
        return None
    try:
        with np.errstate(over="ignore"):
            found = np.rint(np.array(list(map(float, told)), dtype=np.float64) * per)
    except (ValueError, OverflowError):
        return None
    if not ((found >= 0) & (found <= min(most, _EXACTLY))).all():
        return None
    figured: list[int | None] = found.astype(np.int64).tolist()
    if len(figured) == len(values):
        return figured
    following = iter(figured)
    return [None if one in _NOTHING else next(following) for one in values]
