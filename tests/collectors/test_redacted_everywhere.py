"""Secrets planted wherever a tenant can put words are nowhere afterwards: store, logs, exports."""

from __future__ import annotations

import base64
import dataclasses
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, select
from tenants import Tenant, tenant

from connectory.assess import assess
from connectory.cli import cli
from connectory.config import Settings
from connectory.database import reading
from connectory.queries.export import VIEWS, rows, to_csv, to_json
from connectory.queries.moments import latest
from connectory.simulator.state import Definition
from connectory.simulator.wire.kinds import SERVICES
from models import Base

_JWT = ".".join(
    base64.urlsafe_b64encode(part).decode().rstrip("=")
    for part in (
        b'{"alg":"RS256","planted":true}',
        b'{"sub":"planted-subject"}',
        b"planted-signature",
    )
)
SECRETS = {
    "bearer": ("Authorization: Bearer {}", "pLanted0bearer1token2of3thirty4two5"),
    "basic": ("Authorization: Basic {}", "cGxhbnRlZDpiYXNpYy1wYXNzd29yZA=="),
    "web token": ("token {} ends", _JWT),
    "signed address": (
        "https://x.blob.core.windows.net/a?sv=1&sig={}&sp=r",
        "pLantedSig0123456789%3D",
    ),
    "function key": ("https://f.azurewebsites.net/api/f?code={}", "pLantedCode0123456789=="),
    "api key": ("https://api.example/v1?api-key={}", "pLantedKey0123456789"),
    "subscription key": ("?subscription-key={}", "pLantedSubscription0123"),
    "connection string": ("Server=db.example;Uid=app;Password={};", "pLantedPassw0rd1"),
    "account key": ("AccountName=x;AccountKey={};", "pLantedAccountKey0123456789=="),
    "bus key": ("Endpoint=sb://x/;SharedAccessKey={}", "pLantedBusKey0123456789="),
    "person in an address": ("https://app:{}@api.example/", "pLantedUserInfo1"),
    "token as a person": ("https://{}@api.example/", "pLantedUserToken1"),
    "header in words": ("call with Ocp-Apim-Subscription-Key: {} please", "pLanted0Header1"),
    "function header": ("x-functions-key: {}", "pLantedFunction0"),
    "password in words": ("password: {}", "pLanted-Hunter-7"),
    "key in a query": ("https://api.example/a?key={}", "pLantedPlainKey"),
    "token in a query": ("https://api.example/a?x=1&token={}", "pLantedPlainToken"),
    "client secret": ("grant_type=client_credentials&client_secret={}", "pLanted~Client.0"),
    "address in an address": (
        "https://a.example/?next=https%3A%2F%2Fx.example%2Fa%3Fsig%3D{}%26se%3D1",
        "pLantedInner0123",
    ),
    "token of a forge": ("see {} there", "ghp_pLanted0123456789abcdefABCDEF"),
    "chat webhook": ("https://hooks.slack.com/services/{}", "T0PLANTED/B0PLANTED/abcdef0123456789"),
    "key file": (
        "-----BEGIN PRIVATE KEY-----{}-----END PRIVATE KEY-----",
        "MIIEpLanted0123456789abcdef",
    ),
}
ADDRESSED = "jane.planted@elsewhere.example"
"""Somebody whose address a service repeats in what it says."""
SPEAKING = (
    "forbidden", "unauthorized", "429", "500", "redirect", "foreign_link", "error_page",
    "partial_error", "malformed_record", "not_json", "truncate",
)  # fmt: skip
"""Faults whose replies can carry words or addresses, whole or cut."""
WORDS = {
    "display_name", "description", "department", "job_title", "company", "account_name",
    "resource_group", "publisher", "part_number", "action",
}  # fmt: skip
"""Members of the tenant's things in which people write what they like."""


def spoken() -> Iterator[str]:
    """Yield texts, each with another secret, for ever."""
    while True:
        for shape, secret in SECRETS.values():
            yield f"Do not share! {shape.format(secret)}"


