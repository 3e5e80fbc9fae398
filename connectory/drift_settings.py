"""Settings of drift: how changes are judged, what belongs together, what is meant to differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, Final, Literal, get_args

from pydantic import BaseModel, ConfigDict, field_validator

from connectory.domain.drift.changes import Severity
from connectory.domain.drift.profiles import ENVIRONMENTS, HISTORY, Expected, Fact, Profile
from connectory.domain.drift.rules import RULES
from connectory.domain.families import FamilyRules
from connectory.upstream_settings import UpstreamSettings

ANY: Final = "*"
_FACTS: Final[tuple[str, ...]] = get_args(Fact)


class DriftSettings(BaseModel):
    """How changes are judged, which connectors belong together, and what is meant to differ."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    severity: tuple[tuple[str, Severity | Literal["off"]], ...] = ()
    reference: tuple[str, ...] = ()
    families: tuple[tuple[str, tuple[str, ...]], ...] = ()
    alone: tuple[str, ...] = ()
    expected: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()
    chains: tuple[tuple[str, ...], ...] = ()
    upstream: UpstreamSettings = UpstreamSettings()

    @field_validator("severity", "families", mode="before")
    @classmethod
    def _pairs(cls, value: object) -> object:
        """Take a table, and keep what can be a key of what is reckoned with it."""
        return tuple(value.items()) if isinstance(value, dict) else value

    @field_validator("expected", mode="before")
    @classmethod
    def _pairs_of_pairs(cls, value: object) -> object:
        if not isinstance(value, dict):
            return value
        return tuple(
            (name, tuple(facts.items()) if isinstance(facts, dict) else facts)
            for name, facts in value.items()
        )

    @field_validator("severity")
    @classmethod
    def _rules(cls, value: tuple[tuple[str, Any], ...]) -> tuple[tuple[str, Any], ...]:
        for name, _ in value:
            if name not in RULES:
                raise ValueError(f"no rule is called {name!r}; {_near(name, RULES)}")
        return value

    @field_validator("reference", "alone")
    @classmethod
    def _names(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if any(not name.strip() for name in value):
            raise ValueError("a name is missing between the commas")
        return value

    @field_validator("alone")
    @classmethod
    def _placed(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        _refuse_unplaced(value)
        return value

    @field_validator("families")
    @classmethod
    def _members(
        cls, value: tuple[tuple[str, tuple[str, ...]], ...]
    ) -> tuple[tuple[str, tuple[str, ...]], ...]:
        named: dict[str, str] = {}
        for family, members in value:
            _refuse_unplaced(members)
            if len({member.casefold() for member in members}) < 2:  # noqa: PLR2004 - a family
                raise ValueError(f"{family!r} names fewer than two connectors; see drift.alone")
            for member in members:
                first = named.setdefault(member.casefold(), family)
                if first != family:
                    raise ValueError(f"{member!r} stands in two families: {first} and {family}")
        return value

    @field_validator("expected")
    @classmethod
    def _facts(
        cls, value: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    ) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
        for _, facts in value:
            for fact, _ in facts:
                if fact not in _FACTS:
                    raise ValueError(f"nothing is known as {fact!r}; {_near(fact, _FACTS)}")
        return value

    @field_validator("chains")
    @classmethod
    def _once(cls, value: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], ...]:
        seen: set[str] = set()
        for name in (name.casefold() for chain in value for name in chain):
            if name in seen:
                raise ValueError(f"{name!r} stands in two chains, or twice in one")
            seen.add(name)
        return value

    def rules(self) -> FamilyRules:
        """Return what the settings say of what belongs together, as the domain takes it."""
        return FamilyRules(self.reference, self.families, self.alone, self.chains)

    def history(self) -> Profile:
        """Return how a connector is compared with its own past."""
        return Profile(HISTORY.purpose, self.severity)

    def profile(self, member: Iterable[str]) -> Profile:
        """Return how a connector is compared with that of the reference environment.

        What an environment declares takes the place of what usually differs, fact by fact; facts
        declared for `"*"` hold where the environment itself says nothing of them.

        Args:
            member: Names and id of the environment that is compared with the reference.
        """
        names = {name.casefold() for name in member if name}
        told: dict[str, str] = {str(one.fact): ANY for one in ENVIRONMENTS.expected}
        by_name: Mapping[str, Any] = {name.casefold(): facts for name, facts in self.expected}
        for name in (ANY, *sorted(names)):
            told |= dict(by_name.get(name, ()))
        expected = tuple(
            Expected(fact, None if told[fact] == ANY else told[fact])
            for fact in get_args(Fact)
            if told.get(fact)
        )
        return Profile(ENVIRONMENTS.purpose, self.severity, expected)


def _near(name: str, known: Iterable[str]) -> str:
    """Return what may have been meant, else where to read what there is."""
    close = get_close_matches(name, list(known), n=3)
    return f"did you mean {' or '.join(close)}?" if close else "docs/drift.md has all of them"


def _refuse_unplaced(members: Iterable[str]) -> None:
    for member in members:
        place, _, name = member.partition("/")
        if not place.strip() or not name.strip():
            raise ValueError(f"{member!r} is no connector; write environment/connector")
