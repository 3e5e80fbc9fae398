"""Applying a file of stewards: every line is looked at first, and none is applied if one is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Engine

from connectory.actions.stewarding import (
    Decided,
    Decision,
    NotAppointed,
    compared,
    decide,
    resolved_people,
    standing,
    written,
)
from connectory.database import reading
from connectory.domain.steward_files import Entry, Fault, Sheet
from connectory.domain.stewardship import PEOPLE, StewardFields, Unfit, checked
from connectory.queries.called import Called, Named, connectors_called, people_called, unclear
from connectory.queries.moments import Moment

_HINTED: Final = 20
"""Up to so many unknown names are held against all others for what may have been meant."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of a file.

    Attributes:
        decided: What was decided, or would have been.
        faults: Lines that are wrong, by their numbers.
        written: Whether anything was written.
    """

    decided: Decided
    faults: tuple[Fault, ...]
    written: bool


def apply(
    engine: Engine,
    moment: Moment,
    sheet: Sheet,
    *,
    partial: bool = False,
    dry_run: bool = False,
    author: str,
    via: str,
    reason: str = "",
    now: datetime,
) -> Applied:
    """Let stand what a file says; what stands already costs no row.

    Args:
        engine: The store.
        moment: As of when connectors and people are known.
        sheet: The file.
        partial: Apply the other lines although some are wrong.
        dry_run: Write nothing, and tell what would have been.
        author: Who decides.
        via: csv or file.
        reason: Why, where that is said.
        now: When that is.

    Raises:
        NotAppointed: Nobody is named who decides, or the store takes no writing.
    """
    with reading(engine) as connection:
        decisions, faults = _planned(connection, moment, sheet)
        told = compared(decisions, standing(connection))
    if dry_run or (faults and not partial) or not decisions:
        return Applied(told.counts, faults, written=False)

    def write(connection: Connection) -> Decided:
        return decide(connection, decisions, author=author, via=via, reason=reason, now=now)

    return Applied(written(engine, write), faults, written=True)


def _planned(
    connection: Connection, moment: Moment, sheet: Sheet
) -> tuple[list[Decision], tuple[Fault, ...]]:
    """Return what shall stand, and the lines of which that cannot be told."""
    called = connectors_called(connection, moment)
    words = {word for one in sheet.entries for name in PEOPLE if (word := one.told.get(name))}
    people = people_called(connection, moment, words)
    stands = standing(connection)
    faults = list(sheet.faults)
    first: dict[int, int] = {}
    found: list[Decision] = []
    for entry in sheet.entries:
        try:
            connector_id = _connector(entry, called, hint=len(faults) < _HINTED)
            line = first.setdefault(connector_id, entry.line)
            if line != entry.line:
                raise NotAppointed(f"line {line} is about the same connector; leave one out")  # noqa: TRY301 - told with its line like the others
            before = stands.get(connector_id, StewardFields())
            fields = _fields(entry, before, people, whole=sheet.whole)
            found.append(Decision(connector_id, fields))
        except (NotAppointed, Unfit) as error:
            faults.append(Fault(entry.line, str(error)))
    return found, tuple(sorted(faults, key=lambda fault: fault.line))


def _connector(entry: Entry, called: Called, *, hint: bool) -> int:
    reference = f"{entry.environment}/{entry.connector}"
    rows = called.get(reference.casefold(), ())
    if len(rows) != 1:
        raise NotAppointed(unclear(reference[:200], called, hint=hint))
    return rows[0].id


def _fields(
    entry: Entry,
    before: StewardFields,
    people: Mapping[str, tuple[Named, ...]],
    *,
    whole: bool,
) -> StewardFields:
    base = StewardFields() if whole else before
    told = checked(replace(base, **entry.told))
    # Whoever stands there stays, also once they have left: that is told elsewhere.
    kept: dict[str, Any] = {
        name: getattr(before, name)
        for name in PEOPLE
        if (getattr(told, name) or "").casefold() == getattr(before, name)
    }
    named = resolved_people(replace(told, **dict.fromkeys(kept)), people)
    return replace(named, **kept)
