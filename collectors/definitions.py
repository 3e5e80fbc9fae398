"""Connector definitions: fetched at once, redacted, and stored once however many carry them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Connection, Table, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from collectors.contract import StepContext
from collectors.lookups import definition as known_definition
from collectors.nouns import fit
from connectory.domain.definition import Document, Unreadable, decode, parse
from connectory.domain.definition import document as describe
from connectory.domain.redaction import redact_broken_json, redact_json_counted
from models import Definition, DefinitionOperation

_DEFINITIONS = cast("Table", Definition.__table__)
_OPERATIONS = cast("Table", DefinitionOperation.__table__)
_TOO_MUCH = {"too_large", "too_deep", "too_many"}


ABSENT = {"definition_id": None, "definition_state": "absent", "definition_detail": None}
"""What the version of a connector without definition says of it."""


@dataclass(frozen=True, slots=True)
class KeptDefinition:
    """What became of a definition."""

    id: int | None
    state: str
    detail: str | None

    @property
    def refused(self) -> bool:
        """The document exceeds the bounds and was not kept."""
        return self.state == "unreadable" and self.id is None

    @property
    def reference(self) -> dict[str, Any]:
        """What the version of a connector says of it."""
        return {
            "definition_id": self.id,
            "definition_state": self.state,
            "definition_detail": self.detail,
        }


Parsed = tuple[dict[str, Any], tuple[str, ...]] | Unreadable
"""An object and what is odd about it, or why there is none."""


def keep_definition(
    step: StepContext, content: bytes, parsed: Parsed | None = None
) -> KeptDefinition:
    """Store a definition, or find that it is already stored.

    A document that is no JSON is kept as text with the place of the fault; one that is too large
    or too deep is described and not kept.

    Args:
        step: The step that read it.
        content: The document exactly as received.
        parsed: What it holds, where somebody has read it; read as JSON here if not.
    """
    digest = hashlib.sha256(content).hexdigest()
    settings = step.settings
    known = known_definition(step.store, digest)
    if known is not None:
        return KeptDefinition(*known)
    limit = int(settings.definition_limit_megabytes * 1024 * 1024)
    if parsed is None:
        parsed = parse(content, max_bytes=limit, max_depth=settings.definition_depth)
    value: dict[str, Any]
    document: Document | Unreadable
    if isinstance(parsed, Unreadable):
        value, document, redactions = {}, parsed, 0
    else:
        value, redactions = redact_json_counted(parsed[0])
        document = describe(value, size_bytes=len(content), notes=parsed[1])
    if isinstance(document, Unreadable) and document.reason in _TOO_MUCH:
        return KeptDefinition(None, "unreadable", document.detail)
    row: dict[str, Any] = {
        "sha256": digest,
        "size_bytes": len(content),
        "first_run": step.store.run_id,
    }
    if isinstance(document, Unreadable):
        text, redactions = redact_broken_json(decode(content)[0])
        row |= {"state": "unreadable", "detail": document.detail}
    else:
        text = json.dumps(value, indent=2, ensure_ascii=False)
        row |= {"state": "readable", "detail": "; ".join(document.notes) or None}
        row |= _facts(document)
    row |= {"content": text, "redactions": redactions}
    fitted = {name: fit(_DEFINITIONS.c[name], value) for name, value in row.items()}
    with step.store.writing() as connection:
        identity = _insert(connection, fitted, document)
    return KeptDefinition(identity, fitted["state"], fitted["detail"])


def _facts(document: Document) -> dict[str, Any]:
    operations = document.operations
    return {
        "title": document.title,
        "version": document.version,
        "format": document.format,
        "host": document.host,
        "base_path": document.base_path,
        "operations": len(operations),
        "triggers": sum(operation.kind == "trigger" for operation in operations),
        "deprecated": sum(operation.deprecated for operation in operations),
        "undocumented": sum(
            not operation.summary and not operation.description for operation in operations
        ),
    }


def _insert(connection: Connection, row: dict[str, Any], document: Document | Unreadable) -> int:
    """Insert a definition once; of two threads with the same document one inserts it."""
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = make(_DEFINITIONS).values(**row).on_conflict_do_nothing(index_elements=["sha256"])
    fresh = connection.execute(statement.returning(_DEFINITIONS.c.id)).scalar()
    if fresh is None:
        query = select(_DEFINITIONS.c.id).where(_DEFINITIONS.c.sha256 == row["sha256"])
        return int(connection.execute(query).scalar_one())
    if isinstance(document, Document) and document.operations:
        connection.execute(insert(_OPERATIONS), list(_operations(int(fresh), document)))
    return int(fresh)


def _operations(definition: int, document: Document) -> Iterator[dict[str, Any]]:
    for ordinal, operation in enumerate(document.operations):
        row = {
            "definition_id": definition,
            "ordinal": ordinal,
            "operation_id": operation.operation_id,
            "method": operation.method,
            "path": operation.path,
            "summary": operation.summary,
            "kind": operation.kind,
            "visibility": operation.visibility,
            "deprecated": operation.deprecated,
            "parameters": len(operation.parameters),
            "responses": len(operation.responses),
        }
        yield {name: fit(_OPERATIONS.c[name], value) for name, value in row.items()}
