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
    parts = [*page.title, *page.header, *page.markdown, *page.caption]
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
        ("Connectors", "connector", ["Invoices", "Payroll"]),
        ("People", "person", ["Ada Ample"]),
        ("Departments", "department", ["Accounting"]),
        ("To decide", "question", ["Who owns it? It runs on the licence of its owner."]),
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
    assert "1 person in need now. Flow with a custom connector: 1." in said(app)
    app.segmented_control(key="who").set_value("All whom the plan covers").run()
    every = app.dataframe[0].value.set_index("person")
    assert every["now"].to_dict() == {"Ada Ample": needed["now"][0], "Cleo Calm": "App meter"}
    assert "2 people in all, 1 of them in need now" in said(app)


def test_a_price_book_that_is_wrong_is_told(
    shown: Shown, tenant: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its place; the page says what can be done, and nothing else breaks."""
    fill_entitlements(tenant)
    (tmp_path / "own.toml").write_text("schema = 2")
    config = tmp_path / "config.toml"
    config.write_text(f'[licensing]\nprice_book = "{tmp_path / "own.toml"}"\n')
    monkeypatch.setenv("CONNECTORY_CONFIG", str(config))
    app = shown(PAGE)

    assert not app.exception
    assert "No estimate can be made" in said(app)
    assert "schema: input should be 1" in said(app)


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

    assert not app.exception
    assert "Retiring it would save **15 USD** a month." in said(app)
    assert "1 asset of it would stay premium because of another connector" in said(app)
    assert people["person"].tolist() == ["Ada Ample"]
    assert apps["others"].tolist() == ["Payroll"]
    assert len(flows) == 1


def test_a_connector_that_nothing_uses_costs_nothing(shown: Shown, tenant: Engine) -> None:
    """That is said, and no zero drawn."""
    fill_entitlements(tenant)
    app = shown("views/connector.py", id=str(WEATHER), tab="Exposure")

    assert not app.exception
    assert "It costs nothing in licences" in said(app)
