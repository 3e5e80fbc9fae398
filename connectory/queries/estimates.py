"""Frozen estimates: which there are, and each of them whole."""

from __future__ import annotations

import zlib
from decimal import Decimal
from typing import Any

import pandas as pd
from sqlalchemy import Connection, select

from connectory.domain.licensing.frozen import Frozen
from connectory.domain.licensing.payload import amount
from connectory.domain.licensing.statement import MONTHS, Recipient, Statement, read
from connectory.queries.frames import Schema, frame
from connectory.queries.tables import FROZEN_ESTIMATES, FROZEN_RECIPIENTS

_ESTIMATES: Schema = {
    "number": "count",
    "made_at": "time",
    "author": "text",
    "note": "text",
    "run_id": "count",
    "as_of": "text",
    "basis": "text",
    "currency": "text",
    "monthly": "money",
    "annual": "money",
    "people_in_need": "count",
    "recipients": "count",
    "price_book": "text",
}


class DamagedEstimate(Exception):
    """What is kept of a frozen estimate cannot be read; the text says why."""


def frozen_estimates(connection: Connection) -> pd.DataFrame:
    """Return every frozen estimate, the newest first."""
    facts = FROZEN_ESTIMATES.c
    query = select(
        facts.number, facts.made_at, facts.author, facts.note, facts.run_id, facts.as_of,
        facts.basis, facts.currency, facts.monthly, facts.people_in_need, facts.recipients,
        facts.price_book,
    ).order_by(facts.number.desc())  # fmt: skip
    rows = []
    for row in connection.execute(query):
        monthly = Decimal(row.monthly)
        rows.append(
            (*row[:5], row.as_of.isoformat(), *row[6:8], monthly, MONTHS * monthly, *row[9:])
        )
    return frame(rows, _ESTIMATES)


def frozen_estimate(connection: Connection, number: int) -> Frozen | None:
    """Return a frozen estimate by its number; None if there is none.

    Raises:
        DamagedEstimate: What is kept of it cannot be read.
    """
    facts, people = FROZEN_ESTIMATES.c, FROZEN_RECIPIENTS.c
    row = connection.execute(select(FROZEN_ESTIMATES).where(facts.number == number)).first()
    if row is None:
        return None
    recipients = connection.execute(
        select(
            people.person_key, people.person, people.department, people.gets, people.connectors,
            people.apps, people.flows, people.environments, people.rules,
        )
        .where(people.number == number)
        .order_by(people.position)
    )  # fmt: skip
    try:
        told = read(row.statement, tuple(Recipient(*one) for one in recipients))
        scenario = zlib.decompress(row.scenario)
    except (zlib.error, ValueError) as error:
        why = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DamagedEstimate(
            f"estimate {number} cannot be read any more: {why[:200]}; "
            "its row in frozen_estimates was changed by something else"
        ) from error
    return Frozen(
        number=row.number,
        made_at=row.made_at,
        author=row.author,
        note=row.note,
        run_id=row.run_id,
        statement=told,
        scenario=scenario,
        digest=row.digest,
        listed_alike=_listed(row) == _told(told),
    )


def _listed(row: Any) -> tuple[object, ...]:
    return (
        row.as_of, row.basis, row.currency, row.price_book, row.monthly, row.people_in_need,
        row.flows_in_need, row.recipients,
    )  # fmt: skip


def _told(told: Statement) -> tuple[object, ...]:
    return (
        told.as_of, told.basis, told.currency, told.price_book, amount(told.monthly),
        told.people_in_need, told.flows_in_need, len(told.recipients),
    )  # fmt: skip
