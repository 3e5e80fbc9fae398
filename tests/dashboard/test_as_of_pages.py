"""Pages as of a past day, which the address names and every page keeps."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import pytest
from streamlit.testing.v1 import AppTest

Shown = Callable[..., AppTest]
CONNECTORS = "views/connectors.py"
RUNS = "views/runs.py"


def said(page: AppTest) -> str:
    """Everything a page says in Markdown."""
    return "\n".join(str(part.value) for part in [*page.title, *page.markdown, *page.caption])


def metric(page: AppTest, label: str) -> str:
    """The value of a key figure."""
    return next(cast("str", item.value) for item in page.metric if item.label == label)


@pytest.mark.usefixtures("tenant")
def test_a_day_in_the_address_is_shown(shown: Shown) -> None:
    """The Overview shows what the last run by then had found, and says so."""
    now, then = shown(), shown(as_of="2026-11-08")

    assert not then.exception
    assert not then.error
    assert "As of **8 Nov 2026**" in said(then)
    assert "2 Nov 2026, 02:00 UTC" in said(then)
    assert metric(now, "Broken conn.") != metric(then, "Broken conn.")


@pytest.mark.usefixtures("tenant")
def test_the_day_goes_along_from_page_to_page_until_it_is_taken_back(shown: Shown) -> None:
    """Another page shows the same day without being told again; one click shows today."""
    page = shown(as_of="2026-11-08")
    page.switch_page(CONNECTORS).run()
    assert not page.exception
    assert "As of **8 Nov 2026**" in said(page)
    assert page.query_params["as_of"] == "2026-11-08"
    page.button(key="as_of.back").click().run()

    assert "As of" not in said(page)
    assert "as_of" not in page.query_params


@pytest.mark.usefixtures("tenant")
@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("yesterday", "is no day; days are written like 2026-11-02"),
        ("2026-02-30", "is no day"),
        ("2020-01-01", "Nothing had been read by 1 Jan 2020; the first run was on 2 Nov 2026"),
        ("2030-01-01", "Nothing was read after 1 Jan 2030; this is the latest run"),
        ("![x](https://evil.example/a.png)", "is no day"),
    ],
)
def test_a_day_that_cannot_be_shown_is_said(shown: Shown, asked: str, words: str) -> None:
    """The page says why it shows today, and shows today."""
    page = shown(CONNECTORS, as_of=asked)

    assert not page.exception
    assert words in said(page)
    assert "](https" not in said(page)
    assert len(page.dataframe[0].value) == len(shown(CONNECTORS).dataframe[0].value)


@pytest.mark.usefixtures("tenant")
def test_a_day_is_chosen_by_the_picker(shown: Shown) -> None:
    """A chosen day stands in the address; the day of the latest run is now."""
    page = shown(CONNECTORS)
    page.date_input(key="as_of.picker").set_value("2026-11-09").run()
    assert page.query_params["as_of"] == "2026-11-09"
    assert "As of **9 Nov 2026**" in said(page)
    page.date_input(key="as_of.picker").set_value("2026-11-16").run()

    assert "as_of" not in page.query_params


@pytest.mark.usefixtures("tenant")
def test_runs_are_always_shown_as_they_are_now(shown: Shown) -> None:
    """What ran is told up to now, whatever day the other pages show."""
    page = shown(RUNS, as_of="2026-11-08")

    assert not page.exception
    assert "As of" not in said(page)
    assert len(page.dataframe[0].value) == len(shown(RUNS).dataframe[0].value)
