"""What licences the small tenant needs, reckoned by hand.

Finance is metered. Its app uses Invoices and Payroll and is open to everyone: of those who are
enabled and no guests that is Ada, whose product no price book knows. So her use is billed, 10. She
owns a flow that uses Invoices on a schedule of its own: Power Automate Premium, 15. Of another flow
nobody is known to own it, which no rule decides.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import factories
import pytest
from factories import ADA, INVOICES, PAYROLL, moment
from factories_entitlements import fill_entitlements
from sqlalchemy import Engine, text

from connectory.database import reading, writing
from connectory.licensing_settings import LicensingSettings
from connectory.queries.exposure import (
    Exposure,
    cost_by_connector,
    cost_by_department,
    exposure,
    people_in_need,
    plan_lines,
    shared,
    unneeded_licences,
)
from connectory.queries.exposure_cover import by_rule, people_covered
from connectory.queries.exposure_facts import tenant


@pytest.fixture
def licensed(store: Engine) -> Engine:
    """The small tenant with its licences, billing and roles."""
    factories.fill(store)
    fill_entitlements(store)
    return store


def told(store: Engine, **more: Any) -> Exposure:
    """Return what it costs at the third run."""
    settings = LicensingSettings.model_validate(more)
    with reading(store) as connection:
        return exposure(connection, moment(3), settings)


def test_facts_are_those_of_the_moment(licensed: Engine) -> None:
    """Who is there, what is linked and handed out then; what is off, and who may use what."""
    with reading(licensed) as connection:
        found = tenant(connection, moment(3), None).scenario
        before = tenant(connection, moment(2), None).scenario

    finance, sandbox = found.environments
    assert (finance.type, finance.metered, finance.runs_metered, finance.passes) == (
        "Production", True, False, 5,
    )  # fmt: skip
    assert not sandbox.linked
    assert [one.linked for one in before.environments if one.id == sandbox.id] == [True]
    ada = found.people.users[0]
    assert (ada.id, ada.enabled, ada.skus) == (ADA, True, ("sku-premium",))
    assert "plan-flow" in ada.disabled_plans
    assert [app.connectors for app in found.apps] == [(str(INVOICES), str(PAYROLL))]
    assert [flow.trigger for flow in found.flows] == ["automated", "automated"]


def test_the_estimate_is_what_it_is_by_hand(licensed: Engine) -> None:
    """25 a month: 10 billed, 15 for a licence; one thing to decide; an unknown product is told."""
    found = told(licensed)
    lines = plan_lines(found)

    assert found.estimate.monthly == Decimal(25)
    assert lines[["plan", "environment", "quantity"]].to_numpy().tolist() == [
        ["fl_premium", None, 1],
        ["pa_payg", "Finance", 1],
    ]
    assert (len(found.estimate.need.people), found.estimate.metered_now) == (1, 10)
    assert [one.subject for one in found.estimate.need.review] == ["flow-2"]
    assert any("sku-premium is not known" in told for told in found.estimate.warnings)


def test_what_a_connector_costs_and_what_is_shared(licensed: Engine) -> None:
    """Without Invoices the flow needs nothing; the app stays premium because of Payroll."""
    found = told(licensed)
    rows = cost_by_connector(found).set_index("connector_id")

    assert rows["monthly"].to_dict() == {INVOICES: Decimal(15), PAYROLL: Decimal(0)}
    assert rows["only"].to_dict() == {INVOICES: 1, PAYROLL: 0}
    assert shared(found, cost_by_connector(found)) == Decimal(10)


def test_departments_add_up_to_the_plan(licensed: Engine) -> None:
    """All of it is Ada's, who is in Accounting."""
    rows = cost_by_department(told(licensed))

    assert rows.to_numpy().tolist() == [["Accounting", Decimal(25)]]


