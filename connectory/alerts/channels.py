"""How an alert is sent: by mail over SMTP, or to a webhook.

A tenant's words may stand in an alert. In a header they are cut to one line of printable
characters; in a card they stand in text runs, which know no markup.
"""

from __future__ import annotations

import os
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Any

import httpx

from connectory.alerts.causes import Alert
from connectory.config import AlertSettings

Send = Callable[[Alert], None]

_LONGEST_TITLE = 150
_LONGEST_LINE = 1000
_NEAR = ("http://127.0.0.1:", "http://localhost:", "http://[::1]:")


class NotSent(Exception):
    """An alert could not be sent; the text says why, and holds no secret."""


def channels(settings: AlertSettings) -> dict[str, Send]:
    """Return how to send, by channel; empty if the settings name nobody to tell."""
    found: dict[str, Send] = {}
    if settings.mail_to:
        found["mail"] = lambda alert: send_mail(settings, alert)
    if settings.webhook_url_env:
        found["webhook"] = lambda alert: send_webhook(settings, alert)
    return found


def one_line(text: str, longest: int = _LONGEST_LINE) -> str:
    """Return a text fit for one line of a header, a mail or a card, whatever it held."""
    printable = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(printable.split())[:longest]


def mail(settings: AlertSettings, alert: Alert) -> EmailMessage:
    """Return an alert as a mail."""
    message = EmailMessage()
    message["Subject"] = one_line(f"Connectory: {alert.title}", _LONGEST_TITLE)
    message["From"] = settings.mail_from or settings.mail_to[0]
    message["To"] = ", ".join(settings.mail_to)
    message["Date"] = formatdate()
    message["Message-ID"] = make_msgid(domain="connectory.invalid")
    message["Auto-Submitted"] = "auto-generated"
    why = "You are told because alerts.mail_to names this address; once a day for each cause."
    message.set_content("\n\n".join([*(one_line(line) for line in alert.lines), why]) + "\n")
    return message


def send_mail(settings: AlertSettings, alert: Alert) -> None:
    """Send an alert by mail.

    Raises:
        NotSent: The server cannot be reached, refuses, or does not offer the security asked for.
    """
    message = mail(settings, alert)
    with _failing(f"{settings.smtp_host}:{settings.smtp_port}"), _server(settings) as server:
        if settings.smtp_user:
            server.login(settings.smtp_user, _password(settings))
        refused = server.send_message(message)
    if refused:
        raise NotSent(f"refused for {', '.join(sorted(refused))}; alerts.mail_to")


def _server(settings: AlertSettings) -> smtplib.SMTP:
    place = settings.smtp_host, settings.smtp_port
    timeout = settings.timeout_seconds
    trusted = ssl.create_default_context()
    if settings.smtp_security == "tls":
        return smtplib.SMTP_SSL(*place, timeout=timeout, context=trusted)
    server = smtplib.SMTP(*place, timeout=timeout)
    if settings.smtp_security == "starttls":
        try:
            server.starttls(context=trusted)
        except (OSError, smtplib.SMTPException):
            server.close()
            raise
    return server


def _password(settings: AlertSettings) -> str:
    return os.environ.get(settings.smtp_password_env, "") if settings.smtp_password_env else ""


def card(alert: Alert) -> dict[str, Any]:
    """Return an alert as the message with an adaptive card that a Teams workflow takes."""

    def run(text: str, **more: Any) -> dict[str, Any]:
        inline = {"type": "TextRun", "text": one_line(text), **more}
        return {"type": "RichTextBlock", "inlines": [inline]}

    body = [run(alert.title, weight="Bolder", size="Medium"), *(run(line) for line in alert.lines)]
    content = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
    }
    kind = "application/vnd.microsoft.card.adaptive"
    return {"type": "message", "attachments": [{"contentType": kind, "content": content}]}


def plain(alert: Alert) -> dict[str, Any]:
    """Return an alert as JSON for any program."""
    return {
        "cause": alert.cause,
        "subject": one_line(alert.subject),
        "day": alert.day.isoformat(),
        "title": one_line(alert.title),
        "lines": [one_line(line) for line in alert.lines],
    }


def send_webhook(settings: AlertSettings, alert: Alert) -> None:
    """Send an alert to the webhook.

    Raises:
        NotSent: Its address is not set or not https, it cannot be reached, or it refuses.
    """
    url = os.environ.get(settings.webhook_url_env, "")
    if not url.startswith(("https://", *_NEAR)):
        raise NotSent(
            f"no https address of a webhook; environment variable {settings.webhook_url_env}"
        )
    body = card(alert) if settings.webhook_format == "adaptive_card" else plain(alert)
    with _failing("the webhook"):
        response = httpx.post(url, json=body, timeout=settings.timeout_seconds)
    if not response.is_success:
        raise NotSent(f"the webhook answered {response.status_code}; check its address")


@contextmanager
def _failing(place: str) -> Iterator[None]:
    """Turn what libraries raise into one line without an address that is a secret."""
    try:
        yield
    except smtplib.SMTPResponseException as error:
        told = error.smtp_error
        words = told if isinstance(told, str) else told.decode("utf-8", "replace")
        said = one_line(words, 200)
        raise NotSent(f"{place} answered {error.smtp_code} {said}") from error
    except (OSError, ValueError, smtplib.SMTPException, httpx.HTTPError, httpx.InvalidURL) as error:
        words = one_line(str(error), 200) if not isinstance(error, httpx.HTTPError) else ""
        raise NotSent(f"{place} cannot be used: {type(error).__name__} {words}".rstrip()) from error
