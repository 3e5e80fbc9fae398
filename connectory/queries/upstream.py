"""Connectors and the documents of the APIs they wrap: pairs to compare, and what came of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any, Final

import pandas as pd
from sqlalchemy import Connection, select

from connectory.domain.drift.changes import Place
from connectory.domain.drift.comparing import available
from connectory.queries.comparing import NotCompared, Side, api_of_side, sides
from connectory.queries.drift_facts import chunked
from connectory.queries.frames import Schema, frame
from connectory.queries.moments import Moment
from connectory.queries.tables import (
    COMPARISONS,
    CONNECTOR_UPSTREAMS,
    CONNECTOR_VERSIONS,
    CONNECTORS,
    DEFINITIONS,
    ENVIRONMENT_VERSIONS,
    RUNS,
    UPSTREAM_ANSWERS,
    UPSTREAM_DOCUMENT_VERSIONS,
    UPSTREAM_DOCUMENTS,
    connector_name,
    environment_name,
    holds,
    in_environment,
    known_connectors,
)

BEHIND: Final = frozenset({"breaking", "risky", "compatible"})
"""Verdicts by which a connector does not say what its API says."""

_SCHEMA: Final[Schema] = {
    "connector_id": "count",
    "connector": "text",
    "environment": "text",
    "url": "text",
    "how": "text",
    "document_state": "text",
    "document_detail": "text",
    "document_changed_at": "time",
    "state": "text",
    "reason": "text",
    "comparison_id": "number",
    "breaking": "number",
    "risky": "number",
    "compatible": "number",
    "cosmetic": "number",
    "available": "number",
    "behind_since": "time",
    "behind_days": "number",
}


@dataclass(frozen=True, slots=True)
class UpstreamPair:
    """A connector and the document of its API.

    Attributes:
        connector: The connector as a side of a comparison.
        document: The document as one.
        document_id: Its surrogate key.
        changed_at: When the document was found to say something else than before, if it ever was.
        followed_at: When the connector last got another definition, if it ever did.
    """

    connector: Side
    document: Side
    document_id: int
    changed_at: datetime | None
    followed_at: datetime | None

    def behind_since(self, state: str) -> datetime | None:
        """Return since when the connector does not follow its API; None if it does, or nobody knows.

        Args:
            state: What came of comparing the two.
        """
        if state not in BEHIND or self.changed_at is None:
            return None
        followed = self.followed_at is not None and self.followed_at >= self.changed_at
        return None if followed else self.changed_at


def upstream_pairs(connection: Connection, moment: Moment) -> list[UpstreamPair]:
    """Return each connector that is not gone with its document, where that was ever read."""
    link, facts = CONNECTOR_UPSTREAMS, UPSTREAM_DOCUMENT_VERSIONS
    run = moment.run_id
    query = (
        select(
            link.c.connector_id,
            link.c.upstream_document_id,
            facts.c.definition_id,
            facts.c.changed_at,
            facts.c.detail,
            DEFINITIONS.c.sha256,
            DEFINITIONS.c.state,
            DEFINITIONS.c.detail.label("definition_detail"),
        )
        .join(facts, facts.c.upstream_document_id == link.c.upstream_document_id)
        .outerjoin(DEFINITIONS, DEFINITIONS.c.id == facts.c.definition_id)
        .where(holds(link, run), holds(facts, run))
        .order_by(link.c.connector_id)
    )
    rows = connection.execute(query).all()
    numbers = [row.connector_id for row in rows]
    there, followed = sides(connection, run, numbers), _followed(connection, run, numbers)
    gone = _gone(connection, run, numbers)
    return [
        UpstreamPair(
            connector=there[row.connector_id],
            document=Side(
                row.connector_id,
                row.definition_id,
                row.sha256,
                row.state or "not_read",
                row.definition_detail if row.state else row.detail,
                {},
            ),
            document_id=row.upstream_document_id,
            changed_at=row.changed_at,
            followed_at=followed.get(row.connector_id),
        )
        for row in rows
        if row.connector_id in there and row.connector_id not in gone
    ]


def _gone(connection: Connection, run_id: int, ids: Sequence[int]) -> set[int]:
    facts, found = CONNECTOR_VERSIONS, set[int]()
    for chunk in chunked(sorted(set(ids))):
        query = select(facts.c.connector_id).where(
            facts.c.connector_id.in_(chunk), holds(facts, run_id), facts.c.presence == "gone"
        )
        found.update(connection.scalars(query))
    return found


def _followed(connection: Connection, run_id: int, ids: Sequence[int]) -> dict[int, datetime]:
    """Return when each connector was first found with the definition it has, in place of another."""
    facts = CONNECTOR_VERSIONS
    history: dict[int, list[tuple[int | None, datetime]]] = defaultdict(list)
    for chunk in chunked(sorted(set(ids))):
        query = (
            select(facts.c.connector_id, facts.c.definition_id, RUNS.c.started_at)
            .join(RUNS, RUNS.c.id == facts.c.from_run)
            .where(facts.c.connector_id.in_(chunk), facts.c.from_run <= run_id)
            .order_by(facts.c.connector_id, facts.c.from_run)
        )
        for connector, definition, started in connection.execute(query):
            history[connector].append((definition, started))
    found = {}
    for connector, versions in history.items():
        for (before, _), (after, started) in pairwise(versions):
            if before is not None and after is not None and before != after:
                found[connector] = started
    return found


def upstream(connection: Connection, moment: Moment) -> pd.DataFrame:
    """Return how each connector with a document of its API stands to that, those behind first."""
    run, answers = moment.run_id, UPSTREAM_ANSWERS
    link, facts = CONNECTOR_UPSTREAMS, UPSTREAM_DOCUMENT_VERSIONS
    rows = in_environment(known_connectors(run), CONNECTORS.c.environment_id, run)
    query = (
        select(
            CONNECTORS.c.id.label("connector_id"),
            connector_name().label("connector"),
            environment_name(ENVIRONMENT_VERSIONS).label("environment"),
            UPSTREAM_DOCUMENTS.c.key.label("url"),
            link.c.how,
            facts.c.state.label("document_state"),
            facts.c.detail.label("document_detail"),
            facts.c.changed_at.label("document_changed_at"),
            answers.c.state,
            answers.c.reason,
            answers.c.comparison_id,
            COMPARISONS.c.breaking,
            COMPARISONS.c.risky,
            COMPARISONS.c.compatible,
            COMPARISONS.c.cosmetic,
            answers.c.available,
            answers.c.behind_since,
        )
        .select_from(
            rows.join(link, (link.c.connector_id == CONNECTORS.c.id) & holds(link, run))
            .join(UPSTREAM_DOCUMENTS, UPSTREAM_DOCUMENTS.c.id == link.c.upstream_document_id)
            .join(facts, (facts.c.upstream_document_id == UPSTREAM_DOCUMENTS.c.id) & holds(facts, run))
            .outerjoin(answers, (answers.c.connector_id == CONNECTORS.c.id) & holds(answers, run))
            .outerjoin(COMPARISONS, COMPARISONS.c.id == answers.c.comparison_id)
        )
        .order_by(connector_name(), CONNECTORS.c.id)
    )  # fmt: skip
    told = [dict(row) for row in connection.execute(query).mappings()]
    for row in told:
        row["behind_days"] = _days(row["behind_since"], moment.read_at)
    told.sort(key=_urgency)
    return frame([[row[name] for name in _SCHEMA] for row in told], _SCHEMA)


def _days(since: datetime | None, now: datetime) -> int | None:
    return None if since is None else (now.date() - since.date()).days


_ORDER: Final = ("breaking", "risky", "compatible", "cosmetic", "unreadable", "unknown", "same")


def _urgency(row: dict[str, Any]) -> tuple[int, int]:
    place = _ORDER.index(row["state"]) if row["state"] in _ORDER else len(_ORDER)
    return place, -(row["behind_days"] or 0)


def available_operations(
    connection: Connection, moment: Moment, connector_id: int
) -> tuple[Place, ...]:
    """Return the operations of its API that a connector does not wrap; none where that is not known."""
    for pair in upstream_pairs(connection, moment):
        if pair.connector.connector_id == connector_id:
            return offered(connection, pair) or ()
    return ()


def offered(connection: Connection, pair: UpstreamPair) -> tuple[Place, ...] | None:
    """Return the operations of an API that its connector does not wrap, None if that is not known."""
    own = api_of_side(connection, pair.connector)
    theirs = api_of_side(connection, pair.document)
    if isinstance(own, NotCompared) or isinstance(theirs, NotCompared):
        return None
    return available(own, theirs)
