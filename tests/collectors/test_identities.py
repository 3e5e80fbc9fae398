"""Signing in as the machine itself, and as a person where a service refuses applications."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import orjson
import pytest
from sqlalchemy import Engine, text
from tenants import Tenant, tenant

from collectors.api.errors import NobodySignedIn, SignInError
from connectory.config import Settings
from connectory.database import reading
from connectory.signing_in import open_api

ENVIRONMENTS = "/providers/Microsoft.BusinessAppPlatform/scopes/admin/environments"


class Machine:
    """What App Service offers its programs on loopback: tokens of the machine's identity.

    Behind it stands the simulated sign-in service, so that the tokens are ones services accept.
    """

    def __init__(self, simulated: Tenant, header: str) -> None:
        self.simulated, self.header = simulated, header
        self.asked: list[Mapping[str, str]] = []

    def answer(self, query: Mapping[str, str], headers: Mapping[str, str]) -> tuple[int, Any]:
        """Answer one request as the endpoint does, api version 2019-08-01."""
        self.asked.append(query)
        if headers.get("X-IDENTITY-HEADER") != self.header:
            return 401, {"statusCode": 401, "message": "wrong header"}
        running = self.simulated.served.tenant
        if query.get("client_id") not in {None, running.collector_app_id}:
            return 400, {"statusCode": 400, "message": "no such identity"}
        reply = httpx.post(
            f"{self.simulated.served.url}/{running.id}/oauth2/v2.0/token",
            headers={"Host": "login.microsoftonline.com"},
            data={
                "grant_type": "client_credentials",
                "client_id": running.collector_app_id,
                "client_secret": "simulated-secret",
                "scope": f"{query['resource']}/.default",
            },
        ).raise_for_status()
        told = reply.json()
        until = int(time.time()) + int(told["expires_in"])
        return 200, {"access_token": told["access_token"], "expires_on": str(until)}

    @contextmanager
    def served(self) -> Iterator[str]:
        """Serve on loopback and yield the endpoint's address."""
        machine = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                query = {k: v[0] for k, v in parse_qs(urlsplit(self.path).query).items()}
                status, told = machine.answer(query, self.headers)  # type: ignore[arg-type]
                body = orjson.dumps(told)
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/msi/token"
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


def as_machine(settings: Settings, client_id: str = "") -> Settings:
    """Return these settings with the machine's identity for a sign-in."""
    section = settings.sign_in.model_copy(
        update={"method": "managed_identity", "client_id": client_id, "secret_file": ""}
    )
    return settings.model_copy(update={"sign_in": section})


@pytest.fixture
def simulated(tmp_path: Path) -> Iterator[Tenant]:
    """A tiny tenant that answers."""
    with tenant(tmp_path) as running:
        yield running


@pytest.mark.parametrize("named", [False, True], ids=["system", "user-assigned"])
def test_a_machine_reads_the_tenant_without_a_secret(
    simulated: Tenant, sqlite_store: Engine, monkeypatch: pytest.MonkeyPatch, *, named: bool
) -> None:
    """A whole run signs in at the machine's own endpoint, one token a service, no secret set."""
    client = simulated.served.tenant.collector_app_id if named else ""
    machine = Machine(simulated, "invented-header")
    with machine.served() as address:
        monkeypatch.setenv("IDENTITY_ENDPOINT", address)
        monkeypatch.setenv("IDENTITY_HEADER", "invented-header")
        settings = as_machine(simulated.settings(sqlite_store), client)
        report = simulated.collect(sqlite_store, ["environments", "people"], settings=settings)

    assert report.state == "complete"
    assert [asked["resource"] for asked in machine.asked] == [
        "https://service.powerapps.com",
        "https://graph.microsoft.com",
    ]
    assert {asked.get("client_id", "") for asked in machine.asked} == {client}
    assert {asked["api-version"] for asked in machine.asked} == {"2019-08-01"}
    with reading(sqlite_store) as connection:
        identity = connection.scalar(text("SELECT identity FROM runs"))
    assert identity == (client or "managed identity")


