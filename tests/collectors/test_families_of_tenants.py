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
from connectory.drift_settings import DriftSettings

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


@pytest.mark.postgresql_in_soak
@pytest.mark.parametrize("seed", [7, pytest.param(11, marks=pytest.mark.soak)])
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


def test_members_differ_by_what_was_planted(store: Engine, tmp_path: Path) -> None:
    """Each is held against the reference that is true, and every fact is found, and no other."""
    with tenant(tmp_path, "small") as simulated:
        for days in (0, 28):
            if days:
                simulated.post("advance", days=days)
            simulated.collect(store, ["environments", "connectors"])
            truth = simulated.get("truth")["drift"]
            ends = {one for family in truth["families"] for one in family["chain"][:0:-1]}
            chain = next(family["chain"] for family in truth["families"] if family["chain"])
            assert ends <= set(chain)
            settings = DriftSettings(reference=tuple(reversed(chain)))
            assess(store, now=lambda: simulated.served.tenant.now, drifting=settings)
            wanted = planted(truth)
            told = answered(store)

            assert len(wanted) >= 15
            assert {key: told.get(key) for key in wanted} == wanted


def planted(truth: dict[str, Any]) -> dict[tuple[str, str], Any]:
    """Return the state and facts of each member whose reference is another one, by its place."""
    wanted = {}
    for family in truth["families"]:
        for row in family["members"]:
            reference = family["reference"]
            if row["facts"] is None or reference is None or row["connector"] is None:
                continue
            if row["connector"] != reference["connector"]:
                key = (row["environment_id"].casefold(), row["connector"].casefold())
                facts = sorted(_fact(fact) for fact in row["facts"])
                wanted[key] = (row["state"], facts)
    return wanted


def _fact(fact: dict[str, Any]) -> tuple[str, str]:
    return fact["rule"], str(fact["operation_id"])


def answered(store: Engine) -> dict[tuple[str, str], Any]:
    """Return the state and changes of each member, by its place."""
    with reading(store) as connection:
        rows = connection.execute(
            text(
                "SELECT e.key AS place, c.key, d.state, d.comparison_id FROM drift_answers d "
                "JOIN connectors c ON c.id = d.connector_id "
                "JOIN environments e ON e.id = c.environment_id WHERE d.to_run IS NULL"
            )
        ).all()
        changes: dict[int, list[tuple[str, str]]] = defaultdict(list)
        for number, rule, operation in connection.execute(
            text("SELECT comparison_id, rule, operation_id FROM comparison_changes")
        ):
            changes[number].append((rule, str(operation)))
    return {(row.place, row.key): (row.state, sorted(changes[row.comparison_id])) for row in rows}