def plant(thing: Any, words: Iterator[str], seen: set[int]) -> int:
    """Write secrets into the words of a thing and of all that it holds; return how many."""
    if id(thing) in seen:
        return 0
    seen.add(id(thing))
    count = 0
    if isinstance(thing, dict | list):
        values = list(thing.values()) if isinstance(thing, dict) else thing
        return sum(plant(value, words, seen) for value in values)
    if not dataclasses.is_dataclass(thing) or isinstance(thing, type):
        return 0
    for field in dataclasses.fields(thing):
        value = getattr(thing, field.name)
        if field.name in WORDS and isinstance(value, str):
            try:
                setattr(thing, field.name, f"{value} {next(words)}")
                count += 1
            except dataclasses.FrozenInstanceError:
                continue
        else:
            count += plant(value, words, seen)
    return count


def configured(words: Iterator[str]) -> dict[str, Any]:
    """Return connection parameters and a policy in which makers have hard-coded secrets."""
    secret = SECRETS["api key"][1]
    return {
        "connection_parameters": {
            "api_key": {
                "type": "securestring",
                "default": secret,
                "uiDefinition": {
                    "displayName": "API key",
                    "tooltip": next(words),
                    "constraints": {"default": SECRETS["key in a query"][1]},
                },
            },
            "plainly": {"type": "secureString", "default": SECRETS["token in a query"][1]},
            "oauth": {
                "type": "oauthSetting",
                "oAuthSettings": {
                    "clientId": "0b0c5a3e-0000-4000-8000-000000000001",
                    "clientSecret": SECRETS["bus key"][1],
                    "customParameters": {"token": {"value": SECRETS["bearer"][1]}},
                },
            },
        },
        "policies": [
            {
                "templateId": "setheader",
                "title": next(words),
                "parameters": {
                    "x-ms-apimTemplateParameter.name": "x-api-key",
                    "x-ms-apimTemplateParameter.value": secret,
                },
            },
            {
                "templateId": "setheader",
                "parameters": {
                    "x-ms-apimTemplateParameter.name": "X-Company-Auth-Header",
                    "x-ms-apimTemplateParameter.value": SECRETS["header in words"][1],
                },
            },
            {
                "templateId": "routerequesttoendpoint",
                "parameters": {
                    "x-ms-apimTemplateParameter.newPath": "/a?key=" + SECRETS["key in a query"][1]
                },
            },
        ],
        "backend_url": "https://app:{}@api.example/".format(SECRETS["person in an address"][1]),
    }


def document(words: Iterator[str]) -> bytes:
    """Return a definition with secrets in its texts, defaults and examples."""
    return json.dumps(
        {
            "swagger": "2.0",
            "info": {"title": next(words), "version": "1", "description": next(words)},
            "host": "api.example",
            "basePath": "/v1",
            "paths": {
                "/things?code=" + SECRETS["function key"][1]: {
                    "get": {
                        "operationId": "Things",
                        "summary": next(words),
                        "description": next(words),
                        "parameters": [
                            {
                                "name": "api_key",
                                "in": "query",
                                "type": "string",
                                "default": SECRETS["api key"][1],
                                "x-example": SECRETS["api key"][1],
                            },
                            {
                                "name": "api_key",
                                "in": "header",
                                "schema": {
                                    "type": "string",
                                    "default": SECRETS["function header"][1],
                                },
                            },
                        ],
                        "responses": {
                            "200": {
                                "description": next(words),
                                "examples": {
                                    "application/json": {
                                        "password": SECRETS["password in words"][1] + " twice",
                                        "passwords": [SECRETS["password in words"][1]],
                                        "headers": {"X-Key": SECRETS["key in a query"][1]},
                                    }
                                },
                            }
                        },
                    }
                }
            },
            "x-auth": {"client_secret": SECRETS["bus key"][1]},
        }
    ).encode()


def planted(simulated: Tenant) -> None:
    """Write secrets wherever a tenant can hold words."""
    told, words = simulated.served.tenant, spoken()
    assert plant(told, words, set()) > 200
    for one in told.connectors:
        for name, value in configured(words).items():
            setattr(one, name, value)
        one.definition = Definition(document(words), None)
    for connection in told.connections:
        error = {"code": "Unauthorized", "message": next(words)}
        connection.statuses = [{"status": "Error", "target": "token", "error": error}]
    for policy in told.billing_policies:
        policy.name = next(words)
    for data_policy in told.governance.policies:
        data_policy.exempt = {"note": next(words), "clientSecret": SECRETS["bus key"][1]}
    for agent in told.agents:
        for call in agent.calls:
            call.step = call.step and f"{call.step} {next(words)}"
    simulated.post("advance", days=0)


