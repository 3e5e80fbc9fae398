"""Calls from log services while something goes wrong: nothing is invented, lost or doubled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from held_calls import (
    DAYS,
    INVENTORY,
    collect,
    copied,
    kept,
    sums,
    true_sums,
    truth,
)
from sqlalchemy import Engine
from tenants import Tenant, tenant

pytestmark = pytest.mark.postgresql_in_soak


FAULTS: dict[str, dict[str, Any]] = {
    "throttled": {"kind": "429", "retry_after": 0, "times": 5},
    "broken": {"kind": "503"},
    "dropped": {"kind": "drop"},
    "cut off": {"kind": "truncate"},
    "a proxy": {"kind": "not_json"},
    "half of the rows": {"kind": "partial_error", "times": 40},
    "only ever half of the rows": {"kind": "partial_error"},
    "nothing but an error": {"kind": "error_page"},
    "rows that are none": {"kind": "malformed_record", "how": "null_record"},
    "broken after a while": {"kind": "500", "after": 6},
    "closed": {"kind": "forbidden"},
    "the token ended": {"kind": "unauthorized", "after": 3, "times": 2},
}


@pytest.mark.parametrize("detail", ["rows", "summary"])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_invents_and_loses_nothing(
    simulated: Tenant, inventory: Path, tmp_path: Path, fault: str, detail: str
) -> None:
    """Under it no figure is too large, and the first good run makes all of them right."""
    engine = copied(inventory, tmp_path)
    simulated.post("faults", host="api.loganalytics.azure.com", **FAULTS[fault])
    simulated.post("faults", host="api.applicationinsights.io", **FAULTS[fault])
    report = collect(simulated, engine, detail=detail, window_hours=48)
    simulated.clear_faults()
    short = [step for step in report.steps if step.state != "complete"]
    before = sums(engine)
    collect(simulated, engine, detail=detail)
    after, expected = sums(engine), true_sums(simulated)
    engine.dispose()

    assert all(number <= expected[key] for key, number in before.items())
    assert short or before == expected
    assert all(step.reason for step in short)
    assert after == expected


def test_every_fault_at_once_changes_no_figure(tmp_path: Path, store: Engine) -> None:
    """Each comes a few times, in the middle of others, while answers are cut and given up."""
    with tenant(tmp_path) as simulated:
        simulated.post("call_logs", days=DAYS, rate=3.0)
        simulated.collect(store, INVENTORY)
        simulated.post("settings", log_row_limit=120, log_partial_above=110)
        for place, fault in enumerate(FAULTS.values()):
            for host in ("api.loganalytics.azure.com", "api.applicationinsights.io"):
                simulated.post("faults", host=host, **{**fault, "times": 2, "after": place * 3})
        states = [collect(simulated, store, rows_per_query=120).state for _ in range(6)]
        before = kept(store)
        simulated.clear_faults()
        collect(simulated, store, rows_per_query=120)
        expected = truth(simulated)

    assert not before - expected
    assert set(states) > {"complete"}
    assert kept(store) == expected


LIMITS = [
    {"log_row_limit": 40},
    {"log_partial_above": 60},
    {"log_row_limit": 90, "log_partial_above": 70},
]


@pytest.mark.parametrize("limits", LIMITS, ids=str)
def test_what_is_cut_is_asked_for_in_parts(
    simulated: Tenant, inventory: Path, tmp_path: Path, limits: dict[str, int]
) -> None:
    """A service that cuts without a word, or gives up midway, still tells all in the end."""
    engine = copied(inventory, tmp_path)
    simulated.post("settings", **limits)
    # A limit of the service that is not known here would cut unseen: the smaller of both counts.
    most = limits.get("log_row_limit", 50_000)
    report = collect(simulated, engine, rows_per_query=most)
    simulated.post("settings", log_row_limit=500_000, log_partial_above=0)
    found = kept(engine)
    engine.dispose()

    assert {step.state for step in report.steps} == {"complete"}
    assert found == truth(simulated)
