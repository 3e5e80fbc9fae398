from __future__ import annotations

from collections.abc import Callable
from typing import cast

import factories
import pytest
from sqlalchemy import Engine, text
from streamlit.testing.v1 import AppTest

from connectory.database import writing

Shown = Callable[..., AppTest]
CONNECTIONS, ENVIRONMENTS = "views/connections.py", "views/environments.py"
HOSTILE = "![x](https://evil.example/a.png) <script>alert(1)</script> [y](https://evil.example)"


def said(page: AppTest) -> str:
    """Everything a page says in Markdown."""
    parts = [*page.title, *page.header, *page.markdown, *page.caption, *page.error]
    return "\n".join(str(part.value) for part in parts)


def metric(page: AppTest, label: str) -> str:
    """The value of a key figure."""
    return next(cast("str", item.value) for item in page.metric if item.label == label)


def cell(page: AppTest, column: str) -> list[str]:
    """Return a column of the table, chips as their words."""
    values = page.dataframe[0].value[column]
    return [value if isinstance(value, str) else value[0] for value in values]


@pytest.mark.usefixtures("tenant")
def test_findings_are_counted_and_listed(shown: Shown) -> None:
    """Figures are those of the story in factories.py, and the worst row comes first."""
    page = shown(CONNECTIONS)

    assert not page.exception
    assert not page.error
    assert metric(page, "Not working") == "2"
    assert metric(page, "Points nowhere") == "0"
    assert metric(page, "Nobody behind it") == "4"
    assert metric(page, "Identity") == "0"
    assert metric(page, "Shared") == "\N{EN DASH}"
    assert len(cell(page, "finding")) == 6
    assert cell(page, "finding")[0] == "✕ Broken"
    assert cell(page, "connector")[0] == "Invoices"


@pytest.mark.usefixtures("tenant")
def test_what_was_not_searched_is_said(shown: Shown) -> None:
    """Nobody asked whom connections are shared with: not known, and never zero."""
    page = shown(CONNECTIONS)

    assert "connection permissions: never read" in said(page)
    assert "Finance" in said(page)


@pytest.mark.usefixtures("tenant")
def test_filters_stand_in_the_address(shown: Shown) -> None:
    """A view that was sent to somebody shows them the same rows."""
    page = shown(CONNECTIONS, finding="Owner left", environment="Finance")

    assert set(cell(page, "finding")) == {"✕ Owner left"}
    assert set(cell(page, "environment")) == {"Finance"}
    assert "2 of 6 findings" in said(page)


@pytest.mark.usefixtures("tenant")
def test_a_figure_shows_its_rows(shown: Shown) -> None:
    """Its button narrows the rows to the kinds it counts."""
    page = shown(CONNECTIONS)
    page.button(key="kpi.Not working").click().run()

    assert set(cell(page, "finding")) == {"✕ Broken"}
    assert page.multiselect(key="finding").value == ["Broken", "Not confirmed"]


@pytest.mark.usefixtures("tenant")
def test_filters_that_match_no_finding_stay(shown: Shown) -> None:
    """Where nothing matches, the page says so and keeps its filters."""
    page = shown(CONNECTIONS, search="no such thing")

    assert "No finding matches" in said(page)
    assert page.text_input(key="search").value == "no such thing"


@pytest.mark.parametrize("view", [CONNECTIONS, ENVIRONMENTS])
def test_a_store_in_which_nothing_was_found(shown: Shown, sqlite_store: Engine, view: str) -> None:
    """Without rows the page says that nothing was found in what was read."""
    factories.fill_runs_only(sqlite_store)
    page = shown(view)

    assert not page.exception
    assert not page.error
    assert "what was read" in said(page)


@pytest.mark.usefixtures("tenant")
def test_environments_are_listed_with_what_is_known_of_them(shown: Shown) -> None:
    """One is known whole, of the other a source was refused; the address opens one."""
    page = shown(ENVIRONMENTS)

    assert not page.error
    assert metric(page, "Environments") == "2"
    assert metric(page, "Read whole") == "1"
    assert metric(page, "Not all read") == "1"
    assert cell(page, "name") == ["Finance", "Sandbox"]
    assert cell(page, "coverage") == ["? Partial", "✓ Complete"]
    assert "no application user" in str(page.dataframe[0].value["unread"].iloc[0])


@pytest.mark.usefixtures("tenant")
@pytest.mark.parametrize(
    ("tab", "rows"),
    [("Connectors", 3), ("Connections", 3), ("References", 2), ("Flows", 3), ("Apps", 2)],
)
def test_an_opened_environment_shows_the_rows_behind_its_figures(
    shown: Shown, tab: str, rows: int
) -> None:
    """Each figure is as many rows as its tab has."""
    page = shown(ENVIRONMENTS, open=str(factories.FINANCE), tab=tab)

    assert not page.error
    assert metric_after(page, tab) == str(rows)
    assert len(page.dataframe[1].value) == rows
    assert "no application user" in said(page)


def metric_after(page: AppTest, label: str) -> str:
    """The last figure of a label: the opened environment's, where the list has one too."""
    return [cast("str", item.value) for item in page.metric if item.label == label][-1]


@pytest.mark.usefixtures("tenant")
def test_an_environment_without_dataverse_has_no_references_and_says_why(shown: Shown) -> None:
    """A true zero is explained, and told apart from what was not read."""
    page = shown(ENVIRONMENTS, open=str(factories.SANDBOX), tab="References")

    assert metric_after(page, "References") == "0"
    assert "References live in Dataverse" in said(page)


def test_a_list_that_was_refused_is_not_empty(shown: Shown, tenant: Engine) -> None:
    """Where apps were never read the figure is a dash and the tab says so."""
    with writing(tenant) as connection:
        connection.execute(text("DELETE FROM app_references"))
        connection.execute(text("DELETE FROM app_versions"))
        connection.execute(
            text(
                "UPDATE step_sources SET outcome = 'refused', reason = '403' WHERE step_id IN "
                "(SELECT id FROM steps WHERE collector = 'apps')"
            )
        )
    page = shown(ENVIRONMENTS, open=str(factories.FINANCE), tab="Apps")

    assert metric_after(page, "Apps") == "\N{EN DASH}"
    assert "Apps not read" in said(page)


def test_names_of_a_tenant_are_words_here_too(shown: Shown, tenant: Engine) -> None:
    """No name of a connection, environment or person reaches Markdown alive."""
    with writing(tenant) as connection:
        for table in ("connection_versions", "environment_versions", "principal_versions",
                      "connector_versions"):  # fmt: skip
            connection.execute(
                text(f"UPDATE {table} SET display_name = :n"),  # noqa: S608 - names of ours
                {"n": HOSTILE},
            )

    for view, address in ((CONNECTIONS, {}), (ENVIRONMENTS, {"open": str(factories.FINANCE)})):
        words = said(shown(view, **address))
        assert "evil" in words
        assert not any(alive in words for alive in ("![x](", "<script>", "[y](", "https://evil"))
