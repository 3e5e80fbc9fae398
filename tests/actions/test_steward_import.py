"""Applying files of stewards: all of it or nothing, unless the other lines are asked for."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from factories import (
    ADA,
    CARLA,
    INVOICES,
    INVOICES_KEY,
    PAYROLL,
    RUN_TIMES,
    TWIN,
    VANISHING,
    WEATHER,
    fill,
    fill_runs_only,
    moment,
)
from sqlalchemy import Engine, event, insert, update

import models
from connectory.actions.steward_import import Applied, apply
from connectory.actions.stewarding import NotAppointed, appoint
from connectory.config import Settings
from connectory.database import reading, writing
from connectory.domain.steward_files import NotRead, read_csv, read_toml
from connectory.domain.stewardship import StewardFields
from connectory.exports.steward_files import as_csv, as_toml, steward_rows
from connectory.owner_settings import OwnerSettings
from connectory.queries.stewards import steward_log, steward_of
from connectory.steward_file import apply_named

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
HEAD = "environment,connector,business_owner,team"


@pytest.fixture
def tenant(store: Engine) -> Engine:
    """The small tenant."""
    fill(store)
    return store


def given(store: Engine, *lines: str, head: str = HEAD, **more: bool) -> Applied:
    """Apply a CSV file."""
    sheet = read_csv("\n".join([head, *lines]).encode())
    return apply(store, moment(3), sheet, author="Tess", via="csv", now=NOW, **more)


def standing(store: Engine, connector: int) -> StewardFields | None:
    """Return what stands for a connector."""
    with reading(store) as connection:
        told = steward_of(connection, connector)
    return told.fields if told else None


def logged(store: Engine) -> int:
    """Return how many rows the log has."""
    with reading(store) as connection:
        return len(steward_log(connection))


def test_every_line_is_applied(tenant: Engine) -> None:
    """Names of environments and connectors, or their ids, in any letter case."""
    told = given(
        tenant,
        "finance,INVOICES,ada@tenant.example,Accounts",
        "env-sandbox,shared_weather-5f0c,,Meteo",
        "Sandbox,Vanishing,,",
    )

    assert (told.decided.appointed, told.decided.dismissed, told.decided.unchanged) == (2, 0, 1)
    assert told.faults == ()
    assert standing(tenant, INVOICES) == StewardFields(business_owner=ADA, team="Accounts")
    assert standing(tenant, WEATHER) == StewardFields(team="Meteo")
    assert standing(tenant, VANISHING) is None


BAD = (
    ("Nowhere,Invoices,,T", "no connector is called Nowhere/Invoices"),
    ("Finance,Invoicse,,T", "did you mean finance/invoices"),
    ("Finance,Invoices,bob@tenant.example,", "nobody in the directory is called"),
    (f"Finance,Invoices,{CARLA},", "is no longer in the directory"),
    ("Finance,Invoices,,a\x07b", "cannot be printed"),
    ("Trial,Trial balloon,,T", "no connector is called"),
)


@pytest.mark.parametrize(("line", "says"), BAD)
def test_one_bad_line_stops_all(tenant: Engine, line: str, says: str) -> None:
    """It is named, and nothing is written."""
    told = given(tenant, "Finance,Payroll,ada@tenant.example,Pay", line)

    assert [one.line for one in told.faults] == [3]
    assert says in told.faults[0].text
    assert not told.written
    assert logged(tenant) == 0


def test_partial_applies_the_others(tenant: Engine) -> None:
    """And names every line that is wrong, in their order."""
    told = given(
        tenant, *(line for line, _ in BAD), "Finance,Payroll,ada@tenant.example,Pay", partial=True
    )

    assert [one.line for one in told.faults] == [2, 3, 4, 5, 6, 7]
    assert told.written
    assert standing(tenant, PAYROLL) == StewardFields(business_owner=ADA, team="Pay")
    assert logged(tenant) == 1


def test_a_dry_run_writes_nothing(tenant: Engine) -> None:
    """And tells what it would."""
    told = given(tenant, "Finance,Payroll,ada@tenant.example,Pay", dry_run=True)

    assert (told.written, told.decided.appointed, logged(tenant)) == (False, 1, 0)


def test_the_same_connector_twice(tenant: Engine) -> None:
    """Under whatever names; the first line is named."""
    told = given(tenant, "Finance,Invoices,,A", f"env-finance,{INVOICES_KEY},,B")

    assert [(one.line, one.text) for one in told.faults] == [
        (3, "line 2 is about the same connector; leave one out")
    ]


def test_a_name_of_several_says_which_there_are(tenant: Engine) -> None:
    """By what to write instead."""
    with writing(tenant) as connection:
        connection.execute(
            update(models.ConnectorVersion)
            .where(models.ConnectorVersion.connector_id == PAYROLL)
            .values(display_name="Invoices")
        )
    told = given(tenant, "Finance,Invoices,,A")

    assert "2 connectors are called Finance/Invoices" in told.faults[0].text
    assert f"env-finance/{INVOICES_KEY}" in told.faults[0].text


def test_what_has_no_column_stays(tenant: Engine) -> None:
    """What has one and is empty does not."""
    full = StewardFields(business_owner=ADA, team="Old", review_on=date(2027, 1, 1))
    appoint(tenant, INVOICES, full, author="Tess", via="dashboard", now=NOW)
    given(tenant, "Finance,Invoices,,New", head="environment,connector,business_owner,team")

    assert standing(tenant, INVOICES) == StewardFields(team="New", review_on=date(2027, 1, 1))


def test_all_empty_takes_back(tenant: Engine) -> None:
    """The row of the log stays."""
    given(tenant, "Finance,Invoices,,T")
    told = given(tenant, "Finance,Invoices,,")

    assert told.decided.dismissed == 1
    assert standing(tenant, INVOICES) is None
    assert logged(tenant) == 1


def test_a_second_time_changes_nothing(tenant: Engine) -> None:
    """So that it can be applied every night."""
    lines = ("Finance,Invoices,ada@tenant.example,A", "Sandbox,Invoices,,B")
    given(tenant, *lines)
    told = given(tenant, *lines)

    assert (told.decided.unchanged, told.decided.appointed, logged(tenant)) == (2, 0, 2)


def test_who_stands_may_stand_there_though_they_left(tenant: Engine) -> None:
    """A file that was exported is never refused for what it says already."""
    with writing(tenant) as connection:
        row = {"connector_id": PAYROLL, "business_owner_key": CARLA, "via": "csv",
               "decided_by": "Tess", "decided_at": RUN_TIMES[0]}  # fmt: skip
        connection.execute(insert(models.Steward).values(**row))

    assert given(tenant, f"Finance,Payroll,{CARLA},").decided.unchanged == 1
    assert given(tenant, f"Finance,Payroll,{CARLA},Pay").decided.appointed == 1


def statements(store: Engine, lines: int) -> int:
    """Return how many statements a dry run of so many lines sends."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    event.listen(store, "before_cursor_execute", note)
    given(store, *(f"Finance,Invoices {n},person {n},T" for n in range(lines)), dry_run=True)
    event.remove(store, "before_cursor_execute", note)
    return len(sent)


