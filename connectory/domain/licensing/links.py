"""Environments of which it is plain whether to switch on the app meter, whatever else is decided.

That keeps people apart who have nothing to do with each other but an environment, and so leaves
small questions to the solver. Where it is not plain nothing is said.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

import numpy as np

from connectory.domain.licensing.classes import Class, Place, covered_by_meter, places_in
from connectory.domain.licensing.needs import Needs
from connectory.domain.licensing.prices import APP_METER, PER_APP, Price
from connectory.domain.licensing.scenario import LINKABLE, Environment, Scenario


def plain_links(
    scenario: Scenario, classes: Sequence[Class], prices: Mapping[str, Price]
) -> dict[int, bool]:
    """Return the environments of which it is plain, and whether their meter is to be on.

    Off: passes can be bought there, and cost nobody more than the meter does. On: there are no
    passes, and whoever the meter would bill needs a licence there anyway, which it can only spare.
    """
    places: defaultdict[int, list[Place]] = defaultdict(list)
    serving: set[int] = set()
    for one in classes:
        for place in one.places:
            places[place.environment].append(place)
        serving |= {scenario.apps[app].environment for _, app in one.associated}
    return _told(scenario, range(len(scenario.environments)), places, serving, prices)


def plain_links_in(
    scenario: Scenario, needs: Needs, homes: Collection[int], prices: Mapping[str, Price]
) -> dict[int, bool]:
    """Return those of some environments, from what is needed there."""
    places: defaultdict[int, list[Place]] = defaultdict(list)
    for place in places_in(scenario, needs, homes):
        places[place.environment].append(place)
    return _told(scenario, homes, places, _serving(scenario, needs, homes), prices)


def _serving(scenario: Scenario, needs: Needs, homes: Collection[int]) -> set[int]:
    """Return the environments with an app that covers a flow for those who do not need the app."""
    found = set()
    for need in needs.flows:
        if need.app is None:
            continue
        app = scenario.apps[need.app]
        if app.environment in homes and not covered_by_meter(scenario, need):
            people = need.people if need.billed is None else need.billed
            users = needs.apps.person[needs.apps.app == need.app]
            if len(people) and (app.opted_out or not np.isin(people, users).all()):
                found.add(app.environment)
    return found


def _told(
    scenario: Scenario,
    homes: Iterable[int],
    places: Mapping[int, Sequence[Place]],
    serving: Collection[int],
    prices: Mapping[str, Price],
) -> dict[int, bool]:
    found = {}
    for number in homes:
        home = scenario.environments[number]
        if home.metered or home.type not in LINKABLE:
            continue
        told = _plain(home, places.get(number, ()), prices, serves=number in serving)
        if told is not None:
            found[number] = told
    return found


def _plain(
    home: Environment, places: Sequence[Place], prices: Mapping[str, Price], *, serves: bool
) -> bool | None:
    a_pass, a_unit = prices[PER_APP].price, prices[APP_METER].price
    if prices[PER_APP].purchasable and not home.linked:
        dear = all(
            units * a_unit >= passes * a_pass
            for place in places
            for passes, units in _either(place)
        )
        return False if dear and not serves else None
    if home.passes and not home.linked:
        return None
    spares = all(place.custom or place.custom_alone or not place.billed for place in places)
    needs = all(_needed(place) or not (place.billed or place.billed_less) for place in places)
    return True if spares and needs else None


def _either(place: Place) -> Iterator[tuple[Decimal, Decimal]]:
    """Yield passes and units of the meter, without and with Power Automate Premium."""
    yield (
        Decimal(place.custom + place.managed),
        Decimal(place.billed + place.billed_less),
    )
    yield Decimal(place.custom), Decimal(place.billed)


def _needed(place: Place) -> int:
    return place.custom + place.managed + place.custom_alone + place.managed_alone
