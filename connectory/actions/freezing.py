"""Freezing an estimate: written once under the next number, and never again.

Nothing of the tenant is touched. Freezing waits for no lease, since no collector writes these
tables; two who freeze at once get numbers one after the other.
"""

from __future__ import annotations

import zlib
from dataclasses import astuple, replace
from datetime import datetime
from typing import Final, cast

from sqlalchemy import Connection, Engine, Table, func, insert, select
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from connectory.database import reading, writing
from connectory.domain.licensing.frozen import (
    LONGEST_AUTHOR,
    LONGEST_NOTE,
    Frozen,
    digest,
)
from connectory.domain.licensing.payload import amount
from connectory.domain.licensing.statement import Statement, written
from connectory.domain.licensing.writing import write_scenario
from connectory.domain.one_line import one_line
from connectory.licensing_settings import LicensingSettings
from connectory.queries.exposure import Exposure
from connectory.queries.moments import Moment
from connectory.queries.statements import statement
from models import FrozenEstimate, FrozenRecipient

_ESTIMATES = cast("Table", FrozenEstimate.__table__)
_RECIPIENTS = cast("Table", FrozenRecipient.__table__)
_TRIES: Final = 5
_COLUMNS: Final = (
    "person_key", "person", "department", "gets", "connectors", "apps", "flows", "environments",
    "rules",
)  # fmt: skip


class NotFrozen(Exception):
    """An estimate was not frozen; the text says why and what to do. Nothing was written."""


def freeze(
    engine: Engine,
    moment: Moment,
    told: Exposure,
    settings: LicensingSettings,
    *,
    author: str,
    note: str,
    now: datetime,
) -> Frozen:
    """Freeze an estimate and return it.

    Args:
        engine: The store it was read from.
        moment: As of when.
        told: What the tenant needs and what that costs.
        settings: What it was reckoned with.
        author: Who freezes it.
        note: What it is made for; may be nothing.
        now: When that is.

    Raises:
        NotFrozen: Nobody is named, or the store takes no writing.
    """
    frozen = Frozen(
        number=0,
        made_at=now,
        author=one_line(author, LONGEST_AUTHOR),
        note=one_line(note, LONGEST_NOTE),
        run_id=moment.run_id,
        statement=_statement(engine, told, settings),
        scenario=write_scenario(told.tenant.scenario),
    )
    if not frozen.author:
        raise NotFrozen("nobody is named who freezes the estimate; say who it is")
    try:
        return _written(engine, frozen)
    except SQLAlchemyError as error:
        cause = " ".join(str(getattr(error, "orig", None) or error).split())[:200]
        raise NotFrozen(
            f"the store took no writing: {cause}; "
            f"{engine.url.render_as_string(hide_password=True)}; the account of database.url must "
            "be allowed to insert into frozen_estimates and frozen_recipients"
        ) from error


def _statement(engine: Engine, told: Exposure, settings: LicensingSettings) -> Statement:
    with reading(engine) as connection:
        return statement(connection, told, settings)


def _written(engine: Engine, frozen: Frozen) -> Frozen:
    for _ in range(_TRIES - 1):
        try:
            with writing(engine) as connection:
                return _insert(connection, frozen)
        except IntegrityError:
            continue  # somebody else took that number meanwhile
    with writing(engine) as connection:
        return _insert(connection, frozen)


def _insert(connection: Connection, frozen: Frozen) -> Frozen:
    number = (connection.scalar(select(func.max(_ESTIMATES.c.number))) or 0) + 1
    numbered = replace(frozen, number=number)
    kept = replace(numbered, digest=digest(numbered))
    told = kept.statement
    connection.execute(
        insert(_ESTIMATES).values(
            number=number,
            made_at=kept.made_at,
            author=kept.author,
            note=kept.note,
            run_id=kept.run_id,
            as_of=told.as_of,
            basis=told.basis,
            channel=told.channel,
            currency=told.currency,
            price_book=told.price_book,
            monthly=amount(told.monthly),
            people_in_need=told.people_in_need,
            flows_in_need=told.flows_in_need,
            recipients=len(told.recipients),
            statement=written(told),
            scenario=zlib.compress(kept.scenario),
            digest=kept.digest,
        )
    )
    rows = [
        {"number": number, "position": position, **dict(zip(_COLUMNS, astuple(one), strict=True))}
        for position, one in enumerate(told.recipients, 1)
    ]
    if rows:
        connection.execute(insert(_RECIPIENTS), rows)
    return kept