def leaks(text: str) -> list[str]:
    """Return which secrets stand in a text."""
    return [name for name, (_, secret) in SECRETS.items() if secret in text]


def stored(engine: Engine) -> list[str]:
    """Return where in a store a secret stands."""
    found: list[str] = []
    with reading(engine) as connection:
        for table in Base.metadata.sorted_tables:
            for row in connection.execute(select(table)).mappings():
                for column, value in row.items():
                    text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
                    found += [f"{table.name}.{column}: {name}" for name in leaks(text)]
    return sorted(set(found))


def redacted(engine: Engine) -> set[str]:
    """Return the columns in which a secret was replaced."""
    with reading(engine) as connection:
        return {
            f"{table.name}.{column}"
            for table in Base.metadata.sorted_tables
            for row in connection.execute(select(table)).mappings()
            for column, value in row.items()
            if "[redacted]" in str(value) or "sig=…" in str(value)
        }


def exported(engine: Engine, settings: Settings) -> list[str]:
    """Return in which exports a secret stands."""
    found: list[str] = []
    with reading(engine) as connection:
        moment = latest(connection)
        assert moment is not None
        for view in VIEWS:
            frame = rows(connection, moment, view, settings.findings.rules())
            found += [f"{view}: {name}" for name in leaks(to_csv(frame) + to_json(frame))]
    return found


@pytest.mark.postgresql_in_soak
def test_no_secret_outlives_a_run(
    store: Engine, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Runs that succeed and runs that fail in every way leave no secret anywhere."""
    caplog.set_level(logging.DEBUG)
    with tenant(tmp_path) as simulated:
        planted(simulated)
        settings = simulated.settings(store)
        assert simulated.collect(store).state == "complete"
        words = spoken()
        said: list[str] = []
        for kind in SPEAKING:
            for host in SERVICES:
                simulated.post(
                    "faults",
                    kind=kind,
                    host=host,
                    seconds=0.001,
                    message=f"{next(words)} for {ADDRESSED}",
                    code=next(words),
                    location=SECRETS["signed address"][0].format(SECRETS["signed address"][1]),
                )
            report = simulated.collect(store, full=True)
            said += [str(report.reason), *(str(step.reason) for step in report.steps)]
            simulated.clear_faults()
        now = simulated.served.tenant.now
        assess(store, now=lambda: now, wall=lambda: datetime.now(UTC))

    assert stored(store) == []
    assert len(redacted(store)) > 20, "what was planted did not arrive"
    assert leaks(caplog.text) == []
    assert leaks("\n".join(said)) == []
    assert ADDRESSED not in "\n".join(said)
    assert exported(store, settings) == []


def test_no_secret_reaches_the_terminal(
    sqlite_store: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the commands print is as free of secrets as the store, whatever a service says."""
    with tenant(tmp_path) as simulated:
        planted(simulated)
        told = simulated.served.tenant
        place = tmp_path / "config.toml"
        place.write_text(
            f"""
[tenant]
id = "{told.id}"
[sign_in]
client_id = "{told.collector_app_id}"
token_cache = ""
[database]
url = "{sqlite_store.url.render_as_string(hide_password=False)}"
[http]
reroute_to = "{simulated.served.url}"
retries = 0
""",
            encoding="utf-8",
        )
        monkeypatch.setenv("CONNECTORY_CLIENT_SECRET", "simulated-secret")
        words = spoken()
        printed = ""
        for kind in ("slow", "forbidden", "500", "error_page", "redirect", "foreign_link"):
            simulated.clear_faults()
            for host in SERVICES:
                simulated.post("faults", kind=kind, host=host, message=next(words), seconds=0.001)
            for command in (["collect"], ["doctor"], ["export", "coverage"], ["export", "runs"]):
                given = ["--config", str(place), "--log-level", "debug", *command]
                ended = CliRunner().invoke(cli, given)
                printed += ended.output + str(ended.exception or "")

    assert "environments" in printed
    assert leaks(printed) == []
