"""The bridge from pages to queries: one cached function per question, and nothing computed here.

A cached answer is keyed by the store's address, the moment and the arguments: a new run shows at
once, two stores never mix, and how many answers are kept is bounded.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import streamlit as st
from pandas import NA, DataFrame, Series

from connectory.clock import wall_clock
from connectory.config import Settings, load_settings
from connectory.database import open_store, reading, schema_is_current
from connectory.domain.data_policy import PolicyVerdict
from connectory.domain.definition import Document, Operation, Unreadable
from connectory.domain.identity import connector_key, environment_key
from connectory.queries import audit as audit_query
from connectory.queries import changes as changes_query
from connectory.queries import connector as connector_query
from connectory.queries import connectors as connectors_query
from connectory.queries import coverage as coverage_query
from connectory.queries import export as export_query
from connectory.queries import flow_runs as flow_runs_query
from connectory.queries import moments, overview
from connectory.queries import policies as policies_query
from connectory.queries import schedule as schedule_query
from connectory.queries.audit import LogRead
from connectory.queries.connector import ConnectorCard
from connectory.queries.coverage import Coverage
from connectory.queries.moments import Moment
from connectory.queries.overview import Totals

_engine = st.cache_resource(max_entries=4, show_spinner=False)(open_store)
_few = st.cache_data(max_entries=32, show_spinner=False)
_many = st.cache_data(max_entries=512, show_spinner=False)

FINISHED: tuple[str, ...] = moments.FINISHED
EXPORTS: tuple[str, ...] = tuple(export_query.VIEWS)


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


@_few
def totals(at: At) -> Totals:
    """Return the key figures."""
    with reading(_engine(at.url)) as connection:
        return overview.totals(connection, at.moment)


@_few
def trend(at: At, weeks: int) -> DataFrame:
    """Return connectors, and those without owner, run by run."""
    with reading(_engine(at.url)) as connection:
        return overview.trend(connection, at.moment, weeks)


@_few
def attention(at: At, limit: int) -> DataFrame:
    """Return what needs a person first."""
    with reading(_engine(at.url)) as connection:
        return overview.attention(connection, at.moment, limit)


@_few
def attention_count(at: At) -> int:
    """Return how many things need a person in all."""
    with reading(_engine(at.url)) as connection:
        return overview.attention_count(connection, at.moment)


@_few
def change_summary(at: At, since: Moment | None) -> DataFrame:
    """Return how many connectors changed in which way since a moment."""
    with reading(_engine(at.url)) as connection:
        return changes_query.change_summary(connection, since, at.moment)


@_few
def changes(at: At, since: Moment | None) -> DataFrame:
    """Return every change of connectors since a moment, a row each."""
    with reading(_engine(at.url)) as connection:
        return changes_query.changes(connection, since, at.moment)


@_few
def connectors(at: At) -> DataFrame:
    """Return every connector; filters narrow this frame without asking again."""
    with reading(_engine(at.url)) as connection:
        return connectors_query.connectors(connection, at.moment)


def listed(at: At, connector_id: int) -> Series | None:
    """Return a connector's row of the list, or None if it is not on it."""
    frame = connectors(at)
    rows = frame[frame["connector_id"] == connector_id]
    return None if rows.empty else rows.iloc[0]


def find(at: At, *, number: str, environment: str, name: str) -> int | None:
    """Return the id of the connector an address asks for.

    Args:
        at: The moment.
        number: Its id, if the address has one.
        environment: Else the id or name of its environment,
        name: and its runtime name, in any spelling.
    """
    if number.isascii() and number.isdigit():
        return int(number[:18])
    frame = connectors(at)
    same = [connector_key(told or "") == connector_key(name) for told in frame["name"]]
    for candidate in frame[same]["connector_id"].tolist() if name else []:
        told = card(at, candidate)
        if told and environment_key(environment) in {
            told.environment_key,
            (told.environment or "").casefold(),
        }:
            return told.connector_id
    return None


@_many
def card(at: At, connector_id: int) -> ConnectorCard | None:
    """Return the facts of one connector, or None if the store knows none of that id."""
    with reading(_engine(at.url)) as connection:
        return connector_query.card(connection, at.moment, connector_id)


@_many
def operations(at: At, connector_id: int) -> DataFrame:
    """Return the operations of a connector."""
    with reading(_engine(at.url)) as connection:
        return connector_query.operations(connection, at.moment, connector_id)


@_few
def document(url: str, definition_id: int) -> str | None:
    """Return the text of a definition with secrets removed."""
    with reading(_engine(url)) as connection:
        return connector_query.document(connection, definition_id)


