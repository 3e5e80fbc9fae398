"""Calls of the small tenant written by hand."""

from __future__ import annotations

from datetime import UTC, datetime

from factories import INVOICES
from sqlalchemy import Engine, text

from collectors.telemetry.call import Call
from collectors.telemetry.keeping import Keeper
from connectory.database import writing

HOST = "api.invoices.example"
LOG = {"log": "invoices", "hash": "00", "name": "day.log", "rows": 6, "run": 3}


def call(day: int, event: str, **more: object) -> Call:
    """Return a call on a day of November 2026, at noon."""
    moment = datetime(2026, 11, day, 12, tzinfo=UTC)
    values: dict[str, object] = {
        "at": int(moment.timestamp()) * 1_000_000,
        "event": event,
        "address": HOST,
        "environment": "",
        "method": "GET",
        "path": "/bills/17",
        "operation": "",
        "consumer": "",
        "caller": "",
        "connection": "",
        "status": 200,
        "duration": 100_000,
        "request": 10,
        "response": 1000,
        "retries": 0,
        "weight": 1,
    }
    return Call(**{**values, **more})  # type: ignore[arg-type]


CALLS = [
    call(14, "a", caller="ann@invented.example"),
    call(14, "b", caller="ann@invented.example", status=429, duration=5_000),
    call(14, "c", caller="bob@invented.example", weight=3, duration=400_000),
    call(15, "d", consumer="invented-flow", status=500, response=90_000),
    call(15, "e", path="/nowhere", status=404),
    call(15, "f"),
]


def fill_calls(engine: Engine) -> None:
    """Keep the calls; those to a bill belong to Invoices, whatever its definition offers."""
    Keeper("access_logs", lambda: writing(engine)).add(CALLS)
    with writing(engine) as connection:
        connection.execute(
            text(
                "UPDATE call_endpoints SET connector_id = :invoices, operation_id = 'GetBill', "
                "matched_by = 'path' WHERE path LIKE '/bills/%'"
            ),
            {"invoices": INVOICES},
        )
        connection.execute(
            text(
                "INSERT INTO call_files (log, content_hash, name, rows, new_rows, late_rows, "
                "bad_lines, run_id) VALUES (:log, :hash, :name, :rows, :rows, 0, 1, :run)"
            ),
            LOG,
        )
