"""Log files that are read more than once: they grow, break off, or could not be read before."""

from __future__ import annotations

import gzip
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from tenants import Tenant, tenant
from test_access_logs import as_csv, as_json_lines, asked, read, settings

from collectors.telemetry.call import Call, Calls
from collectors.telemetry.gathering import MOST_DAYS, Portion
from collectors.telemetry.keeping import Keeper
from collectors.telemetry.log_lines import UnreadableLog
from connectory.database import reading, writing
from connectory.queries.call_coverage import log_files
from connectory.queries.moments import latest

COLUMNS = {"time": "at", "path": "url", "status": "code", "duration": "ms", "caller": "user"}
HEADING = "at,url,code,ms,user\n"
HOST = "h.example"
CALLS = "SELECT coalesce(sum(calls), 0) FROM usage_daily"
FILES = "SELECT rows, new_rows, bad_lines FROM call_files WHERE grown_run_id IS NULL ORDER BY rows, new_rows"


def line(second: int, user: str = "ann") -> str:
    """Return a line of CSV."""
    return f"2026-10-20T10:00:{second:02d}Z,/a,200,{second},{user}\n"


def collected(simulated: Tenant, store: Engine, folder: Path, **more: Any) -> Any:
    """Read the logs; return the step."""
    full = more.pop("full", False)
    told = settings(simulated, store, folder, **{"columns": COLUMNS, "address": HOST, **more})
    asked_for = told.collect.model_copy(update={"full": full})
    chosen = told.model_copy(update={"collect": asked_for})
    return simulated.collect(store, ["access_logs"], settings=chosen).steps[-1]


def folder_of(tmp_path: Path) -> Path:
    """Make the folder of the logs."""
    folder = tmp_path / "logs"
    folder.mkdir()
    return folder


def aged(path: Path, seconds: float) -> None:
    """Let a file be written to so long ago."""
    then = time.time() - seconds
    os.utime(path, (then, then))


@pytest.mark.parametrize(("hours", "calls"), [(2, 1), (25, 2)])
def test_half_a_line_waits_for_a_writer_that_gathers(
    store: Engine, tmp_path: Path, hours: int, calls: int
) -> None:
    """It may write next in hours; of what was written yesterday the last line is taken as it is."""
    file = folder_of(tmp_path) / "day.csv"
    with tenant(tmp_path) as simulated:
        file.write_text(HEADING + line(1) + line(2).rstrip())
        aged(file, hours * 3600)
        collected(simulated, store, file.parent)
        first = asked(store, CALLS)[0][0]
        file.write_text(HEADING + line(1) + line(2) + line(3))
        collected(simulated, store, file.parent)

    assert first == calls
    assert asked(store, CALLS) == [(3,)]


def test_a_file_that_grows_is_one_file(store: Engine, tmp_path: Path) -> None:
    """Its bad line is one however often it is read; as of an older run it is as long as it was."""
    file = folder_of(tmp_path) / "day.csv"
    lengths = []
    with tenant(tmp_path) as simulated:
        file.write_text(HEADING + "rubbish\n")
        for second in range(1, 4):
            with file.open("a") as more:
                more.write(line(second))
            collected(simulated, store, file.parent)
            with reading(store) as connection:
                moment = latest(connection)
                assert moment is not None
                lengths.append(moment)
        file.rename(file.with_name("day.csv.1"))
        (file.parent / "day.csv").write_text(HEADING + line(9))
        collected(simulated, store, file.parent)

    assert asked(store, FILES) == [(1, 1, 0), (3, 3, 1)]
    assert asked(store, CALLS) == [(4,)]
    with reading(store) as connection:
        told = [log_files(connection, moment)["rows"].tolist() for moment in lengths]
    assert told == [[1], [2], [3]]


def test_a_copy_of_what_has_grown_is_not_read_again(store: Engine, tmp_path: Path) -> None:
    """Snapshots that each begin with the one before count once, and cost nothing in later runs."""
    folder = folder_of(tmp_path)
    with tenant(tmp_path) as simulated:
        (folder / "a.csv").write_text(HEADING + "rubbish\n" + line(1))
        collected(simulated, store, folder)
        (folder / "b.csv").write_text(HEADING + "rubbish\n" + line(1) + line(2))
        collected(simulated, store, folder)
        again = collected(simulated, store, folder)
        full = collected(simulated, store, folder, pattern="a.csv", full=True)

    assert asked(store, FILES) == [(2, 2, 1)]
    assert (again.rows_seen, full.rows_seen) == (0, 0)
    assert asked(store, CALLS) == [(2,)]


