"""From when on it is known that nothing used a connector: what was read without a hole, up to now.

That a figure is missing proves nothing. A flow is silent on days of which its runs were counted, an
app on days of which the audit log was read, and any consumer on days of which a gateway's log was,
through which alone the connector can be called.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Select, case, func, literal, select

from connectory.queries.audit import log_read
from connectory.queries.call_tables import ENDPOINTS, GAPS, OPERATIONS, READS, TARGETS
from connectory.queries.flow_runs import COUNTS
from connectory.queries.moments import Moment
from connectory.queries.reads import readings
from connectory.queries.tables import FLOW_RUN_DAYS, RUNS, STEPS

READ_WITHIN: Final = 7
"""Days before a moment by which something must have been read last to count as read up to it."""
LISTING: Final = ("flows", "apps", "agents")
"""Collectors that list what can use a connector."""
_GATEWAY: Final = "gateway_logs"
_SEVERAL: Final = "several"
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Ran:
    """Runs of a flow.

    Attributes:
        last: Last day on which it ran.
        since: First of the days without a hole of which they were counted, up to now; None if the
            last of them is too long ago.
    """

    last: date | None
    since: date | None


def day_of(at: datetime | None) -> date | None:
    """Return the UTC day of a time."""
    return None if at is None else at.astimezone(UTC).date()


def today_of(moment: Moment) -> date:
    """Return the UTC day of a moment."""
    return moment.read_at.astimezone(UTC).date()


def fresh(moment: Moment, through: date | None) -> bool:
    """Tell whether something that was read up to a day counts as read up to a moment."""
    return through is not None and through >= today_of(moment) - READ_WITHIN * _DAY


def runs_of_flows(connection: Connection, moment: Moment, flows: Select[Any]) -> dict[int, Ran]:
    """Return what is known of the runs of flows, by flow; one never counted is not in the answer.

    Where two sources tell of a flow and day, a run that either tells of is one: neither invents any.

    Args:
        connection: Open transaction on the store.
        moment: Days up to this.
        flows: Flows to tell of, as a query of their ids.
    """
    table = FLOW_RUN_DAYS.c
    number: Any = sum((table[name] for name in COUNTS), literal(0))
    counted = (
        select(
            table.flow_id,
            func.min(table.day).label("first"),
            func.max(table.day).label("through"),
            func.count(table.day.distinct()).label("days"),
            func.max(case((number > 0, table.day))).label("last"),
        )
        .where(table.day <= today_of(moment), table.flow_id.in_(flows))
        .group_by(table.flow_id)
    )
    rows = connection.execute(counted).all()
    holed = [row.flow_id for row in rows if row.days <= (row.through - row.first).days]
    began = _last_stretches(connection, moment, flows) if holed else {}
    return {
        row.flow_id: Ran(
            row.last,
            began.get(row.flow_id, row.first) if fresh(moment, row.through) else None,
        )
        for row in rows
    }


def _last_stretches(connection: Connection, moment: Moment, flows: Select[Any]) -> dict[int, date]:
    """Return the first day after the last hole, of flows that have one."""
    table = FLOW_RUN_DAYS.c
    days = (
        select(table.flow_id, table.day)
        .distinct()
        .where(table.day <= today_of(moment), table.flow_id.in_(flows))
        .order_by(table.flow_id, table.day)
    )
    found: dict[int, date] = {}
    flow, before = None, None
    for flow_id, day in connection.execute(days):
        if flow_id == flow and before is not None and day - before > _DAY:
            found[flow_id] = day
        flow, before = flow_id, day
    return found


def launches_read_since(connection: Connection, moment: Moment) -> date | None:
    """Return the first whole day of the last stretch of the audit log that was read up to now."""
    spans = log_read(connection, moment).spans
    if not spans or not fresh(moment, day_of(spans[-1][1])):
        return None
    return (spans[-1][0] + _DAY - timedelta(microseconds=1)).astimezone(UTC).date()


class Called(NamedTuple):
    """Calls of a connector, or of none, at one host as one log tells them: first and last day."""

    connector_id: int | None
    source: str
    log: str
    address: str
    first: date
    last: date


def called(connection: Connection, moment: Moment) -> list[Called]:
    """Return from which day to which each log tells calls of each connector, host by host.

    Days are looked through once, before anything is joined to them: there are many.
    """
    days = (
        select(
            OPERATIONS.c.endpoint_id,
            func.min(OPERATIONS.c.day).label("first"),
            func.max(OPERATIONS.c.day).label("last"),
        )
        .where(OPERATIONS.c.day <= today_of(moment))
        .group_by(OPERATIONS.c.endpoint_id)
        .subquery("days")
    )
    columns = (
        ENDPOINTS.c.connector_id,
        TARGETS.c.source,
        TARGETS.c.log,
        TARGETS.c.address,
    )
    query = (
        select(*columns, func.min(days.c.first), func.max(days.c.last))
        .select_from(
            days.join(ENDPOINTS, ENDPOINTS.c.id == days.c.endpoint_id).join(
                TARGETS, TARGETS.c.id == ENDPOINTS.c.target_id
            )
        )
        .group_by(*columns)
    )
    return [Called(*row) for row in connection.execute(query)]


def gateways_read_since(
    connection: Connection, moment: Moment, told: Iterable[Called]
) -> dict[str, date]:
    """Return by host from when on the log of the gateway there was read without a hole.

    A host of which some calls could not be told apart between several connectors is left out: they
    may be anybody's.

    Args:
        connection: Open transaction on the store.
        moment: As of when.
        told: What `called` returned.
    """
    through = {
        row.log: day_of(row.read_to)
        for row in connection.execute(
            select(READS.c.log, READS.c.read_to).where(READS.c.source == _GATEWAY)
        )
    }
    lost: dict[str, date] = defaultdict(lambda: date.min)
    gaps = select(GAPS.c.log, GAPS.c.to_at).where(
        GAPS.c.source == _GATEWAY, GAPS.c.run_id <= moment.run_id
    )
    for log, to_at in connection.execute(gaps):
        lost[log] = max(lost[log], to_at.astimezone(UTC).date() + _DAY)
    loose = set(
        connection.scalars(
            select(TARGETS.c.address)
            .join(ENDPOINTS, ENDPOINTS.c.target_id == TARGETS.c.id)
            .where(TARGETS.c.source == _GATEWAY, ENDPOINTS.c.matched_by == _SEVERAL)
        )
    )
    begun: dict[tuple[str, str], date] = {}
    for one in told:
        if one.source == _GATEWAY and one.address not in loose:
            place = one.log, one.address
            begun[place] = min(one.first, begun.get(place, one.first))
    found: dict[str, date] = {}
    for (log, address), day in begun.items():
        if fresh(moment, through.get(log)):
            since = max(day, lost[log])
            found[address] = min(since, found.get(address, since))
    return found


@dataclass(frozen=True, slots=True)
class Listed:
    """How far what can use connectors was listed.

    Attributes:
        short: By environment what could not be listed whole, or not lately.
        since: By environment and collector the day on which that was first listed whole.
    """

    short: Mapping[tuple[int, str], str]
    since: Mapping[tuple[int, str], date]

    def lacks(self, environment_id: int, collectors: Iterable[str]) -> tuple[str, ...]:
        """Return the words for what could not be listed in an environment."""
        told = ((name, self.short.get((environment_id, name))) for name in collectors)
        never = "never read"
        return tuple(
            f"{name.replace('_', ' ')} ({why or never})"
            for name, why in told
            if why or (environment_id, name) not in self.since
        )


def listed(connection: Connection, moment: Moment, collectors: Iterable[str]) -> Listed:
    """Return how far collectors listed each environment, up to a moment."""
    names = list(collectors)
    since: dict[tuple[int, str], date] = {}
    short: dict[tuple[int, str], str] = {}
    query = (
        select(
            STEPS.c.environment_id,
            STEPS.c.collector,
            func.min(RUNS.c.started_at).label("first"),
            func.max(RUNS.c.started_at).label("last"),
        )
        .join(RUNS, RUNS.c.id == STEPS.c.run_id)
        .where(
            STEPS.c.run_id <= moment.run_id,
            STEPS.c.environment_id.is_not(None),
            STEPS.c.collector.in_(names),
            STEPS.c.state.in_(("complete", "partial", "skipped")),
        )
        .group_by(STEPS.c.environment_id, STEPS.c.collector)
    )
    for row in connection.execute(query):
        place = row.environment_id, row.collector
        since[place] = row.first.astimezone(UTC).date()
        if not fresh(moment, day_of(row.last)):
            short[place] = f"last read on {day_of(row.last):%d %b %Y}"
    for place, reading in readings(connection, moment.run_id, names).items():
        if lack := reading.lacks(place[1]):
            short[place] = lack.outcome
    return Listed(short, since)
