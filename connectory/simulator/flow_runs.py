"""Runs of cloud flows: computed from the seed when asked for, never kept.

A flow that is on runs at its own pace; most runs end within minutes, a few wait for days. What a
run did is the same whenever it is asked about, but for one that has not ended yet.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Literal

from connectory.simulator.state import Flow, Tenant

RETENTION: Final = timedelta(days=28)
"""How long the Flow service shows a run."""

Status = Literal["Succeeded", "Failed", "Cancelled"]
_PACES: Final = (0, 1, 2, 2, 4, 6)
"""Most runs on half a day, by flow."""
_DAY: Final = 86_400


@dataclass(frozen=True, slots=True)
class FlowRun:
    """One run: how it ends, and when Dataverse has heard of that."""

    name: str
    started: datetime
    ended: datetime
    status: Status
    ingested: datetime


def runs_of(tenant: Tenant, flow: Flow, since: datetime) -> Iterator[FlowRun]:
    """Yield the runs of a flow that started from a moment until now, in no order.

    Args:
        tenant: The tenant at its clock.
        flow: Which flow.
        since: Runs that started before this are left out.
    """
    if flow.state != "Started":
        return
    first, last = _span(tenant, flow, since)
    day = first.astimezone(UTC).date()
    while day <= last.date():
        for run in _of_day(tenant.seed, flow, day):
            if first <= run.started <= last:
                yield run
        day += timedelta(days=1)


def _span(tenant: Tenant, flow: Flow, since: datetime) -> tuple[datetime, datetime]:
    """Return from when until when a flow can have run."""
    last = min(tenant.now, flow.deleted or tenant.now, flow.runs_until or tenant.now)
    return max(since, flow.created), last


def last_run_of(tenant: Tenant, flow: Flow, since: datetime, *, ended: bool) -> datetime | None:
    """Return when the last run of a flow started; None if none did since a moment.

    Args:
        tenant: The tenant at its clock.
        flow: Which flow.
        since: Runs that started before this are left out.
        ended: Only of runs whose end Dataverse has heard of.
    """
    first, last = _span(tenant, flow, since)
    day = last.astimezone(UTC).date()
    while flow.state == "Started" and day >= first.date():
        found = [
            run.started
            for run in _of_day(tenant.seed, flow, day)
            if first <= run.started <= last and not (ended and run.ingested > tenant.now)
        ]
        if found:
            return max(found)
        day -= timedelta(days=1)
    return None


def _of_day(seed: int, flow: Flow, day: date) -> Iterator[FlowRun]:
    pace = _PACES[_drawn(seed, flow.name)[0] % len(_PACES)]
    drawn = _drawn(seed, flow.name, day.isoformat())
    midnight = datetime.combine(day, time(), UTC)
    for number in range(drawn[0] % (pace + 1)):
        own = _drawn(seed, flow.name, day.isoformat(), str(number))
        started = midnight + timedelta(seconds=int.from_bytes(own[:4]) % _DAY)
        lasting = timedelta(seconds=2 + own[4] * (own[5] % 3))
        if own[6] < 8:  # noqa: PLR2004 - a few wait for somebody's approval
            lasting = timedelta(hours=20 + own[7] % 100)
        ended = started + lasting
        # Most of what Dataverse keeps is there within minutes, some of it hours later.
        late = timedelta(minutes=own[8] if own[9] % 8 == 0 else own[8] % 4)
        yield FlowRun(
            f"0858{own[:14].hex().upper()}CU01", started, ended, _end(own[10]), ended + late
        )


def _end(drawn: int) -> Status:
    """Return how a run ends, by a number below 256."""
    if drawn < 24:  # noqa: PLR2004 - share that fails
        return "Failed"
    return "Cancelled" if drawn < 34 else "Succeeded"  # noqa: PLR2004 - share called off


def _drawn(seed: int, *purpose: str) -> bytes:
    """Return bytes for one purpose: a generator of its own would cost more than the run."""
    return hashlib.blake2b("/".join((str(seed), *purpose)).encode(), digest_size=16).digest()