def test_mended_settings_read_what_could_not_be_read(store: Engine, tmp_path: Path) -> None:
    """What held nothing that could be read at once; what held something when all is asked for."""
    folder = folder_of(tmp_path)
    (folder / "a.csv").write_text(HEADING + line(1) + line(2))
    with tenant(tmp_path) as simulated:
        before = collected(simulated, store, folder, address="")
        after = collected(simulated, store, folder)
        mixed = f"{HEADING}{line(3)}1792490400,/a,200,1,bob\n"
        (folder / "b.csv").write_text(mixed)
        collected(simulated, store, folder, time_unit="s", pattern="b.csv")
        some = asked(store, CALLS)[0][0]
        collected(simulated, store, folder, pattern="b.csv")
        kept = asked(store, CALLS)[0][0]
        collected(simulated, store, folder, pattern="b.csv", full=True)

    assert (before.state, after.state) == ("partial", "complete")
    assert (some, kept, asked(store, CALLS)[0][0]) == (3, 3, 4)
    assert asked(store, FILES) == [(1, 2, 1), (2, 2, 0)]


def test_every_file_that_falls_short_is_told(store: Engine, tmp_path: Path) -> None:
    """The first does not hide the others; of very many the first and their number are told."""
    folder = folder_of(tmp_path)
    (folder / "a.csv").write_text(HEADING + "rubbish\n")
    for name in "bcdefgh":
        (folder / f"{name}.csv").write_text("x,y\n1,2\n")
    with tenant(tmp_path) as simulated:
        step = collected(simulated, store, folder)

    reason = str(step.reason)
    assert all(f"{name}.csv" in reason for name in "abcde")
    assert "; and 3 more" in reason


def test_a_dash_names_nobody_and_no_event(store: Engine, tmp_path: Path) -> None:
    """Servers write it where nothing is told: two such rows are two calls."""
    folder = folder_of(tmp_path)
    columns = {**COLUMNS, "event": "id"}
    rows = [line(1, user).strip() + f",{event}\n" for user, event in (("-", "-"), ("ann", "-"))]
    (folder / "a.csv").write_text(HEADING.strip() + ",id\n" + "".join(rows))
    with tenant(tmp_path) as simulated:
        collected(simulated, store, folder, columns=columns)

    assert asked(store, CALLS) == [(2,)]
    assert asked(store, "SELECT key FROM call_callers WHERE key <> ''") == [("ann",)]


@pytest.mark.parametrize("mapped", [True, False])
def test_tries_that_share_an_id_are_told_or_kept_by_all_they_say(
    store: Engine, tmp_path: Path, *, mapped: bool
) -> None:
    """As the id of a call it keeps one of them, and says so; left out, each is kept once.

    Overlapping files, and a row that is told twice, change nothing.
    """
    folder = folder_of(tmp_path)
    rows = [
        f"2026-10-20T10:00:0{second},{path},{status},9,ann,one\n"
        for second, path, status in (
            ("1Z", "/a", 502), ("2Z", "/a", 503), ("2Z", "/a", 200), ("2Z", "/b", 200)
        )
    ]  # fmt: skip
    (folder / "a.csv").write_text(HEADING.strip() + ",id\n" + "".join(rows))
    (folder / "b.csv").write_text(HEADING.strip() + ",id\n" + "".join(rows[2:]))
    columns = {**COLUMNS, "event": "id"} if mapped else COLUMNS
    with tenant(tmp_path) as simulated:
        step = collected(simulated, store, folder, columns=columns)

    assert asked(store, CALLS) == [(2 if mapped else 4,)]
    assert ("2 rows of a.csv say otherwise" in str(step.reason)) is mapped
    assert ("leave event out of" in str(step.reason)) is mapped


