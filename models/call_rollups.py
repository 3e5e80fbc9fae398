"""What calls add up to by the day: kept for years, from rows that are gone after weeks.

Every figure is a sum of whole numbers, a largest value or a tally, so that the order in which rows
came leaves no trace. Rows are never added across targets of different sources.
"""

from __future__ import annotations

from sqlalchemy import Index, LargeBinary, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import BIG, Base
from models.calls import day_key, target_key


class UsageDay(Base):
    """Calls of one endpoint by one consumer and caller on one day; callers are forgotten in time."""

    __tablename__ = "usage_daily"
    __table_args__ = ({"sqlite_with_rowid": False},)

    day: Mapped[day_key]
    target_id: Mapped[target_key]
    endpoint_id: Mapped[int] = mapped_column(BIG, primary_key=True, comment="call endpoint")
    consumer_id: Mapped[int] = mapped_column(BIG, primary_key=True, comment="call consumer")
    caller_id: Mapped[int] = mapped_column(
        BIG, primary_key=True, comment="call caller; 0 once who called is forgotten"
    )
    calls: Mapped[int] = mapped_column(comment="calls, sampled rows by their weight")
    errors: Mapped[int] = mapped_column(comment="of these, 4xx, 5xx or without a response")


class UsageHour(Base):
    """Calls of one endpoint in one hour."""

    __tablename__ = "usage_hourly"
    __table_args__ = ({"sqlite_with_rowid": False},)

    day: Mapped[day_key]
    target_id: Mapped[target_key]
    endpoint_id: Mapped[int] = mapped_column(BIG, primary_key=True, comment="call endpoint")
    hour: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, comment="UTC hour, 0 to 23")
    calls: Mapped[int] = mapped_column(comment="calls")
    errors: Mapped[int] = mapped_column(comment="of these, 4xx, 5xx or without a response")
    throttled: Mapped[int] = mapped_column(comment="of these, answered 429")


class UsageOperation(Base):
    """Calls of one endpoint on one day, whoever called: how they went, and how long they took."""

    __tablename__ = "usage_operations"
    __table_args__ = ({"sqlite_with_rowid": False},)

    day: Mapped[day_key]
    target_id: Mapped[target_key]
    endpoint_id: Mapped[int] = mapped_column(BIG, primary_key=True, comment="call endpoint")
    calls: Mapped[int] = mapped_column(comment="calls, sampled rows by their weight")
    unauthorized: Mapped[int] = mapped_column(comment="of these, answered 401")
    throttled: Mapped[int] = mapped_column(comment="of these, answered 429")
    refused: Mapped[int] = mapped_column(comment="of these, answered another 4xx")
    failed: Mapped[int] = mapped_column(comment="of these, answered 5xx but for timeouts")
    timed_out: Mapped[int] = mapped_column(comment="of these, 408, 504, or no response at all")
    retries: Mapped[int] = mapped_column(comment="tries before these calls, where told")
    timed: Mapped[int] = mapped_column(comment="calls whose duration is known")
    duration_us: Mapped[int] = mapped_column(comment="microseconds these took together")
    request_bytes: Mapped[int] = mapped_column(comment="size of requests, where told")
    response_bytes: Mapped[int] = mapped_column(comment="size of responses, where told")
    last_us: Mapped[int] = mapped_column(comment="time of day of the last call, in microseconds")
    largest_response: Mapped[int] = mapped_column(comment="bytes of the largest response")
    latency: Mapped[bytes] = mapped_column(
        LargeBinary(), comment="tally of durations by bucket (connectory/domain/histogram.py)"
    )


class UsageConnection(Base):
    """How busy one connection was on one day, in the busiest of its minutes."""

    __tablename__ = "usage_connections"
    __table_args__ = ({"sqlite_with_rowid": False},)

    day: Mapped[day_key]
    target_id: Mapped[target_key]
    connection_id: Mapped[int] = mapped_column(BIG, primary_key=True, comment="call connection")
    busiest_minute: Mapped[int] = mapped_column(
        SmallInteger(), comment="first minute of the day with the most calls, 0 to 1439"
    )
    busiest_calls: Mapped[int] = mapped_column(comment="calls in that minute")


class UsageMinute(Base):
    """One busy minute of a connection: with 60 calls or more; the others are not kept."""

    __tablename__ = "usage_minutes"
    __table_args__ = ({"sqlite_with_rowid": False},)

    day: Mapped[day_key]
    target_id: Mapped[target_key]
    connection_id: Mapped[int] = mapped_column(BIG, primary_key=True, comment="call connection")
    minute: Mapped[int] = mapped_column(
        SmallInteger(), primary_key=True, comment="minute of the UTC day, 0 to 1439"
    )
    calls: Mapped[int] = mapped_column(comment="calls in it")


class UsageTarget(Base):
    """What is known of one target on one day, and whether more can still come."""

    __tablename__ = "usage_days"
    __table_args__ = (
        Index(
            "ix_usage_days_callers_known",
            "day",
            sqlite_where=text("forgotten IS NULL"),
            postgresql_where=text("forgotten IS NULL"),
        ),
        {"sqlite_with_rowid": False},
    )

    day: Mapped[day_key]
    target_id: Mapped[target_key]
    rows: Mapped[int] = mapped_column(comment="rows of logs that were added")
    late_rows: Mapped[int] = mapped_column(comment="rows that came after the day was sealed")
    sealed: Mapped[bool] = mapped_column(comment="its raw calls are gone; nothing is added")
    forgotten: Mapped[bool | None] = mapped_column(
        comment="who called is forgotten, how many called is in usage_callers; null while known"
    )


class UsageCallers(Base):
    """How many different accounts called on one day, counted before who they were was forgotten.

    Numbers of different accounts cannot be added, so each is kept that is asked for: of an
    endpoint, of its operation, of its connector, and of all its source tells of. The latter three
    stand at one endpoint of theirs, the one with the lowest id, and are 0 at the others: their sum
    is the number.
    """

    __tablename__ = "usage_callers"
    __table_args__ = ({"sqlite_with_rowid": False},)

    day: Mapped[day_key]
    target_id: Mapped[target_key]
    endpoint_id: Mapped[int] = mapped_column(BIG, primary_key=True, comment="call endpoint")
    callers: Mapped[int] = mapped_column(comment="accounts that called this endpoint")
    of_operation: Mapped[int] = mapped_column(
        comment="accounts that called its operation, as it was matched then; 0 but at one endpoint"
    )
    of_connector: Mapped[int] = mapped_column(
        comment="accounts that called its connector, as it was matched then; 0 but at one endpoint"
    )
    of_source: Mapped[int] = mapped_column(
        comment="accounts that called any connector, by its source; 0 but at one endpoint"
    )
