"""The rules of linting: what each asks for, why, and what to do where it is not so."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from connectory.domain.linting.findings import Severity


@dataclass(frozen=True, slots=True)
class Rule:
    """Something a definition should be.

    Attributes:
        id: Its name; the one Microsoft's Swagger Validator gives it where that knows the rule.
        group: What it is about, a heading of the documentation.
        severity: error, or warning for what many published connectors do.
        why: What is lost where it is not so.
        remedy: What to do.
    """

    id: str
    group: str
    severity: Severity
    why: str
    remedy: str


def _rules() -> dict[str, Rule]:
    table = files("connectory.domain.linting").joinpath("rules.toml").read_text(encoding="utf-8")
    return {
        name: Rule(name, group, told["severity"], told["why"], told["remedy"])
        for group, members in tomllib.loads(table).items()
        for name, told in members.items()
    }


RULES: Final[dict[str, Rule]] = _rules()
"""Every rule by its id, in the order of the documentation."""
