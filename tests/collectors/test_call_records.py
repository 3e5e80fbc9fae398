"""Records read together hold the calls that each holds alone, and are refused for the same reason."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from hashlib import blake2b
from operator import itemgetter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plain_calls import calls

from collectors.telemetry.call import Call, Calls, Ordinals
from collectors.telemetry.call_records import CallRecords
from collectors.telemetry.call_values import LATEST, MOST_BYTES, PER, STATUSES, text, whole
from collectors.telemetry.names import LONGEST
from collectors.telemetry.value_columns import figures
from connectory.domain.identity import parse_time, parse_times
from connectory.telemetry_settings import FIELDS

UNTIL = 1_800_000_000_000_000


@dataclass(frozen=True)
class Log:
    """A log as the settings describe one."""

    columns: dict[str, str] = field(default_factory=lambda: {name: name for name in FIELDS})
    time_unit: str = "iso"
    duration_unit: str = "ms"
    address: str = ""
    environment: str = ""


ZONES = [None, UTC, timezone(timedelta(hours=14)), timezone(-timedelta(hours=5, minutes=30))]
MOMENTS = st.datetimes(timezones=st.sampled_from(ZONES))
TIMES = st.one_of(
    MOMENTS.map(datetime.isoformat),
    MOMENTS.map(lambda one: one.isoformat().replace("+00:00", "Z")),
    st.sampled_from([
        "2026-11-02T08:00:00.1234567Z", "2026-11-02T08:00:00.123456789+01:00", "2026-11-02",
        "2026-11-02.1234567", "2026-11-02\n08:00:00", "2026-11-02\n08:00:00.1234567", "20261102",
        "2026-W45-1T08:00:00.1", "2026-11-02T08:00:00.123456\u0667\u0667", "2026-11-02 08:00 ",
        "2026-11-02T08:00:00.1234567Z\n2026-11-02", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59.9999999-05:30", "0", "nan", "\x00",
        "2026-11-02T08:00:00\x00", "1762070400", "1762070400.5", " 1762070400123 ",
    ]),
)  # fmt: skip
WORDS = st.one_of(
    st.sampled_from([
        "", "-", " ", "nan", "NaN", "\x00", "a\x00B ", "\u0130stanbul", "\u00df", "GET", "post",
        "/v1/orders/7?key=a#b", "https://API.Example:8443/a?b#c", "https://[broken/a", "//host/a",
        "http://ho\u2100st/a", "v1/a", "?u=http://y", "#", "http://", "h.example:443", "[::1]:80",
        "http://" + "h" * (LONGEST + 1), "k" * LONGEST + "kk",
    ]),
    st.text(max_size=8),
)  # fmt: skip
NUMERALS = st.one_of(
    st.sampled_from([
        "0", "00", "-0", "-0.0", "-0.4", "0.5", "1.5", "2.5", "200", "200.0", " 12 ", "1_0", "1e3",
        "1e400", "inf", "-inf", "nan", "-", "", "\u0663", "9007199254740993", "86400000.0004",
        "86400000.0006", "68719476736", "68719476737", "999.4", "999.6", "1" * 18, "1" * 19,
        "9" * 400, "\x005", "0x10", "\u2212 5",
    ]),
    st.integers(0, 100_000).map(str),
    st.floats(0, 10**6).map(str),
)  # fmt: skip
INTEGERS = st.one_of(st.integers(-2, 2000), st.integers(), st.just(10**400), st.just(UNTIL + 1))
FLOATS = st.one_of(st.floats(), st.floats(0, 1000), st.sampled_from([-0.0, -0.4, 0.5, 2.5, 1e308]))
ODD = st.one_of(
    st.none(), st.booleans(), st.binary(max_size=6), st.just([1]), st.just({"a": 1}), MOMENTS,
    st.sampled_from([b"/a", b"200", b"\xff", Decimal("1.50"), Decimal("NaN"), Decimal(200)]),
)  # fmt: skip
MOMENTS_OF_NOW = st.datetimes(datetime(2020, 1, 1), datetime(2026, 12, 1))  # noqa: DTZ001 - its text
FIGURE = st.one_of(st.integers(0, 900), st.floats(0, 900), st.integers(0, 900).map(str))
GOOD: dict[str, st.SearchStrategy[Any]] = {
    "iso": MOMENTS_OF_NOW.map(lambda one: one.isoformat() + "Z"),
    "path": st.sampled_from(["/a", "/a/7?key=b", "https://api.example/c"]),
    "address": st.sampled_from(["api.example", "API.example:443"]),
    "operation": st.sampled_from(["GetOrder", ""]),
    **dict.fromkeys(("event", "environment", "method"), st.sampled_from(["Ann", "bob", ""])),
    **dict.fromkeys(("consumer", "caller", "connection"), st.sampled_from(["Ann", " bob", ""])),
}
WILD = st.one_of(WORDS, NUMERALS, TIMES, INTEGERS, FLOATS, ODD)


def kind(draw: st.DrawFn, name: str) -> st.SearchStrategy[Any]:
    """Return what a field may hold in all records of a portion: what it should, most of the time."""
    good = GOOD.get(name, FIGURE)
    return draw(
        st.sampled_from([
            *[good] * 12, good | st.just("-"), good | st.none(), st.integers(0, 900), NUMERALS,
            st.floats(0, 900), WORDS, good | WILD,
        ])
    )  # fmt: skip


@st.composite
def portions(draw: st.DrawFn) -> tuple[Log, list[list[dict[str, Any]]]]:
    """Return a log and records of it in portions, most of them good in most fields."""
    named = draw(st.sets(st.sampled_from(FIELDS)).map(lambda some: some | {"time", "path"}))
    log = Log(
        columns={name: f"the {name}" for name in FIELDS if name in named},
        time_unit=draw(st.sampled_from(["iso", "iso", "s", "ms", "us"])),
        duration_unit=draw(st.sampled_from(["s", "ms", "us"])),
        address=draw(st.sampled_from(["set.example", "https://SET.example:443/a", "", "//[x"])),
        environment=draw(st.sampled_from(["", "Prod"])),
    )
    found = []
    for _ in range(draw(st.integers(1, 3))):
        said = {
            told: kind(draw, log.time_unit if name == "time" else name)
            for name, told in log.columns.items()
        }
        left_out = draw(st.sets(st.sampled_from(sorted(said)))) if draw(st.booleans()) else set()
        always = {told: one for told, one in said.items() if told not in left_out}
        record = st.fixed_dictionaries(always, optional={told: said[told] for told in left_out})
        found.append(draw(st.lists(record, max_size=6)))
    return log, found


def single(told: Calls) -> list[Call]:
    """Return calls one by one."""
    return list(map(Call, *(getattr(told, name) for name in Call._fields)))


@given(portions(), st.sampled_from([LATEST, UNTIL]))
@settings(max_examples=300, deadline=None)
def test_together_they_hold_what_each_holds_alone(
    told: tuple[Log, list[list[dict[str, Any]]]], until: int
) -> None:
    """Whatever they say, in whatever mixture, and whatever was read before."""
    log, some = told
    reader = CallRecords(log, until)
    for records in some:
        held = reader.read(records)
        expected, refused = calls(records, log, until)

        assert list(map(repr, single(held.calls))) == list(map(repr, expected))
        assert held.refused == refused


@given(
    st.lists(NUMERALS | INTEGERS | FLOATS | st.none() | st.booleans(), min_size=1, max_size=3),
    st.sampled_from([LATEST, MOST_BYTES, STATUSES]),
    st.sampled_from(sorted(PER.values())),
)
@settings(max_examples=1000, deadline=None)
def test_figures_together_are_those_of_each_alone(said: list[Any], most: int, per: int) -> None:
    """Or else they are left to be looked at one by one."""
    together = figures(said, most, per)

    if together is not None:
        assert together == [whole("figure", text("figure", one), most, per) for one in said]


@given(st.lists(TIMES, max_size=2) | st.lists(TIMES | WORDS, max_size=3))
@settings(deadline=None)
def test_times_together_are_those_of_each_alone(texts: list[str]) -> None:
    """Also where a fraction is long; together they are none if one of them is none."""
    alone = [parse_time(text) for text in texts]
    together = parse_times(texts)

    assert together == alone or (together is None and (None in alone or "\n" in "".join(texts)))


def test_a_refused_record_harms_no_other() -> None:
    """Each is told by its place with the first reason there is; the rest are calls."""
    good = {"time": "2026-11-02T08:00:00Z", "path": "/a", "address": "h.example", "status": "200"}
    records = [good, {**good, "status": "x", "path": ""}, good, {**good, "status": [1]}, good]
    held = CallRecords(Log(), LATEST).read(records)

    assert held.refused == {
        1: "it names neither a path nor an operation",
        3: "status holds more than one value",
    }
    assert held.calls.status == [200, 200, 200]


def test_what_repeats_is_not_remembered_without_end() -> None:
    """More distinct values than are remembered give what they would alone."""
    reader = CallRecords(Log(), LATEST)
    at = "2026-11-02T08:00:00Z"
    for start in range(0, 50_000, 5_000):
        records = [
            {"time": at, "path": f"/{number}", "address": "h.example"}
            for number in range(start, start + 5_000)
        ]
        assert reader.read(records).calls.path == [record["path"] for record in records]


@given(st.lists(st.dictionaries(WORDS, WORDS | FLOATS | ODD, max_size=4), max_size=4))
def test_a_row_is_named_by_all_it_says(rows: list[dict[str, Any]]) -> None:
    """In the order of its fields' names, however they stand in the file."""
    ordinals = Ordinals()
    for row in rows:
        said = repr(sorted(row.items(), key=itemgetter(0))).encode("utf-8", "surrogatepass")
        name = blake2b(said, digest_size=16).hexdigest()
        assert ordinals.name(dict(reversed(row.items()))).startswith(f"{name}/")


@pytest.mark.parametrize(
    ("record", "name"),
    [
        ({"b": "x", "a": 1}, "930da7c4b89e4b6bc9fcbda1cc64b0b7/0"),
        ({}, "7ebb3c7c2a87b1a2f8a7ed729ecb040d/0"),
        ({"a%s": None, "b'\"": "\ud800", "c": 1.5}, "27f5043ad396ec460ae5c39cb3e6fdc6/0"),
    ],
)
def test_a_row_keeps_the_name_it_ever_had(record: dict[str, Any], name: str) -> None:
    """Keys of what is kept follow from it."""
    assert Ordinals().name(record) == name
