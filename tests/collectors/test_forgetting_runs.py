"""Runs and commands forget who called, each by the settings, and two at once no worse than one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from click.testing import CliRunner
from sqlalchemy import Engine
from tenants import tenant
from test_access_logs import COLUMNS, LOG, ROW, as_json_lines
from test_call_keeping import calls, kept
from test_forgetting import DAYS, SUMS, asked, belong, different, sealed_before, writer

from collectors.telemetry.forgetting import forget
from connectory.cli import cli
from connectory.database import migrations_dir, upgrade
from connectory.telemetry_settings import AccessLog, TelemetrySettings

ACCOUNTS = "SELECT key FROM call_callers WHERE key <> '' ORDER BY key"


def test_a_collect_forgets_by_its_settings(store: Engine, tmp_path: Path) -> None:
    """Also what it has only just read; the command does it where nothing is collected any more."""
    folder = tmp_path / "logs"
    folder.mkdir()
    log = AccessLog(directory=folder, columns={**COLUMNS, "caller": "who"})
    with tenant(tmp_path) as simulated:
        now = simulated.served.tenant.now
        rows = [
            {**ROW, "at": (now - timedelta(days=back)).isoformat(), "who": f"back{back}@x.example"}
            for back in (1, 38, 45, 60)
        ]
        as_json_lines(folder / "day.log", rows)
        told = TelemetrySettings(access_logs={LOG: log}, people_days=50)
        chosen = simulated.settings(store).model_copy(update={"telemetry": told})
        report = simulated.collect(store, ["access_logs"], settings=chosen)
        collected = asked(store, ACCOUNTS)
        place = tmp_path / "config.toml"
        url = store.url.render_as_string(hide_password=False)
        place.write_text(f'[database]\nurl = "{url}"\n[telemetry]\npeople_days = 40\n')
        clock = ["--now", now.strftime("%Y-%m-%dT%H:%M:%S")]
        ended = CliRunner().invoke(cli, ["--config", str(place), *clock, "db", "purge"])

    assert report.steps[-1].state == "complete"
    assert names(collected) == ["back1@x.example", "back38@x.example", "back45@x.example"]
    assert ended.exit_code == 0, ended.output
    assert "1 days before" in ended.output.splitlines()[1]
    assert names(asked(store, ACCOUNTS)) == ["back1@x.example", "back38@x.example"]
    assert asked(store, "SELECT sum(calls) FROM usage_daily") == [[(4,)]]
    assert asked(store, "SELECT sum(callers) FROM usage_callers") == [[(2,)]]


def names(told: list[Any]) -> list[str]:
    """Return the one column of the one answer."""
    return [row[0] for row in told[0]]


def test_two_at_once_add_nothing_twice(store: Engine) -> None:
    """A command beside a collect, say: each row is merged once, and accounts are counted once."""
    rows = calls(5, 200)
    kept(store, [rows])
    belong(store)
    sealed_before(store, DAYS[2] + timedelta(days=1))
    before = asked(store, SUMS)
    end = DAYS[2] + timedelta(days=1)
    with ThreadPoolExecutor(3) as pool:
        several = [pool.submit(forget, writer(store), end, portion=2) for _ in range(3)]
        for one in several:
            one.result()

    assert asked(store, SUMS) == before
    assert asked(store, ACCOUNTS) == [[]]
    (counted,) = asked(store, "SELECT day, sum(of_source) FROM usage_callers GROUP BY day")
    assert {str(day): number for day, number in counted} == {
        str(day): different(rows, day, lambda _: "")[""] for day in DAYS
    }


def test_going_back_a_version_loses_no_call(store: Engine) -> None:
    """Whoever it was has a name there that no log can hold, and none again with this version."""
    kept(store, [calls(5, 200)])
    sealed_before(store, DAYS[1])
    forget(writer(store), DAYS[1])
    named = (
        "SELECT sum(d.calls) FROM usage_daily d JOIN call_callers c ON c.id = d.caller_id "
        "WHERE c.key IS NOT NULL"
    )
    total = asked(store, "SELECT sum(calls) FROM usage_daily")
    config = Config()
    config.set_main_option("script_location", str(migrations_dir()))
    config.attributes["engine"] = store

    command.downgrade(config, "0021")
    back = asked(store, named, "SELECT key FROM call_callers WHERE id = 0")
    upgrade(store)

    assert back == [*total, [(" (former)",)]]
    assert asked(store, "SELECT key FROM call_callers WHERE id = 0") == [[(None,)]]
    assert asked(store, "SELECT sum(calls) FROM usage_daily") == total
