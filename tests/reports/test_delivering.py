"""Sending what waits: each exactly once, and what fails is said, put off or given up as it should."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from mailboxes import NOW, free_port, letter, mailbox, rows, send, settings, states
from sqlalchemy import Engine, text

from connectory.database import reading, writing
from connectory.queries.outbox import message
from connectory.reports.claiming import LOST, claim, settle
from connectory.reports.outbox import NotDecided, deliver, queue, resend
from connectory.reports.senders.smtp import SmtpSender
from connectory.reports.sending import Posting

REAL = datetime.now(UTC)


def test_everybody_gets_one(store: Engine) -> None:
    """Each message is taken once, settled, and never sent again."""
    with mailbox() as box:
        wanted = settings(box.port)
        queue(store, [letter(number) for number in range(5)], wanted, now=NOW)
        told = send(store, wanted)
        again = send(store, wanted)

    assert (told.sent, told.left, told.exit_code) == (5, 0, 0)
    assert (again.sent, again.exit_code) == (0, 0)
    assert set(box.addresses.values()) == {1}
    assert {row.message_id for row in rows(store)} == {key for _, key in box.taken}
    assert {(row.state, row.tries, row.reason) for row in rows(store)} == {("sent", 1, None)}
    events = [row.state for row in rows(store, "SELECT * FROM outbox_events ORDER BY id")]
    assert events == ["sending", "sent"] * 5


def test_a_server_that_is_down_is_said_and_nothing_is_lost(store: Engine) -> None:
    """While nothing listens every message waits with the reason; later all go out."""
    port = free_port()
    wanted = settings(port)
    queue(store, [letter(1), letter(2)], wanted, now=NOW)
    told = send(store, wanted)

    assert (told.sent, told.left, told.exit_code) == (0, 2, 1)
    assert told.why is not None
    assert f"127.0.0.1:{port}" in told.why
    assert [(row.state, row.tries) for row in rows(store)] == [("queued", 0)] * 2
    assert all("127.0.0.1" in row.reason for row in rows(store))

    with mailbox() as box:
        told = send(store, settings(box.port))
    assert told.sent == 2
    assert [row.reason for row in rows(store)] == [None, None]


def test_who_is_refused_stops_nobody_else(store: Engine) -> None:
    """A refused address is recorded with the server's words; the others get theirs."""
    answers = {"person2@example.com": "550 5.1.1 no such user"}
    with mailbox(answers=answers) as box:
        wanted = settings(box.port)
        queue(store, [letter(number) for number in range(1, 5)], wanted, now=NOW)
        told = send(store, wanted)

    assert (told.sent, told.refused, told.exit_code) == (3, 1, 3)
    (refused,) = [row for row in rows(store) if row.state == "refused"]
    assert refused.address == "person2@example.com"
    assert "550 5.1.1 no such user" in refused.reason
    assert refused.settled_at is not None


def test_who_is_put_off_is_tried_again_later_and_later(store: Engine) -> None:
    """A message that surely was not taken waits for its next try; after the last it is given up."""
    answers = {"person1@example.com": "450 4.2.1 greylisted"}
    with mailbox(answers=answers) as box:
        wanted = settings(box.port, tries=3)
        queue(store, [letter(1), letter(2)], wanted, now=NOW)
        first = send(store, wanted)
        soon = send(store, wanted, now=NOW + timedelta(minutes=4))
        second = send(store, wanted, now=NOW + timedelta(minutes=5))
        between = send(store, wanted, now=NOW + timedelta(minutes=14))
        third = send(store, wanted, now=NOW + timedelta(minutes=15))

    assert (first.sent, first.later) == (1, 1)
    assert (soon.later, second.later, between.later) == (0, 1, 0)
    assert third.refused == 1
    row = rows(store)[0]
    assert (row.state, row.tries) == ("refused", 3)
    assert "given up after 3 tries" in row.reason


def test_a_temporary_no_to_a_message_is_tried_again(store: Engine) -> None:
    """An answer of 4xx after the message says that it was not taken, so it may go again."""
    with mailbox(data=["451 4.3.0 try again"]) as box:
        wanted = settings(box.port)
        queue(store, [letter(1)], wanted, now=NOW)
        first = send(store, wanted)
        second = send(store, wanted, now=NOW + timedelta(minutes=6))

    assert (first.later, second.sent) == (1, 1)
    assert box.addresses == {"person1@example.com": 1}


