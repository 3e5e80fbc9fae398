"""Answers on licences of many weeks, for what is told from their course."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from sqlalchemy import Engine, insert, text

import models
from connectory.database import writing
from connectory.queries.moments import Moment

LAST = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def fill_answers(store: Engine, monthly: Sequence[int], connector_id: int | None = None) -> Moment:
    """Put answers in the place of those that stand: of one run a week, up to `LAST`.

    Args:
        store: Filled with the small tenant.
        monthly: What the cheapest plan cost each week; a tenth of it needs cover.
        connector_id: A connector that costs half of it.

    Returns:
        The last of these runs.
    """
    first, last = 10, 9 + len(monthly)
    begun = {
        first + number: LAST - timedelta(weeks=len(monthly) - 1 - number)
        for number in range(len(monthly))
    }
    until = {run: None if run == last else run + 1 for run in begun}
    with writing(store) as connection:
        for table in ("exposure_answers", "connector_exposure_answers"):
            connection.execute(text(f"DELETE FROM {table}"))  # noqa: S608 - names of ours
        for run, at in begun.items():
            connection.execute(
                insert(models.Run).values(
                    id=run, state="complete", started_at=at, finished_at=at, product_version="0",
                    arguments={},
                )
            )  # fmt: skip
            connection.execute(
                insert(models.Assessment).values(
                    id=run, run_id=run, state="complete", started_at=at, finished_at=at
                )
            )
        for run, cost in zip(begun, monthly, strict=True):
            connection.execute(
                insert(models.ExposureAnswer).values(
                    scope="tenant", people=cost // 10, flows=0, review=0, monthly=Decimal(cost),
                    proven=True, metered_now=Decimal(0), ways={}, currency="USD",
                    price_book="list", basis="active", channel="", from_run=run, to_run=until[run],
                )
            )  # fmt: skip
            if connector_id is not None:
                connection.execute(
                    insert(models.ConnectorExposureAnswer).values(
                        connector_id=connector_id, monthly=Decimal(cost) / 2, people=cost // 20,
                        apps=1, flows=1, from_run=run, to_run=until[run],
                    )
                )  # fmt: skip
    return Moment(last, LAST, "complete", last)
