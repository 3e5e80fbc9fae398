"""The original definitions of connectors, from the addresses that the lists of Power Apps name."""

from __future__ import annotations

from typing import Any

from collectors.api.errors import ApiError
from collectors.contract import SourceReading, StepContext
from collectors.definitions import ABSENT, keep_definition
from collectors.details import Details
from collectors.lookups import defined
from collectors.nouns import CONNECTORS
from collectors.store import Kept
from connectory.domain.identity import connector_key


def keep_definitions(
    step: StepContext,
    source: SourceReading,
    records: list[dict[str, Any]],
    ids: dict[str, int],
) -> None:
    """Read the definitions that are not known yet, and remember the change they belong to."""
    stamps = {connector_key(r["name"]): r["properties"].get("changedTime") for r in records}
    details = Details(step, CONNECTORS, "definition")
    addressed = {connector_key(r["name"]) for r in records if _address(r)}
    known = details.unchanged({key: stamp for key, stamp in stamps.items() if key in addressed})
    source.spared += len(known)
    unknown = [r for r in records if connector_key(r["name"]) not in known]
    rows = _definitions(step, source, unknown)
    with step.store.together():
        step.store.keep(CONNECTORS, rows, source=None)
        whole = {row.key for row in rows if row.values.get("definition_id") is not None}
        details.note({ids[key]: stamps[key] for key in whole})
        details.forget([ids[row.key] for row in rows if row.key not in whole])


def _definitions(
    step: StepContext, source: SourceReading, records: list[dict[str, Any]]
) -> list[Kept]:
    """Fetch the originals at once: their addresses are secrets that live for about an hour."""
    addresses = {connector_key(record["name"]): _address(record) for record in records}
    limit = int(step.settings.definition_limit_megabytes * 1024 * 1024)
    wanted = [key for key, address in addresses.items() if address]
    known = defined(step.store, wanted)
    rows = [Kept(key, ABSENT) for key, address in addresses.items() if not address]
    for batch in step.read_each(lambda key: step.api.fetch_blob(addresses[key], limit), wanted):
        for key, result in batch:
            if isinstance(result, ApiError):
                source.falls_short(f"{key}: {result}")
                told = {"definition_state": "not_read", "definition_detail": str(result)}
                rows.append(Kept(key, {} if key in known else told))
                continue
            kept = keep_definition(step, result)
            source.rows += 1
            if kept.refused:
                source.falls_short(f"{key}: {kept.detail}")
            rows.append(Kept(key, kept.reference))
    return rows


def _address(record: dict[str, Any]) -> str:
    addresses = record["properties"].get("apiDefinitions") or {}
    return addresses.get("originalSwaggerUrl") or ""
