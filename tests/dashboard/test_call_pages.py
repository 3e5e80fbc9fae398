"""Usage, Health and the Calls of a connector, in Streamlit's own test runner."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from factories import INVOICES
from factories_calls import fill_calls
from sqlalchemy import Engine, text
from streamlit.testing.v1 import AppTest

from connectory.database import writing

Shown = Callable[..., AppTest]
USAGE, HEALTH, CONNECTOR = "views/usage.py", "views/health.py", "views/connector.py"


def said(page: AppTest) -> str:
    """Everything a page says in Markdown."""
    parts = [*page.title, *page.header, *page.markdown, *page.caption, *page.warning]
    return "\n".join(str(part.value) for part in parts)


def metrics(page: AppTest) -> dict[str, str]:
    """Return the key figures of a page."""
    return {one.label: str(one.value) for one in page.metric}


@pytest.mark.parametrize("page", [USAGE, HEALTH])
@pytest.mark.usefixtures("tenant")
def test_without_a_log_a_page_says_where_calls_would_come_from(shown: Shown, page: str) -> None:
    """No zero stands for what nobody told."""
    app = shown(page)

    assert not app.exception
    assert "No log of calls is read yet" in said(app)
    assert not app.metric


def test_usage_tells_who_called(shown: Shown, tenant: Engine) -> None:
    """Figures, plots and tables, each with what they rest on."""
    fill_calls(tenant)
    app = shown(USAGE)

    assert not app.exception
    assert not app.error
    assert metrics(app)["Calls"] == "8"
    assert metrics(app)["Callers"] == "2"
    assert metrics(app)["Unmatched"] == "1"
    assert "Evidence: call, from 1 file of access logs" in said(app)
    assert "1 line could not be read" in said(app)
    assert "Invoices" in list(app.dataframe[0].value["connector"])


def test_health_tells_how_calls_fail(shown: Shown, tenant: Engine) -> None:
    """Failed calls, and how near a connection came to its limit."""
    fill_calls(tenant)
    app = shown(HEALTH)

    assert not app.exception
    assert not app.error
    assert metrics(app) == {
        "Failed": "3",
        "Throttled": "1",
        "Timed out": "0",
        "Busiest minute": "5",
    }


def test_a_connector_has_its_own_calls(shown: Shown, tenant: Engine) -> None:
    """Of others nothing is shown; one nobody called is said to have none that is known."""
    fill_calls(tenant)
    app = shown(CONNECTOR, id=str(INVOICES), tab="Calls")
    other = shown(CONNECTOR, id="2", tab="Calls")

    assert not app.exception
    assert "GetBill" in list(app.dataframe[0].value["operation"])
    assert "No call is known" in said(other)


def test_a_hostile_name_in_a_log_stays_words(shown: Shown, tenant: Engine) -> None:
    """What a log says is shown and never obeyed."""
    fill_calls(tenant)
    with writing(tenant) as connection:
        connection.execute(
            text("UPDATE call_callers SET key = '![x](https://evil.example)' WHERE key LIKE 'ann%'")
        )
    app = shown(USAGE)

    assert not app.exception
    assert "](https://evil.example)" not in said(app)
