"""Settings of upstream documents: what the APIs behind connectors say of themselves, and where."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

CONVENTIONS: Final = ("/openapi.json", "/swagger.json", "/swagger/v1/swagger.json", "/v3/api-docs")
"""Where APIs usually keep their own document."""

_LABEL: Final = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_HOST: Final = re.compile(rf"(\*\.)?({_LABEL}\.)+[a-z]([a-z0-9-]{{0,61}}[a-z0-9])?")
_PATH: Final = re.compile(r"/[A-Za-z0-9._~!$&'()+,;=:@%/-]*")


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RegisteredDocument(_Section):
    """The document of the API behind one connector, or behind every member of a family."""

    connector: str
    url: str

    @field_validator("connector")
    @classmethod
    def _named(cls, value: str) -> str:
        if not value.strip().strip("/"):
            raise ValueError("name a connector, as environment/connector, or a family")
        return value


class UpstreamSettings(_Section):
    """Which hosts may be asked for documents, and within which bounds; none by default."""

    hosts: tuple[str, ...] = ()
    documents: tuple[RegisteredDocument, ...] = ()
    conventions: tuple[str, ...] = CONVENTIONS
    ports: tuple[int, ...] = (443,)
    megabytes: float = Field(default=5.0, gt=0, le=100)
    seconds: float = Field(default=20.0, gt=0, le=300)
    redirects: int = Field(default=3, ge=0, le=10)

    @field_validator("hosts")
    @classmethod
    def _hosts(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        folded = tuple(host.casefold() for host in value)
        for host in folded:
            # A star alone, or before a single label, would open a whole domain of the Internet.
            bare = host.removeprefix("*.")
            if not _HOST.fullmatch(host) or (host != bare and "." not in bare):
                raise ValueError(
                    f"{host!r} is no host; write api.example.com, or *.example.com for every host below"
                )
        return folded

    @field_validator("conventions")
    @classmethod
    def _paths(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for path in value:
            if not _PATH.fullmatch(path) or path.startswith("//") or ".." in path:
                raise ValueError(f"{path!r} is no path; write e.g. /openapi.json")
        return value

    @field_validator("ports")
    @classmethod
    def _ports(cls, value: tuple[int, ...]) -> tuple[int, ...]:
        if not value or any(not 0 < port < 2**16 for port in value):
            raise ValueError("ports are numbers from 1 to 65535, usually 443 alone")
        return value

    @model_validator(mode="after")
    def _allowed(self) -> UpstreamSettings:
        for document in self.documents:
            try:
                parts = urlsplit(document.url)
                port = parts.port or 443
            except ValueError as error:
                raise ValueError(f"{document.url!r} is no address") from error
            host = (parts.hostname or "").casefold()
            if parts.scheme != "https" or not host or "@" in parts.netloc:
                raise ValueError(f"{document.url!r} is not read; write https://host/path")
            if not allowed(host, self.hosts) or port not in self.ports:
                raise ValueError(
                    f"{document.url!r} is not read: name its host in hosts and its port in ports"
                )
        return self


def allowed(host: str, hosts: tuple[str, ...]) -> bool:
    """Tell whether a host is one of those listed, or below one listed with a star.

    Args:
        host: Name, case-folded.
        hosts: As the settings list them.
    """
    return any(
        host.endswith(one[1:]) and len(host) >= len(one) if one.startswith("*.") else host == one
        for one in hosts
    )
