"""Calls of connectors as logs tell them: what a log names, the raw calls, and the files read.

Facts point at what a log names (its target, endpoint, caller …), never at a connector: only
``call_endpoints`` says which connector and operation an endpoint is, so that a better match later
moves no fact. Facts carry no foreign keys and every key of theirs begins with day and target, by
which they can be spread over several machines; everything else is small and can stand on each.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated

from sqlalchemy import Date, ForeignKey, LargeBinary, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import BIG, Base, key, label, run_ref, surrogate, utc, word

day_key = Annotated[
    date, mapped_column(Date(), primary_key=True, comment="UTC day the calls began on")
]
target_key = Annotated[
    int, mapped_column(BIG, primary_key=True, autoincrement=False, comment="call target")
]


class CallTarget(Base):
    """What a log is about: the address that was called, in one source and one log of it."""

    __tablename__ = "call_targets"
    __table_args__ = (UniqueConstraint("source", "log", "address"),)

    id: Mapped[surrogate]
    source: Mapped[word] = mapped_column(comment="access_logs or another source of calls")
    log: Mapped[word] = mapped_column(
        server_default=text("''"), comment="where the log lies that is queried; empty for files"
    )
    address: Mapped[key] = mapped_column(comment="host that was called, case-folded")


class CallEndpoint(Base):
    """What was called of a target, as its log tells it, and which operation that is.

    Rows without a connector are calls that could not be matched; `matched_by` says why.
    """

    __tablename__ = "call_endpoints"
    __table_args__ = (
        UniqueConstraint("target_id", "environment_key", "method", "path", "operation"),
    )

    id: Mapped[surrogate]
    target_id: Mapped[int] = mapped_column(BIG, ForeignKey("call_targets.id"), comment="target")
    environment_key: Mapped[word] = mapped_column(
        comment="environment the log names, case-folded; empty if none"
    )
    method: Mapped[word] = mapped_column(comment="HTTP method, upper case")
    path: Mapped[key] = mapped_column(comment="path template, or path with ids left out")
    operation: Mapped[key] = mapped_column(comment="operation the log names; empty if none")
    connector_id: Mapped[int | None] = mapped_column(
        BIG, ForeignKey("connectors.id"), index=True, comment="connector it belongs to"
    )
    operation_id: Mapped[label | None] = mapped_column(comment="operationId in its definition")
    matched_by: Mapped[word] = mapped_column(
        comment="operation_id, path, or why not: no_connector, no_operation or several"
    )


FORMER_CALLER = 0
"""Id of the one row of callers that has no account: whoever called is forgotten."""


class CallCaller(Base):
    """Who called, as a log tells it; empty where it tells nobody.

    The row with id 0 is whoever called on days of which that is forgotten. No log can name it.
    """

    __tablename__ = "call_callers"

    id: Mapped[surrogate]
    key: Mapped[key | None] = mapped_column(
        unique=True, comment="account, case-folded, or its pseudonym; null for those forgotten"
    )
    last_day: Mapped[date | None] = mapped_column(
        Date(), comment="last day of which a figure names it; null if none does"
    )


class CallConsumer(Base):
    """Flow, app or program that called, as a log tells it; empty where it tells none."""

    __tablename__ = "call_consumers"

    id: Mapped[surrogate]
    key: Mapped[key] = mapped_column(unique=True, comment="what the log calls it, case-folded")


class CallConnection(Base):
    """Connection that was used, as a log tells it; empty where it tells none."""

    __tablename__ = "call_connections"

    id: Mapped[surrogate]
    key: Mapped[key] = mapped_column(unique=True, comment="what the log calls it, case-folded")


class Invocation(Base):
    """One call, or one row that stands for several, as one source tells it (evidence: call)."""

    __tablename__ = "invocations"
    __table_args__ = ({"sqlite_with_rowid": False, "postgresql_partition_by": "RANGE (day)"},)

    day: Mapped[day_key]
    target_id: Mapped[target_key]
    event_key: Mapped[bytes] = mapped_column(
        LargeBinary(16),
        primary_key=True,
        comment="time of day in microseconds (5 bytes), then a hash of what identifies the event",
    )
    endpoint_id: Mapped[int] = mapped_column(comment="call endpoint")
    consumer_id: Mapped[int] = mapped_column(comment="call consumer")
    caller_id: Mapped[int] = mapped_column(comment="call caller")
    connection_id: Mapped[int] = mapped_column(comment="call connection")
    status: Mapped[int | None] = mapped_column(
        SmallInteger(), comment="HTTP status; 0 if no response came"
    )
    duration_us: Mapped[int | None] = mapped_column(comment="microseconds it took")
    request_bytes: Mapped[int | None] = mapped_column(comment="size of the request")
    response_bytes: Mapped[int | None] = mapped_column(comment="size of the response")
    retries: Mapped[int] = mapped_column(comment="tries before this one, if told")
    weight: Mapped[int] = mapped_column(comment="calls this row stands for, above 1 if sampled")


class CallFile(Base):
    """A log file that was read, under the hash of what is in it: it is read once.

    One that has grown since is another row, and says of the shorter one which run found it grown.
    """

    __tablename__ = "call_files"
    __table_args__ = (UniqueConstraint("log", "content_hash"),)

    id: Mapped[surrogate]
    log: Mapped[word] = mapped_column(comment="name of the log in the settings")
    content_hash: Mapped[word] = mapped_column(comment="hash of the bytes of the file")
    size: Mapped[int | None] = mapped_column(BIG, comment="how many bytes these are")
    grown_run_id: Mapped[int | None] = mapped_column(
        BIG, ForeignKey("runs.id"), comment="run that found it grown; its row tells of all of it"
    )
    name: Mapped[label] = mapped_column(comment="file name when it was read")
    rows: Mapped[int] = mapped_column(comment="calls in it")
    new_rows: Mapped[int] = mapped_column(comment="of these, not known before")
    late_rows: Mapped[int] = mapped_column(comment="of these, of a sealed day: counted, not added")
    bad_lines: Mapped[int] = mapped_column(comment="lines that could not be read")
    first_bad: Mapped[label | None] = mapped_column(comment="the first of them, and why")
    first_at: Mapped[utc | None] = mapped_column(comment="earliest call in it")
    last_at: Mapped[utc | None] = mapped_column(comment="latest call in it")
    run_id: Mapped[run_ref] = mapped_column(comment="run that read it")
