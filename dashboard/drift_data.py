"""The bridge to what is known of drift, cached as in `dashboard.data`."""

from __future__ import annotations

from pandas import DataFrame

from connectory.database import reading
from connectory.queries import change_log as log_query
from dashboard.caching import engine as _engine
from dashboard.caching import few as _few
from dashboard.data import At


@_few
def change_log(at: At, days: int | None) -> DataFrame:
    """Return what happened to connectors in the last days, or since ever, and by whose hand."""
    with reading(_engine(at.url)) as connection:
        return log_query.change_log(connection, at.moment, days)
