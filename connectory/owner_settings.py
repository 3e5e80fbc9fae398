"""Settings of who answers for connectors."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, field_validator


class OwnerSettings(BaseModel):
    """Where it is written down who answers for connectors, beside what pages and imports say."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    steward_file: str = ""

    @field_validator("steward_file")
    @classmethod
    def _toml(cls, value: str) -> str:
        if value and not value.endswith(".toml"):
            raise ValueError("a TOML file kept in git, e.g. stewards.toml; CSV is imported by hand")
        return value
