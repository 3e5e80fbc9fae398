"""One search over everything that has a name: connectors, hosts, people, flows, apps, agents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd
from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    and_,
    func,
    literal,
    or_,
    select,
)

from connectory.queries.connectors import connectors
from connectory.queries.frames import Schema, frame
from connectory.queries.moments import Moment
from connectory.queries.tables import (
    AGENT_VERSIONS,
    AGENTS,
    APP_VERSIONS,
    APPS,
    CONNECTOR_VERSIONS,
    ENVIRONMENT_VERSIONS,
    ENVIRONMENTS,
    FLOW_VERSIONS,
    FLOWS,
    PERMISSIONS,
    PRINCIPAL_VERSIONS,
    PRINCIPALS,
    environment_name,
    holds,
    in_environment,
    present,
)

KINDS = ("connector", "host", "person", "environment", "flow", "app", "agent")
"""What is searched, in the order in which it is shown."""

LONGEST = 200
_MOST_WORDS = 8
_SCHEMA: Schema = {
    "kind": "text",
    "id": "count",
    "name": "text",
    "detail": "text",
    "environment_id": "number",
    "key": "text",
    "connectors": "number",
    "of_kind": "count",
}
Hit = tuple[str, int, str | None, str | None, int | None, str | None, int | None, int]


def search(connection: Connection, moment: Moment, text: str, *, limit: int = 8) -> pd.DataFrame:
    """Return what the words of a text stand in, by kind and name.

    Each word must stand in a name or an address, whatever its letter case; no character has a
    special meaning. ``of_kind`` is how many there are of the kind, of which at most `limit` are
    told. connectors counts those that call a host, and those a person owns, by the object id that
    is the person's key. ids are surrogate keys; a host has none but its place.

    Args:
        connection: Open transaction on the store.
        moment: As of when.
        text: What was typed; cut at `LONGEST` characters and eight words.
        limit: Most hits told of each kind.
    """
    # No text of a store has this character, and one database ends a text at it.
    words = text[:LONGEST].replace("\0", " ").casefold().split()[:_MOST_WORDS]
    hits: list[Hit] = []
    if words:
        hits += _of_connectors(connectors(connection, moment), words, limit)
        for kind, ask in _ASKED.items():
            query = ask(moment.run_id, words).limit(limit)
            hits += [(kind, *row) for row in connection.execute(query)]
    return frame(sorted(hits, key=lambda hit: KINDS.index(hit[0])), _SCHEMA)


def _of_connectors(listed: pd.DataFrame, words: Sequence[str], limit: int) -> list[Hit]:
    """Search the connectors by name, and the hosts they call."""
    here = listed[listed["presence"] == "present"]
    found: list[Hit] = []
    calling: Counter[str] = Counter()
    for row in here.to_dict("records"):
        told = f"{row['display_name'] or ''} {row['name'] or ''}".casefold()
        if all(word in told for word in words):
            name = row["display_name"] or row["name"]
            place = row["environment"], row["environment_id"]
            found.append(("connector", row["connector_id"], name, *place, None, None, 0))
        if row["host"] and all(word in row["host"].casefold() for word in words):
            calling[row["host"]] += 1
    hosts: list[Hit] = [
        ("host", place, host, None, None, host, number, 0)
        for place, (host, number) in enumerate(sorted(calling.items()), 1)
    ]
    return [(*hit[:7], len(kind)) for kind in (found, hosts) for hit in kind[:limit]]


def _has(columns: Sequence[ColumnElement[Any]], words: Sequence[str]) -> ColumnElement[bool]:
    return and_(
        *(or_(*(func.lower(c).contains(word, autoescape=True) for c in columns)) for word in words)
    )


def _of(
    noun: Any, versions: Any, link: str, named: str
) -> Callable[[int, Sequence[str]], Select[Any]]:
    """Return the question for what lives in an environment."""

    def ask(run_id: int, words: Sequence[str]) -> Select[Any]:
        facts = versions.c
        name = func.coalesce(facts.display_name, facts[named])
        rows: FromClause = in_environment(
            noun.join(versions, and_(facts[link] == noun.c.id, present(versions, run_id))),
            noun.c.environment_id,
            run_id,
        )
        return (
            select(
                noun.c.id,
                name,
                environment_name(),
                noun.c.environment_id,
                literal(None),
                literal(None),
                func.count().over(),
            )
            .select_from(rows)
            .where(_has([facts.display_name, facts[named]], words))
            .order_by(func.lower(name), noun.c.id)
        )

    return ask


def _owned(run_id: int) -> ColumnElement[int]:
    """How many connectors that are there a person owns."""
    facts = CONNECTOR_VERSIONS.c
    return (
        select(func.count(PERMISSIONS.c.connector_id.distinct()))
        .join(CONNECTOR_VERSIONS, facts.connector_id == PERMISSIONS.c.connector_id)
        .where(
            PERMISSIONS.c.principal_key == PRINCIPALS.c.key,
            PERMISSIONS.c.role == "Owner",
            holds(PERMISSIONS, run_id),
            holds(CONNECTOR_VERSIONS, run_id),
            facts.presence != "gone",
        )
        .correlate(PRINCIPALS)
        .scalar_subquery()
    )


def _people(run_id: int, words: Sequence[str]) -> Select[Any]:
    facts = PRINCIPAL_VERSIONS.c
    name = func.coalesce(facts.display_name, facts.user_principal_name)
    return (
        select(
            PRINCIPALS.c.id,
            name,
            func.coalesce(facts.user_principal_name, facts.mail, PRINCIPALS.c.key),
            literal(None),
            PRINCIPALS.c.key,
            _owned(run_id),
            func.count().over(),
        )
        .join(
            PRINCIPAL_VERSIONS,
            and_(facts.principal_id == PRINCIPALS.c.id, present(PRINCIPAL_VERSIONS, run_id)),
        )
        .where(
            _has(
                [facts.display_name, facts.user_principal_name, facts.mail, PRINCIPALS.c.key],
                words,
            )
        )
        .order_by(func.lower(name), PRINCIPALS.c.id)
    )


def _environments(run_id: int, words: Sequence[str]) -> Select[Any]:
    facts = ENVIRONMENT_VERSIONS.c
    return (
        select(
            ENVIRONMENTS.c.id,
            environment_name(),
            ENVIRONMENTS.c.key,
            ENVIRONMENTS.c.id,
            literal(None),
            literal(None),
            func.count().over(),
        )
        .join(
            ENVIRONMENT_VERSIONS,
            and_(facts.environment_id == ENVIRONMENTS.c.id, present(ENVIRONMENT_VERSIONS, run_id)),
        )
        .where(_has([facts.display_name, ENVIRONMENTS.c.key], words))
        .order_by(func.lower(environment_name()), ENVIRONMENTS.c.id)
    )


_ASKED: Mapping[str, Callable[[int, Sequence[str]], Select[Any]]] = {
    "person": _people,
    "environment": _environments,
    "flow": _of(FLOWS, FLOW_VERSIONS, "flow_id", "name"),
    "app": _of(APPS, APP_VERSIONS, "app_id", "name"),
    "agent": _of(AGENTS, AGENT_VERSIONS, "agent_id", "name"),
}
