"""Runs, their steps, what each step could read, and the leases that keep two runs apart."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import BIG, Base, key, label, one_open, prose, run_ref, surrogate, utc, word


class StoreTenant(Base):
    """The one tenant this store belongs to; another tenant id is refused."""

    __tablename__ = "store_tenant"

    id: Mapped[surrogate]
    tenant_id: Mapped[word] = mapped_column(comment="Entra tenant id, case-folded")
    created_at: Mapped[utc] = mapped_column(comment="when the store was first used")


class Run(Base):
    """One invocation of collect."""

    __tablename__ = "runs"

    id: Mapped[surrogate]
    state: Mapped[word] = mapped_column(comment="running, complete, partial, failed or died")
    started_at: Mapped[utc] = mapped_column(index=True, comment="start")
    finished_at: Mapped[utc | None] = mapped_column(comment="end; null while running")
    identity: Mapped[str | None] = mapped_column(
        String(200), comment="client id or user the run signed in as"
    )
    product_version: Mapped[word] = mapped_column(comment="version of Connectory")
    arguments: Mapped[dict[str, Any]] = mapped_column(comment="collectors and filters asked for")
    reason: Mapped[str | None] = mapped_column(String(1000), comment="why the run is not whole")


class Step(Base):
    """One collector over one scope (an environment, or the tenant) within a run."""

    __tablename__ = "steps"
    __table_args__ = (
        UniqueConstraint("run_id", "collector", "environment_id"),
        Index("ix_steps_collector_environment_id_run_id", "collector", "environment_id", "run_id"),
    )

    id: Mapped[surrogate]
    run_id: Mapped[run_ref] = mapped_column(comment="run this step belongs to")
    collector: Mapped[word] = mapped_column(comment="name of the collector")
    environment_id: Mapped[int | None] = mapped_column(
        BIG, ForeignKey("environments.id"), comment="scope; null for the tenant"
    )
    state: Mapped[word] = mapped_column(comment="running, complete, partial, failed or skipped")
    reason: Mapped[str | None] = mapped_column(String(2000), comment="why it is not complete")
    identity: Mapped[str | None] = mapped_column(String(200), comment="identity used")
    requests: Mapped[int] = mapped_column(default=0, comment="HTTP requests sent")
    retries: Mapped[int] = mapped_column(default=0, comment="requests sent again")
    throttled_seconds: Mapped[float] = mapped_column(default=0.0, comment="seconds spent waiting")
    bytes_received: Mapped[int] = mapped_column(default=0, comment="bytes of reply bodies")
    rows_seen: Mapped[int] = mapped_column(default=0, comment="rows the sources returned")
    rows_changed: Mapped[int] = mapped_column(default=0, comment="rows opened, closed or altered")
    watermark: Mapped[str | None] = mapped_column(String(4000), comment="how far a source was read")
    fence: Mapped[int] = mapped_column(default=0, comment="lease number the step wrote under")
    started_at: Mapped[utc] = mapped_column(comment="start")
    finished_at: Mapped[utc | None] = mapped_column(comment="end; null while running")


class StepSource(Base):
    """How completely one step read one of its sources."""

    __tablename__ = "step_sources"
    __table_args__ = (UniqueConstraint("step_id", "source"),)

    id: Mapped[surrogate]
    step_id: Mapped[int] = mapped_column(BIG, ForeignKey("steps.id"), comment="step")
    source: Mapped[word] = mapped_column(comment="name of the source")
    outcome: Mapped[word] = mapped_column(
        comment="complete, partial, refused, failed, skipped or not_asked"
    )
    reason: Mapped[str | None] = mapped_column(String(2000), comment="cause and cure, one line")
    rows: Mapped[int] = mapped_column(default=0, comment="rows this source returned")
    spared: Mapped[int] = mapped_column(
        default=0, server_default="0", comment="details not read again, being known"
    )


class DetailRead(Base):
    """When a detail of a row, that takes a request of its own, was last read whole."""

    __tablename__ = "detail_reads"

    noun: Mapped[word] = mapped_column(primary_key=True, comment="table of the row")
    detail: Mapped[word] = mapped_column(
        primary_key=True, comment="definition, roles or members: what was read"
    )
    entity_id: Mapped[int] = mapped_column(
        BIG, primary_key=True, autoincrement=False, comment="surrogate key in that table"
    )
    stamp: Mapped[label | None] = mapped_column(comment="change stamp the service told for it then")
    read_at: Mapped[utc] = mapped_column(comment="when it was read")


class Lease(Base):
    """Who may write for a collector now; the fence grows with every holder."""

    __tablename__ = "leases"

    name: Mapped[key] = mapped_column(primary_key=True, comment="what is leased")
    holder: Mapped[label] = mapped_column(comment="host, process and start of the holder")
    fence: Mapped[int] = mapped_column(comment="number of this tenure")
    expires_at: Mapped[utc] = mapped_column(comment="wall-clock end unless renewed")


class Sighting(Base):
    """Which source showed which row, from which run until which run."""

    __tablename__ = "sightings"
    __table_args__ = (
        one_open("sightings", "noun", "entity_id", "source"),
        Index("ix_sightings_noun_entity_id", "noun", "entity_id"),
    )

    id: Mapped[surrogate]
    noun: Mapped[word] = mapped_column(comment="table of the row seen")
    entity_id: Mapped[int] = mapped_column(comment="surrogate key in that table")
    source: Mapped[word] = mapped_column(comment="name of the source")
    from_run: Mapped[run_ref] = mapped_column(comment="first run that saw it")
    to_run: Mapped[run_ref | None] = mapped_column(comment="first complete read without it")
    last_run: Mapped[run_ref] = mapped_column(comment="latest run that saw it")


class Assessment(Base):
    """One computation of the answers over a finished run."""

    __tablename__ = "assessments"

    id: Mapped[surrogate]
    run_id: Mapped[run_ref] = mapped_column(index=True, comment="run the answers are about")
    state: Mapped[word] = mapped_column(comment="running, complete or failed")
    started_at: Mapped[utc] = mapped_column(comment="start")
    finished_at: Mapped[utc | None] = mapped_column(comment="end")
    reason: Mapped[prose | None] = mapped_column(comment="why it failed")
    steps_through: Mapped[int | None] = mapped_column(
        comment="last run whose replaced definitions are compared; null if none is"
    )
