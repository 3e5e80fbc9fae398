"""Estimates that are frozen, opened and compared, in Streamlit's own test runner."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from factories_entitlements import fill_entitlements
from sqlalchemy import Engine, text
from streamlit.testing.v1 import AppTest

from connectory.database import reading, writing
from connectory.queries.estimates import frozen_estimate

Shown = Callable[..., AppTest]
EXPOSURE, PAGE = "views/exposure.py", "views/estimates.py"


@pytest.fixture
def licensed(tenant: Engine) -> Engine:
    """The small tenant with its licences, billing and roles."""
    fill_entitlements(tenant)
    return tenant


def said(page: AppTest) -> str:
    """Everything a page says in Markdown."""
    parts = [*page.title, *page.header, *page.markdown, *page.caption]
    return "\n".join(str(part.value) for part in parts)


def freeze(shown: Shown, author: str = "Ada", note: str = "") -> AppTest:
    """Freeze what the Exposure page shows."""
    app = shown(EXPOSURE, look="Plan")
    app.text_input(key="freeze.author").set_value(author)
    app.text_input(key="freeze.note").set_value(note)
    button = next(one for one in app.button if one.label == "Freeze this estimate")
    return button.click().run()


def test_what_is_shown_can_be_frozen(shown: Shown, licensed: Engine) -> None:
    """By name and with a note; the page says under which number."""
    app = freeze(shown, note="For procurement")
    with reading(licensed) as connection:
        frozen = frozen_estimate(connection, 1)

    assert not app.exception
    assert [one.value for one in app.success] == ["Frozen as estimate 1."]
    assert frozen is not None
    assert (frozen.author, frozen.note, frozen.run_id) == ("Ada", "For procurement", 3)


def test_nobody_freezes_namelessly(shown: Shown, licensed: Engine) -> None:
    """The page says so, and nothing is written."""
    app = freeze(shown, author=" ")

    assert "nobody is named" in app.error[0].value
    with reading(licensed) as connection:
        assert frozen_estimate(connection, 1) is None


def test_a_store_that_takes_no_writing_is_told(shown: Shown, licensed: Engine) -> None:
    """In place of the number; the estimate stays on the page."""
    with writing(licensed) as connection:
        connection.execute(
            text(
                "CREATE TRIGGER closed BEFORE INSERT ON frozen_estimates "
                "BEGIN SELECT RAISE(ABORT, 'attempt to write a readonly database'); END"
            )
        )
    app = freeze(shown)

    assert not app.exception
    assert "took no writing" in app.error[0].value
    assert "frozen\\_estimates" in app.error[0].value
    assert app.metric


def test_an_estimate_is_opened_whole(shown: Shown, licensed: Engine) -> None:
    """Figures exact, who, when and what for, and that it is what was frozen."""
    del licensed
    freeze(shown, author="Ada [x](http://evil.example)", note="For *procurement*")
    app = shown(PAGE)
    figures = {one.label: str(one.value) for one in app.metric}

    assert not app.exception
    assert figures == {
        "A month": "25 USD",
        "Twelve months": "300 USD",
        "Billed then": "10 USD",
        "Lack cover": "1",
        "People covered": "1",
    }
    assert "25 USD a month, 300 USD in twelve" in said(app)
    assert "It is what was frozen" in said(app)
    assert "(http" not in said(app).replace("\\(http", "")
    assert "*procurement*" not in said(app).replace("\\*", "")


@pytest.mark.parametrize(
    ("show", "column", "expected"),
    [
        ("Lines", "monthly", [15.0, 10.0]),
        ("People", "person", ["Ada Ample"]),
        ("What it rests on", "can", ["Yes", "No", "Yes", "Yes", "Yes", "Yes", "Yes", "Yes"]),
    ],
)
def test_each_part_has_its_rows(
    shown: Shown, licensed: Engine, show: str, column: str, expected: list[object]
) -> None:
    """By its address; the first table is the list of all."""
    del licensed
    freeze(shown)
    app = shown(PAGE, show=show, number="1")

    assert not app.exception
    assert not app.error
    assert app.dataframe[1].value[column].tolist() == expected


def test_two_are_compared(shown: Shown, licensed: Engine) -> None:
    """The later beside the earlier: lines, people and prices, whichever is open."""
    freeze(shown)
    with writing(licensed) as connection:
        connection.execute(text("DELETE FROM flow_operations"))
        connection.execute(text("DELETE FROM flow_references"))
    import streamlit as st  # noqa: PLC0415 - a run would have made another moment

    st.cache_resource.clear()
    freeze(shown)
    app = shown(PAGE, show="Compare", number="1")

    assert not app.exception
    assert not app.error
    assert "**15 USD less** a month" in said(app)
    assert "**180 USD less** in twelve months" in said(app)
    assert "0 more, 0 fewer, 1 with something else." in said(app)
    assert "No price changed." in said(app)
    assert app.dataframe[1].value["more"].tolist() == [-15.0, 0.0]


def test_one_alone_is_compared_with_nothing(shown: Shown, licensed: Engine) -> None:
    """And says so."""
    del licensed
    freeze(shown)

    assert "no other estimate" in said(shown(PAGE, show="Compare"))


def test_one_that_was_altered_is_told(shown: Shown, licensed: Engine) -> None:
    """In red, above its figures."""
    freeze(shown)
    with writing(licensed) as connection:
        connection.execute(text("UPDATE frozen_estimates SET note = 'another'"))
    app = shown(PAGE)

    assert "changed by hand" in app.error[0].value


def test_none_is_told_as_none(shown: Shown, licensed: Engine) -> None:
    """With what makes one."""
    del licensed
    app = shown(PAGE)

    assert not app.exception
    assert "Nothing was frozen yet" in said(app)
    assert "connectory estimates freeze" in said(app)


def test_no_other_page_writes() -> None:
    """Pages reach for writing at a few places only: each is where people decide something."""
    folder = Path(__file__).resolve().parent.parent.parent / "dashboard"
    # Classes only: what was said when nothing was written, and which steps there are.
    harmless = re.compile(
        r"from connectory\.actions\.\w+ import (Not[A-Z]\w+|Applied|Done)$", re.MULTILINE
    )
    writers = {
        path.name
        for path in folder.rglob("*.py")
        if "connectory.actions" in (text := harmless.sub("", path.read_text(encoding="utf-8")))
        or "import writing" in text
        or "connectory.reports import outbox" in text
    }

    assert writers == {
        "campaign_data.py", "drift_data.py", "estimate_data.py", "outbox_data.py",
        "owner_data.py", "stale_data.py",
    }  # fmt: skip
