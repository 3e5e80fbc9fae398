"""Settings of staleness: after how many days without use, by type of environment."""

from __future__ import annotations

from typing import Final

from pydantic import BaseModel, ConfigDict, field_validator

from connectory.domain.staleness import Profile

ANY: Final = "*"
_USUAL: Final = (
    ("Production", (30, 90, 180)),
    ("Default", (30, 90, 180)),
    ("Sandbox", (30, 60, 120)),
    ("Developer", (30, 60, 120)),
    ("Trial", (14, 30, 60)),
    (ANY, (30, 90, 180)),
)
_LONGEST: Final = 64
Days = tuple[int, int, int]


class StalenessSettings(BaseModel):
    """Days without use from which connectors are quiet, stale, and silent for good."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    days: tuple[tuple[str, Days], ...] = _USUAL

    @field_validator("days", mode="before")
    @classmethod
    def _pairs(cls, value: object) -> object:
        """Take a table, and keep what can be a key of what is reckoned with it."""
        return tuple(value.items()) if isinstance(value, dict) else value

    @field_validator("days")
    @classmethod
    def _rising(cls, value: tuple[tuple[str, Days], ...]) -> tuple[tuple[str, Days], ...]:
        seen: set[str] = set()
        for kind, days in value:
            if not kind.strip() or len(kind) > _LONGEST:
                raise ValueError(f"{kind!r} is no type of environment; write e.g. Production")
            if kind.casefold() in seen:
                raise ValueError(f"{kind!r} stands twice")
            seen.add(kind.casefold())
            try:
                Profile(kind, *days)
            except ValueError as error:
                raise ValueError(f"{kind}: {error}") from error
        return value

    def profile(self, kind: str | None) -> Profile:
        """Return the thresholds of a type of environment; of every other one where it has none.

        Args:
            kind: Type as the platform names it; None where it does not.
        """
        named = {name.casefold(): (name, days) for name, days in self.days}
        usual = {name.casefold(): (name, days) for name, days in _USUAL}
        wanted = (kind or ANY).casefold()
        name, days = named.get(wanted) or named.get(ANY) or usual.get(wanted) or usual[ANY]
        return Profile(name, *days)
