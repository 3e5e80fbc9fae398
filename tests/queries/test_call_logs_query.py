"""How far logs of calls were read, what is lost of them, and what belongs to nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime

import factories
import pandas as pd
import pytest
from factories import moment
from factories_calls import call, fill_calls
from sqlalchemy import Engine, text

from collectors.telemetry.call import Calls
from collectors.telemetry.keeping import Keeper
from connectory.database import reading, writing
from connectory.queries.call_gaps import call_gaps
from connectory.queries.call_logs import call_logs, unmatched_by_source
from connectory.queries.call_tables import Window

READ = datetime(2026, 11, 15, 2, tzinfo=UTC)
GAPS = [(1, "2026-11-01", "2026-11-03", 2), (2, "2026-11-08", "2026-11-09", 3)]


@pytest.fixture
def logged(store: Engine) -> Engine:
    """The small tenant with a log of files and one that is queried, of which two parts are lost."""
    factories.fill(store)
    fill_calls(store)
    lost = [call(15, "x", address="unknown.example", weight=4)]
    Keeper("gateway_logs", lambda: writing(store)).add(Calls.of(lost))
    with writing(store) as connection:
        connection.execute(
            text(
                "INSERT INTO call_reads (source, log, name, read_to, run_id) "
                "VALUES ('gateway_logs', 'place', 'main', :read_to, 3)"
            ),
            {"read_to": "2026-11-15 02:00:00"},
        )
        for number, first, last, run in GAPS:
            connection.execute(
                text(
                    "INSERT INTO call_gaps (id, source, log, name, from_at, to_at, reason, run_id) VALUES "
                    "(:id, 'gateway_logs', 'place', 'main', :first, :last, 'kept too short', :run)"
                ),
                {
                    "id": number,
                    "first": f"{first} 00:00:00",
                    "last": f"{last} 00:00:00",
                    "run": run,
                },
            )
    return store


def test_each_log_says_how_far_it_was_read(logged: Engine) -> None:
    """Of a service what it had taken in, of files their latest call; and how much is lost."""
    with reading(logged) as connection:
        service, files = call_logs(connection, moment(3)).to_dict("records")

    assert (service["source"], service["log"], service["lost"]) == ("gateway_logs", "main", 2)
    assert service["read_to"] == READ
    assert service["lost_to"] == datetime(2026, 11, 9, tzinfo=UTC)
    assert (files["source"], files["log"], files["files"], files["bad_lines"]) == (
        "access_logs",
        "invoices",
        1,
        1,
    )
    assert pd.isna(files["lost_to"])


def test_what_was_not_known_yet_is_not_told(logged: Engine) -> None:
    """A gap that the third run found is none to whoever looks at the second."""
    with reading(logged) as connection:
        before, now = call_gaps(connection, moment(2)), call_gaps(connection, moment(3))

    assert before["from_at"].tolist() == [datetime(2026, 11, 1, tzinfo=UTC)]
    assert now["from_at"].tolist() == [
        datetime(2026, 11, 8, tzinfo=UTC),
        datetime(2026, 11, 1, tzinfo=UTC),
    ]


def test_calls_of_nothing_are_counted_by_source_and_reason(logged: Engine) -> None:
    """Sampled rows by their weight, and never two sources together."""
    window = Window(date(2026, 11, 14), date(2026, 11, 15))
    with reading(logged) as connection:
        rows = unmatched_by_source(connection, window).to_numpy().tolist()

    assert rows == [["gateway_logs", "no_connector", 4], ["access_logs", "no_connector", 1]]
