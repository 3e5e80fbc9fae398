"""The page on unused connectors and its tab: with rows, without, and with what was not read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import streamlit as st
from factories import INVOICES, PAYROLL, SCRATCH, TWIN, VANISHING, WEATHER, fill_runs_only
from sqlalchemy import Engine, insert, text
from streamlit.testing.v1 import AppTest

from connectory.clock import wall_clock
from connectory.database import reading, writing
from models import StalenessAnswer

Shown = Callable[..., AppTest]
STALE, CONNECTOR = "views/stale.py", "views/connector.py"
HOSTILE = "![x](https://evil.example/a.png) <script>alert(1)</script> [y](https://evil.example)"


PARTS = [
    {"part": "last_use", "found": "silent", "values": {"since": "2026-01-07"}, "points": 60, "of": 60},
    {"part": "consumers", "found": "none", "values": {}, "points": 12, "of": 12},
    {"part": "owner", "found": "disabled_owner", "values": {}, "points": 6, "of": 8},
]  # fmt: skip


@pytest.fixture
def judged(tenant: Engine) -> Engine:
    """The small tenant: Weather is abandoned, two are in use, of the others too little is known."""
    known = {"parts": PARTS[:1], "known": True, "reason": "last call on 15 Nov 2026", "score": 0}
    verdicts: dict[int, dict[str, Any]] = {
        WEATHER: {"state": "abandoned", "score": 78, "known": True, "parts": PARTS,
                  "reason": "no use since 7 January"},
        INVOICES: {**known, "state": "active"},
        TWIN: {**known, "state": "active"},
        PAYROLL: {**known, "state": "quiet", "score": 20},
    }  # fmt: skip
    unknown = {"state": "unknown", "parts": [], "known": False, "reason": "flows were not read"}
    with writing(tenant) as connection:
        for number in (INVOICES, PAYROLL, WEATHER, SCRATCH, VANISHING, TWIN):
            told = {"connector_id": number, "profile": "Sandbox", "from_run": 3}
            connection.execute(
                insert(StalenessAnswer).values(**told, **verdicts.get(number, unknown))
            )
    return tenant


@pytest.fixture
def blank(sqlite_store: Engine) -> Engine:
    """A store whose one run found nothing."""
    fill_runs_only(sqlite_store)
    return sqlite_store


def said(page: AppTest) -> str:
    """Everything a page says in Markdown."""
    parts = [*page.title, *page.header, *page.markdown, *page.caption, *page.error]
    return "\n".join(str(part.value) for part in parts)


def verdicts(page: AppTest) -> dict[str, str]:
    """The verdict on each connector of the list."""
    rows = page.dataframe[0].value
    return dict(zip(rows["connector"], ["".join(one) for one in rows["state"]], strict=True))


def metrics(page: AppTest) -> dict[str, str]:
    """The key figures."""
    return {str(one.label): str(one.value) for one in page.metric}


def exemptions(store: Engine) -> list[tuple[object, ...]]:
    """Return what was decided, the oldest first."""
    query = (
        "SELECT connector_id, reason, exempted_by, via, withdrawn_by FROM exemptions ORDER BY id"
    )
    with reading(store) as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def exempt(page: AppTest, *, reason: str = "Year end only", author: str = "Ada") -> AppTest:
    """Exempt Weather on its page."""
    page.text_input(key=f"exempt.{WEATHER}.reason").set_value(reason)
    page.text_input(key=f"exempt.{WEATHER}.author").set_value(author)
    page.date_input(key=f"exempt.{WEATHER}.until").set_value(
        wall_clock().date() + timedelta(days=30)
    )
    return next(one for one in page.button if one.label == "Exempt").click().run()


# --- the page


@pytest.mark.usefixtures("judged")
def test_the_page_counts_what_asks_for_a_decision(shown: Shown) -> None:
    """Each verdict once; what could not be judged is a figure of its own."""
    page = shown(STALE)

    assert not page.exception
    assert not page.error
    assert metrics(page) == {
        "Abandoned": "1", "Stale": "0", "Never used": "0", "Unknown": "2", "Exempt": "0",
    }  # fmt: skip
    assert "**6 of 6 connectors**" in said(page)
    assert verdicts(page)["Weather and tides"] == "✕ Abandoned"
    assert page.dataframe[0].value["connector"].iloc[0] == "Weather and tides"


@pytest.mark.usefixtures("judged")
def test_what_was_not_read_is_not_called_unused(shown: Shown) -> None:
    """It has its own word and no score, and the page says what was not read."""
    page = shown(STALE, verdict="Unknown")

    assert set(verdicts(page).values()) == {"? Unknown"}
    assert page.dataframe[0].value["score"].isna().all()
    assert "Not read at the latest attempt:** flows in 1 environment" in said(page)
    assert "the verdict is unknown and not unused" in said(page)


@pytest.mark.usefixtures("judged")
def test_the_overview_counts_the_same(shown: Shown) -> None:
    """Its figure opens exactly the rows it counts, and says how many are unknown."""
    overview = shown()

    assert metrics(overview)["Out of use"] == "1"
    assert list(verdicts(shown(STALE, asking="To be asked"))) == ["Weather and tides"]


@pytest.mark.usefixtures("judged")
def test_filters_stand_in_the_address(shown: Shown) -> None:
    """Those that leave nothing say so and stay."""
    assert list(verdicts(shown(STALE, environment="Sandbox", verdict="Abandoned"))) == [
        "Weather and tides"
    ]
    page = shown(STALE, verdict="Stale")

    assert "No connector matches" in said(page)
    assert page.multiselect(key="verdict").value == ["Stale"]


def test_a_store_without_verdicts_says_how_to_have_some(shown: Shown, blank: Engine) -> None:
    """By the command that makes them."""
    del blank
    page = shown(STALE)

    assert not page.exception
    assert "Nothing is judged yet" in said(page)
    assert "connectory assess" in said(page)


# --- the tab


@pytest.mark.usefixtures("judged")
def test_a_score_is_shown_with_what_it_is_made_of(shown: Shown) -> None:
    """Every part with what was found, and their sum below."""
    page = shown(CONNECTOR, id=str(WEATHER), tab="Staleness")

    assert not page.exception
    assert not page.error
    rows = page.table[0].value
    assert rows["Points"].tolist() == ["60", "12", "6", "**78**"]
    assert rows["Found"].tolist()[:2] == [
        "no use since 7 Jan 2026; what was before could not be read",
        "no flow, app or agent uses it",
    ]
    assert sum(int(one) for one in rows["Points"][:-1]) == 78
    assert "By the thresholds of Sandbox environments" in rows["Found"].iloc[-1]


@pytest.mark.usefixtures("judged")
def test_a_connector_of_which_too_little_is_known_has_no_score(shown: Shown) -> None:
    """The page says what was not read."""
    page = shown(CONNECTOR, id=str(SCRATCH), tab="Staleness")

    assert not page.exception
    assert "Too little is known for a score" in said(page)
    assert "flows" in said(page)


def test_an_exemption_is_seen_at_once_and_can_be_withdrawn(shown: Shown, judged: Engine) -> None:
    """With reason, name and last day; the score stays, the figure does not count it."""
    page = exempt(shown(CONNECTOR, id=str(WEATHER), tab="Staleness"), reason=HOSTILE)

    assert not page.exception
    assert not page.error
    assert exemptions(judged) == [(WEATHER, HOSTILE, "Ada", "dashboard", None)]
    assert "Exempt until" in said(page)
    assert "](https://evil" not in said(page)
    board = shown(STALE)
    assert (metrics(board)["Abandoned"], metrics(board)["Exempt"]) == ("0", "1")
    assert verdicts(board)["Weather and tides"] == "✕ Abandoned"

    page = shown(CONNECTOR, id=str(WEATHER), tab="Staleness")
    page.text_input(key=f"exempt.{WEATHER}.withdraw.reason").set_value("Not any more")
    page.text_input(key=f"exempt.{WEATHER}.withdraw.author").set_value("Bruno")
    page = next(one for one in page.button if one.label == "Withdraw").click().run()

    assert not page.error
    assert exemptions(judged) == [(WEATHER, HOSTILE, "Ada", "dashboard", "Bruno")]
    assert metrics(shown(STALE))["Abandoned"] == "1"


@pytest.mark.parametrize(
    ("told", "why"),
    [({"author": " "}, "Nobody is named"), ({"reason": ""}, "No reason is given")],
)
def test_nobody_exempts_without_a_name_and_a_reason(
    shown: Shown, judged: Engine, told: dict[str, str], why: str
) -> None:
    """The page says so, and nothing is written."""
    page = exempt(shown(CONNECTOR, id=str(WEATHER), tab="Staleness"), **told)

    assert why in page.error[0].value
    assert exemptions(judged) == []


@pytest.mark.usefixtures("judged")
def test_a_past_day_is_only_looked_at(shown: Shown) -> None:
    """Nothing of it can be exempted, and what was not judged then says so."""
    page = shown(CONNECTOR, id=str(WEATHER), tab="Staleness", as_of="2026-11-10")

    assert not page.exception
    assert "Exempt" not in [one.label for one in page.button]


def test_words_of_the_tenant_stay_words(shown: Shown, judged: Engine) -> None:
    """In names, reasons and what was found."""
    with writing(judged) as connection:
        connection.execute(
            text("UPDATE connector_versions SET display_name = :it"), {"it": HOSTILE}
        )
        connection.execute(text("UPDATE staleness_answers SET reason = :it"), {"it": HOSTILE})
    for view, address in ((STALE, {}), (CONNECTOR, {"id": str(WEATHER), "tab": "Staleness"})):
        st.cache_data.clear()
        page = shown(view, **address)
        assert not page.exception, view
        assert not page.error, view
        assert "](https://evil" not in said(page), view
        assert "<script" not in said(page).replace("\\<script", ""), view
