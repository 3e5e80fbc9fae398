"""Access logs of the backends behind custom connectors, with the calls they truly hold.

A backend writes a JSON line a call. It knows what was called and how that went; who called and from
which environment stands in headers that most callers send. Nothing here is kept: the calls of a day
follow from the seed.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from connectory.simulator.state import App, Call, Connector, Flow, Tenant

COLUMNS: Final = {
    "time": "at",
    "event": "request_id",
    "address": "host",
    "environment": "environment",
    "method": "method",
    "path": "path",
    "consumer": "workflow",
    "caller": "user",
    "connection": "connection",
    "status": "status",
    "duration": "took_ms",
    "request_bytes": "received",
    "response_bytes": "sent",
    "retries": "tries",
}
"""What the columns of these logs tell."""

_PARAMETER = re.compile(r"\{[^{}/]*\}")
_STATUSES: Final = (200,) * 60 + (201, 204, 204, 400, 401, 404, 404, 429, 500, 503, 504)
_BUSY: Final = 40
_BURST: Final = 650
_BEGAN: Final = date(2026, 9, 1)
_HOURS: Final = (8, 9, 9, 10, 10, 10, 11, 13, 14, 14, 15, 16, 17, 20, 2, 2)


@dataclass(frozen=True, slots=True)
class LoggedCall:
    """One call as it truly was, and as its log tells it."""

    connector: Connector
    operation: dict[str, Any]
    line: dict[str, Any]
    at: datetime
    flow: Flow | None = None
    action: str = ""
    """Name of the action of that flow."""
    app: App | None = None


def calls_on(tenant: Tenant, day: date, rate: float = 1.0) -> Iterator[LoggedCall]:
    """Yield the calls that backends logged on a day, connector by connector.

    Args:
        tenant: The tenant at its clock.
        day: UTC day.
        rate: How many times as many calls as usual.
    """
    users = _users(tenant)
    for connector in tenant.connectors:
        content = connector.definition
        operations = (content.operations or []) if content else []
        asked = [one for one in operations if not one.get("trigger")]
        if connector.backend_url and connector.name and asked and _exists(connector, day):
            yield from _of(tenant, connector, asked, day, users, rate)


@dataclass(frozen=True, slots=True)
class _Users:
    """Who calls, by environment and connector."""

    flows: dict[tuple[str, str], list[tuple[Flow, Call]]]
    apps: dict[tuple[str, str], list[App]]
    people: list[Any]


def _users(tenant: Tenant) -> _Users:
    flows: dict[tuple[str, str], list[tuple[Flow, Call]]] = defaultdict(list)
    apps: dict[tuple[str, str], list[App]] = defaultdict(list)
    for flow in tenant.flows:
        for call in flow.calls:
            if not call.trigger:
                flows[flow.environment, call.connector].append((flow, call))
    for app in tenant.apps:
        for reference in app.references:
            apps[app.environment, reference.connector].append(app)
    return _Users(flows, apps, sorted(tenant.people.values(), key=lambda person: person.id))


def _exists(connector: Connector, day: date) -> bool:
    gone = connector.deleted or connector.runtime_deleted
    return connector.created.date() <= day and (gone is None or day < gone.date())


def _of(
    tenant: Tenant,
    connector: Connector,
    operations: list[dict[str, Any]],
    day: date,
    users: _Users,
    rate: float,
) -> Iterator[LoggedCall]:
    # Made-up traffic wants to be the same again, not to be unguessable.
    steady = random.Random(f"{tenant.seed} {connector.environment} {connector.name}")
    quiet, level = steady.randrange(4) == 0, steady.randrange(1, _BUSY)
    rising = steady.choice((4.0, 4.5, 5.0)) if steady.randrange(30) == 0 else 0
    chance = random.Random(f"{tenant.seed} {connector.environment} {connector.name} {day}")
    planted = tenant.owning.planted.get((connector.environment, connector.name or ""))
    if planted is not None:
        if planted.called_until is None or day > planted.called_until:
            return
        quiet, level, rising = False, level + 1, 0
    if quiet:
        return
    weekend = day.weekday() > 4  # noqa: PLR2004 - Saturday and Sunday
    number = int(chance.randrange(level + 1) // (4 if weekend else 1) * rate)
    if planted is not None and day == planted.called_until:
        number = max(number, 1)
    burst = _BURST * chance.choice((1, 1, 2)) if chance.randrange(160) == 0 else 0
    start = chance.randrange(1400) * 60
    if rising and not weekend:
        # Some job that does a little more every day, all of it at once.
        burst, start = max(10, int((day - _BEGAN).days * rising)), 7 * 3600
    for place in range(number + burst):
        second = (
            start + (place - number) // 11
            if place >= number
            else chance.choice(_HOURS) * 3600 + chance.randrange(3600)
        )
        moment = datetime.combine(day, time(), UTC) + timedelta(
            seconds=second, microseconds=chance.randrange(10**6)
        )
        one = _one(tenant, connector, operations, moment, users, chance)
        if place >= number:
            one.line["connection"] = f"shared-0-{(connector.name or '')[-12:]}"
            if not rising and chance.random() < 0.3:  # noqa: PLR2004 - a burst is throttled
                one.line.update({"status": 429, "took_ms": 3})
        yield one


def _one(
    tenant: Tenant,
    connector: Connector,
    operations: list[dict[str, Any]],
    moment: datetime,
    users: _Users,
    chance: random.Random,
) -> LoggedCall:
    """Return a call by a flow on its owner's account, by an app for its user, or by nobody known."""
    place = connector.environment, connector.name or ""
    operation = operations[min(len(operations) - 1, int(chance.expovariate(0.5)))]
    flow, call = chance.choice(users.flows.get(place) or [(None, None)])
    app = chance.choice(users.apps.get(place) or [None])
    drawn, who = chance.random(), {"workflow": "", "user": ""}
    if flow is not None and call is not None and drawn < 0.5:  # noqa: PLR2004 - flows make half of the calls
        known = [one for one in operations if one["operationId"] == call.operation_id]
        operation = known[0] if known else operation
        who["workflow"] = flow.name
        app, call = None, call if known else None
    elif users.people and drawn < 0.9:  # noqa: PLR2004 - a tenth names nobody
        flow, call = None, None
        who["user"] = chance.choice(users.people).user_principal_name
    else:
        flow = call = app = None
    line = _line(tenant, connector, operation, moment, chance) | who
    action = call.action if call is not None else ""
    return LoggedCall(connector, operation, line, moment, flow, action, app)


