"""Ids by which a scenario's parts can be told apart, whatever a tenant calls them.

What is told apart by its own id keeps it. An id that is there twice, is empty, or would be read as
something else gets a mark.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Final

from connectory.domain.licensing.scenario import Scenario

PRINCIPAL: Final = "sp:"
"""Begins the name of an owner who is a service principal."""
_UNNAMED: Final = "unnamed"
_MARK: Final = "~"


class Ids:
    """The ids of a scenario, each there once among its kind.

    Args:
        scenario: The tenant.
    """

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario

    @cached_property
    def environments(self) -> tuple[str, ...]:
        """Of environments, in their order."""
        return told_apart(one.id for one in self._scenario.environments)

    @cached_property
    def apps(self) -> tuple[str, ...]:
        """Of apps."""
        return told_apart(one.id for one in self._scenario.apps)

    @cached_property
    def flows(self) -> tuple[str, ...]:
        """Of flows."""
        return told_apart(one.id for one in self._scenario.flows)

    @cached_property
    def agents(self) -> tuple[str, ...]:
        """Of agents."""
        return told_apart(one.id for one in self._scenario.agents)

    @cached_property
    def people(self) -> tuple[str, ...]:
        """Of everybody; none of them reads as a service principal."""
        names = (name for name, _ in self._scenario.people.numbered())
        return told_apart(_MARK + name if name.startswith(PRINCIPAL) else name for name in names)


def told_apart(names: Iterable[str]) -> tuple[str, ...]:
    """Return names, those that are there already or are no text with a mark."""
    given = [plain(name) or _UNNAMED for name in names]
    taken, found = set(given), []
    seen: dict[str, int] = {}
    for name in given:
        place = seen[name] = seen.get(name, 0) + 1
        own = name
        while place > 1 and (own == name or own in taken):
            own = f"{name}{_MARK}{place}"
            place += 1
        if own != name:
            seen[name] = place - 1
            taken.add(own)
        found.append(own)
    return tuple(found)


def plain(name: str) -> str:
    """Return a name that a file can hold."""
    return name.encode("utf-8", "replace").decode("utf-8")
