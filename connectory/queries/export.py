"""Every view as rows for other programs, and how rows are written as CSV or JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import astuple
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

import pandas as pd
from sqlalchemy import Connection

from connectory.domain.connection_facts import ConnectionRules
from connectory.domain.ignoring import IgnoreRules
from connectory.domain.licensing.payload import amount
from connectory.licensing_settings import LicensingSettings
from connectory.queries.asset_sharing import asset_permissions
from connectory.queries.audit import audit_events
from connectory.queries.call_coverage import log_files, unmatched_calls
from connectory.queries.call_gaps import call_gaps
from connectory.queries.call_limits import bursts, busiest_minutes
from connectory.queries.call_operations import calls_by_operation, never_called
from connectory.queries.call_sources import sources
from connectory.queries.call_tables import UNNAMED, Window
from connectory.queries.callers import calls_by_caller, calls_by_consumer
from connectory.queries.calls import calls_by_connector
from connectory.queries.change_log import change_log
from connectory.queries.changes import changes
from connectory.queries.connection_findings import checks, findings
from connectory.queries.connectors import connectors
from connectory.queries.consumers import connections, consumers, references
from connectory.queries.coverage import coverage, runs
from connectory.queries.credentials import credentials
from connectory.queries.drift_board import drift_board
from connectory.queries.entitlements import allocations, billing_policies, licences
from connectory.queries.environments import environments
from connectory.queries.exposure_views import OF_LICENCES
from connectory.queries.flow_runs import flow_runs
from connectory.queries.frames import Schema, frame
from connectory.queries.ignoring import NO_RULES, ignored, marked
from connectory.queries.launches import app_launches
from connectory.queries.lists import agents, apps, flows, people
from connectory.queries.moments import Moment, previous
from connectory.queries.operations import all_operations
from connectory.queries.owner_gaps import owner_gaps
from connectory.queries.policies import policies, policy_answers
from connectory.queries.reconciliation import disagreements, reconciliation
from connectory.queries.sharing import all_permissions
from connectory.queries.silence import today_of
from connectory.queries.stale import stale_connectors
from connectory.queries.stewards import steward_log, stewards
from connectory.queries.uncalled import connectors_not_called
from connectory.queries.upstream import upstream
from connectory.queries.uses import uses

View = Callable[[Connection, Moment], pd.DataFrame]
LIST_PRICES = LicensingSettings()
"""What licences cost, where nobody says."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""First characters by which spreadsheets take a text for a formula, or a cell for its end."""
_GAPS: Schema = {
    "environment": "text",
    "collector": "text",
    "source": "text",
    "outcome": "text",
    "reason": "text",
    "since": "time",
}


def _changes(connection: Connection, moment: Moment) -> pd.DataFrame:
    """Return what changed since the moment before."""
    return changes(connection, previous(connection, moment), moment)


def _gaps(connection: Connection, moment: Moment) -> pd.DataFrame:
    """Return what could not be read."""
    return frame([astuple(gap) for gap in coverage(connection, moment).gaps], _GAPS)


def _stale(connection: Connection, moment: Moment) -> pd.DataFrame:
    """Return verdicts on use, with their arithmetic in words."""
    told = stale_connectors(connection, moment, today_of(moment))
    words = [[f"{one['words']}: {one['points']} of {one['of']}" for one in parts]
             for parts in told["parts"]]  # fmt: skip
    return told.assign(parts=pd.Series(words, index=told.index, dtype="object"))


def _steward_log(connection: Connection, _moment: Moment) -> pd.DataFrame:
    """Return all that was ever decided about stewards."""
    return steward_log(connection)


def _runs(connection: Connection, moment: Moment) -> pd.DataFrame:
    """Return the runs up to the moment."""
    every = runs(connection)
    return every[every["run_id"] <= moment.run_id].reset_index(drop=True)


DAYS = 28
"""How far back views of calls look, where nobody says."""
LIMIT = 500
"""Calls a minute that a connection may make, where nobody says."""
_OF_LIMIT = {"busiest_minutes": busiest_minutes, "bursts": bursts}
OF_DAYS: Mapping[str, Callable[[Connection, Moment, Window], pd.DataFrame]] = {
    "calls_by_connector": calls_by_connector,
    "calls_by_operation": calls_by_operation,
    "calls_by_caller": lambda connection, _, window: calls_by_caller(connection, window, most=None),
    "calls_by_consumer": lambda connection, _, window: calls_by_consumer(
        connection, window, most=None
    ),
    "never_called": never_called,
    "connectors_not_called": connectors_not_called,
    "usage_by_source": sources,
    "unmatched_calls": lambda connection, _, window: unmatched_calls(connection, window),
    "busiest_minutes": partial(busiest_minutes, limit=LIMIT),
    "bursts": partial(bursts, limit=LIMIT),
    "connector_uses": uses,
}
"""Views of calls, each of so many whole days before the moment."""


def _over_weeks(view: str) -> View:
    """Return a view of calls as one of the last four whole weeks."""
    return lambda connection, moment: OF_DAYS[view](connection, moment, Window.before(moment, DAYS))


def _at_list_prices(view: str) -> View:
    """Return a view of licences as one at list prices."""
    return lambda connection, moment: OF_LICENCES[view](connection, moment, LIST_PRICES)


