"""What the summaries of the tenant share: whom they go to, and on what they rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from connectory.domain.answering import MAILBOX, Recipient
from connectory.reports.card import card
from connectory.reports.languages import Language
from connectory.reports.letter import Letter, Report
from connectory.reports.render import rendered
from connectory.reports.told import Told


def named(addresses: Iterable[str]) -> Iterator[Recipient]:
    """Yield the mailboxes that the settings name."""
    for address in dict.fromkeys(addresses):
        if address:
            yield Recipient(MAILBOX + address.casefold(), address, address, None, "named")


def summary(report: Report, period: str, to: Recipient, told: Told) -> Letter:
    """Return what a summary says as a letter.

    Args:
        report: Which summary.
        period: The time it is about, as occasions name it.
        to: Whom it is for.
        told: What it says.
    """
    subject, text, html = rendered(report.replace("-", "_"), told)
    occasion = f"{report}/{period}"
    return Letter(report, occasion, to, told.language, subject, text, html, card(told))


def rests_on(read: int, environments: int, day: date, language: Language) -> tuple[str, ...]:
    """Return the last lines: of when it is, and how much could be read."""
    words = {"day": language.day(day), "all": language.number(environments)}
    whole = read >= environments
    told = language.say(
        "foot.read_all" if whole else "foot.read", read=language.number(read), **words
    )
    return told, language.say("foot.automatic")
