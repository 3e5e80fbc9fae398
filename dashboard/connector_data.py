"""What the page of one connector shows, cached."""

from __future__ import annotations

from pandas import NA, DataFrame, Series

from connectory.database import reading
from connectory.domain.data_policy import PolicyVerdict
from connectory.domain.definition import Document, Operation, Unreadable
from connectory.domain.identity import connector_key, environment_key
from connectory.queries import audit as audit_query
from connectory.queries import connector as connector_query
from connectory.queries import flow_runs as flow_runs_query
from connectory.queries import launches as launches_query
from connectory.queries import policies as policies_query
from connectory.queries.audit import LogRead
from connectory.queries.connector import ConnectorCard
from dashboard import data
from dashboard.caching import engine as _engine
from dashboard.caching import few as _few
from dashboard.caching import many as _many
from dashboard.data import At


def listed(at: At, connector_id: int) -> Series | None:
    """Return a connector's row of the list, or None if it is not on it."""
    frame = data.connectors(at)
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
    frame = data.connectors(at)
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
    """Return the flows, apps and agents that use a connector."""
    with reading(_engine(at.url)) as connection:
        return connector_query.consumers(connection, at.moment, connector_id)


@_many
def connector_policies(at: At, connector_id: int) -> DataFrame:
    """Return the policies that apply to a connector, and where each puts it."""
    with reading(_engine(at.url)) as connection:
        return policies_query.connector_policies(connection, at.moment, connector_id)


@_many
def connector_rules(at: At, connector_id: int) -> DataFrame:
    """Return what policies say of single actions and addresses of a connector."""
    with reading(_engine(at.url)) as connection:
        return policies_query.connector_rules(connection, at.moment, connector_id)


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
def app_launches(at: At, connector_id: int, days: int) -> DataFrame:
    """Return who opened which app that uses a connector on each of the last days."""
    with reading(_engine(at.url)) as connection:
        return launches_query.app_launches(connection, at.moment, connector_id, days)


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