def test_a_token_that_is_refused_is_asked_for_anew(
    simulated: Tenant, sqlite_store: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a 401 the machine is asked once more instead of handing out the token it kept."""
    simulated.post("faults", host="api.bap.microsoft.com", kind="unauthorized", times=1)
    machine = Machine(simulated, "invented-header")
    with machine.served() as address:
        monkeypatch.setenv("IDENTITY_ENDPOINT", address)
        monkeypatch.setenv("IDENTITY_HEADER", "invented-header")
        with open_api(as_machine(simulated.settings(sqlite_store)), prompt=None) as api:
            told = api.get_json("bap", ENVIRONMENTS, {"api-version": "2020-10-01"})

    assert told["value"]
    assert len(machine.asked) == 2


@pytest.mark.parametrize(
    ("client", "header"), [("", "another"), ("22222222-2222-4222-8222-222222222222", "right")]
)
def test_a_machine_without_that_identity_is_one_line(
    simulated: Tenant,
    sqlite_store: Engine,
    monkeypatch: pytest.MonkeyPatch,
    client: str,
    header: str,
) -> None:
    """A refusing endpoint is a sign-in error that names the cure, not a traceback."""
    with Machine(simulated, "right").served() as address:
        monkeypatch.setenv("IDENTITY_ENDPOINT", address)
        monkeypatch.setenv("IDENTITY_HEADER", header)
        settings = as_machine(simulated.settings(sqlite_store), client)
        with open_api(settings, prompt=None) as api, pytest.raises(SignInError) as caught:
            api.get_json("bap", ENVIRONMENTS, {"api-version": "2020-10-01"})

    assert "managed identity" in str(caught.value)
    assert "check" in str(caught.value)
    assert "\n" not in str(caught.value)


# --- a person, for the services that refuse applications


def with_person(settings: Settings, cache: Path, *services: str) -> Settings:
    """Return these settings with services that are read as a person."""
    section = settings.sign_in.model_copy(
        update={"delegated_services": list(services), "token_cache": str(cache)}
    )
    return settings.model_copy(update={"sign_in": section})


def outcomes(engine: Engine) -> dict[str, set[str]]:
    """Return how the sources of the newest run's flow steps ended."""
    query = text(
        "SELECT source, outcome FROM step_sources JOIN steps ON steps.id = step_id"
        " WHERE collector = 'flows' AND run_id = (SELECT max(id) FROM runs)"
    )
    found: dict[str, set[str]] = {}
    with reading(engine) as connection:
        for source, outcome in connection.execute(query):
            found.setdefault(source, set()).add(outcome)
    return found


def test_without_the_person_the_service_is_a_stated_gap(
    simulated: Tenant, sqlite_store: Engine, tmp_path: Path
) -> None:
    """A service for persons is refused without being asked, and the rest of the run is whole."""
    simulated.post("settings", flow_app_only="refuse")
    settings = with_person(simulated.settings(sqlite_store), tmp_path / "tokens.json", "flow")
    simulated.collect(sqlite_store, ["environments"], settings=settings)
    report = simulated.collect(sqlite_store, ["flows"], settings=settings)

    assert outcomes(sqlite_store)["flow_api"] == {"refused"}
    assert outcomes(sqlite_store)["dataverse"] <= {"complete", "skipped", "refused"}
    reasons = " ".join(step.reason or "" for step in report.steps)
    assert "wants a person" in reasons
    assert "connectory doctor" in reasons
    flow = [k for k in simulated.get("requests")["requests"] if "api.flow.microsoft.com" in str(k)]
    assert flow == []


def test_a_person_signed_in_once_is_enough(
    simulated: Tenant, sqlite_store: Engine, tmp_path: Path
) -> None:
    """After one device code the unattended runs read the service as that person."""
    simulated.post("settings", flow_app_only="refuse")
    settings = with_person(simulated.settings(sqlite_store), tmp_path / "tokens.json", "flow")
    simulated.collect(sqlite_store, ["environments"], settings=settings)
    said: list[str] = []
    environment = next(iter(simulated.get("truth")["environments"]))["id"]
    path = f"/providers/Microsoft.ProcessSimple/scopes/admin/environments/{environment}/v2/flows"
    with open_api(settings, prompt=said.append) as api:
        api.get_json("flow", path, {"api-version": "2016-11-01"})
    simulated.collect(sqlite_store, ["flows"], settings=settings)

    assert len(said) == 1
    assert outcomes(sqlite_store)["flow_api"] == {"complete"}


def test_nobody_is_asked_where_nobody_would_see_it(
    simulated: Tenant, sqlite_store: Engine, tmp_path: Path
) -> None:
    """Without a prompt there is no device code to wait for: the answer comes at once."""
    settings = with_person(simulated.settings(sqlite_store), tmp_path / "tokens.json", "graph")
    with open_api(settings, prompt=None) as api, pytest.raises(NobodySignedIn):
        api.get_json("graph", "/v1.0/users")
