"""What custom connectors cost in licences, in Streamlit's own test runner."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from factories import INVOICES, WEATHER
from factories_entitlements import fill_entitlements
from sqlalchemy import Engine, insert, text
from streamlit.testing.v1 import AppTest

import models
from connectory.database import writing

Shown = Callable[..., AppTest]
PAGE = "views/exposure.py"


def said(page: AppTest) -> str:
    """Everything a page says in Markdown."""
    parts = [*page.title, *page.header, *page.subheader, *page.markdown, *page.caption]
    return "\n".join(str(part.value) for part in parts)


def add_cleo(store: Engine) -> None:
    """Let Cleo be there, who holds nothing and may use the app that is open to everyone."""
    with writing(store) as connection:
        connection.execute(insert(models.Principal).values(id=90, key="cleo"))
        connection.execute(
            insert(models.PrincipalVersion).values(
                principal_id=90, from_run=1, presence="present", kind="user", enabled=True,
                display_name="Cleo Calm", department="Sales",
            )
        )  # fmt: skip


def test_the_figures_are_those_reckoned_by_hand(shown: Shown, tenant: Engine) -> None:
    """As tests/queries/test_exposure_query.py reckons them."""
    fill_entitlements(tenant)
    app = shown(PAGE)
    figures = {one.label: str(one.value) for one in app.metric}

    assert not app.exception
    assert figures == {
        "Need cover": "1",
        "Cheapest plan": "25 USD",
        "A licence each": "35 USD",
        "Metered now": "10 USD",
        "To decide": "1",
    }
    assert "per-app passes count as not to be had" in said(app)


@pytest.mark.parametrize(
    ("look", "column", "expected"),
    [
        ("Plan", "monthly", [15.0, 10.0]),
        (
            "Plan",
            "formula",
            [
                "1 person \N{MULTIPLICATION SIGN} 15.00",
                "1 use of apps by 1 person \N{MULTIPLICATION SIGN} 10.00",
            ],
        ),
        (
            "Other ways",
            "formula",
            ["1 person \N{MULTIPLICATION SIGN} 20.00", "1 person \N{MULTIPLICATION SIGN} 15.00"],
        ),
        ("Metered now", "formula", ["1 person \N{MULTIPLICATION SIGN} 10.00"]),
        ("Environments", "environment", ["Finance"]),
        ("Connectors", "connector", ["Invoices", "Payroll"]),
        ("People", "person", ["Ada Ample"]),
        ("Departments", "department", ["Accounting"]),
        ("To decide", "question", ["Who owns it? It runs on the licence of its owner."]),
        ("To decide", "environment", ["Finance"]),
        ("To decide", "remedy", ["Give it an owner in Power Automate, or switch it off."]),
    ],
)
def test_every_figure_has_its_rows(
    shown: Shown, tenant: Engine, look: str, column: str, expected: list[object]
) -> None:
    """Each part by its address."""
    fill_entitlements(tenant)
    app = shown(PAGE, look=look)

    assert not app.exception
    assert not app.error
    assert app.dataframe[0].value[column].tolist() == expected


def test_need_cover_opens_exactly_who_is_in_need(shown: Shown, tenant: Engine) -> None:
    """The figure, the caption and the rows agree; all whom the plan covers are one click away."""
    fill_entitlements(tenant)
    add_cleo(tenant)
    app = shown(PAGE, look="Connectors")
    app.button(key="kpi.Need cover").click().run()
    needed = app.dataframe[0].value

    assert not app.exception
    assert needed["person"].tolist() == ["Ada Ample"]
    assert needed["rules"].tolist() == ["Flow with a custom connector"]
    assert needed["now"].tolist() == ["Holds only sku-premium"]
    assert "1 person in need now. Flow with a custom connector: 1." in said(app)
    app.segmented_control(key="who").set_value("All whom the plan covers").run()
    every = app.dataframe[0].value.set_index("person")
    assert every["now"].to_dict() == {"Ada Ample": "Nothing: in need", "Cleo Calm": "App meter"}
    assert "2 people in all, 1 of them in need now" in said(app)


@pytest.mark.parametrize(
    ("figure", "look", "total"),
    [("A licence each", "Other ways", 55.0), ("Metered now", "Metered now", 20.0)],
)
def test_amounts_open_rows_that_add_up_to_them(
    shown: Shown, tenant: Engine, figure: str, look: str, total: float
) -> None:
    """The click leads to lines whose sum is the figure, each with its formula."""
    fill_entitlements(tenant)
    add_cleo(tenant)
    app = shown(PAGE, look="People")
    app.button(key=f"kpi.{figure}").click().run()

    assert not app.exception
    assert app.session_state["look"] == look
    assert {one.label: one.value for one in app.metric}[figure] == f"{total:.0f} USD"
    assert app.dataframe[0].value["monthly"].sum() == total


def test_a_line_opens_whom_and_what_it_is_for(shown: Shown, tenant: Engine) -> None:
    """By its number in the address, as a click writes it there."""
    fill_entitlements(tenant)
    add_cleo(tenant)
    metered = shown(PAGE, look="Metered now", line="metered-now.1")
    licence = shown(PAGE, look="Plan", line="cheapest-plan.1")

    assert not metered.exception
    assert "2 people \N{MULTIPLICATION SIGN} 1 app \N{MULTIPLICATION SIGN} 10.00" in str(
        metered.table[0].value.to_dict()
    ).replace("\\", "")
    assert metered.dataframe[1].value["person"].tolist() == ["Ada Ample", "Cleo Calm"]
    assert licence.dataframe[1].value["person"].tolist() == ["Ada Ample"]
    assert "Power Automate Premium: 1 person \N{MULTIPLICATION SIGN} 15\\.00" in said(licence)


def test_a_way_says_which_environment_cannot_be_linked(shown: Shown, tenant: Engine) -> None:
    """The page names it and says what it is."""
    fill_entitlements(tenant)
    with writing(tenant) as connection:
        connection.execute(
            text("UPDATE environment_versions SET is_default = 1 WHERE display_name = 'Finance'")
        )
    app = shown(PAGE, look="Other ways", way="Pay-as-you-go")

    assert not app.exception
    assert "Finance is the default environment, which no billing policy can pay for" in str(
        app.table[0].value.to_dict()
    ).replace("\\", "")


def test_a_connector_that_is_gone_costs_nothing(shown: Shown, tenant: Engine) -> None:
    """It is not among those that cost, though a flow and an app still name it."""
    fill_entitlements(tenant)
    with writing(tenant) as connection:
        connection.execute(
            text("UPDATE connector_versions SET presence = 'gone' WHERE connector_id = :one"),
            {"one": INVOICES},
        )
    app = shown(PAGE, look="Connectors")

    assert not app.exception
    assert app.dataframe[0].value["connector"].tolist() == ["Payroll"]
    assert {one.label: one.value for one in app.metric}["Need cover"] == "0"


def test_a_price_book_that_is_wrong_is_told(
    shown: Shown, tenant: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its place; who is in need and what is to decide is told all the same, no amount is."""
    fill_entitlements(tenant)
    (tmp_path / "own.toml").write_text("schema = 2")
    config = tmp_path / "config.toml"
    config.write_text(f'[licensing]\nprice_book = "{tmp_path / "own.toml"}"\n')
    monkeypatch.setenv("CONNECTORY_CONFIG", str(config))
    app = shown(PAGE)

    assert not app.exception
    assert "No cost can be told" in said(app)
    assert "schema: input should be 1" in said(app)
    figures = {one.label: str(one.value) for one in app.metric}
    assert (figures["Need cover"], figures["Cheapest plan"]) == ("1", "\N{EN DASH}")
    assert app.dataframe[0].value["person"].tolist() == ["Ada Ample"]
    assert "gets" not in app.dataframe[0].value


