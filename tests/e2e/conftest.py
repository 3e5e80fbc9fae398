"""A real server of the pages over a filled store, and a real browser looking at it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, Literal

import factories
import pytest
import tenant_words
from browsing import Opened, Tab, Visit, Visited, serving
from factories_asking import fill_asking
from factories_calls import fill_sources
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from connectory.clock import wall_clock
from connectory.database import open_store, upgrade

# Nobody is found but this machine. To refuse requests one by one would cost the browser its cache.
_FLAGS = [
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
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
    fill_asking(engine, wall_clock().date())
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


@pytest.fixture(scope="session")
def opened(browser: Browser, address: str) -> Opened:
    """Open a tab at a width and in a colour scheme; those that are alike share what was fetched."""
    contexts: dict[tuple[int, Scheme], BrowserContext] = {}

    def open_tab(*, width: int = 1440, scheme: Scheme = "light") -> Tab:
        if (width, scheme) not in contexts:
            context = browser.new_context(
                viewport={"width": width, "height": _HEIGHT}, color_scheme=scheme, locale="en-GB"
            )
            context.set_default_timeout(_PATIENCE_MS)
            contexts[width, scheme] = context
        return Tab(contexts[width, scheme].new_page(), address).watch()

    return open_tab


@pytest.fixture
def tab(opened: Opened) -> Iterator[Opened]:
    """Open a tab of the test's own."""
    with ExitStack() as stack:

        def open_tab(**options: Any) -> Tab:
            found = opened(**options)
            stack.callback(found.page.close)
            return found

        yield open_tab


@pytest.fixture(scope="session")
def visited(opened: Opened) -> Visited:
    """Visit a page, once for all tests that ask about it at this width and in this scheme."""
    tabs: dict[tuple[int, Scheme], Tab] = {}
    visits: dict[tuple[str, int, Scheme], Visit] = {}

    def visit(path: str, *, width: int = 1440, scheme: Scheme = "light") -> Visit:
        if (width, scheme) not in tabs:
            tabs[width, scheme] = opened(width=width, scheme=scheme)
        if (path, width, scheme) not in visits:
            visits[path, width, scheme] = tabs[width, scheme].visit(path)
        return visits[path, width, scheme]

    return visit
