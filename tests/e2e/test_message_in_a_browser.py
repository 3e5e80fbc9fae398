"""A message in its frame, in a real browser, under the policy that the pages are served with."""

from __future__ import annotations

import pytest
from browsing import Opened, Tab
from factories_asking import SENDING, SENT
from playwright.sync_api import Frame, Page, Request
from tenant_words import BAIT, ELSEWHERE

pytestmark = pytest.mark.browser

BAIT_NAME = BAIT.strip("/=")
BLOCKED = ("csp", "net::ERR_BLOCKED_BY_CSP")
"""How the browser tells of a request that it did not make."""


@pytest.fixture
def bait(tab: Opened) -> tuple[Tab, list[str]]:
    """A tab that shows a message which tries everything, and what the browser asked for by then."""
    opened = tab()
    asked: list[str] = []

    def note(request: Request) -> None:
        if request.failure in BLOCKED:
            asked.remove(request.url)

    opened.page.context.on("request", lambda request: asked.append(request.url))
    opened.page.context.on("requestfailed", note)
    opened.go(f"/outbox?message={SENDING}")
    inner(opened.page).get_by_text("Only words").wait_for()
    opened.page.wait_for_timeout(1500)
    return opened, asked


def inner(page: Page) -> Frame:
    """Return the frame that holds the message."""
    page.wait_for_selector("iframe")
    for _ in range(100):
        for frame in page.frames:
            if (
                frame.parent_frame is not None
                and frame.parent_frame.parent_frame is page.main_frame
            ):
                return frame
        page.wait_for_timeout(100)
    raise AssertionError("the message has no frame")


def fetched(asked: list[str]) -> list[str]:
    """Return what the message made the browser ask for, without what its policy kept it from."""
    return [one for one in asked if BAIT_NAME in one or ELSEWHERE in one]


def test_nothing_in_a_message_runs_or_fetches(bait: tuple[Tab, list[str]]) -> None:
    """Neither scripts, pictures, styles, fonts and frames nor a redirection; its words are shown."""
    opened, asked = bait
    frame = inner(opened.page)

    assert "Only words" in frame.locator("body").inner_text()
    assert fetched(asked) == []
    assert opened.page.evaluate("window.told") is None
    assert opened.page.url.endswith(f"message={SENDING}")


def test_a_form_in_a_message_sends_nothing(bait: tuple[Tab, list[str]]) -> None:
    """Also if somebody presses its button."""
    opened, asked = bait
    inner(opened.page).get_by_role("button", name="Send").click()
    opened.page.wait_for_timeout(500)

    assert fetched(asked) == []


def test_a_link_in_a_message_opens_a_tab_that_knows_nothing_of_us(
    bait: tuple[Tab, list[str]],
) -> None:
    """Only if somebody clicks it; the tab cannot reach the page it came from."""
    opened, asked = bait
    with opened.page.context.expect_page() as waiting:
        inner(opened.page).get_by_role("link", name="Answer").click()
    new = waiting.value
    new.wait_for_load_state()

    assert new.url.endswith(f"{BAIT}link")
    assert new.evaluate("window.opener") is None
    assert new.evaluate("document.referrer") == ""
    assert [one for one in fetched(asked) if not one.endswith(f"{BAIT}link")] == []
    new.close()


def test_a_message_is_taken_along_as_a_file(tab: Opened) -> None:
    """As a file that mail programs open, under the subject it was sent with."""
    opened = tab()
    opened.go(f"/outbox?message={SENT}")
    with opened.page.expect_download() as waiting:
        opened.page.get_by_role("button", name="Download .eml").click()
    content = waiting.value.path().read_bytes()

    assert content.startswith(b"From:")
    assert b"\r\nMessage-ID: <4@connectory.example>\r\n" in content
