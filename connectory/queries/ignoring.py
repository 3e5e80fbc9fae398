"""Connectors that the settings leave out, found once and taken by every query that counts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Connection, and_, bindparam, select, true

from connectory.domain.ignoring import IgnoreRules
from connectory.queries.moments import Moment
from connectory.queries.tables import (
    CONNECTOR_VERSIONS,
    CONNECTORS,
    ENVIRONMENT_VERSIONS,
    holds,
    in_environment,
)

Ignored = Mapping[int, str]
"""Connectors left out, by surrogate key, each with the reason."""

NO_RULES = IgnoreRules()


def ignored(connection: Connection, moment: Moment, rules: IgnoreRules) -> Ignored:
    """Return the connectors that rules leave out, by their names at a moment.

    Those gone by then are among them, by their last names: trends look back at them. Without
    rules the store is not asked.
    """
    if not rules:
        return {}
    connectors, places = CONNECTOR_VERSIONS.c, ENVIRONMENT_VERSIONS.c
    rows = CONNECTORS.join(
        CONNECTOR_VERSIONS,
        and_(connectors.connector_id == CONNECTORS.c.id, holds(CONNECTOR_VERSIONS, moment.run_id)),
    )
    query = select(
        CONNECTORS.c.id,
        connectors.display_name,
        connectors.name,
        connectors.publisher,
        places.display_name,
        places.name,
    ).select_from(in_environment(rows, CONNECTORS.c.environment_id, moment.run_id))
    return {
        number: why
        for number, shown, name, publisher, *place in connection.execute(query)
        if (why := rules.why((shown, name), publisher, place)) is not None
    }


def counted(connector_id: ColumnElement[Any], left_out: Collection[int]) -> ColumnElement[bool]:
    """Return the condition that a connector is not among those left out.

    The numbers stand in the statement itself: databases bound how many may be passed beside it.
    """
    if not left_out:
        return true()
    numbers: Any = bindparam("left_out", sorted(left_out), expanding=True, literal_execute=True)
    return connector_id.not_in(numbers)


def marked(frame: pd.DataFrame, left_out: Ignored) -> pd.DataFrame:
    """Return rows about connectors with the column `ignored`: why it is left out, else None."""
    why = [left_out.get(number) for number in frame["connector_id"]]
    return frame.assign(ignored=pd.Series(why, index=frame.index, dtype="object"))