def test_a_tenant_that_needs_nothing_is_told_so(shown: Shown, tenant: Engine) -> None:
    """No empty plot and no zero that stands for what is not known."""
    with writing(tenant) as connection:
        for table in ("flow_operations", "flow_references", "app_references"):
            connection.execute(text(f"DELETE FROM {table}"))  # noqa: S608 - names of ours
    app = shown(PAGE)

    assert not app.exception
    assert "No connector alone makes the plan dearer." in said(app)
    assert "Nothing is needed, and nothing is billed." in said(app)


def test_savings_name_what_need_not_be_paid_for(shown: Shown, tenant: Engine) -> None:
    """Bruno is disabled and holds a licence; passes of Finance lie idle, since it is billed."""
    fill_entitlements(tenant)
    with writing(tenant) as connection:
        connection.execute(
            text("UPDATE licence_skus SET key = 'b30411f5-fea1-4a59-9ad9-3db7c7ead579'")
        )
        connection.execute(
            text("UPDATE licence_assignments SET sku_key = 'b30411f5-fea1-4a59-9ad9-3db7c7ead579'")
        )
    app = shown("views/savings.py")
    figures = {one.label: (str(one.value), str(one.delta)) for one in app.metric}
    rows = app.dataframe[0].value

    assert not app.exception
    assert figures["Disabled accounts"] == ("1", "20 USD")
    assert figures["Stranded passes"] == ("5", "25 USD")
    assert rows[["holder", "kind"]].to_numpy().tolist()[0] == ["Bruno Bogus", "Disabled accounts"]
    assert rows["holder"].tolist()[-1] == "Finance"
    app.segmented_control(key="savings.kind").set_value("Stranded passes").run()
    assert app.dataframe[0].value["holder"].tolist() == ["Finance"]