def test_a_silent_server_leaves_messages_uncertain_and_is_left_alone(store: Engine) -> None:
    """No answer after the message: uncertain, never sent again by itself, and few of them."""
    with mailbox(pause=3) as box:
        wanted = settings(box.port, timeout_seconds=0.3)
        queue(store, [letter(number) for number in range(8)], wanted, now=NOW)
        told = send(store, wanted)
        count = len(box.mails)
    with mailbox() as box:
        later = send(store, settings(box.port), now=NOW + timedelta(days=1))

    assert (told.sent, told.uncertain, told.left, told.exit_code) == (0, 3, 5, 1)
    assert count == 3
    assert later.sent == 5
    assert states(store) == {"sent": 5, "uncertain": 3}
    assert all("did not answer" in row.reason for row in rows(store) if row.state == "uncertain")


def test_a_person_sends_an_uncertain_one_again_as_the_same(store: Engine) -> None:
    """Sent again by hand it has the same Message-ID, and who decided it is kept."""
    with mailbox(pause=3) as box:
        queue(store, [letter(1)], settings(), now=NOW)
        send(store, settings(box.port, timeout_seconds=0.3))
    (row,) = rows(store)
    resend(store, row.id, author="Ada", now=NOW + timedelta(hours=1))
    with mailbox() as second:
        told = send(store, settings(second.port), now=NOW + timedelta(hours=1))

    assert told.sent == 1
    assert [mail["Message-ID"] for mail in second.mails] == [row.message_id]
    with reading(store) as connection:
        found = message(connection, row.id)
    assert found is not None
    told_of = list(zip(found.events["state"], found.events["told"], strict=True))
    assert [state for state, _ in told_of] == ["sending", "uncertain", "queued", "sending", "sent"]
    assert told_of[2][1] == "sent again by hand"


class _Dropping(socketserver.StreamRequestHandler):
    """Greets, and hangs up at a command."""

    at = b"DATA"

    def handle(self) -> None:
        self.wfile.write(b"220 loopback\r\n")
        while line := self.rfile.readline():
            if line.upper().startswith(self.at):
                if self.at == b"DATA":
                    self.wfile.write(b"354 go on\r\n")
                    self.rfile.readline()
                return
            self.wfile.write(b"250 fine\r\n")


@contextmanager
def _dropping(at: bytes) -> Iterator[int]:
    handler = type("Dropping", (_Dropping,), {"at": at})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("at", [b"MAIL", b"RCPT"])
def test_a_connection_that_breaks_before_the_message_loses_nothing(
    sqlite_store: Engine, at: bytes
) -> None:
    """Surely nothing was taken, so all of it is tried again; a broken server is soon left alone."""
    with _dropping(at) as port:
        wanted = settings(port)
        queue(sqlite_store, [letter(number) for number in range(6)], wanted, now=NOW)
        told = send(sqlite_store, wanted)

    assert (told.later, told.uncertain, told.left) == (3, 0, 3)
    assert states(sqlite_store) == {"queued": 6}


@pytest.mark.parametrize("words", [b"what was that\r\n", b"354 go on\r\n"])
def test_what_is_no_answer_to_a_message_leaves_it_uncertain(
    sqlite_store: Engine, words: bytes
) -> None:
    """Only 4xx and 5xx say that a message was not taken: after anything else it may have been."""

    class Odd(_Dropping):
        def handle(self) -> None:
            self.wfile.write(b"220 loopback\r\n")
            while line := self.rfile.readline():
                if line.upper().startswith(b"DATA"):
                    self.wfile.write(b"354 go on\r\n")
                    while self.rfile.readline() not in {b".\r\n", b""}:
                        pass
                    self.wfile.write(words)
                else:
                    self.wfile.write(b"250 fine\r\n")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Odd) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        wanted = settings(server.server_address[1])
        queue(sqlite_store, [letter(1)], wanted, now=NOW)
        told = send(sqlite_store, wanted)
        server.shutdown()
        thread.join()

    assert (told.uncertain, told.later) == (1, 0)
    assert states(sqlite_store) == {"uncertain": 1}


def test_a_sender_who_may_not_send_stops_the_round(sqlite_store: Engine) -> None:
    """A server that refuses us, not a receiver, refuses nobody's message for good."""

    class Refusing(_Dropping):
        def handle(self) -> None:
            self.wfile.write(b"220 loopback\r\n")
            while line := self.rfile.readline():
                mail = line.upper().startswith(b"MAIL")
                self.wfile.write(b"550 5.7.1 not you\r\n" if mail else b"250 fine\r\n")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Refusing) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        wanted = settings(server.server_address[1])
        queue(sqlite_store, [letter(1), letter(2)], wanted, now=NOW)
        told = send(sqlite_store, wanted)
        server.shutdown()
        thread.join()

    assert told.why is not None
    assert "reports.mail_from" in told.why
    assert [(row.state, row.tries) for row in rows(sqlite_store)] == [("queued", 0)] * 2


