"""Lists of leavers as people write them, and what is wrong with their lines."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectory.domain.leaving import MOST, Entry, first_day, read_leavers, to_do, worst

LAST = date(2026, 12, 31)


@pytest.mark.parametrize(
    "text",
    [
        "person,last_day\nada@tenant.example,2026-12-31\n",
        "ada@tenant.example,2026-12-31",
        "\ufeffUPN;Date\r\nada@tenant.example;31.12.2026\r\n",
        "name\tmail\tlast day\nAda\tada@tenant.example\t2026-12-31\n",
        '"last_day","person"\n"2026-12-31","ada@tenant.example"\n',
        "\n\nada@tenant.example , 2026-12-31\n\n",
    ],
)
def test_a_list_is_read_however_it_was_saved(text: str) -> None:
    """With or without a head, whatever stands between the columns, days in either form."""
    entries, problems = read_leavers(text)

    assert problems == []
    assert [(one.person, one.last_day) for one in entries] == [("ada@tenant.example", LAST)]


def test_a_day_may_be_left_out() -> None:
    """Who leaves is enough."""
    entries, problems = read_leavers("person,last_day\nada,\nbruno\n")

    assert problems == []
    assert entries == [Entry(2, "ada"), Entry(3, "bruno")]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("person,last_day\nada,2026-02-30\n", "line 2: '2026-02-30' is no day"),
        ("person,last_day\nada,02/03/2026\n", "line 2: '02/03/2026' is no day"),
        ("person,last_day\nada,31.13.2026\n", "line 2: '31.13.2026' is no day"),
        ("person,last_day\n,2026-12-31\n", "line 2: it names nobody"),
        ('person\n"a\nb"\n', "line 3: what stands for the person is no id"),
        (f"person\n{'a' * 451}\n", "line 2: what stands for the person is no id"),
        ("", "the file names nobody"),
        ("person,last_day\n", "the file names nobody"),
    ],
)
def test_what_is_wrong_with_a_line_is_named(text: str, problem: str) -> None:
    """By its number, with what to write instead."""
    entries, problems = read_leavers(text)

    assert entries == []
    assert len(problems) == 1
    assert problems[0].startswith(problem)


def test_one_wrong_line_leaves_the_others_alone() -> None:
    """The rest can be used if that is wanted."""
    entries, problems = read_leavers("person,last_day\nada,never\nbruno,2026-12-31\n")

    assert entries == [Entry(3, "bruno", LAST)]
    assert len(problems) == 1


def test_a_list_that_is_too_long_says_where_it_was_cut() -> None:
    """Thousands of leavers at once are another question."""
    entries, problems = read_leavers("\n".join(f"p{n}" for n in range(MOST + 5)))

    assert len(entries) == MOST
    assert problems == [f"line {MOST + 1}: more than 2,000 people; split the file"]


@given(st.text(max_size=200))
def test_no_text_breaks_it(text: str) -> None:
    """Whatever a file holds, it names people or says what is wrong."""
    entries, problems = read_leavers(text)

    assert entries or problems
    assert all(one.person.isprintable() for one in entries)


def test_the_worst_of_several_effects_counts() -> None:
    """What stops by one reason stops; of nothing it is kept."""
    assert worst(["kept", "may_stop", "stops", "orphaned"]) == "stops"
    assert worst([]) == "kept"
    assert first_day([None, date(2027, 1, 1), LAST]) == LAST
    assert first_day([None]) is None


def test_what_is_kept_needs_nothing_done() -> None:
    """Only what stops, may stop or has nobody left is handed over."""
    assert to_do("flow", "kept") == ""
    assert "add another owner" in to_do("flow", "stops")
