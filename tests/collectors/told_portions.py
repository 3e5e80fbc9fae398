"""Calls of a portion, one by one."""

from __future__ import annotations

from typing import Any

from collectors.telemetry.call import Call
from collectors.telemetry.columns import NOTHING
from collectors.telemetry.gathering import Named, Portion


def single(portion: Portion) -> list[Call]:
    """Return calls one by one; an event is told by its key."""

    def column(name: str) -> list[Any]:
        told = getattr(portion, "key" if name == "event" else name)
        if isinstance(told, Named):
            return told.told(told.numbers)
        return [None if value == NOTHING else value for value in told.tolist()]

    return list(map(Call, *map(column, Call._fields)))
