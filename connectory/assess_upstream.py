"""Answers about upstream: how each connector stands to the document of the API it wraps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, Engine, select

from connectory.assess_drift import Work
from connectory.database import reading
from connectory.domain.drift.profiles import UPSTREAM, Profile
from connectory.drift_settings import DriftSettings
from connectory.lease import HeldLease
from connectory.queries.comparing import NotCompared, Outcome, Pair
from connectory.queries.drift_facts import chunked
from connectory.queries.moments import Moment
from connectory.queries.tables import UPSTREAM_ANSWERS
from connectory.queries.upstream import UpstreamPair, offered, upstream_pairs

_AT_ONCE: Final = 50
_LONGEST: Final = 1_000


def upstream_answers(
    engine: Engine, lease: HeldLease, moment: Moment, settings: DriftSettings
) -> dict[int, dict[str, Any]]:
    """Answer how connectors stand to the documents of their APIs.

    Args:
        engine: The store.
        lease: The right to write; comparisons are stored under it.
        moment: As of when.
        settings: How changes are judged.

    Returns:
        Columns of each answer, by the number of the connector.
    """
    profile = Profile(UPSTREAM.purpose, settings.severity)
    work = Work(engine, lease, moment.run_id)
    answers: dict[int, dict[str, Any]] = {}
    with reading(engine) as connection:
        pairs = upstream_pairs(connection, moment)
        counted = _counted(connection)
    for chunk in chunked(pairs, _AT_ONCE):
        answers |= _answered(work, chunk, profile, counted)
    return answers


def _counted(connection: Connection) -> dict[tuple[int, int], int]:
    """Return what was counted before, by connector and comparison: the same two offer the same."""
    table = UPSTREAM_ANSWERS.c
    query = select(table.connector_id, table.comparison_id, table.available).where(
        table.to_run.is_(None), table.comparison_id.is_not(None), table.available.is_not(None)
    )
    return {(row[0], row[1]): row[2] for row in connection.execute(query)}


def _answered(
    work: Work,
    pairs: Sequence[UpstreamPair],
    profile: Profile,
    counted: dict[tuple[int, int], int],
) -> dict[int, dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    with reading(work.engine) as connection:
        compared = [Pair(one.connector, one.document, profile) for one in pairs]
        for pair, result in zip(pairs, work.compare(connection, compared), strict=True):
            number = pair.connector.connector_id
            row: dict[str, Any] = {
                "upstream_document_id": pair.document_id,
                "state": result.state,
                "comparison_id": None,
                "available": None,
                "behind_since": pair.behind_since(result.state),
                "reason": None,
            }
            if isinstance(result, Outcome):
                row["comparison_id"] = result.id
                row["available"] = counted.get((number, result.id))
                if row["available"] is None:
                    listed = offered(connection, pair)
                    row["available"] = None if listed is None else len(listed)
            elif isinstance(result, NotCompared):
                row["reason"] = result.reason[:_LONGEST]
            found[number] = row
    return found
