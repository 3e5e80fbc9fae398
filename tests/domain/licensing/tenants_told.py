"""Scenarios in few words, and what an estimate of one says."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from connectory.cli import cli
from connectory.domain.licensing.estimate import Estimate, estimate
from connectory.domain.licensing.reading import read_scenario

TODAY = date(2026, 11, 23)
PREMIUM, AUTOMATE, SUITE = "POWERAPPS_PER_USER", "POWERAUTOMATE_ATTENDED_RPA", "ENTERPRISEPACK"
ENV = "prod"


def environment(name: str = ENV, kind: str = "Production", **more: Any) -> dict[str, Any]:
    """Return an environment; apps and runs say whether its meters are on."""
    apps, runs = more.pop("apps", False), more.pop("runs", False)
    policy = {"linked": apps or runs, "power_apps_meter": apps, "flow_meter": runs}
    return {"id": name, "type": kind, "billing_policy": policy, **more}


def user(name: str, count: int | None = None, *skus: str, **more: Any) -> dict[str, Any]:
    """Return a user, or several who are alike."""
    return {"id": name, "count": count, "skus": list(skus), **more}


def app(name: str, *users: str, **more: Any) -> dict[str, Any]:
    """Return an app with a custom connector."""
    return {"id": name, "environment": ENV, "custom_connector": True, "users": list(users), **more}


def flow(name: str, trigger: str, owner: str | None = None, **more: Any) -> dict[str, Any]:
    """Return a flow with a custom connector."""
    facts = {"environment": ENV, "custom_connector": True, "trigger": trigger, "owner": owner}
    return {"id": name, **facts, **more}


def scenario(**parts: Any) -> dict[str, Any]:
    """Return a scenario of one environment where no other is told."""
    return {"as_of": TODAY.isoformat(), "environments": [environment()], **parts}


def estimated(**parts: Any) -> Estimate:
    """Return the estimate of a scenario."""
    return estimate(read_scenario(json.dumps(scenario(**parts)).encode(), "told.json", TODAY))


def told(folder: Path, **parts: Any) -> dict[str, Any]:
    """Return what the command writes of a scenario."""
    place = folder / "scenario.json"
    place.write_text(json.dumps(scenario(**parts)), encoding="utf-8")
    ended = CliRunner().invoke(cli, ["estimate", str(place), "--format", "json"])
    assert ended.exit_code == 0, ended.output
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


def ways(found: dict[str, Any]) -> dict[str, str | None]:
    """Return what the naive ways cost a month."""
    return {name: way and way["monthly"] for name, way in found["scenarios"].items()}


def lines(found: dict[str, Any]) -> dict[str, int]:
    """Return how many units the cheapest plan has of each plan."""
    return {line["plan"]: line["quantity"] for line in found["cheapest"]["lines"]}
