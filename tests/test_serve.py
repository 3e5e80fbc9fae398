from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from factories import fill
from factories_campaigns import KEY, PUBLIC, asked, row
from sqlalchemy import Engine

from connectory.attestation.links import Links, answer_link
from connectory.config import ConfigError, DashboardSettings, DatabaseSettings, Settings
from connectory.database import StoreError
from connectory.serve import serve

ROOT = Path(__file__).resolve().parent.parent
Started = Callable[[str], subprocess.Popen[str]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Started]:
    """Start the command in an empty working folder, over the store at an address."""
    processes = []

    def started(url: str) -> subprocess.Popen[str]:
        environment = {**os.environ, "CONNECTORY_DATABASE_URL": url, "PYTHONPATH": str(ROOT)}
        environment.pop("CONNECTORY_CONFIG", None)
        process = subprocess.Popen(
            [sys.executable, "-c", "from connectory.cli import main; main()", "serve", "--port=0"],
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        return process

    yield started
    for process in processes:
        process.kill()
        process.communicate()


def _ask(address: str, **headers: str) -> tuple[int, str]:
    request = urllib.request.Request(address, headers=headers)  # noqa: S310 - our own address
    try:
        with urllib.request.urlopen(request, timeout=30) as reply:  # noqa: S310
            return reply.status, reply.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def _url(store: Engine) -> str:
    return store.url.render_as_string(hide_password=False)


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    line = process.stdout.readline()
    assert re.fullmatch(r"Connectory is at http://127\.0\.0\.1:\d+\n", line)
    return line.split()[-1]


def test_pages_are_served_until_interrupted(start: Started, sqlite_store: Engine) -> None:
    """One line tells the address once it answers; an interrupt ends it in peace."""
    process = start(_url(sqlite_store))

    address = _address(process)
    health = _ask(f"{address}/healthz")
    page = _ask(f"{address}/connectors")
    process.send_signal(signal.SIGINT)
    rest, complaints = process.communicate(timeout=30)

    assert health == (200, '{"status":"ok"}')
    assert page[0] == 200
    assert (process.returncode, rest, complaints) == (0, "", "")


@pytest.mark.parametrize(
    "headers",
    [{"Host": "connectory.elsewhere.example"}, {"Origin": "https://elsewhere.example"}],
    ids=["host", "origin"],
)
def test_pages_answer_nobody_else(
    start: Started, sqlite_store: Engine, headers: dict[str, str]
) -> None:
    """A foreign page cannot reach the pages through a browser on the same machine."""
    address = _address(start(_url(sqlite_store)))

    assert _ask(f"{address}/healthz", **headers)[0] == 403
    assert _ask(f"{address}/", **headers)[0] == 403


def test_health_tells_of_a_lost_store(start: Started, sqlite_store: Engine, tmp_path: Path) -> None:
    """Once the store is gone, the health check fails, and names no address."""
    address = _address(start(_url(sqlite_store)))
    sqlite_store.dispose()
    Path(str(sqlite_store.url.database)).write_bytes(b"no longer a store" * 100)

    status, body = _ask(f"{address}/healthz")

    assert status == 503
    assert str(tmp_path) not in body


def test_a_stale_store_is_not_served(bare_store: Engine) -> None:
    """A store that no migration has touched is refused in one line that says what to run."""
    settings = Settings(database=DatabaseSettings(url=_url(bare_store)))

    with pytest.raises(StoreError, match=r"run: connectory db upgrade$"):
        serve(settings, config=None)


def test_a_taken_port_is_told(sqlite_store: Engine) -> None:
    """Where something else listens already, one line names the port and the way out."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        settings = Settings(
            database=DatabaseSettings(url=_url(sqlite_store)),
            dashboard=DashboardSettings(port=port),
        )

        with pytest.raises(ConfigError, match=rf"port {port}; name another with --port"):
            serve(settings, config=None)


def _configured(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "config.toml").write_text(f'[reports]\npublic_url = "{PUBLIC}"\n')
    monkeypatch.setenv("CONNECTORY_LINK_KEY", KEY)


def test_links_are_served_beside_the_pages(
    start: Started, sqlite_store: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real server shows a link and takes its answer, at the public name nothing else."""
    fill(sqlite_store)
    asked(sqlite_store, now=datetime.now(UTC))
    _configured(tmp_path, monkeypatch)
    address = _address(start(_url(sqlite_store)))
    public = {"Host": PUBLIC.removeprefix("https://")}
    token = Links([KEY]).answer(answer_link(row(sqlite_store), UTC))

    shown = _ask(f"{address}/attest/{token}", **public)
    sent = urllib.request.Request(  # noqa: S310 - our own address
        f"{address}/attest/{token}",
        data=b"answer=keep&reason=needed",
        headers={**public, "Origin": PUBLIC},
    )
    with urllib.request.build_opener(_Stay).open(sent, timeout=30) as reply:
        moved = reply.status, reply.headers["Location"]

    assert shown[0] == 200
    assert "Do you still need Invoices?" in shown[1]
    assert moved == (303, f"./{token}")
    assert row(sqlite_store)["reason"] == "needed"
    for path in ("/", "/healthz", "/connectors", "/_stcore/health", "/attest", f"/attest/{token}/"):
        assert _ask(f"{address}{path}", **public)[0] == 403
    assert _ask(f"{address}/healthz")[0] == 200


class _Stay(urllib.request.HTTPRedirectHandler):
    """Shows where one is sent instead of going there."""

    def http_error_303(self, _request: object, reply: object, *_: object) -> object:
        """Return the reply as it is."""
        return reply


def test_a_public_address_needs_a_key(
    start: Started, sqlite_store: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a key for links nothing is served; one line says how one is made."""
    _configured(tmp_path, monkeypatch)
    monkeypatch.delenv("CONNECTORY_LINK_KEY")
    process = start(_url(sqlite_store))
    _, complaint = process.communicate(timeout=60)

    assert process.returncode == 1
    assert complaint.startswith("connectory: there is no key to sign links with;")
    assert "token_urlsafe" in complaint


def test_without_a_public_address_there_are_no_links(start: Started, sqlite_store: Engine) -> None:
    """What looks like a link is a page like any other, with its policy."""
    address = _address(start(_url(sqlite_store)))
    with urllib.request.urlopen(f"{address}/attest/x", timeout=30) as reply:  # noqa: S310
        policy = reply.headers["Content-Security-Policy"]

    assert policy.startswith("default-src 'self'; script-src 'self'")
    assert _ask(f"{address}/attest/x", Host="connectory.example")[0] == 403
