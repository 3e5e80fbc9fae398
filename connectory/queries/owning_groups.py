"""The people of groups that own connectors."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import Connection, and_, case, false, func, or_, select, true

from connectory.domain.asking import hindrance
from connectory.queries.directory import Known, somebody, told_of
from connectory.queries.tables import (
    GROUP_MEMBERS,
    PERMISSIONS,
    holds,
    present,
    with_person,
)

MOST_MEMBERS = 5
"""How many of a group without a mailbox of its own are asked, one after the other."""


@dataclass(frozen=True, slots=True)
class Members:
    """People of a group in working order: how many, and the first who can be written to."""

    working: int
    first: tuple[Known, ...]


def members_of_owners(connection: Connection, run_id: int, *, guests: bool) -> dict[str, Members]:
    """Return who is in the groups that own connectors; groups without anybody are not in it.

    Args:
        connection: Open transaction on the store.
        run_id: As of which run.
        guests: Guests are written to as well.
    """
    groups = select(PERMISSIONS.c.principal_key).where(
        PERMISSIONS.c.role == "Owner",
        PERMISSIONS.c.principal_type == "group",
        holds(PERMISSIONS, run_id),
    )
    edges = GROUP_MEMBERS.c
    rows, member = with_person(GROUP_MEMBERS, edges.member_key, run_id, "member")
    facts = member.facts.c
    reachable = and_(
        facts.mail.is_not(None), or_(true() if guests else false(), facts.kind != "guest")
    )
    place = func.row_number().over(
        partition_by=edges.group_key,
        order_by=[case((reachable, 0), else_=1), func.lower(member.name), edges.member_key],
    )
    told = (
        select(
            edges.group_key,
            *told_of(member, "member"),
            place.label("place"),
            func.count().over(partition_by=edges.group_key).label("working"),
        )
        .select_from(rows)
        .where(
            holds(GROUP_MEMBERS, run_id),
            present(member.facts, run_id),
            or_(facts.enabled.is_(None), facts.enabled),
            edges.group_key.in_(groups),
        )
        .subquery("told")
    )
    query = select(told).where(told.c.place <= MOST_MEMBERS).order_by(told.c.place)
    first: dict[str, list[Known]] = defaultdict(list)
    working: dict[str, int] = {}
    for row in connection.execute(query).mappings():
        working[row["group_key"]] = row["working"]
        one = somebody(row, "member", answered=True)
        if hindrance(one.kind, one.state, one.mail, guests=guests) is None:
            first[row["group_key"]].append(one)
    return {key: Members(count, tuple(first[key])) for key, count in working.items()}
