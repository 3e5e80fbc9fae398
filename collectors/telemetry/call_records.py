"""Calls, from records of a log whose columns the settings or a query have named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from collectors.telemetry.call import Calls
from collectors.telemetry.call_values import (
    EARLIEST,
    LATEST,
    LONGEST_DURATION,
    MOST_BYTES,
    MOST_WEIGHT,
    PER,
    STATUSES,
    host,
    place,
    status,
    text,
    time,
)
from collectors.telemetry.names import LONGEST
from collectors.telemetry.value_columns import Distinct, Fields, Record, figures, moments


class CallColumns(Protocol):
    """What the columns of a log tell, as the settings of an access log say it."""

    @property
    def columns(self) -> dict[str, str]:
        """Column by what it tells."""

    @property
    def time_unit(self) -> str:
        """ISO times, or s, ms or us since 1970."""

    @property
    def duration_unit(self) -> str:
        """Unit of durations: s, ms or us."""

    @property
    def address(self) -> str:
        """Host of every call, where no column tells it."""

    @property
    def environment(self) -> str:
        """Environment of every call, where no column tells it."""


@dataclass(frozen=True, slots=True)
class Held:
    """What some records hold.

    Attributes:
        calls: Calls, in the order of their records.
        refused: Of each record that holds none its place, and why.
    """

    calls: Calls
    refused: dict[int, str]


class CallRecords:
    """Reads calls from records of one log, field by field; what repeats is worked out once.

    Args:
        log: What its columns tell.
        until: No call can be later, in microseconds since 1970.
    """

    def __init__(self, log: CallColumns, until: int = LATEST) -> None:
        self._log, self._until = log, until
        self._duration = PER[log.duration_unit]

        def folded(name: str) -> Distinct[str]:
            return Distinct(lambda value: text(name, value).casefold())

        self._texts: dict[str, Distinct[str]] = {
            "operation": Distinct(lambda value: text("operation", value)),
            "environment": Distinct(
                lambda value: (text("environment", value) or log.environment).casefold()
            ),
            "method": Distinct(lambda value: text("method", value).upper() or "GET"),
            **{name: folded(name) for name in ("consumer", "caller", "connection")},
        }
        self._place = Distinct(lambda value: place(text("path", value)))
        self._address = Distinct(lambda value: host(text("address", value)))
        self._named = Distinct(lambda named: named or self._host())
        self._status: Distinct[int | None] = Distinct(
            lambda value: status(text("status", value)) if "status" in log.columns else None
        )

    def read(self, records: Sequence[Record], heading: Sequence[str] = ()) -> Held:
        """Return the calls of records.

        Of several reasons why one holds none the first is told, in the order of the fields here.

        Args:
            records: The records.
            heading: Names of their fields, where each is a list of them.
        """
        places_of = {name: number for number, name in enumerate(heading)}
        columns = self._log.columns.items()
        some = Fields({told: places_of.get(name, name) for told, name in columns}, records)
        places = some.worked_out("path", self._place, ("", ""))
        paths = [path for _, path in places]
        operations = self._text(some, "operation")
        if "" in paths:
            some.check(
                lambda path, operation: path or operation,
                "it names neither a path nor an operation",
                paths,
                operations,
            )
        addresses = self._addresses(some, [told for told, _ in places])
        at = self._times(some)
        if at and max(at) > self._until:
            some.check(lambda moment: moment <= self._until, "time lies ahead", at)
        if at and min(at) < EARLIEST:
            some.check(lambda moment: moment >= EARLIEST, "time lies before 2015", at)
        calls = Calls(
            at=at,
            event=some.texts("event"),
            address=addresses,
            environment=self._text(some, "environment"),
            method=self._text(some, "method"),
            path=[path or "/" for path in paths] if "" in paths else paths,
            operation=operations,
            consumer=self._text(some, "consumer"),
            caller=self._text(some, "caller"),
            connection=self._text(some, "connection"),
            status=some.worked_out("status", self._status, None),
            duration=some.figures("duration", LONGEST_DURATION, self._duration),
            request=some.figures("request_bytes", MOST_BYTES),
            response=some.figures("response_bytes", MOST_BYTES),
            retries=[told or 0 for told in some.figures("retries", STATUSES)],
            weight=[max(1, told or 1) for told in some.figures("weight", MOST_WEIGHT)],
        )
        if some.refused:
            calls = calls.where([number not in some.refused for number in range(len(records))])
        return Held(calls, some.refused)

    def _text(self, some: Fields, name: str) -> list[str]:
        return some.worked_out(name, self._texts[name], "")

    def _addresses(self, some: Fields, beside: Sequence[str]) -> list[str]:
        """Return hosts: of a column, or else of the path beside it, or else of the settings."""
        told = some.worked_out("address", self._address, "")
        found = [named or other for named, other in zip(told, beside, strict=True)]
        if "" in found:
            found = some.noted(self._named.of(found), found, "")
        if any(len(one) > LONGEST for one in set(found)):
            some.check(lambda one: len(one) <= LONGEST, "its host is too long to be one", found)
        return found

    def _host(self) -> str:
        """Return the host of every call."""
        found = host(self._log.address)
        if not found:
            raise ValueError("it names no host, and neither does the setting address")
        return found

    def _times(self, some: Fields) -> list[int]:
        """Return times, all together where they are told alike."""
        unit, values = self._log.time_unit, some.values("time")
        found = moments(values) if unit == "iso" else figures(values, LATEST, PER[unit])
        if found is not None and None not in found:
            return found  # type: ignore[return-value]
        return some.noted(lambda value: time(value, unit), values, 0)