@_few
def manifest(url: str, definition_id: int) -> Document | Unreadable | None:
    """Return what a definition says."""
    with reading(_engine(url)) as connection:
        return connector_query.manifest(connection, definition_id)


def operation(url: str, definition_id: int | None, ordinal: object) -> Operation | None:
    """Return one operation with its parameters and responses, if the definition offers it."""
    told = None if definition_id is None or ordinal is NA else manifest(url, definition_id)
    if not isinstance(told, Document):
        return None
    position = int(str(ordinal))
    return told.operations[position] if 0 <= position < len(told.operations) else None


@_many
def permissions(at: At, connector_id: int) -> DataFrame:
    """Return with whom a connector is shared."""
    with reading(_engine(at.url)) as connection:
        return connector_query.permissions(connection, at.moment, connector_id)


@_many
def connections(at: At, connector_id: int) -> DataFrame:
    """Return the connections of a connector."""
    with reading(_engine(at.url)) as connection:
        return connector_query.connections(connection, at.moment, connector_id)


@_many
def references(at: At, connector_id: int) -> DataFrame:
    """Return the connection references to a connector."""
    with reading(_engine(at.url)) as connection:
        return connector_query.references(connection, at.moment, connector_id)


@_many
def consumers(at: At, connector_id: int) -> DataFrame:
    """Return the flows and apps that use a connector."""
    with reading(_engine(at.url)) as connection:
        return connector_query.consumers(connection, at.moment, connector_id)


@_many
def connector_policies(at: At, connector_id: int) -> DataFrame:
    """Return the policies that apply to a connector, and where each puts it."""
    with reading(_engine(at.url)) as connection:
        return policies_query.connector_policies(connection, at.moment, connector_id)


@_many
def policy_answer(at: At, connector_id: int) -> PolicyVerdict | None:
    """Return where all policies put a connector; None if that was not assessed."""
    with reading(_engine(at.url)) as connection:
        return policies_query.policy_answer(connection, at.moment, connector_id)


@_many
def history(at: At, connector_id: int) -> DataFrame:
    """Return what happened to a connector."""
    with reading(_engine(at.url)) as connection:
        return connector_query.history(connection, at.moment, connector_id)


@_many
def runs_by_day(at: At, connector_id: int, days: int) -> DataFrame:
    """Return how often the flows that use a connector ran on each of the last days."""
    with reading(_engine(at.url)) as connection:
        return flow_runs_query.runs_by_day(connection, at.moment, connector_id, days)


@_many
def launches_by_day(at: At, connector_id: int, days: int) -> DataFrame:
    """Return how often apps that use a connector were opened on each of the last days."""
    with reading(_engine(at.url)) as connection:
        return audit_query.launches_by_day(connection, at.moment, connector_id, days)


@_many
def audit_events(at: At, connector_id: int) -> DataFrame:
    """Return what the audit log told of a connector and of what uses it."""
    with reading(_engine(at.url)) as connection:
        return audit_query.audit_events(connection, at.moment, connector_id)


@_few
def log_read(at: At) -> LogRead:
    """Return how far the audit log was read."""
    with reading(_engine(at.url)) as connection:
        return audit_query.log_read(connection, at.moment)


def runs(url: str) -> DataFrame:
    """Return the runs, newest first; never cached, since one may be under way."""
    with reading(_engine(url)) as connection:
        return coverage_query.runs(connection)


def steps(url: str, run_id: int) -> DataFrame:
    """Return the steps of a run; never cached, since it may be under way."""
    with reading(_engine(url)) as connection:
        return coverage_query.steps(connection, run_id)


def step_sources(url: str, run_id: int) -> DataFrame:
    """Return how completely a run read each source; never cached, since it may be under way."""
    with reading(_engine(url)) as connection:
        return coverage_query.step_sources(connection, run_id)


def schedule(url: str) -> DataFrame:
    """Return the jobs of the schedule in force; never cached, since silence comes with time."""
    tolerance = timedelta(minutes=settings().schedule.silent_after_minutes)
    with reading(_engine(url)) as connection:
        return schedule_query.jobs(connection, wall_clock(), tolerance)


def schedule_events(url: str) -> DataFrame:
    """Return what became of the newest due moments; never cached, as above."""
    with reading(_engine(url)) as connection:
        return schedule_query.events(connection)


def exported(at: At, view: str) -> str:
    """Return a view as CSV, safe to open in a spreadsheet."""
    with reading(_engine(at.url)) as connection:
        return export_query.to_csv(export_query.VIEWS[view](connection, at.moment))
