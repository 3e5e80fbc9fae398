"""Families of a collected tenant are those that were planted, and drift is what was mutated."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text
from tenants import Tenant, tenant

from connectory.assess import AssessReport, assess
from connectory.database import reading

_FAMILIES = text(
    "SELECT environments.key AS place, connectors.key, family_key, family_answers.rule, "
    "family_answers.reason, definitions.sha256 "
    "FROM family_answers JOIN connectors ON connectors.id = family_answers.connector_id "
    "JOIN environments ON environments.id = connectors.environment_id "
    "JOIN connector_versions v ON v.connector_id = connectors.id AND v.to_run IS NULL "
    "LEFT JOIN definitions ON definitions.id = v.definition_id "
    "WHERE family_answers.to_run IS NULL"
)
_PAIRS = text(
    "SELECT v.definition_id, w.definition_id, d.state, f.rule, v.connector_id "
    "FROM drift_answers d "
    "JOIN family_answers f ON f.connector_id = d.connector_id AND f.to_run IS NULL "
    "JOIN connector_versions v ON v.connector_id = d.connector_id AND v.to_run IS NULL "
    "JOIN connector_versions w ON w.connector_id = d.against_connector_id AND w.to_run IS NULL "
    "WHERE d.to_run IS NULL"
)


def assessed(simulated: Tenant, store: Engine) -> AssessReport:
    """Assess the latest run at the tenant's own time."""
    report = assess(store, now=lambda: simulated.served.tenant.now)
    assert report is not None
    return report


def found(store: Engine, truth: dict[str, Any]) -> list[tuple[str | None, str, Any]]:
    """Return what is true of each connector's family, what was answered, and the row."""
    true = {
        (row["environment_id"].casefold(), str(row["name"]).casefold()): row["family"]
        for row in truth["connectors"]
        if row["name"]
    }
    with reading(store) as connection:
        rows = connection.execute(_FAMILIES).all()
    return [(true.get((row.place, row.key)), row.family_key, row) for row in rows]


def mixed(told: list[tuple[str | None, str, Any]]) -> dict[str, set[str]]:
    """Return families in which connectors of several true ones are together."""
    within: dict[str, set[str]] = defaultdict(set)
    for true, mine, _ in told:
        if true is not None:
            within[mine].add(true)
    return {mine: names for mine, names in within.items() if len(names) > 1}


def torn(told: list[tuple[str | None, str, Any]]) -> dict[str, list[str]]:
    """Return true families of which a member is elsewhere without being the second of its place."""
    by_true: dict[str, list[tuple[str, Any]]] = defaultdict(list)
    for true, mine, row in told:
        if true is not None:
            by_true[true].append((mine, row))
    wrong = {}
    for true, members in by_true.items():
        sizes: dict[str, int] = defaultdict(int)
        places: dict[str, int] = defaultdict(int)
        for mine, row in members:
            sizes[mine] += 1
            places[row.place] += 1
        most = max(sizes, key=lambda mine: sizes[mine])
        apart = [
            f"{row.place}: {row.reason}"
            for mine, row in members
            if mine != most and places[row.place] == 1
        ]
        if apart:
            wrong[true] = apart
    return wrong


@pytest.mark.parametrize("seed", [7, 11])
def test_the_families_of_a_small_tenant_are_found_through_its_drift(
    store: Engine, tmp_path: Path, seed: int
) -> None:
    """Two runs, a month apart: nothing is merged that is not one, and nothing torn apart."""
    with tenant(tmp_path, "small", seed=seed) as simulated:
        for days in (0, 28):
            if days:
                simulated.post("advance", days=days)
            simulated.collect(store)
            report = assessed(simulated, store)
            told = found(store, simulated.get("truth"))

            assert mixed(told) == {}
            assert torn(told) == {}
        with reading(store) as connection:
            pairs = connection.execute(_PAIRS).all()
            steps = connection.scalar(text("SELECT count(*) FROM definition_steps"))

    assert len({mine for true, mine, _ in told if true and "@" in true}) == 12
    assert report.drift.states["unknown"] == report.drift.states["unreadable"] == 0
    assert sum(report.drift.states.values()) == len(pairs) >= 12
    assert report.drift.notes == ()
    assert steps


def test_a_tiny_tenant_without_chains_has_no_family_across_environments(
    store: Engine, tmp_path: Path
) -> None:
    """Every connector stands alone, or with the copy that was planted."""
    with tenant(tmp_path) as simulated:
        simulated.collect(store)
        report = assessed(simulated, store)
        told = found(store, simulated.get("truth"))

    assert mixed(told) == {}
    assert torn(told) == {}
    assert len(report.drift.families) == len(told)


@pytest.mark.postgresql_in_soak
def test_the_families_of_real_definitions_are_found(
    store: Engine, tmp_path: Path, corpus: Path
) -> None:
    """Four hundred connectors of sixty environments, with all real definitions."""
    with tenant(tmp_path, "medium", definitions=corpus / "connectors") as simulated:
        simulated.collect(store, ["environments", "connectors"])
        report = assessed(simulated, store)
        told = found(store, simulated.get("truth"))

    assert len(told) > 400
    assert mixed(told) == {}
    assert torn(told) == {}
    assert report.drift.states["unknown"] == 0
    assert report.drift.states["expected"] > 40
