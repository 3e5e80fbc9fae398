"""Calls of the small tenant written by hand."""

from __future__ import annotations

from datetime import UTC, datetime

from factories import INVOICES, PAYROLL, TWIN
from sqlalchemy import Engine, text

from collectors.telemetry.call import Call, Calls
from collectors.telemetry.keeping import Keeper
from connectory.database import writing

HOST = "api.invoices.example"
OLD_HOST = "old.invoices.example"
PAY_HOST = "pay.example"
LOG = {"log": "invoices", "hash": "00", "name": "day.log", "rows": 6, "run": 3}


def call(day: int, event: str, **more: object) -> Call:
    """Return a call on a day of November 2026, at noon or so many minutes after midnight."""
    minute = int(str(more.pop("minute", 720)))
    moment = datetime(2026, 11, day, minute // 60, minute % 60, tzinfo=UTC)
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
    Keeper("access_logs", lambda: writing(engine)).add(Calls.of(CALLS))
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


SOURCES = {
    "gateway_logs": [
        call(15, "g", caller="ann@invented.example"),
        call(15, "h", status=503, weight=4, retries=2),
        call(15, "i", path="/nowhere", status=404),
    ],
    "access_logs": [call(14, "j", address=OLD_HOST, path="/old/1", response=7_000)],
    "canvas_calls": [
        call(13, "k", caller="carla@invented.example", weight=4),
        call(14, "l", weight=50),
    ],
    "flow_actions": [
        call(12, "m", path="/invoices/9", consumer="flow-1", weight=2),
        call(15, "n", weight=100),
        call(12, "o", address=PAY_HOST, path="/run/1", consumer="app-1", weight=7),
    ],
}
"""What other sources tell: partly of the same days of Invoices, and of two other connectors."""

_BELONG = (
    ("/invoices/%", INVOICES, "GetInvoice"),
    ("/old/%", TWIN, "GetOld"),
    ("/run/%", PAYROLL, "RunPayroll"),
)


def fill_sources(engine: Engine) -> None:
    """Add what other sources tell to what `fill_calls` keeps."""
    fill_calls(engine)
    for source, calls in SOURCES.items():
        Keeper(source, lambda: writing(engine)).add(Calls.of(calls))
    with writing(engine) as connection:
        for path, connector, operation in (("/bills/%", INVOICES, "GetBill"), *_BELONG):
            connection.execute(
                text(
                    "UPDATE call_endpoints SET connector_id = :connector, "
                    "operation_id = :operation, matched_by = 'path' WHERE path LIKE :path"
                ),
                {"path": path, "connector": connector, "operation": operation},
            )
