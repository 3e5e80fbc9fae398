"""What licences cost over time, and the budget, in Streamlit's own test runner."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from factories import INVOICES, PAYROLL, RUN_TIMES
from factories_answers import fill_answers
from factories_entitlements import fill_entitlements
from sqlalchemy import Engine
from streamlit.testing.v1 import AppTest

from connectory.assess import assess

Shown = Callable[..., AppTest]
PAGE = "views/exposure.py"
GROWING = [300, 310, 330, 340, 350, 360, 380, 390]


@pytest.fixture
def licensed(tenant: Engine) -> Engine:
    """The small tenant with its licences."""
    fill_entitlements(tenant)
    return tenant


def said(page: AppTest) -> str:
    """Everything a page says in Markdown."""
    parts = [*page.title, *page.header, *page.markdown, *page.caption, *page.warning]
    return "\n".join(str(part.value) for part in parts)


def with_budget(folder: Path, budget: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let pages be shown with a budget."""
    place = folder / "config.toml"
    place.write_text(f'[licensing]\nbudget = "{budget}"\n')
    monkeypatch.setenv("CONNECTORY_CONFIG", str(place))


@pytest.mark.usefixtures("licensed")
def test_before_anybody_assessed_it_says_so(shown: Shown) -> None:
    """No empty plot stands for what is not known."""
    app = shown(PAGE, look="Over time")

    assert not app.exception
    assert "Not assessed" in said(app)


def test_too_short_a_past_is_drawn_without_a_band(shown: Shown, licensed: Engine) -> None:
    """What was answered is there; why nothing is foreseen is said."""
    assess(licensed, now=lambda: RUN_TIMES[3])
    app = shown(PAGE, look="Over time")

    assert not app.exception
    assert not app.error
    assert "No forecast is made. By its own course: a trend needs 6 points and 1 are known" in said(
        app
    )
    assert app.dataframe[0].value["monthly"].tolist() == [25.0]


def test_the_band_has_its_rows(shown: Shown, licensed: Engine) -> None:
    """And says what it rests on; twice as far there are more of them, as far as the past allows."""
    fill_answers(licensed, GROWING, INVOICES)
    app = shown(PAGE, look="Over time")
    history, bands = (one.value for one in app.dataframe[:2])

    assert not app.exception
    assert not app.error
    assert "rests on the course of the figures themselves, one a week" in said(app)
    assert history["monthly"].tolist() == [float(one) for one in GROWING[::-1]]
    assert (bands["monthly_low"] <= bands["monthly"]).all()
    assert (bands["monthly"] <= bands["monthly_high"]).all()
    further = shown(PAGE, look="Over time", ahead="180 days")
    assert len(further.dataframe[1].value) > len(bands)
    assert "It ends after 147 days: three times as far as the past is known" in said(further)


def test_a_connector_has_its_own_course(shown: Shown, licensed: Engine) -> None:
    """On its page, with rows; the list of connectors has what it was last assessed to cost."""
    fill_answers(licensed, GROWING, INVOICES)
    app = shown("views/connector.py", id=str(INVOICES), tab="Exposure")
    listed = shown("views/connectors.py", order="Licence cost").dataframe[0].value

    assert not app.exception
    assert not app.error
    assert "Over time" in said(app)
    assert app.dataframe[-2].value["monthly"].tolist()[0] == 195.0
    assert listed["licence_cost"].tolist()[0] == 195.0
    assert listed["licence_cost"].isna().sum() == len(listed) - 1
    without = shown("views/connector.py", id=str(PAYROLL), tab="Exposure")
    assert "Not assessed" in said(without)


@pytest.mark.parametrize(
    ("budget", "words"),
    [
        ("380", "costs 390\\.00 USD a month; the budget is 380\\.00 USD"),
        ("450", "By its trend it may cost more from"),
    ],
)
def test_a_budget_is_a_finding(
    shown: Shown,
    licensed: Engine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    budget: str,
    words: str,
) -> None:
    """On the page and among what needs attention, which opens the page."""
    fill_answers(licensed, GROWING)
    with_budget(tmp_path, budget, monkeypatch)
    for page in (PAGE, ""):
        app = shown(page)
        assert not app.exception
        assert words in said(app)


def test_a_budget_that_is_kept_is_no_finding(
    shown: Shown, licensed: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is said of it."""
    fill_answers(licensed, GROWING)
    with_budget(tmp_path, "9000", monkeypatch)

    assert "budget" not in said(shown(PAGE)) + said(shown())
