"""Why lists disagree about a connector, case by case."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectory.domain.reconciliation import (
    SOURCES,
    Kind,
    Seen,
    Sightings,
    Source,
    disagreements,
)

NOW = datetime(2026, 11, 16, 2, tzinfo=UTC)
BEFORE = NOW - timedelta(days=7)
WORDS: dict[str, Seen] = {"+": "shows", "-": "lacks", "?": "not_known", "x": "not_there"}


def seen(text: str) -> dict[Source, Seen]:
    """Read what the five lists say from five characters, in the order of `SOURCES`."""
    return {source: WORDS[char] for source, char in zip(SOURCES, text, strict=True)}


@pytest.mark.parametrize(
    ("text", "told", "found"),
    [
        ("+++++", {}, {}),
        ("++x++", {}, {}),
        ("+???+", {}, {}),
        ("?????", {}, {}),
        ("-----", {}, {}),  # missing everywhere: they agree
        ("++-++", {}, {"not_in_solution": ["dataverse"]}),
        ("++-++", {"has_row": True}, {"row_missing": ["dataverse"]}),
        ("++-++", {"stopped": {"dataverse": BEFORE}}, {"deleted_in_one": ["dataverse"]}),
        ("--+--", {}, {"no_runtime": ["admin", "maker_list", "connectivity"],
                       "unused": ["inventory"]}),
        ("--+-?", {"stopped": {"admin": BEFORE}},
         {"deleted_in_one": ["admin", "maker_list", "connectivity"]}),
        # What could show it was not read: nothing says that it does not run.
        ("??+-?", {}, {}),
        ("-?+??", {}, {}),
        ("?--+-", {}, {"not_shared": ["maker_list"], "not_in_solution": ["dataverse"],
                       "unused": ["inventory"]}),
        ("?-?-+", {}, {}),
        ("?-+-?", {"stopped": {"connectivity": BEFORE}}, {"deleted_in_one": ["connectivity"]}),
        ("-?x+?", {}, {"list_lag": ["admin"]}),
        ("-?x+?", {"stopped": {"admin": BEFORE}}, {"deleted_in_one": ["admin"]}),
        ("+?x-?", {}, {"role_limited": ["connectivity"]}),
        ("+?x-?", {"created": NOW - timedelta(hours=3)}, {"list_lag": ["connectivity"]}),
        ("+-x+?", {"stopped": {"maker_list": BEFORE}}, {"not_shared": ["maker_list"]}),
        ("++x+-", {}, {"unused": ["inventory"]}),
        ("++x+-", {"used": True}, {"inventory_lag": ["inventory"]}),
        ("--x-+", {"stopped": {"admin": BEFORE}},
         {"still_used": ["admin", "maker_list", "connectivity"]}),
        ("+?x+?", {"spellings": ("a-b", "a.b")}, {"alias_collision": []}),
    ],
)  # fmt: skip
def test_an_absence_has_its_likely_reason(
    text: str, told: dict[str, Any], found: dict[Kind, list[Source]]
) -> None:
    """Each kind is told once, with every list that lacks the connector for that reason."""
    rows = disagreements(Sightings(seen(text), **told), NOW)

    assert {row.kind: list(row.lacking) for row in rows} == found
    assert all(row.reason for row in rows)


@pytest.mark.parametrize("source", SOURCES)
def test_a_list_that_was_not_read_lacks_nothing(source: Source) -> None:
    """However the others stand, not known is never taken for a no."""
    for other in ("+++++", "-----", "+-+-+"):
        for row in disagreements(Sightings({**seen(other), source: "not_known"}), NOW):
            assert source not in row.lacking


def test_a_deletion_has_its_date_and_a_collision_its_names() -> None:
    """What makes a reason checkable stands in it."""
    (row,) = disagreements(Sightings(seen("-?+??"), stopped={"admin": BEFORE}), NOW)
    (twin,) = disagreements(Sightings(seen("+????"), spellings=("one-name", "one.name")), NOW)

    assert row.since == BEFORE
    assert "one-name and one.name" in twin.reason
    assert not row.explained
