"""The search page: what is typed, or stands in the address, is found and opens what shows it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from sqlalchemy import Engine, text
from streamlit.testing.v1 import AppTest

from connectory.database import writing

Shown = Callable[..., AppTest]
SEARCH = "views/search.py"
HOSTILE = "![x](https://evil.example/a.png) <script>alert(1)</script>"


def said(page: AppTest) -> str:
    """Everything a page says in Markdown."""
    parts = [*page.title, *page.subheader, *page.markdown, *page.caption, *page.error]
    return "\n".join(str(part.value) for part in parts)


@pytest.mark.usefixtures("tenant")
def test_words_of_the_address_are_searched(shown: Shown) -> None:
    """Each kind has its heading with how many there are."""
    page = shown(SEARCH, q="invoices")

    assert not page.exception
    assert not page.error
    assert ":material/hub: Connectors" in said(page)
    assert ":material/dns: Hosts" in said(page)
    assert "**Invoices**" in said(page)


@pytest.mark.usefixtures("tenant")
def test_typing_finds_and_nothing_says_so(shown: Shown) -> None:
    """Before a word nothing is asked; a word nobody has is said to have found nothing."""
    page = shown(SEARCH)
    assert "Every word must stand" in said(page)
    page.text_input(key="q").set_value("bruno").run()
    assert "People" in said(page)
    page.text_input(key="q").set_value("nobody is called this").run()

    assert "Nothing has that name" in said(page)


def test_a_hostile_name_stays_text(shown: Shown, tenant: Engine) -> None:
    """What a tenant wrote neither becomes a picture nor a link nor HTML."""
    with writing(tenant) as connection:
        connection.execute(text("UPDATE flow_versions SET display_name = :name"), {"name": HOSTILE})
    page = shown(SEARCH, q="evil")

    assert not page.exception
    assert "Flows" in said(page)
    assert "](https" not in said(page)
    assert re.search(r"(?<!\\)<script", said(page)) is None


@pytest.mark.usefixtures("tenant")
def test_a_past_day_is_searched_as_it_was(shown: Shown) -> None:
    """The search stands at the same day as the other pages."""
    page = shown(SEARCH, q="invoices", as_of="2026-11-08")

    assert not page.exception
    assert "As of **8 Nov 2026**" in said(page)