def test_ten_refusals_in_a_row_stop_the_round(sqlite_store: Engine) -> None:
    """A relay that refuses every address does not use up the whole outbox."""
    answers = {f"person{number}@example.com": "550 5.7.1 relaying denied" for number in range(30)}
    with mailbox(answers=answers) as box:
        wanted = settings(box.port)
        queue(sqlite_store, [letter(number) for number in range(30)], wanted, now=NOW)
        told = send(sqlite_store, wanted)

    assert (told.refused, told.left, told.exit_code) == (10, 20, 1)
    assert "relaying denied" in str(told.why)


def test_nothing_is_sent_in_quiet_hours_unless_a_person_wants_it(sqlite_store: Engine) -> None:
    """At night everything waits, and it is said until when."""
    night = NOW.replace(hour=22)
    with mailbox() as box:
        wanted = settings(box.port)
        queue(sqlite_store, [letter(1)], wanted, now=NOW)
        quiet = send(sqlite_store, wanted, now=night)
        loud = send(sqlite_store, wanted, now=night, in_quiet=True)

    assert (quiet.sent, quiet.left, quiet.exit_code) == (0, 1, 0)
    assert quiet.quiet_until == datetime(2026, 11, 25, 6, 0, tzinfo=UTC)
    assert loud.sent == 1


def test_no_more_than_so_many_in_a_minute(store: Engine) -> None:
    """The rate holds over rounds and processes, since it is told by the store."""
    wanted = settings(per_minute=2)
    queue(store, [letter(number) for number in range(4)], wanted, now=NOW)
    moments = [NOW, NOW + timedelta(seconds=10), NOW + timedelta(seconds=20)]
    claims = [claim(store, wanted, now=at, wall=lambda: REAL) for at in moments]
    later = claim(store, wanted, now=NOW + timedelta(seconds=61), wall=lambda: REAL)
    then = claim(store, wanted, now=NOW + timedelta(seconds=62), wall=lambda: REAL)

    assert [type(one).__name__ for one in claims] == ["Claimed", "Claimed", "timedelta"]
    assert claims[2] == timedelta(seconds=40)
    assert type(later).__name__ == "Claimed"
    assert then == timedelta(seconds=8)


def test_a_round_waits_for_its_turn(sqlite_store: Engine) -> None:
    """Where as many were sent as may be, the round goes on when it may again."""
    with mailbox() as box:
        wanted = settings(box.port, per_minute=1)
        queue(sqlite_store, [letter(1), letter(2)], wanted, now=NOW)
        clock = iter([NOW + timedelta(seconds=20 * number) for number in range(100)])
        told = deliver(
            sqlite_store,
            SmtpSender(wanted),
            wanted,
            zone=ZoneInfo("UTC"),
            now=lambda: next(clock),
            wall=lambda: REAL,
            stop=_Hurried(),
        )

    assert told.sent == 2


class _Hurried(threading.Event):
    """Is never set, and waits for nobody."""

    def wait(self, timeout: float | None = None) -> bool:
        del timeout
        return False


def test_a_claim_that_ended_is_uncertain_and_its_late_answer_still_counts(store: Engine) -> None:
    """Nobody sends what another may have sent; who was only slow puts it right afterwards."""
    wanted = settings()
    queue(store, [letter(1)], wanted, now=NOW)
    claimed = claim(store, wanted, now=NOW, wall=lambda: REAL)
    assert not isinstance(claimed, timedelta)
    assert claimed is not None
    before = send(store, wanted, wall=lambda: REAL + timedelta(seconds=299))
    lost = send(store, wanted, wall=lambda: REAL + timedelta(seconds=300))
    uncertain = rows(store)[0]
    stood = settle(store, claimed, "sent", "250 taken", now=NOW)

    assert (before.lost, lost.lost, lost.exit_code) == (0, 1, 3)
    assert (uncertain.state, uncertain.reason) == ("uncertain", LOST)
    assert stood
    assert states(store) == {"sent": 1}


