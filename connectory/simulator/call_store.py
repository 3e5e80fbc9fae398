"""What the log services hold of the tenant's calls, how long, and what nobody has read of it."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from connectory.simulator.access_logs import LoggedCall, calls_on
from connectory.simulator.call_rows import COLUMNS, HeldRow, LogTable, rows_of
from connectory.simulator.dealt import Place
from connectory.simulator.kql.answering import Row
from connectory.simulator.state import Tenant

Days = dict[Place, dict[str, date]]
"""Last UTC day of which each source tells use, by connector."""
_TOLD_BY: Final[dict[LogTable, str]] = {
    "ApiManagementGatewayLogs": "gateway_logs",
    "AzureDiagnostics": "gateway_logs",
    "AppDependencies": "flow_actions",
    "dependencies": "canvas_calls",
}


@dataclass(slots=True)
class CallStore:
    """Every row that was ever taken in, in the order of that, since the logs were switched on.

    Calls are made up once, before anything happens that comes after them: what happens to the
    tenant later does not alter its past.
    """

    since: datetime | None = None
    rate: float = 1.0
    asked: dict[str, str] = field(default_factory=dict)
    """A query of each kind that was asked, by what it is without its times."""
    _made: dict[date, list[LoggedCall]] = field(default_factory=lambda: defaultdict(list))
    _rows: dict[LogTable, list[HeldRow]] = field(default_factory=lambda: defaultdict(list))
    _filled: datetime | None = None
    _written: dict[Place, date] = field(default_factory=dict)
    """Last day of which files tell a call, by connector."""
    _read: dict[LogTable, list[tuple[datetime, datetime]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def begin(self, tenant: Tenant, days: int, rate: float) -> None:
        """Switch the logs on, so many days before the tenant's clock."""
        self.rate = rate
        start = tenant.now - timedelta(days=days)
        self.since = self._filled = start.replace(hour=0, minute=0, second=0, microsecond=0)
        self.fill(tenant, tenant.now)

    def fill(self, tenant: Tenant, until: datetime) -> None:
        """Take in what is called until a moment by the tenant as it is."""
        start = self._filled
        if start is None:
            return
        day = start.astimezone(UTC).date()
        while day <= until.astimezone(UTC).date():
            for call in calls_on(tenant, day, self.rate):
                if start <= call.at < until:
                    self._made[day].append(call)
                    for held in rows_of(tenant, call):
                        self._rows[held.table].append(held)
            day += timedelta(days=1)
        self._filled = until
        for rows in self._rows.values():
            rows.sort(key=lambda held: held.ingested)

    def calls_on(self, tenant: Tenant, day: date) -> list[LoggedCall]:
        """Return the calls of a day, as far as it has come."""
        if self.since is None:
            return list(calls_on(tenant, day))
        return self._made[day]

    def rows(
        self,
        table: LogTable,
        now: datetime,
        kept: timedelta,
        window: tuple[datetime, datetime] | None = None,
    ) -> list[Row]:
        """Return the rows of a table that a service hands out at a moment.

        Args:
            table: Which table.
            now: The moment.
            kept: How long the service keeps a row.
            window: When rows were taken in, to leave out others; those at its ends may stay.
        """
        rows = self._rows[table]
        first, last = (datetime.min.replace(tzinfo=UTC), now) if window is None else window
        start = bisect_left(rows, first, key=lambda held: held.ingested)
        end = bisect_right(rows, min(now, last), key=lambda held: held.ingested)
        return [held.row for held in rows[start:end] if held.at > now - kept]

    def note_asked(self, query: str) -> None:
        """Note a query, whatever becomes of it."""
        self.asked.setdefault(re.sub(r"datetime\([^)]*\)|take \d+", "", query), query)

    def note_read(self, table: LogTable, start: datetime, end: datetime) -> None:
        """Note that everything taken in within a window was handed out."""
        self._read[table].append((start, end))

    def note_written(self, calls: Iterable[LoggedCall], now: datetime) -> None:
        """Note calls of which a backend's own file tells by now."""
        for call in calls:
            if call.at <= now:
                _later(self._written, call, call.at.date())

    def made_since(self, now: datetime, days: int) -> Iterator[LoggedCall]:
        """Yield the calls that were truly made in the days before a moment."""
        start = now - timedelta(days=days)
        for day, calls in self._made.items():
            if day >= start.date():
                yield from (call for call in calls if start < call.at <= now)

    def last_called(self, now: datetime) -> dict[Place, date]:
        """Return the last day on which each connector was called, whoever knows."""
        found: dict[Place, date] = {}
        for day, calls in self._made.items():
            for call in calls:
                if call.at <= now:
                    _later(found, call, day)
        return found

    def last_days(self, now: datetime) -> Days:
        """Return the last day on which each log tells of a call that it has heard of by now."""
        found: Days = defaultdict(dict)
        for table, rows in self._rows.items():
            source = _TOLD_BY[table]
            for held in rows:
                if held.ingested <= now:
                    days = found[held.truth["environment"], held.truth["connector"]]
                    days[source] = max(days.get(source, date.min), held.at.date())
        for place, day in self._written.items():
            found[place]["access_logs"] = day
        return found

    def truth(self, now: datetime, kept: timedelta) -> dict[str, Any]:
        """Return what is held at a moment, each call once, and what was lost unread."""
        held: dict[tuple[str, str], dict[str, Any]] = {}
        for rows in self._rows.values():
            for one in rows:
                if one.ingested <= now and one.at > now - kept:
                    held.setdefault((one.table, one.truth["id"]), one.truth)
        gaps = [
            {"table": table, "from": start.isoformat(), "to": end.isoformat()}
            for table in COLUMNS
            for start, end in _unread(self._read[table], now - kept)
        ]
        return {
            "calls": list(held.values()),
            "gaps": gaps,
            "queries": list(self.asked.values()),
        }


def _later(found: dict[Place, date], call: LoggedCall, day: date) -> None:
    place = call.connector.environment, call.connector.name or ""
    found[place] = max(found.get(place, date.min), day)


def _unread(
    read: Iterable[tuple[datetime, datetime]], until: datetime
) -> list[tuple[datetime, datetime]]:
    """Return the stretches between windows that were read, up to a moment."""
    found, reached = [], None
    for start, end in sorted(read):
        if reached is not None and start > reached and reached < until:
            found.append((reached, min(start, until)))
        reached = end if reached is None else max(reached, end)
    if reached is not None and reached < until:
        found.append((reached, until))
    return found
