"""Figures that were kept by caller are told by operation afterwards, and add up the same back."""

from __future__ import annotations

from typing import Any

from alembic import command
from sqlalchemy import Engine, text
from test_migration_of_tallies import settings

from connectory.database import upgrade

FIGURES = (
    "calls", "unauthorized", "throttled", "refused", "failed", "timed_out", "retries", "timed",
    "duration_us", "request_bytes", "response_bytes",
)  # fmt: skip
OF_CALLERS = (
    (2, 3, 4, (10, 1, 2, 3, 1, 1, 0, 9, 900, 70, 80), 500),
    (2, 3, 5, (1, 0, 0, 0, 0, 0, 2, 1, 5, 6, 7), 700),
    (9, 3, 5, (4, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0), 20),
)
"""Endpoint, consumer, caller, figures, and the time of the last call."""


def asked(engine: Engine, query: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query."""
    with engine.begin() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def test_figures_move_from_callers_to_operations(bare_store: Engine) -> None:
    """Calls and errors stay with who called; sums of an operation survive the way back."""
    command.upgrade(settings(bare_store), "0025")
    names = ("day", "target_id", "endpoint_id", "consumer_id", "caller_id", *FIGURES, "last_us")
    told = ", ".join(FIGURES)
    summed = ", ".join(f"sum({name})" for name in FIGURES)
    by_operation = (
        f"SELECT endpoint_id, {summed}, max(last_us) FROM usage_daily GROUP BY 1 ORDER BY 1"  # noqa: S608
    )
    with bare_store.begin() as connection:
        for endpoint in (2, 9):
            connection.execute(
                text("INSERT INTO usage_operations VALUES ('2026-11-20', 1, :endpoint, 5, :tally)"),
                {"endpoint": endpoint, "tally": b""},
            )
        for endpoint, consumer, caller, figures, last in OF_CALLERS:
            values = ("'2026-11-20'", 1, endpoint, consumer, caller, *figures, last)
            connection.execute(
                text(
                    f"INSERT INTO usage_daily ({', '.join(names)}) "  # noqa: S608
                    f"VALUES ({', '.join(map(str, values))})"
                )
            )
    before = asked(bare_store, by_operation)

    upgrade(bare_store)
    of_callers = asked(
        bare_store, "SELECT endpoint_id, consumer_id, caller_id, calls, errors FROM usage_daily"
    )
    of_operations = asked(
        bare_store,
        f"SELECT endpoint_id, {told}, last_us FROM usage_operations ORDER BY 1",  # noqa: S608
    )
    command.downgrade(settings(bare_store), "0025")

    assert sorted(of_callers) == [(2, 3, 4, 10, 8), (2, 3, 5, 1, 0), (9, 3, 5, 4, 4)]
    assert of_operations == before
    assert before[0][:3] == (2, 11, 1)
    assert asked(bare_store, by_operation) == before
