"""What is true of connections and connection references: what is wrong with each of them.

Only those of custom connectors count. `needs` names what an honest reader must be able to read to
know of it: the administration lists of the environment (`admin`), its Dataverse (`dataverse`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from connectory.simulator.connection_cases import SERVICE_ACCOUNT, with_key
from connectory.simulator.connections import FIRST_PARTY
from connectory.simulator.state import (
    App,
    Connection,
    ConnectionReference,
    Connector,
    Flow,
    Json,
    Person,
    Tenant,
)

Place = tuple[str, str]


@dataclass(slots=True)
class _Here:
    """What exists now, by environment and case-folded name."""

    tenant: Tenant
    connectors: dict[Place, Connector]
    rows: set[Place]
    connections: set[Place]
    accounts: dict[str, Person] = field(default_factory=dict)
    relied_on: dict[Place, list[set[str]]] = field(default_factory=lambda: defaultdict(list))
    """What must be readable to know that something relies on a connection, each way by itself."""
    handed_out: set[Place] = field(default_factory=set)


def connection_findings(
    tenant: Tenant,
    connectors: Sequence[Connector],
    connections: Sequence[Connection],
    references: Sequence[ConnectionReference],
    flows: Sequence[Flow],
    apps: Sequence[App],
) -> list[Json]:
    """Return every finding on what exists now, a row each."""
    here = _Here(
        tenant,
        {(c.environment, c.name.casefold()): c for c in connectors if c.name is not None},
        {(c.environment, c.dataverse.connector_id) for c in connectors if c.dataverse},
        {(c.environment, c.name.casefold()) for c in connections},
    )
    for person in tenant.people.values():
        for address in (person.user_principal_name, person.mail):
            if address:
                here.accounts[address.casefold()] = person
    _rely(here, references, flows, apps)
    found: list[Json] = []
    for connection in connections:
        connector = here.connectors.get((connection.environment, connection.connector.casefold()))
        if connector is not None:
            shown = "admin" if connector.in_admin_list or connector.in_connectivity else "dataverse"
            for finding, needs in _of_connection(here, connection, connector):
                told = {"admin", shown} | needs
                found.append(_row(connection.environment, "connection", connection.name,
                                  finding, told))  # fmt: skip
    for reference in references:
        if reference.connector not in FIRST_PARTY:
            for finding, needs in _of_reference(here, reference):
                told = {"dataverse"} | needs
                found.append(_row(reference.environment, "connection_reference", reference.id,
                                  finding, told))  # fmt: skip
    return sorted(found, key=lambda row: tuple(map(str, row.values())))


def planted(tenant: Tenant) -> list[Json]:
    """Return the cases planted on purpose, with the findings each was made to show."""
    return [
        {
            "case": one.case,
            "environment_id": one.environment,
            "asset": one.asset,
            "id": one.identity,
            "findings": list(one.findings),
        }
        for one in tenant.planted
    ]


def _row(environment: str, asset: str, identity: str, finding: str, needs: set[str]) -> Json:
    return {
        "environment_id": environment,
        "asset": asset,
        "id": identity,
        "finding": finding,
        "needs": sorted(needs),
    }


def _rely(
    here: _Here,
    references: Sequence[ConnectionReference],
    flows: Sequence[Flow],
    apps: Sequence[App],
) -> None:
    for reference in references:
        if reference.connection:
            place = reference.environment, reference.connection.casefold()
            here.relied_on[place].append({"dataverse"})
    for flow in flows:
        _rely_by_flow(here, flow)
    for app in apps:
        for given in app.references:
            if given.shared_connection is not None and app.shared_users + app.shared_groups:
                place = app.environment, given.shared_connection.casefold()
                here.relied_on[place].append({"admin"})
                here.handed_out.add(place)


def _rely_by_flow(here: _Here, flow: Flow) -> None:
    for link in flow.references:
        if link.connection is None or link.invoker:
            continue
        place = flow.environment, link.connection.casefold()
        if flow.in_flow_api:
            here.relied_on[place].append({"admin"})
        # Dataverse names the connection only where no reference stands in between.
        if flow.workflow_id is not None and link.reference_logical_name is None:
            here.relied_on[place].append({"dataverse"})


def _of_connection(
    here: _Here, connection: Connection, connector: Connector
) -> Iterable[tuple[str, set[str]]]:
    tenant = here.tenant
    statuses = [status["status"] for status in connection.statuses]
    if "Error" in statuses:
        yield "broken", set()
    elif statuses[:1] == ["PendingConfirmation"]:
        yield "unconfirmed", set()
    account = here.accounts.get((connection.account_name or "").casefold())
    of_us = connection.created_by is not None and connection.creator_tenant is None
    creator = tenant.people.get(connection.created_by or "") if of_us else None
    forgotten = of_us and creator is None
    yield from _behind([p for p in (account, creator) if p is not None], forgotten=forgotten)
    place = connection.environment, connection.name.casefold()
    if _outside(tenant, connection, account):
        yield "outside", set()
    elif _personal(tenant, connection, connector, account):
        ways = here.relied_on.get(place, [])
        if ways:
            yield "personal_account", min(ways, key=lambda way: way != {"admin"})
    if place in here.handed_out or (connection.allow_sharing and connection.permissions):
        yield "shared", set()


def _behind(people: list[Person], *, forgotten: bool) -> Iterable[tuple[str, set[str]]]:
    """Tell what is wrong with the people behind something; of the forgotten only an id remains."""
    staying = [person for person in people if person.deleted is None]
    if forgotten or len(staying) < len(people):
        yield "owner_left", set()
    elif not all(person.enabled for person in people):
        yield "owner_disabled", set()
    if any(person.user_type == "Guest" for person in staying):
        yield "guest", set()


def _outside(tenant: Tenant, connection: Connection, account: Person | None) -> bool:
    if connection.creator_tenant is not None or connection.account_tenant is not None:
        return True
    address = connection.account_name or ""
    own = address.casefold().endswith(f"@{tenant.domain}")
    return "@" in address and account is None and not own


def _personal(
    tenant: Tenant, connection: Connection, connector: Connector, account: Person | None
) -> bool:
    """Tell whether a production connection signs in as a member who is no service account."""
    if tenant.environments[connection.environment].sku != "Production":
        return False
    if connection.account_name is not None:
        person = account
    elif not with_key(connector) and connector.connection_parameter_sets is None:
        person = tenant.people.get(connection.created_by or "")
    else:
        person = None
    return (
        person is not None
        and person.deleted is None
        and person.user_type == "Member"
        and not person.user_principal_name.startswith(SERVICE_ACCOUNT)
    )


def _of_reference(here: _Here, reference: ConnectionReference) -> Iterable[tuple[str, set[str]]]:
    home = reference.environment
    if reference.connection is None:
        yield "unbound", set()
    elif (home, reference.connection.casefold()) not in here.connections:
        yield "connection_absent", {"admin"}
    by_name = (home, reference.connector.casefold()) in here.connectors
    if not by_name and (home, reference.connector_row_id) not in here.rows:
        yield "connector_absent", {"admin"}
    owner = here.tenant.people.get(reference.owner_id)
    yield from _behind([owner] if owner else [], forgotten=owner is None)