def test_it_asks_as_often_however_many_lines_there_are(tenant: Engine) -> None:
    """Also of more people than can be named in one statement."""
    assert statements(tenant, 1) == statements(tenant, 2_000)


def test_what_is_exported_can_be_read_back(tenant: Engine) -> None:
    """In both forms, whatever it holds; with every connector it can be filled in."""
    odd = StewardFields(
        business_owner=ADA, team="=1+1", contact='"quoted" \\ 🙂, ; \'', review_on=date(2027, 1, 1),
        data_class="internal", criticality="low", support_link="https://wiki.example/?a=b;c",
    )  # fmt: skip
    for connector in (INVOICES, TWIN):
        appoint(tenant, connector, odd, author="Tess", via="dashboard", now=NOW)
    with writing(tenant) as connection:
        connection.execute(
            update(models.ConnectorVersion)
            .where(models.ConnectorVersion.connector_id == TWIN)
            .values(display_name='=HYPERLINK("x")\x7f\n')
        )
    with reading(tenant) as connection:
        rows = steward_rows(connection, moment(3))
        every = steward_rows(connection, moment(3), everything=True)

    assert (len(rows), len(every)) == (2, 6)
    for sheet in (
        read_csv(as_csv(rows).encode()),
        read_csv(as_csv(every).encode()),
        read_toml(as_toml(rows).encode()),
        read_toml(as_toml(every).encode()),
    ):
        told = apply(tenant, moment(3), sheet, author="Tess", via="csv", now=NOW)
        assert (told.faults, told.decided.appointed, told.decided.dismissed) == ((), 0, 0)
        assert told.decided.unchanged == len(sheet.entries)


