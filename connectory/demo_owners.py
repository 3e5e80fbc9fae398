"""What people did in the demo: stewards, a campaign with some answers, and the mail of the week.

Everything goes the way it goes with a real tenant; the mail stays in a folder.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import pandas as pd
from sqlalchemy import Engine

from connectory.actions.campaigns import NotOpened
from connectory.actions.stewarding import NotAppointed, appoint
from connectory.campaigning.advancing import advance
from connectory.campaigning.answering import answer_request
from connectory.campaigning.opening import open_campaign
from connectory.config import Settings
from connectory.database import reading
from connectory.domain.answering import MAILBOX
from connectory.domain.stewardship import StewardFields
from connectory.queries.campaigns import requests
from connectory.queries.moments import Moment, latest
from connectory.queries.suggestions import suggestions
from connectory.report_letters import report_letters
from connectory.reports.outbox import queue
from connectory.reports.written import REPORTS
from connectory.reports_settings import ReportSettings
from connectory.sending_out import send_out

Clock = Callable[[], datetime]

ORGANISER: Final = "Demo organiser"
_ANSWERS: Final = (
    ("keep", "Month-end closing still reads from it; next looked at with the audit."),
    ("retire", "The new interface replaced it in spring."),
)
"""What the first two people who are asked have answered, by a returned file."""
_TEAMS: Final = ("Integration guild", "Finance systems", "Service desk")
_STEWARDS: Final = 6


def report_settings(folder: Path, domain: str, port: int) -> ReportSettings:
    """Return settings by which the demo writes to people of the simulated tenant.

    Args:
        folder: Where mail and the key of links are kept.
        domain: Mail domain of the tenant.
        port: Port of the pages, to which links lead.
    """
    folder.mkdir(parents=True, exist_ok=True)
    key = folder / "link.key"
    key.touch(mode=0o600)
    key.write_text(secrets.token_urlsafe(48), encoding="ascii")
    return ReportSettings(
        folder=str(folder),
        public_url=f"http://127.0.0.1:{port}",
        link_key_file=str(key),
        coe_mailbox=f"centre-of-excellence@{domain}",
        licence_mailboxes=(f"licences@{domain}",),
        quiet_hours="",
        quiet_days=(),
        per_minute=10_000,
    )


def keep_settings(settings: Settings, place: Path) -> Path:
    """Write what pages and later commands need of the demo's settings, and return the place.

    Args:
        settings: Those of the demo.
        place: File to write.
    """
    reports = settings.reports.model_dump(mode="json", exclude_defaults=True, exclude={"schedule"})
    lines = [
        "# Written by connectory demo; made anew by the next one.",
        "[tenant]",
        f"id = {json.dumps(settings.tenant.id)}",
        "[database]",
        f"url = {json.dumps(settings.database.url)}",
        "[dashboard]",
        f"port = {settings.dashboard.port}",
        "[reports]",
        *(f"{name} = {json.dumps(value)}" for name, value in reports.items()),
    ]
    place.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return place


def ask(engine: Engine, settings: Settings, now: Clock) -> str:
    """Name stewards and open a campaign about what looks unused; return what was done in words.

    Args:
        engine: The store.
        settings: Those of the demo.
        now: Clock of the tenant.
    """
    with reading(engine) as connection:
        moment = latest(connection)
        if moment is None:
            return "nobody was asked: there is no finished run"
        likely = suggestions(connection, moment, most=1)
    named = _name_stewards(engine, likely, now)
    try:
        started = open_campaign(
            engine,
            settings,
            moment,
            name="Autumn review",
            purpose="We want to retire what nobody needs before the audit in January.",
            choice="stale",
            author=ORGANISER,
            now=now(),
        )
    except NotOpened as error:
        return f"{named} stewards named; {error}"
    send_out(engine, settings, now=now)
    _answer(engine, settings, moment, started.campaign_id, now)
    return f"{named} stewards named, owners asked about {len(started.requests)} connectors"


def _name_stewards(engine: Engine, likely: pd.DataFrame, now: Clock) -> int:
    """Name the likeliest people for some connectors, and return for how many that was done."""
    named = 0
    for place, row in enumerate(likely.head(_STEWARDS).itertuples(index=False)):
        fields = StewardFields(
            business_owner=str(row.principal_key),
            team=_TEAMS[place % len(_TEAMS)],
            data_class="internal",
            criticality="high" if place == 0 else "medium",
        )
        try:
            named += appoint(
                engine,
                int(str(row.connector_id)),
                fields,
                author=ORGANISER,
                via="dashboard",
                reason="named by the team that took it over",
                now=now(),
            )
        except NotAppointed:
            continue
    return named


def _answer(
    engine: Engine, settings: Settings, moment: Moment, campaign_id: int, now: Clock
) -> None:
    """Let the first people who are asked answer, each about one connector."""
    with reading(engine) as connection:
        asked = requests(connection, moment, _today(settings, now), campaign_id=campaign_id)
    of_people = asked["closed_at"].isna() & ~asked["asked"].str.startswith(MAILBOX)
    people = asked[of_people].drop_duplicates("asked")
    for (answer, reason), row in zip(_ANSWERS, people.itertuples(index=False), strict=False):
        answer_request(
            engine,
            settings,
            int(str(row.request_id)),
            answer=answer,
            reason=reason,
            author=str(row.asked_name),
            via="csv",
            now=now(),
        )


def write(engine: Engine, settings: Settings, now: Clock) -> str:
    """Remind whom it is time to remind, write the reports of the week, and say so in words.

    Args:
        engine: The store.
        settings: Those of the demo.
        now: Clock of the tenant.
    """
    with reading(engine) as connection:
        moment = latest(connection)
    if moment is None:
        return "nothing was written: there is no finished run"
    advance(engine, settings, moment, now=now())
    for name in REPORTS:
        with reading(engine) as connection:
            letters = report_letters(connection, moment, settings, name, now=now())
        queue(engine, letters, settings.reports, now=now())
    told = send_out(engine, settings, now=now)
    return f"{told.sent} letters of this week lie in {settings.reports.folder}"


def _today(settings: Settings, now: Clock) -> date:
    return now().astimezone(ZoneInfo(settings.dashboard.time_zone)).date()
