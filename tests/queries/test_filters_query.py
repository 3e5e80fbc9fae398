from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
import pytest
from factories import INVOICES, PAYROLL, SCRATCH, TWIN, VANISHING, WEATHER, fill, moment
from sqlalchemy import Engine

from connectory.database import reading
from connectory.queries.connectors import connectors
from connectory.queries.filters import narrow


@pytest.fixture
def listed(sqlite_store: Engine) -> Iterator[pd.DataFrame]:
    """The list of connectors at run 3."""
    fill(sqlite_store)
    with reading(sqlite_store) as connection:
        yield connectors(connection, moment(3))


def ids(frame: pd.DataFrame) -> list[int]:
    """Return the ids of a list in its order."""
    return [int(number) for number in frame["connector_id"]]


def test_no_filter_leaves_every_connector_by_name(listed: pd.DataFrame) -> None:
    """The frame comes back whole, with its columns and nothing added."""
    rows = narrow(listed.sample(frac=1, random_state=1))

    assert ids(rows) == [INVOICES, TWIN, PAYROLL, SCRATCH, VANISHING, WEATHER]
    assert list(rows.columns) == list(listed.columns)


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("INVOICES", [INVOICES, TWIN]),
        ("ada finance", [INVOICES]),
        ("payroll.example", [PAYROLL]),
        ("shared_weather", [WEATHER]),
        ("sandbox", [TWIN, VANISHING, WEATHER]),
        (".*", []),
        ("  ", [INVOICES, TWIN, PAYROLL, SCRATCH, VANISHING, WEATHER]),
        ("invoices payroll", []),
    ],
)
def test_search_wants_every_word_somewhere(
    listed: pd.DataFrame, search: str, found: list[int]
) -> None:
    """Words are looked for in names, owner, host and environment, as they are written."""
    assert ids(narrow(listed, search=search)) == found


def test_filters_are_joined(listed: pd.DataFrame) -> None:
    """Several values of one filter widen, several filters narrow."""
    lost = narrow(listed, owner_states=["departed_owner", "disabled_owner", "nobody"])
    lost_here = narrow(listed, owner_states=["departed_owner", "nobody"], environments=["Finance"])

    assert ids(lost) == [PAYROLL, VANISHING, WEATHER]
    assert ids(lost_here) == [PAYROLL]
    assert ids(narrow(listed, definition_states=["absent", "unreadable"])) == [SCRATCH, WEATHER]
    assert ids(narrow(listed, authentication=["API key"])) == [PAYROLL]


def test_figures_have_the_largest_first_and_equals_stand_by_name(listed: pd.DataFrame) -> None:
    """Orders are stable, and rows without a value come last."""
    assert ids(narrow(listed, order="connections"))[:4] == [INVOICES, TWIN, PAYROLL, SCRATCH]
    assert ids(narrow(listed, order="changed_at"))[:3] == [INVOICES, PAYROLL, TWIN]
    assert ids(narrow(listed, order="operations"))[:2] == [INVOICES, TWIN]
    assert ids(narrow(listed, order="operations"))[-2:] == [SCRATCH, WEATHER]


def test_an_unknown_order_is_refused(listed: pd.DataFrame) -> None:
    """A column that does not exist is a mistake, not a silent default."""
    with pytest.raises(KeyError, match="beauty"):
        narrow(listed, order="beauty")


def test_an_empty_list_stays_empty(listed: pd.DataFrame) -> None:
    """Filters work without rows, and keep the types of the columns."""
    rows = narrow(listed[:0], search="x", owner_states=["nobody"], order="consumers")

    assert rows.empty
    assert rows.dtypes.equals(listed.dtypes)


def test_broken_connectors_alone_can_be_asked_for() -> None:
    """Only connectors with a broken connection are kept, and their figures add up as listed."""
    frame = pd.DataFrame(
        {
            "connector_id": [1, 2, 3],
            "display_name": ["A", "B", "C"],
            "broken_connections": [0, 2, 1],
        }
    )

    kept = narrow(frame, broken=True)

    assert kept["connector_id"].tolist() == [2, 3]
    assert kept["broken_connections"].sum() == 3
