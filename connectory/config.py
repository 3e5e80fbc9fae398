"""Settings: one TOML file, every key known and documented in config.example.toml.

Secrets are never written into the file: a setting names the environment variable or the file that
holds one. ``CONNECTORY_CONFIG`` names another file, ``CONNECTORY_DATABASE_URL`` another store.
"""

from __future__ import annotations

import os
import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from connectory.campaign_settings import CampaignSettings
from connectory.domain.connection_facts import ConnectionRules
from connectory.domain.ignoring import IgnoreRules, unfit
from connectory.domain.schedule import Cron
from connectory.drift_settings import DriftSettings
from connectory.licensing_settings import LicensingSettings
from connectory.mail_settings import MailServerSettings, refuse_odd_address
from connectory.owner_settings import OwnerSettings
from connectory.reports_settings import ReportSettings
from connectory.staleness_settings import StalenessSettings
from connectory.telemetry_settings import TelemetrySettings


class ConfigError(Exception):
    """A setting is wrong; the text names file, key and cure."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TenantSettings(_Section):
    """Which tenant is read, in which cloud."""

    id: str = ""
    cloud: Literal["commercial", "gcc", "gcc_high", "dod", "china"] = "commercial"


Service = Literal[
    "bap",
    "powerapps",
    "flow",
    "powerplatform",
    "graph",
    "dataverse",
    "activity",
    "loganalytics",
    "appinsights",
]


class SignInSettings(_Section):
    """How collectors sign in; secrets by reference only."""

    method: Literal["client_secret", "certificate", "device_code", "managed_identity"] = (
        "client_secret"
    )
    client_id: str = ""
    secret_env: str = "CONNECTORY_CLIENT_SECRET"  # noqa: S105 - the variable's name
    secret_file: str = ""
    certificate_file: str = ""
    certificate_passphrase_env: str = ""
    token_cache: str = "var/tokens.json"  # noqa: S105 - a path
    secret_expires: date | None = None
    delegated_services: list[Service] = Field(default_factory=list)
    delegated_client_id: str = ""

    @field_validator("secret_expires", mode="before")
    @classmethod
    def _date(cls, value: object) -> object:
        """Read an empty text as no date: TOML knows no null."""
        return None if value == "" else value


class DatabaseSettings(_Section):
    """Where the store is."""

    url: str = "sqlite:///var/connectory.sqlite"


_DOMAIN = r"[a-z0-9-]+(\.[a-z0-9-]+)+"
_ORIGIN = r"https://[^/?#@\s]+/?"


class HttpSection(_Section):
    """How patiently and how hard the tenant's services are asked."""

    connect_timeout_seconds: float = Field(default=10.0, gt=0)
    read_timeout_seconds: float = Field(default=60.0, gt=0)
    workers: int = Field(default=16, ge=1, le=64)
    concurrency_per_host: int = Field(default=8, ge=1, le=64)
    requests_per_minute_per_host: int = Field(default=6000, ge=1)
    retries: int = Field(default=6, ge=0, le=20)
    longest_wait_seconds: float = Field(default=300.0, gt=0)
    retry_budget_seconds: float = Field(default=3600.0, ge=0)
    page_limit_megabytes: int = Field(default=64, ge=1)
    reroute_to: str = ""
    hosts: dict[Service | Literal["login"], str] = Field(default_factory=dict)
    scopes: dict[Service, str] = Field(default_factory=dict)
    host_suffixes: dict[Service | Literal["blob"], str] = Field(default_factory=dict)

    @field_validator("hosts")
    @classmethod
    def _https(cls, value: dict[str, str]) -> dict[str, str]:
        if not all(re.fullmatch(_ORIGIN, address) for address in value.values()):
            raise ValueError("a host is written with its scheme, e.g. https://api.example")
        return value

    @field_validator("scopes")
    @classmethod
    def _scope(cls, value: dict[str, str]) -> dict[str, str]:
        if not all(scope.endswith("/.default") and scope.isprintable() for scope in value.values()):
            raise ValueError("a scope ends in /.default, e.g. https://api.example/.default")
        return value

    @field_validator("host_suffixes")
    @classmethod
    def _suffix(cls, value: dict[str, str]) -> dict[str, str]:
        # A single label would let a token go to any host of a whole domain of the Internet.
        if not all(re.fullmatch(_DOMAIN, suffix) for suffix in value.values()):
            raise ValueError(
                "a suffix is a domain without scheme or dot in front, e.g. crm.example"
            )
        return value

    @field_validator("reroute_to")
    @classmethod
    def _near(cls, value: str) -> str:
        if value and not value.startswith(
            ("http://127.0.0.1:", "http://localhost:", "http://[::1]:")
        ):
            raise ValueError("a simulated tenant is on loopback, e.g. http://127.0.0.1:8700")
        return value


