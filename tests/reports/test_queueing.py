"""Letters are written down once, all together, and never more than a run may write to."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from mailboxes import NOW, letter, rows, send, settings, states
from sqlalchemy import Engine

from connectory.database import reading
from connectory.domain.answering import Recipient
from connectory.queries.outbox import message, outbox, outbox_counts
from connectory.reports.outbox import NotDecided, Queued, cancel, queue, release, resend


def test_a_repeated_run_writes_to_nobody_twice(store: Engine) -> None:
    """The same occasion and person are left out, in the same run and in later ones."""
    first = queue(store, [letter(1), letter(2), letter(1)], settings(), now=NOW)
    again = queue(store, [letter(2), letter(3)], settings(), now=NOW + timedelta(hours=1))
    other = queue(store, [letter(1, "owner-digest/2026-W49")], settings(), now=NOW)

    assert first == Queued(queued=2, already=1)
    assert again == Queued(queued=1, already=1)
    assert other == Queued(queued=1)
    assert len({row.message_id for row in rows(store)}) == 4
    assert all(row.message_id.endswith("@example.com>") for row in rows(store))


def test_another_channel_writes_nobody_a_second_letter(store: Engine) -> None:
    """What waits for the channel before is not written again, unless a person cancelled it there."""
    queue(store, [letter(1), letter(2)], settings(), now=NOW)
    ids = [row.id for row in rows(store)]
    cancel(store, ids[1:], author="Ada", now=NOW)
    other = settings().model_copy(update={"channel": "graph"})

    assert queue(store, [letter(1), letter(2)], other, now=NOW) == Queued(queued=1, already=1)
    assert [row.channel for row in rows(store)][2:] == ["graph"]


def test_what_was_written_down_is_told_as_it_was(store: Engine) -> None:
    """The message's facts, its content and who was passed over stand as the letter had them."""
    queue(store, [letter(7)], settings(), now=NOW)

    with reading(store) as connection:
        found = outbox(connection)
        told = message(connection, int(found["outbox_id"].iloc[0]))
        absent = message(connection, 0)

    assert absent is None
    assert told is not None
    assert told.text == letter(7).text
    assert told.html == letter(7).html
    assert told.card == letter(7).card
    assert told.facts["passed"] == [{"role": "owner", "name": "Gone Owner", "why": "departed"}]
    assert list(found["connectors"].iloc[0]) == [7]
    assert found["state"].tolist() == ["queued"]


def test_a_run_over_the_cap_sends_nothing_until_it_is_released(store: Engine) -> None:
    """A fault that would write to everybody stops; a person can let it go on, or cancel it."""
    limited = settings(cap_per_run=3)
    told = queue(store, [letter(number) for number in range(5)], limited, now=NOW)

    assert told == Queued(held=5)
    assert send(store, limited).sent == 0
    assert "5 people" in rows(store)[0].reason
    ids = [row.id for row in rows(store)]
    assert release(store, ids[:2], author="Ada", now=NOW) == 2
    assert cancel(store, ids, author="Ada", now=NOW) == 5
    assert states(store) == {"cancelled": 5}
    actors = [(row.state, row.actor) for row in rows(store, "SELECT * FROM outbox_events")]
    assert sorted(actors) == [("cancelled", "Ada")] * 5 + [("queued", "Ada")] * 2


def test_the_cap_counts_whom_a_run_would_newly_write_to(store: Engine) -> None:
    """Who was written to before does not count, and a run may have a cap of its own."""
    limited = settings(cap_per_run=3)
    queue(store, [letter(number) for number in range(3)], limited, now=NOW)
    told = queue(store, [letter(number) for number in range(6)], limited, now=NOW)
    wide = queue(store, [letter(number, "x") for number in range(6)], limited, now=NOW, cap=6)

    assert told == Queued(queued=3, already=3)
    assert wide == Queued(queued=6)


@pytest.mark.parametrize(
    "address",
    ["", "nobody", "a@example.com\r\nBcc: b@example.com", "A <a@example.com>", "jörg@example.com"],
)
def test_an_address_that_is_none_is_recorded_and_never_sent(
    sqlite_store: Engine, address: str
) -> None:
    """Who cannot be written to shows in the outbox, with the reason."""
    odd = Recipient("person-1", "Person", address, None, "owner")
    told = queue(sqlite_store, [letter(1, to=odd), letter(2)], settings(), now=NOW)

    assert told == Queued(queued=1, refused=1)
    assert states(sqlite_store) == {"refused": 1, "queued": 1}
    assert "no plain mail address" in rows(sqlite_store)[0].reason


def test_words_that_a_database_refuses_are_stored_all_the_same(store: Engine) -> None:
    """Null characters and halves of letters from a tenant stop no run."""
    odd = "Order\0s \ud800 <b>"
    to = Recipient("person-1", odd, "person1@example.com", None, "owner")
    hostile = letter(1, to=to, subject=odd, text=odd, html=odd, card={odd: [odd]})

    assert queue(store, [hostile], settings(), now=NOW) == Queued(queued=1)
    with reading(store) as connection:
        told = message(connection, rows(store)[0].id)
    assert told is not None
    assert told.text == "Orders ? <b>"
    assert told.card == {"Orders ? <b>": ["Orders ? <b>"]}


@pytest.mark.parametrize(
    "decide",
    [
        lambda store, one: release(store, [one], author="Ada", now=NOW),
        lambda store, one: resend(store, one, author="Ada", now=NOW),
        lambda store, one: cancel(store, [one + 100], author="Ada", now=NOW),
        lambda store, one: cancel(store, [one], author=" \n", now=NOW),
        lambda store, one: resend(store, one + 100, author="Ada", now=NOW),
        lambda store, _: release(store, [], author="Ada", now=NOW),
    ],
)
def test_what_cannot_be_decided_changes_nothing(sqlite_store: Engine, decide: Any) -> None:
    """A message in another state, an unknown one, or nobody who decides: told, nothing written."""
    queue(sqlite_store, [letter(1)], settings(), now=NOW)
    (row,) = rows(sqlite_store)

    with pytest.raises(NotDecided):
        decide(sqlite_store, row.id)
    assert rows(sqlite_store) == [row]
    assert rows(sqlite_store, "SELECT * FROM outbox_events") == []


def test_counts_have_every_state(sqlite_store: Engine) -> None:
    """A page shows each state also when nothing is in it."""
    queue(sqlite_store, [letter(1)], settings(), now=NOW)

    with reading(sqlite_store) as connection:
        counts = outbox_counts(connection)
    told = dict(zip(counts["state"], counts["messages"], strict=True))

    assert told == {
        "held": 0, "queued": 1, "sending": 0, "sent": 0,
        "uncertain": 0, "refused": 0, "bounced": 0, "cancelled": 0,
    }  # fmt: skip
