"""Which connectors the actions of flows can call, by environment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, select

from collectors.nouns import CONNECTORS, ENVIRONMENTS
from collectors.versions import chunks
from connectory.domain.calls import Actions


def actions_in(connection: Connection, environments: Iterable[str]) -> Mapping[str, Actions]:
    """Return the connectors that environments have or had.

    Args:
        connection: Open transaction.
        environments: Their keys, case-folded.
    """
    wanted = sorted(set(environments))
    table, home = CONNECTORS.entity, ENVIRONMENTS.entity
    found: dict[str, dict[str, int]] = {place: {} for place in wanted}
    for some in chunks(wanted):
        query = (
            select(home.c.key.label("home"), table.c.key, table.c.id)
            .join(home, home.c.id == table.c.environment_id)
            .where(home.c.key.in_(some))
        )
        for row in connection.execute(query):
            found[row.home][row.key] = row.id
    return {place: Actions(connectors) for place, connectors in found.items()}
