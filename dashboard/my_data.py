"""What one person has to do with, cached as in `dashboard.data`, and whom there is to choose from."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from pandas import DataFrame

from connectory.database import reading
from connectory.domain.digest import Mine, Task
from connectory.domain.ignoring import IgnoreRules
from connectory.drift_settings import DriftSettings
from connectory.queries import answerable
from connectory.queries.answerable import Somebody
from connectory.queries.my_connectors import MyConnectors, my_connectors
from connectory.reports.digest_lines import line
from connectory.reports.languages import language_of
from connectory.reports.told import Line
from dashboard import data
from dashboard.caching import engine as _engine
from dashboard.caching import few as _few
from dashboard.caching import many as _many
from dashboard.data import At, settings, time_zone
from dashboard.decisions import Decided, decided


def people(at: At) -> DataFrame:
    """Return everybody who owns, answers for, may edit or is asked about a connector."""
    return _people(at, decided(at))


@_few
def _people(at: At, decided: Decided) -> DataFrame:
    del decided
    with reading(_engine(at.url)) as connection:
        return answerable.people(connection, at.moment)


@_many
def somebody(at: At, told: str) -> Somebody | None:
    """Return who is meant by an object id, sign-in name, mail address or mailbox; None if nobody."""
    with reading(_engine(at.url)) as connection:
        return answerable.somebody(connection, at.moment, told)


def mine(at: At, person: Somebody) -> MyConnectors:
    """Return the connectors somebody has to do with, and what is to be done about them."""
    told = settings()
    return _mine(at, person, told.drift, told.ignore.rules(), data.day_of(at), decided(at))


@_few
def _mine(
    at: At,
    person: Somebody,
    drift: DriftSettings,
    ignore: IgnoreRules,
    today: date,
    decided: Decided,
) -> MyConnectors:
    del decided
    with reading(_engine(at.url)) as connection:
        return my_connectors(
            connection,
            at.moment,
            person,
            zone=ZoneInfo(time_zone()),
            today=today,
            drift=drift,
            ignore=ignore,
        )


def said(at: At, task: Task, about: Mine) -> Line:
    """Return something to do in the words of the digest, in English like the pages."""
    return line(task, about, data.day_of(at), language_of("en", "en"))
