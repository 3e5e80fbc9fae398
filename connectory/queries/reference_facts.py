"""Facts about connection references, for the rules on what is wrong with them.

Asked are those of custom connectors. A reference belongs to one if its row names one, if any
environment ever had a connector of that name, or if the name is formed like theirs: all names of
custom connectors seen end in an escaped underscore and sixteen hexadecimal digits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from sqlalchemy import (
    Connection,
    FromClause,
    Select,
    Subquery,
    and_,
    func,
    select,
)

from connectory.domain.connection_facts import (
    ReferenceFacts,
)
from connectory.queries.connection_assets import (
    SHARED,
    Asset,
    identity,
    person_columns,
)
from connectory.queries.reads import Readings
from connectory.queries.tables import (
    CONNECTION_VERSIONS,
    CONNECTIONS,
    CONNECTOR_VERSIONS,
    CONNECTORS,
    REFERENCE_VERSIONS,
    REFERENCES,
    alias,
    connector_name,
    environment_name,
    holds,
    in_environment,
    meaning_of_absence,
    present,
    with_person,
)
from connectory.queries.usage_of_connections import (
    flow_use_of_references,
)

_CUSTOM = re.compile(r"-5f[0-9a-f]{16}$")


def reference_facts(
    connection: Connection, run_id: int, read: Readings
) -> Iterator[tuple[Asset, ReferenceFacts]]:
    """Yield each connection reference present to a custom connector, with what is known of it."""
    named = select(CONNECTORS.c.key).join(
        CONNECTOR_VERSIONS, CONNECTOR_VERSIONS.c.connector_id == CONNECTORS.c.id
    )
    ever = set(connection.scalars(named.where(CONNECTOR_VERSIONS.c.from_run <= run_id).distinct()))
    query = _references(run_id, meaning_of_absence(connection, run_id))
    for row in connection.execute(query).mappings():
        connector = row["connector_key"] or ""
        custom = row["connector_id"] or row["connector_row_key"] or connector in ever
        if not custom and not _CUSTOM.search(connector):
            continue
        asset = Asset(
            asset="connection_reference",
            name=row["logical_name"],
            account=None,
            owner=row["owner"],
            references=None,
            flows=row["flows"] or 0,
            apps=None,
            **{name: row[name] for name in SHARED},
        )
        place = row["environment_id"]
        yield (
            asset,
            ReferenceFacts(
                bound=row["connection_key"] is not None,
                connection_here=_there(row["bound_id"], read, place, "connections"),
                connector=row["connector"] or "a connector without a name",
                connector_here=_there(row["here_id"], read, place, "connectors"),
                owner=identity(row),
                used=bool(row["flows"]),
            ),
        )


def _there(found: int | None, read: Readings, place: int, collector: str) -> bool | None:
    """Tell whether something is in an environment; None where what is there was not read whole."""
    if found is not None:
        return True
    reading = read.get((place, collector))
    return False if reading is not None and reading.lacks(collector) is None else None


def _references(run_id: int, absent: str) -> Select[Any]:
    facts = REFERENCE_VERSIONS.c
    bound, bound_facts = alias(CONNECTIONS, "bound"), alias(CONNECTION_VERSIONS, "bound_version")
    by_name, by_row = _connectors_here(run_id, "by_name"), _connectors_here(run_id, "by_row")
    known = _connectors(run_id).subquery("known")
    by_flow = flow_use_of_references(run_id)
    rows: FromClause = in_environment(
        REFERENCES.join(REFERENCE_VERSIONS, facts.connection_reference_id == REFERENCES.c.id),
        REFERENCES.c.environment_id,
        run_id,
    )
    joined: FromClause = (
        rows.outerjoin(
            by_name,
            and_(
                by_name.c.environment_id == REFERENCES.c.environment_id,
                by_name.c.key == facts.connector_key,
            ),
        )
        .outerjoin(
            by_row,
            and_(
                by_row.c.environment_id == REFERENCES.c.environment_id,
                by_row.c.row_key == facts.connector_row_key,
            ),
        )
        .outerjoin(
            known,
            and_(
                known.c.environment_id == REFERENCES.c.environment_id,
                known.c.key == facts.connector_key,
            ),
        )
        .outerjoin(
            bound,
            and_(
                bound.c.environment_id == REFERENCES.c.environment_id,
                bound.c.key == facts.connection_key,
            ),
        )
        .outerjoin(
            bound_facts,
            and_(bound_facts.c.connection_id == bound.c.id, present(bound_facts, run_id)),
        )
        .outerjoin(
            by_flow,
            and_(
                by_flow.c.environment_id == REFERENCES.c.environment_id,
                by_flow.c.logical_name == func.lower(facts.logical_name),
            ),
        )
    )
    joined, owner = with_person(joined, facts.owner_key, run_id, "owner")
    return (
        select(
            REFERENCES.c.id.label("asset_id"),
            # An import leaves the path of where it came from; the row it names is the one here.
            func.coalesce(by_row.c.id, by_name.c.id).label("here_id"),
            func.coalesce(by_row.c.id, by_name.c.id, known.c.id).label("connector_id"),
            func.coalesce(by_row.c.name, by_name.c.name, known.c.name, facts.connector_key).label(
                "connector"
            ),
            REFERENCES.c.environment_id,
            environment_name().label("environment"),
            *(facts[name] for name in _REFERENCE_FACTS),
            *person_columns(owner, absent),
            bound_facts.c.connection_id.label("bound_id"),
            bound_facts.c.status,
            bound_facts.c.status_detail,
            by_flow.c.flows,
        )
        .select_from(joined)
        .where(present(REFERENCE_VERSIONS, run_id))
        .order_by(REFERENCES.c.id)
    )


_REFERENCE_FACTS = (
    "logical_name",
    "connector_key",
    "connector_row_key",
    "connection_key",
    "modified_at",
)


def _connectors_here(run_id: int, name: str) -> Subquery:
    """Return the connectors present by name and by the id of their Dataverse row."""
    return _connectors(run_id).where(CONNECTOR_VERSIONS.c.presence == "present").subquery(name)


def _connectors(run_id: int) -> Select[Any]:
    """Return every connector known, also those that are gone."""
    facts = CONNECTOR_VERSIONS.c
    return (
        select(
            CONNECTORS.c.id,
            CONNECTORS.c.environment_id,
            CONNECTORS.c.key,
            func.lower(facts.dataverse_id).label("row_key"),
            connector_name().label("name"),
        )
        .join(CONNECTOR_VERSIONS, facts.connector_id == CONNECTORS.c.id)
        .where(holds(CONNECTOR_VERSIONS, run_id))
    )
