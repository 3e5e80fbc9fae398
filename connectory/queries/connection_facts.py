"""Facts about connections to custom connectors, for the rules on what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Subquery,
    and_,
    case,
    func,
    select,
)

from connectory.domain.connection_facts import (
    ConnectionFacts,
    Sharing,
)
from connectory.queries.connection_assets import (
    SHARED,
    Asset,
    Directory,
    identity,
    person_columns,
)
from connectory.queries.tables import (
    CONNECTION_PERMISSIONS,
    CONNECTION_VERSIONS,
    CONNECTIONS,
    CONNECTOR_VERSIONS,
    CONNECTORS,
    ENVIRONMENT_VERSIONS,
    connector_name,
    environment_name,
    holds,
    in_environment,
    meaning_of_absence,
    present,
    with_person,
)
from connectory.queries.usage_of_connections import (
    app_use,
    flow_use,
    reference_use,
)


def connection_facts(
    connection: Connection, run_id: int, known: Directory
) -> Iterator[tuple[Asset, ConnectionFacts]]:
    """Yield each connection present to a custom connector present, with what is known of it."""
    query = _connections(run_id, meaning_of_absence(connection, run_id))
    for row in connection.execute(query).mappings():
        references, flows, apps = row["references"] or 0, row["flows"] or 0, row["apps"] or 0
        asset = Asset(
            asset="connection",
            name=row["display_name"] or row["name"],
            account=row["account_name"],
            owner=row["owner"] or row["creator_name"],
            references=references,
            flows=flows,
            apps=apps,
            **{name: row[name] for name in SHARED},
        )
        handed_out = row["shared_apps"] or 0
        may_be = row["allow_sharing"] is not False
        sharing = Sharing(
            people=(row["people"] or 0) if may_be else 0,
            groups=(row["groups"] or 0) if may_be else 0,
            everyone=bool(row["everyone"]) and may_be,
            apps=handed_out,
        )
        yield (
            asset,
            ConnectionFacts(
                status=row["status"],
                status_detail=row["status_detail"],
                creator=identity(row),
                creator_tenant=row["creator_tenant"],
                account_name=row["account_name"],
                account=known.people.get((row["account_name"] or "").casefold()),
                account_tenant=row["account_tenant"],
                signs_in_as_creator=row["authentication_kinds"] == ["oauth2"],
                environment_kind=row["sku"],
                relied_on=bool(references or flows or handed_out),
                sharing=sharing,
            ),
        )


def _connections(run_id: int, absent: str) -> Select[Any]:
    facts = CONNECTION_VERSIONS.c
    by_reference, by_flow, by_app = reference_use(run_id), flow_use(run_id), app_use(run_id)
    shared = _holders(run_id)
    rows = (
        CONNECTORS.join(
            CONNECTOR_VERSIONS,
            and_(
                CONNECTOR_VERSIONS.c.connector_id == CONNECTORS.c.id,
                present(CONNECTOR_VERSIONS, run_id),
            ),
        )
        .join(CONNECTION_VERSIONS, facts.connector_key == CONNECTORS.c.key)
        .join(
            CONNECTIONS,
            and_(
                CONNECTIONS.c.id == facts.connection_id,
                CONNECTIONS.c.environment_id == CONNECTORS.c.environment_id,
            ),
        )
    )
    joined = in_environment(rows, CONNECTIONS.c.environment_id, run_id)
    for use in (by_reference, by_flow, by_app):
        joined = joined.outerjoin(
            use,
            and_(
                use.c.environment_id == CONNECTIONS.c.environment_id,
                use.c.connection_key == CONNECTIONS.c.key,
            ),
        )
    joined = joined.outerjoin(shared, shared.c.connection_id == CONNECTIONS.c.id)
    joined, creator = with_person(joined, facts.creator_key, run_id, "creator")
    return (
        select(
            CONNECTIONS.c.id.label("asset_id"),
            CONNECTORS.c.id.label("connector_id"),
            connector_name().label("connector"),
            CONNECTIONS.c.environment_id,
            environment_name().label("environment"),
            ENVIRONMENT_VERSIONS.c.sku,
            CONNECTOR_VERSIONS.c.authentication_kinds,
            *(facts[name] for name in _FACTS),
            *person_columns(creator, absent),
            by_reference.c.references,
            by_flow.c.flows,
            by_app.c.apps,
            by_app.c.shared_apps,
            shared.c.people,
            shared.c.groups,
            shared.c.everyone,
        )
        .select_from(joined)
        .where(present(CONNECTION_VERSIONS, run_id))
        .order_by(CONNECTIONS.c.id)
    )


_FACTS = (
    "name",
    "display_name",
    "account_name",
    "account_tenant",
    "creator_name",
    "creator_tenant",
    "status",
    "status_detail",
    "allow_sharing",
    "modified_at",
)


def _holders(run_id: int) -> Subquery:
    """Count by connection with whom it is shared beside its creator."""
    held = CONNECTION_PERMISSIONS.c

    def distinct(kind: str) -> ColumnElement[int]:
        return func.count(case((held.principal_type == kind, held.principal_key)).distinct())

    facts = CONNECTION_VERSIONS.c
    return (
        select(
            held.connection_id,
            (distinct("user") + distinct("service_principal")).label("people"),
            distinct("group").label("groups"),
            distinct("tenant").label("everyone"),
        )
        .join(
            CONNECTION_VERSIONS,
            and_(facts.connection_id == held.connection_id, present(CONNECTION_VERSIONS, run_id)),
        )
        .where(
            holds(CONNECTION_PERMISSIONS, run_id),
            held.principal_key.is_distinct_from(facts.creator_key),
        )
        .group_by(held.connection_id)
        .subquery("shared")
    )
