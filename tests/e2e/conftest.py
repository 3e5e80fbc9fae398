"""A real server of the pages over a filled store, and a real browser looking at it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, Literal

import factories
import pytest
import tenant_words
from browsing import Opened, Tab, Visit, Visited, serving
from factories_calls import fill_sources
from playwright.sync_api import Browser, sync_playwright

from connectory.database import open_store, upgrade

_FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_PATIENCE_MS = 30_000
_HEIGHT = 900
Scheme = Literal["light", "dark"]


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the pages over a store in which the tenant's words are hostile."""
    folder = tmp_path_factory.mktemp("pages")
    url = f"sqlite:///{folder}/store.sqlite"
    engine = open_store(url)
    upgrade(engine)
    factories.fill(engine)
    fill_sources(engine)
    tenant_words.make_hostile(engine)
    engine.dispose()
    with serving(url, folder) as served:
        yield served


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """A Chromium with a profile of its own, kept for all tests."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=_FLAGS)
        yield started
        started.close()


def _open(browser: Browser, address: str, *, width: int = 1440, scheme: Scheme = "light") -> Tab:
    context = browser.new_context(
        viewport={"width": width, "height": _HEIGHT}, color_scheme=scheme, locale="en-GB"
    )
    context.set_default_timeout(_PATIENCE_MS)
    return Tab(context.new_page(), address).watch()


@pytest.fixture
def tab(browser: Browser, address: str) -> Iterator[Opened]:
    """Open a tab that shares nothing with others, at a width and in a colour scheme."""
    with ExitStack() as stack:

        def opened(**options: Any) -> Tab:
            found = _open(browser, address, **options)
            stack.callback(found.page.context.close)
            return found

        yield opened


@pytest.fixture(scope="session")
def visited(browser: Browser, address: str) -> Visited:
    """Visit a page, once for all tests that ask about it at this width and in this scheme."""
    tabs: dict[tuple[int, Scheme], Tab] = {}
    visits: dict[tuple[str, int, Scheme], Visit] = {}

    def visit(path: str, *, width: int = 1440, scheme: Scheme = "light") -> Visit:
        if (width, scheme) not in tabs:
            tabs[width, scheme] = _open(browser, address, width=width, scheme=scheme)
        if (path, width, scheme) not in visits:
            visits[path, width, scheme] = tabs[width, scheme].visit(path)
        return visits[path, width, scheme]

    return visit
