"""The rules by which changes are judged: what each means to a flow, an app or an agent.

How bad a change usually is follows what a caller stores: a flow keeps the connector, the
operationId and the names of parameters; a canvas app gives required parameters in their order.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from connectory.domain.drift.changes import Direction, Severity


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind of change.

    Attributes:
        id: Its name in settings, reports and the store.
        severity: What it is unless one of `cases` holds or settings say otherwise.
        direction: What is sent, what comes back, or the connector itself.
        title: What happened, in a few words.
        why: Why that matters to a flow, an app or an agent.
        cases: When it is judged otherwise: a severity, and the case.
        mirror: The rule that tells the same change backwards; its own id where it tells itself.
    """

    id: str
    severity: Severity
    direction: Direction
    title: str
    why: str
    cases: tuple[tuple[Severity, str], ...]
    mirror: str


def _rules() -> dict[str, Rule]:
    table = files("connectory.domain.drift").joinpath("rules.toml").read_text(encoding="utf-8")
    return {
        name: Rule(
            name,
            told["severity"],
            told["direction"],
            told["title"],
            told["why"],
            tuple(told.get("cases", {}).items()),
            told.get("mirror", name),
        )
        for name, told in tomllib.loads(table).items()
    }


RULES: Final[dict[str, Rule]] = _rules()
"""Every rule by its id, in the order of the documentation."""
