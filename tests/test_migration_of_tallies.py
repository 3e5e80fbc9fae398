"""Tallies that were kept before they were made shorter tell the same afterwards, and back again."""

from __future__ import annotations

import numpy as np
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, text

from connectory.database import migrations_dir, upgrade
from connectory.domain.tallies import merge, unpack

WIDE = np.dtype([("bucket", "<u2"), ("count", "<u8")])


def settings(engine: Engine) -> Config:
    """Return what a migration of a store is run with."""
    config = Config()
    config.set_main_option("script_location", str(migrations_dir()))
    config.attributes["engine"] = engine
    return config


@pytest.mark.parametrize(
    "entries", [[], [(3, 1), (900, 255)], [(0, 256)], [(7, 1), (8, 65_536)], [(1, 1 << 40)]]
)
def test_a_tally_keeps_its_counts(bare_store: Engine, entries: list[tuple[int, int]]) -> None:
    """Whatever the size of its counts."""
    command.upgrade(settings(bare_store), "0024")
    before = np.array(entries, dtype=WIDE).tobytes()
    with bare_store.begin() as connection:
        connection.execute(
            text("INSERT INTO usage_operations VALUES ('2026-11-20', 1, 2, 5, :latency)"),
            {"latency": before},
        )

    upgrade(bare_store)
    with bare_store.begin() as connection:
        short = bytes(connection.scalar(text("SELECT latency FROM usage_operations")))
    command.downgrade(settings(bare_store), "0024")
    with bare_store.begin() as connection:
        back = bytes(connection.scalar(text("SELECT latency FROM usage_operations")))

    assert list(zip(*(column.tolist() for column in unpack(short)), strict=True)) == entries
    assert merge([short]) == short
    assert back == before
