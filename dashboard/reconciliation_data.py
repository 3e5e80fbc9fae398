"""What the sources say of connectors, cached."""

from __future__ import annotations

from pandas import DataFrame, Series

from connectory.database import reading
from connectory.queries import reconciliation as reconciliation_query
from connectory.queries.reconciliation import Reconciled
from dashboard.caching import engine as _engine
from dashboard.caching import few as _few
from dashboard.data import At, left_out


@_few
def reconciliation(at: At) -> DataFrame:
    """Return every connector with what each source says of it."""
    with reading(_engine(at.url)) as connection:
        return reconciliation_query.reconciliation(connection, at.moment)


def reconciled_connector(at: At, connector_id: int) -> Series | None:
    """Return what each source says of one connector, or None if it is gone."""
    frame = reconciliation(at)
    rows = frame[frame["connector_id"] == connector_id]
    return None if rows.empty else rows.iloc[0]


@_few
def disagreements(at: At) -> DataFrame:
    """Return where sources disagree, a row per connector and kind."""
    with reading(_engine(at.url)) as connection:
        return reconciliation_query.disagreements(connection, at.moment)


def disagreements_by_kind(at: At) -> DataFrame:
    """Return how many connectors, without ignored ones, each kind of disagreement is about."""
    return _by_kind(at, left_out(at))


@_few
def _by_kind(at: At, without: tuple[int, ...]) -> DataFrame:
    with reading(_engine(at.url)) as connection:
        return reconciliation_query.by_kind(connection, at.moment, without)


def reconciled(at: At) -> Reconciled:
    """Return how far the sources agree, without connectors that are ignored."""
    return _reconciled(at, left_out(at))


@_few
def _reconciled(at: At, without: tuple[int, ...]) -> Reconciled:
    with reading(_engine(at.url)) as connection:
        return reconciliation_query.reconciled(connection, at.moment, without)
