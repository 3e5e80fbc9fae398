"""The demo: a simulated tenant in a process of its own, collected several times, then served."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import click
import httpx

from connectory.assess import assess
from connectory.clock import clock_from, wall_clock
from connectory.collecting import collect_once, named
from connectory.config import (
    CollectSettings,
    DashboardSettings,
    DatabaseSettings,
    HttpSection,
    Settings,
    SignInSettings,
    TenantSettings,
)
from connectory.database import open_store, upgrade
from connectory.demo_owners import ask, keep_settings, report_settings, write
from connectory.drift_settings import DriftSettings
from connectory.progress import reckoning, watch
from connectory.serve import serve as run_dashboard
from connectory.simulator.access_logs import COLUMNS
from connectory.simulator.wire.kinds import FAULTS, LOG_SERVICES, SERVICES
from connectory.telemetry_settings import AccessLog, GatewayLog, QueriedLog, TelemetrySettings
from connectory.upstream_settings import UpstreamSettings

_DAYS_BETWEEN = 7
_START_SECONDS = 60
_LOGGED_DAYS = 28
_SHOWN = frozenset({"serves"})
"""Behaviours of backends that the demo shows; a tenant whose every run falls short shows less."""
_SECRET = "CONNECTORY_DEMO_SECRET"  # noqa: S105 - the variable's name


def run_demo(
    *,
    size: str,
    seed: int,
    definitions: Path | None,
    runs: int,
    faults: Sequence[tuple[str, str]] = (),
    serve: bool,
    port: int | None,
    config: Path | None,
) -> None:
    """Fill a store from a simulated tenant over HTTP and show it.

    Args:
        size: Size of the tenant.
        seed: Which tenant of that size.
        definitions: Folder of real connector definitions, if any.
        runs: How often it is collected, a week of the tenant's time apart.
        faults: What goes wrong in the last of these, and at hosts that end how; empty for every
            service.
        serve: Whether pages are served at the end.
        port: Port of the pages.
        config: Settings file, for the dashboard section.

    Raises:
        StoreError: The store cannot be used.
    """
    url = os.environ.get("CONNECTORY_DATABASE_URL") or _fresh_store()
    engine = open_store(url)
    upgrade(engine)
    with (
        _simulator(size, seed, definitions) as address,
        tempfile.TemporaryDirectory(prefix="connectory-demo-") as folder,
    ):
        _post(address, "call_logs", {"days": _LOGGED_DAYS})
        logs = Path(folder).resolve()
        settings = _settings(address, url, port, logs)
        for number in range(runs):
            if number:
                _post(address, "advance", {"days": _DAYS_BETWEEN})
            _post(address, "access_logs", {"folder": str(logs), "days": _LOGGED_DAYS, "own": True})
            if faults and number == runs - 1:
                _fail(address, faults)
                settings = _impatient(settings)
            now = clock_from(_tenant_time(address))
            click.echo(f"run {number + 1} of {runs}, {now():%d %b %Y} in the tenant", err=True)
            with watch("text") as progress:
                report = collect_once(
                    engine, settings, named(()), now=now, wall=wall_clock, progress=progress
                )
            progress.finish(report)
            with reckoning("licences", "drift") as (bar, compared):
                answers = assess(
                    engine,
                    now=now,
                    wall=wall_clock,
                    licensing=settings.licensing,
                    drifting=settings.drift,
                    staleness=settings.staleness,
                    progress=bar,
                    drift_progress=compared,
                )
            if answers is not None:
                click.echo(f"{answers.changed} answers changed", err=True)
            if number == max(runs - 2, 0):
                click.echo(ask(engine, settings, now), err=True)
        click.echo(write(engine, settings, now), err=True)
    engine.dispose()
    kept = keep_settings(settings, Path(settings.reports.folder).parent / "demo.toml")
    click.echo(f"the store is filled: {engine.url.render_as_string(hide_password=True)}")
    if serve:
        run_dashboard(settings, config=config or kept, clock=now)


def _fresh_store() -> str:
    place = Path("var/demo.sqlite").resolve()
    place.parent.mkdir(parents=True, exist_ok=True)
    for suffix in ("", "-wal", "-shm"):
        Path(f"{place}{suffix}").unlink(missing_ok=True)
    shutil.rmtree(place.parent / "mail", ignore_errors=True)
    return f"sqlite:///{place}"


def _beside(url: str) -> Path:
    """Return the folder where mail of a demo is kept: beside its store, if that is a file."""
    place = url.removeprefix("sqlite:///")
    return (Path("var") if place == url else Path(place).parent).resolve() / "mail"


def _dashboard(port: int | None) -> DashboardSettings:
    """Return where pages are served: links name the port, so one is chosen before it is opened."""
    if port != 0:
        return DashboardSettings() if port is None else DashboardSettings(port=port)
    with socket.create_server(("127.0.0.1", 0)) as free:
        return DashboardSettings(port=free.getsockname()[1])


def _settings(address: str, url: str, port: int | None, logs: Path) -> Settings:
    tenant = _get(address, "tenant")
    os.environ[_SECRET] = str(tenant["secret"])
    dashboard = _dashboard(port)
    return Settings(
        tenant=TenantSettings(id=str(tenant["id"])),
        sign_in=SignInSettings(
            client_id=str(tenant["client_id"]), secret_env=_SECRET, token_cache=""
        ),
        database=DatabaseSettings(url=url),
        http=HttpSection(reroute_to=address, requests_per_minute_per_host=600_000),
        collect=CollectSettings(),
        telemetry=_telemetry(address, logs),
        drift=_drift(address),
        reports=report_settings(_beside(url), str(tenant["domain"]), dashboard.port),
        dashboard=dashboard,
    )


def _telemetry(address: str, logs: Path) -> TelemetrySettings:
    """Return settings that name every log of calls that the tenant has."""
    places = dict(_get(address, "calls/places"))
    own = {
        "workspace": places["gateway"],
        "environment_header": "x-ms-environment-id",
        "caller_header": "x-ms-user-principal-name",
        "connection_header": "x-ms-connection-id",
    }
    return TelemetrySettings(
        access_logs={"backends": AccessLog(directory=logs, columns=COLUMNS)},
        gateway_logs={
            "gateway": GatewayLog.model_validate(own),
            "older-gateway": GatewayLog(
                workspace=str(places["classic_gateway"]), table="azure_diagnostics"
            ),
        },
        canvas_calls={"apps": QueriedLog(app=str(places["apps"]))},
        flow_actions={"flows": QueriedLog(workspace=str(places["flows"]))},
    )


def _drift(address: str) -> DriftSettings:
    """Return settings that allow the hosts of APIs that tell of themselves, and name their documents."""
    places = dict(_get(address, "upstream"))
    named = [one for one in _rows(places["documents"]) if one["behaviour"] in _SHOWN]
    upstream = {
        "hosts": places["hosts"],
        "documents": [{"connector": one["connector"], "url": one["url"]} for one in named],
        "seconds": 5.0,
    }
    return DriftSettings(upstream=UpstreamSettings.model_validate(upstream))


def _rows(told: object) -> list[dict[str, object]]:
    return [dict(row) for row in told] if isinstance(told, list) else []


def _fail(address: str, faults: Sequence[tuple[str, str]]) -> None:
    for kind, host in faults:
        click.echo(f"from here on {host or 'every service'}: {FAULTS[kind]}", err=True)
        for one in (host,) if host else SERVICES + LOG_SERVICES:
            _post(address, "faults", {"kind": kind, "host": one})


def _impatient(settings: Settings) -> Settings:
    """Return settings that give up soon: nobody waits an hour to see how a page tells of it."""
    http = settings.http.model_copy(update={"retries": 2, "longest_wait_seconds": 0.2})
    return settings.model_copy(update={"http": http})


@contextmanager
def _simulator(size: str, seed: int, definitions: Path | None) -> Iterator[str]:
    command = [sys.executable, "-m", "connectory.simulator", "--size", size, "--port", "0"]
    command += ["--seed", str(seed)]
    if definitions is not None:
        command += ["--definitions", str(definitions)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603
    try:
        yield _address_of(process)
    finally:
        process.terminate()
        process.wait(timeout=10)


def _address_of(process: subprocess.Popen[str]) -> str:
    if process.stdout is None:
        raise RuntimeError("the simulated tenant has no output")
    begun = time.monotonic()
    for line in process.stdout:
        found = [word for word in line.split() if word.startswith("http://127.0.0.1:")]
        if found:
            return found[0].rstrip("/")
        if time.monotonic() - begun > _START_SECONDS:
            break
    raise click.ClickException("the simulated tenant did not start; run: connectory simulate")


def _tenant_time(address: str) -> datetime:
    return datetime.fromisoformat(str(_get(address, "clock")["now"]))


def _get(address: str, name: str) -> dict[str, object]:
    reply = httpx.get(f"{address}/_sim/{name}", timeout=60).raise_for_status()
    return dict(reply.json())


def _post(address: str, name: str, body: dict[str, object]) -> None:
    httpx.post(f"{address}/_sim/{name}", json=body, timeout=60).raise_for_status()
