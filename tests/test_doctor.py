"""What an operator runs first: init writes the settings, doctor tells what they give access to."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from receivers import mail_server

from connectory.config import Settings, load_settings
from connectory.probes import BLOB, LISTING, PROBES
from connectory.simulator.server import Served, serve
from connectory.simulator.tenant import build

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def served() -> Iterator[Served]:
    """A tiny tenant that answers."""
    with serve(build("tiny", 7, None)) as running:
        yield running


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in a folder, without a terminal."""
    env = {**os.environ, "CONNECTORY_CLIENT_SECRET": "simulated-secret", "PYTHONPATH": str(ROOT)}
    for name in ("CONNECTORY_DATABASE_URL", "CONNECTORY_CONFIG"):
        env.pop(name, None)
    return subprocess.run(
        [sys.executable, "-m", "connectory", *arguments],
        cwd=folder,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def settings(
    served: Served, folder: Path, more: str = "", address: str = "", collect: str = ""
) -> None:
    """Write settings for a tenant."""
    (folder / "config.toml").write_text(
        f"""
[tenant]
id = "{served.tenant.id}"
[sign_in]
client_id = "{served.tenant.collector_app_id}"
{more}
[http]
reroute_to = "{address or served.url}"
longest_wait_seconds = 0.01
[collect]
{collect}
""",
        encoding="utf-8",
    )


def fault(served: Served, **rule: Any) -> None:
    """Switch a fault on."""
    httpx.post(f"{served.url}/_sim/faults", json=rule).raise_for_status()


def checks(ended: subprocess.CompletedProcess[str]) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the checks by host and permission; for Dataverse the host is told by its table."""
    assert "Traceback" not in ended.stderr
    return {(c["subject"], c["permission"]): c for c in json.loads(ended.stdout)["checks"]}


def test_where_all_is_well_the_doctor_says_so_and_only_reads(
    served: Served, tmp_path: Path
) -> None:
    """Every permission is asked for once by a small request, and the exit code is 0."""
    settings(served, tmp_path, collect="audit_backfill_days = 30")
    ended = run(tmp_path, "doctor", "--format", "json")
    told = httpx.get(f"{served.url}/_sim/requests").json()
    found = checks(ended)

    assert ended.returncode == 0, ended.stdout
    persons = {probe.permission for probe in PROBES if probe.person}
    others = {key: check for key, check in found.items() if key[0] != "store"}
    assert {c["state"] for key, c in others.items() if key[1] not in persons} == {"ok"}
    assert {c["state"] for key, c in others.items() if key[1] in persons} == {"not_checked"}
    assert len(found) == len(PROBES) + 2
    assert found["store", "schema"]["state"] == "not_checked"
    assert not (tmp_path / "var" / "connectory.sqlite").exists()
    assert told["trespasses"] == {}
    asked = {host: n for host, n in told["requests"].items() if "login" not in host}
    assert sum(asked.values()) == len(PROBES) + 1 - len(persons)
    assert any(host.startswith("blob") or ".blob." in host for host in asked), asked


def test_what_nobody_wants_to_read_is_not_asked_for(served: Served, tmp_path: Path) -> None:
    """The permission for queries of the audit log is needed only by who lets them be asked."""
    (probe,) = [probe for probe in PROBES if probe.setting]
    fault(served, host="graph.microsoft.com", path="/auditLog/", kind="forbidden")
    settings(served, tmp_path)
    without = run(tmp_path, "doctor", "--format", "json")
    settings(served, tmp_path, collect="audit_backfill_days = 30")
    wanted = run(tmp_path, "doctor", "--format", "json")
    key = ("graph.microsoft.com", probe.permission)

    assert (without.returncode, wanted.returncode) == (0, 3)
    assert checks(without)[key]["state"] == "not_checked"
    assert probe.setting in checks(without)[key]["reason"]
    assert checks(wanted)[key]["state"] == "refused"
    assert checks(wanted)[key]["lost"] == probe.lost


def test_a_storage_service_the_network_keeps_away_is_told(served: Served, tmp_path: Path) -> None:
    """Definitions come from other hosts than lists: a firewall that knows only one is told."""
    settings(served, tmp_path)
    fault(served, host="blob.core.windows.net", kind="forbidden")
    ended = run(tmp_path, "doctor", "--format", "json")
    (blob,) = [probe for probe in PROBES if probe.service == BLOB]
    (check,) = [one for key, one in checks(ended).items() if key[1] == blob.permission]

    assert ended.returncode == 3
    assert check["state"] == "refused"
    assert check["lost"] == blob.lost
    assert re.search("sig=[^…]", check["reason"]) is None


def test_a_sign_in_service_that_fails_is_told_by_every_check(
    served: Served, tmp_path: Path
) -> None:
    """The checks are printed all the same, and none blames the settings."""
    settings(served, tmp_path)
    fault(served, host="login.microsoftonline.com", kind="503")
    ended = run(tmp_path, "doctor", "--format", "json")
    found = checks(ended)

    assert ended.returncode == 1
    told = found["graph.microsoft.com", "User.Read.All"]
    assert "sign-in service fails" in told["reason"]
    assert len(found) == len(PROBES) + 2


def test_what_is_refused_is_said_with_what_is_lost(served: Served, tmp_path: Path) -> None:
    """A refused permission names cause, cure and loss, and the exit code is 3."""
    settings(served, tmp_path)
    fault(served, host="graph.microsoft.com", path="/servicePrincipals", kind="forbidden")
    fault(served, host="api.flow.microsoft.com", kind="503")
    as_json, as_text = run(tmp_path, "doctor", "--format", "json"), run(tmp_path, "doctor")
    found = checks(as_json)

    assert as_json.returncode == as_text.returncode == 3
    refused = found["graph.microsoft.com", "Application.Read.All"]
    assert (refused["token"], refused["state"]) == ("ok", "refused")
    assert "grant the application" in refused["reason"]
    assert refused["lost"] == "owners that are applications stay unknown"
    assert found["graph.microsoft.com", "User.Read.All"]["state"] == "ok"
    assert found["api.flow.microsoft.com", "administration application"]["state"] == "unreachable"
    assert "refused      graph.microsoft.com" in as_text.stdout
    assert "without it: owners that are applications stay unknown" in as_text.stdout


@pytest.mark.parametrize("kind", ["secret", "network"])
def test_where_nothing_works_the_exit_code_is_one(
    served: Served, tmp_path: Path, kind: str
) -> None:
    """A wrong secret or an unreachable network is told by every check, each in one line."""
    settings(served, tmp_path, address="" if kind == "secret" else "http://127.0.0.1:9")
    if kind == "secret":
        httpx.post(f"{served.url}/_sim/settings", json={"secret_expired": True}).raise_for_status()
    ended = run(tmp_path, "doctor", "--format", "json")
    found = checks(ended)

    assert ended.returncode == 1
    state = "refused" if kind == "secret" else "unreachable"
    listed = found["api.bap.microsoft.com", "administration application"]
    assert (listed["token"], listed["state"]) == (state, state)
    assert listed["lost"] == "nothing else can be read"
    assert found["graph.microsoft.com", "User.Read.All"]["state"] == state
    assert found["dataverse", "read workflow"]["state"] == "not_checked"
    assert all("\n" not in (check["reason"] or "") for check in found.values())


def test_an_environment_on_a_later_page_is_found(served: Served, tmp_path: Path) -> None:
    """However far down the list it stands."""
    settings(served, tmp_path)
    httpx.post(f"{served.url}/_sim/settings", json={"page_limit": 1}).raise_for_status()
    truth = httpx.get(f"{served.url}/_sim/truth").json()
    last = [e["id"] for e in truth["environments"] if not e.get("deleted")][-1]
    ended = run(tmp_path, "doctor", "--environment", last)

    assert "is listed; --environment" not in ended.stdout
    assert ended.returncode in {0, 3}


def test_addresses_that_are_none_end_no_examination(served: Served, tmp_path: Path) -> None:
    """Whatever a list tells as the address of a database, the other checks are made."""
    settings(served, tmp_path)
    for environment in served.tenant.environments.values():
        if environment.dataverse is not None:
            environment.dataverse.domain = "[x"
    httpx.post(f"{served.url}/_sim/advance", json={"days": 0}).raise_for_status()
    ended = run(tmp_path, "doctor", "--format", "json")

    assert len(checks(ended)) == len(PROBES) + 2


def test_an_environment_can_be_named(served: Served, tmp_path: Path) -> None:
    """The environment named is the one asked about; an unknown one is said."""
    settings(served, tmp_path)
    truth = httpx.get(f"{served.url}/_sim/truth").json()
    plain = next(
        e["id"] for e in truth["environments"] if not e["has_dataverse"] and not e.get("deleted")
    )
    without = checks(run(tmp_path, "doctor", "--format", "json", "--environment", plain))
    unknown = run(tmp_path, "doctor", "--environment", "nowhere")

    assert without["dataverse", "read workflow"]["state"] == "not_checked"
    assert unknown.returncode == 3
    assert "no environment nowhere is listed; --environment" in unknown.stdout


@pytest.mark.parametrize(
    ("end", "code"), [("2000-01-01", 3), ("2999-01-01", 0)], ids=["ended", "lasting"]
)
def test_the_end_of_our_own_secret_is_part_of_it(
    served: Served, tmp_path: Path, end: str, code: int
) -> None:
    """A secret whose end is known and near is a finding like any other."""
    settings(served, tmp_path, more=f'secret_expires = "{end}"')
    ended = run(tmp_path, "doctor")

    assert ended.returncode == code
    assert f"until 01 Jan {end[:4]}" in ended.stdout


@pytest.mark.parametrize("listening", [True, False])
def test_the_way_to_people_is_part_of_it(
    served: Served, tmp_path: Path, *, listening: bool
) -> None:
    """The mail server of reports is asked, nothing is sent, and what nothing sends is told."""
    with mail_server() as server:
        port = server.port
        settings(served, tmp_path)
        with (tmp_path / "config.toml").open("a", encoding="utf-8") as file:
            file.write(f"""
[reports]
channel = "smtp"
mail_from = "connectory@example.com"
smtp_host = "127.0.0.1"
smtp_port = {port if listening else 9}
smtp_security = "none"
""")
        found = checks(run(tmp_path, "doctor", "--format", "json"))

    assert server.mails == []
    assert found["reports", "smtp"]["state"] == ("ok" if listening else "unreachable")
    assert "reports.schedule.outbox" in found["reports", "schedule"]["reason"]


@pytest.mark.parametrize(
    ("line", "key", "state"),
    [
        ('public_url = "https://connectory.example"', "k" * 40, "ok"),
        ('public_url = "https://connectory.example"', "", "refused"),
        ('schedule = { campaigns = "0 8 * * *" }', "", "not_checked"),
    ],
)
def test_the_key_of_links_is_part_of_it(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, key: str, state: str
) -> None:
    """Whether links can be signed is told before anybody is asked, and never the key."""
    monkeypatch.setenv("CONNECTORY_LINK_KEY", key)
    settings(served, tmp_path)
    with (tmp_path / "config.toml").open("a", encoding="utf-8") as file:
        file.write(f"\n[reports]\n{line}\n")
    ended = run(tmp_path, "doctor", "--format", "json")

    assert checks(ended)["reports", "links"]["state"] == state
    assert "k" * 40 not in ended.stdout


def test_settings_without_a_tenant_are_one_line(served: Served, tmp_path: Path) -> None:
    """Where nobody can be signed in to, nothing is asked and the setting is named."""
    settings(served, tmp_path)
    text = (tmp_path / "config.toml").read_text(encoding="utf-8")
    (tmp_path / "config.toml").write_text(text.replace(served.tenant.id, ""), encoding="utf-8")
    ended = run(tmp_path, "doctor")

    assert ended.returncode == 1
    assert "not set; setting tenant.id" in ended.stderr


def test_every_check_stands_on_the_permissions_page() -> None:
    """docs/permissions.md has each host with its permission and what is lost without it."""
    page = (ROOT / "docs" / "permissions.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("|")]

    for probe in (LISTING, *PROBES):
        assert any(probe.permission in row and probe.lost in row for row in rows), probe


# --- init


TENANT = "11111111-2222-4333-8444-555555555555"


def test_init_writes_the_example_with_what_is_given(tmp_path: Path) -> None:
    """Every setting stands there explained, the values given are filled in, nobody else reads it."""
    ended = run(
        tmp_path, "init", "--tenant", TENANT, "--client-id", 'a "quoted" id', "--cloud", "gcc_high",
        "--method", "certificate", "--time-zone", "Europe/Berlin",
    )  # fmt: skip
    place = tmp_path / "config.toml"
    written = load_settings(place)

    assert (ended.returncode, ended.stderr) == (0, "")
    assert "connectory doctor" in ended.stdout
    assert (written.tenant.id, written.tenant.cloud) == (TENANT, "gcc_high")
    assert written.sign_in.client_id == 'a "quoted" id'
    assert written.dashboard.time_zone == "Europe/Berlin"
    assert written.http == Settings().http
    assert place.stat().st_mode & 0o777 == 0o600
    text, example = place.read_text("utf-8"), (ROOT / "config.example.toml").read_text("utf-8")
    assert [line for line in text.splitlines() if line.startswith("#")] == [
        line for line in example.splitlines() if line.startswith("#")
    ]
    assert tomllib.loads(text).keys() == tomllib.loads(example).keys()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--tenant", "contoso.example"], "not a tenant id; --tenant"),
        (["--time-zone", "Mars/Olympus"], "no such time zone"),
        (["--cloud", "moon"], "'moon' is not one of"),
        (["--output", "absent/config.toml"], "cannot be written"),
    ],
)
def test_init_writes_nothing_that_is_wrong(
    tmp_path: Path, arguments: list[str], words: str
) -> None:
    """A wrong value is told and leaves no file."""
    ended = run(tmp_path, "init", *arguments)

    assert ended.returncode != 0
    assert words in ended.stderr
    assert list(tmp_path.iterdir()) == []


def test_init_never_overwrites(tmp_path: Path) -> None:
    """A file that is there stays as it is, also a link that leads nowhere."""
    (tmp_path / "config.toml").write_text("mine", encoding="utf-8")
    (tmp_path / "link.toml").symlink_to(tmp_path / "absent.toml")

    for name in ("config.toml", "link.toml"):
        ended = run(tmp_path, "init", "--output", name)
        assert ended.returncode == 1
        assert "there is one already" in ended.stderr

    assert (tmp_path / "config.toml").read_text(encoding="utf-8") == "mine"
    assert not (tmp_path / "absent.toml").exists()


def test_a_log_nobody_subscribed_to_is_told_with_its_cure(served: Served, tmp_path: Path) -> None:
    """The permission alone hands out nothing: the doctor says which command is still missing."""
    settings(served, tmp_path)
    httpx.post(f"{served.url}/_sim/settings", json={"audit_subscribed": False}).raise_for_status()
    ended = run(tmp_path, "doctor", "--format", "json")
    check = checks(ended)["manage.office.com", "ActivityFeed.Read"]

    assert ended.returncode == 3
    assert check["state"] == "refused"
    assert "connectory audit start" in check["reason"]
    assert check["lost"]
