"""The commands of campaigns, as they are typed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from factories import INVOICES, TWIN, fill
from factories_campaigns import KEY, PUBLIC, row, rows, send, workflow
from sqlalchemy import Engine

import models
from connectory.cli import cli

Ran = Callable[..., Result]


@pytest.fixture
def ran(sqlite_store: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ran:
    """Run a command over the small tenant."""
    fill(sqlite_store)
    place = tmp_path / "config.toml"
    place.write_text(
        f'[database]\nurl = "{sqlite_store.url.render_as_string(hide_password=False)}"\n'
        f'[reports]\npublic_url = "{PUBLIC}"\ncoe_mailbox = "coe@example.com"\n'
    )
    monkeypatch.delenv("CONNECTORY_DATABASE_URL", raising=False)
    monkeypatch.setenv("CONNECTORY_LINK_KEY", KEY)

    def run(*words: str, now: str = "2026-11-23T09:00:00", text: str | None = None) -> Result:
        told = ["--config", str(place), "--now", now, "campaign", *words]
        return CliRunner().invoke(cli, told, input=text)

    return run


def _opened(ran: Ran) -> Result:
    return ran(
        "open", "--name", "Autumn", "--purpose", "Not called", "--author", "Dora",
        "--connector", str(INVOICES), "--connector", str(TWIN),
    )  # fmt: skip


def test_a_campaign_is_opened_listed_and_shown(ran: Ran, sqlite_store: Engine) -> None:
    """One line says how many are asked, one how many letters wait."""
    before = workflow(sqlite_store)
    plan = ran("open", "--name", "x", "--purpose", "y", "--choice", "gaps", "--dry-run")
    untouched = workflow(sqlite_store) == before
    opened, listed, shown = _opened(ran), ran("list"), ran("show", "1")

    assert plan.exit_code == 0
    assert "nothing was written" in plan.output
    assert untouched
    assert opened.output == (
        "campaign 1 is open: 2 connectors\n1 letter in the outbox; connectory outbox send\n"
    )
    assert "1  open    Autumn  0 of 2 answered, by 2026-12-21" in listed.output
    assert "Invoices  (Finance)  Ada Ample  2026-12-21" in shown.output
    assert json.loads(ran("show", "1", "--format", "json").output)["campaign"] == 1


def test_time_is_let_pass(ran: Ran, sqlite_store: Engine) -> None:
    """The command that a schedule runs says what it did."""
    _opened(ran)
    send(sqlite_store)
    told = ran("advance", now="2026-11-30T09:00:00")

    assert told.output == (
        "2 reminded, 0 went on to the next one, 0 given up\n"
        "1 letter in the outbox; connectory outbox send\n"
    )
    assert len(rows(sqlite_store, models.OutboxMessage)) == 2


def test_answers_come_back_by_a_file(ran: Ran, sqlite_store: Engine) -> None:
    """Exported, filled in and imported; a wrong line ends it with 1, with --partial with 3."""
    _opened(ran)
    sheet = ran("export", "1", "--owner", "ada@tenant.example").output
    filled = sheet.replace(",,,,\r\n", ",retire,,,\r\n").replace(",,,,\n", ",retire,,,\n")
    wrong = f"{filled.rstrip()}\n999,,,,,,retire,,,\n"
    refused = ran("import", "-", "--author", "Dora", text=wrong)
    untouched = row(sqlite_store)["closed_at"] is None
    partly = ran("import", "-", "--author", "Dora", "--partial", text=wrong)

    assert (refused.exit_code, untouched) == (1, True)
    assert "line 4: request 999: there is no such request" in refused.output
    assert (partly.exit_code, row(sqlite_store)["outcome"]) == (3, "retire")
    assert ran("export", "1").exit_code == 1


def test_a_campaign_is_closed(ran: Ran) -> None:
    """It says how many had not answered, and is not closed twice."""
    _opened(ran)

    assert "2 had not answered" in ran("close", "1", "--author", "Dora").output
    assert ran("close", "1", "--author", "Dora").exit_code == 1
    assert ran("close", "7", "--author", "Dora").exit_code == 1
    assert "there is no campaign 7" in ran("show", "7").output


def test_what_cannot_be_asked_is_one_line(ran: Ran) -> None:
    """Neither connectors nor a choice, a bad file, nothing open: an error and its cure."""
    nothing = ran("open", "--name", "x", "--purpose", "y", "--author", "Dora")
    odd = ran("import", "-", text="a,b\n1,2\n")

    assert (nothing.exit_code, odd.exit_code) == (1, 1)
    assert "name the connectors to ask about, or a choice" in nothing.output
    assert "connectory campaign export" in odd.output
    assert ran("list").output == "nobody was ever asked; run: connectory campaign open\n"