VIEWS: dict[str, View] = {
    "connectors": connectors,
    "connections": connections,
    "connection_references": references,
    "connection_findings": findings,
    "connection_checks": checks,
    "flows": flows,
    "apps": apps,
    "agents": agents,
    "environments": environments,
    "people": people,
    "permissions": all_permissions,
    "asset_permissions": asset_permissions,
    "licences": licences,
    **{view: _at_list_prices(view) for view in OF_LICENCES},
    "billing_policies": billing_policies,
    "allocations": allocations,
    "credentials": credentials,
    "data_policies": policies,
    "policy_answers": policy_answers,
    "operations": all_operations,
    "consumers": consumers,
    "flow_runs": flow_runs,
    "audit_events": audit_events,
    "app_launches": app_launches,
    **{view: _over_weeks(view) for view in OF_DAYS},
    "log_files": log_files,
    "call_gaps": call_gaps,
    "reconciliation": reconciliation,
    "disagreements": disagreements,
    "drift_board": drift_board,
    "upstream": upstream,
    "stale": _stale,
    "ownership": owner_gaps,
    "stewards": stewards,
    "steward_log": _steward_log,
    "changes": _changes,
    "change_log": change_log,
    "runs": _runs,
    "coverage": _gaps,
}
"""Each view by its name: a function of an open connection and a moment."""


def rows(
    connection: Connection,
    moment: Moment,
    view: str,
    rules: ConnectionRules,
    ignore: IgnoreRules = NO_RULES,
    days: int = DAYS,
    limit: int = LIMIT,
    licensing: LicensingSettings = LIST_PRICES,
) -> pd.DataFrame:
    """Return the rows of a view by its name, where it rests on rules by those of the settings.

    Connectors that the settings leave out of figures are in every export; those of connectors,
    findings, sources and calls say so, and why, in the column ignored. Where a log of calls names
    nobody, how many callers or consumers there are is left empty.

    Args:
        connection: Open transaction on the store.
        moment: As of when.
        view: Name of the view.
        rules: What findings on connections rest on.
        ignore: Connectors to leave out of figures.
        days: Of views in `OF_DAYS`, how many whole days before the moment.
        limit: Of views of busy minutes, calls a minute that a connection may make.
        licensing: What views of licences are reckoned with.

    Raises:
        KeyError: There is no such view.
        PriceBookError: The price book of a view of licences cannot be used.
        Unsolved: No cheapest plan was found or proven.
    """
    if view == "connectors":
        return connectors(connection, moment, ignore)
    if view in _BY_RULES:
        told = _BY_RULES[view](connection, moment, rules)
    elif view in OF_LICENCES:
        told = OF_LICENCES[view](connection, moment, licensing)
    elif view in _OF_LIMIT:
        told = _OF_LIMIT[view](connection, moment, Window.before(moment, days), limit)
    elif view in OF_DAYS:
        told = OF_DAYS[view](connection, moment, Window.before(moment, days))
    else:
        told = VIEWS[view](connection, moment)
    if view in ("calls_by_connector", "calls_by_operation"):
        told = told.assign(
            **{name: told[name].mask(told[name].eq(0)) for name in UNNAMED if name in told}
        )
    return marked(told, ignored(connection, moment, ignore)) if view in _MARKED else told


_MARKED = (
    "stale",
    "connection_findings",
    "reconciliation",
    "disagreements",
    "calls_by_connector",
    "calls_by_operation",
    "never_called",
    "connectors_not_called",
    "unmatched_calls",
    "busiest_minutes",
    "bursts",
)
_BY_RULES: dict[str, Callable[[Connection, Moment, ConnectionRules], pd.DataFrame]] = {
    "connection_findings": findings,
    "connection_checks": checks,
}


def to_csv(frame: pd.DataFrame) -> str:
    """Return a frame as CSV that is safe to open in a spreadsheet.

    A text that a spreadsheet would take for a formula gets an apostrophe in front. Lists are
    joined by "; ", times written in ISO 8601, missing values left empty. Lines end as RFC 4180 says.
    """
    out = io.StringIO(newline="")
    # Only with both characters in its line end does the writer quote cells that hold either.
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(frame.columns)
    for row in _rows(frame):
        writer.writerow([_cell(value) for value in row])
    return out.getvalue()


def to_json(frame: pd.DataFrame) -> str:
    """Return a frame as a JSON array with an object per row; times in ISO 8601, missing null."""
    names = [str(name) for name in frame.columns]
    rows = [
        json.dumps(
            dict(zip(names, (_plain(value) for value in row), strict=True)), ensure_ascii=False
        )
        for row in _rows(frame)
    ]
    return "[" + ",\n ".join(rows) + "]\n"


def _rows(frame: pd.DataFrame) -> Any:
    columns = [frame[name].astype(object).tolist() for name in frame.columns]
    return zip(*columns, strict=True)


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, Decimal):
        return amount(value)
    if pd.isna(value):
        return None
    return value.isoformat() if isinstance(value, date) else value


def _cell(value: Any) -> str:
    told = _plain(value)
    if told is None:
        return ""
    if isinstance(told, bool):
        return "true" if told else "false"
    if isinstance(value, int | float | Decimal):
        return str(told)
    text = "; ".join(str(item) for item in told) if isinstance(told, list) else str(told)
    return f"'{text}" if text.startswith(_FORMULA) else text
