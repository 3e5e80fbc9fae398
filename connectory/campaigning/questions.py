"""What is open to whom, with the links by which it is answered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, RowMapping, select

from connectory.actions.asking import passed
from connectory.attestation.links import (
    PATH,
    Links,
    ListLink,
    answer_link,
    expiry,
    link_keys,
)
from connectory.config import ConfigError, Settings
from connectory.domain.answering import Recipient
from connectory.domain.digest import Asked
from connectory.queries.tables import ATTESTATION_REQUESTS


@dataclass(frozen=True, slots=True)
class Questions:
    """What is open to whom, by `Recipient.recipient`.

    Attributes:
        asked: The questions of each.
        to: Each as somebody to write to.
        answer_all: Where each finds all of their questions.
    """

    asked: Mapping[str, Sequence[Asked]]
    to: Mapping[str, Recipient]
    answer_all: Mapping[str, str]


def signer(settings: Settings) -> Links:
    """Return what signs links.

    Raises:
        ConfigError: Links have no address to lead to, or no key.
    """
    if not settings.reports.public_url:
        raise ConfigError(
            "nobody can be asked: links have no address to lead to; set reports.public_url to "
            'where people reach connectory serve, e.g. "https://connectory.example.com"'
        )
    return Links(link_keys(settings.reports))


def questions(connection: Connection, settings: Settings, now: datetime) -> Questions:
    """Return all that is open, with links; nothing where no link can be made.

    Args:
        connection: Open transaction on the store.
        settings: All settings.
        now: The time it is.
    """
    row = ATTESTATION_REQUESTS.c
    query = select(ATTESTATION_REQUESTS).where(row.closed_at.is_(None)).order_by(row.id)
    rows = connection.execute(query).mappings().all()
    if not rows or not settings.reports.public_url:
        return Questions({}, {}, {})
    return linked(rows, settings, signer(settings), now)


def linked(
    rows: Iterable[RowMapping], settings: Settings, links: Links, now: datetime
) -> Questions:
    """Return open requests with the links by which they are answered.

    A link ends with the last day for its answer. One for what is late already could not be used,
    so that is left out.

    Args:
        rows: Rows of open requests.
        settings: All settings.
        links: What signs.
        now: The time it is.
    """
    zone = ZoneInfo(settings.dashboard.time_zone)
    base = f"{settings.reports.public_url}{PATH}"
    own: dict[str, list[RowMapping]] = defaultdict(list)
    for row in rows:
        if expiry(row["deadline"], zone) > now:
            own[row["asked"]].append(row)
    asked, to, everything = {}, {}, {}
    for person, some in own.items():
        asked[person] = [
            Asked(
                row["id"],
                row["connector_id"],
                str(row["facts"].get("connector", "")),
                row["deadline"],
                base + links.answer(answer_link(row, zone)),
                recipient(row),
            )
            for row in some
        ]
        to[person] = recipient(max(some, key=lambda row: len(row["passed"])))
        newest, latest = max(row["id"] for row in some), max(row["deadline"] for row in some)
        everything[person] = base + links.list(ListLink(person, newest, expiry(latest, zone)))
    return Questions(asked, to, everything)


def recipient(row: RowMapping) -> Recipient:
    """Return whoever a request asks as somebody to write to."""
    return Recipient(
        row["asked"],
        row["asked_name"],
        row["address"],
        row["language"],
        row["role"],
        passed(row["passed"]),
    )
