"""The store: engines, transactions and migrations, on SQLite and PostgreSQL alike."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import SQLAlchemyError

from models import Base

_BUSY_MILLISECONDS = 60_000
_WRITER_CACHE_KIB = 65_536
_PAGE_BYTES = 8_192
_PAGES_TO_CHECKPOINT = 32_000
_ON_DISK = (
    "SELECT set_config('synchronous_commit', 'on', true) "
    "WHERE current_setting('synchronous_commit') = 'off'"
)


class StoreError(Exception):
    """The store cannot be used; the text says why and what to do."""


def open_store(url: str, *, pool_size: int = 20) -> Engine:
    """Return an engine for the store at `url`.

    SQLite is opened in write-ahead mode, so that pages can be read while a run writes, and a
    writing transaction takes its lock at the start instead of failing half-way.

    Args:
        url: SQLAlchemy address, e.g. ``sqlite:///connectory.sqlite`` or
            ``postgresql+psycopg://…``; ``postgresql://`` is read as the latter.
        pool_size: Most connections held open at once (servers only).

    Raises:
        StoreError: The address is not understood.
    """
    try:
        parsed = make_url(url)
    except SQLAlchemyError as error:
        raise StoreError(
            "the address of the store is not understood; database.url; "
            "write e.g. sqlite:///connectory.sqlite or postgresql+psycopg://user@host/name"
        ) from error
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() == "sqlite":
        if parsed.database and parsed.database != ":memory:":
            _make_folder(Path(parsed.database).expanduser().parent)
        engine = create_engine(parsed, connect_args={"timeout": _BUSY_MILLISECONDS / 1000})
        _prepare_sqlite(engine)
        return engine
    if parsed.get_backend_name() != "postgresql":
        raise StoreError(
            f"{parsed.get_backend_name()} is not supported; database.url; use SQLite or PostgreSQL"
        )
    # Times come in the zone of the session, in which those of the first year may be none.
    told = {"options": f"{parsed.query.get('options', '')} -c timezone=UTC".strip()}
    return create_engine(
        parsed, pool_size=pool_size, max_overflow=10, pool_pre_ping=True, connect_args=told
    )


def _make_folder(place: Path) -> None:
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"the folder of the store cannot be made: {error.strerror}; {place}; "
            "name another place in database.url"
        ) from error


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        # Of a new store: fewer pages are written for rows that lie apart, and a long row fits in one.
        cursor.execute(f"PRAGMA page_size={_PAGE_BYTES}")
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute(f"PRAGMA busy_timeout={_BUSY_MILLISECONDS}")
        # A large batch changes thousands of pages all over the store. Copied into it after every
        # batch, as is the default, most of them would be copied again after the next.
        cursor.execute(f"PRAGMA wal_autocheckpoint={_PAGES_TO_CHECKPOINT}")
        cursor.close()
        # SQLite's own folds A to Z only; PostgreSQL's folds every letter.
        connection.create_function("lower", 1, _lower, deterministic=True)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("connectory_writes", False)
        if writes:
            # Pages that find no room are written before the end, and then once more.
            connection.exec_driver_sql(f"PRAGMA cache_size=-{_WRITER_CACHE_KIB}")
            durable = connection.get_execution_options().get("connectory_durable", False)
            connection.exec_driver_sql(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _lower(text: object) -> str | None:
    return None if text is None else str(text).lower()


_WRITERS: WeakKeyDictionary[Engine, threading.Lock] = WeakKeyDictionary()
_NEW_WRITER = threading.Lock()


def _turn(engine: Engine) -> AbstractContextManager[object]:
    """Return what a writer of this process waits at.

    SQLite lets one write and tells the others to come back; they would sleep between their tries,
    the longer the more of them there are. A lock passes the turn on at once.
    """
    if engine.dialect.name != "sqlite":
        return nullcontext()
    with _NEW_WRITER:
        return _WRITERS.setdefault(engine, threading.Lock())


@contextmanager
def writing(engine: Engine, *, durable: bool = False) -> Iterator[Connection]:
    """Yield a connection inside one writing transaction, committed at the end.

    Args:
        engine: The store.
        durable: Whether what is committed has to outlive a machine that loses its power in the
            next moment, which takes a while: needed only before something happens outside the
            store that must not happen again.
    """
    options = {"connectory_writes": True, "connectory_durable": durable}
    with (
        _turn(engine),
        engine.connect().execution_options(**options) as connection,
        connection.begin(),
    ):
        if durable and connection.dialect.name == "postgresql":
            connection.exec_driver_sql(_ON_DISK)
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Yield a connection inside one reading transaction: a consistent view of the store."""
    with engine.connect() as connection, connection.begin():
        yield connection


def refresh_statistics(engine: Engine) -> None:
    """Let the database look at what was written, so that its plans fit what is stored.

    A freshly filled PostgreSQL has no statistics until its own worker comes by, and reads whole
    tables where an index would do.
    """
    with writing(engine) as connection:
        postgresql = connection.dialect.name == "postgresql"
        connection.exec_driver_sql("ANALYZE" if postgresql else "PRAGMA optimize")


def migrations_dir() -> Path:
    """Return the folder of the migrations: the one in the wheel, else the checkout's."""
    # Where the wheel is installed, the neighbour called alembic is the library.
    bundled = Path(__file__).resolve().parent / "_alembic"
    return bundled if bundled.is_dir() else Path(__file__).resolve().parent.parent / "alembic"


def _alembic(engine: Engine) -> Config:
    config = Config()
    config.set_main_option("script_location", str(migrations_dir()))
    config.attributes["engine"] = engine
    return config


def upgrade(engine: Engine) -> None:
    """Bring the store to the newest schema; nothing happens if it is already there.

    Raises:
        StoreError: The store cannot be reached, or a migration failed.
    """
    try:
        command.upgrade(_alembic(engine), "head")
    except SQLAlchemyError as error:
        raise StoreError(
            f"the store could not be migrated: {_first_line(error)}; {_place(engine)}; "
            "check that the server runs and the account may create tables"
        ) from error


def schema_is_current(engine: Engine) -> bool:
    """Tell whether the store stands at the newest migration.

    Raises:
        StoreError: The store cannot be reached.
    """
    head = ScriptDirectory.from_config(_alembic(engine)).get_current_head()
    try:
        with engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision() == head
    except SQLAlchemyError as error:
        raise StoreError(
            f"the store cannot be reached: {_first_line(error)}; {_place(engine)}; "
            "check the address and that the server runs"
        ) from error


def schema_differences(engine: Engine) -> list[str]:
    """Return how the migrated store differs from the models; empty when they agree."""
    with engine.connect() as connection:
        opts = {"compare_type": True, "include_name": _is_ours}
        context = MigrationContext.configure(connection, opts=opts)
        return [str(difference) for difference in compare_metadata(context, Base.metadata)]


def _is_ours(name: str | None, kind: str, _parents: Any) -> bool:
    """Leave out the partitions of a table, which come and go with the days."""
    return kind != "table" or not (name or "").startswith("invocations_")


def _place(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=True)


def _first_line(error: Exception) -> str:
    cause = getattr(error, "orig", None) or error
    return str(cause).strip().splitlines()[0] if str(cause).strip() else type(cause).__name__