def _line(
    tenant: Tenant,
    connector: Connector,
    operation: dict[str, Any],
    moment: datetime,
    chance: random.Random,
) -> dict[str, Any]:
    place = urlsplit(connector.backend_url or "")
    filled = _PARAMETER.sub(lambda _: str(chance.randrange(1000, 99_999)), operation["path"])
    status = chance.choice(_STATUSES)
    environment = tenant.environments[connector.environment]
    return {
        "at": moment.isoformat(),
        "request_id": f"{chance.getrandbits(128):032x}",
        "host": place.hostname,
        "environment": environment.name if chance.random() < 0.9 else "",  # noqa: PLR2004
        "method": operation["method"].upper(),
        "path": f"{place.path.rstrip('/')}{filled}?trace={chance.randrange(10**6)}",
        "connection": f"shared-{chance.randrange(3)}-{(connector.name or '')[-12:]}",
        "status": status,
        "took_ms": round(chance.lognormvariate(4.2, 0.8), 3),
        "received": chance.randrange(200, 4_000),
        "sent": chance.randrange(100, 60_000),
        "tries": 1 if chance.random() < 0.02 else 0,  # noqa: PLR2004
    }


def last_calls(tenant: Tenant, day: date) -> Iterator[LoggedCall]:
    """Yield the calls of a day to those backends that have not been called since."""
    ended = {place for place, one in tenant.owning.planted.items() if one.called_until == day}
    for call in calls_on(tenant, day) if ended else ():
        if (call.connector.environment, call.connector.name) in ended:
            yield call


Keeper = Literal["gateway", "classic_gateway", "own_log", "nobody"]
_KEEPERS: Final[tuple[Keeper, ...]] = (
    "gateway", "own_log", "nobody", "classic_gateway", "own_log", "gateway",
)  # fmt: skip


def keeper_of(tenant: Tenant, connector: Connector) -> Keeper:
    """Return who keeps a log of the calls to a connector's backend, where not all are asked to."""
    return keeper_at(tenant.seed, connector.backend_url)


def keeper_at(seed: int, backend: str | None) -> Keeper:
    """Return who keeps a log of the calls to the address of a backend."""
    host = urlsplit(backend or "").hostname or ""
    return _KEEPERS[random.Random(f"{seed} {host}").randrange(len(_KEEPERS))]


def write(
    tenant: Tenant,
    folder: Path,
    days: int,
    calls: Callable[[date], Iterable[LoggedCall]] | None = None,
    older: Iterable[date] = (),
) -> list[Path]:
    """Write a gzipped log of each of the last days; return the files.

    Args:
        tenant: The tenant at its clock.
        folder: Where to; made if it is not there.
        days: How many days, the last one as far as it has come.
        calls: Calls of a day; those of every connector by default.
        older: Further days before these.
    """
    told = calls or (lambda day: calls_on(tenant, day))
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    dates = {(tenant.now - timedelta(days=back)).astimezone(UTC).date() for back in range(days)}
    for day in sorted(dates | {day for day in older if day < min(dates)}):
        lines = [call.line for call in told(day)]
        past = [line for line in lines if line["at"] <= tenant.now.isoformat()]
        past.sort(key=lambda line: str(line["at"]))
        place = folder / f"access-{day}.jsonl.gz"
        # Without the time of writing a day that has passed is the same file whenever it is written.
        with gzip.GzipFile(place, "wb", mtime=0) as file:
            file.writelines((json.dumps(line) + "\n").encode() for line in past)
        files.append(place)
    return files
