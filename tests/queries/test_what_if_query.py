"""What changes would cost a tenant that was read: rows of every figure, and names that differ."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

import factories
import pytest
from factories import ADA, INVOICES, PAYROLL
from factories_entitlements import fill_entitlements
from sqlalchemy import Engine
from test_exposure_query import told

from connectory.domain.licensing.changes import (
    Associate,
    Buy,
    BuyPasses,
    BuyProcess,
    Change,
    Link,
    Move,
    Replace,
    Retire,
    Scale,
)
from connectory.domain.licensing.scenario import App, Environment, Flow, People, Scenario, User
from connectory.domain.licensing.what_if import WhatIf
from connectory.licensing_settings import LicensingSettings
from connectory.queries.exposure_facts import Tenant
from connectory.queries.what_if import (
    amounts_by_plan,
    lines_compared,
    people_compared,
    rules_compared,
    tried,
)
from connectory.queries.what_if_names import Names
from connectory.queries.what_if_words import described

Trying = Callable[[Sequence[Change]], tuple[WhatIf, Names]]
EVERY: list[tuple[Change, str]] = [
    (Scale(str(INVOICES), 1), "1 more person uses Invoices (Finance)"),
    (Scale(str(INVOICES), 5, "app-1", ("POWERAPPS_PER_USER",)),
     "5 more people use Invoices (Finance) in Expense desk, holding Power Apps Premium"),
    (Replace(str(INVOICES)), "Invoices (Finance) is replaced by a standard one"),
    (Replace(str(INVOICES), str(PAYROLL)), "Invoices (Finance) is replaced by Payroll"),
    (Link("env", runs=True), "env is linked to pay-as-you-go, flow runs included"),
    (Buy("fl_premium", 1, (ADA,)), "1 licence of Power Automate Premium is bought for Ada Ample"),
    (BuyPasses("env", 1200), "1,200 licences of Power Apps per app are bought for env"),
    (BuyProcess(("a", "b", "c", "d")),
     "1 licence of Power Automate Process is bought for a, b, c and 1 more"),
    (Associate("a", "b"), "a is associated to b"),
    (Move(ADA, flow="a"), "a gets Ada Ample as owner"),
    (Move("sp:robot", owner=ADA), "All flows of Ada Ample get service principal robot as owner"),
]  # fmt: skip


@pytest.fixture
def trying(store: Engine) -> Trying:
    """A function that tries changes on the small tenant with its licences."""
    factories.fill(store)
    fill_entitlements(store)
    found = told(store)
    names = Names(found.tenant)
    return lambda changes: (tried(found, names, changes, LicensingSettings()), names)


def test_lines_add_up_to_the_difference(trying: Trying) -> None:
    """What is bought stands beside what the plan buys and is billed."""
    found, names = trying([Retire(str(INVOICES)), Buy("pa_premium", 1)])
    rows = lines_compared(found, names)
    now, then = amounts_by_plan(found)

    assert rows["difference"].sum() == found.difference == -5
    assert rows["monthly_then"].sum() == found.monthly == sum(then.values()) == 20
    assert rows["monthly_now"].sum() == found.before.monthly == sum(now.values()) == 25
    assert rows[["plan", "part", "difference"]].to_numpy().tolist() == [
        ["pa_premium", "bought", 20],
        ["fl_premium", "plan", -15],
        ["pa_payg", "plan", -10],
    ]


def test_people_are_told_with_the_rules_and_reasons(trying: Trying) -> None:
    """Ada ceases to need a licence; her app is metered, and no reason."""
    found, names = trying([Retire(str(INVOICES))])
    (row,) = people_compared(found, names).to_dict("records")

    assert (row["person"], row["change"], row["still"]) == ("Ada Ample", "ceases", "")
    assert (row["rules"], row["connectors"]) == ("custom_connector_flow", "Invoices (Finance)")
    assert rules_compared(found).to_numpy().tolist() == [["custom_connector_flow", 1, 0]]


def test_nothing_has_no_rows(trying: Trying) -> None:
    """And its frames are as they always are."""
    found, names = trying([])

    assert people_compared(found, names).empty
    assert set(lines_compared(found, names)["difference"]) == {0}


@pytest.mark.parametrize(("change", "words"), EVERY)
def test_every_change_has_its_words(trying: Trying, change: Change, words: str) -> None:
    """With names where there are some, and ids where a link names what is not there."""
    _, names = trying([])

    assert described(change, names) == words


def test_names_differ_where_ids_do() -> None:
    """Things of one name are told by what stands beside them, else by their id as well."""
    used = App("a", 0, custom_connector=True, connectors=("1",))
    scenario = Scenario(
        date(2026, 11, 23),
        None,
        "active",
        (Environment("e", "Production"), Environment("f", "Default")),
        People([User("ann"), User("eve"), User("bob", enabled=False)]),
        (used, replace(used, id="b"), replace(used, id="c", environment=1)),
        (Flow("f", 0, custom_connector=True, trigger="http", owner=0, connectors=("1",)),),
    )
    names = Names(
        Tenant(
            scenario,
            ("Home", "Home"),
            ("Desk", "Desk", "Shop"),
            ("Nightly",),
            {"1": "Orders", "2": "Orders", "3": "Orders", "4": "Claims"},
            (("Ann", "Sales"), ("Ann", "Law"), ("Bob", None)),
        )
    )

    assert list(names.people.values()) == ["Ann (Sales)", "Ann (Law)", "Bob"]
    assert list(names.environments.values()) == ["Home (Production)", "Home (Default)"]
    assert names.apps == {"a": "Desk (Home) [a]", "b": "Desk (Home) [b]", "c": "Shop"}
    assert list(names.connectors.values()) == [
        "Orders (Home)",
        "Orders [2]",
        "Orders [3]",
        "Claims",
    ]
    assert names.used == {"1": "Orders (Home)"}
    assert names.shared == names.used
    assert list(names.enabled) == ["eve", "ann"]
    assert list(names.owners) == ["ann"]
    assert list(names.linkable) == ["e"]
    assert list(names.apps_beside("f")) == ["a", "b"]
