"""What one comparison is about: the two sides, what came of it, and how a terminal asks the same."""

from __future__ import annotations

import shlex
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Connection, and_, func, select

from connectory.queries.moments import Moment
from connectory.queries.tables import (
    ACCEPTANCES,
    CONNECTOR_UPSTREAMS,
    CONNECTOR_VERSIONS,
    CONNECTORS,
    DEFINITION_STEPS,
    DRIFT_ANSWERS,
    ENVIRONMENTS,
    FAMILY_ANSWERS,
    RUNS,
    UPSTREAM_ANSWERS,
    UPSTREAM_DOCUMENT_VERSIONS,
    UPSTREAM_DOCUMENTS,
    connector_name,
    environment_name,
    holds,
    in_environment,
)

SAVED: Final = "openapi.json"
"""What the document of an API is called once somebody has saved it for the command line."""


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison.

    Attributes:
        connector_id: The connector; None of what is none.
        name: What people call it.
        environment: Where it is; empty if it is in none.
        at: When it was changed as the platform tells, or found so; None if neither is known.
        spelled: How the command line names it; empty if it cannot.
    """

    connector_id: int | None
    name: str
    environment: str
    at: datetime | None
    spelled: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Two sides that were compared, or were to be.

    Attributes:
        purpose: environments, history or upstream.
        connector_id: The connector that is looked at.
        family_key: Its family; None if it stands alone.
        state: The verdict, or same, expected, unreadable, unknown.
        reason: Why it is unreadable or unknown; empty otherwise.
        comparison_id: What was compared; None if nothing could be.
        before: The reference, the version before, or the connector that wraps an API.
        after: The member, the version after, or the document of the API.
    """

    purpose: str
    connector_id: int
    family_key: str | None
    state: str
    reason: str
    comparison_id: int | None
    before: Side
    after: Side

    @property
    def connectors(self) -> tuple[int, ...]:
        """The connectors whose users the difference concerns."""
        sides = (self.after.connector_id, self.before.connector_id)
        return tuple(dict.fromkeys(one for one in sides if one is not None))

    @property
    def command(self) -> str:
        """The command that tells the same in a terminal; empty if there is none."""
        if not (self.before.spelled and self.after.spelled):
            return ""
        profile = "" if self.purpose == "history" else f" --profile {self.purpose}"
        sides = f"{shlex.quote(self.before.spelled)} {shlex.quote(self.after.spelled)}"
        return f"connectory diff {sides}{profile}"


def of_member(connection: Connection, moment: Moment, connector_id: int) -> Pair | None:
    """Return how a connector was compared with that of its reference environment.

    None if it is in no family, is the reference itself, or the store knows none of that id.
    """
    family, drift = FAMILY_ANSWERS.c, DRIFT_ANSWERS.c
    query = (
        select(
            family.family_key,
            drift.state,
            drift.reason,
            drift.comparison_id,
            drift.against_connector_id,
        )
        .select_from(
            FAMILY_ANSWERS.join(
                DRIFT_ANSWERS,
                and_(
                    drift.connector_id == family.connector_id, holds(DRIFT_ANSWERS, moment.run_id)
                ),
            )
        )
        .where(
            family.connector_id == connector_id,
            holds(FAMILY_ANSWERS, moment.run_id),
            drift.against_connector_id.is_not(None),
        )
    )
    row = connection.execute(query).first()
    if row is None:
        return None
    named = sides(connection, moment.run_id, [connector_id, row.against_connector_id])
    if len(named) < 2:  # noqa: PLR2004 - both sides
        return None
    return Pair(
        "environments",
        connector_id,
        row.family_key,
        row.state,
        row.reason or "",
        row.comparison_id,
        named[row.against_connector_id],
        named[connector_id],
    )


