"""The rows behind an amount: what is bought or billed, for whom, and the formula in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

import pandas as pd

from connectory.domain.licensing.charges import Charge, Charges
from connectory.domain.licensing.naive import Way
from connectory.domain.licensing.prices import (
    APP_METER,
    CREDIT_METER,
    PER_APP,
    PROCESS,
    RUN_METER,
)
from connectory.queries.exposure import Exposure, some
from connectory.queries.frames import Schema, frame

_CHARGES: Schema = {
    "plan": "text",
    "environment": "text",
    "about": "text",
    "people": "count",
    "quantity": "count",
    "unit_price": "money",
    "monthly": "money",
    "formula": "text",
}
_HOMES: Schema = {"environment": "text", "monthly": "money", "formula": "text"}
_WAYS: Schema = {"way": "text", "monthly": "money", "complete": "flag", "but": "text"}
_FLOWS: Schema = {
    "flow_id": "text",
    "flow": "text",
    "environment": "text",
    "connectors": "text",
    "runs": "number",
}
_NAMED: Final = 2
_TIMES: Final = "\N{MULTIPLICATION SIGN}"
_TYPES: Final = {"Default": "the default environment", "Teams": "an environment of Teams"}


def charge_rows(told: Exposure, charges: Sequence[Charge]) -> pd.DataFrame:
    """Return charges as rows, in their order.

    about: the app or the flows they are for. people: different people. formula: how the amount
    comes about, in words.
    """
    names = told.tenant
    rows = []
    for one in charges:
        about = [] if one.app is None else [names.apps[one.app]]
        about += [names.flows[number] for number in one.flows]
        rows.append(
            (
                one.plan,
                None if one.environment is None else names.environments[one.environment],
                some(about) or None,
                len(one.people),
                one.quantity,
                one.unit_price,
                one.monthly,
                formula(one),
            )
        )
    return frame(rows, _CHARGES)


def formula(charge: Charge) -> str:
    """Return how the amount of a charge comes about, in words."""
    return f"{_units(charge)} {_TIMES} {_price(charge.unit_price)}"


def _units(charge: Charge) -> str:
    number, people = charge.quantity, _counted(len(charge.people), "person", "people")
    if charge.plan == APP_METER:
        uses = _counted(number, "use", "uses")
        return f"{uses} of apps by {people}" if charge.app is None else people
    if charge.plan == RUN_METER:
        runs = _counted(number, "run", "runs")
        return f"{runs} of {len(charge.flows):,} flows" if len(charge.flows) > 1 else runs
    if charge.plan == PROCESS:
        licences = _counted(number, "licence", "licences")
        flows = _counted(len(charge.flows), "flow", "flows")
        return f"{licences} for {flows}" if charge.flows else licences
    if charge.plan == PER_APP:
        held = charge.asked - number
        passes = _counted(number, "pass", "passes")
        return f"{passes} ({charge.asked:,} less {held:,} that are held)" if held > 0 else passes
    if not charge.people:
        return f"{number:,} {'credits' if charge.plan == CREDIT_METER else 'units'}"
    return people if number == len(charge.people) else f"{number:,} seats for {people}"


def by_home(told: Exposure, charges: Sequence[Charge]) -> pd.DataFrame:
    """Return charges of apps and flows as sums by environment, with the formula of each."""
    found: defaultdict[int | None, list[Charge]] = defaultdict(list)
    for one in charges:
        found[one.environment].append(one)
    rows = []
    for home, some_of in found.items():
        name = None if home is None else told.tenant.environments[home]
        total = sum((one.monthly for one in some_of), Decimal(0))
        rows.append((name, total, " + ".join(_sums(some_of))))
    return frame(sorted(rows, key=lambda row: (-row[1], row[0] or "")), _HOMES)


def _sums(charges: Sequence[Charge]) -> Iterator[str]:
    apps = [one for one in charges if one.plan == APP_METER and one.app is not None]
    if apps:
        people = len({person for one in apps for person in one.people})
        uses = sum(one.quantity for one in apps)
        who = _counted(people, "person", "people")
        number = _counted(len(apps), "app", "apps")
        each = f"{who} {_TIMES} {number}"
        told = each if uses == people * len(apps) else f"{uses:,} uses of {number} by {who}"
        yield f"{told} {_TIMES} {_price(apps[0].unit_price)}"
    runs = [one for one in charges if one.plan == RUN_METER]
    if runs:
        number = _counted(sum(one.quantity for one in runs), "run", "runs")
        flows = _counted(len(runs), "flow", "flows")
        yield f"{number} of {flows} {_TIMES} {_price(runs[0].unit_price)}"
    yield from (formula(one) for one in charges if one not in apps and one not in runs)


def flow_rows(told: Exposure, charge: Charge) -> pd.DataFrame:
    """Return the flows that a charge is for."""
    names, rows = told.tenant, []
    for number in charge.flows:
        flow = names.scenario.flows[number]
        connectors = some(sorted({names.connectors.get(one, one) for one in flow.connectors}))
        home = names.environments[flow.environment]
        rows.append((flow.id, names.flows[number], home, connectors, flow.runs))
    return frame(rows, _FLOWS)


def people_of(told: Exposure, charge: Charge, people: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of `people_covered` of those a charge is for."""
    ids = [told.tenant.scenario.people.name(person) for person in charge.people]
    return people[people["person_id"].isin(ids)].reset_index(drop=True)