def test_a_late_answer_changes_nothing_that_a_person_has_decided(store: Engine) -> None:
    """Once it is to be sent again, the claim before has no say any more, but is noted."""
    wanted = settings()
    queue(store, [letter(1)], wanted, now=NOW)
    claimed = claim(store, wanted, now=NOW, wall=lambda: REAL)
    assert claimed is not None
    assert not isinstance(claimed, timedelta)
    send(store, wanted, wall=lambda: REAL + timedelta(hours=1))
    resend(store, claimed.id, author="Ada", now=NOW)
    stood = settle(store, claimed, "sent", "250 taken", now=NOW)

    assert not stood
    assert states(store) == {"queued": 1}
    assert "too late" in rows(store, "SELECT * FROM outbox_events ORDER BY id")[-1].told


def test_what_stalled_before_it_was_begun_is_not_sent(store: Engine) -> None:
    """A process that slept through its claim sends nothing: somebody may have taken over."""
    with mailbox() as box:
        wanted = settings(box.port)
        queue(store, [letter(1)], wanted, now=NOW)
        slept = iter([REAL, REAL + timedelta(hours=1)])
        told = send(store, wanted, wall=lambda: next(slept, REAL + timedelta(hours=1, minutes=1)))

    assert told.sent == 1  # by the second claim, whose end is later
    assert box.addresses == {"person1@example.com": 1}
    assert [row.state for row in rows(store, "SELECT * FROM outbox_events ORDER BY id")] == [
        "sending", "queued", "sending", "sent",
    ]  # fmt: skip


class _Breaking(SmtpSender):
    """Fails in a way that nobody foresaw, after the message left."""

    def send(self, posting: Posting) -> str:
        super().send(posting)
        raise ZeroDivisionError


def test_an_error_that_nobody_foresaw_is_uncertain(sqlite_store: Engine) -> None:
    """Whatever breaks while a message is sent, it is not sent again by itself."""
    with mailbox() as box:
        wanted = settings(box.port)
        queue(sqlite_store, [letter(1)], wanted, now=NOW)
        told = send(sqlite_store, wanted, sender=_Breaking(wanted))

    assert told.uncertain == 1
    assert states(sqlite_store) == {"uncertain": 1}


def test_one_round_sends_only_by_the_channel_of_the_settings(sqlite_store: Engine) -> None:
    """Who turns mail off by naming another channel is not mailed what still waits."""
    with mailbox() as box:
        queue(sqlite_store, [letter(1)], settings(box.port, channel="folder"), now=NOW)
        told = send(sqlite_store, settings(box.port))

    assert (told.sent, told.left) == (0, 0)
    assert states(sqlite_store) == {"queued": 1}


def test_what_a_message_said_is_forgotten_and_then_it_stays_unsent(store: Engine) -> None:
    """After its days only the fact stays; what cannot be said any more cannot be sent again."""
    answers = {"person1@example.com": "550 5.1.1 no such user"}
    with mailbox(answers=answers) as box:
        wanted = settings(box.port, keep_content_days=10)
        queue(store, [letter(1)], wanted, now=NOW)
        send(store, wanted)
        send(store, wanted, now=NOW + timedelta(days=9))
        kept = rows(store, "SELECT * FROM outbox_contents")
        send(store, wanted, now=NOW + timedelta(days=11))

    assert len(kept) == 1
    assert rows(store, "SELECT * FROM outbox_contents") == []
    assert states(store) == {"refused": 1}
    with pytest.raises(NotDecided, match="forgotten"):
        resend(store, rows(store)[0].id, author="Ada", now=NOW)


def test_a_message_without_content_is_not_sent(sqlite_store: Engine) -> None:
    """A row whose content is gone is refused, and the round goes on."""
    with mailbox() as box:
        wanted = settings(box.port)
        queue(sqlite_store, [letter(1), letter(2)], wanted, now=NOW)
        with writing(sqlite_store) as connection:
            connection.execute(text("DELETE FROM outbox_contents WHERE outbox_id = 1"))
        told = send(sqlite_store, wanted)

    assert (told.sent, told.refused) == (1, 1)


def test_asked_to_stop_it_ends_after_the_message_under_way(sqlite_store: Engine) -> None:
    """What is not sent yet waits for the next round."""
    stop = threading.Event()
    with mailbox(came=lambda count: stop.set() if count == 2 else None) as box:
        wanted = settings(box.port)
        queue(sqlite_store, [letter(number) for number in range(5)], wanted, now=NOW)
        told = send(sqlite_store, wanted, stop=stop)

    assert (told.sent, told.left, told.exit_code) == (2, 3, 3)
    assert states(sqlite_store) == {"sent": 2, "queued": 3}
