"""A name that is no text costs itself and nothing else of its record, nor any other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from tenants import Tenant, tenant
from told import told

ODD: Any = {"not": "a name"}


def spoil(simulated: Tenant, noun: str, member: str) -> None:
    """Give one thing of a tenant an object where a text belongs."""
    things = getattr(simulated.served.tenant, noun)
    thing = next(iter(things.values() if isinstance(things, dict) else things))
    setattr(thing, member, ODD)
    simulated.post("advance", days=0)


@pytest.mark.parametrize(
    ("noun", "collector", "stored"),
    [
        ("environments", "environments", "environments"),
        ("people", "people", "people"),
        ("connectors", "connectors", "connectors"),
        ("connections", "connections", "connections"),
        ("connection_references", "connection_references", "connection_references"),
        ("flows", "flows", "flows"),
        ("apps", "apps", "apps"),
        ("agents", "agents", "agents"),
        ("registrations", "credentials", "app_registrations"),
    ],
)
def test_an_odd_name_costs_itself(
    store: Engine, tmp_path: Path, noun: str, collector: str, stored: str
) -> None:
    """The source is partial and says why; what was known in its place stays, all else is read."""
    with tenant(tmp_path) as simulated:
        simulated.collect(store)
        before = told(store)[stored]
        # The invented directory is in the order of its names.
        member = "department" if noun == "people" else "display_name"
        spoil(simulated, noun, member)
        report = simulated.collect(store, [collector], full=True)
        after = told(store)[stored]

    assert report.state == "partial"
    assert not [step for step in report.steps if step.state == "failed"]
    assert all(f"{member} is no text" in str(step.reason) for step in report.short), report.short
    assert after == before
