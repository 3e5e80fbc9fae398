"""When the secrets and certificates of applications end, and how many connectors rest on each."""

from __future__ import annotations

import pandas as pd
from sqlalchemy import Connection, and_, func, or_, select

from connectory.queries.frames import Schema, framed
from connectory.queries.moments import Moment
from connectory.queries.tables import (
    CONNECTOR_VERSIONS,
    CONNECTORS,
    CREDENTIALS,
    REGISTRATION_VERSIONS,
    REGISTRATIONS,
    holds,
    known_connectors,
)

_SCHEMA: Schema = {
    "application": "text",
    "client_id": "text",
    "holder": "text",
    "kind": "text",
    "credential": "text",
    "starts_at": "time",
    "ends_at": "time",
    "connectors": "count",
}


def credentials(connection: Connection, moment: Moment) -> pd.DataFrame:
    """Return the credentials of applications that are registered, the first to end first.

    connectors counts those, not gone, whose parameters name the application's client id. holder is
    service_principal for what an enterprise application carries itself, which is read only where
    registrations could not be.
    """
    run_id = moment.run_id
    named = (
        select(
            func.lower(CONNECTOR_VERSIONS.c.client_id).label("client_key"),
            func.count(CONNECTORS.c.id).label("connectors"),
        )
        .select_from(known_connectors(run_id))
        .where(CONNECTOR_VERSIONS.c.client_id.is_not(None))
        .group_by(func.lower(CONNECTOR_VERSIONS.c.client_id))
        .subquery("named")
    )
    facts = REGISTRATION_VERSIONS.c
    rows = (
        CREDENTIALS.outerjoin(REGISTRATIONS, REGISTRATIONS.c.key == CREDENTIALS.c.client_key)
        .outerjoin(
            REGISTRATION_VERSIONS,
            and_(
                facts.app_registration_id == REGISTRATIONS.c.id,
                holds(REGISTRATION_VERSIONS, run_id),
            ),
        )
        .outerjoin(named, named.c.client_key == CREDENTIALS.c.client_key)
    )
    here = or_(facts.presence == "present", CREDENTIALS.c.holder != "application")
    query = (
        select(
            func.coalesce(facts.display_name, CREDENTIALS.c.client_key),
            CREDENTIALS.c.client_key,
            CREDENTIALS.c.holder,
            CREDENTIALS.c.kind,
            CREDENTIALS.c.display_name,
            CREDENTIALS.c.starts_at,
            CREDENTIALS.c.ends_at,
            func.coalesce(named.c.connectors, 0),
        )
        .select_from(rows)
        .where(holds(CREDENTIALS, run_id), here)
        .order_by(CREDENTIALS.c.ends_at, CREDENTIALS.c.client_key, CREDENTIALS.c.credential_key)
    )
    return framed(connection, query, _SCHEMA)
