"""Exempting connectors from being called stale, until a day; and withdrawing that.

Nothing of the tenant is touched, and no verdict is altered: an exemption stands beside it. Every
decision is a row that stays.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Final, Literal, TypeVar, cast

from sqlalchemy import Connection, Engine, Table, insert, select, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from connectory.database import writing
from connectory.domain.one_line import one_line
from models import Connector, Exemption

_EXEMPTIONS = cast("Table", Exemption.__table__)
_CONNECTORS = cast("Table", Connector.__table__)
LONGEST_NAME: Final = 200
LONGEST_REASON: Final = 2_000
LONGEST_DAYS: Final = 2 * 366
"""An exemption for ever would be none that anybody looks at again."""
_REPLACED: Final = "exempted anew"
Via = Literal["dashboard", "attestation"]
_Told = TypeVar("_Told")


class NotExempted(Exception):
    """Nothing was exempted or withdrawn; the text says why and what to do. Nothing was written."""


def exempt(
    engine: Engine,
    connector_id: int,
    *,
    reason: str,
    until: date,
    author: str,
    via: Via,
    now: datetime,
) -> int:
    """Exempt a connector until a day; return the number of the exemption.

    One that stands is withdrawn in favour of the new one.

    Args:
        engine: The store.
        connector_id: Which connector.
        reason: Why it may be quiet.
        until: Last day for which it holds.
        author: Who decides.
        via: How that came.
        now: When that is.

    Raises:
        NotExempted: Somebody or a reason is not named, the day is not ahead or too far, there is
            no such connector, or the store takes no writing.
    """

    def write(connection: Connection) -> int:
        return exempt_within(
            connection, connector_id, reason=reason, until=until, author=author, via=via, now=now
        )

    return _written(engine, write)


def exempt_within(
    connection: Connection,
    connector_id: int,
    *,
    reason: str,
    until: date,
    author: str,
    via: Via,
    now: datetime,
) -> int:
    """Exempt a connector in a transaction that is open already; see `exempt`."""
    who, why = _author(author), _reason(reason)
    today = now.astimezone(UTC).date()
    if until <= today:
        raise NotExempted(f"{until:%d %b %Y} is not ahead; write a day after today")
    if until > today + timedelta(days=LONGEST_DAYS):
        raise NotExempted(f"{until:%d %b %Y} is more than two years ahead; write a nearer day")
    if connection.scalar(select(_CONNECTORS.c.id).where(_CONNECTORS.c.id == connector_id)) is None:
        raise NotExempted(f"the store knows no connector {connector_id}")
    _end(connection, connector_id, who, _REPLACED, now)
    values = {
        "connector_id": connector_id,
        "reason": why,
        "until": until,
        "via": via,
        "exempted_by": who,
        "exempted_at": now,
    }
    query = insert(_EXEMPTIONS).values(values).returning(_EXEMPTIONS.c.id)
    return int(connection.execute(query).scalar_one())


def withdraw(engine: Engine, connector_id: int, *, reason: str, author: str, now: datetime) -> None:
    """Withdraw the exemption of a connector that stands.

    Args:
        engine: The store.
        connector_id: Which connector.
        reason: Why.
        author: Who decides.
        now: When that is.

    Raises:
        NotExempted: Somebody or a reason is not named, none stands, or the store takes no writing.
    """
    who, why = _author(author), _reason(reason)

    def write(connection: Connection) -> None:
        if not _end(connection, connector_id, who, why, now):
            raise NotExempted("no exemption of it stands any more; read the page again")

    _written(engine, write)


def _end(connection: Connection, connector_id: int, who: str, why: str, now: datetime) -> int:
    ended = connection.execute(
        update(_EXEMPTIONS)
        .where(_EXEMPTIONS.c.connector_id == connector_id, _EXEMPTIONS.c.withdrawn_at.is_(None))
        .values(withdrawn_at=now, withdrawn_by=who, withdrawn_reason=why)
    )
    return ended.rowcount


def _written(engine: Engine, write: Callable[[Connection], _Told]) -> _Told:
    try:
        with writing(engine) as connection:
            return write(connection)
    except IntegrityError as error:
        raise NotExempted(
            "somebody else exempted the same at this moment; read the page again"
        ) from error
    except SQLAlchemyError as error:
        cause = " ".join(str(getattr(error, "orig", None) or error).split())[:200]
        raise NotExempted(
            f"the store took no writing: {cause}; "
            f"{engine.url.render_as_string(hide_password=True)}; the account of database.url must "
            "be allowed to insert into and update exemptions"
        ) from error


def _author(text: str) -> str:
    told = one_line(text, LONGEST_NAME)
    if not told:
        raise NotExempted("nobody is named who decides; say who it is")
    return told


def _reason(text: str) -> str:
    told = one_line(text, LONGEST_REASON)
    if not told:
        raise NotExempted("no reason is given; say why it may be quiet")
    return told
