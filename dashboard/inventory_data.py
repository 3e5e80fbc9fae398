"""The bridge to what is known of connections and environments, cached as in `dashboard.data`."""

from __future__ import annotations

from pandas import DataFrame

from connectory.database import reading
from connectory.domain.connection_facts import ConnectionRules
from connectory.queries import connection_findings as findings_query
from connectory.queries import consumers, lists, sharing
from connectory.queries import environments as environments_query
from connectory.queries import search as search_query
from dashboard.caching import engine as _engine
from dashboard.caching import few as _few
from dashboard.caching import many as _many
from dashboard.data import At, left_out, settings


def connection_findings(at: At) -> DataFrame:
    """Return what is wrong with connections and references, by the rules of the settings."""
    return _connection_findings(at, settings().findings.rules())


@_few
def _connection_findings(at: At, rules: ConnectionRules) -> DataFrame:
    with reading(_engine(at.url)) as connection:
        return findings_query.findings(connection, at.moment, rules)


def connection_checks(at: At) -> DataFrame:
    """Return how many of each kind every environment has, and whether all are known.

    Those of connectors that are ignored are not among them.
    """
    return _connection_checks(at, settings().findings.rules(), left_out(at))


@_few
def _connection_checks(at: At, rules: ConnectionRules, without: tuple[int, ...]) -> DataFrame:
    found = _connection_findings(at, rules)
    found = found[~found["connector_id"].isin(without)]
    with reading(_engine(at.url)) as connection:
        return findings_query.checks(connection, at.moment, rules, found)


def environments(at: At) -> DataFrame:
    """Return every environment with how much is in it and how much of it was read.

    Connectors that are ignored are not counted.
    """
    return _environments(at, left_out(at))


@_few
def _environments(at: At, without: tuple[int, ...]) -> DataFrame:
    with reading(_engine(at.url)) as connection:
        return environments_query.environments(connection, at.moment, without)


@_few
def environment_gaps(at: At) -> DataFrame:
    """Return what could not be read of any environment."""
    with reading(_engine(at.url)) as connection:
        return environments_query.environment_gaps(connection, at.moment)


@_many
def owned_by(at: At, principal_key: str) -> tuple[str, set[int]]:
    """Return what somebody is called, and which connectors they own."""
    with reading(_engine(at.url)) as connection:
        return sharing.owned_by(connection, at.moment, principal_key)


@_many
def found(at: At, text: str, limit: int) -> DataFrame:
    """Return what the words of a text stand in, at most so many of each kind."""
    with reading(_engine(at.url)) as connection:
        return search_query.search(connection, at.moment, text, limit=limit)


@_many
def connections_in(at: At, environment_id: int) -> DataFrame:
    """Return the connections of an environment."""
    with reading(_engine(at.url)) as connection:
        return consumers.connections(connection, at.moment, environment_id=environment_id)


@_many
def references_in(at: At, environment_id: int) -> DataFrame:
    """Return the connection references of an environment."""
    with reading(_engine(at.url)) as connection:
        return consumers.references(connection, at.moment, environment_id=environment_id)


@_many
def flows_in(at: At, environment_id: int) -> DataFrame:
    """Return the flows of an environment."""
    with reading(_engine(at.url)) as connection:
        return lists.flows(connection, at.moment, environment_id)


@_many
def apps_in(at: At, environment_id: int) -> DataFrame:
    """Return the apps of an environment."""
    with reading(_engine(at.url)) as connection:
        return lists.apps(connection, at.moment, environment_id)
