"""How an alert is sent: a tenant's words stay words, and what fails is one line without a secret."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from receivers import mail_server, to_mail, webhook

from connectory.alerts.causes import Alert
from connectory.alerts.channels import card, mail, plain, send_mail, send_webhook
from connectory.config import AlertSettings
from connectory.transports import NotSent

HOSTILE = "Finance\r\nBcc: thief@example.org\x00 [pay](https://bad.example) <b>now</b>\u2028end"
ALERT = Alert("failed", "flows", date(2026, 11, 23), f"Run of {HOSTILE} failed", (HOSTILE, "Cure."))


def test_a_mail_arrives_and_a_tenants_words_stay_words() -> None:
    """A name with line breaks adds no header and no receiver, and the text arrives on one line."""
    with mail_server() as server:
        send_mail(to_mail(server.port), ALERT)

    (told,) = server.mails
    assert told["Bcc"] is None
    assert told["To"] == "ops@example.com, night@example.com"
    assert told["Subject"].startswith("Connectory: Run of Finance Bcc: thief@example.org [pay]")
    assert [len(receivers) for _, receivers in server.envelopes] == [2]
    assert "Cure." in told.get_content()
    assert told.get_content_type() == "text/plain"
    assert HOSTILE.splitlines()[0] + " Bcc" in told.get_content().replace("\n", " ")


def test_a_mail_is_sent_with_the_account_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """User and password are used where they are set; a wrong one is told without the password."""
    monkeypatch.setenv("INVENTED_PASSWORD", "obviously-invented")
    account = {"smtp_user": "collector", "smtp_password_env": "INVENTED_PASSWORD"}
    with mail_server(account=("collector", "obviously-invented")) as server:
        send_mail(to_mail(server.port, **account), ALERT)
    with mail_server(account=("collector", "another")) as stranger, pytest.raises(NotSent) as error:
        send_mail(to_mail(stranger.port, **account), ALERT)

    assert server.signed_in == ["collector"]
    assert "535" in str(error.value)
    assert "obviously-invented" not in str(error.value)


@pytest.mark.parametrize("verb", ["EHLO", "MAIL", "RCPT", "DATA"])
def test_a_refusing_server_is_one_line(verb: str) -> None:
    """Whatever the server refuses, the reason is one line and no exception of a library."""
    refuse = frozenset({verb, "HELO"} if verb == "EHLO" else {verb})
    with mail_server(refuse=refuse) as server, pytest.raises(NotSent) as error:
        send_mail(to_mail(server.port), ALERT)

    assert server.mails == []
    assert str(error.value).isprintable()


@pytest.mark.parametrize("host", ["mail..example.com", f"{'m' * 64}.example.com"])
def test_a_host_that_cannot_be_one_is_one_line(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that no resolver takes is told like any failure, by mail and webhook alike."""
    monkeypatch.setenv("INVENTED_HOOK", f"https://{host}/hook")
    hook = AlertSettings(webhook_url_env="INVENTED_HOOK", timeout_seconds=3)
    with pytest.raises(NotSent) as by_mail:
        send_mail(to_mail(25, smtp_host=host), ALERT)
    with pytest.raises(NotSent) as by_hook:
        send_webhook(hook, ALERT)

    assert str(by_mail.value).isprintable()
    assert str(by_hook.value).isprintable()


def test_somebody_to_tell_and_no_server_is_refused() -> None:
    """Settings by which mail would silently never go out are no settings."""
    with pytest.raises(ValueError, match=r"set alerts\.smtp_host"):
        AlertSettings(mail_to=["ops@example.com"])


def test_a_server_without_the_security_asked_for_gets_nothing() -> None:
    """No password and no mail goes out unencrypted where encryption was asked for."""
    with mail_server() as server:
        for security in ("starttls", "tls"):
            with pytest.raises(NotSent):
                send_mail(to_mail(server.port, smtp_security=security), ALERT)

    assert server.mails == []


@pytest.mark.parametrize("kind", ["adaptive_card", "json"])
def test_a_webhook_gets_what_it_understands(kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Teams workflow gets a card whose texts know no markup, other programs plain JSON."""
    with webhook() as hook:
        monkeypatch.setenv("INVENTED_HOOK", hook.url)
        settings = AlertSettings(webhook_url_env="INVENTED_HOOK", webhook_format=kind)
        send_webhook(settings, ALERT)

    (body,) = hook.bodies
    assert body == (card(ALERT) if kind == "adaptive_card" else plain(ALERT))
    if kind == "adaptive_card":
        (attached,) = body["attachments"]
        assert body["type"] == "message"
        assert attached["contentType"] == "application/vnd.microsoft.card.adaptive"
        assert {block["type"] for block in attached["content"]["body"]} == {"RichTextBlock"}
    else:
        assert body["lines"][1] == "Cure."


@pytest.mark.parametrize("status", [302, 404, 500, None])
def test_a_webhook_that_fails_hides_its_address(
    status: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reason of a failure never holds the address, which is a secret."""
    with webhook(status or 200) as hook:
        url = hook.url if status else "https://127.0.0.1:9/hook?sig=obviously-invented"
        monkeypatch.setenv("INVENTED_HOOK", url)
        with pytest.raises(NotSent) as error:
            send_webhook(AlertSettings(webhook_url_env="INVENTED_HOOK"), ALERT)

    assert "obviously-invented" not in str(error.value)
    assert "webhook" in str(error.value)


def test_a_webhook_without_encryption_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """An address that is not https, or none at all, is told with its variable."""
    for value in ("", "http://hooks.example.com/x"):
        monkeypatch.setenv("INVENTED_HOOK", value)
        with pytest.raises(NotSent, match="INVENTED_HOOK"):
            send_webhook(AlertSettings(webhook_url_env="INVENTED_HOOK"), ALERT)


@pytest.mark.parametrize(
    "make",
    [
        lambda: AlertSettings(mail_to=["ops@example.com\r\nBcc: x@example.com"]),
        lambda: AlertSettings(mail_from="Ops <ops@example.com>"),
        lambda: AlertSettings(mail_to=["a@b, c@d"]),
    ],
)
def test_an_address_that_is_none_is_refused(make: Callable[[], AlertSettings]) -> None:
    """Addresses are plain, so that none can carry a header."""
    with pytest.raises(ValueError, match="not a plain mail address"):
        make()


def test_a_mail_without_sender_comes_from_its_first_receiver() -> None:
    """Leaving the sender out still makes a mail that a server takes."""
    assert mail(to_mail(25, mail_from=""), ALERT)["From"] == "ops@example.com"