def test_no_cell_of_an_export_is_a_formula(tenant: Engine) -> None:
    """A spreadsheet shows an apostrophe and reckons nothing."""
    appoint(tenant, INVOICES, StewardFields(team="=1+1"), author="Tess", via="csv", now=NOW)
    with reading(tenant) as connection:
        text = as_csv(steward_rows(connection, moment(3)))

    assert ",'=1+1," in text


def test_the_file_of_the_settings(tenant: Engine, tmp_path: Path) -> None:
    """Is applied whole or not at all, and what is wrong is one line."""
    place = tmp_path / "stewards.toml"
    settings = Settings(owners=OwnerSettings(steward_file=str(place)))

    assert apply_named(tenant, Settings(), now=NOW) is None
    told = apply_named(tenant, settings, now=NOW)
    assert told is not None
    assert "it cannot be opened" in told
    good = '[[steward]]\nenvironment = "Finance"\nconnector = "Invoices"\nteam = "A"\n'
    place.write_text(good + good.replace("Invoices", "Nothing"), encoding="utf-8")
    told = apply_named(tenant, settings, now=NOW)
    assert told is not None
    assert "line 5: no connector is called Finance/Nothing" in told
    assert logged(tenant) == 0
    place.write_text(good, encoding="utf-8")
    assert apply_named(tenant, settings, now=NOW) is None
    with reading(tenant) as connection:
        log = steward_log(connection)
    assert log[["via", "decided_by"]].to_numpy().tolist() == [["file", "file stewards.toml"]]


def test_nothing_can_be_applied_before_anything_was_read(
    sqlite_store: Engine, tmp_path: Path
) -> None:
    """And a store that knows no connector knows none of a file."""
    place = tmp_path / "stewards.toml"
    place.write_text("", encoding="utf-8")
    settings = Settings(owners=OwnerSettings(steward_file=str(place)))

    assert "no finished run" in str(apply_named(sqlite_store, settings, now=NOW))
    fill_runs_only(sqlite_store)
    sheet = read_csv(f"{HEAD}\nFinance,Invoices,,T".encode())
    told = apply(sqlite_store, moment(1), sheet, author="Tess", via="csv", now=NOW)
    assert [one.line for one in told.faults] == [2]


def test_somebody_decides(tenant: Engine) -> None:
    """Nobody's name is no author."""
    sheet = read_csv(f"{HEAD}\nFinance,Invoices,,T".encode())
    with pytest.raises(NotAppointed, match="nobody is named who decides"):
        apply(tenant, moment(3), sheet, author=" ", via="csv", now=NOW)


def test_a_large_file_is_quick_to_refuse() -> None:
    """Of a hundred megabytes no line is looked at."""
    with pytest.raises(NotRead, match="larger than 20 MB"):
        read_csv(b"environment,connector\n" + b"a,b\n" * 25_000_000)
