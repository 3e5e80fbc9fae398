"""Every query that is sent is one to the parser of the services themselves."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from tenants import tenant

from collectors.telemetry import canvas_calls, flow_actions
from connectory.telemetry_settings import QueriedLog, TelemetrySettings

PACKAGE = "@kusto/language-service-next"
VERSION = "12.4.1"
JUDGE = Path(__file__).with_name("judge.cjs")
TABLES = {
    "ApiManagementGatewayLogs": (
        "(TimeGenerated: datetime, CorrelationId: string, ApiId: string, ApiRevision: string, OperationId: "
        "string, OperationName: string, ProductId: string, Method: string, Url: string, ResponseCode: int, "
        "BackendResponseCode: int, BackendMethod: string, BackendUrl: string, TotalTime: long, BackendTime: "
        "long, ClientTime: long, CallerIpAddress: string, ApimSubscriptionId: string, UserId: string, "
        "IsRequestSuccess: bool, RequestSize: int, ResponseSize: int, RequestHeaders: dynamic)"
    ),
    "AzureDiagnostics": (
        "(TimeGenerated: datetime, Category: string, CorrelationId: string, DurationMs: long, apiId_s: string, "
        "method_s: string, url_s: string, responseCode_d: real, isRequestSuccess_b: bool)"
    ),
    "AppDependencies": (
        "(TimeGenerated: datetime, Id: string, Name: string, DependencyType: string, Target: string, Data: "
        "string, Success: bool, ResultCode: string, DurationMs: real, OperationId: string, ItemCount: int, "
        "UserId: string, Properties: dynamic)"
    ),
    "dependencies": (
        "(timestamp: datetime, id: string, name: string, type: string, target: string, data: string, success: "
        "string, resultCode: string, duration: real, operation_Id: string, itemCount: int, user_Id: string, "
        "customDimensions: dynamic)"
    ),
}
"""Columns of the tables as their documentation lists them; optional ones are left out of one."""
ID = "1f0c0000-0000-4000-8000-000000000001"


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The parser; where there is no npm it cannot be had, which a build does not forgive."""
    npm = shutil.which("npm")
    if npm is None:
        if os.environ.get("CI"):
            pytest.fail("npm is not there: queries cannot be judged")
        pytest.skip("npm is not there: queries cannot be judged")
    folder = tmp_path_factory.mktemp("parser")
    command = [
        npm, "install", "--no-save", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts",
        "--prefix", str(folder), f"{PACKAGE}@{VERSION}",
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return folder / "node_modules" / PACKAGE


def judged(package: Path, queries: list[str]) -> list[list[str]]:
    """Return what the parser has against each query."""
    asked = json.dumps([{"query": query, "tables": TABLES} for query in queries])
    command = ["node", str(JUDGE), str(package)]
    told = subprocess.run(
        command, input=asked, check=True, capture_output=True, text=True, timeout=300
    )
    found: list[list[str]] = json.loads(told.stdout)
    return found


def test_the_judge_condemns(package: Path) -> None:
    """What is no query, and what asks for a column that is not there, is told."""
    bad = ["AppDependencies | wher Success", "AppDependencies | where Succes == true"]

    assert all(judged(package, bad))


def test_every_query_is_one(package: Path, tmp_path: Path, sqlite_store: Engine) -> None:
    """Rows and sums, of every log and in every table that it can lie in."""
    with tenant(tmp_path) as simulated:
        simulated.post("call_logs", days=4, rate=5.0)
        for detail in ("rows", "summary"):
            places = simulated.get("calls")["places"]
            simulated.collect(
                sqlite_store,
                ["gateway_logs", "canvas_calls", "flow_actions"],
                full=True,
                settings=simulated.settings(sqlite_store).model_copy(
                    update={"telemetry": telemetry(places, detail)}
                ),
            )
            simulated.post("advance", days=4)
        queries = simulated.get("calls")["queries"]
    queries += [
        canvas_calls.query(QueriedLog(workspace=ID), "true"),
        flow_actions.query(QueriedLog(app=ID), "true"),
    ]

    found = dict(zip(queries, judged(package, queries), strict=True))

    assert sorted({one for told in found.values() for one in told}) == []
    assert len(queries) > 15
    assert all(any(query.startswith(table) for query in queries) for table in TABLES)


def telemetry(places: dict[str, str], detail: str) -> TelemetrySettings:
    """Return settings that name each log of the simulated services."""
    raw: dict[str, Any] = {
        "gateway_logs": {
            "own": {
                "workspace": places["gateway"],
                "detail": detail,
                "environment": 'a "name"\\ with marks',
                "environment_header": "X-Environment",
                "caller_header": "X-User",
                "connection_header": "x-connection",
            },
            "classic": {
                "workspace": places["classic_gateway"],
                "detail": detail,
                "table": "azure_diagnostics",
            },
        },
        "canvas_calls": {"apps": {"app": places["apps"], "detail": detail}},
        "flow_actions": {"flows": {"workspace": places["flows"]}},
    }
    return TelemetrySettings.model_validate(raw)
