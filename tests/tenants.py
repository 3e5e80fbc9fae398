"""Collect a simulated tenant over HTTP into a store, the way the command does it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import Engine

from collectors.ledger import StepReport
from collectors.run import RunReport
from collectors.waiting import Waiting
from connectory.collecting import collect_once, named
from connectory.config import (
    CollectSettings,
    DatabaseSettings,
    HttpSection,
    Settings,
    SignInSettings,
    TenantSettings,
)
from connectory.signing_in import open_api
from connectory.simulator.server import Served, serve
from connectory.simulator.tenant import build

TRUSTED = httpx.create_ssl_context()
"""Read from disk once; the levers are plain HTTP all the same."""


class Silent:
    """A watcher that says nothing."""

    def collector_started(self, name: str, steps: int) -> None:
        """Say nothing."""

    def step_ended(self, report: StepReport) -> None:
        """Say nothing."""


@dataclass
class Tenant:
    """A simulated tenant that answers, and how it is collected."""

    served: Served
    secret_file: Path
    levers: httpx.Client

    def settings(self, engine: Engine, **http: Any) -> Settings:
        """Return the settings of a run; tests never wait long."""
        tenant = self.served.tenant
        options: dict[str, Any] = {
            "reroute_to": self.served.url,
            "requests_per_minute_per_host": 600_000,
            "retries": 2,
            "longest_wait_seconds": 0.01,
            **http,
        }
        return Settings(
            tenant=TenantSettings(id=tenant.id),
            sign_in=SignInSettings(
                client_id=tenant.collector_app_id,
                secret_file=str(self.secret_file),
                token_cache="",
            ),
            database=DatabaseSettings(url=engine.url.render_as_string(hide_password=False)),
            http=HttpSection(**options),
        )

    def signed_in(self, engine: Engine, folder: Path) -> Settings:
        """Return settings under which a person, who has signed in, asks the Power Platform API."""
        settings = self.settings(engine)
        section = settings.sign_in.model_copy(
            update={
                "delegated_services": ["powerplatform"],
                "token_cache": str(folder / "tokens.json"),
            }
        )
        settings = settings.model_copy(update={"sign_in": section})
        with open_api(settings, prompt=lambda _: None) as api:
            path = "/licensing/billingPolicies"
            api.get_json("powerplatform", path, {"api-version": "2022-03-01-preview"})
        return settings

    def collect(
        self,
        engine: Engine,
        names: Sequence[str] = (),
        *,
        settings: Settings | None = None,
        waiting: Waiting | None = None,
        **collect: Any,
    ) -> RunReport:
        """Collect once at the tenant's own time."""
        chosen = settings or self.settings(engine)
        section = CollectSettings(**{**chosen.collect.model_dump(), **collect})
        now = self.served.tenant.now
        return collect_once(
            engine,
            chosen.model_copy(update={"collect": section}),
            named(names),
            now=lambda: now,
            wall=lambda: datetime.now(UTC),
            progress=Silent(),
            waiting=waiting,
        )

    def get(self, name: str) -> Any:
        """Read one of the simulator's own levers."""
        return self.levers.get(f"{self.served.url}/_sim/{name}").raise_for_status().json()

    def post(self, name: str, /, **body: Any) -> None:
        """Pull one of the simulator's own levers."""
        url = f"{self.served.url}/_sim/{name}"
        self.levers.post(url, json=body).raise_for_status()

    def story(self, name: str, /, **arguments: str) -> None:
        """Let one thing happen to the tenant."""
        self.post("story", name=name, arguments=arguments)

    def forget_requests(self) -> None:
        """Begin to count requests anew."""
        self.levers.delete(f"{self.served.url}/_sim/requests").raise_for_status()

    def clear_faults(self) -> None:
        """Let every service work again."""
        self.levers.delete(f"{self.served.url}/_sim/faults").raise_for_status()


Open = Callable[..., Any]


@contextmanager
def tenant(
    folder: Path, size: str = "tiny", seed: int = 7, definitions: Path | None = None
) -> Iterator[Tenant]:
    """Serve a simulated tenant and yield how to collect it."""
    secret = folder / "secret"
    secret.write_text("simulated-secret", encoding="utf-8")
    with (
        serve(build(size, seed, definitions)) as served,
        httpx.Client(timeout=60, verify=TRUSTED) as levers,
    ):
        yield Tenant(served, secret, levers)
