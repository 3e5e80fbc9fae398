"""Bounces: a delivery report is recorded at the message it is of, and nothing else is believed."""

from __future__ import annotations

import pytest
from mailboxes import NOW, letter, mailbox, rows, send, settings, states
from sqlalchemy import Engine

from connectory.reports.bouncing import NotABounce
from connectory.reports.outbox import bounced, queue, resend

_REPORT = """\
From: Mail Delivery System <mailer-daemon@relay.example.com>
To: connectory@example.com
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"
{outer}
--b
Content-Type: text/plain

It could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example.com
{envelope}
Final-Recipient: rfc822; person1@example.com
Action: {action}
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such
 user

--b
Content-Type: {kind}

{returned}

--b--
"""


def report(
    *,
    returned: str = "",
    action: str = "failed",
    kind: str = "text/rfc822-headers",
    outer: str = "",
    envelope: str = "",
) -> bytes:
    """Return a delivery report."""
    filled = _REPORT.format(
        returned=returned, action=action, kind=kind, outer=outer, envelope=envelope
    )
    return filled.replace("\n", "\r\n").encode()


def _sent(store: Engine) -> tuple[int, str]:
    with mailbox() as box:
        wanted = settings(box.port)
        queue(store, [letter(1), letter(2)], wanted, now=NOW)
        send(store, wanted)
    row = rows(store)[0]
    return row.id, row.message_id


@pytest.mark.parametrize("how", ["headers", "message", "reply", "envelope"])
def test_a_report_is_recorded_however_it_names_the_message(store: Engine, how: str) -> None:
    """By returned headers, the whole message returned, a reply header, or our own name of it."""
    number, message_id = _sent(store)
    named = {
        "headers": {"returned": f"Subject: x\nMessage-ID: {message_id}"},
        "message": {
            "returned": f"Message-ID: {message_id}\nSubject: x\n\nHello",
            "kind": "message/rfc822",
        },
        "reply": {"outer": f"In-Reply-To: {message_id}\n"},
        "envelope": {"envelope": f"Original-Envelope-Id: {message_id[1:33]}"},
    }[how]
    found = bounced(store, report(**named), actor="pipe", now=NOW)

    assert (found.outbox_id, found.failed, found.changed) == (number, True, True)
    row = rows(store)[0]
    assert row.state == "bounced"
    assert "5.1.1" in row.reason
    assert "550 5.1.1 no such user" in row.reason
    assert states(store) == {"bounced": 1, "sent": 1}
    again = bounced(store, report(**named), actor="pipe", now=NOW)
    assert not again.changed


def test_a_bounced_message_can_be_sent_again(store: Engine) -> None:
    """After the address was mended a person sends it again, under the same Message-ID."""
    number, message_id = _sent(store)
    bounced(store, report(returned=f"Message-ID: {message_id}"), actor="pipe", now=NOW)
    resend(store, number, author="Ada", now=NOW)
    with mailbox() as box:
        send(store, settings(box.port))

    assert [mail["Message-ID"] for mail in box.mails] == [message_id]


def test_a_late_mail_is_noted_and_no_more(sqlite_store: Engine) -> None:
    """A report of a delay is kept at the message, which counts as sent."""
    number, message_id = _sent(sqlite_store)
    late = report(returned=f"Message-ID: {message_id}", action="delayed")
    found = bounced(sqlite_store, late, actor="pipe", now=NOW)

    assert (found.outbox_id, found.failed, found.changed) == (number, False, False)
    assert states(sqlite_store) == {"sent": 2}
    last = rows(sqlite_store, "SELECT * FROM outbox_events ORDER BY id")[-1]
    assert last.told.startswith("delayed: ")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe\x00",
        b"Subject: hello\r\n\r\nno report",
        report(returned="Message-ID: <somebody-elses@example.org>"),
        report(),
        report(returned="Message-ID: <" + "x" * 2000 + ">"),
        report(action="\x00").replace(b"Action: ", b"Axtion: "),
        b"Content-Type: multipart/report; boundary=b\r\n\r\n" + b"--b\r\n" * 50_000,
        b"".join(
            b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (level, level)
            for level in range(3000)
        ),
        b"x" * (10 * 2**20 + 1),
    ],
    ids=["nothing", "noise", "mail", "foreign", "unnamed", "long", "no action", "wide", "deep", "big"],
)  # fmt: skip
def test_what_is_no_report_of_ours_changes_nothing(sqlite_store: Engine, raw: bytes) -> None:
    """Noise, strangers' reports and hostile structures are refused with one line."""
    _sent(sqlite_store)
    before = rows(sqlite_store)
    with pytest.raises(NotABounce) as error:
        bounced(sqlite_store, raw, actor="pipe", now=NOW)

    assert str(error.value).isprintable()
    assert rows(sqlite_store) == before


def test_hostile_words_of_a_server_stay_words(store: Engine) -> None:
    """Control characters and endless lines of a stranger are cut before they are stored."""
    _, message_id = _sent(store)
    odd = report(returned=f"Message-ID: {message_id}").replace(
        b"no such\r\n user", b"\x00\x1b[31m<script>" + b"x" * 9000
    )
    bounced(store, odd, actor="pipe", now=NOW)

    assert rows(store)[0].reason.isprintable()
    assert len(rows(store)[0].reason) <= 1000
