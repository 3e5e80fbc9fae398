"""What is said of the use of connectors is true: the last day by each source, and the verdict.

A tenant is collected week by week with all its logs, and held to the tenant's own account. Planted
connectors are judged as they were planted wherever what could tell of them may be read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from sqlalchemy import Engine, select
from tenants import Tenant, tenant

from collectors.nouns import CONNECTORS, ENVIRONMENTS
from connectory.config import Settings
from connectory.database import reading
from connectory.domain.staleness import StaleFacts, StaleVerdict, stale_verdict
from connectory.queries.moments import latest
from connectory.queries.silence import today_of
from connectory.queries.stale_facts import stale_facts
from connectory.simulator.access_logs import COLUMNS
from connectory.staleness_settings import StalenessSettings
from connectory.telemetry_settings import AccessLog, GatewayLog, QueriedLog, TelemetrySettings

DAYS: Final = 7
LOGGED: Final = 28
Place = tuple[str, str]
SURE: Final = frozenset({"active", "unknown"})
"""Verdicts that call nothing unused."""
SETTINGS: Final = StalenessSettings()


@dataclass(frozen=True)
class Told:
    """What is true and what is told of one connector at a moment."""

    truth: dict[str, Any]
    facts: StaleFacts
    verdict: StaleVerdict

    @property
    def seen(self) -> dict[str, date]:
        """The last day by source, as told."""
        return {one.source: one.day for one in self.facts.seen if one.source != "definitions"}

    def later(self) -> bool:
        """Tell whether use is told that never was, or runs or launches otherwise than they were.

        A call that a log tells and that may be of several connectors is told of none.
        """
        seen, used = self.seen, self.used
        if any(seen.get(source) != used.get(source) for source in ("flow_runs", "audit")):
            return True
        return any(day > used.get(source, date.min) for source, day in seen.items())

    @property
    def used(self) -> dict[str, date]:
        """The last day by source, as it is true."""
        return {source: date.fromisoformat(day) for source, day in self.truth["last_used"].items()}


def settings_of(simulated: Tenant, store: Engine, logs: Path) -> Settings:
    """Return settings that read every log of calls that the tenant has."""
    places = simulated.get("calls/places")
    telemetry = TelemetrySettings(
        access_logs={"backends": AccessLog(directory=logs, columns=COLUMNS)},
        gateway_logs={
            "own": GatewayLog.model_validate(
                {
                    "workspace": places["gateway"],
                    "environment_header": "x-ms-environment-id",
                    "caller_header": "x-ms-user-principal-name",
                    "connection_header": "x-ms-connection-id",
                }
            ),
            "classic": GatewayLog(
                workspace=str(places["classic_gateway"]), table="azure_diagnostics"
            ),
        },
        canvas_calls={"apps": QueriedLog(app=str(places["apps"]))},
        flow_actions={"flows": QueriedLog(workspace=str(places["flows"]))},
    )
    return simulated.settings(store).model_copy(update={"telemetry": telemetry})


def told(simulated: Tenant, store: Engine) -> dict[Place, Told]:
    """Return truth and facts of each connector that both know, by environment and name."""
    with reading(store) as connection:
        moment = latest(connection)
        assert moment is not None
        facts = stale_facts(connection, moment)
        keys = {
            row.id: (row.home, row.key)
            for row in connection.execute(
                select(
                    CONNECTORS.entity.c.id,
                    ENVIRONMENTS.entity.c.key.label("home"),
                    CONNECTORS.entity.c.key,
                ).join(
                    ENVIRONMENTS.entity,
                    ENVIRONMENTS.entity.c.id == CONNECTORS.entity.c.environment_id,
                )
            )
        }
    true = {
        (row["environment_id"].casefold(), row["connector"].casefold().replace(".", "-")): row
        for row in simulated.get("truth")["use"]
    }
    today = today_of(moment)
    return {
        keys[number]: Told(
            true[keys[number]], one, stale_verdict(one, SETTINGS.profile(one.kind), today)
        )
        for number, one in facts.items()
        if keys[number] in true
    }


def lived(
    simulated: Tenant, store: Engine, folder: Path, weeks: int
) -> Iterator[dict[Place, Told]]:
    """Let weeks pass, collect after each, and yield what is true and told then."""
    logs = folder / "logs"
    logs.mkdir()
    simulated.post("call_logs", days=LOGGED)
    for week in range(weeks + 1):
        if week:
            simulated.post("advance", days=DAYS)
        simulated.post("access_logs", folder=str(logs), days=LOGGED, own=True)
        simulated.collect(store, settings=settings_of(simulated, store, logs))
        yield told(simulated, store)


def wrong(every: dict[Place, Told], today: date, *, exact: bool) -> list[str]:
    """Return what is not as it truly is; if exact, also calls of which nothing is told."""
    found = []
    for (_, name), one in every.items():
        state, use = one.verdict.state, one.truth["use"]
        profile = SETTINGS.profile(one.facts.kind)
        called = date.fromisoformat(one.truth["called"]) if one.truth["called"] else None
        if one.seen != one.used if exact else one.later():
            found.append(f"{name}: used {one.used}, told {one.seen}")
        # Backends of the simulated tenant are called by somebody even where nothing is linked.
        if (
            state not in SURE
            and one.facts.consumers
            and called
            and (today - called).days < profile.quiet
        ):
            found.append(f"{name}: {state}, but called on {called}")
        # It fell silent 25 days before the tenant's first moment, and is in use by then.
        early = use == "quiet" and called and (today - called).days < profile.quiet
        expected = "unknown" if one.facts.unread else "active" if early else use
        if use is not None and state != expected and not (state == "active" == use):
            found.append(f"{name}: {expected}, told {state}: {one.verdict.reason}")
    return found


@pytest.mark.postgresql_in_soak
def test_use_of_a_small_tenant_is_told_as_it_is(store: Engine, tmp_path: Path) -> None:
    """Week by week, source by source, to the day; planted connectors are judged as planted.

    Where flows could not be read any more, nothing is called unused.
    """
    with tenant(tmp_path, "small") as simulated:
        states: set[str] = set()
        for every in lived(simulated, store, tmp_path, 2):
            assert wrong(every, simulated.served.tenant.now.date(), exact=True) == []
            states |= {one.verdict.state for one in every.values() if one.truth["use"]}
        simulated.post("advance", days=1)
        simulated.post("faults", kind="forbidden", host="dynamics.com")
        simulated.collect(store)
        homes = simulated.served.tenant.environments
        closed = {name.casefold() for name, home in homes.items() if home.dataverse is not None}
        blind = {
            one.verdict.state for (home, _), one in told(simulated, store).items() if home in closed
        }

    assert states == {"active", "quiet", "stale", "abandoned", "never_used", "unknown"}
    assert blind <= SURE


@pytest.mark.soak
@pytest.mark.postgresql_in_soak
def test_use_of_a_medium_tenant_is_told_as_it_is(store: Engine, tmp_path: Path) -> None:
    """The same of sixty environments, at their first moment and a week later."""
    with tenant(tmp_path, "medium") as simulated:
        simulated.levers.timeout = httpx.Timeout(600)  # what happened takes long to tell
        for every in lived(simulated, store, tmp_path, 1):
            assert wrong(every, simulated.served.tenant.now.date(), exact=False) == []