def of_step(connection: Connection, moment: Moment, connector_id: int, run_id: int) -> Pair | None:
    """Return how a new version was compared with the one before; None if there is none such.

    Args:
        connection: Open transaction on the store.
        moment: As of when names are told.
        connector_id: Whose version.
        run_id: The run that found it.
    """
    step = DEFINITION_STEPS.c
    query = select(step.verdict, step.reason, step.comparison_id, step.before_run).where(
        step.connector_id == connector_id, step.run_id == run_id, step.run_id <= moment.run_id
    )
    row = connection.execute(query).first()
    named = sides(connection, moment.run_id, [connector_id]).get(connector_id)
    if row is None or named is None:
        return None
    found = dict(iter(connection.execute(select(RUNS.c.id, RUNS.c.started_at).where(
        RUNS.c.id.in_([one for one in (run_id, row.before_run) if one is not None])
    ))))  # fmt: skip
    family = select(FAMILY_ANSWERS.c.family_key).where(
        FAMILY_ANSWERS.c.connector_id == connector_id, holds(FAMILY_ANSWERS, moment.run_id)
    )
    return Pair(
        "history",
        connector_id,
        connection.scalar(family),
        row.verdict,
        row.reason or "",
        row.comparison_id,
        _version(named, found.get(row.before_run)),
        _version(named, found.get(run_id)),
    )


def of_upstream(connection: Connection, moment: Moment, connector_id: int) -> Pair | None:
    """Return how a connector was compared with the document of its API; None if it has none."""
    link, answer, document = CONNECTOR_UPSTREAMS.c, UPSTREAM_ANSWERS.c, UPSTREAM_DOCUMENTS.c
    facts, run_id = UPSTREAM_DOCUMENT_VERSIONS.c, moment.run_id
    rows = (
        CONNECTOR_UPSTREAMS.join(UPSTREAM_DOCUMENTS, document.id == link.upstream_document_id)
        .join(
            UPSTREAM_DOCUMENT_VERSIONS,
            and_(
                facts.upstream_document_id == document.id, holds(UPSTREAM_DOCUMENT_VERSIONS, run_id)
            ),
        )
        .outerjoin(
            UPSTREAM_ANSWERS,
            and_(answer.connector_id == link.connector_id, holds(UPSTREAM_ANSWERS, run_id)),
        )
    )
    query = (
        select(
            document.key,
            facts.detail,
            facts.changed_at,
            answer.state,
            answer.reason,
            answer.comparison_id,
        )
        .select_from(rows)
        .where(link.connector_id == connector_id, holds(CONNECTOR_UPSTREAMS, run_id))
    )
    row = connection.execute(query).first()
    named = sides(connection, run_id, [connector_id]).get(connector_id)
    if row is None or named is None:
        return None
    return Pair(
        "upstream",
        connector_id,
        None,
        row.state or "unknown",
        row.reason or row.detail or "",
        row.comparison_id,
        named,
        Side(None, row.key, "", row.changed_at, SAVED),
    )


def _version(side: Side, at: datetime | None) -> Side:
    moment = "" if at is None else f"@{at.astimezone(UTC).isoformat()}"
    spelled = f"{side.spelled}{moment}" if moment else ""
    return Side(side.connector_id, side.name, side.environment, at, spelled)


def sides(connection: Connection, run_id: int, connectors: Collection[int]) -> dict[int, Side]:
    """Return connectors as sides of a comparison, by id, as they are named at a run."""
    facts = CONNECTOR_VERSIONS.c
    rows = in_environment(
        CONNECTORS.join(
            CONNECTOR_VERSIONS,
            and_(facts.connector_id == CONNECTORS.c.id, holds(CONNECTOR_VERSIONS, run_id)),
        ),
        CONNECTORS.c.environment_id,
        run_id,
    )
    query = (
        select(
            CONNECTORS.c.id,
            CONNECTORS.c.key,
            ENVIRONMENTS.c.key.label("place"),
            connector_name().label("name"),
            environment_name().label("environment"),
            facts.changed_at,
        )
        .select_from(rows.join(ENVIRONMENTS, ENVIRONMENTS.c.id == CONNECTORS.c.environment_id))
        .where(CONNECTORS.c.id.in_(list(connectors)))
    )
    return {
        row.id: Side(row.id, row.name, row.environment, row.changed_at, f"{row.place}/{row.key}")
        for row in connection.execute(query)
    }


def decided(connection: Connection) -> tuple[Any, ...]:
    """Return what another decision on a change would alter, so that nothing older is shown."""
    table = ACCEPTANCES.c
    query = select(func.count(), func.count(table.withdrawn_at), func.max(table.id))
    return tuple(connection.execute(query).one())
