"""Settings of the logs that calls are read from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from connectory.domain.load import BUSY_MINUTE

FIELDS = (
    "time",
    "event",
    "address",
    "environment",
    "method",
    "path",
    "operation",
    "consumer",
    "caller",
    "connection",
    "status",
    "duration",
    "request_bytes",
    "response_bytes",
    "retries",
    "weight",
)
"""What a column of a log may tell (docs/usage.md)."""

Named = TypeVar("Named")
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AccessLog(_Section):
    """One folder of log files that a backend keeps of its calls."""

    directory: Path
    pattern: str = "*"
    format: Literal["auto", "csv", "json_lines", "parquet"] = "auto"
    separator: str = Field(default=",", min_length=1, max_length=1)
    columns: dict[str, str]
    time_unit: Literal["iso", "s", "ms", "us"] = "iso"
    duration_unit: Literal["s", "ms", "us"] = "ms"
    address: str = ""
    environment: str = ""

    @field_validator("pattern")
    @classmethod
    def _inside(cls, value: str) -> str:
        if not value or value.startswith(("/", "~")) or ".." in Path(value).parts:
            raise ValueError("pattern names files below the folder, e.g. access-*.log")
        return value

    @field_validator("separator")
    @classmethod
    def _between(cls, value: str) -> str:
        if value in '"\r\n\x00':
            raise ValueError("separator stands between fields: a comma, a semicolon or a tab")
        return value

    @field_validator("columns")
    @classmethod
    def _known(cls, value: dict[str, str]) -> dict[str, str]:
        for name, column in value.items():
            if name not in FIELDS:
                raise ValueError(f"{name!r} is nothing a column tells; one of {', '.join(FIELDS)}")
            if not column:
                raise ValueError(f"{name} names no column")
        return value

    @model_validator(mode="after")
    def _enough(self) -> AccessLog:
        if "time" not in self.columns:
            raise ValueError("columns.time is missing: without a time nothing is a call")
        if not {"path", "operation"} & self.columns.keys():
            raise ValueError("columns.path or columns.operation is missing: what was called?")
        return self


_ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_HEADER = re.compile(r"[A-Za-z0-9-]{1,100}")


class QueriedLog(_Section):
    """One workspace of Log Analytics, or one application of Application Insights, that is queried."""

    workspace: str = ""
    app: str = ""
    detail: Literal["rows", "summary"] = "rows"
    keeps_days: int = Field(default=30, ge=1, le=730)
    overlap_minutes: int = Field(default=30, ge=0, le=2880)
    window_hours: float = Field(default=24.0, gt=0, le=744)
    rows_per_query: int = Field(default=50_000, ge=10, le=500_000)

    @property
    def place(self) -> str:
        """Where the log lies: that, and not its name here, says which log it is."""
        return (self.workspace or self.app).casefold()

    @model_validator(mode="after")
    def _one_place(self) -> QueriedLog:
        if bool(self.workspace) == bool(self.app):
            raise ValueError("name either workspace (its id) or app (the application id)")
        if not _ID.fullmatch(self.workspace or self.app):
            raise ValueError("a workspace or app is named by its id, e.g. 1f0c…-…, not by its name")
        return self


class GatewayLog(QueriedLog):
    """Log of a gateway of API Management in a workspace."""

    table: Literal["resource_specific", "azure_diagnostics"] = "resource_specific"
    weight: int = Field(default=1, ge=1, le=10_000)
    environment: str = ""
    environment_header: str = ""
    consumer_header: str = "x-ms-workflow-id"
    caller_header: str = ""
    connection_header: str = ""

    @field_validator("environment_header", "consumer_header", "caller_header", "connection_header")
    @classmethod
    def _header(cls, value: str) -> str:
        # Written into a query: nothing but the name of a header may stand there.
        if value and not _HEADER.fullmatch(value):
            raise ValueError(f"{value!r} is no name of a header")
        return value

    @property
    def place(self) -> str:
        """Where the log lies, which two tables of one workspace may do."""
        return (
            f"{self.workspace.casefold()}{'' if self.table == 'resource_specific' else ' shared'}"
        )

    @model_validator(mode="after")
    def _workspace_only(self) -> GatewayLog:
        if self.app:
            raise ValueError("a gateway logs to a workspace; name workspace, not app")
        return self


Queried = TypeVar("Queried", bound=QueriedLog)


class TelemetrySettings(_Section):
    """Which logs of calls are read, and how long calls and who made them are kept."""

    retention_days: int = Field(default=35, ge=1, le=400)
    people_days: int = Field(default=400, ge=1, le=36_500)
    pseudonymise: bool = False
    pseudonym_key_env: str = "CONNECTORY_PSEUDONYM_KEY"
    calls_per_minute: int = Field(default=500, ge=BUSY_MINUTE, le=1_000_000)
    response_limit_bytes: int = Field(default=104_857_600, ge=1, le=10**12)
    access_logs: dict[str, AccessLog] = Field(default_factory=dict)
    gateway_logs: dict[str, GatewayLog] = Field(default_factory=dict)
    canvas_calls: dict[str, QueriedLog] = Field(default_factory=dict)
    flow_actions: dict[str, QueriedLog] = Field(default_factory=dict)

    @property
    def queried(self) -> dict[str, Mapping[str, QueriedLog]]:
        """Logs that are queried, by their source and their name."""
        return {
            "gateway_logs": self.gateway_logs,
            "canvas_calls": self.canvas_calls,
            "flow_actions": self.flow_actions,
        }

    @field_validator("gateway_logs", "canvas_calls", "flow_actions")
    @classmethod
    def _each_once(cls, value: dict[str, Queried]) -> dict[str, Queried]:
        named: dict[str, str] = {}
        for name, log in value.items():
            if log.place in named:
                raise ValueError(f"{named[log.place]} and {name} are the same log; name it once")
            named[log.place] = name
        return value

    @field_validator("flow_actions")
    @classmethod
    def _by_rows(cls, value: dict[str, QueriedLog]) -> dict[str, QueriedLog]:
        if any(log.detail == "summary" for log in value.values()):
            raise ValueError(
                "actions of flows cannot be summed by their service: each is joined to the "
                'definition of its moment; detail = "rows"'
            )
        return value

    @field_validator("access_logs", "gateway_logs", "canvas_calls", "flow_actions")
    @classmethod
    def _names(cls, value: dict[str, Named]) -> dict[str, Named]:
        for name in value:
            if not _NAME.fullmatch(name):
                raise ValueError(f"{name!r} is no name of a log; write lower case, e.g. orders-api")
        return value

    @model_validator(mode="after")
    def _people_outlast_calls(self) -> TelemetrySettings:
        # Who called can only be forgotten of days to which no call is added any more.
        if self.people_days < self.retention_days:
            raise ValueError("people_days is less than retention_days: single calls name people")
        return self
