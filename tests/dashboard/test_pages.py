from __future__ import annotations

from collections.abc import Callable
from typing import cast

import factories
import pytest
from sqlalchemy import Engine, text
from streamlit.testing.v1 import AppTest

from connectory.database import writing
from dashboard.parts.text import NOTHING

Shown = Callable[..., AppTest]
OVERVIEW, CONNECTORS = "", "views/connectors.py"
CONNECTOR, RUNS = "views/connector.py", "views/runs.py"
HOSTILE = "![x](https://evil.example/a.png) <script>alert(1)</script> [y](https://evil.example)"


def said(page: AppTest) -> str:
    """Everything a page says in Markdown."""
    parts = [*page.title, *page.header, *page.markdown, *page.caption, *page.error]
    return "\n".join(str(part.value) for part in parts)


def metric(page: AppTest, label: str) -> str:
    """The value of a key figure."""
    return next(cast("str", item.value) for item in page.metric if item.label == label)


@pytest.mark.usefixtures("tenant")
@pytest.mark.parametrize("page", [OVERVIEW, CONNECTORS, RUNS])
def test_a_page_is_drawn_whole(shown: Shown, page: str) -> None:
    """A page over a filled store has no failure, and says when the tenant was read."""
    app = shown(page)

    assert not app.exception
    assert not app.error
    # For pages that can show another day the words stand on the button that chooses it.
    said = [item.value for item in app.caption]
    said += [block.proto.popover.label for block in app.get("popover")]
    assert any("Read 16 Nov 2026, 02:00 UTC" in words for words in said)


@pytest.mark.usefixtures("tenant")
@pytest.mark.parametrize("number", range(1, 8))
@pytest.mark.parametrize(
    "tab",
    [
        "Manifest",
        "Ownership",
        "Staleness",
        "Policies",
        "Connections",
        "References",
        "Consumers",
        "Use by day",
        "History",
        "Sources",
    ],
)
def test_every_tab_of_every_connector_is_drawn(shown: Shown, number: int, tab: str) -> None:
    """Whatever is known or missing of a connector, each of its tabs can be shown."""
    app = shown(CONNECTOR, id=str(number), tab=tab)

    assert not app.exception
    assert not app.error


@pytest.mark.usefixtures("tenant")
def test_the_overview_counts_what_is_there(shown: Shown) -> None:
    """Connectors of the last finished run, which is the third; what was not judged is not known."""
    app = shown()

    assert metric(app, "Connectors") == "6"
    assert metric(app, "Without owner") == "3"
    assert metric(app, "Out of use") == NOTHING


@pytest.mark.usefixtures("tenant")
def test_filters_in_the_address_narrow_the_list(shown: Shown) -> None:
    """A link with a filter shows the rows it names, and how many there are in all."""
    app = shown(CONNECTORS, owner="Departed owner")

    assert app.dataframe[0].value["display_name"].tolist() == ["Payroll"]
    assert "**1 of " in said(app)


def test_the_list_counts_what_the_overview_counts(shown: Shown, tenant: Engine) -> None:
    """A missing connector is in neither figure, and shows where it is asked for."""
    with writing(tenant) as connection:
        connection.execute(
            text(
                "UPDATE connector_versions SET presence = 'missing' "
                "WHERE connector_id = 6 AND to_run IS NULL"
            )
        )

    everything, missing = shown(CONNECTORS, presence="Any"), shown(CONNECTORS, presence="Missing")

    assert metric(shown(), "Connectors") == "5"
    assert "**5 of 6 connectors**" in said(shown(CONNECTORS))
    assert "**6 of 6 connectors**" in said(everything)
    assert missing.dataframe[0].value["display_name"].tolist() == ["Vanishing"]


@pytest.mark.usefixtures("tenant")
def test_filters_that_match_nothing_stay_on_the_screen(shown: Shown) -> None:
    """Where nothing matches, the page says so and keeps its filters."""
    app = shown(CONNECTORS, search="no such connector")

    assert "No connector matches" in said(app)
    assert app.text_input(key="search").value == "no such connector"


