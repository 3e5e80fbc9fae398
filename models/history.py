"""Documents kept once per content: connector definitions and the operations they offer."""

from __future__ import annotations

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import BIG, Base, label, prose, run_ref, surrogate, word


class Definition(Base):
    """An OpenAPI document exactly once, however many connectors carry it."""

    __tablename__ = "definitions"

    id: Mapped[surrogate]
    sha256: Mapped[word] = mapped_column(unique=True, comment="hash of the bytes as received")
    size_bytes: Mapped[int] = mapped_column(comment="size as received")
    state: Mapped[word] = mapped_column(comment="readable or unreadable")
    detail: Mapped[label | None] = mapped_column(comment="why it cannot be read, with the place")
    content: Mapped[prose | None] = mapped_column(
        comment="the document with secrets redacted; null if it was too large to keep"
    )
    redactions: Mapped[int] = mapped_column(comment="secrets replaced before storing")
    title: Mapped[label | None] = mapped_column(comment="title")
    version: Mapped[label | None] = mapped_column(comment="version its author gave it")
    format: Mapped[word | None] = mapped_column(comment="Swagger 2.0, OpenAPI 3.0, …")
    host: Mapped[label | None] = mapped_column(comment="host")
    base_path: Mapped[label | None] = mapped_column(comment="base path")
    operations: Mapped[int | None] = mapped_column(comment="number of operations")
    triggers: Mapped[int | None] = mapped_column(comment="of these, triggers")
    deprecated: Mapped[int | None] = mapped_column(comment="of these, deprecated")
    undocumented: Mapped[int | None] = mapped_column(
        comment="of these, without summary and description"
    )
    first_run: Mapped[run_ref] = mapped_column(comment="run that read it first")


class DefinitionOperation(Base):
    """An operation offered by a definition."""

    __tablename__ = "definition_operations"
    __table_args__ = (UniqueConstraint("definition_id", "ordinal"),)

    id: Mapped[surrogate]
    definition_id: Mapped[int] = mapped_column(
        BIG, ForeignKey("definitions.id"), comment="definition"
    )
    ordinal: Mapped[int] = mapped_column(comment="position in the document, from 0")
    operation_id: Mapped[label | None] = mapped_column(comment="operationId, if it has one")
    method: Mapped[word] = mapped_column(comment="HTTP method, upper case")
    path: Mapped[prose] = mapped_column(comment="path template")
    summary: Mapped[prose | None] = mapped_column(comment="summary")
    kind: Mapped[word] = mapped_column(comment="action, trigger or internal")
    visibility: Mapped[word | None] = mapped_column(comment="x-ms-visibility, if given")
    deprecated: Mapped[bool] = mapped_column(comment="marked deprecated")
    parameters: Mapped[int] = mapped_column(comment="number of parameters")
    responses: Mapped[int] = mapped_column(comment="number of responses")