class CollectSettings(_Section):
    """What a run reads, and the bounds it keeps."""

    collectors: list[str] = Field(default_factory=list)
    environments: list[str] = Field(default_factory=list)
    steps_at_once: int = Field(default=8, ge=1, le=64)
    definition_limit_megabytes: float = Field(default=5.0, gt=0, le=1000)
    definition_depth: int = Field(default=100, ge=10, le=500)
    lease_seconds: int = Field(default=60, ge=10, le=86_400)
    powerapps_admin_api_version: str = "2016-11-01"
    flow_runs_days: int = Field(default=28, ge=1, le=365)
    flow_runs_overlap_days: int = Field(default=2, ge=1, le=28)
    audit_overlap_hours: int = Field(default=72, ge=0, le=168)
    audit_backfill_days: int = Field(default=0, ge=0, le=180)
    audit_retention_days: int = Field(default=180, ge=7, le=3650)
    audit_record_types: list[str] = Field(
        default_factory=lambda: [
            "powerPlatformAdministratorActivity",
            "powerAppsApp",
            "microsoftFlow",
        ]
    )
    audit_query_poll_seconds: float = Field(default=30.0, gt=0, le=3600)
    audit_query_wait_minutes: float = Field(default=10.0, ge=0, le=1440)
    full: bool = False
    people_listed_days: int = Field(default=7, ge=0, le=29)
    reread_hours: float = Field(default=12.0, ge=0, le=720)
    powerapps_maker_api_version: str = "2016-11-01"


class ScheduleSettings(_Section):
    """What ``connectory schedule`` runs and when; crons are read in the dashboard's time zone."""

    collect: str = "0 2 * * *"
    collectors: dict[str, str] = Field(default_factory=dict)
    assess: str = "30 6 * * *"
    at_once: int = Field(default=1, ge=1, le=16)
    grace_minutes: float = Field(default=120.0, ge=0)
    longest_minutes: float = Field(default=1440.0, gt=0)
    stop_seconds: float = Field(default=60.0, ge=0)
    silent_after_minutes: float = Field(default=360.0, ge=0)

    @field_validator("collect", "assess", "collectors")
    @classmethod
    def _crons(cls, value: str | dict[str, str]) -> str | dict[str, str]:
        for cron in value.values() if isinstance(value, dict) else [value]:
            if cron:
                Cron(cron, "UTC")
        return value


class FindingSettings(_Section):
    """What the organisation has decided and no service can tell."""

    service_accounts: list[str] = Field(
        default_factory=lambda: list(ConnectionRules().service_accounts)
    )
    service_account_environments: list[str] = Field(
        default_factory=lambda: list(ConnectionRules().service_account_environments)
    )

    @field_validator("service_accounts")
    @classmethod
    def _patterns(cls, value: list[str]) -> list[str]:
        if any(not pattern.strip("*? ") for pattern in value):
            raise ValueError("a pattern needs more than * and ?, or every account would fit it")
        return value

    def rules(self) -> ConnectionRules:
        """Return these decisions as the rules take them."""
        return ConnectionRules(
            tuple(self.service_accounts), tuple(self.service_account_environments)
        )


class IgnoreSettings(_Section):
    """Connectors left out of figures and findings: patterns, each with the reason for it."""

    names: dict[str, str] = Field(default_factory=dict)
    publishers: dict[str, str] = Field(default_factory=dict)
    environments: dict[str, str] = Field(default_factory=dict)

    @field_validator("names", "publishers", "environments")
    @classmethod
    def _patterns(cls, value: dict[str, str]) -> dict[str, str]:
        for pattern, reason in value.items():
            if problem := unfit(pattern):
                raise ValueError(problem)
            if not reason.strip() or not reason.isprintable():
                raise ValueError(f'{pattern!r} needs a reason, e.g. "Tests of the platform team"')
        return value

    def rules(self) -> IgnoreRules:
        """Return these decisions as queries take them."""
        return IgnoreRules(
            tuple(self.names.items()),
            tuple(self.publishers.items()),
            tuple(self.environments.items()),
        )


