"""People of a tenant as an estimate of licences takes them: who is there, and what they hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Final

import numpy as np
from sqlalchemy import Connection, and_, func, select

from connectory.domain.licensing.products import products
from connectory.domain.licensing.scenario import Numbers, User
from connectory.queries.tables import (
    GROUP_MEMBERS,
    LICENCE_ASSIGNMENTS,
    LICENCE_SKU_VERSIONS,
    LICENCE_SKUS,
    PRINCIPAL_VERSIONS,
    PRINCIPALS,
    holds,
    present,
)

_USABLE: Final = ("Enabled", "Warning")
"""States of a subscription in which its licences still give a right."""


class Directory:
    """Everybody a tenant had in one run, numbered, with the groups they are in.

    Attributes:
        users: Everybody, with what they hold.
        names: Their names and departments.
        numbers: Their numbers by object id, case-folded.
        principals: Object ids of service principals.
    """

    def __init__(self, connection: Connection, run_id: int) -> None:
        self._connection, self._run = connection, run_id
        self.numbers: dict[str, int] = {}
        self.users, self.names = self._people()
        self.principals = self._principals()
        self._members = self._groups()
        enabled = [n for n, user in enumerate(self.users) if user.enabled and not user.guest]
        self._everyone: Numbers = np.array(enabled, dtype=np.int64)

    def holders(self, kind: str, key: str) -> Iterable[int]:
        """Return the numbers of the people behind the holder of a role."""
        if kind == "tenant":
            return self._everyone
        if kind == "group":
            return self._members.get(key, ())
        number = self.numbers.get(key)
        return () if number is None else (number,)

    def _people(self) -> tuple[list[User], list[tuple[str, str | None]]]:
        held = self._licences()
        facts = PRINCIPAL_VERSIONS.c
        name = func.coalesce(facts.display_name, facts.user_principal_name, PRINCIPALS.c.key)
        query = (
            select(PRINCIPALS.c.key, facts.kind, facts.enabled, name, facts.department)
            .join(PRINCIPAL_VERSIONS, facts.principal_id == PRINCIPALS.c.id)
            .where(present(PRINCIPAL_VERSIONS, self._run), facts.kind.in_(("user", "guest")))
            .order_by(PRINCIPALS.c.key)
        )
        users, names = [], []
        for number, (key, kind, enabled, told, department) in enumerate(
            self._connection.execute(query)
        ):
            self.numbers[key] = number
            skus, off = held.get(key, ((), ()))
            users.append(
                User(key, enabled=enabled is not False, guest=kind == "guest", skus=skus,
                     disabled_plans=off)
            )  # fmt: skip
            names.append((told, department))
        return users, names

    def _licences(self) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
        """Return by person the products of subscriptions that can be used, and the plans off."""
        edge, facts = LICENCE_ASSIGNMENTS.c, LICENCE_SKU_VERSIONS.c
        query = (
            select(edge.principal_key, edge.sku_key, edge.disabled_plans)
            .select_from(
                LICENCE_ASSIGNMENTS.outerjoin(
                    LICENCE_SKUS, LICENCE_SKUS.c.key == edge.sku_key
                ).outerjoin(
                    LICENCE_SKU_VERSIONS,
                    and_(facts.sku_id == LICENCE_SKUS.c.id, holds(LICENCE_SKU_VERSIONS, self._run)),
                )
            )
            .where(
                holds(LICENCE_ASSIGNMENTS, self._run),
                func.coalesce(facts.capability_status, _USABLE[0]).in_(_USABLE),
            )
            .order_by(edge.principal_key, edge.sku_key)
        )
        skus: defaultdict[str, list[str]] = defaultdict(list)
        off: defaultdict[str, set[str]] = defaultdict(set)
        for person, sku, plans in self._connection.execute(query):
            skus[person].append(sku)
            off[person].update(plans)
        return {one: (tuple(skus[one]), tuple(sorted(off[one]))) for one in skus}

    def _groups(self) -> dict[str, list[int]]:
        edge = GROUP_MEMBERS
        query = select(edge.c.group_key, edge.c.member_key).where(holds(edge, self._run))
        found: defaultdict[str, list[int]] = defaultdict(list)
        for group, member in self._connection.execute(query):
            if (number := self.numbers.get(member)) is not None:
                found[group].append(number)
        return found

    def _principals(self) -> frozenset[str]:
        facts = PRINCIPAL_VERSIONS.c
        query = (
            select(PRINCIPALS.c.key)
            .join(PRINCIPAL_VERSIONS, facts.principal_id == PRINCIPALS.c.id)
            .where(holds(PRINCIPAL_VERSIONS, self._run), facts.kind == "service_principal")
        )
        return frozenset(self._connection.scalars(query))


def on_trial(users: list[User], ends: Mapping[str, date]) -> list[User]:
    """Return people with the last day of their trial, the first to end of several.

    Args:
        users: The people.
        ends: Last days of trials, by part number or GUID.
    """
    known = products()
    days = {product: day for name, day in ends.items() if (product := known.of(name))}
    if not days:
        return users
    found = []
    for user in users:
        held = [product for name in user.skus if (product := known.of(name)) is not None]
        mine = [days[product] for product in held if product in days]
        found.append(replace(user, trial_until=min(mine)) if mine else user)
    return found
