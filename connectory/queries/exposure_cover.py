"""Who holds no licence for what they need, what covers them now and by the plan, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from connectory.domain.licensing.estimate import by_managed
from connectory.domain.licensing.needs import CUSTOM_FLOW, MANAGED
from connectory.domain.licensing.products import Products, products
from connectory.domain.licensing.rules import DEFAULTS, OpenRules
from connectory.domain.licensing.scenario import App, Flow
from connectory.domain.licensing.showback import Given, given
from connectory.domain.licensing.verdicts import Verdict, uncovered
from connectory.queries.exposure import Exposure, some
from connectory.queries.frames import Schema, frame

_PEOPLE: Schema = {
    "person_id": "text",
    "person": "text",
    "department": "text",
    "in_need": "flag",
    "rules": "list",
    "apps": "text",
    "flows": "text",
    "connectors": "text",
    "environments": "text",
    "now": "text",
    "gets": "text",
}
_FLOWS: Schema = {
    "flow_id": "text",
    "flow": "text",
    "environment": "text",
    "connectors": "text",
    "runs": "number",
    "gets": "text",
}
_NOW = {
    "app meter": "App meter",
    "run meter": "Run meter",
    "pass": "Pass that is held",
    "process": "Process licence that is held",
}


@dataclass(slots=True)
class _Why:
    """What is known of one person: by asset, what covers it now, and if the managed rule asks."""

    needed: list[Verdict] = field(default_factory=list)
    covered: list[Verdict] = field(default_factory=list)
    managed: bool = False

    def rules(self, *, needed: bool) -> list[str]:
        """Return the rules that ask for what is in need, or for what is covered."""
        found = [one.rule for one in (self.needed if needed else self.covered)]
        return list(dict.fromkeys([*found, *([MANAGED] if needed and self.managed else [])]))

    def of(self, asset: str, *, needed: bool) -> list[int]:
        """Return the numbers of apps or flows, of those in need or of all."""
        told = self.needed if needed else [*self.needed, *self.covered]
        return sorted({one.number for one in told if one.asset == asset})


def people_covered(told: Exposure, rules: OpenRules = DEFAULTS) -> pd.DataFrame:
    """Return everybody who holds no licence for what they need; who is in need first.

    in_need: nothing covers them now. rules, apps, flows, connectors and environments are those of
    the need where there is one, else of what is covered. now: what covers them now, or why nothing
    does. gets: what of the cheapest plan covers them.

    Args:
        told: The estimate.
        rules: Answers to what is open, as it was made with.
    """
    why: defaultdict[int, _Why] = defaultdict(_Why)
    for verdict in uncovered(told.estimate, rules):
        if verdict.person is not None:
            one = why[verdict.person]
            (one.needed if verdict.state == "need" else one.covered).append(verdict)
    got = {one.person: one for one in given(told.estimate.plan.classes, told.estimate.plan.shares)}
    lacking, known = set(told.estimate.need.people), products()
    # Each rule is asked by itself: one app may be needed by both.
    for person in np.flatnonzero(by_managed(told.tenant.scenario, told.needs)).tolist():
        why[person].managed = True
    rows = [
        _row(told, person, why[person], got.get(person), known, in_need=person in lacking)
        for person in sorted({*got, *lacking, *why})
    ]
    rows.sort(key=lambda row: (not row[3], str(row[1]).casefold(), row[0]))
    return frame(rows, _PEOPLE)


def _row(
    told: Exposure, person: int, why: _Why, got: Given | None, known: Products, *, in_need: bool
) -> tuple[object, ...]:
    scenario, names = told.tenant.scenario, told.tenant
    apps, flows = why.of("app", needed=in_need), why.of("flow", needed=in_need)
    assets: list[App | Flow] = [scenario.apps[n] for n in apps]
    assets += [scenario.flows[n] for n in flows]
    connectors = {name for asset in assets for name in asset.connectors}
    name, department = names.people[person]
    return (
        scenario.people.name(person),
        name,
        department,
        in_need,
        why.rules(needed=in_need),
        some(names.apps[n] for n in apps),
        some(names.flows[n] for n in flows),
        some(sorted({names.connectors.get(one, one) for one in connectors})),
        some(names.environments[n] for n in sorted({one.environment for one in assets})),
        _lacks(told, person, why, known) if in_need else ", ".join(_now(why)),
        ", ".join(_gets(told, got, why)) or "Nothing more",
    )


def _now(why: _Why) -> Iterator[str]:
    yield from dict.fromkeys(_NOW.get(one.state, one.state) for one in why.covered)


def _lacks(told: Exposure, person: int, why: _Why, known: Products) -> str:
    """Return why nothing covers somebody."""
    scenario = told.tenant.scenario
    user = scenario.people.users[int(scenario.people.user_of[person])]
    held = [product.name if (product := known.of(sku)) else sku for sku in user.skus]
    if not held:
        said = "Holds no licence"
    elif _switched_off(told, why, known, user.skus):
        said = f"Service plan switched off: {some(held)}"
    else:
        said = f"Holds only {some(held)}"
    homes = {scenario.apps[n].environment for n in why.of("app", needed=True)}
    short = [n for n in sorted(homes) if scenario.environments[n].passes]
    if short:
        said += f"; no pass is left for them in {some(told.tenant.environments[n] for n in short)}"
    return said


def _switched_off(told: Exposure, why: _Why, known: Products, skus: tuple[str, ...]) -> bool:
    """Tell whether what is held would cover somebody if no service plan were switched off."""
    rights = known.rights(skus, (), told.tenant.scenario.as_of)
    flows = any(one.rule == CUSTOM_FLOW for one in why.needed)
    return bool(rights.flow if flows else rights.app)


def _gets(told: Exposure, got: Given | None, why: _Why) -> Iterator[str]:
    """Yield what of the plan covers somebody, in the words of the price book."""
    if got is None:
        return
    scenario, plan = told.tenant.scenario, told.estimate.plan
    if got.premium:
        yield "Power Apps Premium"
    if got.automate:
        yield "Power Automate Premium"
    if not got.premium:
        homes = {scenario.apps[number].environment for number in why.of("app", needed=False)}
        metered = {n for n in homes if scenario.environments[n].metered or n in plan.linked}
        if metered:
            yield "App meter"
        if homes - metered and not got.automate:
            yield "Per-app passes"
    if got.flows and not got.automate:
        processed = all(told.needs.flows[n].flow in plan.processed for n in got.flows)
        yield "Power Automate Process" if processed else "The flow's app or meter"


def flows_in_need(told: Exposure) -> pd.DataFrame:
    """Return the flows that no person can cover and nothing covers now."""
    scenario, names, plan = told.tenant.scenario, told.tenant, told.estimate.plan
    rows = []
    for number in told.estimate.need.flows:
        flow = scenario.flows[number]
        rows.append(
            (
                flow.id,
                names.flows[number],
                names.environments[flow.environment],
                some(names.connectors.get(one, one) for one in flow.connectors),
                flow.runs,
                "Power Automate Process" if number in plan.processed else "Run meter",
            )
        )
    return frame(rows, _FLOWS)


def by_rule(people: pd.DataFrame) -> dict[str, int]:
    """Return of how many people of `people_covered` each rule asks cover; of one several may."""
    found: defaultdict[str, int] = defaultdict(int)
    for rules in people["rules"]:
        for rule in rules:
            found[rule] += 1
    return dict(found)
