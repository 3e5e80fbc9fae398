"""How definitions change from day to day: by whose hand, whom it hits, and what no log tells."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from connectory.simulator.audit import doer
from connectory.simulator.drift_cases import BROKEN, UNSEEN, changed, used_operations
from connectory.simulator.drift_edits import extras_of, ground_of, upload
from connectory.simulator.drift_facts import DriftStory
from connectory.simulator.happenings import Day
from connectory.simulator.mutations import drifted
from connectory.simulator.openapi import roundtrips
from connectory.simulator.randomness import stream
from connectory.simulator.state import Connector

_TIMES: Final = 3
"""How often each story is told, on as many weeks from the first."""
_KINDS: Final = ("rename-operation", "remove-operation")


def drift_definition(day: Day) -> None:
    """An author uploads the next version of a definition, on some days one that is a story."""
    told = _TOLD.get(day.tenant.now.weekday())
    if told is not None and day.tenant.drifting.stories and told(day):
        return
    candidates = day.connectors()
    # What stories tell of the environments stays as they tell it.
    kept = {story.family for story in day.tenant.drifting.stories}
    for connector in day.rng.sample(candidates, len(candidates)):
        definition, family = connector.definition, connector.family
        if definition is None or not definition.operations or connector.planted is None:
            continue
        if family in kept or not roundtrips(definition.content):
            continue
        numbers = stream(day.tenant.seed, "drifted", family, day.tenant.now, len(connector.edits))
        taken = ground_of(day.tenant, family)
        mutated = drifted(definition.content, numbers, extras=extras_of(connector), taken=taken)
        if mutated.facts:
            upload(day.tenant, connector, mutated, day.moment(), doer(day.tenant, connector))
            return


def publish(day: Day) -> None:
    """APIs that were to change say something else from now on."""
    for backend in day.tenant.drifting.backends:
        if backend.coming is not None:
            backend.published, backend.coming = backend.coming, None
            backend.changed = day.tenant.now


def _times(day: Day, story: str) -> int:
    return sum(one.story == story for one in day.tenant.drifting.stories)


def _used(day: Day) -> Iterator[tuple[Connector, frozenset[str]]]:
    """Yield connectors that flows of theirs use, those of production first, outside every story."""
    spent = {story.family for story in day.tenant.drifting.stories}
    homes = day.tenant.environments
    free = [one for one in day.connectors() if one.family not in spent]
    for one in sorted(free, key=lambda one: homes[one.environment].sku != "Production"):
        used = used_operations(day.tenant, one)
        if used:
            yield one, used


def _tell(day: Day, story: str, connector: Connector) -> None:
    told = DriftStory(story, str(connector.family), connector.environment, connector.name)
    day.tenant.drifting.stories.append(told)


def break_own_flows(day: Day) -> bool:
    """The owner of a connector renames or removes what its flows call; the log tells who."""
    times = _times(day, BROKEN)
    if times == _TIMES:
        return False
    for connector, used in _used(day):
        mutated = changed(day.tenant, connector, [_KINDS[times % len(_KINDS)]], only=used)
        if mutated is not None:
            actor = _maker(day, connector)
            upload(day.tenant, connector, mutated, day.moment(), actor, story=BROKEN)
            _tell(day, BROKEN, connector)
            return True
    return False


def _maker(day: Day, connector: Connector) -> str:
    """Return who edits a connector: its owner if that is a person who works, else a maker."""
    people = day.tenant.people
    owners = [people.get(str(one.principal_id)) for one in connector.permissions if one.role == "Owner"]  # fmt: skip
    working = [one.id for one in owners if one is not None and one.enabled and not one.deleted]
    makers = [one.id for one in day.cast.makers if one.enabled and one.deleted is None]
    return (working or makers)[0]


def edit_unseen(day: Day) -> bool:
    """Somebody changes a connector, and neither the log nor the platform tells who."""
    if _times(day, UNSEEN) == _TIMES:
        return False
    for connector, used in _used(day):
        mutated = changed(day.tenant, connector, ["require-parameter"], only=used)
        if mutated is not None:
            upload(day.tenant, connector, mutated, day.moment(), None, story=UNSEEN)
            _tell(day, UNSEEN, connector)
            return True
    return False


_TOLD: Final[dict[int, Callable[[Day], bool]]] = {0: edit_unseen, 3: break_own_flows}
"""By weekday: what is told on Mondays and on Thursdays."""
