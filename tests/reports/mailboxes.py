"""A real mail server on loopback that counts what it took, and letters to send to it."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any
from zoneinfo import ZoneInfo

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import Engine, text

from connectory.database import reading
from connectory.domain.answering import Passed, Recipient
from connectory.reports.letter import Letter
from connectory.reports.outbox import Delivered, deliver
from connectory.reports.senders.smtp import SmtpSender
from connectory.reports.sending import Sender
from connectory.reports_settings import ReportSettings

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
"""A Tuesday, in nobody's quiet hours."""


@dataclass
class Mailbox:
    """What a mail server took, and how it behaves.

    Attributes:
        answers: What is answered to RCPT instead of letting an address in.
        data: What is answered to messages, one after the other; then 250.
        pause: Seconds between having a message whole and answering.
        taken: How often each message came for each address, by address and Message-ID.
        mails: The messages.
        came: Called with the number of messages so far when one is there whole, before the answer.
    """

    port: int = 0
    answers: dict[str, str] = field(default_factory=dict)
    data: list[str] = field(default_factory=list)
    pause: float = 0.0
    taken: Counter[tuple[str, str]] = field(default_factory=Counter)
    mails: list[EmailMessage] = field(default_factory=list)
    senders: list[str] = field(default_factory=list)
    came: Callable[[int], object] = lambda _: None

    async def handle_RCPT(  # noqa: N802 - the library calls it so
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Let an address in, or not."""
        del server, session, options
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - the library calls it so
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Count a message, then answer."""
        del server, session
        content = envelope.original_content
        assert isinstance(content, bytes)
        told = message_from_bytes(content, policy=policy.default)
        assert isinstance(told, EmailMessage)
        answer = self.data.pop(0) if self.data else "250 taken"
        if answer.startswith("2"):
            self.mails.append(told)
            self.senders.append(str(envelope.mail_from))
            for address in envelope.rcpt_tos:
                self.taken[address, str(told["Message-ID"])] += 1
        self.came(len(self.mails))
        await asyncio.sleep(self.pause)
        return answer

    @property
    def addresses(self) -> Counter[str]:
        """How many messages each address has got."""
        found: Counter[str] = Counter()
        for (address, _), times in self.taken.items():
            found[address] += times
        return found


@contextmanager
def mailbox(**options: Any) -> Iterator[Mailbox]:
    """Serve mail on a free port of loopback."""
    box = Mailbox(port=free_port(), **options)
    controller = Controller(box, hostname="127.0.0.1", port=box.port)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def settings(port: int = 0, **more: Any) -> ReportSettings:
    """Return settings that send mail to a server on loopback, as fast as it can be."""
    values = {
        "channel": "smtp",
        "mail_from": "connectory@example.com",
        "smtp_host": "127.0.0.1",
        "smtp_port": port or 9,
        "smtp_security": "none",
        "timeout_seconds": 3,
        "per_minute": 10_000,
        **more,
    }
    return ReportSettings(**values)


def letter(number: int = 1, occasion: str = "owner-digest/2026-W48", **more: Any) -> Letter:
    """Return a letter to one of many people."""
    to = Recipient(
        f"person-{number}",
        f"Person {number}",
        f"person{number}@example.com",
        "de-DE",
        "manager",
        (Passed("owner", "Gone Owner", "departed"),),
    )
    values = {
        "report": "owner-digest",
        "occasion": occasion,
        "to": to,
        "language": "en",
        "subject": f"2 things to do, {number}",
        "text": "Do this.\n.\nThen that.\n",
        "html": f"<!doctype html><html><body><p>Do this, {number}.</p></body></html>",
        "card": {"type": "AdaptiveCard", "body": []},
        "connectors": (number,),
        **more,
    }
    return Letter(**values)


def send(
    engine: Engine,
    wanted: ReportSettings,
    *,
    sender: Sender | None = None,
    now: datetime = NOW,
    wall: Callable[[], datetime] = lambda: datetime.now(UTC),
    **more: Any,
) -> Delivered:
    """Send what is due, once around."""
    return deliver(
        engine,
        sender or SmtpSender(wanted),
        wanted,
        zone=ZoneInfo("Europe/Berlin"),
        now=lambda: now,
        wall=wall,
        stop=more.pop("stop", threading.Event()),
        **more,
    )


def rows(engine: Engine, query: str = "SELECT * FROM outbox ORDER BY id") -> list[Any]:
    """Return what a query finds."""
    with reading(engine) as connection:
        return list(connection.execute(text(query)))


def states(engine: Engine) -> Counter[str]:
    """Return how many messages are in each state."""
    return Counter(row.state for row in rows(engine))
