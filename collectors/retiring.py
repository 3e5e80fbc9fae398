"""Decide when something is no longer there.

The rule of retiring stands here and nowhere else: **only a complete read may retire a row**
(docs/decisions/0006-only-a-complete-read-retires.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Select, Table, and_, exists, func, select

from collectors.nouns import ENVIRONMENT_NOUNS, ENVIRONMENTS, Noun
from collectors.store import StepStore
from collectors.versions import SIGHTINGS, Ledger, chunks
from models import Run

_RUNS = cast("Table", Run.__table__)


def retire(
    store: StepStore, noun: Noun, complete: Sequence[str], *, ignoring: Sequence[str] = ()
) -> None:
    """Mark rows that complete reads no longer show: present, then missing, then gone.

    A row is marked when every source that has ever seen it was read completely in this step
    without showing it. A source that never could be read never saw anything and holds nothing
    back; one that saw the row and is refused today does.

    Args:
        store: Store of the step.
        noun: What to retire, within this step's scope; that of a tenant is everything.
        complete: Sources read completely in this step.
        ignoring: Sources whose sightings neither prove presence nor hold anything back.
    """
    if not complete:
        return
    with store.writing() as connection:
        ledger = store.ledger(connection)
        ledger.unsight(noun, complete)
        unseen = connection.execute(_unseen(ledger, noun, complete, ignoring)).mappings()
        ending = {
            row["entity"]: {
                "presence": "gone" if row["presence"] == "missing" else "missing",
                "presence_reason": "unseen",
            }
            for row in unseen
            if row["presence"] == "present" or row["since"] < store.run_id
        }
        changed = ledger.revise(noun, ending)
    store.tally.add(changed=changed)


def follow_deletions(store: StepStore, noun: Noun, moments: Mapping[int, datetime]) -> None:
    """Mark rows gone that the audit log says were deleted; a source that shows one undoes it.

    A row that was seen by a run that began after its deletion is there again, and stays.

    Args:
        store: Store of the step.
        noun: What the rows are.
        moments: When each was deleted, by surrogate key.
    """
    table, runs, versions = SIGHTINGS, _RUNS, noun.versions
    gone = {"presence": "gone", "presence_reason": "deleted"}
    with store.writing() as connection:
        ended: dict[int, dict[str, str]] = {}
        for some in chunks(list(moments)):
            query = (
                select(table.c.entity_id, func.max(runs.c.started_at).label("at"))
                .join(runs, runs.c.id == table.c.last_run)
                .where(table.c.noun == noun.name, table.c.entity_id.in_(some))
                .group_by(table.c.entity_id)
            )
            seen = {row.entity_id: row.at for row in connection.execute(query)}
            here = connection.scalars(
                select(versions.c[noun.link]).where(
                    versions.c[noun.link].in_(some),
                    versions.c.to_run.is_(None),
                    versions.c.presence != "gone",
                )
            )
            ended |= {one: gone for one in here if one in seen and seen[one] <= moments[one]}
        changed = store.ledger(connection).revise(noun, ended)
    store.tally.add(changed=changed)


def follow_environments(store: StepStore) -> None:
    """Let what lives in an environment go with it, and come back with it."""
    gone = {"presence": "gone", "presence_reason": "environment"}
    with store.writing() as connection:
        ledger = store.ledger(connection)
        for noun in ENVIRONMENT_NOUNS:
            orphans = connection.scalars(_orphans(noun)).all()
            ledger.revise(noun, dict.fromkeys(orphans, gone))
            back = connection.execute(_returning(noun)).all()
            ledger.revise(
                noun,
                {
                    row.id: {"presence": row.presence, "presence_reason": row.presence_reason}
                    for row in back
                },
            )


def _unseen(
    ledger: Ledger, noun: Noun, settled: Sequence[str], ignoring: Sequence[str]
) -> Select[Any]:
    """Rows that are there, and that everyone who ever saw them has read whole without them."""
    entity, versions, seen = noun.entity, noun.versions, SIGHTINGS
    mine = and_(seen.c.noun == noun.name, seen.c.entity_id == entity.c.id)
    if ignoring:
        mine = and_(mine, seen.c.source.not_in(ignoring))
    return (
        select(
            entity.c.id.label("entity"),
            versions.c.presence,
            versions.c.from_run.label("since"),
        )
        .join(versions, versions.c[noun.link] == entity.c.id)
        .where(
            ledger.in_scope(noun),
            versions.c.to_run.is_(None),
            versions.c.presence.in_(["present", "missing"]),
            exists(select(seen.c.id).where(mine)),
            ~exists(select(seen.c.id).where(mine, seen.c.last_run == ledger.run_id)),
            ~exists(select(seen.c.id).where(mine, seen.c.source.not_in(settled))),
        )
    )


def _orphans(noun: Noun) -> Any:
    """Rows that are not gone although their environment is."""
    table, versions, environments = noun.entity, noun.versions, ENVIRONMENTS.versions
    gone = select(environments.c.environment_id).where(
        environments.c.to_run.is_(None), environments.c.presence == "gone"
    )
    return (
        select(table.c.id)
        .join(versions, versions.c[noun.link] == table.c.id)
        .where(
            table.c.environment_id.in_(gone),
            versions.c.to_run.is_(None),
            versions.c.presence != "gone",
        )
    )


def _returning(noun: Noun) -> Any:
    """Rows that went with their environment, which is back, and what they were before."""
    table, versions, environments = noun.entity, noun.versions, ENVIRONMENTS.versions
    before: Table = versions.alias("before")  # type: ignore[assignment]
    there = select(environments.c.environment_id).where(
        environments.c.to_run.is_(None), environments.c.presence == "present"
    )
    return (
        select(table.c.id, before.c.presence, before.c.presence_reason)
        .join(versions, versions.c[noun.link] == table.c.id)
        .join(
            before,
            and_(
                before.c[noun.link] == versions.c[noun.link],
                before.c.to_run == versions.c.from_run,
            ),
        )
        .where(
            table.c.environment_id.in_(there),
            versions.c.to_run.is_(None),
            versions.c.presence_reason == "environment",
        )
    )
