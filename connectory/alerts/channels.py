"""How an alert is sent: by mail over SMTP, or to a webhook.

A tenant's words may stand in an alert. In a header they are cut to one line of printable
characters; in a card they stand in text runs, which know no markup.
"""

from __future__ import annotations

from collections.abc import Callable
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Any

from connectory.alerts.causes import Alert
from connectory.config import AlertSettings
from connectory.domain.one_line import one_line
from connectory.transports import NotSent, failing, post, signed_in, webhook_address

Send = Callable[[Alert], None]

_LONGEST_TITLE = 150


def channels(settings: AlertSettings) -> dict[str, Send]:
    """Return how to send, by channel; empty if the settings name nobody to tell."""
    found: dict[str, Send] = {}
    if settings.mail_to:
        found["mail"] = lambda alert: send_mail(settings, alert)
    if settings.webhook_url_env:
        found["webhook"] = lambda alert: send_webhook(settings, alert)
    return found


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
    with failing(f"{settings.smtp_host}:{settings.smtp_port}"), signed_in(settings) as server:
        refused = server.send_message(message)
    if refused:
        raise NotSent(f"refused for {', '.join(sorted(refused))}; alerts.mail_to")


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
    url = webhook_address(settings.webhook_url_env)
    body = card(alert) if settings.webhook_format == "adaptive_card" else plain(alert)
    with failing("the webhook"):
        response = post(url, body, settings.timeout_seconds)
    if not response.is_success:
        raise NotSent(f"the webhook answered {response.status_code}; check its address")
