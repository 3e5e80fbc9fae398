"""Answers about drift: families, how their members differ, and what each new version changed.

Definitions are compared while nothing is held for writing; what came of it is stored a batch at a
time, so that a run that breaks off loses little, and each comparison is made once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, cast

from sqlalchemy import Connection, Engine, Table, insert

from connectory.database import reading
from connectory.domain.drift.changes import Change
from connectory.domain.drift.profiles import Profile
from connectory.domain.families import Families, Membership, families
from connectory.domain.lineage import Candidate
from connectory.drift_settings import DriftSettings
from connectory.lease import HeldLease
from connectory.queries.comparing import (
    Comparer,
    NotCompared,
    Outcome,
    Pair,
    change_rows,
    comparison_row,
    known,
    sides,
    sides_of_versions,
)
from connectory.queries.drift_facts import (
    Step,
    candidates,
    chunked,
    new_steps,
    steps_through,
)
from connectory.queries.moments import Moment
from models import Comparison, ComparisonChange, DefinitionStep

_COMPARISONS = cast("Table", Comparison.__table__)
_CHANGES = cast("Table", ComparisonChange.__table__)
_STEPS = cast("Table", DefinitionStep.__table__)
_AT_ONCE: Final = 100
_MOST_ROWS: Final = 2_000
_LONGEST: Final = 1_000
Progress = Callable[[int, int], None]
"""Called with how many pairs were compared, and how many there are."""
Result = Outcome | NotCompared


@dataclass(frozen=True, slots=True)
class Drifted:
    """What was answered about drift.

    Attributes:
        families: Columns of each connector's answer about its family, by its number.
        drift: Columns of each answer about how one differs from its reference.
        through: Last run whose new versions were compared.
        compared: Comparisons made now; others were known.
        steps: New versions told of now.
        notes: What settings say of connectors that are not there.
    """

    families: dict[int, dict[str, Any]]
    drift: dict[int, dict[str, Any]]
    through: int
    compared: int
    steps: int
    notes: tuple[str, ...]

    @property
    def states(self) -> Counter[str]:
        """How many connectors stand how to their reference, references left out."""
        return Counter(one["state"] for one in self.drift.values() if one["against_connector_id"])


@dataclass(slots=True)
class Work:
    """What is carried along while pairs are compared."""

    engine: Engine
    lease: HeldLease
    run_id: int
    comparer: Comparer = field(default_factory=Comparer)
    made: int = 0

    def compare(self, connection: Connection, pairs: Sequence[Pair]) -> list[Result]:
        """Return what came of each pair, comparing those that never were and storing that."""
        digests = [pair.digest for pair in pairs]
        found: dict[str, Result] = dict(known(connection, digests))
        waiting: list[tuple[Pair, tuple[Change, ...]]] = []
        rows = 0
        for pair, digest in zip(pairs, digests, strict=True):
            if digest in found:
                continue
            told = self.comparer.compare(connection, pair)
            if isinstance(told, NotCompared):
                found[digest] = told
                continue
            found[digest] = NotCompared("unknown", "")
            waiting.append((pair, told))
            rows += len(told)
            if rows >= _MOST_ROWS:
                found |= self._keep(waiting)
                waiting, rows = [], 0
        found |= self._keep(waiting)
        return [found[digest] for digest in digests]

    def _keep(self, waiting: Sequence[tuple[Pair, tuple[Change, ...]]]) -> dict[str, Outcome]:
        if not waiting:
            return {}
        rows = [comparison_row(pair, changes, self.run_id) for pair, changes in waiting]
        with self.lease.writing() as connection:
            for row, (_, changes) in zip(rows, waiting, strict=True):
                statement = insert(_COMPARISONS).values(row).returning(_COMPARISONS.c.id)
                number = connection.execute(statement).scalar_one()
                if kept := change_rows(changes):
                    connection.execute(
                        insert(_CHANGES), [{**one, "comparison_id": number} for one in kept]
                    )
            found = known(connection, [row["digest"] for row in rows])
        self.made += len(rows)
        return found


def drift(
    engine: Engine,
    lease: HeldLease,
    moment: Moment,
    settings: DriftSettings,
    progress: Progress | None = None,
) -> Drifted:
    """Answer which connectors are the same one, how they differ, and what new versions changed.

    A definition that cannot be compared costs itself an answer and nothing else.

    Args:
        engine: The store.
        lease: The right to write; comparisons and steps are stored under it.
        moment: As of when.
        settings: What belongs together, and how changes are judged.
        progress: Told how far it has come.
    """
    with reading(engine) as connection:
        found = candidates(connection, moment.run_id)
        through = steps_through(connection, moment.run_id)
        steps = new_steps(connection, through)
    sorted_out = families(found, settings.rules())
    members = _members(sorted_out)
    work = Work(engine, lease, moment.run_id)
    total, done = len(members) + len(steps), 0
    answers: dict[int, dict[str, Any]] = {}
    profiles = _Profiles(settings, found)
    for chunk in chunked(members, _AT_ONCE):
        answers |= _compared(work, moment, chunk, profiles)
        done += len(chunk)
        if progress is not None:
            progress(done, total)
    told = 0
    for part in chunked(steps, _AT_ONCE):
        told += _told(work, part, settings.history())
        done += len(part)
        if progress is not None:
            progress(done, total)
    belongs = {number: _family_row(number, one) for number, one in sorted_out.members.items()}
    return Drifted(belongs, answers, through, work.made, told, sorted_out.notes)


def _members(found: Families) -> list[tuple[int, int]]:
    """Return the members of families of several with their references, those alike together."""
    sizes = Counter(one.family for one in found.members.values())
    return sorted(
        ((number, one.reference) for number, one in found.members.items() if sizes[one.family] > 1),
        key=lambda pair: (pair[1], pair[0]),
    )


class _Profiles:
    """How connectors are compared, by the environment they are in."""

    def __init__(self, settings: DriftSettings, found: Iterable[Candidate]) -> None:
        self._settings = settings
        self._places = {one.id: one.places for one in found}
        self._made: dict[tuple[str, ...], Profile] = {}

    def of(self, connector: int) -> Profile:
        places = self._places[connector]
        if places not in self._made:
            self._made[places] = self._settings.profile(places)
        return self._made[places]


def _compared(
    work: Work, moment: Moment, members: Sequence[tuple[int, int]], profiles: _Profiles
) -> dict[int, dict[str, Any]]:
    """Return how members of families differ from their references, by number."""
    with reading(work.engine) as connection:
        there = sides(connection, moment.run_id, [one for pair in members for one in pair])
        pairs = [
            Pair(there[reference], there[number], profiles.of(number))
            for number, reference in members
            if number != reference
        ]
        results = iter(work.compare(connection, pairs))
        answers = {}
        for number, reference in members:
            if number == reference:
                answers[number] = _of_reference(work.comparer.refusal(connection, there[number]))
            else:
                answers[number] = _answer(next(results), reference)
    return answers


def _of_reference(refusal: NotCompared | None) -> dict[str, Any]:
    return {
        "state": refusal.state if refusal else "same",
        "against_connector_id": None,
        "comparison_id": None,
        "reason": refusal.reason[:_LONGEST] if refusal else None,
    }


def _answer(result: Result, reference: int) -> dict[str, Any]:
    return {
        "state": result.state,
        "against_connector_id": reference,
        "comparison_id": result.id,
        "reason": result.reason[:_LONGEST] or None,
    }


def _told(work: Work, steps: Sequence[Step], profile: Profile) -> int:
    """Tell what new versions changed, and return how many were told of."""
    wanted = _versions(steps)
    with reading(work.engine) as connection:
        there = sides_of_versions(connection, wanted)
        compared = [step for step in steps if step.before_run is not None]
        pairs = [
            Pair(
                there[step.connector_id, cast("int", step.before_run)],
                there[step.connector_id, step.run_id],
                profile,
            )
            for step in compared
        ]
        results = work.compare(connection, pairs)
    rows = [_step_row(step, result) for step, result in zip(compared, results, strict=True)]
    if rows:
        with work.lease.writing() as connection:
            connection.execute(insert(_STEPS), rows)
    return len(rows)


def _versions(steps: Iterable[Step]) -> Iterator[tuple[int, int]]:
    for step in steps:
        yield step.connector_id, step.run_id
        if step.before_run is not None:
            yield step.connector_id, step.before_run


def _step_row(step: Step, result: Result) -> dict[str, Any]:
    return {
        "connector_id": step.connector_id,
        "run_id": step.run_id,
        "before_run": step.before_run,
        "verdict": result.verdict,
        "comparison_id": result.id,
        "reason": result.reason[:_LONGEST] or None,
    }


def _family_row(number: int, one: Membership) -> dict[str, Any]:
    return {
        "family_key": one.family,
        "family_name": one.name[:_LONGEST],
        "rule": one.rule,
        "reason": one.reason[:_LONGEST],
        "reference_connector_id": one.reference,
        "is_reference": one.reference == number and one.reference_reason is not None,
        "reference_reason": one.reference_reason and one.reference_reason[:_LONGEST],
    }
