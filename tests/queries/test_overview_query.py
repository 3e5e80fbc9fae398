from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta

import pytest
from factories import INVOICES, PAYROLL, RUN_TIMES, VANISHING, WEATHER, fill, moment
from sqlalchemy import Connection, Engine, update

from connectory.database import reading, writing
from connectory.queries.moments import Moment
from connectory.queries.overview import Totals, attention, attention_count, totals, trend
from models import ConnectionVersion, OwnershipAnswer

# Counted by hand from the story in factories.py.
_TOTALS = {
    1: Totals(
        connectors=6,  # all but Scratch
        environments=3,
        without_owner=1,  # Vanishing
        owner_unknown=0,
        without_definition=2,  # Weather, Trial balloon
        connections=4,  # not the one to Office 365
        broken_connections=0,
        references=2,
        flows=3,  # Pay the bills, Legacy sync, Try invoices
        apps=1,
        agents=1,
    ),
    2: Totals(
        connectors=6,  # Scratch came, Vanishing is missing
        environments=3,
        without_owner=1,  # Weather; a missing connector is not counted
        owner_unknown=1,  # Scratch
        without_definition=3,
        connections=3,
        broken_connections=1,  # Bruno's
        references=2,
        flows=3,  # Payroll nightly came, Legacy sync uses none any more
        apps=1,
        agents=1,
    ),
    3: Totals(
        connectors=6,  # Vanishing is back, Trial balloon gone
        environments=2,
        without_owner=3,  # Payroll, Weather, Vanishing
        owner_unknown=1,
        without_definition=2,  # Weather, Scratch
        connections=4,
        broken_connections=2,
        references=2,
        flows=2,  # Try invoices is missing
        apps=1,
        agents=1,
    ),
}


@pytest.mark.parametrize("run", [1, 2, 3])
def test_totals_are_those_of_the_moment(tenant: Connection, run: int) -> None:
    """Every key figure is counted as of its run, also for a run long past."""
    assert totals(tenant, moment(run)) == _TOTALS[run]


def test_totals_of_nothing_are_zero(nothing: Connection) -> None:
    """A run that found nothing has zeros, not failures."""
    assert set(asdict(totals(nothing, moment(1))).values()) == {0}


def test_the_trend_has_each_moment_up_to_now(tenant: Connection) -> None:
    """Connectors and those without owner are told run by run, failed runs left out."""
    frame = trend(tenant, moment(3))

    assert frame["run_id"].tolist() == [1, 2, 3]
    assert frame["read_at"].tolist() == RUN_TIMES[:3]
    assert frame["connectors"].tolist() == [6, 6, 6]
    assert frame["without_owner"].tolist() == [1, 1, 3]


def test_the_trend_ends_at_its_moment_and_begins_some_weeks_before(tenant: Connection) -> None:
    """A page opened as of run 2 shows no later run, and one week shows two moments."""
    assert trend(tenant, moment(2))["run_id"].tolist() == [1, 2]
    assert trend(tenant, moment(3), weeks=1)["run_id"].tolist() == [2, 3]


def test_what_the_trend_ends_with_is_what_the_totals_say(tenant: Connection) -> None:
    """Two ways of counting the same figure agree at every moment."""
    for run in (1, 2, 3):
        last = trend(tenant, moment(run)).iloc[-1]
        now = totals(tenant, moment(run))

        assert (last["connectors"], last["without_owner"]) == (now.connectors, now.without_owner)


def test_attention_has_the_worst_first(tenant: Connection) -> None:
    """A used connector whose owner left comes before unused ones, those before mere defects."""
    frame = attention(tenant, moment(3))

    assert list(zip(frame["severity"], frame["connector_id"], strict=True)) == [
        ("critical", PAYROLL),
        ("high", WEATHER),
        ("high", VANISHING),
        ("high", INVOICES),
        ("medium", WEATHER),
        ("medium", INVOICES),
    ]
    assert frame["title"].tolist()[0] == "Its owner has left, and it is in use"
    assert frame["detail"].tolist()[0] == "Carla Contrived; used by 1 flow and 1 app"
    assert frame["title"].tolist()[4] == "Its definition cannot be read"
    assert frame["detail"].tolist()[4] == "not JSON: at line 1, column 2"


def test_an_owner_nobody_knows_is_not_told_by_number(store: Engine) -> None:
    """An id that the directory has not is of no use to a person."""
    fill(store)
    with writing(store) as connection:
        connection.execute(
            update(OwnershipAnswer)
            .where(OwnershipAnswer.state == "departed_owner")
            .values(owner_key="90000000-0000-4000-8000-000000000000")
        )
    with reading(store) as connection:
        first = attention(connection, moment(3)).iloc[0]

    assert first["detail"] == ("someone the directory no longer knows; used by 1 flow and 1 app")


def test_a_broken_connection_that_nothing_refers_to_needs_nobody(store: Engine) -> None:
    """Only those that a flow, an app or a connection reference names are told."""
    fill(store)
    with writing(store) as connection:
        connection.execute(
            update(ConnectionVersion)
            .where(ConnectionVersion.connection_id.in_([1, 5]))
            .values(status="Error")
        )
    with reading(store) as connection:
        frame = attention(connection, moment(3))
    broken = frame[frame["title"] == "Broken connections are in use"]

    # conn-1 is an app's, conn-2 a flow's and a reference's, conn-3 as well; conn-5 nobody's
    assert broken["connector_id"].tolist() == [INVOICES, PAYROLL]
    assert [detail.split()[0] for detail in broken["detail"]] == ["2", "1"]


def test_attention_is_that_of_the_moment(tenant: Connection) -> None:
    """At the first run only the connector without owner and the unreadable definition show."""
    frame = attention(tenant, moment(1))

    assert frame["connector_id"].tolist() == [VANISHING, WEATHER]
    assert frame["connector"].tolist() == ["Vanishing", "Weather"]
    assert frame["environment"].tolist() == ["Playground", "Playground"]


def test_attention_is_cut_but_counted_whole(tenant: Connection) -> None:
    """The limit bounds the rows, not the count."""
    assert len(attention(tenant, moment(3), limit=2)) == 2
    assert attention_count(tenant, moment(3)) == 7
    assert attention_count(tenant, moment(1)) == 2


def test_nothing_needs_attention_where_nothing_is(nothing: Connection) -> None:
    """An empty store has an empty frame with its columns."""
    frame = attention(nothing, moment(1))

    assert frame.empty
    assert list(frame.columns) == [
        "severity",
        "kind",
        "title",
        "connector_id",
        "connector",
        "environment",
        "detail",
    ]
    assert attention_count(nothing, moment(1)) == 0
    assert trend(nothing, moment(1))["connectors"].tolist() == [0]


def test_a_moment_before_the_trend_window_is_left_out(tenant: Connection) -> None:
    """The window reaches back from the moment's own time."""
    late = Moment(3, RUN_TIMES[2] + timedelta(weeks=40), "partial")

    assert trend(tenant, late).empty
