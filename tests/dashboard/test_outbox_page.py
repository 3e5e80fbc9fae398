"""The page of what people were written: with messages, without, and deciding about them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from factories import fill_runs_only
from factories_asking import (
    BOUNCED,
    CANCELLED,
    FORGOTTEN,
    HELD,
    HTML,
    QUEUED,
    SENT,
    UNCERTAIN,
    fill_asking,
)
from sqlalchemy import Engine, text
from streamlit.testing.v1 import AppTest

from connectory.clock import wall_clock
from connectory.database import reading, writing
from dashboard.parts import message_frame

Shown = Callable[..., AppTest]
OUTBOX = "views/outbox.py"
HOSTILE = "![x](https://evil.example/a.png) <script>alert(1)</script> [y](https://evil.example)"


@pytest.fixture
def written(tenant: Engine) -> Engine:
    """The small tenant with messages in each state, the last of them today."""
    fill_asking(tenant, wall_clock().date())
    return tenant


def said(page: AppTest) -> str:
    """Everything a page says in Markdown."""
    parts = [*page.title, *page.header, *page.markdown, *page.caption, *page.error]
    return "\n".join(str(part.value) for part in parts)


def metrics(page: AppTest) -> dict[str, str]:
    """The key figures."""
    return {str(one.label): str(one.value) for one in page.metric}


def state(store: Engine, number: int) -> str:
    """The state of a message."""
    with reading(store) as connection:
        query = text("SELECT state FROM outbox WHERE id = :number")
        return str(connection.scalar(query, {"number": number}))


def popovers(page: AppTest) -> set[str]:
    """What is offered behind a button."""
    return {str(node.proto.popover.label) for node in page.main if node.type == "popover"}


def decided(page: AppTest, key: str, button: str, author: str = "Grace") -> AppTest:
    """Decide something under a name."""
    page.text_input(key=f"outbox.author.{key}").set_value(author)
    (found,) = [one for one in page.button if one.form_id == f"outbox.{key}"]
    assert found.label == button
    return found.click().run()


@pytest.mark.usefixtures("written")
def test_messages_are_counted_and_ranked(shown: Shown) -> None:
    """What needs a person comes first; what is old is left out unless it is asked for."""
    page = shown(OUTBOX)

    assert not page.exception
    assert not page.error
    assert metrics(page) == {
        "Held": "1", "Uncertain": "1", "Not delivered": "2", "Waiting": "2", "Sent": "1",
    }  # fmt: skip
    rows = page.dataframe[0].value
    assert ["".join(one) for one in rows["state"]][:4] == [
        "? Uncertain", "✕ Refused", "✕ Bounced", "▲ Held",
    ]  # fmt: skip
    assert "8 of 8 messages" in said(page)
    assert metrics(shown(OUTBOX, since="All"))["Sent"] == "2"


@pytest.mark.usefixtures("written")
def test_filters_of_the_outbox_stand_in_the_address(shown: Shown) -> None:
    """By state and campaign; those that leave nothing say so and stay."""
    assert "1 of 8 messages" in said(shown(OUTBOX, state="Held"))
    assert "1 of 8 messages" in said(shown(OUTBOX, **{"for": "Autumn review"}))
    page = shown(OUTBOX, search="nobody of that name")

    assert "No message matches" in said(page)
    assert page.text_input(key="search").value == "nobody of that name"


def test_an_empty_outbox_says_what_to_do(shown: Shown, sqlite_store: Engine) -> None:
    """Nobody was written: the command that shows what would be."""
    fill_runs_only(sqlite_store)
    page = shown(OUTBOX)

    assert not page.exception
    assert "Nobody was written yet" in said(page)
    assert "connectory report owner-digest" in said(page)


@pytest.mark.usefixtures("written")
def test_a_message_is_shown_in_a_frame_without_scripts(shown: Shown) -> None:
    """With whom it went to and why, what became of it, and a file to take along."""
    page = shown(OUTBOX, message=str(SENT))
    frame = page.get("iframe")[0].proto.srcdoc

    assert not page.exception
    assert frame == message_frame.framed(HTML)
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in frame
    assert "allow-scripts" not in frame
    assert "default-src &#x27;none&#x27;" in frame
    assert f"Your connectors, {SENT}" in said(page)
    assert "Ada, owner in the platform" in str(page.table[0].value)
    assert [one.label for one in page.get("download_button")][-1:] != []


@pytest.mark.usefixtures("written")
def test_what_a_message_said_may_be_forgotten(shown: Shown) -> None:
    """Then it says so, and that it was sent stays; a number that is none says so too."""
    page = shown(OUTBOX, since="All", message=str(FORGOTTEN))

    assert "What it said was forgotten" in said(page)
    assert not page.get("iframe")
    assert "No such message" in said(shown(OUTBOX, message="999"))


def test_hostile_words_stay_words(shown: Shown, written: Engine) -> None:
    """Neither subject, name nor reason comes alive; the frame holds the message as text."""
    with writing(written) as connection:
        connection.execute(
            text("UPDATE outbox SET subject = :words, recipient_name = :words, reason = :words"),
            {"words": HOSTILE},
        )
        connection.execute(
            text("UPDATE outbox_contents SET html = :html"), {"html": '"><script>alert(1)</script>'}
        )
    page = shown(OUTBOX, message=str(SENT))
    frame = page.get("iframe")[0].proto.srcdoc

    assert not page.exception
    assert "<script>" not in said(page)
    assert "](https" not in said(page)
    assert "<script>" not in frame


@pytest.mark.parametrize(
    ("number", "offered"),
    [
        (UNCERTAIN, {"Send again"}),
        (BOUNCED, {"Send again"}),
        (HELD, {"Release", "Cancel"}),
        (QUEUED, {"Cancel"}),
        (SENT, set()),
        (CANCELLED, set()),
    ],
)
@pytest.mark.usefixtures("written")
def test_what_can_be_decided_depends_on_the_state(
    shown: Shown, number: int, offered: set[str]
) -> None:
    """Nothing that was sent is sent again by a click; what is uncertain may be."""
    page = shown(OUTBOX, message=str(number))

    assert popovers(page) & {"Send again", "Release", "Cancel"} - offered == set()
    assert offered <= popovers(page)


def test_an_uncertain_message_is_sent_again(shown: Shown, written: Engine) -> None:
    """Only under a name; then it waits, under the same Message-ID."""
    page = decided(
        shown(OUTBOX, message=str(UNCERTAIN)), f"again.{UNCERTAIN}", "Send again", author=" "
    )

    assert "Nobody is named" in said(page)
    assert state(written, UNCERTAIN) == "uncertain"
    page = decided(page, f"again.{UNCERTAIN}", "Send again")
    assert not page.exception
    assert state(written, UNCERTAIN) == "queued"
    assert f"<{UNCERTAIN}@connectory.example>" in [one.value for one in page.code]


def test_what_is_held_is_released_together(shown: Shown, written: Engine) -> None:
    """All at once, or cancelled one by one."""
    page = decided(shown(OUTBOX), "release.all", "Release all")

    assert not page.exception
    assert state(written, HELD) == "queued"
    decided(shown(OUTBOX, message=str(HELD)), f"cancel.{HELD}", "Cancel")
    assert state(written, HELD) == "cancelled"
