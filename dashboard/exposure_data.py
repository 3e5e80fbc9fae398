"""Answers about licences and what they cost, cached."""

from __future__ import annotations

from collections.abc import Collection

from pandas import DataFrame

from connectory.database import reading
from connectory.domain.licensing.charges import Charge, Charges
from connectory.domain.licensing.model import Unsolved
from connectory.domain.licensing.prices import PriceBookError
from connectory.licensing_settings import LicensingSettings
from connectory.queries import (
    budget,
    exposure,
    exposure_answers,
    exposure_charges,
    exposure_connector,
    exposure_cover,
    exposure_forecast,
    exposure_open,
)
from connectory.queries.budget import BudgetFinding
from connectory.queries.exposure import ConnectorRow, Exposure
from connectory.queries.exposure_connector import ConnectorCost
from connectory.queries.exposure_forecast import Ahead
from dashboard.caching import engine as _engine
from dashboard.caching import few as _few
from dashboard.caching import heavy as _heavy
from dashboard.data import At, settings

CANNOT = (PriceBookError, Unsolved)
"""What keeps an estimate from being made; the text says why and what to do."""

NOT_ASSESSED = (
    "In a tenant of this size it takes long to tell what each connector costs. `connectory assess` "
    "keeps that with each run, and has not told it of this one; a connector's own page tells its own."
)
"""Why the cost of connectors is missing."""


def told(at: At) -> Exposure:
    """Return what custom connectors cost in licences.

    Raises:
        PriceBookError: The price book of the settings cannot be used.
        Unsolved: No cheapest plan was found or proven.
    """
    return _told(at, settings().licensing)


@_heavy
def _told(at: At, chosen: LicensingSettings) -> Exposure:
    with reading(_engine(at.url)) as connection:
        return exposure.exposure(connection, at.moment, chosen)


def unpriced(at: At) -> str:
    """Return why no price can be told on the day of a moment; empty if all can."""
    chosen = settings().licensing
    try:
        exposure.prices_in_force(at.moment, chosen)
    except PriceBookError as error:
        return str(error)
    return ""


def needs(at: At) -> Exposure:
    """Return who needs what, also where no price can be told: then no amount of it means anything."""
    try:
        return told(at)
    except PriceBookError:
        return _needs(at, settings().licensing)


@_heavy
def _needs(at: At, chosen: LicensingSettings) -> Exposure:
    with reading(_engine(at.url)) as connection:
        return exposure.needs_alone(connection, at.moment, chosen)


def people(at: At) -> DataFrame:
    """Return who is in need, and whom the cheapest plan or a meter covers, with the reasons."""
    return _people(at, settings().licensing)


@_few
def _people(at: At, chosen: LicensingSettings) -> DataFrame:
    return exposure_cover.people_covered(needs(at), chosen.rules())


def by_rule(people: DataFrame) -> dict[str, int]:
    """Return how many people each rule names."""
    return exposure_cover.by_rule(people)


def flows_in_need(at: At) -> DataFrame:
    """Return the flows that no person can cover and nothing covers now."""
    return exposure_cover.flows_in_need(needs(at))


def ways(at: At) -> DataFrame:
    """Return the naive ways, with what keeps each from being enough."""
    return exposure_charges.way_rows(told(at))


NOW, PLAN = "now", "plan"
"""What `charges` may be of, beside a way."""


def charges(at: At, which: str) -> list[Charge]:
    """Return what an amount is made of: `NOW`, `PLAN` or the name of a way."""
    return _charges(at, settings().licensing, which)


@_few
def _charges(at: At, chosen: LicensingSettings, which: str) -> list[Charge]:
    behind = Charges(_told(at, chosen).estimate)
    if which == PLAN:
        return behind.plan()
    return behind.metered_now() if which == NOW else behind.of(which)


def charge_rows(at: At, charges: list[Charge]) -> DataFrame:
    """Return charges as rows."""
    return exposure_charges.charge_rows(told(at), charges)


def charges_by_home(at: At, charges: list[Charge]) -> DataFrame:
    """Return charges as sums by environment."""
    return exposure_charges.by_home(told(at), charges)


def people_named(at: At, ids: Collection[str]) -> DataFrame:
    """Return of `people` those with some ids."""
    rows = people(at)
    return rows[rows["person_id"].isin(list(ids))].reset_index(drop=True)


def people_of(at: At, charge: Charge) -> DataFrame:
    """Return whom a charge is for."""
    return exposure_charges.people_of(told(at), charge, people(at))


def flows_of(at: At, charge: Charge) -> DataFrame:
    """Return the flows a charge is for."""
    return exposure_charges.flow_rows(told(at), charge)


def undecided(at: At) -> DataFrame:
    """Return what no rule decides, with names and what to do."""
    return exposure_open.undecided(needs(at))


def environments(at: At) -> DataFrame:
    """Return what the cheapest plan costs each environment."""
    return exposure.cost_by_environment(told(at))


def connectors(at: At) -> DataFrame:
    """Return what each connector costs; of a large tenant as it was assessed, if it was."""
    found = told(at)
    return exposure.cost_by_connector(found, _kept(at) if found.large else None)


@_few
def _kept(at: At) -> list[ConnectorRow]:
    with reading(_engine(at.url)) as connection:
        return exposure_answers.connector_answers(connection, at.moment)


def departments(at: At) -> DataFrame:
    """Return what the cheapest plan costs each department."""
    return exposure.cost_by_department(told(at))


def lines(at: At) -> DataFrame:
    """Return what the cheapest plan buys and is billed."""
    return exposure.plan_lines(told(at))


def savings(at: At) -> DataFrame:
    """Return licences and passes that need not be paid for."""
    return exposure.unneeded_licences(told(at))


def prices(at: At) -> DataFrame:
    """Return what each plan costs on the day of the moment."""
    return exposure.prices_in_force(at.moment, settings().licensing)


def currency() -> str:
    """Return the currency of every price."""
    return settings().licensing.prices().currency


def of_connector(at: At, connector_id: int) -> ConnectorCost | None:
    """Return what one connector costs; None where nothing uses it."""
    return exposure_connector.cost_of(told(at), connector_id)


@_few
def history(at: At, connector_id: int | None = None) -> DataFrame:
    """Return what was answered about each run, of the tenant or of one connector."""
    with reading(_engine(at.url)) as connection:
        if connector_id is None:
            return exposure_answers.exposure_history(connection, at.moment)
        return exposure_answers.connector_history(connection, at.moment, connector_id)


@_few
def ahead(at: At, days: int, connector_id: int | None = None) -> Ahead:
    """Return how need and cost go on, of the tenant or because of one connector."""
    with reading(_engine(at.url)) as connection:
        if connector_id is None:
            return exposure_forecast.ahead(connection, at.moment, days)
        return exposure_forecast.ahead_of(connection, at.moment, connector_id, days)


def bands(told: Ahead) -> DataFrame:
    """Return the days to come, with what need and cost may be."""
    return exposure_forecast.bands(told)


def budget_finding(at: At) -> BudgetFinding | None:
    """Return what is the matter with the budget for licences; None if nothing is."""
    return _budget_finding(at, settings().licensing)


@_few
def _budget_finding(at: At, chosen: LicensingSettings) -> BudgetFinding | None:
    with reading(_engine(at.url)) as connection:
        return budget.budget_finding(connection, at.moment, chosen)
