"""What custom connectors cost in licences, in Streamlit's own test runner."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from factories_entitlements import fill_entitlements
from sqlalchemy import Engine, text
from streamlit.testing.v1 import AppTest

from connectory.database import writing

Shown = Callable[..., AppTest]
PAGE = "views/exposure.py"


def said(page: AppTest) -> str:
    """Everything a page says in Markdown."""
    parts = [*page.title, *page.header, *page.markdown, *page.caption]
    return "\n".join(str(part.value) for part in parts)


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
