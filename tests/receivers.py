"""A mail server and a webhook that really listen on loopback, and keep what they are sent."""

from __future__ import annotations

import base64
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson

from connectory.config import AlertSettings


@dataclass
class MailServer:
    """A server that speaks SMTP (RFC 5321) as far as a client needs to hand over a mail.

    Attributes:
        refuse: Commands that are answered with 550, e.g. ``RCPT``.
        account: Name and password that are let in; None offers no sign-in.
        mails: What was handed over.
        envelopes: Sender and receivers of each.
    """

    refuse: frozenset[str] = frozenset()
    account: tuple[str, str] | None = None
    mails: list[EmailMessage] = field(default_factory=list)
    envelopes: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    signed_in: list[str] = field(default_factory=list)
    port: int = 0


class _Session(socketserver.StreamRequestHandler):
    server: Any

    def handle(self) -> None:
        mailbox: MailServer = self.server.mailbox
        sender, receivers = "", []
        self._say("220 loopback ESMTP")
        while line := self.rfile.readline():
            verb, _, rest = line.decode("utf-8").strip().partition(" ")
            verb = verb.upper()
            if verb in mailbox.refuse:
                self._say("550 5.7.1 not\there")
            elif verb == "EHLO":
                self._say(
                    *(["250-loopback", "250 AUTH PLAIN"] if mailbox.account else ["250 loopback"])
                )
            elif verb == "AUTH":
                said = base64.b64decode(rest.split()[1]).decode().split("\0")[1:]
                fits = tuple(said) == mailbox.account
                mailbox.signed_in += said[:1] if fits else []
                self._say("235 2.7.0 welcome" if fits else "535 5.7.8 wrong password")
            elif verb == "MAIL":
                sender, receivers = rest, []
                self._say("250 ok")
            elif verb == "RCPT":
                receivers.append(rest)
                self._say("250 ok")
            elif verb == "DATA":
                self._say("354 go on")
                lines = []
                while (text := self.rfile.readline()) not in {b".\r\n", b""}:
                    lines.append(text.removeprefix(b".") if text.startswith(b"..") else text)
                parsed = message_from_bytes(b"".join(lines), policy=policy.default)
                assert isinstance(parsed, EmailMessage)
                mailbox.mails.append(parsed)
                mailbox.envelopes.append((sender, tuple(receivers)))
                self._say("250 queued")
            elif verb == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 ok" if verb in {"RSET", "NOOP"} else "502 5.5.1 unknown")

    def _say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())


@contextmanager
def mail_server(**options: Any) -> Iterator[MailServer]:
    """Serve mail on a free port of loopback."""
    mailbox = MailServer(**options)
    with _threaded(socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Session)) as server:
        server.mailbox = mailbox
        mailbox.port = server.server_address[1]
        yield mailbox


@dataclass
class Webhook:
    """What a webhook was sent, and how it answers."""

    status: int = 202
    bodies: list[Any] = field(default_factory=list)
    url: str = ""


@contextmanager
def webhook(status: int = 202) -> Iterator[Webhook]:
    """Serve a webhook on a free port of loopback."""
    hook = Webhook(status)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            hook.bodies.append(orjson.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(hook.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with _threaded(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as server:
        hook.url = f"http://127.0.0.1:{server.server_address[1]}/hook?sig=obviously-invented"
        yield hook


@contextmanager
def _threaded(server: Any) -> Iterator[Any]:
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def to_mail(port: int, **more: Any) -> AlertSettings:
    """Return settings that send mail to a server on loopback."""
    values = {
        "mail_to": ["ops@example.com", "night@example.com"],
        "mail_from": "connectory@example.com",
        "smtp_host": "127.0.0.1",
        "smtp_port": port,
        "smtp_security": "none",
        "timeout_seconds": 3,
        **more,
    }
    return AlertSettings(**values)
