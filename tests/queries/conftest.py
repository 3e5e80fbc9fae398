"""Stores that queries are asked of: the small tenant written by hand, and one that is empty.

Both are filled once for all tests, which only read them.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from factories import fill, fill_runs_only
from factories_entitlements import fill_entitlements
from factories_events import fill_events
from factories_policies import fill_policies
from sqlalchemy import Connection, Engine

from connectory.database import open_store, reading

Make = Callable[[str], Engine]


@pytest.fixture(
    scope="session", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
)
def make_store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Make:
    """A function that makes an empty migrated store of a name, on SQLite and PostgreSQL."""
    if request.param == "sqlite":
        migrated: Path = request.getfixturevalue("migrated_file")
        folder = tmp_path_factory.mktemp("queries")

        def copy(name: str) -> Engine:
            return open_store(f"sqlite:///{shutil.copyfile(migrated, folder / name)}")

        return copy

    address: Callable[[str], str] = request.getfixturevalue("postgresql_server")
    template: str = request.getfixturevalue("migrated_template")

    def create(name: str) -> Engine:
        server = open_store(address("postgres"))
        with server.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {template}")
        server.dispose()
        return open_store(address(name))

    return create


@pytest.fixture(scope="session")
def filled(make_store: Make) -> Iterator[Engine]:
    """The store that holds the small tenant."""
    engine = make_store("filled")
    fill(engine)
    fill_entitlements(engine)
    fill_events(engine)
    fill_policies(engine)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def blank(make_store: Make) -> Iterator[Engine]:
    """The store whose one run found nothing."""
    engine = make_store("blank")
    fill_runs_only(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def tenant(filled: Engine) -> Iterator[Connection]:
    """A reading transaction on the small tenant."""
    with reading(filled) as connection:
        yield connection


@pytest.fixture
def nothing(blank: Engine) -> Iterator[Connection]:
    """A reading transaction on the store whose one run found nothing."""
    with reading(blank) as connection:
        yield connection
