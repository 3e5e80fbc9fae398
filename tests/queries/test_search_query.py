"""Everything with a name is found by any part of it, whatever the words look like."""

from __future__ import annotations

import pytest
from factories import fill_runs_only, moment
from sqlalchemy import Connection, Engine, insert

from connectory.database import reading, writing
from connectory.queries.search import KINDS, search
from connectory.queries.tables import PRINCIPAL_VERSIONS, PRINCIPALS


def named(connection: Connection, words: str) -> dict[str, list[str]]:
    """Return the names found, by kind."""
    found = search(connection, moment(3), words, limit=50)
    return {kind: rows["name"].tolist() for kind, rows in found.groupby("kind", sort=False)}


def test_each_kind_is_found_by_a_part_of_its_name(tenant: Connection) -> None:
    """Connectors, hosts, people, environments and flows, in the order they are shown."""
    invoices = search(tenant, moment(3), "INVOICES")

    assert set(invoices["kind"]) <= set(KINDS)
    assert "Invoices" in named(tenant, "invoi")["connector"]
    assert named(tenant, "invoices.example")["host"] == [
        "invoices.example",
        "test.invoices.example",
    ]
    assert any("Bruno" in name for name in named(tenant, "bruno")["person"])
    assert named(tenant, "finance")["environment"] == ["Finance"]
    assert "Legacy sync" in named(tenant, "sync legacy")["flow"]
    order = [KINDS.index(kind) for kind in invoices["kind"]]
    assert order == sorted(order)


@pytest.mark.parametrize("words", ["", "   ", "no such thing anywhere", "' OR 1=1 --", "\x00"])
def test_nothing_is_found_by_what_no_name_has(tenant: Connection, words: str) -> None:
    """Neither no words nor words of another language of the store find anything."""
    assert search(tenant, moment(3), words).empty


def test_no_character_has_a_special_meaning(store: Engine) -> None:
    """Percent, underscore and backslash are found as they are written, and letters fold whole."""
    names = ["100% Ärger", "100 Prozent", "a_b", "axb", "back\\slash"]
    fill_runs_only(store)
    with writing(store) as connection:
        for number, name in enumerate(names, 1):
            connection.execute(insert(PRINCIPALS).values(id=number, key=f"key-{number}"))
            connection.execute(
                insert(PRINCIPAL_VERSIONS).values(
                    principal_id=number, from_run=1, presence="present", kind="user",
                    display_name=name,
                )
            )  # fmt: skip
    with reading(store) as connection:
        assert named(connection, "100%") == {"person": ["100% Ärger"]}
        assert named(connection, "a_b") == {"person": ["a_b"]}
        assert named(connection, "k\\s") == {"person": ["back\\slash"]}
        assert named(connection, "äRGER") == {"person": ["100% Ärger"]}


def test_hits_are_bounded_and_counted_whole(tenant: Connection) -> None:
    """At most so many of a kind are told, with how many there are."""
    every = search(tenant, moment(3), "e", limit=1000)
    few = search(tenant, moment(3), "e", limit=1)

    assert few["kind"].is_unique
    totals = every.groupby("kind").size().to_dict()
    assert dict(zip(few["kind"], few["of_kind"], strict=True)) == totals
