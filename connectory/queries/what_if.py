"""What changes would cost a tenant that was read, and the rows of each figure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import pandas as pd

from connectory.domain.licensing.changes import Change
from connectory.domain.licensing.classes import covered_by_meter
from connectory.domain.licensing.estimate import Estimate
from connectory.domain.licensing.needing import Needing
from connectory.domain.licensing.needs import CUSTOM_APP, CUSTOM_FLOW, MANAGED
from connectory.domain.licensing.plan import Line
from connectory.domain.licensing.prices import PREMIUM
from connectory.domain.licensing.what_if import WhatIf, what_if
from connectory.licensing_settings import LicensingSettings
from connectory.queries.exposure import Exposure
from connectory.queries.frames import Schema, frame
from connectory.queries.what_if_names import Names

BOUGHT, BY_PLAN, TOGETHER = "bought", "plan", "together"
BEGINS, CEASES = "begins", "ceases"
NOTHING = Decimal(0)
_LINES: Schema = {
    "plan": "text",
    "environment": "text",
    "part": "text",
    "quantity_now": "count",
    "quantity_then": "count",
    "monthly_now": "money",
    "monthly_then": "money",
    "difference": "money",
}
_PEOPLE: Schema = {
    "person": "text",
    "department": "text",
    "change": "text",
    "rules": "text",
    "still": "text",
    "apps": "text",
    "flows": "text",
    "connectors": "text",
}
_RULES: Schema = {"rule": "text", "now": "count", "then": "count"}
_LISTED = 5


def tried(
    told: Exposure, names: Names, changes: Sequence[Change], settings: LicensingSettings
) -> WhatIf:
    """Return what some changes would cost; nothing is changed by it.

    Raises:
        RefusedAt: A change cannot be made.
        Unsolved: No cheapest plan was found or proven.
    """
    return what_if(
        told.estimate,
        changes,
        settings.prices(),
        settings.rules(),
        connectors=tuple(told.tenant.connectors),
        called=names.called,
    )


def lines_compared(found: WhatIf, names: Names) -> pd.DataFrame:
    """Return what is bought and billed now and then, what differs most first; it adds up.

    part: plan for what the cheapest plan buys and is billed; bought for what the changes buy;
    together for what is taken off again where both reach a lower price.
    """
    now, then = _by_place(found.before.lines), _by_place(found.after.lines)
    rows = [
        _row(plan, home, BY_PLAN, now.get((plan, home)), then.get((plan, home)), names)
        for plan, home in sorted({*now, *then}, key=lambda one: (one[0], one[1] or ""))
    ]
    rows += [_row(line.plan, line.environment, BOUGHT, None, line, names) for line in found.bought]
    if found.together:
        rows.append((PREMIUM, None, TOGETHER, 0, 0, NOTHING, found.together, found.together))
    rows.sort(key=lambda row: -abs(row[-1]))
    return frame(rows, _LINES)


def _by_place(lines: Iterable[Line]) -> Mapping[tuple[str, str | None], Line]:
    return {(line.plan, line.environment): line for line in lines}


def _row(
    plan: str, home: str | None, part: str, now: Line | None, then: Line | None, names: Names
) -> tuple[Any, ...]:
    before = NOTHING if now is None else now.monthly
    after = NOTHING if then is None else then.monthly
    return (
        plan,
        None if home is None else names.called("environment", home),
        part,
        0 if now is None else now.quantity,
        0 if then is None else then.quantity,
        before,
        after,
        after - before,
    )


def rules_compared(found: WhatIf) -> pd.DataFrame:
    """Return by each rule how many need cover now and then; one may need it by several."""
    now, then = found.before.need.by_rule, found.after.need.by_rule
    rows = [(rule, now.get(rule, 0), then.get(rule, 0)) for rule in sorted({*now, *then})]
    return frame(rows, _RULES)


def people_compared(found: WhatIf, names: Names) -> pd.DataFrame:
    """Return who begins to need cover by which rules and who ceases to, and because of what.

    still: other rules by which they need it then. apps, flows and connectors: what makes, or made,
    them need it by these rules, at most five of each.
    """
    _, then = found.needing
    rows = [
        *_people(found.after, found.begin, BEGINS, then, names),
        *_people(found.before, found.cease, CEASES, then, names),
    ]
    rows.sort(key=lambda row: (str(row[2]), str(row[0]).casefold()))
    return frame(rows, _PEOPLE)


def _people(
    told: Estimate, who: Needing, change: str, then: Needing, names: Names
) -> Iterator[tuple[object, ...]]:
    scenario, tenant = told.scenario, names.tenant
    apps, flows = _needed(told, who)
    for person, rules in who.items():
        known = person < len(tenant.people)
        name, department = tenant.people[person] if known else (_new(told, person), None)
        connectors = {one for n in apps[person] for one in scenario.apps[n].connectors}
        connectors |= {one for n in flows[person] for one in scenario.flows[n].connectors}
        yield (
            name,
            department,
            change,
            ", ".join(rules),
            ", ".join(rule for rule in then.get(person, ()) if rule not in rules),
            _some(tenant.apps[n] for n in sorted(apps[person])),
            _some(tenant.flows[n] for n in sorted(flows[person])),
            _some(sorted(names.called("connector", one) for one in connectors)),
        )


def _new(told: Estimate, person: int) -> str:
    """Return what somebody is called who is not there yet."""
    number = told.scenario.people.name(person).rpartition("-")[2]
    return f"New person {number}"


def _needed(
    told: Estimate, who: Needing
) -> tuple[defaultdict[int, set[int]], defaultdict[int, set[int]]]:
    """Return the apps and flows for which people need cover by some rules, but what is metered."""
    apps: defaultdict[int, set[int]] = defaultdict(set)
    flows: defaultdict[int, set[int]] = defaultdict(set)
    asked, scenario = told.needs.apps, told.scenario
    metered = [
        scenario.environments[one.environment].metered and not one.opted_out
        for one in scenario.apps
    ]
    columns = (asked.person.tolist(), asked.app.tolist(), asked.custom.tolist())
    for person, app, custom in zip(*columns, strict=True):
        if not metered[app] and (CUSTOM_APP if custom else MANAGED) in who.get(person, ()):
            apps[person].add(app)
    for need in told.needs.flows:
        if need.spare or need.billed is not None or covered_by_meter(scenario, need):
            continue
        for person in need.people.tolist():
            if CUSTOM_FLOW in who.get(person, ()):
                flows[person].add(need.flow)
    return apps, flows


def _some(names: Iterable[str]) -> str:
    told = list(names)
    more = len(told) - _LISTED
    return ", ".join(told[:_LISTED]) + (f" and {more} more" if more > 0 else "")


def amounts_by_plan(found: WhatIf) -> tuple[dict[str, Decimal], dict[str, Decimal]]:
    """Return what each plan costs now, and then together with what is bought of it.

    What seats save by being one order is taken off those of Power Apps Premium.
    """
    now: defaultdict[str, Decimal] = defaultdict(Decimal)
    then: defaultdict[str, Decimal] = defaultdict(Decimal)
    for line in found.before.lines:
        now[line.plan] += line.monthly
    for line in (*found.after.lines, *found.bought):
        then[line.plan] += line.monthly
    if found.together:
        then[PREMIUM] += found.together
    return dict(now), dict(then)
