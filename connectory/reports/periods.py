"""The times reports are about: weeks and months, as occasions name them and as readers do."""

from __future__ import annotations

from datetime import date

from connectory.reports.languages import Language


def week(today: date) -> str:
    """Return the week of a day as occasions name it, e.g. ``2026-W48``."""
    told = today.isocalendar()
    return f"{told.year}-W{told.week:02}"


def month(today: date) -> str:
    """Return the month of a day as occasions name it, e.g. ``2026-11``."""
    return f"{today:%Y-%m}"


def period_words(period: str, language: Language) -> str:
    """Return a week or month in words.

    Args:
        period: As `week` or `month` returned it.
        language: In which language.
    """
    year, _, part = period.partition("-")
    if part.startswith("W"):
        return language.say("period.week", week=str(int(part[1:])), year=year)
    return language.say("period.month", month=language.form["months"][int(part) - 1], year=year)
