"""The declarative base, its naming convention, and the column vocabulary.

A column reads as a sentence: ``Mapped[utc]``, ``Mapped[label]``, ``Mapped[run_ref | None]``.
Every column carries a one-line ``comment``, from which the data dictionary is generated.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Numeric,
    String,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

_NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

BIG = BigInteger().with_variant(Integer(), "sqlite")
"""64-bit on a server; SQLite's rowid alias needs the plain spelling and is 64-bit anyway."""


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC time on both sides, also on SQLite, which keeps no zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Convert to UTC; refuse a naive time, whose meaning would be a guess."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone cannot be stored: {value!r}")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return an aware UTC time."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Amount(TypeDecorator[Decimal]):
    """An amount of money to the last digit on both sides, also on SQLite, which would round it."""

    impl = Numeric().with_variant(String(40), "sqlite")
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Decimal | str | None:
        """Write a text where the database has no decimal numbers."""
        return format(value, "f") if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Decimal | str | None, dialect: Dialect) -> Decimal | None:
        """Return a decimal number."""
        del dialect
        return None if value is None else Decimal(value)


class Base(DeclarativeBase):
    """Base of every table; one metadata, one naming convention."""

    metadata = MetaData(naming_convention=_NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime(),
        Decimal: Amount(),
        int: BIG,
        dict[str, Any]: JSON().with_variant(JSONB(), "postgresql"),
        list[Any]: JSON().with_variant(JSONB(), "postgresql"),
    }


surrogate = Annotated[int, mapped_column(BIG, primary_key=True, comment="surrogate key")]
key = Annotated[str, mapped_column(String(450))]
label = Annotated[str, mapped_column(String(1000))]
word = Annotated[str, mapped_column(String(64))]
prose = Annotated[str, mapped_column(Text())]
utc = Annotated[datetime, mapped_column(UtcDateTime())]
run_ref = Annotated[int, mapped_column(BIG, ForeignKey("runs.id"))]
environment_ref = Annotated[int, mapped_column(BIG, ForeignKey("environments.id"))]


class Interval:
    """Columns of a fact that was true from one run until another.

    The fact holds for every run r with ``from_run <= r`` and (``to_run`` is null or ``r < to_run``).
    """

    from_run: Mapped[run_ref] = mapped_column(comment="first run that found it so")
    to_run: Mapped[run_ref | None] = mapped_column(comment="first run that found it otherwise")


class Version(Interval):
    """Columns that every version of a noun carries besides its own."""

    presence: Mapped[word] = mapped_column(comment="present, missing or gone")
    presence_reason: Mapped[str | None] = mapped_column(
        String(64), comment="why it is not present: unseen, deleted, environment or merged"
    )


def one_open(table: str, *columns: str) -> Index:
    """Return the partial unique index that allows one open interval per key.

    Args:
        table: Name of the table the index stands on.
        columns: Columns that identify the fact.
    """
    return Index(
        f"uq_{table}_open",
        *columns,
        unique=True,
        sqlite_where=text("to_run IS NULL"),
        postgresql_where=text("to_run IS NULL"),
    )
