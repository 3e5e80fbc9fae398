"""A server of the pages as a user starts it, and a tab of a browser that is watched."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import ConsoleMessage, Page, Request

_START = "from connectory.cli import main; main()"
# Streamlit looks for its server beneath the path of the page first, and gives up a connection
# when the page it served is left; Chromium notes both.
_HARMLESS = ("WebSocket onerror", "WebSocket is closed before")
_PROBES = ("/_stcore/health", "/_stcore/host-config")


@contextmanager
def serving(database_url: str, folder: Path) -> Iterator[str]:
    """Yield the address of a server of the pages, started as a user starts it.

    Args:
        database_url: The store shown.
        folder: Working folder, with no settings in it.
    """
    environment = {**os.environ, "CONNECTORY_DATABASE_URL": database_url}
    environment.pop("CONNECTORY_CONFIG", None)
    environment["PYTHONPATH"] = str(Path(__file__).resolve().parents[2])
    with (folder / "server.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", _START, "serve", "--port", "0"],
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert "http://127.0.0.1:" in line, (folder / "server.log").read_text()
            yield line.split()[-1]
        finally:
            process.terminate()
            process.wait(timeout=20)
            process.stdout.close()


@dataclass(frozen=True)
class Visit:
    """What was on a page and what it did while it was drawn.

    Attributes:
        title: Its title.
        text: All its words.
        failed: It shows a failure of its own making.
        addresses: What its links and pictures point at.
        told: What a script of a tenant's making would have set.
        width: Pixels, with what reaches beyond the screen.
        background: Colour of the page.
        errors: What the browser complained of.
        foreign: Requests to other addresses.
    """

    title: str
    text: str
    failed: bool
    addresses: list[str]
    told: object
    width: int
    background: str
    errors: list[str]
    foreign: list[str]


@dataclass
class Tab:
    """A page in the browser and what it has done.

    Attributes:
        page: The page.
        origin: The address it may ask, and no other.
        errors: What it has complained of.
        foreign: Requests to other addresses, all of which failed.
    """

    page: Page
    origin: str
    errors: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    def go(self, path: str) -> Tab:
        """Open a path and wait until the page is drawn."""
        self.page.goto(self.origin + path)
        return self.drawn()

    def drawn(self) -> Tab:
        """Wait until nothing on the page runs any more."""
        self.page.wait_for_selector('[data-testid="stMain"] h1')
        self.page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')
        self.page.wait_for_selector('[data-testid="stSkeleton"]', state="detached")
        return self

    def text(self) -> str:
        """Return the words on the page."""
        return self.page.locator('[data-testid="stMain"]').inner_text()

    def addresses(self) -> list[str]:
        """Return every address that something on the page points at or has fetched."""
        found: list[str] = self.page.eval_on_selector_all(
            '[data-testid="stMain"] :is(a, img, iframe, link)',
            "all => all.map(it => it.href || it.src)",
        )
        return found

    def width(self) -> int:
        """Return how wide the page is, in pixels, with what reaches beyond the screen."""
        widest: int = self.page.evaluate(
            """() => Math.max(document.documentElement.scrollWidth,
                              document.querySelector('[data-testid="stMain"]').scrollWidth)"""
        )
        return widest

    def visit(self, path: str) -> Visit:
        """Open a path and return what was there and what it did."""
        self.errors.clear()
        self.foreign.clear()
        self.go(path)
        return Visit(
            title=self.page.locator("h1").inner_text(),
            text=self.text(),
            failed=self.page.locator('[data-testid="stException"]').count() > 0,
            addresses=self.addresses(),
            told=self.page.evaluate("window.told"),
            width=self.width(),
            background=self.page.locator('[data-testid="stApp"]').evaluate(
                "it => getComputedStyle(it).backgroundColor"
            ),
            errors=list(self.errors),
            foreign=list(self.foreign),
        )

    def _note(self, message: ConsoleMessage) -> None:
        probing = message.location.get("url", "").endswith(_PROBES)
        harmless = any(words in message.text for words in _HARMLESS)
        if message.type == "error" and not probing and not harmless:
            self.errors.append(message.text)

    def watch(self) -> Tab:
        """Note complaints, and what is asked of anybody else; the browser finds nobody else."""

        def note(request: Request) -> None:
            if not request.url.startswith((self.origin, "data:", "blob:")):
                self.foreign.append(request.url)

        self.page.on("request", note)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self._note)
        return self


Opened = Callable[..., Tab]
Visited = Callable[..., Visit]
