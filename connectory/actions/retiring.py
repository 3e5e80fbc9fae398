"""Plans by which people take a connector out of use: announced, frozen, removed.

Nothing of the tenant is touched. What people have done is written down here, and that a connector
is gone is what a run finds.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final, Literal, cast

from sqlalchemy import ColumnElement, Connection, Engine, Table, select, update
from sqlalchemy.dialects.postgresql import insert as insert_on_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_on_sqlite

from connectory.database import writing
from connectory.domain.attesting import Retirement, plan
from connectory.domain.one_line import one_line
from connectory.queries.tables import CONNECTOR_VERSIONS, holds
from models import RetirementPlan

_PLANS = cast("Table", RetirementPlan.__table__)
_LONGEST_AUTHOR: Final = 200

Done = Literal["announced", "frozen", "given_up"]


class NotRetired(Exception):
    """Nothing of a plan was changed; the text says why and what to do."""


def planned(
    connection: Connection,
    connector_id: int,
    *,
    request_id: int | None,
    retirement: Retirement,
    who: str,
    now: datetime,
    today: date,
) -> int:
    """Plan to retire a connector and return the plan's number; that of the open one if there is one.

    Args:
        connection: Open transaction that writes.
        connector_id: Which.
        request_id: The answer it follows from, if any.
        retirement: How slowly.
        who: Who plans it.
        now: The time it is.
        today: The day it is where people live.
    """
    announce, freeze, remove = plan(today, retirement)
    make = insert_on_sqlite if connection.dialect.name == "sqlite" else insert_on_postgresql
    statement = make(_PLANS).values(
        connector_id=connector_id,
        request_id=request_id,
        planned_by=who,
        planned_at=now,
        announce_on=announce,
        freeze_on=freeze,
        remove_on=remove,
    )
    number = connection.scalar(statement.on_conflict_do_nothing().returning(_PLANS.c.id))
    if number is None:
        standing = select(_PLANS.c.id).where(
            _PLANS.c.connector_id == connector_id, _PLANS.c.closed_at.is_(None)
        )
        number = connection.execute(standing).scalar_one()
    return int(number)


def done(engine: Engine, plan_id: int, step: Done, *, author: str, now: datetime) -> None:
    """Write down that people have done a step of a plan, or have given it up.

    Args:
        engine: The store.
        plan_id: The plan.
        step: Which step.
        author: Who says so.
        now: When that is.

    Raises:
        NotRetired: Nobody is named, the plan is closed, or the step was said or is not its turn.
    """
    who = one_line(author, _LONGEST_AUTHOR)
    if not who:
        raise NotRetired("nobody is named who says so; say who it is")
    row = _PLANS.c
    conditions: dict[Done, tuple[ColumnElement[bool], dict[str, Any]]] = {
        "announced": (
            row.announced_at.is_(None),
            {"announced_at": now, "announced_by": who},
        ),
        "frozen": (
            row.announced_at.is_not(None) & row.frozen_at.is_(None),
            {"frozen_at": now, "frozen_by": who},
        ),
        "given_up": (
            row.closed_at.is_(None),
            {"closed_at": now, "closed_by": who, "outcome": "given_up"},
        ),
    }
    condition, values = conditions[step]
    with writing(engine) as connection:
        changed = connection.execute(
            update(_PLANS)
            .where(row.id == plan_id, row.closed_at.is_(None), condition)
            .values(**values)
        )
        if changed.rowcount != 1:
            raise NotRetired(
                "that was said already, is not its turn, or the plan is closed; read the page again"
            )


def close_removed(connection: Connection, run_id: int, *, now: datetime) -> int:
    """Close the plans whose connector a run found gone; return how many.

    Args:
        connection: Open transaction that writes.
        run_id: The run.
        now: The time it is.
    """
    gone = select(CONNECTOR_VERSIONS.c.connector_id).where(
        holds(CONNECTOR_VERSIONS, run_id), CONNECTOR_VERSIONS.c.presence == "gone"
    )
    closed = connection.execute(
        update(_PLANS)
        .where(_PLANS.c.closed_at.is_(None), _PLANS.c.connector_id.in_(gone))
        .values(closed_at=now, closed_by=f"run {run_id}", outcome="removed")
    )
    return closed.rowcount
