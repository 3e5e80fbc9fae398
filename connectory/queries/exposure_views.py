"""Views of what licences are needed and cost, as rows to take along."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd
from sqlalchemy import Connection

from connectory.licensing_settings import LicensingSettings
from connectory.queries.exposure import (
    Exposure,
    cost_by_connector,
    cost_by_department,
    cost_by_environment,
    exposure,
    people_in_need,
    plan_lines,
    prices_in_force,
    unneeded_licences,
)
from connectory.queries.moments import Moment

View = Callable[[Connection, Moment, LicensingSettings], pd.DataFrame]


def _of(rows: Callable[[Exposure], pd.DataFrame]) -> View:
    """Return a view whose rows are told of an estimate."""
    return lambda connection, moment, settings: rows(exposure(connection, moment, settings))


OF_LICENCES: Mapping[str, View] = {
    "licences_needed": _of(people_in_need),
    "cost_by_connector": _of(cost_by_connector),
    "cost_by_department": _of(cost_by_department),
    "cost_by_environment": _of(cost_by_environment),
    "plan_lines": _of(plan_lines),
    "savings": _of(unneeded_licences),
    "prices": lambda _, moment, settings: prices_in_force(moment, settings),
}
"""Each by its name: a function of an open connection, a moment and what licences cost."""
