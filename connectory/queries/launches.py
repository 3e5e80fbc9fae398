"""Who opened which app that uses a connector, day by day: evidence of the grade ``launch``.

That an app was opened proves no call. An app that uses several connectors is evidence for each of
them, so that launches are never added across connectors.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Connection, and_, func, select, true

from connectory.queries.audit import EVIDENCE
from connectory.queries.frames import Schema, frame
from connectory.queries.moments import Moment
from connectory.queries.tables import (
    APP_VERSIONS,
    APPS,
    AUDIT_EVENTS,
    CONNECTOR_VERSIONS,
    CONNECTORS,
    ENVIRONMENT_VERSIONS,
    ENVIRONMENTS,
    connector_name,
    environment_name,
    holds,
    meaning_of_absence,
    with_person,
)
from connectory.queries.usage import app_pairs

_LAUNCHES: Schema = {
    "day": "time",
    "connector_id": "number",
    "connector": "text",
    "environment": "text",
    "app": "text",
    "app_key": "text",
    "person": "text",
    "person_key": "text",
    "person_state": "text",
    "launches": "count",
    "evidence": "text",
}


def app_launches(
    connection: Connection,
    moment: Moment,
    connector_id: int | None = None,
    days: int | None = None,
) -> pd.DataFrame:
    """Return how often each person opened each app on each UTC day, the newest first.

    Args:
        connection: Open transaction on the store.
        moment: Events read up to this, and apps that use a connector then.
        connector_id: Only apps that use this one.
        days: Only so many days, that of the moment the last; None for all.

    Returns:
        One row a connector, app, person and day. person_state: what the directory says of them.
        A day without a row is one without a launch only if the log was read then.
    """
    events, run_id = AUDIT_EVENTS.c, moment.run_id
    pairs = app_pairs(run_id, connector_id).subquery("pairs")
    rows = (
        AUDIT_EVENTS.join(ENVIRONMENTS, ENVIRONMENTS.c.key == events.environment_key)
        .join(
            APPS, and_(APPS.c.environment_id == ENVIRONMENTS.c.id, APPS.c.key == events.target_key)
        )
        .join(pairs, pairs.c.app_id == APPS.c.id)
        .join(CONNECTORS, CONNECTORS.c.id == pairs.c.connector_id)
        .outerjoin(
            CONNECTOR_VERSIONS,
            and_(
                CONNECTOR_VERSIONS.c.connector_id == CONNECTORS.c.id,
                holds(CONNECTOR_VERSIONS, run_id),
            ),
        )
        .outerjoin(
            APP_VERSIONS, and_(APP_VERSIONS.c.app_id == APPS.c.id, holds(APP_VERSIONS, run_id))
        )
        .outerjoin(
            ENVIRONMENT_VERSIONS,
            and_(
                ENVIRONMENT_VERSIONS.c.environment_id == ENVIRONMENTS.c.id,
                holds(ENVIRONMENT_VERSIONS, run_id),
            ),
        )
    )
    joined, person = with_person(rows, events.actor_key, run_id, "person")
    query = (
        select(
            events.at,
            CONNECTORS.c.id,
            connector_name(),
            func.coalesce(environment_name(), events.environment_key),
            func.coalesce(APP_VERSIONS.c.display_name, events.target_key),
            events.target_key,
            func.coalesce(person.name, events.actor_name),
            events.actor_key,
            person.state(absent=meaning_of_absence(connection, run_id)),
        )
        .select_from(joined)
        .where(
            events.noun == "app",
            events.action == "launched",
            events.run_id <= run_id,
            _since(moment, days),
        )
    )
    counted = Counter((_day(row.at), *row[1:]) for row in connection.execute(query))
    told: list[tuple[Any, ...]] = [
        (*what, launches, EVIDENCE) for what, launches in counted.items()
    ]
    told.sort(key=_order, reverse=True)
    return frame(told, _LAUNCHES)


def _day(at: datetime) -> datetime:
    return datetime.combine(at.astimezone(UTC).date(), time(), UTC)


def _order(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """Sort by day and launches, then by whatever tells rows apart."""
    day, *what, launches, _ = row
    return day, launches, *(str(value) for value in what)


def _since(moment: Moment, days: int | None) -> ColumnElement[bool]:
    if days is None:
        return true()
    first = moment.read_at.astimezone(UTC).date() - timedelta(days=days - 1)
    return AUDIT_EVENTS.c.at >= datetime.combine(first, time(), UTC)
