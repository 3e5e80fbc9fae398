"""The summaries for administrators and licence managers say what the pages show."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from factories import fill_runs_only, moment
from factories_drift import assessed, fill_drift
from sqlalchemy import Engine, update

import models
from connectory.config import Settings
from connectory.database import reading, writing
from connectory.licensing_settings import LicensingSettings
from connectory.queries.attention import attention_count
from connectory.queries.exposure import exposure
from connectory.queries.overview import totals
from connectory.reports import exposure_summary, tenant_summary
from connectory.reports.exposure_summary import exposure_summaries
from connectory.reports.languages import language_of
from connectory.reports.letter import Letter
from connectory.reports.tenant_summary import tenant_summaries
from connectory.reports_settings import ReportSettings

AT = moment(3)
TODAY = date(2026, 11, 16)
NAMED = ReportSettings(
    coe_mailbox="coe@tenant.example",
    licence_mailboxes=("Licences@tenant.example", "cfo@tenant.example"),
)


@pytest.fixture(scope="module")
def told(module_store: Engine) -> Engine:
    """The small tenant, assessed."""
    fill_drift(module_store)
    assessed(module_store)
    return module_store


def written(engine: Engine, name: str, **settings: Any) -> list[Letter]:
    """Return a summary's letters."""
    make, period = {
        "tenant": (tenant_summaries, "2026-W47"),
        "exposure": (exposure_summaries, "2026-11"),
    }[name]
    chosen = Settings(**{"reports": NAMED} | settings)
    with reading(engine) as connection:
        return list(make(connection, AT, chosen, today=TODAY, period=period))


def test_the_summary_of_the_tenant_says_what_the_overview_shows(told: Engine) -> None:
    """How many findings, the key figures with their change, and what could not be read."""
    (one,) = written(told, "tenant")
    with reading(told) as connection:
        figures, found = totals(connection, AT), attention_count(connection, AT)

    assert (one.report, one.occasion) == ("tenant-summary", "tenant-summary/2026-W47")
    assert (one.to.recipient, one.to.role) == ("mailbox:coe@tenant.example", "named")
    assert one.subject == f"Connectors: {found} findings need attention (week 47 of 2026)"
    assert f"Connectors: {figures.connectors} (as on 9 November 2026)" in one.text
    assert f"Without owner: {figures.without_owner} " in one.text
    assert "[Critical] Payroll, Finance · its owner has left" in one.text
    assert "What could not be read" in one.text
    assert "(reports.coe_mailbox)" in one.text


def test_the_summary_of_licences_says_what_the_page_shows(told: Engine) -> None:
    """The cheapest plan, who is in need, and what each connector costs; one letter a mailbox."""
    letters = written(told, "exposure")
    with reading(told) as connection:
        estimate = exposure(connection, AT, LicensingSettings()).estimate
    amount = language_of("en").money(estimate.monthly, estimate.currency)

    assert [one.to.recipient for one in letters] == [
        "mailbox:licences@tenant.example",
        "mailbox:cfo@tenant.example",
    ]
    assert letters[0].to.address == "Licences@tenant.example"
    assert {one.occasion for one in letters} == {"exposure-summary/2026-11"}
    assert letters[0].subject == f"Licences for custom connectors: {amount} a month (November 2026)"
    assert f"People in need: {len(estimate.need.people)}" in letters[0].text
    assert "The dearest connectors" in letters[0].text
    assert letters[0].html == letters[1].html


def test_a_budget_that_is_exceeded_comes_first(told: Engine) -> None:
    """Its sentence names both amounts."""
    one, _ = written(told, "exposure", licensing=LicensingSettings(budget="1.00"))

    assert "; the budget is 1 USD." in one.text
    assert one.text.index("The budget") < one.text.index("How it stands")


def test_what_cannot_be_reckoned_is_no_zero(told: Engine) -> None:
    """A price book that cannot be used is told with its reason, and no amount is."""
    broken = LicensingSettings(price_book="nowhere.toml", budget="1.00")
    one, _ = written(told, "exposure", licensing=broken)

    assert one.subject == "Licences for custom connectors: not reckoned (November 2026)"
    assert "nowhere" in one.text.replace("\u200b", "")
    assert "USD" not in one.text


def test_nobody_named_gets_nothing(told: Engine) -> None:
    """No mailbox, no letter."""
    assert written(told, "tenant", reports=ReportSettings()) == []
    assert written(told, "exposure", reports=ReportSettings()) == []


@pytest.mark.parametrize("name", ["tenant", "exposure"])
def test_the_language_of_mailboxes_is_set(told: Engine, name: str) -> None:
    """Mailboxes tell no language; the settings say which."""
    german = NAMED.model_copy(update={"language": "de"})
    one = written(told, name, reports=german)[0]

    assert one.language == "de"
    assert "Warum Sie diese Mail erhalten" in one.text


@pytest.mark.parametrize("name", ["tenant", "exposure"])
def test_an_empty_tenant_is_summed_up(sqlite_store: Engine, name: str) -> None:
    """Nothing needs attention, and nothing costs anything."""
    fill_runs_only(sqlite_store)
    make = {"tenant": tenant_summaries, "exposure": exposure_summaries}[name]
    with reading(sqlite_store) as connection:
        chosen = Settings(reports=NAMED)
        found = list(make(connection, moment(1), chosen, today=TODAY, period="2026-W45"))

    assert found[0].text


@pytest.mark.parametrize("name", ["tenant", "exposure"])
def test_hostile_names_stay_words_in_summaries(store: Engine, name: str) -> None:
    """No tag, link or line of a tenant's names comes alive."""
    fill_drift(store)
    assessed(store)
    with writing(store) as connection:
        for model in (models.ConnectorVersion, models.EnvironmentVersion, models.PrincipalVersion):
            connection.execute(
                update(model).values(
                    display_name="<img src=x onerror=alert(1)>\r\nBcc: x\u2028https://evil.example/"
                )
            )
    one = written(store, name)[0]

    assert "<img" not in one.html
    assert "onerror=alert(1)&gt;" in one.html
    assert one.subject.isprintable()
    for shown in (one.html, one.text, json.dumps(one.card, ensure_ascii=False)):
        assert "https://evil" not in shown
        assert "evil.example" not in shown


def test_plans_of_an_own_price_book_have_their_own_names() -> None:
    """Those that are known are named in the language."""
    told = exposure_summary._plan_name
    assert told("pa_payg", language_of("de")) == "Power Apps nach Verbrauch"
    assert told("own plan", language_of("de")) == "own plan"


def test_a_change_is_told_with_its_day() -> None:
    """More, fewer, or as before; nothing where nothing is known of before."""
    facts: Any = type("Facts", (), {"before_on": date(2026, 11, 9)})
    change = tenant_summary._change
    english = language_of("en")

    assert change(5, 3, facts, english) == "+2 since 9 November 2026"
    assert change(3, 5, facts, english) == "-2 since 9 November 2026"
    assert change(3, 3, facts, english) == "as on 9 November 2026"
    assert change(3, None, facts, english) == ""
    assert english.money(Decimal(-3), "EUR") == "-3 EUR"
