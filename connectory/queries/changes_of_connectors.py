"""Changes of connectors themselves: their presence, name, definition, settings and owner."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    FromClause,
    RowMapping,
    Select,
    Text,
    and_,
    cast,
    func,
    or_,
    select,
    union,
)

from connectory.queries.change import Change, Window, within
from connectory.queries.connectors import UNASSESSED, host_of
from connectory.queries.tables import (
    ANSWERS,
    CONNECTOR_VERSIONS,
    CONNECTORS,
    DEFINITIONS,
    OPERATIONS,
    alias,
    with_person,
)
from connectory.queries.usage import WITHOUT_OWNER

_FIELDS = {
    "name": "runtime name",
    "description": "description",
    "logical_name": "logical name",
    "solution_id": "solution",
    "managed": "managed",
    "creator_key": "creator",
    "dataverse_owner_key": "owner of the Dataverse row",
    "tier": "tier",
    "publisher": "publisher",
    "brand_color": "icon colour",
    "backend_url": "backend address",
    "authentication": "authentication",
    "authentication_kinds": "authentication",
    "client_id": "client id",
    "gateway": "gateway",
    "connection_parameters": "connection parameters",
    "policies": "policies",
    "script_operations": "script",
    "has_script": "script",
}
_PRESENCE = {
    ("missing", "unseen"): "no source shows it any more",
    ("gone", "unseen"): "no source has shown it in two complete reads",
    ("gone", "deleted"): "it was deleted",
    ("gone", "environment"): "its environment is gone",
    ("gone", "merged"): "it is listed under its runtime name now",
}
_NAMED = 3
_BEFORE, _AFTER = alias(CONNECTOR_VERSIONS, "before"), alias(CONNECTOR_VERSIONS, "after")
_OLD, _NEW = alias(DEFINITIONS, "old"), alias(DEFINITIONS, "new")


def version_changes(
    connection: Connection, window: Window, connector_id: int | None
) -> Iterator[Change]:
    """Yield what differs between each version that began in the window and the one before."""
    offered = _offered(connection, window, connector_id)
    for row in connection.execute(_steps(window, connector_id)).mappings():
        for kind, detail in _differences(row, offered):
            entity = row["connector_id"]
            yield Change(row["from_run"], kind, CONNECTORS.name, entity, entity, detail)


def _differences(row: RowMapping, offered: dict[int, frozenset[str]]) -> Iterator[tuple[str, str]]:
    before, after = row["before_presence"], row["presence"]
    if before is None:
        if after == "present":
            yield "new", _first_sight(row)
        return
    if before != after:
        told = _PRESENCE.get((after, row["presence_reason"]), "")
        yield ("returned", "it is shown again") if after == "present" else (after, told)
    if row["renamed"]:
        yield "renamed", f"{row['old_name'] or 'no name'} → {row['new_name'] or 'no name'}"
    known = "not_read" not in {row["before_state"], row["state"]}
    if row["old_definition"] != row["new_definition"] or (
        known and row["before_state"] != row["state"]
    ):
        yield "definition_changed", _definition(row, offered)
    fields = dict.fromkeys(label for name, label in _FIELDS.items() if row[f"changed_{name}"])
    if fields:
        yield "changed", ", ".join(fields)


def _first_sight(row: RowMapping) -> str:
    if row["name"] is None:
        return "in Dataverse only, without a runtime name"
    host = host_of(row["backend_url"])
    return f"calls {host}" if host else ""


def _definition(row: RowMapping, offered: dict[int, frozenset[str]]) -> str:
    if row["state"] == "unreadable":
        return f"it cannot be read: {row['detail'] or 'the reason is not known'}"
    if row["new_definition"] is None:
        return "it has no definition any more"
    if row["old_definition"] is None:
        return f"it has its first definition, of {row['new_operations'] or 0} operations"
    parts = []
    if row["old_version"] != row["new_version"]:
        parts.append(f"version {row['old_version'] or 'none'} → {row['new_version'] or 'none'}")
    old = offered.get(row["old_definition"], frozenset())
    new = offered.get(row["new_definition"], frozenset())
    if new - old:
        parts.append(f"added {_listed(new - old)}")
    if old - new:
        parts.append(f"removed {_listed(old - new)}")
    return "; ".join(parts) or "no operation was added or removed"


def _listed(names: Iterable[str]) -> str:
    ordered = sorted(names, key=str.casefold)
    rest = len(ordered) - _NAMED
    told = ", ".join(ordered[:_NAMED])
    return f"{told} and {rest} more" if rest > 0 else told


def _pairs(window: Window, connector_id: int | None) -> tuple[FromClause, ColumnElement[bool]]:
    rows = _AFTER.outerjoin(
        _BEFORE,
        and_(
            _BEFORE.c.connector_id == _AFTER.c.connector_id,
            _BEFORE.c.to_run == _AFTER.c.from_run,
        ),
    )
    mine = within(_AFTER.c.from_run, window)
    return rows, mine if connector_id is None else and_(mine, _AFTER.c.connector_id == connector_id)


def _steps(window: Window, connector_id: int | None) -> Select[Any]:
    rows, mine = _pairs(window, connector_id)
    rows = rows.outerjoin(_OLD, _OLD.c.id == _BEFORE.c.definition_id).outerjoin(
        _NEW, _NEW.c.id == _AFTER.c.definition_id
    )
    return (
        select(
            _AFTER.c.connector_id,
            _AFTER.c.from_run,
            _AFTER.c.presence,
            _AFTER.c.presence_reason,
            _BEFORE.c.presence.label("before_presence"),
            _AFTER.c.name,
            _AFTER.c.backend_url,
            _AFTER.c.display_name.is_distinct_from(_BEFORE.c.display_name).label("renamed"),
            _BEFORE.c.display_name.label("old_name"),
            _AFTER.c.display_name.label("new_name"),
            _BEFORE.c.definition_id.label("old_definition"),
            _AFTER.c.definition_id.label("new_definition"),
            _BEFORE.c.definition_state.label("before_state"),
            _AFTER.c.definition_state.label("state"),
            _AFTER.c.definition_detail.label("detail"),
            _NEW.c.operations.label("new_operations"),
            _OLD.c.version.label("old_version"),
            _NEW.c.version.label("new_version"),
            *(_differs(name).label(f"changed_{name}") for name in _FIELDS),
        )
        .select_from(rows)
        .where(mine)
        .order_by(_AFTER.c.connector_id, _AFTER.c.from_run)
    )


def _differs(name: str) -> ColumnElement[bool]:
    """Compare in the store, so that no configuration is loaded to say that it changed."""
    after, before = _AFTER.c[name], _BEFORE.c[name]
    if isinstance(after.type, JSON):
        # A document may be stored as null or as the JSON value null, which mean the same.
        return func.coalesce(cast(after, Text), "null") != func.coalesce(cast(before, Text), "null")
    return after.is_distinct_from(before)


def _offered(
    connection: Connection, window: Window, connector_id: int | None
) -> dict[int, frozenset[str]]:
    """Return the operation ids of each definition that took the place of another, and of that."""
    rows, mine = _pairs(window, connector_id)
    replaced = and_(mine, _BEFORE.c.definition_id != _AFTER.c.definition_id)
    either = union(
        select(_BEFORE.c.definition_id).select_from(rows).where(replaced),
        select(_AFTER.c.definition_id).select_from(rows).where(replaced),
    ).subquery("either")
    query = select(OPERATIONS.c.definition_id, OPERATIONS.c.operation_id).where(
        OPERATIONS.c.definition_id.in_(select(either.c.definition_id)),
        OPERATIONS.c.operation_id.is_not(None),
    )
    found: dict[int, set[str]] = defaultdict(set)
    for definition, operation in connection.execute(query):
        found[definition].add(operation)
    return {definition: frozenset(names) for definition, names in found.items()}


def ownership_changes(
    connection: Connection, window: Window, connector_id: int | None
) -> Iterator[Change]:
    """Yield where another owner took over, or the owner there was fell away or came back.

    Times at which the owner was not known are passed over: not knowing changes nobody.
    """
    by_connector: dict[str, Any] = {
        "partition_by": ANSWERS.c.connector_id,
        "order_by": ANSWERS.c.from_run,
    }
    known = select(
        ANSWERS.c.connector_id,
        ANSWERS.c.from_run,
        ANSWERS.c.state,
        ANSWERS.c.owner_key,
        ANSWERS.c.reason,
        func.lag(ANSWERS.c.state).over(**by_connector).label("old_state"),
        func.lag(ANSWERS.c.owner_key).over(**by_connector).label("old_key"),
    ).where(ANSWERS.c.state != UNASSESSED)
    if connector_id is not None:
        known = known.where(ANSWERS.c.connector_id == connector_id)
    answers = known.subquery("answers")
    rows, new = with_person(answers, answers.c.owner_key, window[1], "new_owner")
    rows, old = with_person(rows, answers.c.old_key, window[1], "old_owner")
    fell_away = answers.c.state.in_(WITHOUT_OWNER) != answers.c.old_state.in_(WITHOUT_OWNER)
    query = (
        select(answers, new.name.label("new_name"), old.name.label("old_name"))
        .select_from(rows)
        .where(
            within(answers.c.from_run, window),
            answers.c.old_state.is_not(None),
            or_(answers.c.owner_key.is_distinct_from(answers.c.old_key), fell_away),
        )
    )
    for row in connection.execute(query):
        if row.owner_key == row.old_key:
            detail = f"{row.new_name}: {row.reason}" if row.new_name else row.reason
        else:
            detail = f"{row.old_name or 'nobody'} → {row.new_name or 'nobody'}"
        entity = row.connector_id
        yield Change(row.from_run, "owner_changed", CONNECTORS.name, entity, entity, detail)
