"""What the sources say of connectors, cached."""

from __future__ import annotations

from pandas import DataFrame, Series

from connectory.database import reading
from connectory.queries import reconciliation as reconciliation_query
from connectory.queries.reconciliation import Reconciled
from dashboard.caching import engine as _engine
from dashboard.caching import few as _few
from dashboard.data import At


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


@_few
def disagreements_by_kind(at: At) -> DataFrame:
    """Return how many connectors each kind of disagreement is about."""
    with reading(_engine(at.url)) as connection:
        return reconciliation_query.by_kind(connection, at.moment)


@_few
def reconciled(at: At) -> Reconciled:
    """Return how far the sources agree."""
    with reading(_engine(at.url)) as connection:
        return reconciliation_query.reconciled(connection, at.moment)
