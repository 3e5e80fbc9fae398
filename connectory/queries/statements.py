"""Estimates as statements: with the names of a moment, and as frames."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import pandas as pd
from sqlalchemy import Connection, select

from connectory.domain.licensing.estimate import Estimate
from connectory.domain.licensing.plan import Line
from connectory.domain.licensing.prices import Price, PriceBookError, list_prices
from connectory.domain.licensing.statement import (
    MONTHS,
    Alternative,
    InForce,
    Item,
    Open,
    Recipient,
    Statement,
)
from connectory.licensing_settings import LicensingSettings
from connectory.queries.exposure import Exposure, people_in_need
from connectory.queries.frames import Schema, frame
from connectory.queries.tables import STORE_TENANT

_LINES: Schema = {
    "plan": "text",
    "name": "text",
    "unit": "text",
    "kind": "text",
    "environment_id": "text",
    "environment": "text",
    "quantity": "count",
    "unit_price": "money",
    "monthly": "money",
    "annual": "money",
}
_PEOPLE: Schema = {
    "person_id": "text",
    "person": "text",
    "department": "text",
    "gets": "text",
    "connectors": "text",
    "apps": "text",
    "flows": "text",
    "environments": "text",
    "rules": "text",
}
_MONTHS = 12


def statement(connection: Connection, told: Exposure, settings: LicensingSettings) -> Statement:
    """Return what is told of what a tenant needs and what that costs.

    Args:
        connection: Open transaction on the store it was read from.
        told: What it needs and what that costs.
        settings: What it was reckoned with.
    """
    found = told.estimate
    scenario = found.scenario
    homes = {
        home.id: name
        for home, name in zip(scenario.environments, told.tenant.environments, strict=True)
    }
    listed = _listed(found)
    return Statement(
        tenant=connection.scalar(select(STORE_TENANT.c.tenant_id)) or "",
        as_of=scenario.as_of,
        basis=found.basis,
        channel=scenario.channel,
        currency=found.currency,
        price_book=found.price_book,
        rules=settings.rules(),
        people_in_need=len(found.need.people),
        flows_in_need=len(found.need.flows),
        by_rule=dict(found.need.by_rule),
        metered_now=found.metered_now,
        proven=found.plan.proven,
        items=tuple(_item(line, found.prices, listed, homes) for line in found.lines),
        ways=tuple(
            Alternative(name, way.monthly, way.purchasable, way.compliant)
            for name, way in found.ways.items()
            if way is not None
        ),
        prices=tuple(_in_force(price) for price in found.prices.values()),
        undecided=_undecided(told),
        warnings=found.warnings,
        recipients=tuple(
            Recipient(*row)
            for row in people_in_need(told)[list(_PEOPLE)].itertuples(index=False, name=None)
        ),
    )


def _listed(found: Estimate) -> Mapping[str, Price]:
    """Return list prices, where they are in the currency of an estimate and of its day."""
    book = list_prices()
    if book.currency != found.currency:
        return {}
    try:
        return book.on(found.scenario.as_of, found.scenario.channel)
    except PriceBookError:
        return {}


def _item(
    line: Line, prices: Mapping[str, Price], listed: Mapping[str, Price], homes: Mapping[str, str]
) -> Item:
    plan = prices[line.plan].plan
    return Item(
        plan=line.plan,
        name=plan.name,
        unit=plan.unit,
        kind=plan.kind,
        environment_id=line.environment,
        environment=None if line.environment is None else homes.get(line.environment),
        quantity=line.quantity,
        unit_price=line.unit_price,
        list_price=_of_quantity(listed.get(line.plan), line.quantity),
    )


def _of_quantity(price: Price | None, quantity: int) -> Decimal | None:
    if price is None:
        return None
    reached = [tier.price for tier in price.tiers if tier.start <= quantity]
    return reached[-1] if reached else price.price


def _in_force(price: Price) -> InForce:
    plan = price.plan
    return InForce(
        plan=plan.id,
        name=plan.name,
        unit=plan.unit,
        kind=plan.kind,
        price=price.price,
        tiers=price.tiers,
        purchasable=price.purchasable,
        since=price.since,
        source=price.source,
        associated=plan.associated,
        credits=plan.credits,
    )


def _undecided(told: Exposure) -> tuple[Open, ...]:
    scenario, names = told.tenant.scenario, told.tenant
    called = {
        user.id: name for user, (name, _) in zip(scenario.people.users, names.people, strict=True)
    }
    called |= {app.id: name for app, name in zip(scenario.apps, names.apps, strict=True)}
    called |= {flow.id: name for flow, name in zip(scenario.flows, names.flows, strict=True)}
    return tuple(
        Open(called.get(one.subject, one.subject), one.question)
        for one in told.estimate.need.review
    )


def lines(told: Statement) -> pd.DataFrame:
    """Return the plan line by line, a month and a year of it."""
    rows = [
        (one.plan, one.name, one.unit, one.kind, one.environment_id, one.environment, one.quantity,
         one.unit_price, one.monthly, MONTHS * one.monthly)
        for one in told.items
    ]  # fmt: skip
    return frame(rows, _LINES)


def people(told: Statement) -> pd.DataFrame:
    """Return whom the plan covers, with what and because of what."""
    rows = [
        (one.key, one.person, one.department, one.gets, one.connectors, one.apps, one.flows,
         one.environments, one.rules)
        for one in told.recipients
    ]  # fmt: skip
    return frame(rows, _PEOPLE)
