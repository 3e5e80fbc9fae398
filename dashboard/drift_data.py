"""The bridge to what is known of drift, cached as in `dashboard.data`.

Accepting a change is what pages write here, into our own store and nowhere else. Answers that such
a decision alters are cached under what was decided last, so that it shows at once to everybody.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from pandas import DataFrame

from connectory.actions import accepting
from connectory.clock import page_clock
from connectory.database import reading
from connectory.domain.drift.changes import Place
from connectory.drift_settings import DriftSettings
from connectory.exports.sheet import sheet
from connectory.queries import change_log as log_query
from connectory.queries import drift_board as board_query
from connectory.queries import drift_changes, drift_hits, drift_pairs, hits
from connectory.queries import upstream as upstream_query
from connectory.queries.call_tables import Window
from connectory.queries.drift_changes import ComparisonFacts
from connectory.queries.drift_hits import Group
from connectory.queries.drift_pairs import Pair
from connectory.queries.hits import Use
from connectory.queries.uses import DAYS
from dashboard import data
from dashboard.caching import engine as _engine
from dashboard.caching import few as _few
from dashboard.caching import many as _many
from dashboard.data import At, settings

Decided = tuple[Any, ...]


@_few
def change_log(at: At, days: int | None) -> DataFrame:
    """Return what happened to connectors in the last days, or since ever, and by whose hand."""
    with reading(_engine(at.url)) as connection:
        return log_query.change_log(connection, at.moment, days)


def _decided(at: At) -> Decided:
    """Return what was decided last of all changes; never cached."""
    with reading(_engine(at.url)) as connection:
        return drift_pairs.decided(connection)


def _today(at: At) -> date | None:
    """Return the day on which acceptances must still hold; that of the run for a past moment."""
    return data.today() if at == data.now_shown() else None


def board(at: At) -> DataFrame:
    """Return how each member of each family stands, and whether what it changes is used."""
    return _board(at, settings().drift, data.left_out(at), _today(at), _decided(at))


@_few
def _board(
    at: At,
    drift: DriftSettings,
    without: tuple[int, ...],
    today: date | None,
    decided: Decided,
) -> DataFrame:
    del decided
    with reading(_engine(at.url)) as connection:
        told = board_query.drift_board(connection, at.moment, drift, left_out=without, today=today)
        opened = drift_hits.open_changes(connection, at.moment, today)
    owners = data.connectors(at)[["connector_id", "owner"]].astype({"connector_id": "Int64"})
    return drift_hits.with_use(told, opened, use(at).graded()).merge(
        owners, on="connector_id", how="left"
    )


def families(board: DataFrame) -> DataFrame:
    """Return a row per family, the worst first."""
    return drift_hits.families(board)


@_few
def use(at: At, connectors: tuple[int, ...] | None = None) -> Use:
    """Return what is known of the use of some connectors, or of all, in the last month."""
    window = Window.before(at.moment, DAYS)
    with reading(_engine(at.url)) as connection:
        return hits.use(connection, at.moment, window, connectors)


@_many
def member(at: At, connector_id: int) -> Pair | None:
    """Return how a connector was compared with its reference."""
    with reading(_engine(at.url)) as connection:
        return drift_pairs.of_member(connection, at.moment, connector_id)


@_many
def step(at: At, connector_id: int, run_id: int) -> Pair | None:
    """Return how a new version of a connector was compared with the one before."""
    with reading(_engine(at.url)) as connection:
        return drift_pairs.of_step(connection, at.moment, connector_id, run_id)


@_many
def document(at: At, connector_id: int) -> Pair | None:
    """Return how a connector was compared with the document of its API."""
    with reading(_engine(at.url)) as connection:
        return drift_pairs.of_upstream(connection, at.moment, connector_id)


@_few
def upstream(at: At) -> DataFrame:
    """Return how connectors stand to the documents of their APIs."""
    with reading(_engine(at.url)) as connection:
        return upstream_query.upstream(connection, at.moment)


@_many
def available(at: At, connector_id: int) -> tuple[Place, ...]:
    """Return the operations of its API that a connector does not wrap."""
    with reading(_engine(at.url)) as connection:
        return upstream_query.available_operations(connection, at.moment, connector_id)


@_many
def facts(url: str, comparison_id: int) -> ComparisonFacts | None:
    """Return a comparison as a whole."""
    with reading(_engine(url)) as connection:
        return drift_changes.comparison(connection, comparison_id)


def changes(at: At, pair: Pair) -> DataFrame:
    """Return the changes of a comparison, with what was accepted of them."""
    if pair.comparison_id is None:
        raise ValueError("nothing was compared")
    return _changes(at, pair.comparison_id, pair.connector_id, _today(at), _decided(at))


@_few
def _changes(
    at: At, comparison_id: int, connector_id: int, today: date | None, decided: Decided
) -> DataFrame:
    del decided
    with reading(_engine(at.url)) as connection:
        return drift_changes.comparison_rows(
            connection, comparison_id, connector_id, at.moment, today
        )


def grouped(at: At, pair: Pair, rows: DataFrame) -> tuple[Group, ...]:
    """Return changes by operation, the worst and most used first."""
    return drift_hits.grouped(rows, pair.connectors, use(at, pair.connectors).graded())


def contacts(hit: DataFrame) -> DataFrame:
    """Return whom to tell of what is hit."""
    return hits.contacts(hit)


def workbook(at: At, rows: DataFrame, name: str) -> bytes:
    """Return rows as a workbook of one sheet."""
    return sheet(rows, name, at.moment.read_at)


@_many
def steps(at: At, connector_id: int, today: date | None = None) -> DataFrame:
    """Return the versions of a connector that took the place of others, the newest first."""
    with reading(_engine(at.url)) as connection:
        return drift_changes.definition_steps(
            connection, None, at.moment, connector_id, today=today
        )


@_many
def log_of(at: At, connector_id: int) -> DataFrame:
    """Return what happened to one connector, and by whose hand."""
    with reading(_engine(at.url)) as connection:
        return log_query.change_log(connection, at.moment, None, connector_id)


def accept(
    at: At,
    pair: Pair,
    fingerprints: Collection[str],
    *,
    for_family: bool,
    until: date,
    reason: str,
    author: str,
) -> int:
    """Accept changes until a day; return how many.

    Raises:
        NotAccepted: It was not done; the text says why.
    """
    scope: dict[str, Any] = (
        {"family_key": pair.family_key} if for_family else {"connector_id": pair.connector_id}
    )
    return len(
        accepting.accept(
            _engine(at.url),
            comparison_id=pair.comparison_id or 0,
            fingerprints=fingerprints,
            **scope,
            until=until,
            reason=reason,
            author=author,
            now=page_clock(),
        )
    )


def withdraw(at: At, acceptances: Sequence[int], *, reason: str, author: str) -> int:
    """Withdraw acceptances; return how many stood.

    Raises:
        NotAccepted: It was not done; the text says why.
    """
    return accepting.withdraw(
        _engine(at.url), acceptances, reason=reason, author=author, now=page_clock()
    )
