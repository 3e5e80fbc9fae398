"""`connectory report`, as a person meets it: to whom, into a folder, or sent, and never twice."""

from __future__ import annotations

import json
from collections.abc import Callable
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from factories import fill_runs_only
from factories_asking import fill_asking
from factories_drift import assessed, fill_drift
from sqlalchemy import Engine

from connectory.cli import cli
from connectory.database import reading
from connectory.queries.outbox import outbox

Run = Callable[..., Result]
SETTINGS = """
[reports]
coe_mailbox = "coe@tenant.example"
licence_mailboxes = ["licences@tenant.example"]
folder = "mail"
quiet_hours = ""
quiet_days = []
{}
"""


@pytest.fixture
def run(sqlite_store: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A function that runs `connectory report` over the small tenant."""
    fill_drift(sqlite_store)
    assessed(sqlite_store)
    return runner(sqlite_store, tmp_path, monkeypatch)


def runner(store: Engine, folder: Path, monkeypatch: pytest.MonkeyPatch, more: str = "") -> Run:
    """Return a function that runs `connectory report` over a store."""
    (folder / "config.toml").write_text(SETTINGS.format(more), encoding="utf-8")
    monkeypatch.setenv("CONNECTORY_DATABASE_URL", store.url.render_as_string())
    monkeypatch.delenv("CONNECTORY_CONFIG", raising=False)
    monkeypatch.chdir(folder)

    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(cli, ["--now", "2026-11-18T09:00:00Z", "report", *arguments])

    return invoke


def rows(store: Engine) -> list[tuple[str, str, str]]:
    """Return the rows of the outbox: state, occasion and recipient's address."""
    with reading(store) as connection:
        found = outbox(connection)
    columns = ("state", "occasion", "address")
    return sorted(zip(*(found[name] for name in columns), strict=True))


def test_without_more_it_says_to_whom(run: Run, sqlite_store: Engine, tmp_path: Path) -> None:
    """Name, address, role, language, subject, and who was passed over; nothing is written."""
    told = run("owner-digest")

    assert told.exit_code == 0, told.output
    assert "Ada Ample <ada@tenant.example>  owner  en  " in told.output
    assert (
        "not to owner Carla Contrived: departed"
        in run("owner-digest", "--owner", "coe@tenant.example").output
    )
    assert told.output.endswith("2 letters\n")
    assert rows(sqlite_store) == []
    assert not (tmp_path / "mail").exists()
    assert not (tmp_path / "report").exists()


def test_a_dry_run_writes_every_form_of_every_letter(
    run: Run, sqlite_store: Engine, tmp_path: Path
) -> None:
    """Mail, HTML, text and card; nothing is put into the outbox."""
    told = run("owner-digest", "--dry-run", "--output", "look")
    names = sorted(path.name for path in (tmp_path / "look").iterdir())
    mail = message_from_bytes(
        (tmp_path / "look" / "0001-ada-tenant.example.eml").read_bytes(), policy=default
    )

    assert told.exit_code == 0, told.output
    assert names[:4] == [
        "0001-ada-tenant.example.card.json",
        "0001-ada-tenant.example.eml",
        "0001-ada-tenant.example.html",
        "0001-ada-tenant.example.txt",
    ]
    assert len(names) == 8
    assert mail["To"] == "Ada Ample <ada@tenant.example>"
    parts = [part.get_content_type() for part in mail.walk()]
    assert parts == ["multipart/alternative", "text/plain", "text/html"]
    assert rows(sqlite_store) == []
    assert "nothing was sent" in told.output


def test_sending_twice_writes_to_nobody_twice(
    run: Run, sqlite_store: Engine, tmp_path: Path
) -> None:
    """The second run finds that everybody has the letter of this week."""
    first, second = run("owner-digest", "--send"), run("owner-digest", "--send")

    assert (first.exit_code, second.exit_code) == (0, 0), first.output + second.output
    assert first.output.startswith("2 queued, 0 written to before for the same\n2 sent")
    assert second.output.startswith("0 queued, 2 written to before for the same\n0 sent")
    assert len(list((tmp_path / "mail").glob("*.eml"))) == 2
    assert rows(sqlite_store) == [
        ("sent", "owner-digest/2026-W47", "ada@tenant.example"),
        ("sent", "owner-digest/2026-W47", "coe@tenant.example"),
    ]


def test_a_run_that_would_write_to_too_many_is_held(
    run: Run, sqlite_store: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says how a person releases it."""
    del run
    careful = runner(sqlite_store, tmp_path, monkeypatch, "cap_per_run = 1")
    told = careful("owner-digest", "--send")

    assert told.exit_code == 3
    assert "connectory outbox release --occasion owner-digest/2026-W47" in told.output
    assert {state for state, _, _ in rows(sqlite_store)} == {"held"}
    assert not list((tmp_path / "mail").glob("*.eml"))


def test_open_questions_stand_in_the_digest(
    run: Run, sqlite_store: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each with its own link, also to somebody who answers for nothing else."""
    del run
    fill_asking(sqlite_store)
    monkeypatch.setenv("CONNECTORY_LINK_KEY", "k" * 40)
    address = "https://connectory.tenant.example"
    asking = runner(sqlite_store, tmp_path, monkeypatch, f'public_url = "{address}"')
    told = asking("owner-digest", "--dry-run")
    pages = [path.read_text("utf-8") for path in sorted((tmp_path / "report").glob("*.html"))]

    assert told.exit_code == 0, told.output
    assert [page.count(f'href="{address}/attest/') for page in pages] == [1, 1, 0]


@pytest.mark.parametrize(
    ("name", "address", "occasion"),
    [
        ("tenant-summary", "coe@tenant.example", "tenant-summary/2026-W47"),
        ("exposure-summary", "licences@tenant.example", "exposure-summary/2026-11"),
    ],
)
def test_summaries_go_to_the_mailboxes_of_the_settings(
    run: Run, sqlite_store: Engine, name: str, address: str, occasion: str
) -> None:
    """Once a week, or once a month."""
    told = run(name, "--format", "json")
    sent = run(name, "--send")

    assert json.loads(told.output)[0]["address"] == address
    assert sent.exit_code == 0, sent.output
    assert rows(sqlite_store) == [("sent", occasion, address)]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["owner-digest", "--owner", "nobody"], "no digest for 'nobody'; --owner"),
        (["tenant-summary", "--owner", "ada"], "--owner chooses among digests"),
        (["owner-digest", "--dry-run", "--send"], "choose one"),
        (
            ["owner-digest", "--dry-run", "--output", "config.toml/x"],
            "the folder cannot be written",
        ),
        (["no-such-report"], "is not one of"),
    ],
)
def test_what_cannot_be_done_is_said(run: Run, arguments: list[str], told: str) -> None:
    """In one line with the cure."""
    result = run(*arguments)

    assert result.exit_code != 0
    assert told in result.output
    assert "Traceback" not in result.output


def test_a_summary_for_nobody_names_the_setting(
    sqlite_store: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is told nothing without being told why."""
    fill_runs_only(sqlite_store)
    run = runner(sqlite_store, tmp_path, monkeypatch)
    (tmp_path / "config.toml").write_text("", encoding="utf-8")

    assert "reports.coe_mailbox" in run("tenant-summary").output
    assert "reports.licence_mailboxes" in run("exposure-summary").output
    assert run("owner-digest").output == "0 letters\n"


def test_without_a_run_nothing_is_written(
    sqlite_store: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says what to run first."""
    told = runner(sqlite_store, tmp_path, monkeypatch)("owner-digest")

    assert told.exit_code == 1
    assert "connectory collect" in told.output
