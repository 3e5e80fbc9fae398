from __future__ import annotations

import re
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect

from connectory.database import migrations_dir, schema_differences, schema_is_current, upgrade

_MIGRATIONS = sorted((migrations_dir() / "versions").glob("*.py"))


def _config(engine: Engine | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(migrations_dir()))
    config.attributes["engine"] = engine
    return config


def _tables(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names()) - {"alembic_version"}


def test_the_migrations_form_one_line() -> None:
    """Every migration but the last has exactly one successor, so there is one head."""
    script = ScriptDirectory.from_config(_config())

    assert len(script.get_heads()) == 1
    assert len(script.get_bases()) == 1


def test_a_bare_store_becomes_current(bare_store: Engine) -> None:
    """An empty database is brought to the newest schema, and says so."""
    assert not schema_is_current(bare_store)

    upgrade(bare_store)

    assert schema_is_current(bare_store)


def test_upgrading_twice_changes_nothing(store: Engine) -> None:
    """A store that is current may be upgraded again without harm."""
    before = _tables(store)

    upgrade(store)

    assert _tables(store) == before


def test_models_and_migrated_schema_agree(store: Engine) -> None:
    """What the migrations build is exactly what the models describe."""
    assert schema_differences(store) == []


def test_every_migration_can_be_undone(bare_store: Engine) -> None:
    """Up, down to nothing and up again leaves the schema that the models describe."""
    upgrade(bare_store)
    full = _tables(bare_store)

    command.downgrade(_config(bare_store), "base")

    assert _tables(bare_store) == set()

    upgrade(bare_store)

    assert _tables(bare_store) == full
    assert schema_differences(bare_store) == []


@pytest.mark.parametrize("path", _MIGRATIONS, ids=lambda path: path.stem)
def test_a_migration_is_named_and_described(path: Path) -> None:
    """A migration's file is dated, and its docstring says what it does in words."""
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}_[a-z0-9_]+", path.stem)
    first = re.match(r'"""(.+)', path.read_text(encoding="utf-8"))
    assert first
    assert len(first[1].split()) > 1
