"""Put a run together: settings, sign-in, client, collectors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from importlib.metadata import version
from ipaddress import ip_address

from sqlalchemy import Engine

from collectors import COLLECTORS
from collectors.api.deadlines import DeadlineTransport
from collectors.api.documents import Bounds, Documents
from collectors.api.transports import RerouteTransport
from collectors.contract import Collector
from collectors.run import Progress, Runner, RunReport
from collectors.telemetry.forgetting import KEEPING
from collectors.waiting import Waiting
from connectory.config import Settings
from connectory.pseudonyms import pseudonyms
from connectory.signing_in import open_api, prompt_for, require_identity

Clock = Callable[[], datetime]


def named(names: Sequence[str]) -> list[Collector]:
    """Return the collectors of these names in their order; all if none is named.

    Raises:
        LookupError: A name is not known.
    """
    known = {collector.name for collector in COLLECTORS}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise LookupError(
            f"no collector named {unknown[0]}; one of: {', '.join(c.name for c in COLLECTORS)}"
        )
    return [collector for collector in COLLECTORS if not names or collector.name in names]


def collect_once(
    engine: Engine,
    settings: Settings,
    collectors: Sequence[Collector],
    *,
    now: Clock,
    wall: Clock,
    progress: Progress,
    waiting: Waiting | None = None,
    documents: Documents | None = None,
) -> RunReport:
    """Run the collectors once and return how it went.

    Args:
        engine: The store, migrated.
        settings: All settings.
        collectors: Which to run, in order.
        now: Clock of the tenant.
        wall: Real clock.
        progress: Who watches.
        waiting: How steps wait for what a service answers later; by real time if not given.
        documents: Fetches documents of the outside world; as the settings say if not given.

    Raises:
        ConfigError: Tenant, client, secret or key of pseudonyms is not set.
        WrongTenant: The store belongs to another tenant.
        LeaseTaken: Another process runs one of the collectors at this moment.
    """
    require_identity(settings)
    if any(collector.name in KEEPING for collector in collectors):
        pseudonyms(settings.telemetry)
    with open_api(settings, prompt=prompt_for(settings)) as api:
        runner = Runner(
            engine=engine,
            api=api,
            settings=settings.collect,
            tenant_id=settings.tenant.id,
            identity=settings.sign_in.client_id or "managed identity",
            version=version("connectory"),
            now=now,
            wall=wall,
            progress=progress,
            telemetry=settings.telemetry,
            cloud=settings.tenant.cloud,
            waiting=waiting or Waiting(),
            upstream=settings.drift.upstream,
            documents=documents or documents_of(settings),
        )
        return runner.run(collectors)


def documents_of(settings: Settings) -> Documents:
    """Return what fetches documents of APIs, within the bounds of the settings."""
    section, address = settings.drift.upstream, settings.http.reroute_to
    bounds = Bounds(
        section.hosts,
        section.ports,
        int(section.megabytes * 1024 * 1024),
        section.seconds,
        section.redirects,
    )
    if not address:
        return Documents(bounds)
    # A simulated tenant is every host: no name has to be known, and each request ends there.
    wire = RerouteTransport(DeadlineTransport(), address)
    return Documents(bounds, resolve=_simulated, transport=wire)


def _simulated(host: str, port: int, seconds: float) -> tuple[str, ...]:
    """Answer for the simulated tenant: a number stands for itself, a name for a public host."""
    del port, seconds
    try:
        return (str(ip_address(host)),)
    except ValueError:
        return ("20.0.0.1",)
