"""`connectory leavers` and the hand-over sheet, as a person meets them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import factories
import openpyxl
import pytest
from click.testing import CliRunner, Result
from factories_events import fill_events
from sqlalchemy import Engine, update

import models
from connectory.cli import cli
from connectory.database import writing

Run = Callable[..., Result]
HOSTILE = "=cmd|' /C calc'!A0\nx\x1b[31m"


@pytest.fixture
def run(sqlite_store: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A function that runs `connectory leavers` over the small tenant."""
    factories.fill(sqlite_store)
    fill_events(sqlite_store)
    with writing(sqlite_store) as connection:
        connection.execute(
            update(models.AppVersion)
            .where(models.AppVersion.app_id == 1)
            .values(display_name=HOSTILE)
        )
    monkeypatch.setenv("CONNECTORY_DATABASE_URL", sqlite_store.url.render_as_string())
    monkeypatch.delenv("CONNECTORY_CONFIG", raising=False)
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(cli, ["leavers", *arguments])


def test_one_person_is_told_as_a_table(run: Run) -> None:
    """How many of what, and what to hand over first; nothing that a terminal would obey."""
    told = run("ada@tenant.example")

    assert told.exit_code == 0
    assert told.output.startswith("Ada Ample (enabled)\nconnections: 1 stop\n")
    assert "flows: 1 nobody may change any more" in told.output
    assert "  1 connection Ada's invoices (Finance): stops, 3 in 30 days (launch)" in told.output
    assert "\x1b" not in told.output


def test_the_sheet_is_safe_in_a_spreadsheet(run: Run, tmp_path: Path) -> None:
    """As CSV and XLSX a name that would be a formula is a text, and there is a place to tick off."""
    place = tmp_path / "sheet.xlsx"

    told = run("ada@tenant.example", "--format", "csv")
    run("ada@tenant.example", "--format", "xlsx", "--output", str(place))

    rows = list(csv.DictReader(io.StringIO(told.output, newline="")))
    assert rows[1]["kind"] == "app"
    assert rows[1]["name"].startswith("'=cmd")
    assert [row["no"] for row in rows] == [str(number + 1) for number in range(len(rows))]
    page = openpyxl.load_workbook(place).active
    assert page is not None
    assert [cell.value for cell in page[1]][-1] == "Done"
    assert page.cell(3, 3).data_type == "s"
    assert str(page.cell(3, 3).value).startswith("=cmd")


def test_a_file_of_leavers_brings_their_days(run: Run, tmp_path: Path) -> None:
    """As JSON for programs, with the day by which each thing is to be handed over."""
    (tmp_path / "leavers.csv").write_text("mail;last_day\nada@tenant.example;31.12.2026\n")

    told = run("--file", "leavers.csv", "--format", "json")

    assert told.exit_code == 0
    assert {row["by"] for row in json.loads(told.output)} == {"2026-12-31"}


def test_wrong_lines_are_named_and_left_out_on_request(run: Run, tmp_path: Path) -> None:
    """Nothing is told until they are mended or `--partial` is said."""
    (tmp_path / "leavers.csv").write_text(
        "person,last_day\nada@tenant.example,2026-12-31\nnobody@tenant.example,\nada,soon\n"
    )

    refused = run("--file", "leavers.csv")
    partial = run("--file", "leavers.csv", "--partial")

    assert refused.exit_code == 1
    assert "leavers.csv: line 4: 'soon' is no day" in refused.output
    assert "leavers.csv: line 3: nobody is called 'nobody@tenant.example'" in refused.output
    assert "2 lines are wrong; mend them, or leave them out with --partial" in refused.output
    assert "Ada Ample" not in refused.output
    assert partial.exit_code == 0
    assert "Ada Ample (enabled, until 31 Dec 2026)" in partial.output
    assert "line 4" in partial.output


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ((), "name people, or a file of them with --file"),
        (("ada", "--file", "leavers.csv"), "name people, or a file of them with --file"),
        (("nobody",), "nobody is called 'nobody' in the directory; write the object id"),
        (("ada@tenant.example", "--format", "xlsx"), "a workbook needs a file"),
        (("--file", "latin.csv"), "it is no UTF-8 text; save it as CSV in UTF-8"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    run: Run, tmp_path: Path, arguments: tuple[str, ...], problem: str
) -> None:
    """With the cure, and never a traceback."""
    (tmp_path / "leavers.csv").write_text("ada@tenant.example\n")
    (tmp_path / "latin.csv").write_bytes("Jürgen\n".encode("latin-1"))

    told = run(*arguments)

    assert told.exit_code == 1
    assert problem in told.output


def test_without_a_run_nobody_can_be_told_of(
    sqlite_store: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """An empty store says what to run first."""
    monkeypatch.setenv("CONNECTORY_DATABASE_URL", sqlite_store.url.render_as_string())
    monkeypatch.chdir(tmp_path)

    told = CliRunner().invoke(cli, ["leavers", "ada"])

    assert told.exit_code == 1
    assert "there is no finished run" in told.output
