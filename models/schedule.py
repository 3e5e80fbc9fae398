"""What the scheduler did and did not do, and what operators were told."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Date, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import BIG, Base, surrogate, utc, word


class ScheduleEvent(Base):
    """What became of one moment at which something was due, or that a schedule began or ended.

    Every due moment is covered by exactly one row; a row stands for several where nobody ran
    them. The newest row of a job tells by which cron it goes now.
    """

    __tablename__ = "schedule_events"
    __table_args__ = (
        UniqueConstraint("job", "due_at"),
        Index("ix_schedule_events_state_finished_at", "state", "finished_at"),
    )

    id: Mapped[surrogate]
    job: Mapped[word] = mapped_column(comment="collector, or assess")
    cron: Mapped[str] = mapped_column(String(200), comment="cron it was due by")
    time_zone: Mapped[word] = mapped_column(comment="zone that cron is read in")
    due_at: Mapped[utc] = mapped_column(comment="when it was due, the last time if several")
    first_due_at: Mapped[utc] = mapped_column(comment="when it was due first, if several")
    times: Mapped[int] = mapped_column(default=1, comment="due moments this row stands for")
    state: Mapped[word] = mapped_column(
        comment="armed, disarmed, waiting, running, complete, partial, failed, stopped, skipped, "
        "missed or lost"
    )
    reason: Mapped[str | None] = mapped_column(String(1000), comment="why it is not complete")
    scheduler: Mapped[str | None] = mapped_column(
        String(1000), comment="host, process and start of the scheduler that took it"
    )
    started_at: Mapped[utc | None] = mapped_column(comment="when it was started")
    finished_at: Mapped[utc | None] = mapped_column(comment="when its end was known")
    run_id: Mapped[int | None] = mapped_column(BIG, comment="run that it became, if it says so")


class AlertSent(Base):
    """One thing that operators were told, or should have been, through one channel on one day."""

    __tablename__ = "alerts_sent"
    __table_args__ = (UniqueConstraint("cause", "subject", "day", "channel"),)

    id: Mapped[surrogate]
    cause: Mapped[word] = mapped_column(comment="failed, silent, credential or budget")
    subject: Mapped[word] = mapped_column(comment="job, credential or figure it is about")
    day: Mapped[date] = mapped_column(Date(), comment="day it is about, in the display zone")
    channel: Mapped[word] = mapped_column(comment="mail or webhook")
    state: Mapped[word] = mapped_column(comment="sent or failed")
    tries: Mapped[int] = mapped_column(default=1, comment="how often it was tried")
    tried_at: Mapped[utc] = mapped_column(comment="last try")
    reason: Mapped[str | None] = mapped_column(String(1000), comment="why the last try failed")
