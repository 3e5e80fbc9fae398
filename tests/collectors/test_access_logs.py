"""Calls from log files: every one once, matched to what was truly called, in each format."""

from __future__ import annotations

import csv
import gzip
import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from pydantic import ValidationError
from sqlalchemy import Engine, text
from tenants import Tenant, tenant
from told_portions import single

from collectors.telemetry.access_logs import calls_of
from collectors.telemetry.call import Shared
from collectors.telemetry.log_lines import Reading, UnreadableLog
from connectory.cli import cli
from connectory.config import Settings
from connectory.database import reading
from connectory.domain.tallies import total
from connectory.simulator import access_logs
from connectory.telemetry_settings import AccessLog, TelemetrySettings

DAYS = 6
LOG = "backends"


def settings(simulated: Tenant, engine: Engine, folder: Path, **more: Any) -> Settings:
    """Return settings that also read logs from a folder."""
    log = AccessLog(**{"directory": folder, "columns": access_logs.COLUMNS, **more})
    telemetry = TelemetrySettings(access_logs={LOG: log})
    return simulated.settings(engine).model_copy(update={"telemetry": telemetry})


def logged(simulated: Tenant) -> list[access_logs.LoggedCall]:
    """Return what backends truly logged on the last days, until now."""
    now = simulated.served.tenant.now
    days = [(now - timedelta(days=back)).astimezone(UTC).date() for back in range(DAYS)]
    found = [c for day in days for c in access_logs.calls_on(simulated.served.tenant, day)]
    return [call for call in found if call.line["at"] <= now.isoformat()]


def asked(engine: Engine, query: str) -> list[Any]:
    """Return the rows of a query."""
    with reading(engine) as connection:
        return list(connection.execute(text(query)).all())


MATCHED = """
    SELECT p.key AS environment, c.key AS connector, e.operation_id, e.method, sum(d.calls) AS calls
    FROM usage_daily d JOIN call_endpoints e ON e.id = d.endpoint_id
    LEFT JOIN connectors c ON c.id = e.connector_id
    LEFT JOIN environments p ON p.id = c.environment_id
    WHERE e.matched_by IN ('path', 'operation_id') GROUP BY p.key, c.key, e.operation_id, e.method
"""


def test_every_call_belongs_to_what_was_called(store: Engine, tmp_path: Path) -> None:
    """By environment, connector and operation the counts are those of the backends themselves."""
    with tenant(tmp_path) as simulated:
        access_logs.write(simulated.served.tenant, tmp_path / "logs", DAYS)
        chosen = settings(simulated, store, tmp_path / "logs")
        report = simulated.collect(
            store, ["environments", "connectors", "access_logs"], settings=chosen
        )
        again = simulated.collect(store, ["access_logs"], settings=chosen)
        calls = logged(simulated)
        places = simulated.served.tenant.environments
    told = Counter({tuple(row[:4]): row.calls for row in asked(store, MATCHED)})
    every = asked(store, "SELECT sum(calls) FROM usage_daily")[0][0]
    hosts = Counter(
        (one.environment, one.host)
        for one in {
            _Place(c.connector.environment, c.connector.name or "", c.line["host"]) for c in calls
        }
    )
    truth: Counter[tuple[Any, ...]] = Counter()
    for call in calls:
        place = call.connector.environment, call.line["host"]
        if (
            call.line["environment"]
            and hosts[place] == 1
            and call.connector.in_admin_list
            and not places[place[0]].deleted
        ):
            key = _key(call.connector.name or "")
            name = call.operation["operationId"]
            truth[call.connector.environment.casefold(), key, name, call.line["method"]] += 1

    assert every == len(calls) > 200
    assert {step.collector: step.state for step in report.steps}["access_logs"] == "complete"
    assert again.steps[-1].rows_seen == 0
    assert sum(truth.values()) > len(calls) / 2
    short = {key: (n, told[key]) for key, n in truth.items() if told[key] < n}
    assert short == {}
    # What a log does not place is matched only where one connector alone calls that host.
    loose = {key for key in told if told[key] > truth[key] and hosts_of(calls)[key[1]] > 1}
    assert loose == set()


