"""Settings of reports: how people are written to, when, how fast, and by which address they answer."""

from __future__ import annotations

import re
from datetime import time
from typing import Final, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from connectory.domain.schedule import Cron
from connectory.mail_settings import MailServerSettings, refuse_odd_address

Channel = Literal["folder", "smtp", "graph", "teams"]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

DAYS: Final[tuple[Day, ...]] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SPAN: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}")
_STEPS: Final = 8
_NEAR: Final = {"127.0.0.1", "localhost", "::1"}


class ReportScheduleSettings(BaseModel):
    """When reports are written and sent; crons are read in the dashboard's time zone."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    owner_digest: str = ""
    tenant_summary: str = ""
    exposure_summary: str = ""
    campaigns: str = ""
    outbox: str = ""

    @field_validator("owner_digest", "tenant_summary", "exposure_summary", "campaigns", "outbox")
    @classmethod
    def _crons(cls, value: str) -> str:
        if value:
            Cron(value, "UTC")
        return value


class ReportSettings(MailServerSettings):
    """How people are written to, when, how fast, and by which address they answer."""

    channel: Channel = "folder"
    folder: str = "var/mail"
    mail_from: str = ""
    graph_sender: str = ""
    teams_webhook_url_env: str = ""
    public_url: str = ""
    link_key_env: str = "CONNECTORY_LINK_KEY"
    link_key_file: str = ""
    coe_mailbox: str = ""
    licence_mailboxes: tuple[str, ...] = ()
    mail_guests: bool = False
    digest_without_tasks: bool = False
    language: str = "en"
    quiet_hours: str = "20:00-07:00"
    quiet_days: tuple[Day, ...] = ("sat", "sun")
    per_minute: int = Field(default=30, ge=1, le=10_000)
    cap_per_run: int = Field(default=500, ge=1, le=1_000_000)
    tries: int = Field(default=8, ge=1, le=100)
    claim_seconds: int = Field(default=300, ge=10, le=86_400)
    keep_content_days: int = Field(default=365, ge=1, le=36_500)
    schedule: ReportScheduleSettings = ReportScheduleSettings()

    @field_validator("mail_from", "graph_sender", "coe_mailbox")
    @classmethod
    def _address(cls, value: str) -> str:
        refuse_odd_address(value)
        return value

    @field_validator("licence_mailboxes")
    @classmethod
    def _addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for address in value:
            if not address:
                raise ValueError("an address is missing between the commas")
            refuse_odd_address(address)
        return value

    @field_validator("public_url")
    @classmethod
    def _origin(cls, value: str) -> str:
        """Take the address of a host alone: what stands behind it is ours to say."""
        if not value:
            return value
        try:
            parts = urlsplit(value)
            host = parts.hostname
            _ = parts.port
        except ValueError as error:
            raise ValueError(f"no address: {value!r}; write https://host") from error
        safe = parts.scheme == "https" or (parts.scheme == "http" and host in _NEAR)
        bare = value.rstrip("/") == f"{parts.scheme}://{parts.netloc}" and "@" not in parts.netloc
        if not (safe and host and bare and value.isascii() and value.isprintable()):
            raise ValueError(f"{value!r} is no address for links; write https://host and no more")
        return value.rstrip("/")

    @field_validator("language")
    @classmethod
    def _code(cls, value: str) -> str:
        if not _LANGUAGE.fullmatch(value):
            raise ValueError(f"{value!r} is no language; write e.g. en or de")
        return value

    @field_validator("quiet_hours")
    @classmethod
    def _hours(cls, value: str) -> str:
        found = _SPAN.fullmatch(value)
        if value and not found:
            raise ValueError(f"{value!r} are no hours; write e.g. 20:00-07:00, or nothing")
        if found and found[1] + found[2] == found[3] + found[4]:
            raise ValueError(
                "quiet hours begin and end at the same time; leave them empty for none"
            )
        return value

    @field_validator("quiet_days")
    @classmethod
    def _some_day(cls, value: tuple[Day, ...]) -> tuple[Day, ...]:
        if len(set(value)) == len(DAYS):
            raise ValueError("every day is quiet, so nothing would ever be sent; leave one out")
        return value

    @model_validator(mode="after")
    def _can_send(self) -> ReportSettings:
        if self.channel == "smtp" and not (self.smtp_host and self.mail_from):
            raise ValueError(
                'channel is "smtp"; set reports.smtp_host and reports.mail_from, or leave it "folder"'
            )
        if self.channel == "graph" and not self.graph_sender:
            raise ValueError(
                'channel is "graph"; set reports.graph_sender to the mailbox that sends'
            )
        if self.channel == "teams" and not self.teams_webhook_url_env:
            raise ValueError(
                'channel is "teams"; name its variable in reports.teams_webhook_url_env'
            )
        return self

    @model_validator(mode="after")
    def _claims_outlast_sending(self) -> ReportSettings:
        # A claim that ends while its message is still being handed over would be told uncertain.
        if self.claim_seconds < self.timeout_seconds * _STEPS:
            raise ValueError(
                f"claim_seconds is too short for {_STEPS} answers of timeout_seconds each"
            )
        return self

    @property
    def quiet_span(self) -> tuple[time, time] | None:
        """First quiet minute of a day and the first that is not any more; None if none is."""
        found = _SPAN.fullmatch(self.quiet_hours)
        if not found:
            return None
        begin, begin_minute, end, end_minute = (int(part) for part in found.groups())
        return time(begin, begin_minute), time(end, end_minute)
