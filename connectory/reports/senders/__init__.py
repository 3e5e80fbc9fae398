"""The ways to send a message."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from connectory.reports.senders.folder import FolderSender
from connectory.reports.senders.smtp import SmtpSender
from connectory.reports.senders.teams import TeamsSender
from connectory.reports.sending import Sender
from connectory.reports_settings import ReportSettings

PLAIN_SENDERS: Final[Mapping[str, Callable[[ReportSettings], Sender]]] = {
    "folder": FolderSender,
    "smtp": SmtpSender,
    "teams": TeamsSender,
}
"""The ways that need nobody to be signed in to the tenant, by channel."""
