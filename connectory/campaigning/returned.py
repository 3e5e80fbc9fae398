"""Answers by a file: requests are handed out as CSV, filled in, and read again."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

import pandas as pd
from sqlalchemy import Connection, Engine, select

from connectory.actions.attesting import NotAnswered
from connectory.actions.exempting import NotExempted
from connectory.campaigning.answering import answer_row
from connectory.config import Settings
from connectory.database import writing
from connectory.domain.attesting import LONGEST_NAME, Unfit
from connectory.domain.one_line import one_line
from connectory.queries.frames import Schema, frame
from connectory.queries.tables import ATTESTATION_REQUESTS

_HANDED_OUT: Final[Schema] = {
    "request_id": "count",
    "connector": "text",
    "environment": "text",
    "asked": "text",
    "asked_name": "text",
    "deadline": "text",
    "answer": "text",
    "reason": "text",
    "hand_over_to": "text",
    "until": "text",
}
_NEEDED: Final = ("request_id", "answer")
_KNOWN: Final = (*_NEEDED, "asked", "reason", "hand_over_to", "until")
_MOST_LINES: Final = 50_000
_FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r")


class NotRead(Exception):
    """A file is none of answers; the text says why."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a returned file.

    Attributes:
        number: Where it begins in the file, the heads being 1.
        cells: What stands in it, by column.
        too_many: More stands in it than there are columns, so that no cell is surely its own.
    """

    number: int
    cells: dict[str, str]
    too_many: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of a returned file.

    Attributes:
        answered: Lines whose answer counts; none where nothing was taken.
        empty: Lines without an answer.
        problems: Lines that were not taken, each with the reason.
    """

    answered: int = 0
    empty: int = 0
    problems: Sequence[tuple[int, str]] = field(default_factory=list)


def handed_out(connection: Connection, campaign_id: int, owner: str | None = None) -> pd.DataFrame:
    """Return the open requests of a campaign as a sheet to fill in.

    Args:
        connection: Open transaction on the store.
        campaign_id: The campaign.
        owner: Only those to this one: object id, mail address or name.
    """
    row = ATTESTATION_REQUESTS.c
    query = (
        select(ATTESTATION_REQUESTS)
        .where(row.campaign_id == campaign_id, row.closed_at.is_(None))
        .order_by(row.asked_name, row.id)
    )
    wanted = None if owner is None else owner.casefold()
    rows = [
        (
            one["id"],
            one["facts"].get("connector"),
            one["facts"].get("environment"),
            one["asked"],
            one["asked_name"],
            one["deadline"].isoformat(),
            "",
            "",
            "",
            "",
        )
        for one in connection.execute(query).mappings()
        if wanted is None
        or wanted in {one[name].casefold() for name in ("asked", "asked_name", "address")}
    ]
    return frame(rows, _HANDED_OUT)


def read_lines(text: str) -> list[Line]:
    """Return the lines of a returned file.

    Spreadsheets of some countries write semicolons between cells; both are read.

    Args:
        text: The file.

    Raises:
        NotRead: It has no such columns, or one twice, is too long, or is no CSV.
    """
    first = text.lstrip("\ufeff").partition("\n")[0]
    between = ";" if first.count(";") > first.count(",") else ","
    reader = csv.reader(io.StringIO(text.lstrip("\ufeff"), newline=""), delimiter=between)
    before, rows = 0, list[tuple[int, list[str]]]()
    try:
        for cells in reader:
            rows.append((before + 1, cells))
            before = reader.line_num
    except csv.Error as error:
        raise NotRead(f"line {before + 1}: no CSV: {error}") from error
    heads = [head.strip().casefold() for head in rows[0][1]] if rows else []
    if missing := [name for name in _NEEDED if name not in heads]:
        raise NotRead(
            f"there is no column {missing[0]}; take the file that connectory campaign export writes"
        )
    if twice := [name for name in _KNOWN if heads.count(name) > 1]:
        raise NotRead(f"the column {twice[0]} stands there twice; leave one out")
    if len(rows) > _MOST_LINES:
        raise NotRead(f"more than {_MOST_LINES:,} lines; take one campaign at a time")
    return [
        Line(
            number,
            {name: _cell(cell) for name, cell in zip(heads, cells, strict=False)},
            too_many=any(cell.strip() for cell in cells[len(heads) :]),
        )
        for number, cells in rows[1:]
        if any(cell.strip() for cell in cells)
    ]


def _cell(text: str) -> str:
    """Return a cell without the apostrophe that keeps a text from being a formula."""
    told = text.strip()
    return told[1:] if told.startswith("'") and told[1:].startswith(_FORMULAS) else told


def take(
    engine: Engine,
    settings: Settings,
    lines: Sequence[Line],
    *,
    partial: bool,
    author: str,
    now: datetime,
) -> Taken:
    """Take the answers of a returned file: all of them, or none unless `partial`.

    Args:
        engine: The store.
        settings: All settings.
        lines: As `read_lines` returned them.
        partial: Take what is right although other lines are wrong.
        author: Who reads the file.
        now: The time it is.

    Raises:
        NotRead: Nobody is named.
    """
    who = one_line(author, LONGEST_NAME)
    if not who:
        raise NotRead("nobody is named who reads it; say who it is")
    filled = [one for one in lines if one.cells.get("answer")]
    empty = len(lines) - len(filled)
    with writing(engine) as connection:
        whole = connection.begin_nested()
        problems = [
            (one.number, problem)
            for one in filled
            if (problem := _answered(connection, settings, one, who, now))
        ]
        if problems and not partial:
            whole.rollback()
            return Taken(0, empty, problems)
        whole.commit()
    return Taken(len(filled) - len(problems), empty, problems)


def _answered(
    connection: Connection, settings: Settings, one: Line, who: str, now: datetime
) -> str | None:
    """Take the answer of a line; return what is wrong with it, if something is."""
    cells = {name: one.cells.get(name, "") for name in _KNOWN}
    number, until = cells["request_id"], cells["until"]
    if one.too_many:
        return "it has more cells than there are columns; quote cells with commas or semicolons"
    if not re.fullmatch(r"[0-9]{1,18}", number):
        return f"{_short(number)} is no number of a request"
    try:
        day = date.fromisoformat(until) if until else None
    except ValueError:
        return f"{_short(until)} is no day; write it as 2026-12-31"
    try:
        with connection.begin_nested():
            answer_row(
                connection,
                settings,
                int(number),
                answer=cells["answer"].casefold(),
                reason=cells["reason"],
                hand_over_to=cells["hand_over_to"],
                until=day,
                author=who,
                via="csv",
                now=now,
                asked=cells["asked"] or None,
            )
    except (Unfit, NotAnswered, NotExempted) as error:
        return f"request {number}: {error}"
    return None


def _short(text: str) -> str:
    return repr(one_line(text, 40))
