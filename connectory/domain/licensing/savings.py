"""Licences that cost something and cover nothing, as far as custom connectors are concerned.

What else a licence may be for, such as another premium connector or Dataverse, is not known here:
a licence that is not needed for a custom connector is one to ask about, not one to take away.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from connectory.domain.licensing.needs import BY_OWNER
from connectory.domain.licensing.prices import AUTOMATE, PER_APP, PREMIUM
from connectory.domain.licensing.products import Product, Products
from connectory.domain.licensing.scenario import Flow, Numbers, Scenario

Kind = Literal["disabled", "unneeded", "doubled", "trial", "stranded"]
"""Held by a disabled account, not needed, held beside one that covers the same, about to end, or
passes of an environment that is billed by use.
"""
SOON: Final = 30
"""Days before its end that a trial is told of."""


@dataclass(frozen=True, slots=True)
class Saving:
    """A licence or passes that need not be paid for.

    Attributes:
        kind: Why.
        person: Number of who holds it; None of passes.
        environment: Number of the environment whose passes they are.
        product: Name of the product.
        quantity: How many.
        plan: Plan of the price book that says what one costs; None if none does.
        reason: In one sentence.
    """

    kind: Kind
    person: int | None
    environment: int | None
    product: str
    quantity: int
    plan: str | None
    reason: str


def savings(scenario: Scenario, known: Products) -> list[Saving]:
    """Return what need not be paid for, person by person, then environment by environment."""
    return [*_of_people(scenario, known), *_stranded(scenario)]


def _of_people(scenario: Scenario, known: Products) -> Iterator[Saving]:
    apps, flows = _concerned(scenario)
    for number, user in enumerate(scenario.people.users):
        held = [one for sku in user.skus if (one := known.of(sku)) is not None]
        paid = [one for one in held if one.paid]
        trials = [one for one in held if "trial" in (one.app, one.flow)]
        if not paid and not trials:
            continue
        for person in scenario.people.of(number).tolist():
            if not user.enabled:
                for one in paid:
                    yield _saving("disabled", person, one, "The account is disabled.")
                continue
            yield from _doubled(person, paid)
            yield from _unneeded(person, paid, apps, flows)
            days = None if user.trial_until is None else (user.trial_until - scenario.as_of).days
            if days is not None and 0 <= days <= SOON:
                for one in trials:
                    yield _saving("trial", person, one, f"It ends on {user.trial_until}.")


def _concerned(scenario: Scenario) -> tuple[frozenset[int], frozenset[int]]:
    """Return who uses an app, and whom a flow concerns, for which a licence is needed."""
    by_flow = {flow.app for flow in scenario.flows if flow.custom_connector}
    for_apps: list[Numbers] = []
    for number, app in enumerate(scenario.apps):
        home = scenario.environments[app.environment]
        if app.custom_connector or number in by_flow or home.managed:
            for_apps.append(app.users if scenario.basis == "access" else app.active)
    for_flows = [_people(flow) for flow in scenario.flows if flow.custom_connector]
    for_apps += [
        _people(flow)
        for flow in scenario.flows
        if flow.custom_connector and flow.associated_app is not None
    ]
    return _all(for_apps), _all(for_flows)


def _people(flow: Flow) -> Numbers:
    if flow.trigger not in BY_OWNER:
        return flow.invokers
    owner = [] if flow.owner is None else [flow.owner]
    return np.concatenate([np.array(owner, dtype=np.int64), flow.credential_holders])


def _all(some: list[Numbers]) -> frozenset[int]:
    return frozenset(np.concatenate(some).tolist()) if some else frozenset()


def _doubled(person: int, paid: list[Product]) -> Iterator[Saving]:
    """Yield licences beside which another one covers the same."""
    rights: defaultdict[tuple[bool, bool], list[Product]] = defaultdict(list)
    for one in paid:
        rights[one.app == "full", one.flow == "standalone"].append(one)
    for some in rights.values():
        for one in some[1:]:
            yield _saving("doubled", person, one, f"{some[0].name} covers the same.")
    for one in [*rights[True, False], *rights[False, True]] if rights[True, True] else []:
        other = rights[True, True][0].name
        yield _saving("doubled", person, one, f"{other} covers the same.")


def _unneeded(
    person: int, paid: list[Product], apps: frozenset[int], flows: frozenset[int]
) -> Iterator[Saving]:
    for one in paid:
        for_apps = one.app == "full" and person in apps
        for_flows = one.flow == "standalone" and person in flows
        if one.app not in ("full", "none") or one.flow not in ("standalone", "none"):
            continue
        if not for_apps and not for_flows:
            what = "app" if one.app == "full" else "flow"
            words = f"It is for no {what} with a custom connector"
            yield _saving("unneeded", person, one, f"{words}; ask what else it is for.")


def _stranded(scenario: Scenario) -> Iterator[Saving]:
    for number, home in enumerate(scenario.environments):
        if home.linked and home.passes:
            yield Saving(
                "stranded", None, number, "Power Apps per app", home.passes, PER_APP,
                "The environment is billed by use, which uses no passes.",
            )  # fmt: skip


def _saving(kind: Kind, person: int, one: Product, reason: str) -> Saving:
    plan = PREMIUM if one.app == "full" else AUTOMATE if one.flow == "standalone" else None
    return Saving(kind, person, None, one.name, 1, None if kind == "trial" else plan, reason)