class AlertSettings(MailServerSettings):
    """Whom to tell, and how, that a scheduled run failed, fell silent, or will not sign in soon."""

    mail_to: list[str] = Field(default_factory=list)
    mail_from: str = ""
    webhook_url_env: str = ""
    webhook_format: Literal["adaptive_card", "json"] = "adaptive_card"
    credential_days: int = Field(default=30, ge=0, le=365)

    @field_validator("mail_to", "mail_from")
    @classmethod
    def _addresses(cls, value: str | list[str]) -> str | list[str]:
        for address in value if isinstance(value, list) else [value]:
            refuse_odd_address(address)
        return value

    @model_validator(mode="after")
    def _can_send(self) -> AlertSettings:
        if self.mail_to and not self.smtp_host:
            raise ValueError("mail_to names somebody, but no server sends; set alerts.smtp_host")
        return self


class DashboardSettings(_Section):
    """How pages are served and how times are shown."""

    host: str = "127.0.0.1"
    port: int = Field(default=8501, ge=0, le=65535)
    time_zone: str = "UTC"
    portal_url: str = ""

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError("no such time zone; write e.g. Europe/Berlin") from error
        return value

    @field_validator("host")
    @classmethod
    def _loopback(cls, value: str) -> str:
        if value not in {"127.0.0.1", "::1", "localhost"}:
            raise ValueError("pages have no sign-in yet and are served on loopback only")
        return value


class Settings(_Section):
    """All settings of one installation."""

    tenant: TenantSettings = TenantSettings()
    sign_in: SignInSettings = SignInSettings()
    database: DatabaseSettings = DatabaseSettings()
    http: HttpSection = HttpSection()
    collect: CollectSettings = CollectSettings()
    telemetry: TelemetrySettings = TelemetrySettings()
    schedule: ScheduleSettings = ScheduleSettings()
    findings: FindingSettings = FindingSettings()
    ignore: IgnoreSettings = IgnoreSettings()
    licensing: LicensingSettings = LicensingSettings()
    drift: DriftSettings = DriftSettings()
    owners: OwnerSettings = OwnerSettings()
    staleness: StalenessSettings = StalenessSettings()
    alerts: AlertSettings = AlertSettings()
    reports: ReportSettings = ReportSettings()
    campaigns: CampaignSettings = CampaignSettings()
    dashboard: DashboardSettings = DashboardSettings()


def load_settings(path: Path | None = None) -> Settings:
    """Read the settings.

    Args:
        path: The file; else ``CONNECTORY_CONFIG``, else ``config.toml`` in the working folder,
            else the defaults.

    Raises:
        ConfigError: The file is missing though named, is no TOML, or has a wrong or unknown key.
    """
    named = path or (Path(text) if (text := os.environ.get("CONNECTORY_CONFIG")) else None)
    place = named or Path("config.toml")
    if not place.is_file():
        if named is not None:
            raise ConfigError(f"no such file; {place}; copy config.example.toml there")
        return _override(Settings())
    try:
        raw = tomllib.loads(place.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"not valid TOML: {error}; {place}; mend the line named") from error
    return _override(parse_settings(raw, place))


def parse_settings(raw: dict[str, Any], place: Path) -> Settings:
    """Return the settings that a parsed file describes.

    Args:
        raw: The file as TOML was read.
        place: Its path, for errors.

    Raises:
        ConfigError: A key is wrong or unknown.
    """
    try:
        return Settings.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        what = (
            "unknown setting"
            if first["type"] == "extra_forbidden"
            else first["msg"].removeprefix("Value error, ")
        )
        raise ConfigError(
            f"{what}; {place}, setting {where}; config.example.toml lists every setting"
        ) from error


def _override(settings: Settings) -> Settings:
    url = os.environ.get("CONNECTORY_DATABASE_URL")
    if not url:
        return settings
    return settings.model_copy(update={"database": DatabaseSettings(url=url)})


def secret(settings: SignInSettings) -> str:
    """Return the client secret from where the settings say it is.

    Raises:
        ConfigError: Neither the variable nor the file holds one.
    """
    if settings.secret_file:
        place = Path(settings.secret_file).expanduser()
        try:
            return place.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is no text"
            raise ConfigError(
                f"the client secret cannot be read: {why}; {place}; "
                "check sign_in.secret_file and the file's rights"
            ) from None
    value = os.environ.get(settings.secret_env, "")
    if not value:
        raise ConfigError(
            f"no client secret; environment variable {settings.secret_env} is empty; "
            "set it, or name a file in sign_in.secret_file"
        )
    return value
