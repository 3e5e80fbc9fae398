"""Operators are told once a day of each cause, whatever stands in it, and whoever is unreachable."""

from __future__ import annotations

import socket
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from receivers import mail_server, webhook
from sqlalchemy import Engine, insert, text

from connectory.alerts.causes import Alert, alerts
from connectory.alerts.channels import NotSent, card, mail, plain, send_mail, send_webhook
from connectory.alerts.telling import tell
from connectory.config import AlertSettings, ScheduleSettings, Settings, SignInSettings
from connectory.database import reading, writing
from models import Run, ScheduleEvent, Step, StepSource

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HOSTILE = "Finance\r\nBcc: thief@example.org\x00 [pay](https://bad.example) <b>now</b>\u2028end"


def event(store: Engine, job: str, state: str, due: datetime, **values: Any) -> None:
    """Put a row into the ledger of the schedule."""
    row = {
        "job": job,
        "cron": "0 2 * * *",
        "time_zone": "UTC",
        "due_at": due,
        "first_due_at": due,
        "times": 1,
        "state": state,
        "finished_at": due + timedelta(minutes=10),
        **values,
    }
    with writing(store) as connection:
        connection.execute(insert(ScheduleEvent).values(**row))


def run(
    store: Engine,
    collector: str,
    begun: datetime,
    *sources: str,
    environments: list[str] | None = None,
) -> None:
    """Put a run of one collector into the ledger, one step, its sources ended so."""
    short = any(outcome != "complete" for outcome in sources)
    state = "partial" if short else "complete"
    with writing(store) as connection:
        run_id = connection.scalar(
            insert(Run)
            .values(
                state=state,
                started_at=begun,
                finished_at=begun,
                product_version="0",
                arguments={"collectors": [collector], "environments": environments or []},
            )
            .returning(Run.id)
        )
        step = connection.scalar(
            insert(Step)
            .values(run_id=run_id, collector=collector, state=state, started_at=begun)
            .returning(Step.id)
        )
        for number, outcome in enumerate(sources):
            connection.execute(
                insert(StepSource).values(step_id=step, source=str(number), outcome=outcome, rows=0)
            )


def causes(store: Engine, settings: Settings | None = None, now: datetime = NOW) -> list[Any]:
    """Return cause, subject and day of everything to tell."""
    with reading(store) as connection:
        found = alerts(connection, settings or Settings(), now)
    return [(alert.cause, alert.subject, alert.day.isoformat()) for alert in found]


def test_failed_and_lost_runs_are_told_for_their_day(store: Engine) -> None:
    """One alert a job and day, of the day the run ended; what is no failure is not told."""
    event(store, "flows", "failed", NOW - timedelta(hours=12, minutes=5), reason="no token")
    event(store, "flows", "failed", NOW - timedelta(hours=2), reason="no token")
    event(store, "apps", "lost", NOW - timedelta(hours=3))
    for number, state in enumerate(("stopped", "skipped", "missed", "partial", "complete")):
        event(store, f"job{number}", state, NOW - timedelta(hours=1))
    event(store, "people", "failed", NOW - timedelta(days=3))
    event(store, "people", "complete", NOW - timedelta(hours=3))

    assert [cause for cause in causes(store) if cause[0] == "failed"] == [
        ("failed", "flows", "2026-11-23"),
        ("failed", "apps", "2026-11-23"),
    ]
    berlin = Settings().dashboard.model_copy(update={"time_zone": "Pacific/Auckland"})
    zoned = Settings().model_copy(update={"dashboard": berlin})
    assert [c for c in causes(store, zoned) if c[:2] == ("failed", "flows")] == [
        ("failed", "flows", "2026-11-23")
    ]


@pytest.mark.parametrize(
    ("history", "silent"),
    [
        ([], True),
        ([(1, ("complete",))], False),
        ([(1, ("complete", "refused", "skipped"))], False),
        ([(1, ("failed",))], True),
        ([(1, ("complete", "partial"))], True),
        ([(5, ("complete",)), (1, ("failed",))], True),
        ([(400, ("complete",))], True),
    ],
)
def test_silence_is_judged_by_the_last_complete_run(
    store: Engine, history: list[tuple[float, tuple[str, ...]]], *, silent: bool
) -> None:
    """A daily collector is silent when no complete run began since it was due, and nobody is late.

    A refused source is a stated gap; one that failed or was cut short makes the run incomplete.
    """
    event(store, "flows", "armed", NOW - timedelta(days=500))
    for days, sources in history:
        run(store, "flows", NOW - timedelta(days=days) + timedelta(hours=14, minutes=5), *sources)

    told = [cause for cause in causes(store) if cause[0] == "silent"]

    assert told == ([("silent", "flows", "2026-11-23")] if silent else [])


