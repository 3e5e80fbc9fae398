"""How each source spells the names of connectors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from sqlalchemy import Connection, Table, insert, select

from collectors.nouns import fit
from collectors.store import StepStore
from connectory.domain.identity import connector_key
from models import ConnectorAlias

_ALIASES = cast("Table", ConnectorAlias.__table__)


def note_spellings(
    store: StepStore, ids: Mapping[str, int], spelled: Sequence[str], source: str
) -> None:
    """Remember how a source spells the names of connectors.

    Args:
        store: Store of the step.
        ids: Surrogate key by connector key.
        spelled: Names exactly as seen; those of other connectors are left out.
        source: Who spells them so.
    """
    keys = {name: connector_key(name) for name in spelled}
    wanted = {
        (ids[key], fit(_ALIASES.c.spelling, name)) for name, key in keys.items() if key in ids
    }
    if not wanted:
        return
    with store.writing() as connection:
        fresh = wanted - _noted(connection, [identity for identity, _ in wanted])
        rows = [
            {"connector_id": identity, "spelling": spelling, "source": source}
            for identity, spelling in sorted(fresh)
        ]
        if rows:
            connection.execute(insert(_ALIASES), rows)


def _noted(connection: Connection, connectors: Sequence[int]) -> set[tuple[int, str]]:
    query = select(_ALIASES.c.connector_id, _ALIASES.c.spelling).where(
        _ALIASES.c.connector_id.in_(connectors)
    )
    return {(row.connector_id, row.spelling) for row in connection.execute(query)}
