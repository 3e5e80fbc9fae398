"""Frozen estimates: written once, numbered, and the same whatever comes after."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import factories
import pytest
from factories import ADA, moment
from factories_entitlements import fill_entitlements
from sqlalchemy import Engine, text

from collectors.telemetry.days import purge
from collectors.telemetry.forgetting import forget
from connectory.actions.freezing import NotFrozen, freeze
from connectory.database import open_store, reading, writing
from connectory.domain.licensing.frozen import Frozen, reckoned
from connectory.licensing_settings import LicensingSettings
from connectory.queries.estimates import frozen_estimate, frozen_estimates
from connectory.queries.exposure import exposure

NOW = datetime(2026, 11, 23, 12, 30, 15, 123456, tzinfo=UTC)


@pytest.fixture
def licensed(store: Engine) -> Engine:
    """The small tenant with its licences, billing and roles."""
    factories.fill(store)
    fill_entitlements(store)
    return store


def made(
    store: Engine, *, author: str = "Ada", note: str = "", run: int = 3, **more: Any
) -> Frozen:
    """Freeze what the small tenant costs."""
    settings = LicensingSettings.model_validate(more)
    with reading(store) as connection:
        told = exposure(connection, moment(run), settings)
    return freeze(store, moment(run), told, settings, author=author, note=note, now=NOW)


def kept(store: Engine, number: int) -> Frozen:
    """Read a frozen estimate back."""
    with reading(store) as connection:
        found = frozen_estimate(connection, number)
    assert found is not None
    return found


def test_what_is_frozen_is_what_was_told(licensed: Engine) -> None:
    """Figures, lines, ways, prices, rules, people, author, note, day and run, to the cent."""
    frozen = made(licensed, author="Ada Ample", note="For procurement")
    found = kept(licensed, 1)
    told = found.statement

    assert found == frozen
    assert found.unaltered
    assert (found.number, found.author, found.note, found.run_id, found.made_at) == (
        1, "Ada Ample", "For procurement", 3, NOW,
    )  # fmt: skip
    assert (told.monthly, told.annual, told.metered_now) == (Decimal(25), Decimal(300), Decimal(10))
    assert [(one.plan, one.environment, one.quantity) for one in told.items] == [
        ("fl_premium", None, 1),
        ("pa_payg", "Finance", 1),
    ]
    (person,) = told.recipients
    assert (person.key, person.person, person.department, person.connectors) == (
        ADA, "Ada Ample", "Accounting", "Invoices, Payroll",
    )  # fmt: skip
    assert {one.plan for one in told.prices} >= {"pa_premium", "cs_payg"}


def test_estimates_are_numbered_and_listed(licensed: Engine) -> None:
    """1, 2, 3, the newest first, each with what a reader looks for."""
    for note in ("one", "two", "three"):
        made(licensed, note=note)
    with reading(licensed) as connection:
        rows = frozen_estimates(connection)

    assert rows["number"].tolist() == [3, 2, 1]
    assert rows["note"].tolist() == ["three", "two", "one"]
    assert set(rows["annual"]) == {Decimal(300)}


def test_two_who_freeze_at_once_get_two_numbers(licensed: Engine) -> None:
    """No number twice, none left out, and nobody is turned away."""
    threads = [threading.Thread(target=made, args=(licensed,)) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    with reading(licensed) as connection:
        numbers = frozen_estimates(connection)["number"].tolist()

    assert numbers == [4, 3, 2, 1]
    assert all(kept(licensed, number).unaltered for number in numbers)


def test_a_frozen_estimate_never_changes(licensed: Engine, tmp_path: Path) -> None:
    """Not by later runs, other prices, other settings, or what is sealed and forgotten."""
    before = made(licensed)
    own = tmp_path / "own.toml"
    own.write_text(
        'schema = 1\nversion = "ours"\n[[plan]]\nid = "fl_premium"\nkind = "user"\n'
        '[[plan.line]]\nsince = 2020-01-01\nprice = "99.00"\n'
    )
    with writing(licensed) as connection:
        connection.execute(text("UPDATE principal_versions SET display_name = 'Somebody else'"))
        connection.execute(text("DELETE FROM flow_operations"))
        connection.execute(text("DELETE FROM licence_assignments"))
    later = made(licensed, price_book=str(own), basis="access", meter_honours_trials=False)
    purge(lambda: writing(licensed), NOW.date() + timedelta(days=999))
    forget(lambda: writing(licensed), NOW.date() + timedelta(days=999))
    found = kept(licensed, 1)

    assert found == before
    assert found.unaltered
    assert later.statement.monthly != before.statement.monthly
    assert [one.person for one in found.statement.recipients] == ["Ada Ample"]


def test_it_can_be_reckoned_anew(licensed: Engine, tmp_path: Path) -> None:
    """From its own scenario, prices and rules, also where an own price book has gone since."""
    own = tmp_path / "own.toml"
    own.write_text(
        'schema = 1\nversion = "ours"\n[[plan]]\nid = "fl_premium"\nkind = "user"\n'
        '[[plan.line]]\nsince = 2020-01-01\nprice = "13.37"\n'
    )
    made(licensed, price_book=str(own), channel="csp_new", basis="access")
    own.unlink()
    found = kept(licensed, 1)
    again = reckoned(found)

    assert found.statement.price_book == "ours"
    assert again.monthly == found.statement.monthly
    assert again.metered_now == found.statement.metered_now
    assert len(again.need.people) == found.statement.people_in_need
    assert [(one.plan, one.quantity, one.unit_price) for one in again.lines] == [
        (one.plan, one.quantity, one.unit_price) for one in found.statement.items
    ]


def test_what_the_store_does_not_know_is_no_hindrance(licensed: Engine) -> None:
    """Flows of an app that is not known are asked about anew, as they were."""
    with writing(licensed) as connection:
        connection.execute(text("UPDATE flow_versions SET trigger_kind = 'PowerAppV2'"))
    made(licensed)
    found = kept(licensed, 1)
    again = reckoned(found)

    assert again.monthly == found.statement.monthly
    assert len(again.need.review) == len(found.statement.undecided) > 0


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE frozen_estimates SET note = 'another'",
        "UPDATE frozen_recipients SET person = 'another'",
        "DELETE FROM frozen_recipients",
    ],
)
def test_a_change_behind_its_back_shows(licensed: Engine, change: str) -> None:
    """Whoever alters the store by hand cannot alter the estimate unseen."""
    made(licensed)
    with writing(licensed) as connection:
        connection.execute(text(change))

    assert not kept(licensed, 1).unaltered


def test_there_is_none_of_a_number_that_was_never_given(store: Engine) -> None:
    """Neither one nor a list of them."""
    with reading(store) as connection:
        assert frozen_estimate(connection, 1) is None
        assert frozen_estimates(connection).empty


def test_nobody_freezes_namelessly(licensed: Engine) -> None:
    """Blank is no name, and nothing is written."""
    with pytest.raises(NotFrozen, match="nobody is named"):
        made(licensed, author=" \x00\n ")

    with reading(licensed) as connection:
        assert frozen_estimates(connection).empty


def test_odd_names_and_notes_are_kept_as_one_line(licensed: Engine) -> None:
    """What a database or a reader cannot take is left out; nothing else is."""
    made(licensed, author="=cmd|'/c calc'!A1\x00", note="<b>a</b>\n\nb\u2028c" + "x" * 9999)
    found = kept(licensed, 1)

    assert found.author == "=cmd|'/c calc'!A1"
    assert found.note.startswith("<b>a</b> b cxxx")
    assert len(found.note) == 2000


def test_a_store_that_takes_no_writing_is_told(sqlite_store: Engine) -> None:
    """With what to do; what was to be frozen is not half there."""
    factories.fill(sqlite_store)
    fill_entitlements(sqlite_store)
    closed = open_store(
        f"{sqlite_store.url}?mode=ro&uri=true".replace("sqlite:///", "sqlite:///file:")
    )
    with pytest.raises(NotFrozen, match="took no writing") as told:
        made(closed)
    closed.dispose()

    assert "frozen_estimates" in str(told.value)


@pytest.mark.parametrize(
    "store", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True
)
def test_an_account_that_may_only_read_is_told(licensed: Engine) -> None:
    """PostgreSQL refuses, and nothing is written; SQLite has no accounts."""
    with writing(licensed) as connection:
        connection.execute(text("DROP ROLE IF EXISTS only_reads"))
        connection.execute(text("CREATE ROLE only_reads LOGIN"))
        connection.execute(text("GRANT SELECT ON ALL TABLES IN SCHEMA public TO only_reads"))
    address = licensed.url.set(username="only_reads").render_as_string(hide_password=False)
    closed = open_store(address)
    try:
        with pytest.raises(NotFrozen, match="permission denied"):
            made(closed)
    finally:
        closed.dispose()
        with writing(licensed) as connection:
            connection.execute(text("DROP OWNED BY only_reads"))
            connection.execute(text("DROP ROLE only_reads"))


def test_the_digest_covers_every_part(licensed: Engine) -> None:
    """No part of it can be exchanged without the digest telling."""
    frozen = made(licensed)
    others = [
        replace(frozen, number=2),
        replace(frozen, made_at=NOW + timedelta(seconds=1)),
        replace(frozen, author="Eve"),
        replace(frozen, run_id=2),
        replace(frozen, scenario=b"{}"),
        replace(frozen, statement=replace(frozen.statement, currency="EUR")),
        replace(frozen, statement=replace(frozen.statement, recipients=())),
    ]

    assert frozen.unaltered
    assert not any(one.unaltered for one in others)
