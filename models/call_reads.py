"""How far logs that are asked by query were read, what of them is lost, and which days came summed."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Date, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, label, run_ref, surrogate, utc, word


class CallRead(Base):
    """Up to when everything that a log service had taken in was read."""

    __tablename__ = "call_reads"

    source: Mapped[word] = mapped_column(primary_key=True, comment="source of calls")
    log: Mapped[word] = mapped_column(primary_key=True, comment="where the log lies")
    name: Mapped[word] = mapped_column(comment="name of the log in the settings")
    read_to: Mapped[utc] = mapped_column(comment="by when rows were taken in by the service")
    run_id: Mapped[run_ref] = mapped_column(comment="run that read so far")


class CallGap(Base):
    """A stretch of time of which a log could not be read and never will be."""

    __tablename__ = "call_gaps"
    __table_args__ = (Index("ix_call_gaps_source_log", "source", "log"),)

    id: Mapped[surrogate]
    source: Mapped[word] = mapped_column(comment="source of calls")
    log: Mapped[word] = mapped_column(comment="where the log lies")
    name: Mapped[word] = mapped_column(comment="name of the log in the settings")
    from_at: Mapped[utc] = mapped_column(comment="first moment that is missing")
    to_at: Mapped[utc] = mapped_column(comment="first moment that is not")
    reason: Mapped[label] = mapped_column(comment="why it is lost")
    run_id: Mapped[run_ref] = mapped_column(comment="run that found it")


class CallSummary(Base):
    """A day of a log whose figures came summed from its service, and are replaced whole."""

    __tablename__ = "call_summaries"

    source: Mapped[word] = mapped_column(primary_key=True, comment="source of calls")
    log: Mapped[word] = mapped_column(primary_key=True, comment="where the log lies")
    day: Mapped[date] = mapped_column(Date(), primary_key=True, comment="UTC day")
