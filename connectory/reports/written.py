"""Every report there is: how often it is written, and by what."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final

from connectory.reports.exposure_summary import exposure_summaries
from connectory.reports.letter import Letter
from connectory.reports.owner_digest import owner_digests
from connectory.reports.periods import month, week
from connectory.reports.tenant_summary import tenant_summaries


@dataclass(frozen=True, slots=True)
class Written:
    """A report that is written by the calendar.

    Attributes:
        letters: Yields its letters; takes an open transaction, a moment, all settings, and by name
            today and the period.
        period: Returns the period a day is in: nobody gets two for one.
        mailboxes: Setting that names whom it goes to; empty if that follows from what it is about.
    """

    letters: Callable[..., Iterator[Letter]]
    period: Callable[[date], str]
    mailboxes: str = ""


REPORTS: Final[Mapping[str, Written]] = MappingProxyType(
    {
        "owner-digest": Written(owner_digests, week),
        "tenant-summary": Written(tenant_summaries, week, "reports.coe_mailbox"),
        "exposure-summary": Written(exposure_summaries, month, "reports.licence_mailboxes"),
    }
)
"""By the name that the command line takes."""
