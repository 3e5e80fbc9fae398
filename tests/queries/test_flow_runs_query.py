from __future__ import annotations

import pandas as pd
from factories import INVOICES, PAYROLL, WEATHER, moment
from sqlalchemy import Connection

from connectory.queries.flow_runs import flow_runs, runs_by_day


def days(frame: pd.DataFrame) -> list[tuple[object, ...]]:
    """Return the last days with what is known of each."""
    shown = frame.assign(day=frame["day"].dt.strftime("%d")).astype(object)
    columns = ["day", "flows", "flows_read", "succeeded", "failed", "cancelled"]
    return list(
        shown.where(shown.notna(), None)[columns].tail(5).itertuples(index=False, name=None)
    )


def test_where_two_sources_tell_of_a_day_one_counts(tenant: Connection) -> None:
    """The one that tells of more runs counts; nothing is added across the two."""
    frame = flow_runs(tenant, moment(3))

    told = frame[["flow", "source", "evidence", "succeeded", "unfinished", "other"]]
    assert list(told.itertuples(index=False, name=None)) == [
        ("Pay the bills", "flow_api", "run", 3, 0, 0),
        ("Pay the bills", "flow_api", "run", 5, 0, 0),
        ("Pay the bills", "dataverse", "run", 2, 1, 1),
        ("Payroll nightly", "dataverse", "run", 0, 0, 0),
    ]


def test_a_day_that_was_not_read_is_missing_and_not_zero(tenant: Connection) -> None:
    """Zero runs and no answer never look alike."""
    assert days(runs_by_day(tenant, moment(3), INVOICES, 28)) == [
        ("12", 1, 0, None, None, None),
        ("13", 1, 1, 3, 1, 0),
        ("14", 1, 1, 5, 0, 1),
        ("15", 1, 1, 2, 0, 0),
        ("16", 1, 0, None, None, None),
    ]
    assert days(runs_by_day(tenant, moment(3), PAYROLL, 28))[3] == ("15", 1, 1, 0, 0, 0)


def test_a_connector_without_flows_has_no_counts(tenant: Connection) -> None:
    """No flow, no day read."""
    frame = runs_by_day(tenant, moment(3), WEATHER, 7)

    assert len(frame) == 7
    assert frame["flows"].max() == 0
    assert frame["succeeded"].isna().all()
