"""Run migrations over the engine that connectory.database hands in, or over a URL given by hand."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from sqlalchemy import JSON, Engine

from models import Base, UtcDateTime


def _render(kind: str, value: Any, _context: Any) -> str | Literal[False]:
    """Write our column types as SQLAlchemy's own: a migration outlives the models it came from."""
    if kind == "type" and isinstance(value, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(value, JSON):
        return 'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")'
    return False


def _engine() -> Engine:
    given = context.config.attributes.get("engine")
    if isinstance(given, Engine):
        return given
    from connectory.config import load_settings  # noqa: PLC0415 - only the bare alembic command
    from connectory.database import open_store  # noqa: PLC0415

    return open_store(load_settings().database.url)


def run() -> None:
    """Run the pending migrations, each in its own transaction."""
    with _engine().connect().execution_options(connectory_writes=True) as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            compare_type=True,
            compare_server_default=True,
            render_item=_render,
            render_as_batch=connection.dialect.name == "sqlite",
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql("SET LOCAL lock_timeout = '10s'")
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7203941)")
            context.run_migrations()
        connection.commit()


run()
