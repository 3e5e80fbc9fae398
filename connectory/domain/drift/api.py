"""What a connector or an API is, however its definition is written: one model for all formats."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Protocol

from connectory.domain.drift.properties import ConnectorProperties
from connectory.domain.drift.views import Schemas


@dataclass(frozen=True, slots=True)
class Location:
    """Where requests go.

    Attributes:
        host: Host with its port, as written; None if the document tells none.
        base_path: As written; None if it tells none.
        schemes: As written, the first is the one that the platform uses.
        hosts: Every host that it offers, with * where callers fill something in.
    """

    host: str | None = None
    base_path: str | None = None
    schemes: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scheme:
    """A way of signing in.

    Attributes:
        name: What the document calls it.
        kind: apiKey, basic, bearer, oauth2 or openIdConnect.
        place: Of an API key: query or header.
        parameter: Of an API key: its name.
        flow: Of OAuth: accessCode, implicit, password or application.
        authorization_url: Of OAuth.
        token_url: Of OAuth.
        scopes: Of OAuth, in order.
        description: What people read, texts of scopes included.
        extensions: What else is said of it.
    """

    name: str
    kind: str
    place: str | None = None
    parameter: str | None = None
    flow: str | None = None
    authorization_url: str | None = None
    token_url: str | None = None
    scopes: tuple[str, ...] = ()
    description: str = ""
    extensions: Mapping[str, Any] = field(default_factory=dict)

    @property
    def type(self) -> tuple[str | None, ...]:
        """What it is, whatever it is called and wherever it leads."""
        return (self.kind, self.place, self.parameter, self.flow)


@dataclass(frozen=True, slots=True)
class ApiParameter:
    """What a caller gives: a parameter, or the body.

    Attributes:
        kind: query, path, header, cookie, body or formData.
        name: As callers know it; None of a body whose format gives it none.
        required: A caller must give it.
        raw: The parameter as written, its references followed.
        schema: The schema of its value: its own in Swagger 2.0, unless it is a body.
    """

    kind: str
    name: str | None
    required: bool
    raw: Mapping[str, Any]
    schema: Any


@dataclass(frozen=True, slots=True)
class ApiResponse:
    """What comes back under one status.

    Attributes:
        status: As written, or default.
        raw: The response as written, its references followed.
        schema: The schema of its body as written; None if it has none.
        headers: Its headers by name, as written.
    """

    status: str
    raw: Mapping[str, Any]
    schema: Any
    headers: Mapping[str, Any]

    @property
    def successful(self) -> bool:
        """It tells of success."""
        return self.status.startswith("2")


class Dialect(Protocol):
    """How one format writes what operations take and give."""

    def parameters(self, api: Api, operation: ApiOperation) -> list[ApiParameter]:
        """Return what a caller gives, those of the path included unless replaced."""

    def responses(self, api: Api, operation: ApiOperation) -> dict[str, ApiResponse]:
        """Return what comes back, by status."""

    def media(self, api: Api, operation: ApiOperation) -> tuple[frozenset[str], frozenset[str]]:
        """Return the content types that are sent and that come back."""


@dataclass(eq=False)
class ApiOperation:
    """One operation; what it takes and gives is looked at when it is asked for.

    Attributes:
        operation_id: As written; None if it has none.
        method: Upper case.
        path: Path template as written.
        raw: The operation as written.
        item: The path that it belongs to, as written.
        api: What it is an operation of.
    """

    operation_id: str | None
    method: str
    path: str
    raw: Mapping[str, Any]
    item: Mapping[str, Any]
    api: Api = field(repr=False)

    @property
    def key(self) -> str:
        """How callers know it, or where it is if they cannot."""
        return self.operation_id or f"{self.method} {self.path}"

    @cached_property
    def parameters(self) -> list[ApiParameter]:
        """What a caller gives."""
        return self.api.dialect.parameters(self.api, self)

    @cached_property
    def responses(self) -> dict[str, ApiResponse]:
        """What comes back, by status."""
        return self.api.dialect.responses(self.api, self)

    @property
    def media(self) -> tuple[frozenset[str], frozenset[str]]:
        """Content types that are sent, and that come back."""
        return self.api.dialect.media(self.api, self)

    @property
    def notification(self) -> Any:
        """The schema of what its webhook delivers; None if it has none."""
        content = self._delivered
        return content.get("schema", content) if isinstance(content, Mapping) else None

    @property
    def notification_text(self) -> str | None:
        """What people read of what its webhook delivers."""
        content = self._delivered
        text = content.get("description") if isinstance(content, Mapping) else None
        return text if isinstance(text, str) and "schema" in content else None

    @property
    def _delivered(self) -> Any:
        return self.raw.get("x-ms-notification-content", self.item.get("x-ms-notification-content"))


@dataclass(eq=False)
class Api:
    """A connector, or the API that it wraps.

    Attributes:
        format: swagger2 or openapi3.
        root: The document as read; never changed.
        schemas: Its schemas.
        dialect: How its format is read.
        location: Where requests go.
        security: Ways of signing in.
        requirement: What every operation asks for, as written.
        properties: What apiProperties tell; None if they are not known.
        operations: In the order of the document.
        faults: What was odd about reading it, in words.
    """

    format: str
    root: Mapping[str, Any]
    schemas: Schemas
    dialect: Dialect
    location: Location
    security: tuple[Scheme, ...]
    requirement: Any
    properties: ConnectorProperties | None
    faults: tuple[str, ...] = ()
    operations: list[ApiOperation] = field(default_factory=list)

    def portable(self) -> Api:
        """Return the same, its schemas seen as no format spells them in its own way."""
        other = replace(self, schemas=Schemas(self.root, portable=True), operations=[])
        other.operations.extend(replace(one, api=other) for one in self.operations)
        return other
