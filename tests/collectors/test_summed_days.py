"""A day that comes summed in several answers is kept whole, also where one tells of more."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Engine, text

from collectors.telemetry.summed_days import SummedDay, replace_day
from connectory.database import reading, writing

PLACE = {"address": "api.invented.example", "environment": "", "method": "GET", "operation": ""}


def test_an_endpoint_that_one_answer_alone_tells_is_kept(store: Engine) -> None:
    """With the figures that answer has of it; the others are none."""
    told = SummedDay(date(2026, 11, 20))
    call: dict[str, Any] = {**PLACE, "path": "/a", "status": 200, "calls": 3}
    told.add_daily({**call, "consumer": "", "caller": ""})
    told.add_hourly({**call, "hour": 7, "rows": 3, "timed": 3, "latest": "2026-11-20T07:00:00Z"})
    for path in ("/a", "/b"):
        told.add_latency({**PLACE, "path": path, "about": 20, "calls": 3, "largest": 5})
    with writing(store) as connection:
        replace_day(connection, "gateway_logs", "log", told)
    with reading(store) as connection:
        rows = connection.execute(
            text(
                "SELECT e.path, d.calls, d.last_us, d.largest_response FROM usage_operations d "
                "JOIN call_endpoints e ON e.id = d.endpoint_id ORDER BY 1"
            )
        ).all()

    assert [tuple(row) for row in rows] == [("/a", 3, 7 * 3_600_000_000, 5), ("/b", 0, 0, 5)]
