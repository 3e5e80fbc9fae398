"""Calls from the log files that a backend keeps itself (evidence: call).

Each file is read once, under the hash of what is in it: a rotated file may get another name, and
one that grows is read again, which changes nothing that was known. Of a call's address the query
is never kept, and its headers and bodies are not looked at.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from collectors.contract import Collector, SourceReading, StepContext
from collectors.telemetry.call import Calls, Ordinals, Shared
from collectors.telemetry.call_records import CallRecords
from collectors.telemetry.call_values import LATEST
from collectors.telemetry.days import make_room, purge
from collectors.telemetry.endpoints import match_again
from collectors.telemetry.forgetting import forget
from collectors.telemetry.gathering import Gathered, Portion
from collectors.telemetry.keeping import Keeper, Kept
from collectors.telemetry.log_files import LogFiles
from collectors.telemetry.log_lines import (
    Bad,
    Reading,
    Record,
    Records,
    UnreadableLog,
    kind_of,
    records,
    shown,
)
from collectors.telemetry.log_windows import first_unread
from collectors.telemetry.reading_ahead import read_ahead
from connectory.pseudonyms import Rename, pseudonyms
from connectory.telemetry_settings import AccessLog

SOURCE: Final = "access_logs"
NONE_NAMED: Final = "no log is named in telemetry.access_logs"
_AT_ONCE: Final = 200
"""Records that are looked at together: few, because a line may be long."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_LONGEST: Final = 1000
_TOLD: Final = 5
"""Of files that fall short, those that are named."""
_GIVEN_UP: Final = 7 * 86_400.0
"""Seconds since the last write after which nothing more of a file that breaks off is waited for."""
_DAYS_AHEAD: Final = 3


def collect(step: StepContext) -> None:
    """Read the files of every named log that were not read before."""
    logs = step.telemetry.access_logs
    if not logs:
        step.skip(SOURCE, NONE_NAMED)
    rename = pseudonyms(step.telemetry)
    unread = [step.now.astimezone(UTC).date()]
    for name, log in logs.items():
        with step.reading(f"{SOURCE}: {name}") as source:
            unread += _read_log(step, source, name, log, rename)
    today = step.now.astimezone(UTC).date()
    if logs:
        with step.store.writing() as connection:
            match_again(connection)
            make_room(connection, [today + timedelta(days=ahead) for ahead in range(_DAYS_AHEAD)])
    expired = today - timedelta(days=step.telemetry.retention_days)
    with step.store.looking() as connection:
        unread.append(first_unread(connection, step.telemetry, step.now))
    purge(step.store.writing, min(expired, *unread))
    forget(step.store.writing, today - timedelta(days=step.telemetry.people_days), SOURCE)


def _read_log(
    step: StepContext, source: SourceReading, name: str, log: AccessLog, rename: Rename | None
) -> list[date]:
    """Read a log; return the first days of files that are not read to their end yet."""
    folder = log.directory.expanduser()
    if not folder.is_dir():
        source.outcome = "failed"
        source.reason = f"there is no folder {folder}; telemetry.access_logs.{name}.directory"
        return []
    keeper = Keeper(SOURCE, step.store.writing, rename)
    with step.store.looking() as connection:
        files = LogFiles(connection, name)
    short: list[str] = []
    unread: list[date] = []
    for path in sorted(path for path in folder.glob(log.pattern) if path.is_file()):
        told = FileTold()
        try:
            _read_file(step, keeper, files, log, path, told)
        except (OSError, UnreadableLog) as error:
            short.append(str(error))
            told.reading.unfinished = True
        source.rows += told.kept.rows
        if told.bad_lines:
            short.append(
                f"{told.bad_lines} lines of {shown(path)} could not be read, the first is "
                f"{told.first_bad}"
            )
        if told.shared:
            short.append(
                f"{told.shared} rows of {shown(path)} say otherwise than a row of the same event and "
                "time, and only one of these is kept: an id that tries share is none of a call; "
                f"leave event out of telemetry.access_logs.{name}.columns"
            )
        if told.reading.unfinished and told.first is not None and _may_go_on(path):
            unread.append((_EPOCH + told.first * _MICROSECOND).date())
    if short:
        more = f"; and {len(short) - _TOLD} more" if len(short) > _TOLD else ""
        source.falls_short("; ".join(short[:_TOLD]) + more)
    return unread


def _may_go_on(path: Path) -> bool:
    """Tell whether the rest of a file that breaks off may still come."""
    return path.exists() and abs(time.time() - path.stat().st_mtime) < _GIVEN_UP


