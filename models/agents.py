"""Agents built in Copilot Studio, and every call of a connector that stands in one."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import (
    BIG,
    Base,
    Interval,
    Version,
    environment_ref,
    key,
    label,
    one_open,
    surrogate,
    utc,
    word,
)


class Agent(Base):
    """An agent; its key is its case-folded id."""

    __tablename__ = "agents"
    __table_args__ = (UniqueConstraint("environment_id", "key"),)

    id: Mapped[surrogate]
    environment_id: Mapped[environment_ref] = mapped_column(comment="environment")
    key: Mapped[key] = mapped_column(comment="agent id, case-folded")


class AgentVersion(Version, Base):
    """Facts about an agent."""

    __tablename__ = "agent_versions"
    __table_args__ = (one_open("agent_versions", "agent_id"),)

    agent_id: Mapped[int] = mapped_column(
        BIG, ForeignKey("agents.id"), primary_key=True, comment="whose"
    )
    from_run: Mapped[int] = mapped_column(
        BIG, ForeignKey("runs.id"), primary_key=True, comment="first run that found it so"
    )
    name: Mapped[label] = mapped_column(comment="agent id as the platform spells it")
    schema_name: Mapped[label | None] = mapped_column(comment="schema name in its solution")
    display_name: Mapped[label | None] = mapped_column(comment="name people see")
    owner_key: Mapped[key | None] = mapped_column(comment="object id of the owner")
    active: Mapped[bool | None] = mapped_column(comment="active rather than inactive")
    managed: Mapped[bool | None] = mapped_column(comment="installed by a managed solution")
    solution_id: Mapped[word | None] = mapped_column(comment="Dataverse solution id")
    created_at: Mapped[utc | None] = mapped_column(comment="created")
    modified_at: Mapped[utc | None] = mapped_column(comment="last modified")
    published_at: Mapped[utc | None] = mapped_column(comment="last published; null if never")


class AgentOperation(Interval, Base):
    """One tool or topic step of an agent that calls a connector."""

    __tablename__ = "agent_operations"
    __table_args__ = (
        one_open("agent_operations", "agent_id", "action"),
        Index("ix_agent_operations_connector_key", "connector_key"),
    )

    id: Mapped[surrogate]
    agent_id: Mapped[int] = mapped_column(BIG, ForeignKey("agents.id"), comment="agent")
    action: Mapped[label] = mapped_column(
        comment="schema name of the tool or topic, and which of its calls where it has several"
    )
    connector_key: Mapped[key | None] = mapped_column(
        comment="connector it calls; null if nothing tells what its connection reference points to"
    )
    operation_id: Mapped[label | None] = mapped_column(comment="operation it calls, if it says so")
    logical_name: Mapped[key | None] = mapped_column(comment="connection reference used")
    invoker: Mapped[bool | None] = mapped_column(comment="runs with the invoking user's connection")
