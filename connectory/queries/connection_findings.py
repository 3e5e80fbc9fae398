"""What is wrong with connections and connection references, and where it could not be looked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, get_args

import pandas as pd
from sqlalchemy import Connection, func, select

from connectory.domain.connection_facts import ConnectionRules
from connectory.domain.connection_findings import (
    NEEDS,
    Finding,
    FindingKind,
    connection_findings,
    reference_findings,
)
from connectory.domain.connection_status import status_meaning
from connectory.queries.connection_assets import Asset, directory
from connectory.queries.connection_facts import connection_facts
from connectory.queries.frames import Schema, frame
from connectory.queries.moments import Moment
from connectory.queries.reads import Readings, readings
from connectory.queries.reference_facts import reference_facts
from connectory.queries.tables import (
    ENVIRONMENT_VERSIONS,
    environment_name,
    meaning_of_absence,
    present,
)

DEFAULT_RULES = ConnectionRules()
_SEVERITIES = ("high", "medium", "low")
_ORDER = get_args(FindingKind)

_FINDINGS: Schema = {
    "severity": "text",
    "finding": "text",
    "asset": "text",
    "asset_id": "count",
    "name": "text",
    "connector_id": "number",
    "connector": "text",
    "environment_id": "count",
    "environment": "text",
    "proof": "text",
    "cure": "text",
    "account": "text",
    "owner": "text",
    "owner_state": "text",
    "status": "text",
    "status_meaning": "text",
    "references": "number",
    "flows": "count",
    "apps": "number",
    "modified_at": "time",
}
_CHECKS: Schema = {
    "environment_id": "count",
    "environment": "text",
    "finding": "text",
    "checked": "flag",
    "findings": "count",
    "reason": "text",
}


def findings(
    connection: Connection, moment: Moment, rules: ConnectionRules = DEFAULT_RULES
) -> pd.DataFrame:
    """Return what is wrong, a row each: the worst first, then by kind, environment and name.

    A connection or reference with several findings has several rows. connector_id is missing where
    the connector is not known; it may be gone. references, flows and apps count what relies on it;
    references and apps are missing where it is a reference itself. status is that of the
    connection, or of the one that a reference is bound to, and status_meaning says it in words.

    Args:
        connection: Open transaction on the store.
        moment: As of when.
        rules: What the organisation decided.
    """
    read = readings(connection, moment.run_id, ("connectors", "connections"))
    found = sorted(
        _found(connection, moment.run_id, rules, read),
        key=lambda one: (
            _SEVERITIES.index(one[1].severity),
            _ORDER.index(one[1].kind),
            one[0].environment.casefold(),
            one[0].connector.casefold(),
            one[0].asset,
            one[0].asset_id,
        ),
    )
    return frame([_row(asset, finding) for asset, finding in found], _FINDINGS)


def _found(
    connection: Connection, run_id: int, rules: ConnectionRules, read: Readings
) -> Iterator[tuple[Asset, Finding]]:
    known = directory(connection, run_id)
    for asset, facts in connection_facts(connection, run_id, known):
        for finding in connection_findings(facts, rules, known.domains):
            yield asset, finding
    for asset, about in reference_facts(connection, run_id, read):
        for finding in reference_findings(about):
            yield asset, finding


def _row(asset: Asset, finding: Finding) -> tuple[Any, ...]:
    return (
        finding.severity,
        finding.kind,
        asset.asset,
        asset.asset_id,
        asset.name,
        asset.connector_id,
        asset.connector,
        asset.environment_id,
        asset.environment,
        finding.proof,
        finding.cure,
        asset.account,
        asset.owner,
        asset.owner_state,
        asset.status,
        status_meaning(asset.status, asset.status_detail).words if asset.status else None,
        asset.references,
        asset.flows,
        asset.apps,
        asset.modified_at,
    )


def checks(
    connection: Connection,
    moment: Moment,
    rules: ConnectionRules = DEFAULT_RULES,
    found: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return for each environment present and each kind how many findings, and if all are known.

    Where checked is false, something that could show further findings was not read whole; reason
    says what and why. A zero is a zero only where checked is true.

    Args:
        connection: Open transaction on the store.
        moment: As of when.
        rules: What the organisation decided.
        found: What `findings` returned for the same, if that is known already.
    """
    if found is None:
        found = findings(connection, moment, rules)
    counted = Counter(zip(found["environment_id"], found["finding"], strict=True))
    collectors = sorted({need for needs in NEEDS.values() for need in needs})
    read = readings(connection, moment.run_id, collectors)
    people = meaning_of_absence(connection, moment.run_id) == "deleted"
    rows = []
    for place, name in _environments(connection, moment.run_id):
        for kind, needs in NEEDS.items():
            reason = _lacking(place, needs, read, people=people)
            number = counted[place, kind]
            rows.append((place, name, kind, reason is None, number, reason))
    return frame(rows, _CHECKS)


def _environments(connection: Connection, run_id: int) -> list[tuple[int, str]]:
    name = environment_name()
    query = (
        select(ENVIRONMENT_VERSIONS.c.environment_id, name)
        .where(present(ENVIRONMENT_VERSIONS, run_id))
        .order_by(func.lower(name), ENVIRONMENT_VERSIONS.c.environment_id)
    )
    return [(row[0], row[1]) for row in connection.execute(query)]


def _lacking(place: int, needs: tuple[str, ...], read: Readings, *, people: bool) -> str | None:
    """Return what was not read and why, the first of it; None if everything needed was."""
    for need in needs:
        if need == "people":
            if not people:
                return "people: the directory was not read whole"
            continue
        words = need.replace("_", " ")
        reading = read.get((place, need))
        if reading is None:
            return f"{words}: never read"
        short = reading.lacks(need)
        if short is not None:
            return f"{words}: {short.reason or short.outcome}"
    return None
