"""Answers on licences that are kept with each run: what is stored of an estimate, and read again.

An answer that did not change costs no row, so its course over all runs is one statement.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import pandas as pd
from sqlalchemy import Connection, Select, and_, exists, or_, select

from connectory.domain.licensing.attribution import Cause
from connectory.domain.licensing.model import Unsolved
from connectory.domain.licensing.payload import payload
from connectory.domain.licensing.prices import PriceBookError
from connectory.licensing_settings import LicensingSettings
from connectory.queries.exposure import ConnectorRow, Exposure, exposure
from connectory.queries.frames import Schema, frame
from connectory.queries.moments import FINISHED, Moment
from connectory.queries.tables import (
    ASSESSMENTS,
    CONNECTOR_EXPOSURE_ANSWERS,
    EXPOSURE_ANSWERS,
    RUNS,
    holds,
)

SCOPE: Final = "tenant"
Progress = Callable[[int, int], None]
"""Called with how many connectors were reckoned, and how many there are."""
_LONGEST = 1000
_HISTORY: Schema = {
    "run_id": "count",
    "read_at": "time",
    "monthly": "money",
    "people": "number",
    "flows": "number",
    "review": "number",
    "metered_now": "money",
    "proven": "maybe",
    "currency": "text",
    "price_book": "text",
    "basis": "text",
    "channel": "text",
    "reason": "text",
}
_CONNECTOR_HISTORY: Schema = {
    "run_id": "count",
    "read_at": "time",
    "monthly": "money",
    "people": "number",
    "apps": "number",
    "flows": "number",
    "currency": "text",
    "price_book": "text",
}


@dataclass(frozen=True, slots=True)
class Reckoned:
    """What is stored of an estimate.

    Attributes:
        tenant: Columns of the answer about the tenant.
        connectors: Columns of each connector's answer, by its id.
    """

    tenant: dict[str, Any]
    connectors: dict[int, dict[str, Any]]

    @property
    def reason(self) -> str | None:
        """Why it could not be reckoned; None if it was."""
        reason: str | None = self.tenant["reason"]
        return reason


def reckon(
    connection: Connection,
    moment: Moment,
    settings: LicensingSettings,
    progress: Progress | None = None,
) -> Reckoned:
    """Return the answers on licences at a moment; where there are none, why.

    Args:
        connection: Open transaction on the store.
        moment: As of when.
        settings: Prices, and how licences are bought.
        progress: Told how far it has come.
    """
    try:
        told = exposure(connection, moment, settings)
        return _answers(told, told.caused(progress))
    except (PriceBookError, Unsolved) as error:
        return Reckoned(_blank(settings) | {"reason": str(error)[:_LONGEST]}, {})


def _blank(settings: LicensingSettings) -> dict[str, Any]:
    """Return an answer that tells nothing, with what was asked for."""
    told = {column.name: None for column in EXPOSURE_ANSWERS.c}
    for name in ("id", "from_run", "to_run"):
        del told[name]
    return told | {"scope": SCOPE, "basis": settings.basis, "channel": settings.channel}


def _answers(told: Exposure, causes: Iterable[Cause]) -> Reckoned:
    found, scenario = told.estimate, told.tenant.scenario
    tenant = {
        "scope": SCOPE,
        "reason": None,
        "people": len(found.need.people),
        "flows": len(found.need.flows),
        "review": len(found.need.review),
        "monthly": found.monthly,
        "proven": found.plan.proven,
        "metered_now": found.metered_now,
        "ways": payload(found)["scenarios"],
        "currency": found.currency,
        "price_book": found.price_book[:_LONGEST],
        "basis": scenario.basis,
        "channel": scenario.channel or "",
    }
    connectors = {
        int(one.connector): {
            "monthly": one.monthly,
            "people": len(one.only),
            "apps": len(one.apps),
            "flows": len(one.flows),
        }
        for one in causes
    }
    return Reckoned(tenant, connectors)


@dataclass(frozen=True, slots=True)
class ExposureAnswer:
    """What a tenant needs in licences, as it was answered.

    Attributes:
        reason: Why it could not be reckoned; the figures are missing then.
        since: When the tenant was read for the first time with this answer.
        people: People who need cover they do not have.
        flows: Flows that need cover no person can give.
        monthly: What the cheapest plan costs a month.
        metered_now: What linked environments bill as things are.
        currency: Of every amount.
        price_book: Version of the prices.
    """

    reason: str | None
    since: datetime
    people: int | None
    flows: int | None
    monthly: Decimal | None
    metered_now: Decimal | None
    currency: str | None
    price_book: str | None


def exposure_answer(connection: Connection, moment: Moment) -> ExposureAnswer | None:
    """Return what was answered about a moment; None if it was not assessed."""
    table = EXPOSURE_ANSWERS.c
    query = (
        select(
            table.reason,
            RUNS.c.started_at,
            table.people,
            table.flows,
            table.monthly,
            table.metered_now,
            table.currency,
            table.price_book,
        )
        .join(RUNS, RUNS.c.id == table.from_run)
        .where(holds(EXPOSURE_ANSWERS, moment.run_id), table.scope == SCOPE)
    )
    row = connection.execute(query).first()
    return None if row is None else ExposureAnswer(*row)


def connector_answer(
    connection: Connection, moment: Moment, connector_id: int
) -> tuple[int, Decimal] | None:
    """Return how many people need cover because of a connector alone, and what it costs by itself.

    None where nothing uses it, or that is not known.
    """
    table = CONNECTOR_EXPOSURE_ANSWERS.c
    query = select(table.people, table.monthly).where(
        holds(CONNECTOR_EXPOSURE_ANSWERS, moment.run_id), table.connector_id == connector_id
    )
    row = connection.execute(query).first()
    return None if row is None else (int(row.people), row.monthly)


def connector_answers(connection: Connection, moment: Moment) -> list[ConnectorRow]:
    """Return what was answered about each connector at a moment, the dearest first."""
    table = CONNECTOR_EXPOSURE_ANSWERS.c
    query = select(table.connector_id, table.monthly, table.people, table.apps, table.flows).where(
        holds(CONNECTOR_EXPOSURE_ANSWERS, moment.run_id)
    )
    rows = [ConnectorRow(*row) for row in connection.execute(query)]
    return sorted(rows, key=lambda row: (-row.monthly, row.connector_id))


def exposure_history(connection: Connection, moment: Moment) -> pd.DataFrame:
    """Return what was answered about each run up to a moment, the oldest first, in one statement.

    A run that was not assessed has no row. Figures are missing where they could not be reckoned,
    and reason says why.
    """
    answers = EXPOSURE_ANSWERS
    names = list(_HISTORY)[2:]
    query = _over_runs(answers, moment).add_columns(*(answers.c[name] for name in names))
    return frame(connection.execute(query.where(answers.c.scope == SCOPE)).all(), _HISTORY)


def connector_history(connection: Connection, moment: Moment, connector_id: int) -> pd.DataFrame:
    """Return what a connector cost at each run up to a moment, the oldest first.

    A run at which nothing used it, or that was not assessed, has no row.
    """
    answers, tenant = CONNECTOR_EXPOSURE_ANSWERS, EXPOSURE_ANSWERS
    query = (
        _over_runs(answers, moment)
        .outerjoin(
            tenant,
            and_(
                tenant.c.scope == SCOPE,
                tenant.c.from_run <= RUNS.c.id,
                or_(tenant.c.to_run.is_(None), tenant.c.to_run > RUNS.c.id),
            ),
        )
        .add_columns(
            answers.c.monthly,
            answers.c.people,
            answers.c.apps,
            answers.c.flows,
            tenant.c.currency,
            tenant.c.price_book,
        )
        .where(answers.c.connector_id == connector_id)
    )
    return frame(connection.execute(query).all(), _CONNECTOR_HISTORY)


def _over_runs(answers: Any, moment: Moment) -> Select[Any]:
    """Select runs up to a moment that were assessed, each with the answers that held then."""
    table = answers.c
    return (
        select(RUNS.c.id, RUNS.c.started_at)
        .join(
            answers,
            and_(
                table.from_run <= RUNS.c.id,
                or_(table.to_run.is_(None), table.to_run > RUNS.c.id),
            ),
        )
        .where(
            RUNS.c.id <= moment.run_id,
            RUNS.c.state.in_(FINISHED),
            exists(select(ASSESSMENTS.c.id).where(ASSESSMENTS.c.run_id == RUNS.c.id)),
        )
        .order_by(RUNS.c.id)
    )
