"""Versions, edges and retiring, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, insert, select

from collectors.nouns import CONNECTOR_PERMISSIONS, CONNECTORS, ENVIRONMENTS, Noun
from collectors.retiring import follow_environments, retire
from collectors.store import Kept, StepStore
from connectory.database import reading, writing
from models import Run

_START = datetime(2026, 11, 2, 2, tzinfo=UTC)
Opener = Callable[[int | None], StepStore]


@pytest.fixture
def next_run(store: Engine) -> Callable[[], Opener]:
    """Begin another run; returns a function that opens a step of it over a scope."""

    @contextmanager
    def write() -> Iterator[Connection]:
        with writing(store) as connection:
            yield connection

    def begin() -> Opener:
        with writing(store) as connection:
            run = connection.scalar(
                insert(Run)
                .values(state="running", started_at=_START, product_version="0", arguments={})
                .returning(Run.id)
            )
        assert run is not None
        return lambda environment: StepStore(write, run, environment)

    return begin


def environment(step: StepStore, key: str = "env-1", **values: Any) -> int:
    """Keep one environment as the admin list shows it."""
    facts = {
        "name": key,
        "is_default": False,
        "managed": False,
        "has_dataverse": False,
        **values,
    }
    return step.keep(ENVIRONMENTS, [Kept(key, facts)], source="admin_list")[key]


def versions(store: Engine, noun: Noun, column: str) -> list[tuple[Any, ...]]:
    """Return (value, presence, from_run, to_run) of every version, oldest first."""
    table = noun.versions
    query = select(table.c[column], table.c.presence, table.c.from_run, table.c.to_run).order_by(
        table.c[noun.link], table.c.from_run
    )
    with reading(store) as connection:
        return [tuple(row) for row in connection.execute(query)]


def test_unchanged_rows_cost_no_version(store: Engine, next_run: Callable[[], Opener]) -> None:
    """A row read again with the same facts keeps its one open version."""
    for _ in range(3):
        environment(next_run()(None), display_name="Finance")

    assert versions(store, ENVIRONMENTS, "display_name") == [("Finance", "present", 1, None)]


def test_changed_fact_opens_a_version_and_absent_fact_stays(
    store: Engine, next_run: Callable[[], Opener]
) -> None:
    """A changed value closes the version; a value that was not read stays as it was."""
    environment(next_run()(None), display_name="Finance", sku="Sandbox")
    environment(next_run()(None), display_name="Finance PROD")
    environment(next_run()(None), display_name="Finance PROD", sku=None)

    assert versions(store, ENVIRONMENTS, "display_name") == [
        ("Finance", "present", 1, 2),
        ("Finance PROD", "present", 2, 3),
        ("Finance PROD", "present", 3, None),
    ]
    assert [row[0] for row in versions(store, ENVIRONMENTS, "sku")] == ["Sandbox", "Sandbox", None]


def test_one_run_keeps_one_version(store: Engine, next_run: Callable[[], Opener]) -> None:
    """What a run learns later from another source amends the version it opened."""
    step = next_run()
    home = environment(step(None))
    step(home).keep(CONNECTORS, [Kept("shared_a", {"display_name": "A"})], source="admin")
    step(home).keep(CONNECTORS, [Kept("shared_a", {"managed": True})], source="dataverse")

    assert versions(store, CONNECTORS, "display_name") == [("A", "present", 1, None)]
    assert versions(store, CONNECTORS, "managed") == [(True, "present", 1, None)]


def test_complete_reads_retire_in_two_steps_and_a_return_reopens(
    store: Engine, next_run: Callable[[], Opener]
) -> None:
    """Absent from one complete read is missing, from a second gone; seen again it is present."""
    first = next_run()
    home = environment(first(None))
    first(home).keep(CONNECTORS, [Kept("shared_a", {"display_name": "A"})], source="admin")
    for _ in range(2):
        retire(next_run()(home), CONNECTORS, ["admin"])
    next_run()(home).keep(CONNECTORS, [Kept("shared_a", {})], source="admin")

    assert versions(store, CONNECTORS, "display_name") == [
        ("A", "present", 1, 2),
        ("A", "missing", 2, 3),
        ("A", "gone", 3, 4),
        ("A", "present", 4, None),
    ]


def test_one_run_never_goes_from_present_to_gone(
    store: Engine, next_run: Callable[[], Opener]
) -> None:
    """Retiring twice within one run does not count as two complete reads."""
    first = next_run()
    home = environment(first(None))
    first(home).keep(CONNECTORS, [Kept("shared_a", {})], source="admin")
    second = next_run()
    retire(second(home), CONNECTORS, ["admin"])
    retire(second(home), CONNECTORS, ["admin"])

    assert versions(store, CONNECTORS, "display_name")[-1][1] == "missing"


@pytest.mark.parametrize(
    ("complete", "presence"),
    [
        ([], "present"),
        (["admin"], "present"),
        (["dataverse"], "present"),
        (["admin", "dataverse"], "missing"),
        (["admin", "dataverse", "connectivity"], "missing"),
    ],
)
def test_only_complete_reads_of_all_who_saw_it_retire(
    store: Engine,
    next_run: Callable[[], Opener],
    complete: list[str],
    presence: str,
) -> None:
    """A row two sources saw stays until both were read whole without it."""
    first = next_run()
    home = environment(first(None))
    for source in ("admin", "dataverse"):
        first(home).keep(CONNECTORS, [Kept("shared_a", {})], source=source)
    retire(next_run()(home), CONNECTORS, complete)

    assert versions(store, CONNECTORS, "display_name")[-1][1] == presence


def test_retiring_stays_inside_its_environment(
    store: Engine, next_run: Callable[[], Opener]
) -> None:
    """A complete read of one environment says nothing about another one."""
    first = next_run()
    one, two = environment(first(None), "env-1"), environment(first(None), "env-2")
    for home in (one, two):
        first(home).keep(CONNECTORS, [Kept("shared_a", {})], source="admin")
    retire(next_run()(one), CONNECTORS, ["admin"])

    table, rows = CONNECTORS.versions, CONNECTORS.entity
    query = (
        select(rows.c.environment_id, table.c.presence)
        .join(table, table.c.connector_id == rows.c.id)
        .where(table.c.to_run.is_(None))
        .order_by(rows.c.environment_id)
    )
    with reading(store) as connection:
        assert [tuple(row) for row in connection.execute(query)] == [
            (one, "missing"),
            (two, "present"),
        ]


def test_children_go_and_come_back_with_their_environment(
    store: Engine, next_run: Callable[[], Opener]
) -> None:
    """What lives in an environment is gone while it is gone, and is again what it was before."""
    first = next_run()
    home = environment(first(None))
    first(home).keep(CONNECTORS, [Kept("shared_a", {})], source="admin")
    for _ in range(2):
        step = next_run()(None)
        retire(step, ENVIRONMENTS, ["admin_list"])
        follow_environments(step)
    back = next_run()(None)
    environment(back)
    follow_environments(back)

    assert [row[1:] for row in versions(store, CONNECTORS, "display_name")] == [
        ("present", 1, 3),
        ("gone", 3, 4),
        ("present", 4, None),
    ]


def test_a_provisional_row_keeps_its_history_under_its_real_name(
    store: Engine, next_run: Callable[[], Opener]
) -> None:
    """A connector known by its Dataverse row keeps identity and versions when it gets a name."""
    first = next_run()
    home = environment(first(None))
    known = first(home).keep(
        CONNECTORS, [Kept("dv:1", {"display_name": "Draft"})], source="dataverse"
    )
    second = next_run()(home)
    second.adopt(CONNECTORS, {"dv:1": "shared_a"})
    named = second.keep(CONNECTORS, [Kept("shared_a", {"display_name": "A"})], source="dataverse")

    assert named["shared_a"] == known["dv:1"]
    assert [row[0] for row in versions(store, CONNECTORS, "display_name")] == ["Draft", "A"]


def test_a_provisional_row_beside_the_real_one_is_merged(
    store: Engine, next_run: Callable[[], Opener]
) -> None:
    """Where both rows exist the provisional one is gone, and nothing is doubled."""
    first = next_run()
    home = environment(first(None))
    first(home).keep(CONNECTORS, [Kept("dv:1", {"display_name": "Draft"})], source="dataverse")
    second = next_run()(home)
    second.keep(CONNECTORS, [Kept("shared_a", {"display_name": "A"})], source="admin")
    second.adopt(CONNECTORS, {"dv:1": "shared_a"})

    assert [row[:2] for row in versions(store, CONNECTORS, "display_name")] == [
        ("Draft", "present"),
        ("Draft", "gone"),
        ("A", "present"),
    ]


def test_edges_are_replaced_whole_and_kept_as_intervals(
    store: Engine, next_run: Callable[[], Opener]
) -> None:
    """An edge that is no longer read is closed, one that stays costs no row."""
    first = next_run()
    home = environment(first(None))
    connector = first(home).keep(CONNECTORS, [Kept("shared_a", {})], source="admin")["shared_a"]

    def assignment(person: str, role: str) -> dict[str, Any]:
        return {
            "connector_id": connector,
            "principal_type": "user",
            "principal_key": person,
            "principal_name": None,
            "role": role,
        }

    ann, bob = assignment("ann", "Owner"), assignment("bob", "CanView")
    first(home).replace_edges(CONNECTOR_PERMISSIONS, [connector], [ann, bob])
    second = next_run()(home)
    second.replace_edges(CONNECTOR_PERMISSIONS, [connector], [ann])
    third = next_run()(home)
    third.replace_edges(CONNECTOR_PERMISSIONS, [connector], [ann])

    table = CONNECTOR_PERMISSIONS.table
    query = select(table.c.principal_key, table.c.from_run, table.c.to_run).order_by(table.c.id)
    with reading(store) as connection:
        assert [tuple(row) for row in connection.execute(query)] == [
            ("ann", 1, None),
            ("bob", 1, 2),
        ]
    assert (second.tally.changed, third.tally.changed) == (1, 0)


def test_an_older_run_amends_what_a_newer_one_told(
    store: Engine, next_run: Callable[[], Opener]
) -> None:
    """Intervals follow the order in which runs began, whoever writes last."""
    environment(next_run()(None), display_name="Finance", sku="Sandbox")
    older, newer = next_run(), next_run()
    environment(newer(None), display_name="Finance PROD")
    environment(older(None), sku="Production")

    assert versions(store, ENVIRONMENTS, "display_name") == [
        ("Finance", "present", 1, 3),
        ("Finance PROD", "present", 3, None),
    ]
    assert versions(store, ENVIRONMENTS, "sku")[-1] == ("Production", "present", 3, None)


def test_an_older_run_replaces_edges_of_a_newer_one_as_of_that_one(
    store: Engine, next_run: Callable[[], Opener]
) -> None:
    """No edge ends before it began, and none holds twice at a time."""
    first = next_run()
    home = environment(first(None))
    connector = first(home).keep(CONNECTORS, [Kept("shared_a", {})], source="admin")["shared_a"]

    def owners(*people: str) -> list[dict[str, Any]]:
        return [
            {"connector_id": connector, "principal_type": "user", "principal_key": person,
             "principal_name": None, "role": "Owner"}
            for person in people
        ]  # fmt: skip

    first(home).replace_edges(CONNECTOR_PERMISSIONS, [connector], owners("ann", "bob"))
    older, newer = next_run(), next_run()
    newer(home).replace_edges(CONNECTOR_PERMISSIONS, [connector], owners("ann", "cid"))
    older(home).replace_edges(CONNECTOR_PERMISSIONS, [connector], owners("ann", "dan"))

    table = CONNECTOR_PERMISSIONS.table
    query = select(table.c.principal_key, table.c.from_run, table.c.to_run).order_by(
        table.c.principal_key
    )
    with reading(store) as connection:
        assert [tuple(row) for row in connection.execute(query)] == [
            ("ann", 1, None),
            ("bob", 1, 3),
            ("dan", 3, None),
        ]


def test_edges_of_a_parent_with_one_odd_row_stay_as_they_were(
    store: Engine, next_run: Callable[[], Opener]
) -> None:
    """The odd row is told of, and those of other parents are replaced."""
    first = next_run()
    home = environment(first(None))
    ids = first(home).keep(CONNECTORS, [Kept("shared_a", {}), Kept("shared_b", {})], source="admin")

    def owner(connector: str, person: Any) -> dict[str, Any]:
        return {"connector_id": ids[connector], "principal_type": "user", "principal_key": person,
                "principal_name": None, "role": "Owner"}  # fmt: skip

    parents = list(ids.values())
    both = [owner("shared_a", "ann"), owner("shared_b", "bob")]
    first(home).replace_edges(CONNECTOR_PERMISSIONS, parents, both)
    for odd in (None, {"x": 1}, 7):
        step = next_run()(home)
        rows = [owner("shared_a", "cid"), owner("shared_a", odd), owner("shared_b", "dan")]
        step.replace_edges(CONNECTOR_PERMISSIONS, parents, rows)
        assert len(step.misfits) == 1

    table = CONNECTOR_PERMISSIONS.table
    query = select(table.c.principal_key).where(table.c.to_run.is_(None))
    with reading(store) as connection:
        assert sorted(connection.scalars(query)) == ["ann", "dan"]


def test_hostile_text_is_storable(store: Engine, next_run: Callable[[], Opener]) -> None:
    """NUL characters and over-long names are bounded instead of stopping the step."""
    environment(next_run()(None), display_name="a\x00b\ud800" + "x" * 5000)

    ((stored, *_),) = versions(store, ENVIRONMENTS, "display_name")
    assert stored == ("ab?" + "x" * 5000)[:1000]