def test_people_are_told_with_their_reasons(licensed: Engine) -> None:
    """What covers them, because of which connectors, apps and flows."""
    (row,) = people_in_need(told(licensed)).to_dict("records")

    assert (row["person"], row["department"]) == ("Ada Ample", "Accounting")
    assert row["gets"] == "Power Automate Premium, app meter"
    assert row["connectors"] == "Invoices, Payroll"
    assert row["rules"] == "custom_connector_app, custom_connector_flow"


def test_who_needs_cover_by_two_rules_is_told_with_both(licensed: Engine) -> None:
    """The app of a managed environment that is not metered is asked for by either rule."""
    with writing(licensed) as connection:
        connection.execute(text("UPDATE environment_versions SET managed = true"))
        connection.execute(text("DELETE FROM billing_policy_environments"))
    found = told(licensed)
    rows = people_covered(found)
    needed = rows[rows["in_need"]]

    assert "managed_environment" in found.estimate.need.by_rule
    assert by_rule(needed) == found.estimate.need.by_rule


def test_licences_of_a_subscription_that_is_suspended_give_nothing(licensed: Engine) -> None:
    """Nor does an account that was never looked up; the product is not even asked about."""
    with writing(licensed) as connection:
        connection.execute(text("UPDATE licence_sku_versions SET capability_status = 'Suspended'"))
    with reading(licensed) as connection:
        users = tenant(connection, moment(3), None).scenario.people.users

    assert {user.skus for user in users} == {()}


def test_a_trial_covers_until_the_day_that_the_settings_tell(licensed: Engine) -> None:
    """Ada's use and her flow are covered by one, and it is told of in time."""
    with writing(licensed) as connection:
        connection.execute(text("UPDATE licence_assignments SET sku_key = 'powerapps_viral'"))
        connection.execute(text("UPDATE licence_assignments SET disabled_plans = '[]'"))
    until, over = (
        {"POWERAPPS_VIRAL": date(2026, 11, 20)},
        {"POWERAPPS_VIRAL": date(2026, 11, 1)},
    )

    assert told(licensed).estimate.monthly == Decimal(0)
    assert told(licensed, trial_ends=until).estimate.monthly == Decimal(0)
    assert told(licensed, trial_ends=over).estimate.monthly == Decimal(25)
    soon = unneeded_licences(told(licensed, trial_ends=until))
    assert "Ada Ample" in set(soon[soon["kind"] == "trial"]["holder"])


def test_a_trial_that_is_none_is_refused() -> None:
    """By name: what is not known, and what is paid for."""
    for name, why in (("TRIAL_OF_NOTHING", "known as"), ("POWERAPPS_PER_USER", "no trial")):
        with pytest.raises(ValueError, match=why):
            LicensingSettings.model_validate({"trial_ends": {name: "2026-12-31"}})


def test_a_store_without_apps_and_flows_needs_nothing(store: Engine) -> None:
    """No row, no cost, and frames as they always are."""
    factories.fill(store)
    with writing(store) as connection:
        for table in ("flow_operations", "flow_references", "app_references"):
            connection.execute(text(f"DELETE FROM {table}"))  # noqa: S608 - names of ours
    found = told(store)

    assert found.estimate.monthly == 0
    assert cost_by_connector(found).empty
    assert people_in_need(found).empty
    assert list(cost_by_department(found).columns) == ["department", "monthly"]


def test_who_is_in_need_is_whom_the_estimate_counts(licensed: Engine) -> None:
    """By person and by rule; Ada's use of the app is billed, so only her flow is a need."""
    found = told(licensed)
    rows = people_covered(found)
    needed = rows[rows["in_need"]]

    assert len(needed) == len(found.estimate.need.people)
    assert by_rule(needed) == found.estimate.need.by_rule
    (ada,) = needed.to_dict("records")
    assert (ada["rules"], ada["apps"], ada["connectors"]) == (
        ["custom_connector_flow"], "", "Invoices",
    )  # fmt: skip
    assert ada["now"] == "Holds only sku-premium"
    assert ada["gets"] == "Power Automate Premium, App meter"