@pytest.mark.usefixtures("tenant")
def test_a_connector_that_is_not_there_is_said(shown: Shown) -> None:
    """An address of no connector is answered, not failed."""
    assert "No such connector" in said(shown(CONNECTOR, id="4711"))


@pytest.mark.usefixtures("tenant")
def test_a_connector_is_found_by_environment_and_name(shown: Shown) -> None:
    """A link may name a connector as the platform does."""
    app = shown(CONNECTOR, environment="Finance", name=factories.PAYROLL_KEY.upper())

    assert app.title[0].value == "Payroll"


def test_a_source_that_was_refused_is_not_a_no(shown: Shown, tenant: Engine) -> None:
    """Where a source was not read, the page does not say that it lacks the connector."""
    with writing(tenant) as connection:
        connection.execute(text("DELETE FROM sightings WHERE source = 'dataverse'"))
        connection.execute(text("DELETE FROM step_sources WHERE source = 'connectivity'"))
        connection.execute(
            text(
                "UPDATE step_sources SET source = 'dataverse', outcome = 'refused' "
                "WHERE step_id IN (SELECT id FROM steps WHERE collector = 'connectors')"
            )
        )

    app = shown(CONNECTOR, id="1", tab="Sources")

    told = app.table[0].value.set_index("Source")["Says"].to_dict()
    assert "Shows it" in told["Admin list"]
    assert "Not known" in told["Dataverse"]


@pytest.mark.usefixtures("tenant")
def test_roles_are_told_in_words(shown: Shown) -> None:
    """Who may do what with a connector is said as people say it."""
    app = shown(CONNECTOR, id="1", tab="Ownership")

    assert set(app.dataframe[0].value["role"]) == {"Owner", "May use"}


@pytest.mark.usefixtures("tenant")
def test_a_run_that_read_nothing_is_not_called_complete(shown: Shown) -> None:
    """The failed fourth run is told as not read, never as read to its end."""
    app = shown(RUNS, run="4")

    assert "ended before it read any source" in said(app)
    assert "read to its end" not in said(app)


def test_hostile_names_are_words(shown: Shown, tenant: Engine) -> None:
    """A connector's name reaches no Markdown alive."""
    with writing(tenant) as connection:
        connection.execute(text("UPDATE connector_versions SET display_name = :n"), {"n": HOSTILE})

    for page, address in ((OVERVIEW, {}), (CONNECTORS, {}), (CONNECTOR, {"id": "1"})):
        words = said(shown(page, **address))
        assert "evil" in words or page == CONNECTORS
        assert not any(alive in words for alive in ("![x](", "<script>", "[y](", "https://evil"))


def test_an_empty_store_says_what_to_run(shown: Shown) -> None:
    """Before the first run the page names the command that collects."""
    app = shown()

    assert "Nothing has been collected yet" in said(app)
    assert "connectory collect" in said(app)
    assert not app.exception


def test_a_failed_run_can_be_looked_into_before_any_finished(
    shown: Shown, sqlite_store: Engine
) -> None:
    """Runs and coverage works without a finished run: that is when it is needed."""
    factories.fill_runs_only(sqlite_store)

    assert not shown(RUNS).exception


def test_a_stale_schema_says_what_to_run(shown: Shown, sqlite_store: Engine) -> None:
    """A store at another version is not asked; the page names the command that migrates it."""
    with writing(sqlite_store) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'other'"))

    assert "connectory db upgrade" in said(shown())


def test_a_missing_store_is_not_made_by_looking(
    shown: Shown, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    """Where there is no store, the page says so and creates none."""
    place = f"{tmp_path}/absent.sqlite"
    monkeypatch.setenv("CONNECTORY_DATABASE_URL", f"sqlite:///{place}")

    assert "There is no store yet" in said(shown())
    with pytest.raises(FileNotFoundError):
        open(place).close()  # noqa: PTH123 - only whether it exists


def test_a_part_that_fails_leaves_the_rest(shown: Shown, tenant: Engine) -> None:
    """A broken part says what to do, under the title and beside the parts that work."""
    with writing(tenant) as connection:
        connection.execute(text("DROP TABLE app_references"))

    app = shown()

    assert app.title[0].value == "Overview"
    assert "What to do" in said(app)
    assert not app.exception
