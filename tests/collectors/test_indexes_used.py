"""What a run asks its store, put to the store's own planner: nothing grows with the whole of a table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import Engine, event
from tenants import tenant

from collectors import COLLECTORS
from connectory.database import open_store, upgrade

SMALL = {"store_tenant", "runs", "audit_spans", "audit_queries"}
"""Tables of a row a run, or fewer."""
SCAN = re.compile(
    r"SCAN (?!CONSTANT ROW|\(subquery)(?P<table>\w+)(?: USING (?:COVERING )?INDEX (?P<index>\w+))?"
)


LISTED = re.compile(r"\(\?(?:, \?)+\)")
"""Lists of values, whose length alone makes no other statement."""


@dataclass
class Asked:
    """A statement, how often it was sent, and values it was sent with."""

    statement: str
    values: Any
    times: int = 0


@contextmanager
def listening(engine: Engine) -> Iterator[dict[str, Asked]]:
    """Yield every statement that is sent, each with values it was sent with."""
    sent: dict[str, Asked] = {}

    def note(_: Any, __: Any, statement: str, values: Any, ___: Any, many: object) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "UPDATE", "DELETE", "WITH")):
            shape = LISTED.sub("(?)", statement)
            sent.setdefault(shape, Asked(statement, values[0] if many else values)).times += 1

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


@dataclass
class Account:
    """What a run asked, and which tables each statement reads from end to end."""

    environments: int
    scans: dict[str, list[tuple[str, str | None]]]
    times: dict[str, int]


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Account:
    """The second run of a tenant, planned by a store that has no statistics to guess by."""
    folder = tmp_path_factory.mktemp("asked")
    filled, blank = (
        open_store(f"sqlite:///{folder / name}.sqlite") for name in ("filled", "blank")
    )
    upgrade(filled)
    upgrade(blank)
    with tenant(folder, "small") as simulated:
        simulated.collect(filled)
        with listening(filled) as sent:
            simulated.collect(filled, full=True)
        environments = len(simulated.get("truth")["environments"])
    scans = {}
    with blank.connect() as connection:
        for shape, asked in sent.items():
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked.statement}", asked.values)
            found = [SCAN.match(row[3]) for row in plan]
            scans[shape] = [(one["table"], one["index"]) for one in found if one]
    filled.dispose()
    blank.dispose()
    return Account(environments, scans, {name: asked.times for name, asked in sent.items()})


def test_what_is_asked_of_every_environment_goes_by_an_index(account: Account) -> None:
    """However large the tenant, a step reads what belongs to its environment and no more."""
    # Every collector asks once which environments there are.
    once = max(account.environments, len(COLLECTORS))
    often = [name for name, times in account.times.items() if times > once]
    whole = {
        name: tables
        for name in often
        if (tables := [table for table, _ in account.scans[name] if table not in SMALL])
    }

    assert len(often) > 8
    assert whole == {}


def test_what_is_asked_once_reads_what_holds_now(account: Account) -> None:
    """A whole table is read at most as far as it is in force, by the index of what is."""
    by_hand = [
        (table, index)
        for tables in account.scans.values()
        for table, index in tables
        if table not in SMALL and not (index or "").endswith("_open")
    ]

    assert any(account.scans.values())
    assert by_hand == []


def test_the_rule_of_retiring_goes_by_an_index(account: Account) -> None:
    """What is retired is sought among what the environment holds, never among all there is."""
    retiring = [name for name in account.scans if "NOT (EXISTS" in name and "sightings" in name]

    assert len(retiring) > 8
    assert [account.scans[name] for name in retiring if account.scans[name]] == []
