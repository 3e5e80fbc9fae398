"""Pages under settings that leave one connector out of figures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import factories
import pytest
from streamlit.testing.v1 import AppTest

from dashboard import data

Shown = Callable[..., AppTest]
CONNECTORS, CONNECTIONS = "views/connectors.py", "views/connections.py"
RECONCILIATION, CONNECTOR = "views/reconciliation.py", "views/connector.py"
WHY = "Tests ![x](y) (name fits pay*)"


@pytest.fixture
def left_out(shown: Shown, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shown:
    """A function that shows a page under such settings; Payroll is left out."""
    place = tmp_path / "config.toml"
    place.write_text('[ignore]\nnames = {"pay*" = "Tests ![x](y)"}\n', encoding="utf-8")
    monkeypatch.setenv("CONNECTORY_CONFIG", str(place))
    return shown


def said(page: AppTest) -> str:
    """Everything a page says in Markdown."""
    parts = [*page.title, *page.header, *page.markdown, *page.caption, *page.error]
    return "\n".join(str(part.value) for part in parts)


def metric(page: AppTest, label: str) -> str:
    """The value of a key figure."""
    return next(str(item.value) for item in page.metric if item.label == label)


@pytest.mark.usefixtures("tenant")
def test_figures_and_attention_leave_it_out(left_out: Shown) -> None:
    """The overview counts one connector less, and no finding names it."""
    app = left_out("", findings="true")

    assert not app.error
    assert metric(app, "Connectors") == "5"
    assert "Payroll" not in said(app)


@pytest.mark.usefixtures("tenant")
def test_the_list_shows_it_on_demand_and_says_why(left_out: Shown) -> None:
    """By default the list has what the overview counts; a toggle in the address adds the rest."""
    app, everything = left_out(CONNECTORS), left_out(CONNECTORS, ignored="true")
    toggle = app.toggle(key="ignored")

    assert "Payroll" not in app.dataframe[0].value["display_name"].tolist()
    assert "**5 of 5 connectors**" in said(app)
    assert toggle.label == "Show ignored (1)"
    rows = everything.dataframe[0].value.set_index("display_name")
    assert rows.loc["Payroll", "ignored"] == WHY
    assert "**6 of 6 connectors**" in said(everything)
    toggle.set_value(True).run()
    assert "Payroll" in app.dataframe[0].value["display_name"].tolist()


@pytest.mark.usefixtures("tenant")
@pytest.mark.parametrize("page", [CONNECTIONS, RECONCILIATION])
def test_other_lists_offer_the_same(left_out: Shown, page: str) -> None:
    """Findings and sources of it are left out until they are asked for."""
    some, every = left_out(page), left_out(page, ignored="true")

    assert not some.error
    assert not every.error
    assert "Payroll" not in some.dataframe[0].value["connector"].tolist()
    assert "Payroll" in every.dataframe[0].value["connector"].tolist()


@pytest.mark.usefixtures("tenant")
def test_its_own_page_says_that_it_is_ignored(left_out: Shown) -> None:
    """What is known of it stays, with the reason it does not count."""
    app = left_out(CONNECTOR, id=str(factories.PAYROLL))

    assert app.title[0].value == "Payroll"
    assert not app.error
    assert ":material/block: Ignored" in said(app)


@pytest.mark.usefixtures("tenant")
def test_the_export_has_it_with_the_reason(left_out: Shown) -> None:
    """Nothing is removed from what is written."""
    left_out()
    text = data.exported(data.now_shown(), "connectors")

    assert WHY in text
    assert len(text.splitlines()) == 7


@pytest.mark.usefixtures("tenant")
@pytest.mark.parametrize("page", ["", CONNECTORS, CONNECTIONS, RECONCILIATION])
def test_without_a_list_nothing_is_offered(shown: Shown, page: str) -> None:
    """No toggle stands on a page where nothing is left out."""
    assert "Show ignored" not in [item.label for item in shown(page).toggle]
