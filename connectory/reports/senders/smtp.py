"""Mail over SMTP, one message to one address at a time, so that each has its own answer.

The standard library's `send_message` raises the same errors before and after a server may have
taken a message. Which it is decides whether it may be tried again, so the steps are taken here.
"""

from __future__ import annotations

import re
import smtplib
import socket
from contextlib import suppress
from typing import Final

from connectory.reports.mail import eml
from connectory.reports.sending import NotTaken, Posting, Refused, Uncertain, Unusable
from connectory.reports_settings import ReportSettings
from connectory.transports import answered, signed_in, why

_GO_ON: Final = 354
_PERMANENT: Final = 500
_GOODBYE: Final = 421
_FINE: Final = range(200, 300)
_NO: Final = range(400, 600)
_MESSAGES_PER_CONNECTION: Final = 100
_BROKEN = (OSError, smtplib.SMTPException)


class SmtpSender:
    """Sends over one connection after the other.

    Args:
        settings: Which server, and who sends.
    """

    def __init__(self, settings: ReportSettings) -> None:
        self._settings = settings
        self._place = f"{settings.smtp_host}:{settings.smtp_port}"
        self._server: smtplib.SMTP | None = None
        self._sent = 0

    def ready(self) -> None:
        """Connect, or make sure that the server still answers."""
        if self._server is not None and self._sent < _MESSAGES_PER_CONNECTION:
            with suppress(*_BROKEN):
                if self._server.noop()[0] in _FINE:
                    return
        self.close()
        try:
            self._server = signed_in(self._settings)
            # The end of a message goes by itself, and would wait until its beginning is confirmed.
            if self._server.sock is not None:
                self._server.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except smtplib.SMTPResponseException as error:
            raise Unusable(
                f"{self._place} answered {answered(error)}; reports.smtp_host"
            ) from error
        except (*_BROKEN, ValueError) as error:
            raise Unusable(
                f"{self._place} cannot be used: {why(error)}; reports.smtp_host"
            ) from error

    def send(self, posting: Posting) -> str:
        """Hand a message over, and return what the server answered to it."""
        content = eml(posting, self._settings)
        if self._server is None:
            self.ready()
        assert self._server is not None  # noqa: S101 - ready() connects or raises
        self._sent += 1
        try:
            self._envelope(self._server, posting)
            self._server.send(_stuffed(content))
        except _BROKEN as error:
            self.close()
            raise NotTaken(f"the connection broke: {why(error)}", alone=False) from error
        # From here on the server may take the message, whatever we hear of it.
        try:
            self._server.send(b".\r\n")
            code, words = self._server.getreply()
        except _BROKEN as error:
            self.close()
            raise Uncertain(f"{self._place} did not answer to the message: {why(error)}") from error
        if code in _FINE:
            return _told(code, words)
        if code not in _NO:
            self.close()
            raise Uncertain(f"{self._place} answered to the message: {_told(code, words)}")
        raise self._failed("to the message", code, words, alone=False)

    def _envelope(self, server: smtplib.SMTP, posting: Posting) -> None:
        """Say who sends to whom, and that the message follows."""
        options, wishes = self._wishes(server, posting)
        code, words = server.mail(self._settings.mail_from, options)
        if code not in _FINE:
            failed = self._failed(f"to {self._settings.mail_from}", code, words, alone=False)
            # Whoever may not send at all may send none of the other messages either.
            raise (
                failed if isinstance(failed, NotTaken) else Unusable(f"{failed}; reports.mail_from")
            )
        code, words = server.rcpt(posting.address, wishes)
        if code not in _FINE:
            raise self._failed(f"to {posting.address}", code, words, alone=True)
        code, words = server.docmd("DATA")
        if code != _GO_ON:
            raise self._failed("to DATA", code, words, alone=False)

    @staticmethod
    def _wishes(server: smtplib.SMTP, posting: Posting) -> tuple[list[str], list[str]]:
        """Ask, where the server offers it, to be told what cannot be delivered, by our name of it."""
        if not server.has_extn("dsn"):
            return [], []
        return ["RET=HDRS", f"ENVID={posting.token}"], ["NOTIFY=FAILURE"]

    def _failed(self, to: str, code: int, words: bytes, *, alone: bool) -> NotTaken | Refused:
        """Return what an answer means, ready for the next message where the server goes on."""
        told = f"{self._place} answered {to}: {_told(code, words)}"
        permanent = code >= _PERMANENT
        if code == _GOODBYE or code < 0:
            self.close()
            return NotTaken(told, alone=False)
        with suppress(*_BROKEN):
            if self._server is not None:
                self._server.rset()
        return Refused(told) if permanent else NotTaken(told, alone=alone)

    def close(self) -> None:
        """Say goodbye, if the server still listens."""
        server, self._server, self._sent = self._server, None, 0
        if server is not None:
            with suppress(*_BROKEN):
                server.quit()
            server.close()


def _stuffed(content: bytes) -> bytes:
    """Return a message as it goes over the wire, up to the dot that ends it (RFC 5321, 4.5.2)."""
    doubled = re.sub(rb"(?m)^\.", b"..", content)
    return doubled if doubled.endswith(b"\r\n") else doubled + b"\r\n"


def _told(code: int, words: bytes) -> str:
    return answered(smtplib.SMTPResponseException(code, words))
