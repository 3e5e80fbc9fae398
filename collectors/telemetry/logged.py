"""What every source that queries a log does with its logs and with the rows it gets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, TypeVar

from collectors.api.errors import BadReply
from collectors.contract import SourceReading, StepContext
from collectors.telemetry.call import Calls, Ordinals
from collectors.telemetry.call_records import CallRecords
from collectors.telemetry.endpoints import match_again
from collectors.telemetry.log_query import Record
from collectors.telemetry.log_windows import Reader
from collectors.telemetry.summaries import read_rows, read_summaries
from connectory.pseudonyms import pseudonyms
from connectory.telemetry_settings import FIELDS, QueriedLog

Log = TypeVar("Log", bound=QueriedLog)
Change = Callable[[Sequence[Record], SourceReading], Sequence[Record]]
_NEEDED: Final = frozenset({"at", "event", "path", "status"})
_OF_ITSELF: Final = (
    "at", "address", "method", "path", "action", "status", "duration", "request_bytes",
    "response_bytes", "weight",
)  # fmt: skip
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Projected:
    """Columns as our queries name them: each is called by what it tells, but for a word of theirs."""

    columns: dict[str, str] = field(
        default_factory=lambda: {**{name: name for name in FIELDS}, "time": "at"}
    )
    time_unit: str = "iso"
    duration_unit: str = "ms"
    address: str = ""
    environment: str = ""


def collect_logs(
    step: StepContext,
    source: str,
    logs: Mapping[str, Log],
    query: Callable[[Log, str], str],
    change: Callable[[StepContext], Change] | None = None,
    until: datetime | None = None,
) -> None:
    """Read every log of a source, each in its own right, and match what was called.

    Args:
        step: The step.
        source: Name of the source.
        logs: Logs by their name in the settings.
        query: Makes the query over a log for the rows of a condition.
        change: Makes what is done to records before they are calls.
        until: Rows that were taken in later wait for the next run; none do if None.
    """
    if not logs:
        step.skip(source, f"no log is named in telemetry.{source}")
        return
    altered = change(step) if change else None
    for name, log in logs.items():
        with step.reading(f"{source}: {name}"[:64]) as reading:
            reader = Reader(
                source,
                name,
                log,
                lambda condition, log=log: query(log, condition),  # type: ignore[misc]
                lambda records, reading=reading: calls_of(step, reading, records, altered),  # type: ignore[misc]
                _bound(altered, reading),
                pseudonyms(step.telemetry),
                until,
            )
            (read_summaries if log.detail == "summary" else read_rows)(step, reading, reader)
    with step.store.writing() as connection:
        match_again(connection)


def _bound(
    change: Change | None, reading: SourceReading
) -> Callable[[Sequence[Record]], Sequence[Record]] | None:
    return None if change is None else lambda records: change(records, reading)


def calls_of(
    step: StepContext, reading: SourceReading, records: Sequence[Record], change: Change | None
) -> Calls:
    """Return the calls that records hold; those that hold none are told as a shortfall.

    Args:
        step: The step; no call can be later than a day after its time.
        reading: Where a shortfall is told.
        records: Rows of one answer.
        change: What is done to them first.
    """
    latest = (step.now + timedelta(days=1) - _EPOCH) // _MICROSECOND
    if records and not records[0].keys() >= _NEEDED:
        missing = ", ".join(sorted(_NEEDED - records[0].keys()))
        raise BadReply(
            f"the answer to a query lacks {missing}", reading.source, "it is asked again next time"
        )
    told = _named(records)
    held = CallRecords(Projected(), latest).read(change(told, reading) if change else told)
    if held.refused:
        first = held.refused[min(held.refused)]
        reading.falls_short(f"{len(held.refused)} rows could not be read, the first: {first}")
    return held.calls


def _named(records: Sequence[Record]) -> list[Record]:
    """Return records that all have an event: one without is named by what it tells of itself.

    What settings or definitions make of a record is left out of its name: these may change.
    """
    ordinals = Ordinals()
    return [
        one
        if one.get("event")
        else {**one, "event": ordinals.name({name: one.get(name) for name in _OF_ITSELF})}
        for one in records
    ]
