"""What operators should be told: failed or silent runs, ending credentials, an exceeded budget."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from cryptography import x509
from sqlalchemy import Connection, Engine

from connectory.config import Settings, SignInSettings
from connectory.database import reading
from connectory.licensing_settings import LicensingSettings
from connectory.queries.budget import BudgetFinding, budget_finding
from connectory.queries.moments import Moment, latest
from connectory.queries.schedule import REPORTS, failures, scheduled

Kind = Literal["failed", "silent", "credential", "budget"]

_RECENT = timedelta(days=1)
_SEE = {
    "Runs": "The page Runs and coverage shows what it could not read; what was read before stays.",
    "Outbox": "The page Outbox shows what waits to be sent, and why.",
}
_STALE = {
    "Runs": "Its figures are as old as that. Check that connectory schedule runs, and the runs page.",
    "Outbox": "Nobody was written to by it since. Check that connectory schedule runs, and the Outbox.",
}


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing to tell.

    Attributes:
        cause: What kind of thing.
        subject: Job, credential or figure it is about.
        day: The day it is about; each cause is told once a day.
        title: It in a few words, for a subject line.
        lines: What happened and what to do, a sentence each; may hold a tenant's words.
    """

    cause: Kind
    subject: str
    day: date
    title: str
    lines: tuple[str, ...]


def alerts(connection: Connection, settings: Settings, now: datetime) -> list[Alert]:
    """Return everything to tell at this moment, told before or not.

    Args:
        connection: Open transaction.
        settings: Zone, tolerance and credentials.
        now: The time it is.
    """
    zone = ZoneInfo(settings.dashboard.time_zone)
    return [
        *_failed(connection, zone, now),
        *_silent(connection, settings, zone, now),
        *credential_alerts(settings, now),
        *budget_alerts(connection, settings, now),
    ]


def _failed(connection: Connection, zone: ZoneInfo, now: datetime) -> list[Alert]:
    found: dict[tuple[str, date], Alert] = {}
    for row in failures(connection, now - _RECENT):
        # The day on which it ended, so that one just before midnight is told after it.
        day = row.finished_at.astimezone(zone).date()
        lines = (
            f"The scheduled run of {row.job}, due {_minute(row.due_at, zone)}, has failed.",
            row.reason or "It gave no reason.",
            _SEE["Outbox" if row.job in REPORTS else "Runs"],
        )
        alert = Alert("failed", row.job, day, f"Scheduled run of {row.job} failed", lines)
        found[row.job, day] = alert
    return list(found.values())


def _silent(
    connection: Connection, settings: Settings, zone: ZoneInfo, now: datetime
) -> list[Alert]:
    tolerance = timedelta(minutes=settings.schedule.silent_after_minutes)
    told = []
    for one in scheduled(connection, now, tolerance):
        if one.silent_since is None:
            continue
        last = (
            f"Its last complete run began {_minute(one.last_complete, zone)}."
            if one.last_complete
            else "No complete run of it is known."
        )
        lines = (
            f"Nothing has come of {one.job} since it was due {_minute(one.silent_since, zone)}.",
            last,
            _STALE["Outbox" if one.job in REPORTS else "Runs"],
        )
        today = now.astimezone(zone).date()
        told.append(Alert("silent", one.job, today, f"{one.job} has fallen silent", lines))
    return told


def credential_alerts(settings: Settings, now: datetime) -> list[Alert]:
    """Return what to tell about our own secret or certificate; nothing while it lasts long enough.

    A certificate says itself when it ends; of a secret the settings do.

    Args:
        settings: How we sign in.
        now: The time it is.
    """
    zone = ZoneInfo(settings.dashboard.time_zone)
    today = now.astimezone(zone).date()
    end = credential_end(settings.sign_in)
    if end is None or (end - today).days > settings.alerts.credential_days:
        return []
    what = "client secret" if settings.sign_in.method == "client_secret" else "certificate"
    left = (end - today).days
    when = f"ends in {left} days" if left > 1 else "ends within a day" if left >= 0 else "has ended"
    place = f"the app registration {settings.sign_in.client_id}"
    lines = (
        f"The {what} that Connectory signs in with {when}, on {end:%d %b %Y}.",
        "After that nothing is collected.",
        f"Create a new {what} in {place}, and put it where the settings say.",
    )
    return [Alert("credential", what.replace(" ", "_"), today, f"Our {what} {when}", lines)]


def budget_alerts(connection: Connection, settings: Settings, now: datetime) -> list[Alert]:
    """Return what to tell about the budget for licences, each once in a month of the display zone.

    Args:
        connection: Open transaction.
        settings: The budget.
        now: The time it is.
    """
    moment = latest(connection)
    if moment is None or settings.licensing.limit is None:
        return []
    told = _budget(connection.engine, moment, settings.licensing)
    if told is None:
        return []
    zone = ZoneInfo(settings.dashboard.time_zone)
    lines = (
        *told.lines,
        f"That is as of the run of {_minute(moment.read_at, zone)}.",
        "The page Exposure shows which connectors it is because of.",
    )
    month = now.astimezone(zone).date().replace(day=1)
    return [Alert("budget", f"budget_{told.told.kind}", month, told.title, lines)]


@lru_cache(maxsize=4)
def _budget(engine: Engine, moment: Moment, licensing: LicensingSettings) -> BudgetFinding | None:
    """Ask once for each run and assessment: what is to be told is looked at every half a minute."""
    with reading(engine) as connection:
        return budget_finding(connection, moment, licensing)


def credential_end(section: SignInSettings) -> date | None:
    """Return the last day of our own secret or certificate; None if it is not known."""
    if section.method == "client_secret":
        return section.secret_expires
    if section.method != "certificate" or not section.certificate_file:
        return None
    try:
        pem = Path(section.certificate_file).expanduser().read_bytes()
        return x509.load_pem_x509_certificate(pem).not_valid_after_utc.astimezone(UTC).date()
    except (OSError, ValueError):
        return None


def _minute(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%d %b %Y %H:%M}"
