"""Who owns connectors or owned them before, and who was above them."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Select, case, select

from connectory.queries.directory import last_known, told_of
from connectory.queries.tables import PERMISSIONS, holds, with_person

FEW: Final = 500
"""Up to so many connectors the store is asked for them alone."""


def owners_ever(run_id: int, chosen: set[int] | None) -> Select[Any]:
    """Return who holds the role Owner, and who held it before; with their last known managers.

    Columns: connector_id, principal_type, principal_name, until (null while held), those of the
    owner and of the manager; what is held first, then the latest before.

    Args:
        run_id: As of which run.
        chosen: Which connectors; all if None.
    """
    roles = PERMISSIONS.c
    rows, owner = with_person(PERMISSIONS, roles.principal_key, run_id, "owner")
    ever = (
        select(
            roles.id,
            roles.connector_id,
            roles.principal_type,
            roles.principal_name,
            case((holds(PERMISSIONS, run_id), None), else_=roles.to_run).label("until"),
            *told_of(owner, "owner"),
            last_known(owner, "manager_key", run_id).label("above_owner"),
        )
        .select_from(rows)
        .where(roles.role == "Owner", roles.from_run <= run_id, roles.principal_type != "tenant")
    )
    held = only(ever, roles.connector_id, chosen).subquery("held")
    rows, manager = with_person(held, held.c.above_owner, run_id, "manager")
    return (
        select(*held.c, *told_of(manager, "manager"))
        .select_from(rows)
        .order_by(held.c.connector_id, held.c.until.desc(), held.c.id)
    )


def only(query: Select[Any], column: Any, chosen: set[int] | None) -> Select[Any]:
    """Return a query for some connectors, if they are few enough to be named in it.

    Args:
        query: The query.
        column: Its column of connectors.
        chosen: Which connectors; all if None.
    """
    if chosen is None or len(chosen) > FEW:
        return query
    return query.where(column.in_(sorted(chosen)))
