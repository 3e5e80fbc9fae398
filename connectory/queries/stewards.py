"""Who is named as answering for connectors, as of a moment, and how that came to be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Select, func, select

from connectory.domain.stewardship import StewardFields
from connectory.queries.frames import Schema, framed
from connectory.queries.moments import Moment
from connectory.queries.standing import standing_stewards
from connectory.queries.tables import (
    CONNECTORS,
    ENVIRONMENTS,
    PRINCIPAL_VERSIONS,
    STEWARDS,
    Person,
    alias,
    connector_name,
    environment_name,
    in_environment,
    known_connectors,
    meaning_of_absence,
    with_person,
)
from connectory.queries.tables import PRINCIPALS as _PRINCIPALS

FIELDS: Schema = {
    "business_owner_key": "text",
    "business_owner": "text",
    "business_owner_mail": "text",
    "business_owner_state": "text",
    "deputy_key": "text",
    "deputy": "text",
    "deputy_mail": "text",
    "deputy_state": "text",
    "team": "text",
    "contact": "text",
    "review_on": "day",
    "data_class": "text",
    "criticality": "text",
    "support_link": "text",
}
"""What is said of a steward, people with name, address and state."""

_STEWARDS: Schema = {
    "connector_id": "count",
    "connector": "text",
    "connector_key": "text",
    "environment": "text",
    "environment_key": "text",
    **FIELDS,
    "via": "text",
    "reason": "text",
    "decided_by": "text",
    "decided_at": "time",
}
_LOG: Schema = {
    "connector_id": "count",
    "business_owner_key": "text",
    "business_owner": "text",
    "deputy_key": "text",
    "deputy": "text",
    "team": "text",
    "contact": "text",
    "review_on": "day",
    "data_class": "text",
    "criticality": "text",
    "support_link": "text",
    "via": "text",
    "reason": "text",
    "decided_by": "text",
    "decided_at": "time",
    "replaced_at": "time",
    "replaced_by": "text",
}


@dataclass(frozen=True, slots=True)
class StandingSteward:
    """What is said of one connector now, people by object id, and who said so when."""

    fields: StewardFields
    via: str
    reason: str | None
    decided_by: str
    decided_at: datetime


def steward_of(connection: Connection, connector_id: int) -> StandingSteward | None:
    """Return who is named for a connector now; None if nobody and nothing is."""
    table = STEWARDS.c
    query = select(STEWARDS).where(table.connector_id == connector_id, table.replaced_at.is_(None))
    row = connection.execute(query).mappings().first()
    if row is None:
        return None
    review_on: date | None = row["review_on"]
    fields = StewardFields(
        row["business_owner_key"],
        row["deputy_key"],
        row["team"],
        row["contact"],
        review_on,
        row["data_class"],
        row["criticality"],
        row["support_link"],
    )
    return StandingSteward(fields, row["via"], row["reason"], row["decided_by"], row["decided_at"])


def stewards(connection: Connection, moment: Moment) -> pd.DataFrame:
    """Return who is named for each connector that is not gone, by environment and connector.

    Connectors for which nothing is said are not in it. A state is enabled, disabled, deleted or
    unknown.

    Args:
        connection: Open transaction on the store.
        moment: As of when: what people decided before the next run began.
    """
    run_id = moment.run_id
    absent = meaning_of_absence(connection, run_id)
    rows = in_environment(known_connectors(run_id), CONNECTORS.c.environment_id, run_id)
    rows = rows.join(ENVIRONMENTS, ENVIRONMENTS.c.id == CONNECTORS.c.environment_id)
    rows = rows.join(STEWARDS, STEWARDS.c.connector_id == CONNECTORS.c.id)
    rows, owner = with_person(rows, STEWARDS.c.business_owner_key, run_id, "business_owner")
    rows, deputy = with_person(rows, STEWARDS.c.deputy_key, run_id, "deputy")
    table = STEWARDS.c
    query = (
        select(
            CONNECTORS.c.id,
            connector_name(),
            CONNECTORS.c.key,
            environment_name(),
            ENVIRONMENTS.c.key,
            *fields_of(owner, deputy, absent),
            table.via,
            table.reason,
            table.decided_by,
            table.decided_at,
        )
        .select_from(rows)
        .where(standing_stewards(moment))
        .order_by(func.lower(environment_name()), func.lower(connector_name()), CONNECTORS.c.id)
    )
    return framed(connection, query, _STEWARDS)


def fields_of(owner: Person, deputy: Person, absent: str) -> list[Any]:
    """Return the columns of `FIELDS`, from people joined as business owner and deputy."""
    table = STEWARDS.c
    people = [
        column
        for person in (owner, deputy)
        for column in (person.key, person.name, person.facts.c.mail, person.state(absent=absent))
    ]
    words = (table.team, table.contact, table.review_on, table.data_class, table.criticality)
    return [*people, *words, table.support_link]


def steward_log(connection: Connection, connector_id: int | None = None) -> pd.DataFrame:
    """Return all that was ever decided about stewards, the latest first.

    People are told by the last name the directory had for them. A row stood from ``decided_at``
    until ``replaced_at``; missing, it stands.

    Args:
        connection: Open transaction on the store.
        connector_id: Of one connector; of all if None.
    """
    table = STEWARDS.c
    rows: Any = STEWARDS
    names = {}
    for field in ("business_owner", "deputy"):
        who, facts = alias(_PRINCIPALS, field), alias(PRINCIPAL_VERSIONS, f"{field}_now")
        key = table[f"{field}_key"]
        rows = rows.outerjoin(who, who.c.key == key).outerjoin(
            facts, (facts.c.principal_id == who.c.id) & facts.c.to_run.is_(None)
        )
        names[field] = func.coalesce(facts.c.display_name, facts.c.user_principal_name, key)
    columns = [names[column] if column in names else table[column] for column in _LOG]
    query: Select[Any] = select(*columns).select_from(rows)
    if connector_id is not None:
        query = query.where(table.connector_id == connector_id)
    return framed(connection, query.order_by(table.decided_at.desc(), table.id.desc()), _LOG)
