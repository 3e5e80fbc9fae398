"""Accounts of calls under pseudonyms: none of them stands anywhere in the store."""

from __future__ import annotations

import hmac
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import Engine, MetaData, select, text
from tenants import Tenant, tenant
from test_access_logs import DAYS, LOG, logged

from connectory.config import ConfigError, Settings
from connectory.database import reading
from connectory.pseudonyms import pseudonyms
from connectory.simulator import access_logs
from connectory.telemetry_settings import AccessLog, TelemetrySettings

NAME = "CONNECTORY_PSEUDONYM_KEY"
KEY = "an invented key of the tests"


def settings(simulated: Tenant, engine: Engine, folder: Path) -> Settings:
    """Return settings that read logs from a folder, with pseudonyms."""
    log = AccessLog(directory=folder, columns=access_logs.COLUMNS)
    telemetry = TelemetrySettings(access_logs={LOG: log}, pseudonymise=True)
    return simulated.settings(engine).model_copy(update={"telemetry": telemetry})


def everything(engine: Engine) -> str:
    """Return every value of every table as one text, bytes as the letters they are."""
    found: list[str] = []
    tables = MetaData()
    tables.reflect(engine)
    with reading(engine) as connection:
        for table in tables.sorted_tables:
            for row in connection.execute(select(table)):
                found += [shown(value) for value in row]
    return "\n".join(found).casefold()


def shown(value: Any) -> str:
    """Return a value as text."""
    if isinstance(value, (bytes, memoryview)):
        return bytes(value).decode("latin-1")
    return str(value)


def test_no_account_of_a_log_is_kept(
    store: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In no table, while as many different callers are counted as the backends logged."""
    monkeypatch.setenv(NAME, KEY)
    with tenant(tmp_path) as simulated:
        access_logs.write(simulated.served.tenant, tmp_path / "logs", DAYS)
        chosen = settings(simulated, store, tmp_path / "logs")
        report = simulated.collect(store, ["access_logs"], settings=chosen)
        column = access_logs.COLUMNS["caller"]
        accounts = {call.line[column].casefold() for call in logged(simulated)} - {""}
    kept = everything(store)
    with reading(store) as connection:
        keys = set(connection.scalars(text("SELECT key FROM call_callers WHERE key <> ''")))

    assert report.steps[-1].state == "complete"
    assert len(accounts) > 3
    assert [account for account in accounts if account in kept] == []
    assert keys == {
        "#" + hmac.new(KEY.encode(), account.encode(), "sha256").hexdigest()[:32]
        for account in accounts
    }


@pytest.mark.parametrize(("key", "words"), [("", "no key"), ("short", "too short")])
def test_without_a_key_nothing_is_read(
    store: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str, words: str
) -> None:
    """The error names the variable and what to do, never what stands in it."""
    monkeypatch.setenv(NAME, key)
    with tenant(tmp_path) as simulated:
        access_logs.write(simulated.served.tenant, tmp_path / "logs", DAYS)
        chosen = settings(simulated, store, tmp_path / "logs")
        with pytest.raises(ConfigError, match=words) as told:
            simulated.collect(store, ["access_logs"], settings=chosen)
        simulated.collect(store, ["environments"], settings=chosen)
    with reading(store) as connection:
        runs = connection.scalar(text("SELECT count(*) FROM runs"))
        callers = connection.scalar(text("SELECT count(*) FROM call_callers"))

    assert NAME in str(told.value)
    assert not key or key not in str(told.value).split()
    assert (runs, callers) == (1, 1)


def test_a_pseudonym_is_the_same_for_the_same_account_and_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nobody stays nobody; another key tells nothing of the first."""
    chosen = TelemetrySettings(pseudonymise=True)
    monkeypatch.setenv(NAME, KEY)
    one, again = pseudonyms(chosen), pseudonyms(chosen)
    monkeypatch.setenv(NAME, KEY[::-1])
    other = pseudonyms(chosen)

    assert one is not None
    assert again is not None
    assert other is not None
    assert one("ann@invented.example") == again("ann@invented.example")
    assert one("ann@invented.example") != one("bob@invented.example")
    assert one("ann@invented.example") != other("ann@invented.example")
    assert one("") == ""
    assert one("\ud800")
    assert pseudonyms(TelemetrySettings()) is None


def test_people_cannot_be_forgotten_before_their_calls() -> None:
    """A day to which calls are added has accounts."""
    with pytest.raises(ValidationError, match="less than retention_days"):
        TelemetrySettings(retention_days=40, people_days=39)

    assert TelemetrySettings(retention_days=40, people_days=40).people_days == 40
