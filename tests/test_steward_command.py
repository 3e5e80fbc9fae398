"""`connectory steward` as people and pipelines run it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from factories import fill, fill_runs_only
from sqlalchemy import Engine

from connectory.cli import cli
from connectory.database import reading
from connectory.queries.stewards import steward_log

HEAD = "environment,connector,business_owner,team\n"
GOOD = "Finance,Invoices,ada@tenant.example,Accounts\n"


@pytest.fixture
def store(sqlite_store: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """The small tenant in the store that the commands use."""
    fill(sqlite_store)
    monkeypatch.setenv("CONNECTORY_DATABASE_URL", str(sqlite_store.url))
    return sqlite_store


def run(
    *words: str | Path, command: str = "steward", config: Path | None = None, day: int = 24
) -> Result:
    """Run a command on a day of November after the last run."""
    told = ["--config", str(config)] if config else []
    at = ["--now", f"2026-11-{day}"]
    return CliRunner().invoke(cli, [*told, *at, command, *map(str, words)])


def file(folder: Path, *lines: str, name: str = "stewards.csv") -> Path:
    """Write a file of these lines."""
    place = folder / name
    place.write_text(HEAD + "".join(lines), encoding="utf-8")
    return place


def logged(store: Engine) -> int:
    """Return how many rows the log has."""
    with reading(store) as connection:
        return len(steward_log(connection))


def test_a_file_is_applied(store: Engine, tmp_path: Path) -> None:
    """By the account of the command, or whoever is named."""
    told = run("import", file(tmp_path, GOOD), "--author", "Tess", "--reason", "Spring cleaning")

    assert (told.exit_code, told.stdout) == (0, "1 named, 0 taken back, 0 as before\n")
    with reading(store) as connection:
        log = steward_log(connection)
    assert log[["decided_by", "reason", "via"]].to_numpy().tolist() == [
        ["Tess", "Spring cleaning", "csv"]
    ]


def test_bad_lines_are_named_and_stop_all(store: Engine, tmp_path: Path) -> None:
    """On stderr, with what to write instead; exit code 1."""
    place = file(tmp_path, GOOD, "Finance,Nothing,,T\n", "Finance,Payroll,zoe@tenant.example,\n")
    told = run("import", place)

    assert told.exit_code == 1
    assert "line 3: no connector is called Finance/Nothing" in told.stderr
    assert "line 4: business_owner: nobody in the directory is called" in told.stderr
    assert "nothing was applied; with --partial it would be: 1 named" in told.stderr
    assert logged(store) == 0


def test_partial_applies_the_others_and_says_so(store: Engine, tmp_path: Path) -> None:
    """Exit code 3."""
    told = run("import", file(tmp_path, GOOD, "Finance,Nothing,,T\n"), "--partial")

    assert told.exit_code == 3
    assert "line 3" in told.stderr
    assert told.stdout == "1 named, 0 taken back, 0 as before\n"
    assert logged(store) == 1


def test_a_dry_run_only_tells(store: Engine, tmp_path: Path) -> None:
    """What would be decided."""
    told = run("import", file(tmp_path, GOOD), "--dry-run")

    assert told.stdout == "nothing was written; it would be: 1 named, 0 taken back, 0 as before\n"
    assert logged(store) == 0


def test_no_more_lines_than_can_be_read(store: Engine, tmp_path: Path) -> None:
    """The rest is counted."""
    told = run("import", file(tmp_path, *(f"Nowhere,{n},,T\n" for n in range(60))))

    assert told.stderr.count("line ") == 50
    assert "and 10 more lines" in told.stderr
    assert logged(store) == 0


@pytest.mark.parametrize(
    ("content", "says"),
    [("connector,team\n", "the column environment is missing"), ("", "it is empty")],
)
@pytest.mark.usefixtures("store")
def test_a_file_that_is_none_is_one_line(tmp_path: Path, content: str, says: str) -> None:
    """With its place."""
    place = tmp_path / "x.csv"
    place.write_text(content, encoding="utf-8")
    told = run("import", place)

    assert told.exit_code == 1
    assert says in told.stderr
    assert str(place) in told.stderr
    assert len(told.stderr.splitlines()) == 1


@pytest.mark.usefixtures("store")
def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """Nor named anywhere."""
    assert "cannot be opened: No such file" in run("import", tmp_path / "none.csv").stderr
    assert "no file is named" in run("import").stderr


@pytest.mark.usefixtures("store")
def test_words_of_a_tenant_do_not_reach_the_terminal_as_they_are(tmp_path: Path) -> None:
    """What it would obey is taken out."""
    told = run("import", file(tmp_path, "Finance,\x1b[31mred,,T\n"))

    assert "\x1b" not in told.stderr
    assert "line 2" in told.stderr


def test_what_is_exported_is_imported(store: Engine, tmp_path: Path) -> None:
    """In both forms, and changes nothing."""
    run("import", file(tmp_path, GOOD))
    for kind in ("csv", "toml"):
        place = tmp_path / f"out.{kind}"
        done = run("export", "--format", kind, "--all", "--output", place)
        assert done.exit_code == 0, done.stderr
        assert run("import", place).stdout == "0 named, 0 taken back, 6 as before\n"
    assert run("export").stdout.count("\n") == 2
    assert logged(store) == 1


def test_every_assessment_applies_the_file_of_the_settings(store: Engine, tmp_path: Path) -> None:
    """What is wrong with it is told, and fails no assessment."""
    place = tmp_path / "stewards.toml"
    config = tmp_path / "config.toml"
    config.write_text(f'[owners]\nsteward_file = "{place}"\n', encoding="utf-8")
    place.write_text('[[steward]]\nenvironment="Finance"\nconnector="Nothing"\n', encoding="utf-8")
    wrong = run(command="assess", config=config)
    place.write_text(
        '[[steward]]\nenvironment="Finance"\nconnector="Invoices"\nteam="A"\n', encoding="utf-8"
    )
    right = run(command="assess", config=config, day=25)

    assert (wrong.exit_code, right.exit_code) == (0, 0)
    assert "the file of stewards was not applied: line 1: no connector is called" in wrong.stderr
    assert "stewards" not in right.stderr
    assert logged(store) == 1
    assert run("import", config=config).stdout == "0 named, 0 taken back, 1 as before\n"


def test_nothing_was_read_yet(
    sqlite_store: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cure is named."""
    monkeypatch.setenv("CONNECTORY_DATABASE_URL", str(sqlite_store.url))

    assert "run: connectory collect" in run("import", file(tmp_path, GOOD)).stderr
    assert "run: connectory collect" in run("export").stderr
    fill_runs_only(sqlite_store)
    assert run("export").exit_code == 0
