"""Rows on owners and on use, narrowed and counted without asking the store again."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from connectory.queries.owner_filters import UNTOLD, narrow_gaps, places, told, unowned
from connectory.queries.stale_filters import (
    ASKABLE,
    EXEMPT,
    NOT_EXEMPT,
    Counted,
    askable,
    counted,
    idle,
    narrow_stale,
)

TODAY = date(2026, 11, 23)


@pytest.fixture
def gaps() -> pd.DataFrame:
    """Four connectors: nobody's, Ada's, of a group without anybody, of one with two."""
    return told(
        pd.DataFrame(
            {
                "connector": ["Scratch", "Invoices", "Payroll (a+b)", "Weather"],
                "environment": ["Sandbox", "Finance", "Finance", "Finance"],
                "environment_kind": ["Sandbox", "Production", "Production", "Production"],
                "department": [None, "Accounting", None, "Research"],
                "state": ["nobody", "sole_owner", "empty_group", "group_owned"],
                "members": pd.array([None, None, 0, 2], dtype="Int64"),
                "consumers": pd.array([0, 3, 1, 9], dtype="Int64"),
                "owner": [None, "Ada Ample", "Makers", "Makers"],
                "business_owner": [None, "Bruno Bogus", None, None],
                "deputy": [None, None, None, None],
                "team": [None, None, "Pay team", None],
                "contact": [None, None, None, None],
                "review_on": [None, date(2027, 1, 1), TODAY, None],
            }
        ),
        TODAY,
    )


def names(frame: pd.DataFrame) -> list[str]:
    """The connectors of some rows."""
    return list(frame["connector"])


def test_the_worst_stand_first_and_of_those_the_most_used(gaps: pd.DataFrame) -> None:
    """Whatever order the rows had."""
    more = gaps.assign(state="nobody").drop(columns="stewarded")

    assert names(gaps) == ["Scratch", "Payroll (a+b)", "Weather", "Invoices"]
    assert list(unowned(gaps).head(1)) == [True]
    assert names(told(more, TODAY)) == ["Weather", "Invoices", "Payroll (a+b)", "Scratch"]


def test_a_steward_is_named_due_or_missing(gaps: pd.DataFrame) -> None:
    """A team alone is somebody; a review is due on its very day."""
    assert dict(zip(gaps["connector"], gaps["stewarded"], strict=True)) == {
        "Scratch": "not_named",
        "Invoices": "named",
        "Payroll (a+b)": "review_due",
        "Weather": "not_named",
    }


@pytest.mark.parametrize(
    ("chosen", "left"),
    [
        ({}, ["Scratch", "Payroll (a+b)", "Weather", "Invoices"]),
        ({"states": ["empty_group"]}, ["Payroll (a+b)"]),
        ({"environments": ["Sandbox"]}, ["Scratch"]),
        ({"departments": [UNTOLD]}, ["Scratch", "Payroll (a+b)"]),
        ({"departments": ["Research", "Accounting"]}, ["Weather", "Invoices"]),
        ({"kinds": ["Production"], "stewarded": ["not_named"]}, ["Weather"]),
        ({"search": "pay (a+"}, ["Payroll (a+b)"]),
        ({"search": "bogus FINANCE"}, ["Invoices"]),
        ({"search": "none"}, []),
    ],
)
def test_gaps_are_narrowed(gaps: pd.DataFrame, chosen: dict[str, object], left: list[str]) -> None:
    """Every filter must be passed; words are looked for as they are."""
    assert names(narrow_gaps(gaps, **chosen)) == left  # type: ignore[arg-type]


def test_places_add_up(gaps: pd.DataFrame) -> None:
    """Every row is counted once, also where nobody knows its place."""
    found = places(gaps, "department", "state")

    assert found["count"].sum() == len(gaps)
    assert set(found["place"]) == {UNTOLD, "Accounting", "Research"}
    assert places(gaps.head(0), "department", "state").empty


@pytest.fixture
def unused() -> pd.DataFrame:
    """Four connectors: one of them exempt, one of which nothing is known."""
    return pd.DataFrame(
        {
            "connector": ["Delta", "Alpha", "Beta", "Gamma"],
            "environment": ["Finance", "Finance", "Sandbox", "Sandbox"],
            "family": [None, None, None, None],
            "owner": ["Ada Ample", None, "Bruno Bogus", "Ada Ample"],
            "state": ["stale", "abandoned", "stale", "unknown"],
            "environment_kind": ["Production", "Production", "Sandbox", "Sandbox"],
            "department": ["Sales", None, None, "Sales"],
            "to_be_asked": [True, True, True, False],
            "exempt": [False, False, True, False],
            "score": pd.array([55, 90, 60, None], dtype="Int64"),
            "last_used_on": [date(2026, 5, 1), None, date(2026, 1, 1), None],
            "monthly": [5, None, 7, None],
        }
    )


@pytest.mark.parametrize(
    ("chosen", "left"),
    [
        ({}, ["Alpha", "Beta", "Delta", "Gamma"]),
        ({"order": "connector"}, ["Alpha", "Beta", "Delta", "Gamma"]),
        ({"order": "last_used_on"}, ["Beta", "Delta", "Alpha", "Gamma"]),
        ({"order": "monthly"}, ["Beta", "Delta", "Alpha", "Gamma"]),
        ({"states": ["stale"]}, ["Beta", "Delta"]),
        ({"asking": NOT_EXEMPT}, ["Alpha", "Delta", "Gamma"]),
        ({"asking": EXEMPT}, ["Beta"]),
        ({"asking": ASKABLE}, ["Alpha", "Delta"]),
        ({"search": "ada", "environments": ["Sandbox"]}, ["Gamma"]),
        ({"kinds": ["Production"], "search": "ada"}, ["Delta"]),
        ({"departments": [UNTOLD]}, ["Alpha", "Beta"]),
    ],
)
def test_unused_ones_are_narrowed_and_ordered(
    unused: pd.DataFrame, chosen: dict[str, object], left: list[str]
) -> None:
    """What is not known comes last, whatever the order."""
    assert names(narrow_stale(unused, **chosen)) == left  # type: ignore[arg-type]


def test_an_exempt_one_is_not_counted_as_idle(unused: pd.DataFrame) -> None:
    """It stays in the list, and asks for no decision."""
    assert list(idle(unused, "stale", "abandoned")) == [True, True, False, False]
    assert names(askable(unused)) == ["Alpha", "Delta"]
    assert counted(unused) == Counted(unused=2, unknown=1)
    assert counted(unused.head(0)) is None
