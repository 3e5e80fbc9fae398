"""Mails as a browser shows them: on a phone and a desk, light and dark, and nothing is fetched."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from factories_digests import HOSTILE, everything
from playwright.sync_api import Browser, Page

from connectory.reports.digest_told import Asking
from connectory.reports.languages import language_of
from connectory.reports.owner_digest import letter

pytestmark = pytest.mark.browser
BACKGROUNDS = {"light": "rgb(245, 247, 249)", "dark": "rgb(20, 23, 27)"}
INKS = {"light": "rgb(18, 23, 29)", "dark": "rgb(229, 232, 236)"}


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> str:
    """A colour scheme that a reader prefers."""
    return str(request.param)


@pytest.fixture(params=[390, 1100])
def sheet(request: pytest.FixtureRequest, browser: Browser, scheme: str) -> Iterator[Page]:
    """A page as wide as a phone or a desk."""
    context = browser.new_context(
        viewport={"width": request.param, "height": 900},
        color_scheme=scheme,  # type: ignore[arg-type]
    )
    yield context.new_page()
    context.close()


def written(code: str, hostile: str = "") -> str:
    """Return a digest that asks, as HTML."""
    digest = everything(lambda words: f"{hostile} {words}", language=code)
    asking = Asking(7, "Review", hostile)
    told = letter(digest, language_of(code), occasion="x", period="", why="asked", asking=asking)
    return told.html


@pytest.mark.parametrize("code", ["en", "de"])
def test_a_mail_fits_and_follows_the_scheme(sheet: Page, scheme: str, code: str) -> None:
    """It never scrolls sideways, and button and text can be told from their ground."""
    fetched: list[str] = []
    sheet.on("request", lambda request: fetched.append(request.url))
    sheet.set_content(written(code))
    width = sheet.viewport_size["width"] if sheet.viewport_size else 0
    button = sheet.get_by_role("link", name="Answer" if code == "en" else "Antworten", exact=True)
    box = button.first.bounding_box()

    assert sheet.evaluate("document.documentElement.scrollWidth") <= width
    assert sheet.evaluate("getComputedStyle(document.body).backgroundColor") == BACKGROUNDS[scheme]
    assert sheet.evaluate("getComputedStyle(document.querySelector('h1')).color") == INKS[scheme]
    assert box is not None
    assert box["height"] >= 44
    assert box["y"] + box["height"] < 900
    assert fetched == []


def test_hostile_words_do_nothing(browser: Browser) -> None:
    """No dialog, no request, no sideways scrolling, whatever names say."""
    context = browser.new_context(viewport={"width": 390, "height": 900})
    page = context.new_page()
    happened: list[str] = []
    page.on("dialog", lambda dialog: (happened.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda request: happened.append(request.url))
    for hostile in HOSTILE:
        page.set_content(written("en", hostile.encode("utf-8", "replace").decode()))
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, ascii(hostile)[:60]
    context.close()

    assert happened == []