@pytest.mark.usefixtures("tenant")
def test_the_price_book_says_what_is_in_force(shown: Shown) -> None:
    """Every plan with its price, since when, and where that is told."""
    rows = shown("views/prices.py").dataframe[0].value.set_index("name")

    assert rows["price"]["Power Apps Premium"] == 20.0
    assert rows["tiers"]["Power Apps Premium"] == "12.00 from 2,000"
    assert rows["since"]["Power Apps per app"] == "2026-04-01"
    assert rows["purchasable"]["Power Apps per app"] == "No"
    assert rows["source"].str.len().min() > 10


@pytest.mark.usefixtures("tenant")
@pytest.mark.parametrize("page", ["views/savings.py", "views/prices.py"])
def test_without_a_price_book_that_can_be_used_pages_say_so(
    shown: Shown, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    """As the page Exposure does."""
    config = tmp_path / "config.toml"
    config.write_text(f'[licensing]\nprice_book = "{tmp_path / "missing.toml"}"\n')
    monkeypatch.setenv("CONNECTORY_CONFIG", str(config))
    app = shown(page)

    assert not app.exception
    assert "the price book cannot be read" in said(app)


@pytest.mark.usefixtures("tenant")
def test_where_nobody_holds_a_licence_nothing_is_to_be_saved(shown: Shown) -> None:
    """And no empty table stands for it."""
    app = shown("views/savings.py")

    assert not app.exception
    assert "Nothing to save" in said(app)


def test_a_connector_says_what_it_costs(shown: Shown, tenant: Engine) -> None:
    """Invoices alone makes Ada's flow need a licence; the app stays premium because of Payroll."""
    fill_entitlements(tenant)
    app = shown("views/connector.py", id=str(INVOICES), tab="Exposure")
    people, apps, flows = (one.value for one in app.dataframe[:3])
    figures = {one.label: str(one.value) for one in app.metric}

    assert not app.exception
    assert figures["Retiring saves"] == "15 USD"
    assert (figures["Cheapest plan"], figures["Without it"]) == ("25 USD", "10 USD")
    assert "1 asset of it would stay premium because of another connector" in said(app)
    assert people[["person", "gets", "alone"]].to_numpy().tolist() == [
        ["Ada Ample", "Power Automate Premium, App meter", "Yes"]
    ]
    assert apps["others"].tolist() == ["Payroll"]
    assert len(flows) == 1


def test_a_connector_that_nothing_uses_costs_nothing(shown: Shown, tenant: Engine) -> None:
    """That is said, and no zero drawn."""
    fill_entitlements(tenant)
    app = shown("views/connector.py", id=str(WEATHER), tab="Exposure")

    assert not app.exception
    assert "It costs nothing in licences" in said(app)


def test_the_cheapest_connectors_are_one_bar(shown: Shown, tenant: Engine) -> None:
    """The bars, and the words below them, come to the plan."""
    fill_entitlements(tenant)
    app = shown(PAGE)

    assert "1 connector alone: 15 USD. Plan: 25 USD. The rest, 10 USD, would be saved only" in said(
        app
    )
    assert "What is known without prices" not in said(app)


def test_two_clicks_lead_to_what_a_connector_costs(shown: Shown, tenant: Engine) -> None:
    """Connectors, then its name: the page it leads to has its cost, the plan, and the plan without."""
    fill_entitlements(tenant)
    app = shown(PAGE, look="Connectors")
    rows = app.dataframe[0].value

    assert rows["connector"].tolist()[0] == "Invoices"
    assert rows["environment"].tolist()[0] == "Finance"
    page = shown("views/connector.py", id=str(INVOICES), tab="Exposure")
    assert {"Retiring saves", "Cheapest plan", "Without it"} <= {one.label for one in page.metric}
