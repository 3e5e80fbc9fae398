"""What becomes of the ownership of connectors when people leave."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, or_, select

from connectory.domain.leaving import Effect
from connectory.domain.ownership import Holder, OwnerFacts, owner_verdict, without_owner
from connectory.queries.moments import Moment
from connectory.queries.ownership import owner_facts
from connectory.queries.standing import standing_stewards
from connectory.queries.tables import (
    CONNECTORS,
    STEWARDS,
    connector_name,
    environment_name,
    in_environment,
    known_connectors,
)


@dataclass(frozen=True, slots=True)
class OwnedRow:
    """A connector that some leavers own, may edit or answer for.

    Attributes:
        connector_id: Its surrogate key.
        connector: Its name.
        environment: Name of its environment.
        before: Verdict on its owner.
        after: The same once all of them are gone.
        roles: As what each of them answers for it.
    """

    connector_id: int
    connector: str
    environment: str
    before: str
    after: str
    roles: tuple[tuple[str, str], ...]

    def reasons(self, name: Callable[[str], str]) -> Iterator[tuple[str, Effect, str]]:
        """Yield who leaves, what that makes of it, and why."""
        lost = without_owner(self.after)
        for key, role in self.roles:
            effect: Effect = "orphaned" if lost and role in ("owned", "edited") else "kept"
            yield key, effect, f"{role} by {name(key)}"


def owned_connectors(
    connection: Connection, moment: Moment, leavers: frozenset[str]
) -> dict[int, OwnedRow]:
    """Return the connectors that leavers own, may edit or answer for, by surrogate key.

    Args:
        connection: Open transaction on the store.
        moment: As of when.
        leavers: Object ids.
    """
    roles: dict[int, list[tuple[str, str]]] = {}
    facts = owner_facts(connection, moment.run_id)
    for number, told in facts.items():
        for role, holders in (("owned", told.owners), ("edited", told.editors)):
            for key in sorted(_held_by(holders, leavers)):
                roles.setdefault(number, []).append((key, role))
    for number, key, role in _stewards(connection, moment, leavers):
        roles.setdefault(number, []).append((key, role))
    found: dict[int, OwnedRow] = {}
    for number, (name, place) in _names(connection, moment.run_id, roles).items():
        told = facts.get(number, OwnerFacts((), (), permissions_read=False))
        found[number] = OwnedRow(
            number,
            name,
            place,
            owner_verdict(told).state,
            owner_verdict(_without(told, leavers)).state,
            tuple(dict.fromkeys(roles[number])),
        )
    return found


def _held_by(holders: tuple[Holder, ...], leavers: frozenset[str]) -> set[str]:
    """Return who of some leavers holds a role, by themselves or in a group."""
    found = {one.principal_id for one in holders if one.principal_id in leavers}
    return found.union(*(leavers & (one.members or frozenset()) for one in holders))


def _without(facts: OwnerFacts, leavers: frozenset[str]) -> OwnerFacts:
    def gone(holder: Holder) -> Holder:
        if holder.principal_id in leavers:
            return replace(holder, state="deleted")
        if holder.members is None:
            return holder
        return replace(holder, members=holder.members - leavers)

    return replace(
        facts,
        owners=tuple(map(gone, facts.owners)),
        editors=tuple(map(gone, facts.editors)),
    )


def _stewards(
    connection: Connection, moment: Moment, leavers: frozenset[str]
) -> Iterator[tuple[int, str, str]]:
    table, keys = STEWARDS.c, sorted(leavers)
    query = (
        select(table.connector_id, table.business_owner_key, table.deputy_key)
        .where(
            standing_stewards(moment),
            or_(table.business_owner_key.in_(keys), table.deputy_key.in_(keys)),
        )
        .order_by(table.connector_id)
    )
    for number, owner, deputy in connection.execute(query):
        if owner in leavers:
            yield number, owner, "answered for"
        if deputy in leavers:
            yield number, deputy, "answered for as deputy"


def _names(
    connection: Connection, run_id: int, wanted: Mapping[int, Any]
) -> dict[int, tuple[str, str]]:
    query = (
        select(CONNECTORS.c.id, connector_name(), environment_name())
        .select_from(in_environment(known_connectors(run_id), CONNECTORS.c.environment_id, run_id))
        .where(CONNECTORS.c.id.in_(list(wanted)))
        .order_by(CONNECTORS.c.id)
    )
    return {number: (name, place) for number, name, place in connection.execute(query)}
