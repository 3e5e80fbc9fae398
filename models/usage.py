"""How much is used: counts per day, each by the source that told them."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Date, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import BIG, Base, run_ref, word


class FlowRunDay(Base):
    """Runs of one flow that started on one UTC day, as one source tells them (evidence: run).

    A row of zeros says that the day was read and had none; no row says that it was not read. Two
    sources may tell of the same runs: rows are never added across sources.
    """

    __tablename__ = "flow_run_days"

    flow_id: Mapped[int] = mapped_column(
        BIG, ForeignKey("flows.id"), primary_key=True, comment="flow"
    )
    day: Mapped[date] = mapped_column(Date(), primary_key=True, comment="UTC day runs started on")
    source: Mapped[word] = mapped_column(primary_key=True, comment="flow_api or dataverse")
    succeeded: Mapped[int] = mapped_column(comment="runs that succeeded")
    failed: Mapped[int] = mapped_column(comment="runs that failed, timed out or were aborted")
    cancelled: Mapped[int] = mapped_column(comment="runs that were cancelled")
    unfinished: Mapped[int] = mapped_column(comment="runs under way when last read")
    other: Mapped[int] = mapped_column(comment="runs whose end has a name that is not known")
    run_id: Mapped[run_ref] = mapped_column(comment="run that found it so")
