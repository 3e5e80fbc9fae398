"""The bridge to what stops working when people leave, cached as in `dashboard.data`."""

from __future__ import annotations

from dataclasses import dataclass

from pandas import DataFrame

from connectory.database import reading
from connectory.domain import leaving as leaving_domain
from connectory.domain.leaving import Leaver
from connectory.exports import hand_over as hand_over_file
from connectory.queries import hand_over as hand_over_query
from connectory.queries import leaving as leaving_query
from connectory.queries import leaving_people, leaving_sums
from connectory.queries.call_tables import Window
from connectory.queries.leaving_frames import Leaving
from connectory.queries.leaving_sums import Sums
from connectory.queries.uses import DAYS
from dashboard.caching import engine as _engine
from dashboard.caching import few as _few
from dashboard.caching import many as _many
from dashboard.data import At
from dashboard.decisions import Decided, decided


@dataclass(frozen=True)
class Leavers:
    """Who leaves, and what of a list of them could not be used."""

    people: tuple[Leaver, ...] = ()
    problems: tuple[str, ...] = ()


def alone(principal_key: str) -> Leavers:
    """Return one person who leaves."""
    return Leavers((Leaver(principal_key.casefold()),))


@_many
def read(at: At, content: bytes) -> Leavers:
    """Return who stands in a list, a CSV, and which lines of it could not be used."""
    try:
        entries, problems = leaving_domain.read_leavers(content.decode("utf-8"))
    except UnicodeDecodeError:
        return Leavers(problems=("the file is no text in UTF-8; save it as CSV UTF-8",))
    except ValueError as error:
        return Leavers(problems=(str(error),))
    with reading(_engine(at.url)) as connection:
        people, unknown = leaving_people.find_leavers(connection, at.moment, entries)
    return Leavers(tuple(people), (*problems, *unknown))


@_few
def leaving(at: At, people: tuple[Leaver, ...]) -> Leaving:
    """Return what stops working when people leave, and why."""
    with reading(_engine(at.url)) as connection:
        window = Window.before(at.moment, DAYS)
        return leaving_query.leaving(connection, at.moment, people, window)


def sums(found: Leaving) -> Sums:
    """Return the same in figures."""
    return leaving_sums.sums(found)


def hand_over(at: At, people: tuple[Leaver, ...]) -> DataFrame:
    """Return what to hand over to whom, what stops first and with the most behind it."""
    return _hand_over(at, people, decided(at))


@_few
def _hand_over(at: At, people: tuple[Leaver, ...], decided: Decided) -> DataFrame:
    del decided
    with reading(_engine(at.url)) as connection:
        return hand_over_query.hand_over(connection, at.moment, leaving(at, people))


def sheet(at: At, people: tuple[Leaver, ...]) -> bytes:
    """Return the same as a workbook, in which whatever a tenant wrote stays text."""
    return hand_over_file.hand_over_sheet(hand_over(at, people), at.moment.read_at)


def csv(at: At, people: tuple[Leaver, ...]) -> str:
    """Return the same as CSV, safe to open in a spreadsheet."""
    return hand_over_file.hand_over_csv(hand_over(at, people))
