"""A scenario on which changes are tried, one after the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from connectory.domain.licensing.changes import MOST, Refused
from connectory.domain.licensing.ids import PRINCIPAL, Ids
from connectory.domain.licensing.prices import Price
from connectory.domain.licensing.rules import OpenRules
from connectory.domain.licensing.scenario import App, Environment, Flow, People, Scenario, User

Called = Callable[[str, str], str]
"""Returns what people call something, by its noun and its id."""
One = TypeVar("One")


def by_id(noun: str, name: str) -> str:
    """Call something by its id."""
    del noun
    return name


class Draft:
    """A scenario on its way.

    Args:
        scenario: As it is.
        prices: What plans cost.
        rules: Answers to what is open.
        connectors: Connectors of the tenant, beside those that apps and flows use.
        called: What people call what is in it.

    Attributes:
        scenario: As it is after the changes so far.
        bought: How much they bought of which plan, by the environment it is for.
    """

    def __init__(
        self,
        scenario: Scenario,
        prices: Mapping[str, Price],
        rules: OpenRules,
        connectors: Collection[str] = (),
        called: Called = by_id,
    ) -> None:
        self.scenario, self.prices, self.rules = scenario, prices, rules
        self.bought: Counter[tuple[str, str | None]] = Counter()
        self.called = called
        self._known = frozenset(connectors) | self._used()
        self._ids = Ids(scenario)
        self._environments = _places(self._ids.environments)
        self._apps, self._flows = _places(self._ids.apps), _places(self._ids.flows)
        self._people: tuple[People, dict[str, int]] | None = None

    # --- finding what a change names

    def environment(self, name: str) -> int:
        """Return the number of an environment."""
        return _found("environment", name, self._environments)

    def app(self, name: str) -> int:
        """Return the number of an app."""
        return _found("app", name, self._apps)

    def flow(self, name: str) -> int:
        """Return the number of a flow."""
        return _found("flow", name, self._flows)

    def person(self, name: str) -> int:
        """Return the number of a person."""
        people = self.scenario.people
        if self._people is None or self._people[0] is not people:
            self._people = people, _places(Ids(self.scenario).people)
        return _found("person", name, self._people[1])

    def enabled(self, name: str, why: str) -> int:
        """Return the number of a person who can sign in; say why another one is refused."""
        number = self.person(name)
        if not self.user(number).enabled:
            raise Refused(f"the account of {self.called('person', name)} is disabled{why}")
        return number

    def user(self, person: int) -> User:
        """Return what is told of a person."""
        people = self.scenario.people
        return people.users[int(people.user_of[person])]

    def used(self, connector: str) -> str:
        """Return what a connector is called that some app or flow uses."""
        told = self.called("connector", connector)
        if connector not in self._used():
            raise Refused(f"no app and no flow uses {told}: there is nothing to change")
        return told

    def known(self, connector: str) -> bool:
        """Tell whether the tenant has a connector."""
        return connector in self._known

    def app_called(self, number: int) -> str:
        """Return what an app is called."""
        return self.called("app", self._ids.apps[number])

    def flow_called(self, number: int) -> str:
        """Return what a flow is called."""
        return self.called("flow", self._ids.flows[number])

    def _used(self) -> frozenset[str]:
        return frozenset(name for one in assets(self.scenario) for name in one.connectors)

    # --- changing it

    def put_environment(self, number: int, anew: Environment) -> None:
        """Put an environment in the place of another."""
        told = _changed(self.scenario.environments, {number: anew})
        self.scenario = replace(self.scenario, environments=told)

    def put_apps(self, anew: Mapping[int, App]) -> None:
        """Put apps in the place of others."""
        self.scenario = replace(self.scenario, apps=_changed(self.scenario.apps, anew))

    def put_flows(self, anew: Mapping[int, Flow]) -> None:
        """Put flows in the place of others."""
        self.scenario = replace(self.scenario, flows=_changed(self.scenario.flows, anew))

    def buy(self, plan: str, quantity: int, environment: int | None = None) -> None:
        """Spend money on units of a plan.

        Raises:
            Refused: It cannot be bought, or not so much of it.
        """
        price = self.prices[plan]
        if not price.purchasable:
            raise Refused(f"{price.plan.name} cannot be bought the way this tenant buys licences")
        in_bounds(quantity, f"units of {price.plan.name}")
        home = None if environment is None else self.scenario.environments[environment].id
        self.bought[plan, home] += quantity


def assets(scenario: Scenario) -> tuple[App | Flow, ...]:
    """Return every app and every flow."""
    return (*scenario.apps, *scenario.flows)


def in_bounds(number: int, what: str) -> None:
    """Refuse a number that is none of people or units."""
    if not 1 <= number <= MOST:
        raise Refused(f"the number of {what} is to be from 1 to {MOST:,}, not {number:,}")


def principal_of(flow: Flow) -> str | None:
    """Return the service principal that owns a flow, as changes name it."""
    name = flow.service_principal
    return name if name is None or name.startswith(PRINCIPAL) else PRINCIPAL + name


def free_name(name: str, taken: Collection[str]) -> str:
    """Return a name that none has, nor begins with."""
    while any(one == name or one.startswith(f"{name}-") for one in taken):
        name += "~"
    return name


def people_told(number: int) -> str:
    """Return a number of people in words."""
    return "1 person" if number == 1 else f"{number:,} people"


def listed(names: Sequence[str]) -> str:
    """Return names in a row, the first of them if they are many."""
    most = 3
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _found(noun: str, name: str, known: Mapping[str, int]) -> int:
    if name not in known:
        raise Refused(f"there is no {noun} {name!r}")
    return known[name]


def _places(names: Sequence[str]) -> dict[str, int]:
    return {name: number for number, name in enumerate(names)}


def _changed(some: Sequence[One], anew: Mapping[int, One]) -> tuple[One, ...]:
    return tuple(anew.get(number, one) for number, one in enumerate(some))
