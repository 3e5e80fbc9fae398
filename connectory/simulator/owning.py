"""What was planted about who owns connectors and how long they were used, and what leaves it alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from connectory.simulator.dealt import Place

Use = Literal["active", "quiet", "stale", "abandoned", "never_used", "unknown"]
"""How much a connector is used: what its makers would say, whatever anybody can read of it."""


@dataclass(frozen=True, slots=True)
class PlantedOwner:
    """A connector made to be owned, and used, in one way.

    Attributes:
        case: What is shown by it, in words.
        environment: Where it is.
        name: Its runtime name.
        state: Who owns it in a word, until something happens to them.
        owners: Those with the role Owner who can act, until then.
        editors: Others who can act and may edit it.
        members: People in working order in the groups that own it; None without such a group.
        use: How much it is used.
        called_until: Last day on which its backend is called; None if it never is.
    """

    case: str
    environment: str
    name: str
    state: str
    owners: int
    editors: int
    members: int | None
    use: Use
    called_until: date | None


@dataclass(frozen=True, slots=True)
class Planned:
    """Something that is going to happen to a person or group on a day."""

    day: date
    what: Literal["leaves", "returns", "is emptied"]
    who: str


@dataclass(slots=True)
class Owning:
    """What was planted, by place; the daily life of a tenant builds nothing on it.

    Attributes:
        planted: Connectors by environment and name.
        plans: What is going to happen to those who own them.
        players: Ids of people, groups and applications that own or edit them.
        kept_until: Day up to which nothing but what is planned happens to these.
    """

    planted: dict[Place, PlantedOwner] = field(default_factory=dict)
    plans: list[Planned] = field(default_factory=list)
    players: set[str] = field(default_factory=set)
    kept_until: date = date.min

    def kept(self, today: date) -> set[str]:
        """Return to whom nothing happens by chance, since it was planned or is not the time yet."""
        planned = {one.who for one in self.plans if one.day >= today}
        return planned | (self.players if today <= self.kept_until else set())
