"""By whose hand something changed, and why nobody is known."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectory.domain.authorship import FITTING, Author, Between, Entry, author


def day(number: int, hour: int = 0) -> datetime:
    """Return a moment in November 2026."""
    return datetime(2026, 11, number, hour, tzinfo=UTC)


WEEK = Between(day(2), day(9))
READ = [(day(1), day(20))]
ADA = Entry(1, day(5), "saved", "Ada Ample", "ada", "enabled")
BRUNO = Entry(2, day(6), "edited", "Bruno Bogus", "bruno", "disabled")


def test_the_log_tells_who_and_when() -> None:
    """The entry between both reads, of a fitting kind."""
    assert author("definition_changed", WEEK, [ADA], None, READ) == Author(
        ("Ada Ample",), "ada", "enabled", day(5), "audit_log", "", frozenset({1})
    )


def test_several_are_all_told_and_the_last_counts() -> None:
    """In the order in which they acted, each once."""
    again = Entry(3, day(7), "saved", "Ada Ample", "ada", "enabled")
    told = author("changed", WEEK, [again, BRUNO, ADA], None, READ)

    assert (told.who, told.who_key, told.at) == (("Ada Ample", "Bruno Bogus"), "ada", day(7))
    assert told.entries == {1, 2, 3}


@pytest.mark.parametrize(
    ("kind", "entry"),
    [
        ("definition_changed", Entry(1, day(5), "shared", "Ada")),
        ("definition_changed", Entry(1, day(1), "saved", "Ada")),
        ("definition_changed", Entry(1, day(10), "saved", "Ada")),
        ("gone", Entry(1, day(5), "saved", "Ada")),
        ("permission_removed", Entry(1, day(5), "shared", "Ada")),
    ],
)
def test_nobody_is_guessed(kind: str, entry: Entry) -> None:
    """Neither from another kind of entry nor from another time."""
    told = author(kind, WEEK, [entry], None, READ)

    assert told.who == ()
    assert told.why == "no entry of the audit log tells of it"
    assert told.entries == frozenset()


def test_the_connector_itself_may_tell() -> None:
    """Where the log names nobody; not of sharing, and not of another time."""
    record = Entry(0, day(4), "", "Carla", "carla", "deleted")

    assert author("changed", WEEK, [], record, []).origin == "connector"
    assert author("changed", WEEK, [], record, []).who == ("Carla",)
    assert author("changed", WEEK, [ADA], record, READ).who == ("Ada Ample",)
    assert author("permission_added", WEEK, [], record, READ).who == ()
    assert author("changed", Between(day(4), day(9)), [], record, READ).who == ()


def test_an_entry_that_names_nobody_tells_when() -> None:
    """And that it happened."""
    told = author("changed", WEEK, [Entry(7, day(5), "saved")], None, READ)

    assert (told.who, told.at, told.entries) == ((), day(5), {7})
    assert told.why == "the audit log tells of it and names nobody"


@pytest.mark.parametrize(
    ("spans", "between", "why"),
    [
        ([], WEEK, "the audit log was not read"),
        ([(day(10), day(20))], WEEK, "older than the audit log"),
        ([(day(4), day(20))], WEEK, "was not read whole"),
        ([(day(1), day(4)), (day(6), day(20))], WEEK, "was not read whole"),
        ([(day(1), day(20))], Between(None, day(9)), "was not read whole"),
        ([(day(1), day(9))], WEEK, "up to two days late"),
        ([(day(1), day(8))], WEEK, "up to two days late"),
        ([(day(1), day(20))], WEEK, "no entry of the audit log tells of it"),
    ],
)
def test_it_is_said_why_nobody_is_known(
    spans: list[tuple[datetime, datetime]], between: Between, why: str
) -> None:
    """Not read, read in part, perhaps late, or told of nothing."""
    assert why in author("changed", between, [], None, spans).why


@given(
    kind=st.sampled_from(sorted(FITTING)),
    entries=st.lists(
        st.builds(
            Entry,
            number=st.integers(1, 99),
            at=st.integers(1, 28).map(day),
            action=st.sampled_from(["created", "saved", "edited", "deleted", "shared", "other"]),
            who=st.sampled_from([None, "Ada", "Bruno"]),
        ),
        max_size=6,
    ),
    spans=st.sampled_from([[], READ]),
)
def test_who_is_known_or_it_is_said_why_not(
    kind: str, entries: list[Entry], spans: list[tuple[datetime, datetime]]
) -> None:
    """Always one of both, and whoever is named stands in an entry of that time."""
    told = author(kind, WEEK, entries, None, spans)

    there = {one.who for one in entries if WEEK.holds(one.at)}

    assert bool(told.who) != bool(told.why)
    assert set(told.who) <= there
