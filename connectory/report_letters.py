"""The letters of a report as they are due now, with links to every question that is open."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from connectory.campaigning.questions import questions
from connectory.config import Settings
from connectory.queries.moments import Moment
from connectory.reports.letter import Letter
from connectory.reports.written import REPORTS


def report_letters(
    connection: Connection,
    moment: Moment,
    settings: Settings,
    name: str,
    *,
    now: datetime,
    owner: str | None = None,
) -> list[Letter]:
    """Return the letters of a report for the week or month it is.

    Args:
        connection: Open transaction on the store.
        moment: As of when.
        settings: All settings.
        name: One of `REPORTS`.
        now: The time it is.
        owner: Of digests, only that of this person: object id, mail address or name.

    Raises:
        ConfigError: Something is asked, and links have no key.
    """
    written = REPORTS[name]
    today = now.astimezone(ZoneInfo(settings.dashboard.time_zone)).date()
    more: dict[str, Any] = {}
    if name == "owner-digest":
        open_now = questions(connection, settings, now)
        more = {
            "owner": owner,
            "asked": open_now.asked,
            "to": open_now.to,
            "answer_all": open_now.answer_all,
        }
    return list(
        written.letters(
            connection, moment, settings, today=today, period=written.period(today), **more
        )
    )