# --- the ways


def way_rows(told: Exposure) -> pd.DataFrame:
    """Return the ways that apply, with what keeps each from being bought or from being enough.

    complete: it can be bought and leaves no need. but: otherwise why, and where.
    """
    behind = Charges(told.estimate)
    rows = []
    for name, way in told.estimate.ways.items():
        if way is not None:
            lacks = "; ".join(_lacks(told, behind, name, way))
            rows.append((name, way.monthly, way.purchasable and way.compliant, lacks))
    return frame(rows, _WAYS)


def _lacks(told: Exposure, behind: Charges, name: str, way: Way) -> Iterator[str]:
    """Yield what keeps a way from being bought, and whom it leaves in need."""
    scenario, homes = told.tenant.scenario, told.tenant.environments
    if name == "payg":
        for number in behind.barred():
            kind = scenario.environments[number].type
            what = _TYPES.get(kind, f"of the type {kind}")
            yield f"{homes[number]} is {what}, which no billing policy can pay for"
    elif not way.purchasable and name == "per_app":
        channel = scenario.channel
        by = f"by {channel.replace('_', ', ')}" if channel else "as long as no channel is told"
        yield f"passes cannot be bought {by}"
    elif not way.purchasable:
        yield "a plan of it cannot be bought the way licences are bought"
    if not way.compliant:
        yield from _left(told, behind, name)


def _left(told: Exposure, behind: Charges, name: str) -> Iterator[str]:
    """Yield whom a way leaves in need."""
    scenario, homes = told.tenant.scenario, told.tenant.environments
    flows = behind.uncovered_flows(name)
    if flows:
        number = _counted(len(flows), "flow stays", "flows stay")
        first = ", ".join(told.tenant.flows[one] for one in flows[:_NAMED])
        more = f" and {len(flows) - _NAMED:,} more" if len(flows) > _NAMED else ""
        yield f"{number} without cover: {first}{more}"
    if name == "per_app" and (linked := behind.linked()):
        yield f"passes are not used where use is billed: {some(homes[one] for one in linked)}"
    if name == "process":
        yield "apps stay without cover"
    if name in ("per_app", "payg") and (out := [a for a in scenario.apps if a.opted_out]):
        yield f"{_counted(len(out), 'app is', 'apps are')} left out by the meter"


def _counted(number: int, one: str, more: str) -> str:
    return f"{number:,} {one if number == 1 else more}"


def _price(price: Decimal) -> str:
    return f"{price.quantize(Decimal('0.01')):,}" if price == round(price, 2) else f"{price:,}"
