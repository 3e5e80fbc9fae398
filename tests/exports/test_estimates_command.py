"""`connectory estimates`, as a person meets it."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import factories
import openpyxl
import pytest
from click.testing import CliRunner, Result
from factories_entitlements import fill_entitlements
from sqlalchemy import Engine, text

from connectory.cli import cli
from connectory.database import writing

Run = Callable[..., Result]


@pytest.fixture
def run(sqlite_store: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A function that runs `connectory estimates` over the small tenant."""
    factories.fill(sqlite_store)
    fill_entitlements(sqlite_store)
    monkeypatch.setenv("CONNECTORY_DATABASE_URL", sqlite_store.url.render_as_string())
    monkeypatch.delenv("CONNECTORY_CONFIG", raising=False)
    monkeypatch.chdir(tmp_path)

    def invoke(*arguments: str) -> Result:
        with pytest.MonkeyPatch.context() as wide:
            wide.setenv("COLUMNS", "200")
            return CliRunner().invoke(cli, ["--now", "2026-11-24", "estimates", *arguments])

    return invoke


def test_an_estimate_is_frozen_listed_and_shown(run: Run) -> None:
    """With number, figures, author, note, and the proof that it is what was frozen."""
    frozen = run("freeze", "--author", "Ada", "--note", "For [red]procurement")
    listed, shown = run("list"), run("show", "1", "--again")

    assert frozen.exit_code == listed.exit_code == shown.exit_code == 0
    assert frozen.output.startswith("Estimate 1: 25.00 USD a month, 300.00 in twelve; 1 person")
    assert "2026-11-24 00:00  Ada" in listed.output
    assert "For [red]procurement" in listed.output
    assert "Power Automate Premium" in shown.output
    assert "It is what was frozen.\nReckoned anew it comes to the same." in shown.output


def test_the_author_is_the_account_where_none_is_named(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A night job has a name as well."""
    monkeypatch.setenv("LOGNAME", "night-job")
    run("freeze")

    assert "by night-job" in run("show", "1").output


def test_two_are_compared(run: Run, sqlite_store: Engine) -> None:
    """What each line costs more, and for whom something changed."""
    run("freeze", "--author", "Ada")
    with writing(sqlite_store) as connection:
        connection.execute(text("DELETE FROM flow_operations"))
        connection.execute(text("DELETE FROM flow_references"))
    run("freeze", "--author", "Ada")
    told = run("compare", "1", "2")

    assert told.exit_code == 0
    assert "-15.00 USD a month" in told.output
    assert "Ada Ample: Power Automate Premium, app meter → app meter" in told.output


def test_one_is_taken_along_in_every_form(run: Run, tmp_path: Path) -> None:
    """A workbook, a cost file, lines, people and the scenario; the latest run's without a number."""
    run("freeze", "--author", "Ada")
    for form in ("xlsx", "focus", "lines", "people", "scenario"):
        for number in ([], ["1"]):
            name = tmp_path / f"{form}{len(number)}.xlsx"
            told = run("export", *number, "--format", form, "--output", str(name))
            assert told.exit_code == 0, told.output

    assert openpyxl.load_workbook(tmp_path / "xlsx1.xlsx")["Summary"]["A1"].value == "Estimate 1"
    with (tmp_path / "focus1.xlsx").open(newline="") as file:
        assert [row["x_EstimateNumber"] for row in csv.DictReader(file)] == ["1", "1"]
    with (tmp_path / "people0.xlsx").open(newline="") as file:
        assert [row["person"] for row in csv.DictReader(file)] == ["Ada Ample"]
    assert json.loads((tmp_path / "scenario1.xlsx").read_bytes())["basis"] == "active"
    assert (tmp_path / "lines0.xlsx").read_bytes() == (tmp_path / "lines1.xlsx").read_bytes()


def test_a_past_day_can_be_frozen(run: Run) -> None:
    """As the last run by then found the tenant."""
    run("freeze", "--author", "Ada", "--as-of", "2026-11-09")

    assert "run 2" in run("show", "1").output


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["show", "4"], "there is no estimate 4"),
        (["compare", "1", "4"], "there is no estimate 1"),
        (["export", "4", "--output", "-"], "there is no estimate 4"),
        (["freeze", "--author", " "], "nobody is named"),
        (["freeze", "--as-of", "2001-01-01"], "no finished run by then"),
    ],
)
def test_what_cannot_be_done_is_one_line(run: Run, arguments: list[str], told: str) -> None:
    """And the exit code tells a program."""
    result = run(*arguments)

    assert result.exit_code == 1
    assert told in result.output


def test_one_that_was_altered_is_told(run: Run, sqlite_store: Engine) -> None:
    """By its digest, and by the exit code."""
    run("freeze", "--author", "Ada")
    with writing(sqlite_store) as connection:
        connection.execute(text("UPDATE frozen_recipients SET gets = 'everything'"))
    shown = run("show", "1")

    assert shown.exit_code == 1
    assert "Estimate 1 is not what was frozen" in shown.output


def test_none_are_listed_as_none(run: Run) -> None:
    """With what makes one."""
    assert "connectory estimates freeze" in run("list").output


@pytest.mark.parametrize(
    "altered",
    [
        "UPDATE frozen_estimates SET monthly = '1.00', currency = 'EUR'",
        "UPDATE frozen_estimates SET note = 'x'",
        "DELETE FROM frozen_recipients",
    ],
)
def test_nothing_is_handed_out_of_one_that_was_altered(
    run: Run, sqlite_store: Engine, tmp_path: Path, altered: str
) -> None:
    """Neither what lists tell nor what it holds may be another; compare and export refuse."""
    run("freeze", "--author", "Ada")
    run("freeze", "--author", "Ada")
    with writing(sqlite_store) as connection:
        connection.execute(text(f"{altered} WHERE number = 1"))
    ended = [
        run("show", "1"),
        run("compare", "1", "2"),
        run("export", "1", "--output", str(tmp_path / "kept.xlsx")),
    ]

    assert [one.exit_code for one in ended] == [1, 1, 1]
    assert all("is not what was frozen" in one.output for one in ended)
    assert not (tmp_path / "kept.xlsx").exists()
    assert run("show", "2").exit_code == 0


def test_one_whose_row_is_damaged_says_so(run: Run, sqlite_store: Engine) -> None:
    """In a sentence that names it; a number beyond all is refused as well."""
    run("freeze", "--author", "Ada")
    with writing(sqlite_store) as connection:
        connection.execute(text("UPDATE frozen_estimates SET scenario = x'00'"))
    shown = run("show", "1")

    assert shown.exit_code == 1
    assert "estimate 1 cannot be read any more" in shown.output
    assert run("show", "99999999999999999999").exit_code == 2


def test_no_name_of_the_tenant_commands_the_terminal(run: Run, sqlite_store: Engine) -> None:
    """Escapes and marks that turn the direction are shown as what they are not."""
    with writing(sqlite_store) as connection:
        connection.execute(
            text("UPDATE environment_versions SET display_name = :name"),
            {"name": "Fin\x1b[31mance\u202e"},
        )
    run("freeze", "--author", "Ada")
    shown = run("show", "1").output

    assert "Fin\ufffd[31mance\ufffd" in shown
    assert "\x1b" not in shown
    assert "\u202e" not in shown