@dataclass(slots=True)
class FileTold:
    """What a file told.

    Attributes:
        kept: What became of its calls.
        bad_lines: Lines that could not be read.
        first_bad: The first of them, and why.
        first: Earliest call, in microseconds since 1970.
        last: Latest call.
        reading: What is known of the file by reading it.
        ids: Ids it names.
        shared: Rows that say otherwise than one before under the same id and time.
    """

    kept: Kept = field(default_factory=Kept)
    bad_lines: int = 0
    first_bad: str | None = None
    first: int | None = None
    last: int | None = None
    reading: Reading = field(default_factory=Reading)
    ids: Shared = field(default_factory=Shared)
    shared: int = 0

    def note(self, calls: Portion, kept: Kept) -> None:
        """Count a batch that was kept."""
        self.kept.add(kept)
        first, last = int(calls.at.min()), int(calls.at.max())
        self.first = first if self.first is None else min(first, self.first)
        self.last = last if self.last is None else max(last, self.last)

    def note_bad(self, bad: Bad) -> None:
        """Count a line that holds no call."""
        self.bad_lines += 1
        if self.first_bad is None:
            self.first_bad = f"line {bad.line}: {bad.reason}"[:_LONGEST]


def _read_file(
    step: StepContext, keeper: Keeper, files: LogFiles, log: AccessLog, path: Path, told: FileTold
) -> None:
    file = files.looked_at(path)
    if file.read_whole(again=step.settings.full):
        return
    tomorrow = (step.now + timedelta(days=1) - _EPOCH) // _MICROSECOND
    for some in read_ahead(calls_of(path, log, told, tomorrow)):
        told.note(some, keeper.add(some))
    if not told.reading.unfinished:
        # The bytes may have changed since they were looked up: those that were read are known now.
        if told.reading.ordered:
            file.digest, file.size = told.reading.hash.hexdigest(), told.reading.size
        with step.store.writing() as connection:
            files.note(connection, file, _facts(step, path, told))
    step.store.tally.add(seen=told.kept.rows, changed=told.kept.new)


def _facts(step: StepContext, path: Path, told: FileTold) -> dict[str, object]:
    return {
        "name": shown(path)[:_LONGEST],
        "rows": told.kept.rows,
        "new_rows": told.kept.new,
        "late_rows": told.kept.late,
        "bad_lines": told.bad_lines,
        "first_bad": told.first_bad,
        "first_at": None if told.first is None else _EPOCH + told.first * _MICROSECOND,
        "last_at": None if told.last is None else _EPOCH + told.last * _MICROSECOND,
        "run_id": step.store.run_id,
    }


def calls_of(path: Path, log: AccessLog, told: FileTold, until: int = LATEST) -> Iterator[Portion]:
    """Yield the calls of a file in portions, also those before it breaks off.

    Args:
        path: The file.
        log: What its columns tell.
        told: Where lines that hold no call are counted.
        until: No call can be later, in microseconds since 1970.

    Raises:
        UnreadableLog: A column is missing, or the file breaks off.
    """
    kind = kind_of(path, log.format)
    told.reading.ordered = kind != "parquet"
    # Of CSV and Parquet a heading tells every column; JSON leaves out what a record does not have.
    wanted = [log.columns["time"]] if kind == "json_lines" else list(log.columns.values())
    lines = records(path, kind, wanted, log.separator, told.reading)
    reader, ordinals, gathered = CallRecords(log, until), Ordinals(), Gathered()
    try:
        for some in _portions(lines):
            gathered.add(_calls(some, reader, ordinals, told))
            if gathered.full:
                yield from gathered.taken()
    except UnreadableLog:
        yield from gathered.taken()
        raise
    yield from gathered.taken()


def _calls(
    some: Sequence[tuple[int, Record] | Bad],
    reader: CallRecords,
    ordinals: Ordinals,
    told: FileTold,
) -> Calls:
    """Return the calls of some lines; those that hold none are counted."""
    bad = [one for one in some if isinstance(one, Bad)]
    lines = [one for one in some if not isinstance(one, Bad)]
    heading = told.reading.heading
    held = reader.read([record for _, record in lines], heading)
    bad += [Bad(lines[place][0], reason) for place, reason in held.refused.items()]
    for one in sorted(bad, key=lambda one: one.line):
        told.note_bad(one)
    told.shared += told.ids.among(held.calls)
    if "" not in held.calls.event:
        return held.calls
    those = [record for place, (_, record) in enumerate(lines) if place not in held.refused]
    names = [
        event or ordinals.name(_whole(record, heading))
        for event, record in zip(held.calls.event, those, strict=True)
    ]
    return replace(held.calls, event=names)


def _whole(record: Record, heading: Sequence[str]) -> Mapping[str, Any]:
    return dict(zip(heading, record, strict=True)) if isinstance(record, list) else record


def _portions(lines: Records) -> Iterator[list[tuple[int, Record] | Bad]]:
    """Yield lines that are looked at together, also those before a file breaks off."""
    found: list[tuple[int, Record] | Bad] = []
    try:
        for one in lines:
            found.append(one)
            if len(found) == _AT_ONCE:
                yield found
                found = []
    except UnreadableLog:
        if found:
            yield found
        raise
    if found:
        yield found


COLLECTOR = Collector("access_logs", "tenant", collect, after=("connectors",))
