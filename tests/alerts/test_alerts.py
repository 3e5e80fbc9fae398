"""Operators are told once a day of each cause, whatever stands in it, and whoever is unreachable."""

from __future__ import annotations

import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from receivers import mail_server, to_mail, webhook
from sqlalchemy import Engine, insert, text

from connectory.alerts.causes import alerts
from connectory.alerts.telling import tell
from connectory.config import ScheduleSettings, Settings, SignInSettings
from connectory.database import reading, writing
from models import Run, ScheduleEvent, Step, StepSource

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


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
