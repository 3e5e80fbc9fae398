"""What a connector costs: the cheapest plan with it, less the cheapest plan without it.

That is what retiring it would save. Two connectors of one app cost nothing each: without either the
other one still makes the app premium. So these amounts do not add up to the cost of the plan, and
what is left over is shared.

Only the parts of a tenant that a connector bears upon are looked at again; what is the same with
another connector gone is solved once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np

from connectory.domain.licensing.cheapest import whole
from connectory.domain.licensing.classes import classes_of
from connectory.domain.licensing.holders import Holders
from connectory.domain.licensing.links import plain_links
from connectory.domain.licensing.needs import Naming, Needs
from connectory.domain.licensing.part import Answer, Part, scale
from connectory.domain.licensing.parting import parts_of
from connectory.domain.licensing.prices import Price, Tier
from connectory.domain.licensing.program import answer
from connectory.domain.licensing.rules import DEFAULTS, OpenRules
from connectory.domain.licensing.scenario import App, Flow, Scenario


@dataclass(frozen=True, slots=True)
class Cause:
    """What one connector costs.

    Attributes:
        connector: Which, as apps and flows name it.
        monthly: What the cheapest plan would cost less without it.
        apps: Numbers of apps that use it.
        flows: Numbers of flows that use it.
        only: Numbers of people who need cover because of it alone.
    """

    connector: str
    monthly: Decimal
    apps: tuple[int, ...]
    flows: tuple[int, ...]
    only: tuple[int, ...]


def causes(
    scenario: Scenario,
    holders: Holders,
    needs: Needs,
    prices: Mapping[str, Price],
    rules: OpenRules = DEFAULTS,
    progress: Callable[[int, int], None] | None = None,
) -> list[Cause]:
    """Return what each connector costs, the dearest first.

    Args:
        scenario: The tenant.
        holders: What its people hold.
        needs: What it needs.
        prices: What plans cost.
        rules: Answers to what is open.
        progress: Told how many connectors were reckoned, of how many.

    Raises:
        Unsolved: A cheapest plan was not found or proven.
    """
    return _Causes(scenario, holders, needs, prices, rules).all(progress)


def without(scenario: Scenario, connector: str) -> Scenario:
    """Return a scenario as it would be if a connector were retired."""
    return replace(
        scenario,
        apps=tuple(_app(one, connector) for one in scenario.apps),
        flows=tuple(_flow(one, connector) for one in scenario.flows),
    )


def _app(app: App, connector: str) -> App:
    if connector not in app.connectors:
        return app
    left = tuple(one for one in app.connectors if one != connector)
    return replace(app, connectors=left, custom_connector=bool(left))


def _flow(flow: Flow, connector: str) -> Flow:
    if connector not in flow.connectors:
        return flow
    left = tuple(one for one in flow.connectors if one != connector)
    return replace(flow, connectors=left, custom_connector=bool(left))


class _Causes:
    """The parts of a tenant as it is, and what becomes of them without each connector."""

    def __init__(
        self,
        scenario: Scenario,
        holders: Holders,
        needs: Needs,
        prices: Mapping[str, Price],
        rules: OpenRules,
    ) -> None:
        self._scenario, self._holders, self._needs = scenario, holders, needs
        self._prices, self._rules = prices, rules
        self._known: dict[object, Answer] = {}
        classes = classes_of(scenario, needs, "plan")
        self._links = plain_links(scenario, classes, prices)
        self._parts = parts_of(scenario, needs, classes, self._links)
        self._part_of = np.full(len(scenario.people), -1, dtype=np.int64)
        self._part_of_flow: dict[int, int] = {}
        for number, part in enumerate(self._parts):
            for one in part.classes:
                self._part_of[one.people] = number
            for place in part.flows:
                self._part_of_flow[needs.flows[place].flow] = number
        self._cost = self._least(needs, self._parts, self._links)

    def all(self, progress: Callable[[int, int], None] | None) -> list[Cause]:
        """Return what each connector costs."""
        apps: defaultdict[str, list[int]] = defaultdict(list)
        flows: defaultdict[str, list[int]] = defaultdict(list)
        for number, app in enumerate(self._scenario.apps):
            for connector in app.connectors:
                apps[connector].append(number)
        for number, flow in enumerate(self._scenario.flows):
            for connector in flow.connectors:
                flows[connector].append(number)
        every = {**apps, **flows}
        found = []
        for one in every:
            found.append(self._cause(one, tuple(apps[one]), tuple(flows[one])))
            if progress is not None:
                progress(len(found), len(every))
        return sorted(found, key=lambda cause: (-cause.monthly, cause.connector))

    def _cause(self, connector: str, apps: tuple[int, ...], flows: tuple[int, ...]) -> Cause:
        changed = without(self._scenario, connector)
        freed = {n for n in apps if not changed.apps[n].custom_connector}
        standard = {n for n in flows if not changed.flows[n].custom_connector}
        # An app is premium as well because of a flow that it starts.
        freed |= {app for n in standard if (app := self._scenario.flows[n].app) is not None}
        if not freed and not standard:
            return Cause(connector, Decimal(0), apps, flows, ())
        naming = Naming(changed, self._holders, self._rules)
        needs = naming.without(self._needs, freed, standard)
        touched = self._touched(freed, standard)
        links = self._links_without(changed, needs, freed, standard)
        touched |= self._tied(
            {one for one in {*links, *self._links} if links.get(one) != self._links.get(one)}
        )
        parts = self._parts_without(changed, needs, links, touched)
        monthly = self._cost - self._least(needs, parts, links)
        return Cause(connector, monthly, apps, flows, self._freed(changed, needs, touched))

    def _touched(self, apps: set[int], flows: set[int]) -> set[int]:
        """Return the numbers of the parts that some apps and flows belong to."""
        number = np.array(sorted(apps), dtype=np.int64)
        people = [
            self._needs.apps.person[np.isin(self._needs.apps.app, number)],
            self._needs.use.person[np.isin(self._needs.use.app, number)],
        ]
        for need in self._needs.flows:
            if need.flow in flows:
                people.append(need.people)
                people.append(need.people if need.billed is None else need.billed)
        found = set(np.unique(self._part_of[np.concatenate(people)]).tolist())
        found |= {self._part_of_flow[flow] for flow in flows if flow in self._part_of_flow}
        return found - {-1}

    def _links_without(
        self, changed: Scenario, needs: Needs, apps: set[int], flows: set[int]
    ) -> dict[int, bool]:
        """Return of which environments it is plain now: it may be other ones where assets changed."""
        serving = {self._scenario.flows[one].associated_app for one in flows} - {None}
        homes = {self._scenario.apps[one].environment for one in apps | serving if one is not None}
        mine = np.array([app.environment in homes for app in self._scenario.apps], dtype=np.bool_)
        only = np.zeros(len(self._scenario.people), dtype=np.bool_)
        if len(mine):
            only[needs.apps.person[mine[needs.apps.app]]] = True
            only[needs.use.person[mine[needs.use.app]]] = True
        for need in needs.flows:
            if need.app is not None and mine[need.app]:
                only[need.people if need.billed is None else need.billed] = True
        told = plain_links(changed, classes_of(changed, needs, "plan", only), self._prices)
        left = {number: on for number, on in self._links.items() if number not in homes}
        return left | {number: on for number, on in told.items() if number in homes}

    def _tied(self, environments: set[int]) -> set[int]:
        """Return the numbers of the parts with people who need something in some environments."""
        return {
            number
            for number, part in enumerate(self._parts)
            if environments
            and any(
                place.environment in environments for one in part.classes for place in one.places
            )
        }

    def _parts_without(
        self, changed: Scenario, needs: Needs, links: Mapping[int, bool], touched: set[int]
    ) -> list[Part]:
        """Return the parts of a tenant, those that were touched parted anew."""
        only = np.isin(self._part_of, sorted(touched))
        flows = {flow for flow, part in self._part_of_flow.items() if part in touched}
        classes = classes_of(changed, needs, "plan", only)
        anew = parts_of(changed, needs, classes, links, flows)
        places = {need.flow: place for place, need in enumerate(needs.flows)}
        kept = [
            self._moved(part, places)
            for number, part in enumerate(self._parts)
            if number not in touched
        ]
        return [*kept, *anew]

    def _moved(self, part: Part, places: Mapping[int, int]) -> Part:
        """Return a part whose flows stand at other places among the needs."""
        if not part.flows:
            return part

        def moved(place: int) -> int:
            return places[self._needs.flows[place].flow]

        return Part(
            tuple(
                replace(
                    one,
                    flows=tuple(moved(place) for place in one.flows),
                    associated=tuple((moved(place), app) for place, app in one.associated),
                )
                for one in part.classes
            ),
            tuple(moved(place) for place in part.flows),
        )

    def _least(self, needs: Needs, parts: Sequence[Part], links: Mapping[int, bool]) -> Decimal:
        """Return what the cheapest plan over some parts costs."""

        def solve(part: Part, tiers: Sequence[Tier], cost_alone: bool) -> Answer:  # noqa: FBT001
            del cost_alone  # what costs least is enough here
            key = _print(needs, part), tuple(tiers), _told(part, links)
            if key not in self._known:
                self._known[key] = answer(
                    self._scenario, needs, part, self._prices, tiers, links, cost_alone=True
                )
            return self._known[key]

        found = [one.best[0] for one in whole(parts, self._prices, solve)]
        return Decimal(int(min(found, default=0))) / scale(self._prices)

    def _freed(self, changed: Scenario, needs: Needs, touched: set[int]) -> tuple[int, ...]:
        """Return who needed something and needs nothing any more."""
        only = np.isin(self._part_of, sorted(touched))
        before = classes_of(self._scenario, self._needs, "now", only)
        after = classes_of(changed, needs, "now", only)
        left = {person for one in after for person in one.people.tolist()}
        return tuple(sorted(p for one in before for p in one.people.tolist() if p not in left))


def _told(part: Part, links: Mapping[int, bool]) -> object:
    """Return what is plain of the environments of a part."""
    homes = {place.environment for one in part.classes for place in one.places}
    return tuple((number, links[number]) for number in sorted(homes) if number in links)


def _print(needs: Needs, part: Part) -> object:
    """Return what tells a part from others that cost something else."""
    flow_of = [need.flow for need in needs.flows]
    return (
        tuple(
            (
                one.size,
                one.places,
                tuple(flow_of[place] for place in one.flows),
                tuple((flow_of[place], app) for place, app in one.associated),
            )
            for one in part.classes
        ),
        tuple(flow_of[place] for place in part.flows),
    )
