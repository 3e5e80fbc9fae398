"""A store that knows a tenant as it was, the tenant a week later, and what may be told in between."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from expected import differences, expected
from sqlalchemy import Engine, func, select
from tenants import Tenant
from told import told

from collectors import nouns as kinds
from collectors.nouns import Edge
from connectory.config import Settings
from connectory.database import open_store, reading

EDGES = [value for value in vars(kinds).values() if isinstance(value, Edge)]
_NAMES = itertools.count(1)
Told = dict[str, Any]


@dataclass
class Scene:
    """A tenant a week after it was last collected.

    Attributes:
        simulated: The tenant, as it is now.
        settings: How it is collected; a person has signed in, so that everything can be read.
        store: A store that knows the tenant as it was; nobody has it open.
        folder: Where copies are made.
        truth: What is true now.
        before: What the store tells,
        after: and what it tells once the tenant has been read as it is now.
        ownerless: Connectors without anybody in working order, before or after.
    """

    simulated: Tenant
    settings: Settings
    store: Engine
    folder: Path
    truth: dict[str, Any] = field(default_factory=dict)
    before: Told = field(default_factory=dict)
    after: Told = field(default_factory=dict)
    ownerless: set[tuple[str, str]] = field(default_factory=set)

    def copy(self) -> AbstractContextManager[Engine]:
        """Open a store of its own that knows the tenant as it was."""
        return copied(self.store, self.folder)

    def collect(self, engine: Engine, *names: str) -> Any:
        """Collect, in full: nothing is spared."""
        return self.simulated.collect(engine, names, settings=self.at(engine), full=True)

    def at(self, engine: Engine) -> Settings:
        """Return the settings with the address of a store."""
        url = engine.url.render_as_string(hide_password=False)
        database = self.settings.database.model_copy(update={"url": url})
        return self.settings.model_copy(update={"database": database})

    def untrue(self, engine: Engine) -> dict[str, list[str]]:
        """Return every difference between a store and the tenant as it is now, by noun."""
        found = seen(engine)
        asked = {key for key, row in found["people"].items() if row["kind"] == "group"}
        wanted = expected(self.truth, asked, person=True)
        wanted["flow_runs"] = _counted_once(wanted["flow_runs"])
        return {noun: d[:5] for noun in wanted if (d := differences(wanted[noun], found[noun]))}


def seen(engine: Engine) -> Told:
    """Return what a store tells, runs of flows by the one source that counts."""
    found = told(engine)
    return {**found, "flow_runs": _counted_once(found["flow_runs"])}


def _counted_once(days: dict[Any, Any]) -> dict[Any, Any]:
    """Return the counts of each flow by Dataverse, where it tells any.

    The Flow service is asked about the same flows where Dataverse is closed, and what it told
    stays. Which of the two a page counts is another question (test_flow_runs.py).
    """
    stored = {key[:2] for key in days if key[-1] == "dataverse"}
    return {
        key: told for key, told in days.items() if key[-1] == "dataverse" or key[:2] not in stored
    }


@contextmanager
def copied(engine: Engine, folder: Path) -> Iterator[Engine]:
    """Yield a copy of a store that nobody has open, with all that is in it."""
    name = f"copy_{next(_NAMES)}"
    if engine.dialect.name == "sqlite":
        path = folder / f"{name}.sqlite"
        shutil.copyfile(str(engine.url.database), path)
        yield from _opened(f"sqlite:///{path}")
        for suffix in ("", "-wal", "-shm"):
            Path(f"{path}{suffix}").unlink(missing_ok=True)
        return
    server = engine.url.set(drivername="postgresql", database="postgres")
    address = server.render_as_string(hide_password=False)
    _administer(address, f"CREATE DATABASE {name} TEMPLATE {engine.url.database}")
    yield from _opened(engine.url.set(database=name).render_as_string(hide_password=False))
    _administer(address, f"DROP DATABASE {name} WITH (FORCE)")


def _opened(address: str) -> Iterator[Engine]:
    engine = open_store(address)
    try:
        yield engine
    finally:
        engine.dispose()


def _administer(address: str, statement: str) -> None:
    with closing(psycopg.connect(address, autocommit=True)) as connection:
        connection.execute(statement.encode())


def invented(before: Told, after: Told, now: Told) -> list[str]:
    """Return what a store tells that was true neither before nor after, and what it lost.

    A row may be told as it was, as it is, or each of its facts either way; what was true all the
    time must still be told.
    """
    lines: list[str] = []
    for noun, rows in now.items():
        lines += [f"{noun}: {line}" for line in _between(before[noun], after[noun], rows)]
    return lines


def _between(before: Any, after: Any, now: Any) -> Iterator[str]:
    yield from (f"invents {key}" for key in sorted(set(now) - set(before) - set(after), key=str))
    yield from (f"loses {key}" for key in sorted((set(before) & set(after)) - set(now), key=str))
    if not isinstance(now, dict):
        return
    for key, row in now.items():
        versions = [rows[key] for rows in (before, after) if key in rows]
        for name, value in row.items() if versions else ():
            told_as = [one.get(name) for one in versions]
            if len(versions) == 1:
                # What begins or ends lacks facts or links on the way.
                told_as += [None, []] if isinstance(told_as[0], list) else [None]
            if not _either(value, told_as):
                yield f"{key} {name}: {value!r} is none of {told_as!r}"


def _either(value: Any, versions: list[Any]) -> bool:
    if value in versions:
        return True
    versions = [one for one in versions if isinstance(one, list)]
    if not isinstance(value, list) or not versions:
        return False
    always = [item for item in versions[0] if all(item in one for one in versions)]
    return all(any(item in one for one in versions) for item in value) and all(
        item in value for item in always
    )


def doubled(engine: Engine) -> list[str]:
    """Return the links that are open twice."""
    found: list[str] = []
    with reading(engine) as connection:
        for edge in EDGES:
            key = [edge.table.c[name] for name in {*edge.key, edge.parent}]
            query = (select(*key).where(edge.table.c.to_run.is_(None)).group_by(*key)).having(
                func.count() > 1
            )
            found += [f"{edge.table.name} {tuple(row)}" for row in connection.execute(query)]
    return found
