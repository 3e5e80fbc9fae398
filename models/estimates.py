"""Estimates that were frozen: what was told on a day, with all it was reckoned from."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Date, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import BIG, Base, key, label, prose, run_ref, utc, word


class FrozenEstimate(Base):
    """An estimate as it was when somebody froze it; a row is written once and never again."""

    __tablename__ = "frozen_estimates"

    number: Mapped[int] = mapped_column(
        BIG, primary_key=True, autoincrement=False, comment="1, 2, 3 and so on"
    )
    made_at: Mapped[utc] = mapped_column(comment="when it was frozen")
    author: Mapped[label] = mapped_column(comment="who froze it, as that person said")
    note: Mapped[prose] = mapped_column(comment="what it was made for; may be nothing")
    run_id: Mapped[run_ref] = mapped_column(comment="run whose facts it rests on")
    as_of: Mapped[date] = mapped_column(Date(), comment="day of its prices")
    basis: Mapped[word] = mapped_column(comment="active or access")
    channel: Mapped[word | None] = mapped_column(comment="how licences are bought")
    currency: Mapped[label] = mapped_column(comment="of every amount")
    price_book: Mapped[prose] = mapped_column(comment="version of the prices")
    monthly: Mapped[label] = mapped_column(comment="what the cheapest plan costs a month")
    people_in_need: Mapped[int] = mapped_column(comment="people without cover")
    flows_in_need: Mapped[int] = mapped_column(comment="flows without cover")
    recipients: Mapped[int] = mapped_column(comment="people whom the plan covers")
    statement: Mapped[dict[str, Any]] = mapped_column(
        comment="lines, naive ways, prices in force, rules and what is open"
    )
    scenario: Mapped[bytes] = mapped_column(
        LargeBinary(), comment="what it was reckoned from: a scenario file, compressed (zlib)"
    )
    digest: Mapped[str] = mapped_column(
        String(64), comment="SHA-256 of all of it, by which a change would show"
    )


class FrozenRecipient(Base):
    """Somebody whom the plan of a frozen estimate covers, by the names of that day."""

    __tablename__ = "frozen_recipients"

    number: Mapped[int] = mapped_column(
        BIG, ForeignKey("frozen_estimates.number"), primary_key=True, comment="whose"
    )
    position: Mapped[int] = mapped_column(
        BIG, primary_key=True, autoincrement=False, comment="place in the list"
    )
    person_key: Mapped[key] = mapped_column(comment="object id of the account")
    person: Mapped[label] = mapped_column(comment="name")
    department: Mapped[label | None] = mapped_column(comment="department")
    gets: Mapped[label] = mapped_column(comment="what covers the person")
    connectors: Mapped[prose] = mapped_column(comment="because of which connectors")
    apps: Mapped[prose] = mapped_column(comment="by which apps")
    flows: Mapped[prose] = mapped_column(comment="by which flows")
    environments: Mapped[prose] = mapped_column(comment="where")
    rules: Mapped[label] = mapped_column(comment="by which rules")
