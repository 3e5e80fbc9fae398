"""The bridge from pages to queries: one cached function per question, and nothing computed here.

A cached answer is keyed by the store's address, the moment and the arguments: a new run shows at
once, two stores never mix, and how many answers are kept is bounded.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from pandas import DataFrame

from connectory.clock import page_clock
from connectory.config import Settings, load_settings
from connectory.database import reading, schema_is_current
from connectory.domain.ignoring import IgnoreRules
from connectory.queries import changes as changes_query
from connectory.queries import connectors as connectors_query
from connectory.queries import coverage as coverage_query
from connectory.queries import export as export_query
from connectory.queries import ignoring, moments, overview
from connectory.queries.coverage import Coverage
from connectory.queries.ignoring import Ignored
from connectory.queries.moments import Moment
from connectory.queries.overview import Totals
from dashboard.caching import engine as _engine
from dashboard.caching import few as _few

FINISHED: tuple[str, ...] = moments.FINISHED
EXPORTS: tuple[str, ...] = tuple(export_query.VIEWS)
OF_DAYS: tuple[str, ...] = tuple(export_query.OF_DAYS)
"""Of these, views of so many days before the moment."""
DAYS: int = export_query.DAYS


class NothingToShow(Exception):
    """The store has no finished run to show.

    Attributes:
        title: What is missing.
        cure: What to do about it, with `command` in its place.
        command: The command that helps.
    """

    def __init__(self, title: str, cure: str, command: str) -> None:
        super().__init__(title)
        self.title, self.cure, self.command = title, cure, command


class NoRun(NothingToShow):
    """The store is there, and no run has finished yet."""


@dataclass(frozen=True)
class At:
    """A store at a moment: the key of every cached answer."""

    url: str
    moment: Moment


def settings() -> Settings:
    """Return the settings pages are shown with."""
    return load_settings()


def time_zone() -> str:
    """Return the name of the zone in which times are shown."""
    return settings().dashboard.time_zone


def now_shown() -> At:
    """Return the store at its latest finished run.

    Raises:
        NothingToShow: There is no store, it stands at another schema, or no run has finished.
        StoreError: The store cannot be reached.
    """
    url = settings().database.url
    _require_store(url)
    with reading(_engine(url)) as connection:
        moment = moments.latest(connection)
    if moment is None:
        raise NoRun(
            "Nothing has been collected yet",
            "Run {command} to read the tenant, or see Runs and coverage for why a run ended early.",
            "connectory collect",
        )
    return At(url, moment)


@_few
def shown_on(now: At, when: date) -> At | None:
    """Return the store as the last run by the end of a day found it; None before the first.

    Args:
        now: The latest moment; a later run asks anew.
        when: Day in the time zone of the pages.
    """
    with reading(_engine(now.url)) as connection:
        moment = moments.on(connection, when, ZoneInfo(time_zone()))
    return At(now.url, moment) if moment else None


@_few
def _first(url: str) -> datetime | None:
    with reading(_engine(url)) as connection:
        moment = moments.first(connection)
    return moment.read_at if moment else None


def days_known(url: str) -> tuple[date, date]:
    """Return the days of the first and of the latest run, in the time zone of the pages."""
    latest = now_shown().moment.read_at
    return local_day(_first(url) or latest), local_day(latest)


def local_day(moment: datetime) -> date:
    """Return the day of a moment in the time zone of the pages."""
    return moment.astimezone(ZoneInfo(time_zone())).date()


def store_url() -> str:
    """Return the address of a store that can be asked, finished runs or not.

    Raises:
        NothingToShow: There is no store, or it stands at another schema.
        StoreError: The store cannot be reached.
    """
    url = settings().database.url
    _require_store(url)
    return url


def _require_store(url: str) -> None:
    engine = _engine(url)
    place = engine.url.database
    if engine.url.get_backend_name() == "sqlite" and place and not Path(place).is_file():
        raise NothingToShow(
            "There is no store yet",
            "Run {command} to make it, then collect. The settings say where it is.",
            "connectory db upgrade",
        )
    _require_schema(url)


@_few
def _require_schema(url: str) -> bool:
    # What is raised is not cached, so that a migration shows at the next rerun.
    if not schema_is_current(_engine(url)):
        raise NothingToShow(
            "The store stands at another version",
            "Run {command} to bring it to this one. What was collected stays.",
            "connectory db upgrade",
        )
    return True


def today() -> date:
    """Return the day it is, by which what is decided must be ahead."""
    return page_clock().date()


def day_of(at: At) -> date:
    """Return the day on which decisions must still hold; that of the run for a past moment."""
    return today() if at == now_shown() else at.moment.read_at.date()


@_few
def previous(at: At) -> Moment | None:
    """Return the finished run before."""
    with reading(_engine(at.url)) as connection:
        return moments.previous(connection, at.moment)


@_few
def coverage(at: At) -> Coverage:
    """Return what could be read and what could not."""
    with reading(_engine(at.url)) as connection:
        return coverage_query.coverage(connection, at.moment)


def ignored(at: At) -> Ignored:
    """Return the connectors that the settings leave out of figures, each with the reason."""
    return _ignored(at, settings().ignore.rules())


@_few
def _ignored(at: At, rules: IgnoreRules) -> Ignored:
    with reading(_engine(at.url)) as connection:
        return ignoring.ignored(connection, at.moment, rules)


def left_out(at: At) -> tuple[int, ...]:
    """Return the same connectors as the key of what is counted without them."""
    return tuple(sorted(ignored(at)))


def totals(at: At, seen_from: At | None = None) -> Totals:
    """Return the key figures.

    Args:
        at: The moment.
        seen_from: A later one they are compared with, which decides what is ignored.
    """
    return _totals(at, left_out(seen_from or at))


@_few
def _totals(at: At, without: tuple[int, ...]) -> Totals:
    with reading(_engine(at.url)) as connection:
        return overview.totals(connection, at.moment, without)


def trend(at: At, weeks: int) -> DataFrame:
    """Return connectors, and those without owner, run by run."""
    return _trend(at, weeks, left_out(at))


@_few
def _trend(at: At, weeks: int, without: tuple[int, ...]) -> DataFrame:
    with reading(_engine(at.url)) as connection:
        return overview.trend(connection, at.moment, weeks, without)


def attention(at: At, limit: int) -> DataFrame:
    """Return what needs a person first."""
    return _attention(at, limit, left_out(at))


@_few
def _attention(at: At, limit: int, without: tuple[int, ...]) -> DataFrame:
    with reading(_engine(at.url)) as connection:
        return overview.attention(connection, at.moment, limit, without)


def attention_count(at: At) -> int:
    """Return how many things need a person in all."""
    return _attention_count(at, left_out(at))


@_few
def _attention_count(at: At, without: tuple[int, ...]) -> int:
    with reading(_engine(at.url)) as connection:
        return overview.attention_count(connection, at.moment, without)


def change_summary(at: At, since: Moment | None) -> DataFrame:
    """Return how many connectors changed in which way since a moment."""
    return _change_summary(at, since, left_out(at))


@_few
def _change_summary(at: At, since: Moment | None, without: tuple[int, ...]) -> DataFrame:
    with reading(_engine(at.url)) as connection:
        return changes_query.change_summary(connection, since, at.moment, without)


def changes(at: At, since: Moment | None) -> DataFrame:
    """Return every change of connectors since a moment, a row each."""
    return _changes(at, since, left_out(at))


@_few
def _changes(at: At, since: Moment | None, without: tuple[int, ...]) -> DataFrame:
    with reading(_engine(at.url)) as connection:
        return changes_query.changes(connection, since, at.moment, left_out=without)


def connectors(at: At) -> DataFrame:
    """Return every connector; filters narrow this frame without asking again.

    Those ignored are among them and say why.
    """
    return _connectors(at, settings().ignore.rules())


@_few
def _connectors(at: At, ignore: IgnoreRules) -> DataFrame:
    with reading(_engine(at.url)) as connection:
        return connectors_query.connectors(connection, at.moment, ignore)


def exported(at: At, view: str, days: int = DAYS) -> str:
    """Return a view as CSV, safe to open in a spreadsheet.

    Args:
        at: The moment.
        view: Its name.
        days: Of a view of days, how many.
    """
    told = settings()
    rules, ignore = told.findings.rules(), told.ignore.rules()
    with reading(_engine(at.url)) as connection:
        limit = told.telemetry.calls_per_minute
        rows = export_query.rows(
            connection, at.moment, view, rules, ignore, days, limit, told.licensing
        )
    return export_query.to_csv(rows)


def csv(frame: DataFrame) -> str:
    """Return rows as CSV, safe to open in a spreadsheet."""
    return export_query.to_csv(frame)