def test_a_filtered_run_breaks_no_silence(store: Engine) -> None:
    """Reading one environment says nothing of the others."""
    event(store, "flows", "armed", NOW - timedelta(days=3))
    run(store, "flows", NOW - timedelta(hours=1), "complete", environments=["one"])

    assert causes(store) == [("silent", "flows", "2026-11-23")]


def test_what_is_new_or_no_longer_scheduled_is_not_silent(store: Engine) -> None:
    """A job begins to count when it is taken up, and no longer counts when it is taken out."""
    event(store, "flows", "armed", NOW - timedelta(hours=1))
    event(store, "apps", "armed", NOW - timedelta(days=9))
    event(store, "apps", "disarmed", NOW - timedelta(days=2))

    assert causes(store) == []


def certificate(folder: Path, end: datetime) -> Path:
    """Write a certificate that ends then, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "collector.example")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(end - timedelta(days=365))
        .not_valid_after(end)
        .sign(key, hashes.SHA256())
    )
    place = folder / "client.pem"
    place.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return place


@pytest.mark.parametrize(
    ("days", "words"),
    [(31, None), (30, "ends in 30 days"), (1, "ends within a day"), (-1, "has ended")],
)
@pytest.mark.parametrize("method", ["certificate", "client_secret"])
def test_our_own_credential_is_told_of_before_it_ends(
    sqlite_store: Engine, tmp_path: Path, method: Any, days: int, words: str | None
) -> None:
    """A certificate tells its end itself, of a secret the settings do; a month before it is told."""
    end = NOW + timedelta(days=days)
    section = SignInSettings(
        method=method,
        client_id="invented-app",
        certificate_file=str(certificate(tmp_path, end)),
        secret_expires=end.date(),
    )
    with reading(sqlite_store) as connection:
        found = alerts(connection, Settings(sign_in=section), NOW)

    assert [words in alert.title for alert in found] == ([True] if words else [])
    assert all("invented-app" in alert.lines[-1] for alert in found)


# --- sending


ALERT = Alert("failed", "flows", date(2026, 11, 23), f"Run of {HOSTILE} failed", (HOSTILE, "Cure."))


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


# --- once a day


def remembered(store: Engine) -> list[Any]:
    """Return what the store remembers of alerts."""
    query = "SELECT cause, subject, channel, state, tries, reason FROM alerts_sent ORDER BY channel"
    with reading(store) as connection:
        return list(connection.execute(text(query)))


def test_each_cause_is_told_once_a_day_by_each_channel(
    store: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often it is looked at, one mail and one card a cause and day; the next day again."""
    event(store, "flows", "armed", NOW - timedelta(days=9))
    with mail_server() as server, webhook() as hook:
        monkeypatch.setenv("INVENTED_HOOK", hook.url)
        section = to_mail(server.port, webhook_url_env="INVENTED_HOOK")
        settings = Settings(alerts=section, schedule=ScheduleSettings())
        sent = [tell(store, settings, NOW + timedelta(minutes=n)) for n in (0, 1, 30, 600)]
        again = tell(store, settings, NOW + timedelta(days=1))

    assert (sent, again) == ([2, 0, 0, 0], 2)
    assert (len(server.mails), len(hook.bodies)) == (2, 2)


def test_a_failing_channel_is_tried_again_and_holds_up_no_other(
    store: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the mail server is away the card goes out; the mail follows when it is back."""
    event(store, "flows", "failed", NOW - timedelta(hours=1), reason="no token")
    event(store, "flows", "complete", NOW - timedelta(minutes=20))
    away = _free_port()
    with webhook() as hook:
        monkeypatch.setenv("INVENTED_HOOK", hook.url)
        without = Settings(alerts=to_mail(away, webhook_url_env="INVENTED_HOOK"))
        first = [tell(store, without, NOW), tell(store, without, NOW + timedelta(minutes=1))]
        before = remembered(store)
        with mail_server() as server:
            back = Settings(alerts=to_mail(server.port, webhook_url_env="INVENTED_HOOK"))
            later = tell(store, back, NOW + timedelta(minutes=11))

    assert (first, later) == ([1, 0], 1)
    assert [row[2:5] for row in before] == [("mail", "failed", 1), ("webhook", "sent", 1)]
    assert "cannot be used" in before[0].reason
    assert [row[2:] for row in remembered(store)] == [
        ("mail", "sent", 2, None),
        ("webhook", "sent", 1, None),
    ]
    assert len(hook.bodies) == len(server.mails) == 1


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


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
