"""Settings of the logs that calls are read from."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

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


class TelemetrySettings(_Section):
    """Which logs of calls are read, and how long single calls are kept."""

    retention_days: int = Field(default=35, ge=1, le=400)
    calls_per_minute: int = Field(default=500, ge=1, le=1_000_000)
    response_limit_bytes: int = Field(default=104_857_600, ge=1, le=10**12)
    access_logs: dict[str, AccessLog] = Field(default_factory=dict)

    @field_validator("access_logs")
    @classmethod
    def _names(cls, value: dict[str, AccessLog]) -> dict[str, AccessLog]:
        for name in value:
            if not _NAME.fullmatch(name):
                raise ValueError(f"{name!r} is no name of a log; write lower case, e.g. orders-api")
        return value
