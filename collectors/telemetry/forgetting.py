"""Forgetting who called, while what was called stays.

How many different accounts called is counted first, once; then the rows of a day's callers become
one. Sums and those counts are the same before and after. Only a day that is sealed
is forgotten, so that nothing is ever added to it again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date, datetime
from typing import Any, Final, cast

from sqlalchemy import (
    CTE,
    ColumnElement,
    Connection,
    Select,
    Table,
    and_,
    case,
    delete,
    distinct,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    true,
    tuple_,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from connectory.clock import wall_clock
from connectory.lease import may_live
from models import (
    FORMER_CALLER,
    CallCaller,
    CallEndpoint,
    CallTarget,
    Lease,
    UsageCallers,
    UsageDay,
    UsageTarget,
)

KEEPING: Final = ("access_logs", "gateway_logs", "canvas_calls", "flow_actions")
"""Collectors that keep calls: while one is at work, it remembers ids of accounts."""
_DAILY = cast("Table", UsageDay.__table__)
_DAYS = cast("Table", UsageTarget.__table__)
_COUNTED = cast("Table", UsageCallers.__table__)
_CALLERS = cast("Table", CallCaller.__table__)
_ENDPOINTS = cast("Table", CallEndpoint.__table__)
_TARGETS = cast("Table", CallTarget.__table__)
_LEASES = cast("Table", Lease.__table__)
_KEY: Final = ("day", "target_id", "endpoint_id", "consumer_id", "caller_id")
_SUMS: Final = tuple(column.name for column in _DAILY.columns if column.name not in _KEY)
_PORTION: Final = 50_000
_NAMES: Final = 10_000
_NONE: Final = -1
_TURN: Final = 7203942
Writing = Callable[[], AbstractContextManager[Connection]]


def forget(
    writing: Writing,
    before: date,
    own: str = "",
    *,
    portion: int = _PORTION,
    wall: Callable[[], datetime] = wall_clock,
) -> int:
    """Forget who called on every sealed day before one. Return how many days that were.

    What was begun and broken off is carried on by the next call.

    Args:
        writing: Opens a writing transaction.
        before: First day of which callers stay known.
        own: Collector that calls this, if one does; it keeps no more calls.
        portion: Rows that become fewer in one transaction.
        wall: Real time; the clock of leases.
    """
    facts = _DAYS.c
    with writing() as connection:
        query = select(facts.day).where(facts.day < before, facts.forgotten.is_(None), facts.sealed)
        days = sorted(connection.scalars(query.distinct()))
    for day in days:
        with _alone(writing) as connection:
            connection.execute(_counting(day, _persons(connection)))
        while _merge(writing, day, portion):
            pass
        with _alone(writing) as connection:
            _close(connection, day)
    _drop_names(writing, own, wall)
    return len(days)


@contextmanager
def _alone(writing: Writing) -> Iterator[Connection]:
    """Open a writing transaction beside which nobody else forgets: rows would be added twice."""
    with writing() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_TURN})")
        yield connection


def _persons(connection: Connection) -> ColumnElement[bool]:
    """Tell whether a daily figure is that of an account: neither of nobody nor of one forgotten."""
    nobody = connection.scalar(select(_CALLERS.c.id).where(_CALLERS.c.key == ""))
    return _DAILY.c.caller_id.not_in([FORMER_CALLER, _NONE if nobody is None else nobody])


def _counting(day: date, persons: ColumnElement[bool]) -> Any:
    """Return the statement that counts accounts of a day, of targets that were not counted yet."""
    due = select(_DAYS.c.target_id).where(
        _DAYS.c.day == day, _DAYS.c.sealed, _DAYS.c.forgotten.is_(None)
    )
    done = select(_COUNTED.c.target_id).where(_COUNTED.c.day == day)
    called = (
        select(
            _DAILY.c.target_id,
            _DAILY.c.endpoint_id,
            _TARGETS.c.source,
            _ENDPOINTS.c.connector_id,
            func.coalesce(_ENDPOINTS.c.operation_id, "").label("operation"),
            _ENDPOINTS.c.method,
            case((persons, _DAILY.c.caller_id)).label("caller"),
        )
        .join(_ENDPOINTS, _ENDPOINTS.c.id == _DAILY.c.endpoint_id)
        .join(_TARGETS, _TARGETS.c.id == _DAILY.c.target_id)
        .where(_DAILY.c.day == day, _DAILY.c.target_id.in_(due), _DAILY.c.target_id.not_in(done))
        .distinct()
        .cte("called")
    )
    facts = called.c
    ends = _different(called, facts.target_id, facts.endpoint_id, facts.connector_id).cte("ends")
    groups = {
        "operations": _different(called, facts.source, *_operation(called)),
        "connectors": _different(called, facts.source, facts.connector_id),
        # Of a source those count who called a connector, as in every figure of all connectors.
        "sources": _different(
            called, facts.source, who=case((facts.connector_id.is_not(None), facts.caller))
        ),
    }
    firsts = [query.cte(name) for name, query in groups.items()]
    numbers = [func.coalesce(first.c.accounts, 0) for first in firsts]
    # What belongs to no connector may be matched to one later: it counts for itself alone.
    alone = ends.c.connector_id.is_(None)
    counted = select(
        literal(day, _COUNTED.c.day.type),
        ends.c.target_id,
        ends.c.endpoint_id,
        ends.c.accounts,
        *(case((alone, ends.c.accounts), else_=number) for number in numbers[:2]),
        numbers[2],
    )
    rows: Any = ends
    for first in firsts:
        rows = rows.outerjoin(first, first.c.first == ends.c.endpoint_id)
    columns = [column.name for column in _COUNTED.columns]
    return insert(_COUNTED).from_select(columns, counted.select_from(rows))


def _operation(called: CTE) -> tuple[ColumnElement[Any], ...]:
    return called.c.connector_id, called.c.operation, called.c.method


def _different(
    called: CTE, *group: ColumnElement[Any], who: ColumnElement[Any] | None = None
) -> Select[Any]:
    """Count the accounts of each group, or some of them, and name its first endpoint."""
    account = called.c.caller if who is None else who
    return select(
        *group,
        func.min(called.c.endpoint_id).label("first"),
        func.count(distinct(account)).label("accounts"),
    ).group_by(*group)


def _merge(writing: Writing, day: date, portion: int) -> bool:
    """Let some rows of accounts become those of whoever it was; return whether more are left."""
    place = [_DAILY.c[name] for name in _KEY[1:]]
    counted = select(_COUNTED.c.target_id).where(_COUNTED.c.day == day)
    with _alone(writing) as connection:
        rows = and_(_DAILY.c.day == day, _persons(connection), _DAILY.c.target_id.in_(counted))
        query = select(*place).where(rows).order_by(*place).offset(portion - 1).limit(1)
        last = connection.execute(query).first()
        if last is not None:
            rows = and_(rows, tuple_(*place) <= tuple_(*last))
        group = [_DAILY.c[name] for name in _KEY[:-1]]
        merged = (
            select(
                *group,
                literal(FORMER_CALLER),
                *(func.sum(_DAILY.c[name]) for name in _SUMS),
            )
            .where(rows)
            .group_by(*group)
        )
        connection.execute(_adding(connection, merged))
        connection.execute(delete(_DAILY).where(rows))
    return last is not None


def _adding(connection: Connection, merged: Select[Any]) -> Any:
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = make(_DAILY).from_select([*_KEY, *_SUMS], merged)
    new, old = statement.excluded, _DAILY.c
    return statement.on_conflict_do_update(
        index_elements=list(_KEY),
        set_={name: old[name] + new[name] for name in _SUMS},
    )


def _close(connection: Connection, day: date) -> None:
    """Note of which targets nobody is known any more."""
    left = exists().where(
        _DAILY.c.day == day, _DAILY.c.target_id == _DAYS.c.target_id, _persons(connection)
    )
    connection.execute(
        update(_DAYS)
        .where(_DAYS.c.day == day, _DAYS.c.sealed, _DAYS.c.forgotten.is_(None), ~left)
        .values(forgotten=True)
    )


def _drop_names(writing: Writing, own: str, wall: Callable[[], datetime]) -> None:
    """Delete accounts that no figure names, in portions, unless somebody may be about to."""
    facts = _CALLERS.c
    while True:
        with _alone(writing) as connection:
            if not _nobody_keeps(connection, own, wall()):
                return
            known = connection.scalar(
                select(func.min(_DAYS.c.day)).where(_DAYS.c.forgotten.is_(None))
            )
            # A day that is not forgotten names nobody who called before it and not since.
            past = (
                true() if known is None else or_(facts.last_day.is_(None), facts.last_day < known)
            )
            some = select(facts.id).where(facts.id > FORMER_CALLER, facts.key != "", past)
            gone = list(connection.scalars(some.order_by(facts.id).limit(_NAMES)))
            connection.execute(delete(_CALLERS).where(facts.id.in_(gone)))
        if len(gone) < _NAMES:
            return


def _nobody_keeps(connection: Connection, own: str, now: datetime) -> bool:
    """Tell whether no other collector keeps calls, nor can begin before this transaction ends.

    Each of its transactions reads its lease, and it begins by writing there: what is locked here
    is neither being read nor written.
    """
    others = [f"collector:{name}" for name in KEEPING if name != own]
    query = select(_LEASES.c.name).where(_LEASES.c.name.in_(others))
    there = set(connection.scalars(query))
    free = set(connection.scalars(query.with_for_update(skip_locked=True)))
    return there == free and not any(may_live(connection, name, now) for name in there)