class _Place:
    """A connector in an environment that calls a host."""

    def __init__(self, environment: str, name: str, host: str) -> None:
        self.environment, self.name, self.host = environment, name, host

    def __hash__(self) -> int:
        return hash((self.environment, self.name, self.host))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Place) and hash(self) == hash(other)


def hosts_of(calls: list[access_logs.LoggedCall]) -> Counter[str]:
    """Return by key of a connector how many connectors call its host, anywhere."""
    callers: dict[str, set[tuple[str, str]]] = {}
    for call in calls:
        place = call.connector.environment, call.connector.name or ""
        callers.setdefault(call.line["host"], set()).add(place)
    return Counter(
        {_key(call.connector.name or ""): len(callers[call.line["host"]]) for call in calls}
    )


def _key(name: str) -> str:
    return name.casefold()


def test_overlapping_files_change_nothing(store: Engine, tmp_path: Path) -> None:
    """A renamed file is known by what is in it; a longer one adds what is new in it."""
    with tenant(tmp_path) as simulated:
        files = access_logs.write(simulated.served.tenant, tmp_path / "logs", DAYS)
        lines = gzip.decompress(files[-2].read_bytes()).splitlines(keepends=True)
        files[-2].write_bytes(b"".join(lines[: len(lines) // 2]))
        chosen = settings(simulated, store, tmp_path / "logs")
        simulated.collect(store, ["environments", "connectors", "access_logs"], settings=chosen)
        files[0].rename(files[0].with_name("rotated.gz"))
        files[-2].write_bytes(b"".join(lines))
        report = simulated.collect(store, ["access_logs"], settings=chosen)
        calls = logged(simulated)

    assert asked(store, "SELECT sum(calls) FROM usage_daily")[0][0] == len(calls)
    assert report.steps[-1].rows_changed == len(lines) - len(lines) // 2
    assert asked(store, "SELECT count(*) FROM call_files")[0][0] == DAYS + 1


ROW = {
    "at": "2026-10-20T10:00:00Z",
    "url": "https://api.invented.example/v1/orders/17?key=secret",
    "code": "200",
    "ms": "12.5",
}
COLUMNS = {"time": "at", "path": "url", "status": "code", "duration": "ms"}


def as_csv(path: Path, rows: list[dict[str, Any]]) -> None:
    """Write rows as CSV."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def as_json_lines(path: Path, rows: list[dict[str, Any]]) -> None:
    """Write rows as JSON lines."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def as_parquet(path: Path, rows: list[dict[str, Any]]) -> None:
    """Write rows as Parquet."""
    pq.write_table(pa.Table.from_pylist(rows), path)


class Lines:
    """What a file told, as the reader counts it."""

    def __init__(self) -> None:
        self.bad: list[str] = []
        self.reading, self.ids, self.shared = Reading(), Shared(), 0

    def note_bad(self, bad: Any) -> None:
        """Count a bad line."""
        self.bad.append(f"{bad.line}: {bad.reason}")


def read(path: Path, **more: Any) -> tuple[list[Any], list[str]]:
    """Return the calls of a file and its bad lines."""
    lines = Lines()
    log = AccessLog(**{"directory": path.parent, "columns": COLUMNS, "address": "x", **more})
    portions = calls_of(path, log, lines)  # type: ignore[arg-type]
    return [one for calls in portions for one in single(calls)], lines.bad


@pytest.mark.parametrize("write", [as_csv, as_json_lines, as_parquet])
@pytest.mark.parametrize("zipped", [False, True])
def test_every_format_tells_the_same(tmp_path: Path, write: Any, *, zipped: bool) -> None:
    """CSV, JSON lines and Parquet, plain or gzipped, are known by how they begin."""
    path = tmp_path / "log"
    write(path, [ROW, {**ROW, "code": "-"}])
    if zipped and write is not as_parquet:
        path.write_bytes(gzip.compress(path.read_bytes()))
    calls, bad = read(path)

    assert bad == []
    assert [call.status for call in calls] == [200, 0]
    assert calls[0].address == "api.invented.example"
    assert calls[0].path == "/v1/orders/17"
    assert calls[0].duration == 12_500
    assert calls[0].at == datetime(2026, 10, 20, 10, tzinfo=UTC).timestamp() * 1_000_000
    assert "secret" not in repr(calls)


def test_a_row_has_one_name_in_every_format(tmp_path: Path) -> None:
    """What is kept of a call without an id is found again in another file, whatever its format."""
    rows = [ROW, {**ROW, "code": "404"}, ROW]
    as_csv(tmp_path / "csv", rows)
    as_json_lines(tmp_path / "json", rows)
    one, other = (read(tmp_path / name)[0] for name in ("csv", "json"))

    assert one == other
    assert len({call.event for call in one}) == 3


def test_of_two_columns_of_one_name_the_last_is_read(tmp_path: Path) -> None:
    """And a row is named by it."""
    path, other = tmp_path / "two", tmp_path / "one"
    path.write_text("at,url,code,ms,code\n2026-10-20T10:00:00Z,/a,404,5,200\n")
    other.write_text("at,url,code,ms\n2026-10-20T10:00:00Z,/a,200,5\n")

    assert read(path) == read(other)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('2026-10-20T10:00:00Z,"/never closed,200,5', "unexpected end of data"),
        ("2026-10-20T10:00:00Z,/a", "2 fields instead of 4"),
        ("yesterday,/a,200,5", "time is none"),
        ("2026-10-20T10:00:00Z,/a,good,5", "status is no number"),
        ("2026-10-20T10:00:00Z,/a,200,inf", "duration is no number"),
        ("2026-10-20T10:00:00Z,/a,200,-5", "duration is out of range"),
        ("2026-10-20T10:00:00Z,,200,5", "neither a path nor an operation"),
        ("\x00\xff,/a,200,5", "time is none"),
        ("2026-10-20T10:00:00Z,/a,200,1e400", "duration is no number"),
    ],
)
def test_a_broken_line_costs_itself(tmp_path: Path, line: str, reason: str) -> None:
    """Its number and the reason are told; the lines around it are read."""
    path = tmp_path / "log.csv"
    good = "2026-10-20T10:00:00Z,/a,200,5"
    path.write_text(f"at,url,code,ms\n{good}\n{line}\n{good}\n", encoding="latin-1")
    calls, bad = read(path)

    assert len(calls) == 2
    (told,) = bad
    assert told.startswith("3: ")
    assert reason in told


@pytest.mark.parametrize("write", [as_csv, as_parquet])
def test_a_missing_column_is_refused_before_anything_is_read(tmp_path: Path, write: Any) -> None:
    """The column and the setting are named."""
    path = tmp_path / "log"
    write(path, [ROW])
    with pytest.raises(UnreadableLog, match=r"no column 'user'; nothing of it was read"):
        read(path, columns={**COLUMNS, "caller": "user"})


def test_a_file_that_breaks_off_keeps_what_came_before(store: Engine, tmp_path: Path) -> None:
    """It is told, counts as not read, and is read again once it has changed."""
    folder = tmp_path / "logs"
    folder.mkdir()
    as_json_lines(folder / "a", [{**ROW, "ms": str(place)} for place in range(20_000)])
    whole = gzip.compress((folder / "a").read_bytes())
    (folder / "a").write_bytes(whole[: len(whole) // 2])
    with tenant(tmp_path) as simulated:
        chosen = settings(simulated, store, folder, columns=COLUMNS)
        report = simulated.collect(store, ["access_logs"], settings=chosen)
        some = asked(store, "SELECT count(*) FROM invocations")[0][0]
        (folder / "a").write_bytes(whole)
        again = simulated.collect(store, ["access_logs"], settings=chosen)

    assert report.steps[-1].state == "partial"
    assert "breaks off" in str(report.steps[-1].reason)
    assert 0 <= some < 20_000
    assert again.steps[-1].state == "complete"
    assert asked(store, "SELECT count(*) FROM invocations")[0][0] == 20_000


def test_hostile_words_of_a_log_are_kept_as_words(store: Engine, tmp_path: Path) -> None:
    """NULs, markup and a time far ahead: the call is kept, or told as a bad line without its value."""
    folder = tmp_path / "logs"
    folder.mkdir()
    odd = {"caller": "ann\x00<script>", "url": "/a\x00b/c", "code": 200.0}
    ahead = {"at": "2199-01-01T00:00:00Z", "code": "sig=invented-secret"}
    as_json_lines(
        folder / "day.log", [{**ROW, "caller": "", **odd}, {**ROW, "caller": "", **ahead}]
    )
    with tenant(tmp_path) as simulated:
        columns = {**COLUMNS, "caller": "caller"}
        chosen = settings(simulated, store, folder, columns=columns, address="h.example")
        report = simulated.collect(store, ["access_logs"], settings=chosen)

    assert asked(store, "SELECT key FROM call_callers WHERE key <> ''") == [("ann<script>",)]
    assert asked(store, "SELECT count(*) FROM invocations") == [(1,)]
    assert "1 lines of day.log" in str(report.steps[-1].reason)
    assert "invented-secret" not in str(report.steps[-1].reason)


def grown(store: Engine, folder: Path, before: str, after: str, **more: Any) -> list[Any]:
    """Read a file, then read it again after it has grown, perhaps with other settings."""
    folder.mkdir()
    file = folder / "day.csv"
    with tenant(folder.parent) as simulated:
        file.write_text(before, encoding="utf-8")
        first = settings(simulated, store, folder, columns=COLUMNS)
        simulated.collect(store, ["access_logs"], settings=first)
        file.write_text(after, encoding="utf-8")
        second = settings(simulated, store, folder, **{"columns": COLUMNS, **more})
        simulated.collect(store, ["access_logs"], settings=second)
    return asked(store, "SELECT duration_us FROM invocations ORDER BY 1")


HEADING = "at,url,code,ms,user\n"
LINE = "2026-10-20T10:00:00Z,https://api.invented.example/a,200,"


def test_a_line_that_is_still_being_written_waits(store: Engine, tmp_path: Path) -> None:
    """Half a line is no call: it is taken once it has its end, and only once."""
    told = grown(
        store,
        tmp_path / "logs",
        f"{HEADING}{LINE}5,ann\n{LINE}1",
        f"{HEADING}{LINE}5,ann\n{LINE}125.75,bob\n",
    )

    assert told == [(5_000,), (125_750,)]


def test_other_settings_make_no_other_calls(store: Engine, tmp_path: Path) -> None:
    """A column named later tells more of calls to come, and those known stay as they are."""
    columns = {**COLUMNS, "caller": "user"}
    body = f"{HEADING}{LINE}5,ann\n"
    told = grown(store, tmp_path / "logs", body, f"{body}{LINE}6,ann\n", columns=columns)

    assert told == [(5_000,), (6_000,)]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", b'"never closed\n1,2\n'),
        ("a.csv", b"only\rcarriage\rreturns\n"),
        ("a.gz", b"\x1f\x8b\x08\x00"),
        ("a.gz", b"\x1f\x8b\x08\x00" + b"\xff" * 200),
        ("a.parquet", b"PAR1" + b"\x00" * 64),
        ("a.csv", b"x" * 200_000 + b"\n"),
        (b"a-\xff.csv".decode("utf-8", "surrogateescape"), b"x\n"),
    ],
)
def test_a_stray_file_keeps_no_other_away(
    store: Engine, tmp_path: Path, name: str, content: bytes
) -> None:
    """It is told by its name, and the good one behind it is read."""
    folder = tmp_path / "logs"
    folder.mkdir()
    (folder / name).write_bytes(content)
    as_csv(folder / "zz.csv", [ROW])
    with tenant(tmp_path) as simulated:
        chosen = settings(simulated, store, folder, columns=COLUMNS)
        report = simulated.collect(store, ["access_logs"], settings=chosen)

    assert report.steps[-1].state == "partial"
    assert name[:2] in str(report.steps[-1].reason)
    assert asked(store, "SELECT count(*) FROM invocations") == [(1,)]


def test_what_came_before_a_break_is_kept(store: Engine, tmp_path: Path) -> None:
    """Also where it is less than a portion."""
    folder = tmp_path / "logs"
    folder.mkdir()
    as_json_lines(folder / "a", [{**ROW, "ms": str(place)} for place in range(2_000)])
    whole = gzip.compress((folder / "a").read_bytes())
    (folder / "a").write_bytes(whole[:-9])
    with tenant(tmp_path) as simulated:
        chosen = settings(simulated, store, folder, columns=COLUMNS)
        simulated.collect(store, ["access_logs"], settings=chosen)

    assert asked(store, "SELECT count(*) FROM invocations")[0][0] > 1_000


@pytest.mark.parametrize(
    ("url", "address", "path"),
    [
        ("https://[2001:db8::1]:8443/a?b", "2001:db8::1", "/a"),
        ("//v1/orders/7", "set.example", "//v1/orders/7"),
        ("https://API.Invented.example:8443/a#b", "api.invented.example", "/a"),
        ("v1/orders", "set.example", "v1/orders"),
    ],
)
def test_a_host_is_told_by_an_address_and_never_by_a_path(
    tmp_path: Path, url: str, address: str, path: str
) -> None:
    """Who calls chooses the path; the settings say which host a path belongs to."""
    as_json_lines(tmp_path / "log", [{**ROW, "url": url}])
    ((call,), bad) = read(tmp_path / "log", address="https://set.example:443")

    assert (call.address, call.path) == (address, path)
    assert bad == []


def test_an_address_that_is_none_is_told_without_it(tmp_path: Path) -> None:
    """A password may stand in it."""
    as_json_lines(tmp_path / "log", [{**ROW, "url": "https://user:invented@ho\u2100st/a"}])
    calls, bad = read(tmp_path / "log")

    assert calls == []
    assert bad == ["1: its address is none"]


def test_parquet_tells_numbers_and_bytes_as_it_has_them(tmp_path: Path) -> None:
    """One status that is missing makes all of them fractions; a path may be bytes."""
    rows = [{**ROW, "url": b"/a", "code": 200.0, "ms": 1.5}, {**ROW, "url": b"/b", "code": None}]
    as_parquet(tmp_path / "log", [{**row, "ms": 1.5} for row in rows])
    calls, bad = read(tmp_path / "log")

    assert bad == []
    assert [(call.path, call.status, call.duration) for call in calls] == [
        ("/a", 200, 1_500),
        ("/b", 0, 1_500),
    ]


def test_the_largest_figures_add_up(store: Engine, tmp_path: Path) -> None:
    """A portion of the largest calls that are taken stays within whole numbers of 63 bits."""
    folder = tmp_path / "logs"
    folder.mkdir()
    most = {"ms": 86_400_000, "sent": 1 << 36, "weight": 10_000}
    as_json_lines(folder / "a", [{**ROW, **most, "id": place} for place in range(5_000)])
    columns = {**COLUMNS, "event": "id", "weight": "weight", "response_bytes": "sent"}
    with tenant(tmp_path) as simulated:
        chosen = settings(simulated, store, folder, columns=columns)
        simulated.collect(store, ["access_logs"], settings=chosen)

    assert asked(
        store, "SELECT sum(calls), sum(duration_us), sum(response_bytes) FROM usage_operations"
    ) == [(50_000_000, 50_000_000 * 86_400_000_000, 50_000_000 << 36)]
    packed = asked(store, "SELECT latency FROM usage_operations")[0][0]
    assert total(bytes(packed)) == 50_000_000


def test_bad_lines_are_told_on_the_coverage_page(store: Engine, tmp_path: Path) -> None:
    """The step falls short with file, line and count; the rest is kept."""
    folder = tmp_path / "logs"
    folder.mkdir()
    as_json_lines(folder / "day.log", [ROW, ROW])
    with (folder / "day.log").open("a") as file:
        file.write("{broken\n[1]\n")
    with tenant(tmp_path) as simulated:
        chosen = settings(simulated, store, folder, columns=COLUMNS)
        report = simulated.collect(store, ["access_logs"], settings=chosen)

    step = report.steps[-1]
    assert step.state == "partial"
    assert "2 lines of day.log could not be read, the first is line 3: no JSON" in str(step.reason)
    assert asked(store, "SELECT rows, bad_lines FROM call_files") == [(2, 2)]


def test_calls_that_are_too_old_go_and_their_sums_stay(store: Engine, tmp_path: Path) -> None:
    """The command seals the days before; a file that tells of one again adds nothing."""
    folder = tmp_path / "logs"
    folder.mkdir()
    with tenant(tmp_path) as simulated:
        now = simulated.served.tenant.now
        rows = [{**ROW, "at": (now - timedelta(days=back)).isoformat()} for back in (1, 20, 30)]
        as_json_lines(folder / "day.log", rows)
        chosen = settings(simulated, store, folder, columns=COLUMNS)
        simulated.collect(store, ["access_logs"], settings=chosen)
        place = tmp_path / "config.toml"
        url = store.url.render_as_string(hide_password=False)
        place.write_text(f'[database]\nurl = "{url}"\n[telemetry]\nretention_days = 25\n')
        clock = ["--now", now.strftime("%Y-%m-%dT%H:%M:%S")]
        ended = CliRunner().invoke(cli, ["--config", str(place), *clock, "db", "purge"])
        as_json_lines(folder / "again.log", [*rows, {**rows[2], "ms": "77"}])
        simulated.collect(store, ["access_logs"], settings=chosen)

    assert ended.exit_code == 0, ended.output
    assert "sealed; their single calls are gone" in ended.output
    assert asked(store, "SELECT count(*) FROM invocations")[0][0] <= 2
    assert asked(store, "SELECT sum(calls) FROM usage_daily")[0][0] == 3
    assert asked(store, "SELECT late_rows FROM call_files WHERE name = 'again.log'")[0][0] >= 2


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"columns": {"path": "a"}}, "columns.time is missing"),
        ({"columns": {"time": "a"}}, "what was called"),
        ({"columns": {"time": "a", "path": "b", "colour": "c"}}, "nothing a column tells"),
        ({"columns": {"time": "", "path": "b"}}, "names no column"),
        ({"columns": COLUMNS, "pattern": "/var/*"}, "below the folder"),
        ({"columns": COLUMNS, "pattern": "../*"}, "below the folder"),
        ({"columns": COLUMNS, "pattern": ""}, "below the folder"),
        ({"columns": COLUMNS, "separator": "\n"}, "between fields"),
    ],
)
def test_settings_that_cannot_work_are_refused(more: dict[str, Any], words: str) -> None:
    """Each names the column or setting that is missing."""
    with pytest.raises(ValidationError, match=words):
        AccessLog(directory=Path("x"), **more)


def test_a_backend_address_that_is_none_keeps_no_call_away(store: Engine, tmp_path: Path) -> None:
    """A maker may write anything as the address of a connector; the calls of others are matched."""
    with tenant(tmp_path) as simulated:
        told = simulated.served.tenant
        access_logs.write(told, tmp_path / "logs", DAYS)
        told.connectors[0].backend_url = "https://[not-an-address"
        simulated.post("advance", days=0)
        chosen = settings(simulated, store, tmp_path / "logs")
        report = simulated.collect(
            store, ["environments", "connectors", "access_logs"], settings=chosen
        )

    assert report.steps[-1].state == "complete"
    assert asked(store, MATCHED)


def test_a_folder_that_is_not_there_is_told(sqlite_store: Engine, tmp_path: Path) -> None:
    """The setting is named, and other collectors go on."""
    with tenant(tmp_path) as simulated:
        chosen = settings(simulated, sqlite_store, tmp_path / "absent")
        report = simulated.collect(sqlite_store, ["access_logs"], settings=chosen)

    assert report.steps[-1].state == "failed"
    assert "telemetry.access_logs.backends.directory" in str(report.steps[-1].reason)
    assert urlsplit(str(tmp_path)).path in str(report.steps[-1].reason)
