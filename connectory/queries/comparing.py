"""Two connectors as they are stored, compared: what each side is, and what came of it.

A comparison is known by what it compares, so it is made once, whoever asks for it. Never more than
two definitions are held, and the one before is kept for the next, which often shares it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, select

from connectory.domain.drift.api import Api
from connectory.domain.drift.changes import Change, counts, verdict
from connectory.domain.drift.comparing import diff
from connectory.domain.drift.profiles import Profile
from connectory.domain.drift.properties import ConnectorProperties
from connectory.domain.drift.reading import read_api
from connectory.domain.drift.rules import RULES
from connectory.domain.json_document import Unreadable
from connectory.queries.drift_facts import SETTINGS, chunked, versions_of
from connectory.queries.tables import COMPARISONS, CONNECTOR_VERSIONS, DEFINITIONS, holds

_ENGINE: Final = "1"
"""To be raised when the same two definitions may be judged otherwise than before."""
_JUDGED: Final = hashlib.sha256(
    json.dumps([(rule.id, rule.severity, rule.cases) for rule in RULES.values()]).encode()
).hexdigest()[:8]
RULES_VERSION: Final = f"{_ENGINE}-{_JUDGED}"
"""Of the rules by which comparisons are made now."""

MOST_CHANGES: Final = 1_000
"""Changes of one comparison that are kept, the worst ones; the counts are of all."""

_LONGEST_VALUE: Final = 4_000
_LONGEST_TEXT: Final = 2_000
_DEEPEST: Final = 500
_SCRIPT: Final = "not read"
"""Stands for the code of a connector that has some: its text is told by no service."""


@dataclass(frozen=True, slots=True)
class Side:
    """A connector as one side of a comparison.

    Attributes:
        connector_id: Which one.
        definition_id: Its definition; None if it has none that was kept.
        sha256: Hash of that.
        state: readable, unreadable, absent or not_read.
        detail: Why it is not readable.
        settings: Properties that were told of it, by column.
    """

    connector_id: int
    definition_id: int | None
    sha256: str | None
    state: str
    detail: str | None
    settings: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class NotCompared:
    """Why two sides could not be compared.

    Attributes:
        state: unreadable or unknown.
        reason: It in one sentence.
    """

    state: str
    reason: str

    @property
    def verdict(self) -> str:
        """The same of a new version."""
        return self.state

    @property
    def id(self) -> None:
        """No comparison is kept."""
        return


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a comparison that is kept.

    Attributes:
        id: Its number.
        verdict: The worst of its changes, or identical.
        expected: All its changes are meant to be.
    """

    id: int
    verdict: str
    expected: bool

    @property
    def state(self) -> str:
        """How a connector stands to the reference: same, expected, or the verdict."""
        if self.verdict == "identical":
            return "same"
        return "expected" if self.expected else self.verdict

    @property
    def reason(self) -> str:
        """Nothing needs a reason."""
        return ""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two sides and how they are compared."""

    before: Side
    after: Side
    profile: Profile

    @property
    def digest(self) -> str:
        """Identify what is compared, and how."""
        told: list[Any] = [RULES_VERSION, asdict(self.profile)]
        for side in self.told:
            told += [side.sha256, dict(side.settings)]
        text = json.dumps(told, sort_keys=True, ensure_ascii=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def told(self) -> tuple[Side, Side]:
        """The sides with the properties that were told of both: sources tell more or less."""
        names = self.before.settings.keys() & self.after.settings.keys()
        before, after = (
            replace(side, settings={name: side.settings[name] for name in sorted(names)})
            for side in (self.before, self.after)
        )
        return before, after


_SIDE = (
    CONNECTOR_VERSIONS.c.connector_id,
    CONNECTOR_VERSIONS.c.from_run,
    CONNECTOR_VERSIONS.c.definition_id,
    CONNECTOR_VERSIONS.c.definition_state,
    CONNECTOR_VERSIONS.c.definition_detail,
    CONNECTOR_VERSIONS.c.connection_parameters,
    CONNECTOR_VERSIONS.c.policies,
    CONNECTOR_VERSIONS.c.script_operations,
    CONNECTOR_VERSIONS.c.has_script,
    CONNECTOR_VERSIONS.c.gateway,
    CONNECTOR_VERSIONS.c.brand_color,
    DEFINITIONS.c.sha256,
)
# The platform tells as publisher who made it there, in each environment somebody else.
_SETTINGS = (*SETTINGS, "brand_color")


def sides(connection: Connection, run_id: int, ids: Sequence[int]) -> dict[int, Side]:
    """Return connectors as they were at a run, by number; one that was not there is left out."""
    found = {}
    for chunk in chunked(sorted(set(ids))):
        query = (
            select(*_SIDE)
            .outerjoin(DEFINITIONS, DEFINITIONS.c.id == CONNECTOR_VERSIONS.c.definition_id)
            .where(CONNECTOR_VERSIONS.c.connector_id.in_(chunk), holds(CONNECTOR_VERSIONS, run_id))
        )
        for row in connection.execute(query).mappings():
            found[row["connector_id"]] = _side(row)
    return found


def sides_of_versions(
    connection: Connection, pairs: Iterable[tuple[int, int]]
) -> dict[tuple[int, int], Side]:
    """Return versions of connectors by connector and the run that found them."""
    query = versions_of(pairs).with_only_columns(*_SIDE)
    joined = query.outerjoin(DEFINITIONS, DEFINITIONS.c.id == CONNECTOR_VERSIONS.c.definition_id)
    return {
        (row["connector_id"], row["from_run"]): _side(row)
        for row in connection.execute(joined).mappings()
    }


def _side(row: RowMapping) -> Side:
    told = {name: row[name] for name in _SETTINGS if row[name] is not None}
    return Side(
        row["connector_id"],
        row["definition_id"],
        row["sha256"],
        row["definition_state"],
        row["definition_detail"],
        told,
    )


def properties(side: Side) -> ConnectorProperties:
    """Return what is stored beside the definition of a connector, as comparisons take it."""
    told = side.settings
    stored = told.get("connection_parameters") or {}
    return ConnectorProperties(
        connection_parameters=stored.get("parameters") or {},
        connection_parameter_sets=stored.get("sets") or {},
        policies=tuple(one for one in told.get("policies") or () if isinstance(one, Mapping)),
        script_operations=tuple(str(name) for name in told.get("script_operations") or ()),
        script=_SCRIPT if told.get("has_script") else None,
        capabilities=("gateway",) if told.get("gateway") else (),
        brand_color=told.get("brand_color"),
    )


def known(connection: Connection, digests: Sequence[str]) -> dict[str, Outcome]:
    """Return the comparisons that are kept already, by digest."""
    table = COMPARISONS.c
    found = {}
    for chunk in chunked(sorted(set(digests))):
        query = select(
            table.id,
            table.digest,
            table.verdict,
            table.expected,
            table.breaking + table.risky + table.compatible + table.cosmetic,
        ).where(table.digest.in_(chunk))
        for number, digest, told, expected, of in connection.execute(query):
            found[digest] = Outcome(number, told, 0 < of == expected)
    return found


def api_of_side(connection: Connection, side: Side) -> Api | NotCompared:
    """Return what a stored connector describes, or why that cannot be told."""
    if side.state == "not_read":
        return NotCompared("unknown", f"its definition was not read: {side.detail or 'no reason'}")
    if side.definition_id is None:
        why = side.detail or "it has no definition"
        return NotCompared("unreadable", why)
    query = select(DEFINITIONS.c.content).where(DEFINITIONS.c.id == side.definition_id)
    content = connection.scalar(query)
    if content is None:
        return NotCompared("unreadable", side.detail or "its definition was too large to keep")
    # It was bounded when it was collected; as it is stored it may be longer.
    written = content.encode("utf-8", "replace")
    read = read_api(written, properties(side), max_bytes=len(written), max_depth=_DEEPEST)
    return NotCompared("unreadable", read.detail) if isinstance(read, Unreadable) else read


class Comparer:
    """Compares stored connectors one after the other."""

    def __init__(self) -> None:
        self._last: tuple[object, Api | NotCompared] | None = None

    def compare(self, connection: Connection, pair: Pair) -> tuple[Change, ...] | NotCompared:
        """Return what differs, or why that is not known; it never raises on what it compares."""
        before, after = pair.told
        same_text = before.sha256 is not None and before.sha256 == after.sha256
        if same_text and before.settings == after.settings:
            return ()  # also where nobody can read it
        try:
            old = self._before(connection, before)
            if isinstance(old, NotCompared):
                return NotCompared(old.state, f"what it is compared with: {old.reason}")
            new = api_of_side(connection, after)
            if isinstance(new, NotCompared):
                return new
            return diff(old, new, pair.profile)
        except Exception as error:  # noqa: BLE001 - whatever a definition does, others are compared
            told = " ".join(str(error).split())[:200]
            return NotCompared(
                "unknown", f"it could not be compared: {type(error).__name__}: {told}"
            )

    def refusal(self, connection: Connection, side: Side) -> NotCompared | None:
        """Return why a connector cannot be compared with anything; None if it can."""
        if side.state == "readable":
            return None
        try:
            read = self._before(connection, side)
        except Exception as error:  # noqa: BLE001 - whatever a definition does, others are read
            return NotCompared("unknown", f"it could not be read: {type(error).__name__}")
        return read if isinstance(read, NotCompared) else None

    def _before(self, connection: Connection, side: Side) -> Api | NotCompared:
        key = (side.sha256, side.state, json.dumps(dict(side.settings), sort_keys=True))
        if self._last is None or self._last[0] != key:
            self._last = None
            self._last = (key, api_of_side(connection, side))
        return self._last[1]


def comparison_row(pair: Pair, changes: tuple[Change, ...], run_id: int) -> dict[str, Any]:
    """Return what is kept of a comparison besides its changes."""
    return {
        "digest": pair.digest,
        "purpose": pair.profile.purpose,
        "rules_version": RULES_VERSION,
        "before_definition_id": pair.before.definition_id,
        "after_definition_id": pair.after.definition_id,
        "verdict": verdict(changes),
        **{str(severity): number for severity, number in counts(changes).items()},
        "expected": sum(change.expected is not None for change in changes),
        "cut": len(changes) > MOST_CHANGES,
        "first_run": run_id,
    }


def change_rows(changes: Sequence[Change]) -> list[dict[str, Any]]:
    """Return what is kept of the changes of a comparison, without its number."""
    return [
        {
            "ordinal": ordinal,
            "rule": change.rule,
            "severity": change.severity,
            "direction": change.direction,
            "operation_id": _text(change.place.operation_id, 1_000),
            "method": _text(change.place.method, 64),
            "path": _text(change.place.path, _LONGEST_TEXT),
            "kind": _text(change.place.kind, 64),
            "name": _text(change.place.name, 1_000),
            "status": _text(change.place.status, 64),
            "property": _text(change.place.property, 1_000),
            "before": bounded(change.before),
            "after": bounded(change.after),
            "message": _text(change.message, _LONGEST_TEXT),
            "expected": _text(change.expected, 1_000),
            "fingerprint": change.fingerprint,
        }
        for ordinal, change in enumerate(changes[:MOST_CHANGES])
    ]


def bounded(value: Any) -> str | None:
    """Return a value as JSON; of a long one its beginning, as a JSON text that says so."""
    if value is None:
        return None
    told = json.dumps(value, ensure_ascii=True, sort_keys=True, default=str)
    if len(told) <= _LONGEST_VALUE:
        return told
    return json.dumps(f"{told[: _LONGEST_VALUE // 2]} … ({len(told):,} characters)")


def _text(value: str | None, longest: int) -> str | None:
    """Return a text that every database takes, no longer than its column."""
    if value is None:
        return None
    clean = value.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
    return clean if len(clean) <= longest else f"{clean[: longest - 1]}…"