def test_a_log_of_very_many_days_is_kept(store: Engine, tmp_path: Path) -> None:
    """More days than may be written to in one transaction; one of before 2015 is no call."""
    start = datetime(2020, 1, 1, tzinfo=UTC)
    number = 2 * MOST_DAYS + 1
    folder = folder_of(tmp_path)
    rows = [(start + timedelta(days=day)).isoformat() + ",/a,200,1,ann\n" for day in range(number)]
    (folder / "a.csv").write_text(HEADING + "".join(rows) + "0001-01-01T00:00:00Z,/a,200,1,ann\n")
    with tenant(tmp_path) as simulated:
        step = collected(simulated, store, folder)

    assert asked(store, CALLS) == [(number,)]
    assert "time lies before 2015" in str(step.reason)


def test_the_rest_of_an_old_file_finds_its_days_open(store: Engine, tmp_path: Path) -> None:
    """Days that are older than single calls are kept close only once all of the file is read."""
    folder = folder_of(tmp_path)
    with tenant(tmp_path) as simulated:
        old = simulated.served.tenant.now - timedelta(days=60)
        rows = [
            {"at": old.isoformat(), "url": "/a", "code": "200", "ms": str(n), "user": "ann"}
            for n in range(20_000)
        ]
        as_json_lines(folder / "a", rows)
        whole = gzip.compress((folder / "a").read_bytes())
        (folder / "a").write_bytes(whole[: len(whole) // 2])
        collected(simulated, store, folder)
        some = asked(store, CALLS)[0][0]
        (folder / "a").write_bytes(whole)
        collected(simulated, store, folder)

    assert 0 < some < len(rows)
    assert asked(store, CALLS) == [(len(rows),)]
    assert asked(store, "SELECT count(*) FROM invocations") == [(0,)]


def test_a_heading_keeps_its_last_letter(tmp_path: Path) -> None:
    """The mark at the beginning of a file goes, and no byte of it elsewhere."""
    path = tmp_path / "log.csv"
    row = {"at": "2026-10-20T10:00:00Z", "url": "/a", "канал": "ann"}
    as_csv(path, [row])
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    calls, bad = read(path, columns={"time": "at", "path": "url", "caller": "канал"})

    assert [call.caller for call in calls] == ["ann"]
    assert bad == []


def test_json_need_not_name_early_what_it_names_late(tmp_path: Path) -> None:
    """A field that a hundred records leave out is no missing column; that of the time is."""
    path = tmp_path / "log"
    row = {"at": "2026-10-20T10:00:00Z", "url": "/a"}
    as_json_lines(path, [row] * 150 + [{**row, "op": "GetBill"}])
    columns = {"time": "at", "path": "url", "operation": "op"}
    calls, _ = read(path, columns=columns)

    assert [call.operation for call in calls[-2:]] == ["", "GetBill"]
    with pytest.raises(UnreadableLog, match="no column 'when'"):
        read(path, columns={**columns, "time": "when"})


def test_a_portion_of_many_days_is_kept_in_parts_of_few() -> None:
    """No call is lost or told twice."""
    calls = Calls.of(
        Call(
            (20_000 - day) * 86_400_000_000, str(day), HOST, "", "GET", "/a", "", "", "ann", "",
            200, 1, 1, 1, 0, 1,
        )
        for day in range(2 * MOST_DAYS + 1)
    )  # fmt: skip
    parts = Portion.of(calls).of_few_days()

    assert [len(part) for part in parts] == [MOST_DAYS, MOST_DAYS, 1]
    assert sorted(int(at) for part in parts for at in part.at) == sorted(calls.at)


def test_endpoints_that_nothing_offers_stay_bounded_from_run_to_run(sqlite_store: Engine) -> None:
    """A log that calls ever other paths has one endpoint for what is too much to tell apart."""
    number = 25_000
    for run in range(2):
        some = [
            Call(
                1_792_490_400_000_000, f"{run}-{place}", HOST, "", _letters(place),
                f"/word{'abcdefghij'[run]}{_letters(place)}", "", "", "", "", 200, 1, 1, 1, 0, 1,
            )
            for place in range(number)
        ]  # fmt: skip
        Keeper("access_logs", lambda: writing(sqlite_store)).add(Calls.of(some))

    assert asked(sqlite_store, "SELECT count(*) FROM call_endpoints")[0][0] <= 20_001
    assert asked(sqlite_store, CALLS) == [(2 * number,)]


def _letters(number: int) -> str:
    """Return a number in letters: digits would be taken for an id."""
    return "".join(chr(ord("a") + int(digit)) for digit in str(number))
