"""Calls from log services: what is kept is what they hold."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

from held_calls import (
    ACTIONS,
    DAYS,
    HOMES,
    INVENTORY,
    KEPT,
    TABLES,
    busiest,
    collect,
    copied,
    kept,
    moment,
    rows,
    true_calls,
    truth,
)
from sqlalchemy import Engine
from tenants import Tenant, tenant

from connectory.domain.identity import connector_key


def test_every_call_is_kept_once(simulated: Tenant, store: Engine) -> None:
    """Late rows, doubled rows and sampled rows included, and a second time changes nothing."""
    simulated.collect(store, INVENTORY)
    report = collect(simulated, store)
    again = collect(simulated, store)
    expected = truth(simulated)

    assert {step.state for step in report.steps} == {"complete"}
    assert kept(store) == expected
    assert set(TABLES.values()) == {key[0] for key in expected}
    assert any(weight > 1 for *_, weight in expected)
    assert any(times > 1 for times in Counter(key[:3] for key in expected).values())
    assert sum(expected.values()) > 500
    assert sum(step.rows_changed for step in again.steps) == 0
    assert sum(step.rows_seen for step in again.steps) < sum(s.rows_seen for s in report.steps)


def test_actions_are_told_by_the_definition_of_their_time(tmp_path: Path, store: Engine) -> None:
    """An action that swaps its name stays what it was; of what no definition told nothing is guessed."""
    with tenant(tmp_path, "tiny") as simulated:
        simulated.post("call_logs", days=DAYS, rate=5.0)
        (flow, one), *others = busiest(simulated)
        simulated.story("rename_action", flow=flow, action=one, to=f"{one}_of_old")
        stood = {one.name.casefold(): one.modified for one in simulated.served.tenant.flows}
        simulated.collect(store, INVENTORY)
        collect(simulated, store)
        simulated.post("advance", days=2)
        swapped = next(
            (name, action, to)
            for name, action in others
            for other, to in others
            if name == other and action != to and name != flow
        )
        simulated.story("rename_action", flow=swapped[0], action=swapped[1], to=swapped[2])
        simulated.post("advance", days=2)
        # Written down at the hour of the change itself: the calls of that day are told apart by it.
        simulated.collect(store, INVENTORY)
        collect(simulated, store)
        calls = true_calls(simulated)
    known = {(row.home, row.key) for row in rows(store, HOMES)}
    told: Counter[tuple[Any, ...]] = Counter()
    for row in rows(store, ACTIONS):
        matched = row.matched_by == "operation_id"
        place = (row.home, row.connector, row.operation_id) if matched else (None, None, None)
        told[(row.consumer, *place)] += row.calls
    expected: Counter[tuple[Any, ...]] = Counter()
    for call in calls:
        if call["table"] != "AppDependencies":
            continue
        name = call["flow"].casefold()
        before = datetime.fromisoformat(call["at"]) < stood[name]
        home, connector = call["environment"].casefold(), connector_key(call["connector"])
        sure = not before and (home, connector) in known
        place = (home, connector, call["operation"]) if sure else (None, None, None)
        expected[(name, *place)] += call["weight"]

    assert told == expected
    assert any(key[1] for key in expected)
    assert any(key[1] is None for key in expected)


def test_days_pass_and_what_expired_unread_is_a_gap(tmp_path: Path, store: Engine) -> None:
    """The gaps are those of the services' own account; the rest is what they still held."""
    with tenant(tmp_path, "tiny") as simulated:
        simulated.post("call_logs", days=DAYS, rate=3.0)
        simulated.collect(store, INVENTORY)
        simulated.post("settings", log_days=5)
        held = truth(simulated)
        collect(simulated, store, keeps_days=5)
        first = kept(store)
        simulated.post("advance", days=3)
        simulated.collect(store, INVENTORY)
        held |= truth(simulated)
        collect(simulated, store, keeps_days=5)
        second = kept(store)
        simulated.post("advance", days=9)
        simulated.collect(store, INVENTORY)
        report = collect(simulated, store, keeps_days=5)
        held |= truth(simulated)
        lost = simulated.get("calls")["gaps"]
        again = collect(simulated, store, keeps_days=5)
    told = {
        (row.source, row.name, moment(row.from_at), moment(row.to_at))
        for row in rows(store, "SELECT source, name, from_at, to_at FROM call_gaps")
    }
    logs = {
        "ApiManagementGatewayLogs": ("gateway_logs", "own"),
        "AzureDiagnostics": ("gateway_logs", "classic"),
        "dependencies": ("canvas_calls", "apps"),
        "AppDependencies": ("flow_actions", "flows"),
    }

    assert first
    assert second != first
    assert kept(store) == held
    assert told == {(*logs[gap["table"]], moment(gap["from"]), moment(gap["to"])) for gap in lost}
    assert len(told) == len(logs)
    assert {step.state for step in report.steps} == {"complete"}
    assert sum(step.rows_changed for step in again.steps) == 0


def test_a_closed_log_is_a_stated_gap_and_the_others_are_read(
    simulated: Tenant, inventory: Path, tmp_path: Path
) -> None:
    """Each log is read in its own right, and the permission is named."""
    engine = copied(inventory, tmp_path)
    simulated.post("settings", logs_closed="classic_gateway")
    report = collect(simulated, engine)
    simulated.post("settings", logs_closed="")
    told = {step.collector: (step.state, step.reason or "") for step in report.steps}
    engine.dispose()

    assert told["gateway_logs"][0] == "partial"
    assert "Log Analytics Reader" in told["gateway_logs"][1]
    assert told["canvas_calls"][0] == told["flow_actions"][0] == "complete"


def test_what_ran_after_flows_were_read_waits(tmp_path: Path, store: Engine) -> None:
    """An action of a flow that changed since is told by the definition that the next run reads."""
    with tenant(tmp_path) as simulated:
        simulated.post("call_logs", days=DAYS, rate=5.0)
        simulated.collect(store, INVENTORY)
        flow, action = busiest(simulated)[0]
        simulated.story("rename_action", flow=flow, action=action, to=f"{action}_anew")
        simulated.post("advance", days=2)
        collect(simulated, store)
        waiting = {str(row[1]) for row in rows(store, KEPT) if row[0] == "flow_actions"}
        simulated.collect(store, INVENTORY)
        collect(simulated, store)
        expected = Counter(
            {
                call["operation"]: 0
                for call in true_calls(simulated)
                if call["flow"] == flow and call["table"] == "AppDependencies"
            }
        )
        for call in true_calls(simulated):
            if call["flow"] == flow and call["table"] == "AppDependencies":
                expected[call["operation"]] += call["weight"]
    told = Counter[str]()
    for row in rows(store, ACTIONS):
        if row.consumer == flow.casefold():
            told[row.operation_id] += row.calls

    assert max(waiting) <= "2026-11-02"
    assert told == expected
