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
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from connectory.simulator.state import Connector, Flow, Tenant

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
_BURST: Final = 120
_HOURS: Final = (8, 9, 9, 10, 10, 10, 11, 13, 14, 14, 15, 16, 17, 20, 2, 2)


@dataclass(frozen=True, slots=True)
class LoggedCall:
    """One call as it truly was, and as its log tells it."""

    connector: Connector
    operation: dict[str, Any]
    line: dict[str, Any]


def calls_on(tenant: Tenant, day: date) -> Iterator[LoggedCall]:
    """Yield the calls that backends logged on a day, connector by connector."""
    for connector in tenant.connectors:
        content = connector.definition
        operations = (content.operations or []) if content else []
        asked = [one for one in operations if not one.get("trigger")]
        if connector.backend_url and connector.name and asked and _exists(connector, day):
            yield from _of(tenant, connector, asked, day)


def _exists(connector: Connector, day: date) -> bool:
    gone = connector.deleted or connector.runtime_deleted
    return connector.created.date() <= day and (gone is None or day < gone.date())


def _of(
    tenant: Tenant, connector: Connector, operations: list[dict[str, Any]], day: date
) -> Iterator[LoggedCall]:
    # Made-up traffic wants to be the same again, not to be unguessable.
    steady = random.Random(f"{tenant.seed} {connector.environment} {connector.name}")
    quiet, level = steady.randrange(4) == 0, steady.randrange(1, _BUSY)
    chance = random.Random(f"{tenant.seed} {connector.environment} {connector.name} {day}")
    if quiet:
        return
    flows = [flow for flow in tenant.flows if _calls(flow, connector)]
    people = sorted(tenant.people.values(), key=lambda person: person.id)
    weekend = day.weekday() > 4  # noqa: PLR2004 - Saturday and Sunday
    number = chance.randrange(level + 1) // (4 if weekend else 1)
    burst = _BURST if chance.randrange(80) == 0 else 0
    start = chance.randrange(86_000)
    for place in range(number + burst):
        second = (
            start + place // 8
            if place >= number
            else chance.choice(_HOURS) * 3600 + chance.randrange(3600)
        )
        operation = operations[min(len(operations) - 1, int(chance.expovariate(0.5)))]
        moment = datetime.combine(day, time(), UTC) + timedelta(
            seconds=second, microseconds=chance.randrange(10**6)
        )
        line = _line(tenant, connector, operation, moment, chance)
        line |= _who(flows, people, chance)
        if place >= number and chance.random() < 0.3:  # noqa: PLR2004 - a burst is throttled
            line |= {"status": 429, "took_ms": 3}
        yield LoggedCall(connector, operation, line)


def _calls(flow: Flow, connector: Connector) -> bool:
    return flow.environment == connector.environment and any(
        call.connector == connector.name for call in flow.calls
    )


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


def _who(flows: list[Flow], people: list[Any], chance: random.Random) -> dict[str, Any]:
    """Return who called: a flow on its owner's account, an app for its user, or nobody known."""
    drawn = chance.random()
    if flows and drawn < 0.5:  # noqa: PLR2004 - flows make half of the calls
        return {"workflow": chance.choice(flows).name, "user": ""}
    if people and drawn < 0.9:  # noqa: PLR2004 - a tenth names nobody
        return {"workflow": "", "user": people[chance.randrange(len(people))].user_principal_name}
    return {"workflow": "", "user": ""}


def write(tenant: Tenant, folder: Path, days: int) -> list[Path]:
    """Write a gzipped log of each of the last days; return the files.

    Args:
        tenant: The tenant at its clock.
        folder: Where to; made if it is not there.
        days: How many days, the last one as far as it has come.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for back in range(days - 1, -1, -1):
        day = (tenant.now - timedelta(days=back)).astimezone(UTC).date()
        lines = [call.line for call in calls_on(tenant, day)]
        past = [line for line in lines if line["at"] <= tenant.now.isoformat()]
        past.sort(key=lambda line: str(line["at"]))
        place = folder / f"access-{day}.jsonl.gz"
        with gzip.open(place, "wt", encoding="utf-8") as file:
            file.writelines(json.dumps(line) + "\n" for line in past)
        files.append(place)
    return files
