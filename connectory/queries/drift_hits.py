"""Which differences on the drift board hit somebody: what is open of each, and whether it is used."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Final

import pandas as pd
from sqlalchemy import Connection, and_, exists, func, or_, select

from connectory.domain.drift.changes import SEVERITIES
from connectory.queries.accepted import OPEN_SEVERITIES, standing
from connectory.queries.frames import Schema, framed
from connectory.queries.hits import GRADES, Grade, Grades
from connectory.queries.moments import Moment
from connectory.queries.tables import (
    ACCEPTANCES,
    COMPARISON_CHANGES,
    DRIFT_ANSWERS,
    FAMILY_ANSWERS,
    holds,
)

_OPEN: Schema = {
    "connector_id": "count",
    "severity": "text",
    "operation_id": "text",
    "changes": "count",
}
Opened = dict[str, set[str | None]]
"""By severity the operations of which something is open."""
ORDER: Final = ("breaking", "risky", "unreadable", "unknown", "accepted", "compatible", "cosmetic",
                "missing", "expected", "reference", "same")  # fmt: skip
"""How a member may be shown on the board, the worst first."""


def open_changes(connection: Connection, moment: Moment, today: date | None = None) -> pd.DataFrame:
    """Return what is breaking or risky in members of families and accepted by nobody.

    Args:
        connection: Open transaction on the store.
        moment: As of when.
        today: The day it is, for acceptances that end; that of the run by default.

    Returns:
        A row per member, severity and operation, which is missing where the connector changes as a
        whole; changes: how many.
    """
    drift, family, changes = DRIFT_ANSWERS.c, FAMILY_ANSWERS.c, COMPARISON_CHANGES.c
    accepted = exists(
        select(ACCEPTANCES.c.id)
        .where(
            ACCEPTANCES.c.fingerprint == changes.fingerprint,
            or_(
                ACCEPTANCES.c.connector_id == drift.connector_id,
                ACCEPTANCES.c.family_key == family.family_key,
            ),
            standing(moment, today),
        )
        .correlate(DRIFT_ANSWERS, FAMILY_ANSWERS, COMPARISON_CHANGES)
    )
    columns = (drift.connector_id, changes.severity, changes.operation_id)
    query = (
        select(*columns, func.count())
        .select_from(
            DRIFT_ANSWERS.join(
                FAMILY_ANSWERS,
                and_(
                    family.connector_id == drift.connector_id,
                    holds(FAMILY_ANSWERS, moment.run_id),
                ),
            ).join(COMPARISON_CHANGES, changes.comparison_id == drift.comparison_id)
        )
        .where(
            holds(DRIFT_ANSWERS, moment.run_id),
            changes.severity.in_(OPEN_SEVERITIES),
            ~accepted,
        )
        .group_by(*columns)
        .order_by(*columns)
    )
    return framed(connection, query, _OPEN)


def with_use(board: pd.DataFrame, opened: pd.DataFrame, grades: Grades) -> pd.DataFrame:
    """Return the rows of the board with how each is shown and whether what it changes is used.

    Args:
        board: What `drift_board` returned.
        opened: What `open_changes` returned.
        grades: What is used.

    Returns:
        Two columns more. shown: the state, of what nobody has accepted; ``accepted`` where that
        leaves nothing, and ``reference`` for what others are compared with. use: the worst grade
        of the changes it is shown for (connectory/queries/hits.py), in the member or in the
        reference; missing where nothing is open.
    """
    of: dict[int, Opened] = defaultdict(lambda: defaultdict(set))
    for connector, severity, operation in zip(
        opened["connector_id"], opened["severity"], opened["operation_id"], strict=True
    ):
        of[connector][severity].add(operation)
    shown, use = [], []
    columns = ("state", "is_reference", "connector_id", "against_connector_id")
    for state, ahead, *sides in zip(*(board[name] for name in columns), strict=True):
        there = [int(one) for one in sides if pd.notna(one)]
        mine: Opened = of.get(there[0], {}) if pd.notna(sides[0]) else {}
        told = _shown(state, mine, is_reference=ahead)
        shown.append(told)
        use.append(_worst(grades, there, mine.get(told, set())))
    return board.assign(
        shown=pd.Series(shown, board.index, dtype=object),
        use=pd.Series(use, board.index, dtype=object),
    )


def _shown(state: str, mine: Opened, *, is_reference: bool) -> str:
    if is_reference and state == "same":
        return "reference"
    if state not in OPEN_SEVERITIES:
        return state
    return next((one for one in OPEN_SEVERITIES if one in mine), "accepted")


def _worst(grades: Grades, sides: list[int], operations: set[str | None]) -> Grade | None:
    found = {grades.of(sides, operation) for operation in operations}
    return next((grade for grade in GRADES if grade in found), None)


def families(board: pd.DataFrame) -> pd.DataFrame:
    """Return a row per family, the worst first: what is breaking and used before all else.

    Args:
        board: What `with_use` returned.

    Returns:
        family, family_name, worst: how its worst member is shown; use: the grade of that; open:
        breaking and risky changes that nobody has accepted; accepted; changed_at: when the last
        change of a member was found or, if the platform tells that, made.
    """
    rows = board.assign(
        severity=[_place(ORDER, one) for one in board["shown"]],
        grade=[_place(GRADES, one) for one in board["use"]],
        moved=board[["changed_at", "published_at"]].max(axis=1),
        folded=board["family_name"].str.casefold(),
    )
    names = ["family", "family_name", "shown", "use", "severity", "grade", "folded"]
    worst = rows.sort_values(["severity", "grade"], kind="stable").drop_duplicates("family")
    sums = rows.groupby("family", as_index=False).agg(
        open=("open", "sum"), accepted=("accepted", "sum"), changed_at=("moved", "max")
    )
    told = worst[names].rename(columns={"shown": "worst"}).merge(sums, on="family")
    by = ["severity", "grade", "open", "folded", "family"]
    ordered = told.sort_values(by, ascending=[True, True, False, True, True], kind="stable")
    return ordered.drop(columns=["severity", "grade", "folded"]).reset_index(drop=True)


def _place(order: tuple[str, ...], value: object) -> int:
    return order.index(str(value)) if value in order else len(order)


@dataclass(frozen=True)
class Group:
    """Changes of one operation, or of the connector as a whole.

    Attributes:
        operation_id: The operation; None if the connector changes as a whole.
        method: HTTP method, as far as the changes tell.
        path: Path template.
        severity: The worst of its changes.
        grade: How far it is used.
        changes: Rows of `comparison_rows`, the worst first.
    """

    operation_id: str | None
    method: str | None
    path: str | None
    severity: str
    grade: Grade
    changes: pd.DataFrame

    @property
    def key(self) -> str:
        """What tells it from other groups, also when others are accepted meanwhile."""
        return str(self.changes["fingerprint"].iloc[0])

    @property
    def operations(self) -> tuple[str, ...] | None:
        """What is looked for among consumers; None for all of them."""
        return None if self.operation_id is None else (self.operation_id,)


def grouped(
    changes: pd.DataFrame, connectors: Collection[int], grades: Grades
) -> tuple[Group, ...]:
    """Return changes by operation: the worst first, and of equal ones those that are used.

    Args:
        changes: Rows of `comparison_rows`.
        connectors: Connectors whose users they concern.
        grades: What is used.
    """
    keys = changes["operation_id"].astype(object).where(changes["operation_id"].notna(), "")
    found = []
    for operation, rows in changes.groupby(keys, sort=False):
        first = rows.iloc[0]
        name = operation or None
        found.append(
            Group(
                name,
                first["method"] if name else None,
                first["path"] if name else None,
                min(rows["severity"], key=SEVERITIES.index),
                grades.of(connectors, name),
                rows.reset_index(drop=True),
            )
        )
    return tuple(
        sorted(
            found,
            key=lambda one: (
                SEVERITIES.index(one.severity),
                GRADES.index(one.grade),
                one.operation_id or "",
            ),
        )
    )
