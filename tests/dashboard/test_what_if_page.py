"""What decisions would cost, in Streamlit's own test runner."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from factories import ADA, BRUNO, INVOICES, PAYROLL, WEATHER
from factories_entitlements import fill_entitlements
from sqlalchemy import Engine, text
from streamlit.testing.v1 import AppTest

from connectory.cli import cli
from connectory.database import writing
from dashboard import data, what_if_data

Shown = Callable[..., AppTest]
PAGE = "views/what_if.py"
RETIRED, SCALED = f"retire?connector={INVOICES}", f"scale?connector={INVOICES}&people=100"


@pytest.fixture
def licensed(tenant: Engine) -> Engine:
    """The small tenant with its licences; tests/queries/test_exposure_query.py reckons it."""
    fill_entitlements(tenant)
    return tenant


def said(page: AppTest) -> str:
    """Everything a page says in Markdown."""
    parts = [*page.title, *page.header, *page.markdown, *page.caption, *page.error]
    return "\n".join(str(part.value) for part in parts).replace("\u2060", "").replace("\\", "")


def figures(page: AppTest) -> dict[str, str]:
    """Return the key figures by their label."""
    return {one.label: str(one.value) for one in page.metric}


def changes(page: AppTest) -> list[str]:
    """Return the changes that stand in the address."""
    found: str | list[str] = page.query_params.get("change", [])
    return [found] if isinstance(found, str) else found


@pytest.mark.usefixtures("licensed")
def test_a_page_without_changes_says_how_to_begin(shown: Shown) -> None:
    """It says that nothing is changed by it, and offers to try the dearest connector."""
    app = shown(PAGE)

    assert not app.exception
    assert "neither the tenant nor the store is changed" in said(app)
    assert "Nothing is changed yet" in said(app)
    assert not app.metric
    app.button(key="what_if.retire").click().run()
    assert changes(app) == [RETIRED]
    assert figures(app)["Difference"] == "-15 USD"


@pytest.mark.usefixtures("licensed")
def test_a_link_leads_to_what_it_asks(shown: Shown) -> None:
    """Retiring Invoices frees Ada of her flow; the app stays premium because of Payroll."""
    app = shown(PAGE, change=[RETIRED])

    assert not app.exception
    assert figures(app) == {
        "Cost now": "25 USD",
        "Cost then": "10 USD",
        "Difference": "-15 USD",
        "Begin to need": "0",
        "Cease to need": "1",
    }
    assert "1. Invoices (Finance) is retired" in said(app)
    assert "use another one as well" in said(app)
    rows = app.dataframe[0].value
    assert rows["difference"].tolist() == [-15.0, 0.0]
    assert rows["plan"].tolist() == ["Power Automate Premium", "Power Apps, metered"]


@pytest.mark.usefixtures("licensed")
def test_every_figure_has_its_rows(shown: Shown) -> None:
    """Who ceases to need a licence, and because of what."""
    app = shown(PAGE, change=[RETIRED], rows="People")
    (row,) = app.dataframe[0].value.to_dict("records")

    assert (row["person"], row["change"]) == ("Ada Ample", "Ceases to need")
    assert row["connectors"] == "Invoices (Finance)"
    assert row["rules"] == "Flow with a custom connector"
    assert "Flow with a custom connector: 1 now, 0 then" in said(app)


@pytest.mark.usefixtures("licensed")
def test_several_changes_are_one_what_if(shown: Shown) -> None:
    """They are made in their order, and each can be taken back."""
    app = shown(PAGE, change=[SCALED, RETIRED, "buy?plan=fl_premium&quantity=1"])

    assert "1. 100 more people use Invoices (Finance)" in said(app)
    assert "3. 1 licence of Power Automate Premium is bought" in said(app)
    assert "0 people get one. 1 lie idle, since nobody else needs one." in said(app)
    assert figures(app)["Difference"] == "+1,000 USD"
    assert "and 15 USD for what the changes buy" in said(app)
    app.button(key="what_if.remove.0").click().run()
    assert figures(app)["Difference"] == "0 USD"
    app.button(key="what_if.clear").click().run()
    assert changes(app) == []
    assert "Nothing is changed yet" in said(app)
    app.button(key="what_if.before").click().run()
    assert len(changes(app)) == 2


CHOSEN: list[tuple[str, dict[str, Any], str, str]] = [
    ("More people use a connector", {"scale.connector": str(PAYROLL), "scale.people": 7},
     f"scale?connector={PAYROLL}&people=7", "+70 USD"),
    ("A connector is retired", {"retire.connector": str(PAYROLL)},
     f"retire?connector={PAYROLL}", "0 USD"),
    ("A connector is replaced", {"replace.connector": str(INVOICES), "replace.by": str(WEATHER)},
     f"replace?connector={INVOICES}&by={WEATHER}", "0 USD"),
    ("Licences are bought", {"buy.quantity": 2}, "buy?plan=pa_premium&quantity=2", "+30 USD"),
    ("Licences are bought", {"buy.plan": "Power Automate Process", "buy.flows": ["flow-1"]},
     "process?flows=flow-1&quantity=1", "+135 USD"),
    ("A flow is associated to an app", {"associate.flow": "flow-1"},
     "associate?flow=flow-1&app=app-1", "-15 USD"),
]  # fmt: skip


@pytest.mark.usefixtures("licensed")
@pytest.mark.parametrize(("kind", "fields", "change", "difference"), CHOSEN)
def test_a_change_is_chosen_by_names(
    shown: Shown, kind: str, fields: dict[str, Any], change: str, difference: str
) -> None:
    """Of connectors, environments, apps, flows and people of the tenant."""
    app = shown(PAGE)
    app.selectbox(key="what_if.kind").set_value(kind).run()
    for name, value in fields.items():
        key = f"what_if.{name}"
        for widgets in (app.selectbox, app.multiselect, app.number_input):
            for widget in widgets:
                if widget.key == key:
                    widget.set_value(value).run()
    app.button(key="what_if.add").click().run()

    assert not app.exception
    assert changes(app) == [change]
    assert figures(app)["Difference"] == difference


@pytest.mark.usefixtures("licensed")
def test_an_owner_is_moved(shown: Shown) -> None:
    """To a service principal, which takes a Process licence for the flow."""
    app = shown(PAGE)
    app.selectbox(key="what_if.kind").set_value("Flows get another owner").run()
    app.selectbox(key="what_if.move.to").set_value("sp:new").run()
    app.button(key="what_if.add").click().run()

    assert changes(app) == [f"move?to=sp%3Anew&owner={ADA}"]
    assert "All flows of Ada Ample get service principal new as owner" in said(app)
    assert figures(app)["Difference"] == "+135 USD"


@pytest.mark.usefixtures("licensed")
def test_a_change_that_cannot_be_made_is_not_added(shown: Shown) -> None:
    """It is refused with the reason, and what was there stays."""
    app = shown(PAGE, change=[RETIRED])
    app.selectbox(key="what_if.kind").set_value("A connector is retired").run()
    app.selectbox(key="what_if.retire.connector").set_value(str(INVOICES)).run()
    app.button(key="what_if.add").click().run()

    assert "No app and no flow uses Invoices (Finance): there is nothing to change." in said(app)
    assert changes(app) == [RETIRED]
    assert figures(app)["Difference"] == "-15 USD"


@pytest.mark.usefixtures("licensed")
@pytest.mark.parametrize(
    ("change", "words"),
    [
        (f"retire?connector={WEATHER}", "No app and no flow uses Weather"),
        ("retire?connector=![x](https://elsewhere.example/p.png)", "uses ![x](https://elsewhere"),
        ("burn?it=down", "'burn' is no kind of change"),
        (f"move?to={BRUNO}&flow=flow-1", "The account of Bruno Bogus is disabled"),
        ("link?environment=moon", "There is no environment 'moon'."),
    ],
)
def test_an_address_that_asks_what_cannot_be_says_so(shown: Shown, change: str, words: str) -> None:
    """Beside the change, which can be removed; no figure is shown of half a what-if."""
    app = shown(PAGE, change=[RETIRED, change])

    assert not app.exception
    assert words in said(app)
    assert not app.metric
    app.button(key="what_if.remove.1").click().run()
    assert figures(app)["Difference"] == "-15 USD"


@pytest.mark.usefixtures("licensed")
def test_a_connector_leads_to_its_what_if(shown: Shown) -> None:
    """Its tab asks what retiring it would change, and what more people would."""
    app = shown("views/connector.py", id=str(INVOICES), tab="Exposure")
    links = {one.proto.label: one.proto.query_string for one in app.get("page_link")}

    assert not app.exception
    assert ":blue[What if it were retired?]" in links
    assert ":blue[What if 100 more people used it?]" in links


@pytest.mark.usefixtures("licensed")
def test_what_is_taken_along_gives_the_same_figures(shown: Shown, tmp_path: Path) -> None:
    """`connectory estimate` of both files says what the page does."""
    app = shown(PAGE, change=[SCALED])
    assert {"Scenario before", "Scenario after"} <= {
        one.proto.label for one in app.get("download_button")
    }
    at = data.now_shown()
    costs = []
    for which in ("before", "after"):
        place = tmp_path / f"{which}.json"
        place.write_bytes(what_if_data.scenario(at, [SCALED], which))  # type: ignore[arg-type]
        ended = CliRunner().invoke(cli, ["estimate", str(place), "--format", "json"])
        costs.append(json.loads(ended.stdout)["cheapest"]["monthly"])

    assert costs == ["25.00", "1025.00"]
    assert figures(app)["Cost then"] == "1,025 USD"


@pytest.mark.usefixtures("licensed")
def test_a_price_book_that_is_wrong_is_told(
    shown: Shown, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on the other pages about licences."""
    config = tmp_path / "config.toml"
    config.write_text(f'[licensing]\nprice_book = "{tmp_path / "missing.toml"}"\n')
    monkeypatch.setenv("CONNECTORY_CONFIG", str(config))
    app = shown(PAGE, change=[RETIRED])

    assert not app.exception
    assert "the price book cannot be read" in said(app)


def test_a_tenant_that_uses_no_connector_has_nothing_to_change(
    shown: Shown, licensed: Engine
) -> None:
    """That is said where it would be chosen, and nothing can be added."""
    with writing(licensed) as connection:
        for table in ("flow_operations", "flow_references", "app_references"):
            connection.execute(text(f"DELETE FROM {table}"))  # noqa: S608 - names of ours
    app = shown(PAGE)

    assert not app.exception
    assert "Connector: there is nothing to choose." in said(app)
    assert app.button(key="what_if.add").disabled
