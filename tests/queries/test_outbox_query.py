"""What people were written, what became of it, and what it said."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd
import pytest
from factories import ADA, BRUNO, INVOICES, TWIN, fill
from factories_asking import (
    AUTUMN,
    BOUNCED,
    FORGOTTEN,
    HELD,
    QUEUED,
    REFUSED,
    SENDING,
    SENT,
    TODAY,
    UNCERTAIN,
    at,
    fill_asking,
)
from sqlalchemy import Connection, Engine

from connectory.database import reading
from connectory.queries.outbox import (
    STATES,
    message,
    newest,
    other_channels,
    outbox,
    outbox_counts,
)


@pytest.fixture
def asked(module_store: Engine) -> Engine:
    """A store with messages in each state."""
    with reading(module_store) as connection:
        there = not outbox(connection).empty
    if not there:
        fill(module_store)
        fill_asking(module_store)
    return module_store


def test_messages_come_the_newest_first(asked: Engine) -> None:
    """Each with the campaign it asks for, if any."""
    with reading(asked) as connection:
        frame = outbox(connection)
    sent = frame[frame["outbox_id"] == SENT].iloc[0]

    assert frame["outbox_id"].tolist() == [9, 8, 7, 6, 5, 4, 3, 2, 1]
    assert (sent["campaign"], sent["campaign_id"]) == ("Autumn review", AUTUMN)
    assert sent["connectors"] == [INVOICES, TWIN]
    assert frame["campaign"].notna().sum() == 1


def test_a_choice_of_messages(asked: Engine) -> None:
    """By state, recipient, campaign, and day, which leaves nothing out that needs a person."""
    with reading(asked) as connection:
        late = outbox(connection, since=at(TODAY))
        of_state = outbox(connection, ["refused", "bounced"])
        to_bruno = outbox(connection, recipient=BRUNO)
        of_campaign = outbox(connection, campaign_id=AUTUMN)
        of_occasion = outbox(connection, occasion="owner-digest/", report="owner-digest", limit=2)

    assert set(late["outbox_id"]) == {HELD, QUEUED, SENDING, UNCERTAIN, REFUSED, BOUNCED}
    assert set(of_state["outbox_id"]) == {REFUSED, BOUNCED}
    assert to_bruno["outbox_id"].tolist() == [FORGOTTEN]
    assert of_campaign["outbox_id"].tolist() == [SENT]
    assert of_occasion["outbox_id"].tolist() == [9, 8]


def test_what_waits_for_another_channel(asked: Engine) -> None:
    """After the channel was changed in the settings, messages of the old one are counted."""
    with reading(asked) as connection:
        assert other_channels(connection, "folder") == {}
        assert other_channels(connection, "smtp") == {"folder": 2}


def counted(frame: pd.DataFrame) -> dict[str, int]:
    """How many messages are in each state."""
    return dict(zip(frame["state"], frame["messages"], strict=True))


def test_states_are_counted(asked: Engine) -> None:
    """All states are told, also those that no message is in."""
    with reading(asked) as connection:
        every = outbox_counts(connection)
        late = outbox_counts(connection, since=at(TODAY) - timedelta(days=1))
        of_campaign = outbox_counts(connection, campaign_id=AUTUMN)

    assert counted(every) == dict.fromkeys(STATES, 1) | {"sent": 2}
    assert counted(late) == dict.fromkeys(STATES, 1) | {"cancelled": 0}
    assert every["oldest_at"].min() == at(TODAY - timedelta(days=200))
    assert counted(of_campaign)["sent"] == 1


def test_a_message_is_told_with_what_it_says(asked: Engine) -> None:
    """And with what became of it, the oldest first."""
    with reading(asked) as connection:
        told = message(connection, REFUSED)

    assert told is not None
    assert told.text == "Hello, Ada."
    assert "Hello" in str(told.html)
    assert told.card is None
    assert (told.facts["recipient"], told.facts["outbox_id"]) == (ADA, REFUSED)
    assert told.events["state"].tolist() == ["queued", "refused"]
    assert told.events["told"].tolist() == [None, "550 no such user"]


def test_a_message_whose_content_was_forgotten_stays(asked: Engine) -> None:
    """It says nothing any more; one that never was is None."""
    with reading(asked) as connection:
        told = message(connection, FORGOTTEN)

        assert message(connection, 999) is None
    assert told is not None
    assert (told.text, told.html, told.card) == (None, None, None)


def test_it_shows_whether_anything_became_of_a_message(asked: Engine, nothing: Connection) -> None:
    """What it returns is equal as long as nothing was written."""
    with reading(asked) as connection:
        assert newest(connection) == newest(connection)
        assert newest(connection) != newest(nothing)


def test_without_messages_frames_have_their_columns(nothing: Connection) -> None:
    """Nothing was written to anybody."""
    frame = outbox(nothing)

    assert frame.empty
    assert {"outbox_id", "state", "recipient_name", "campaign"} <= set(frame.columns)
    assert set(outbox_counts(nothing)["messages"]) == {0}
    assert other_channels(nothing, "folder") == {}
