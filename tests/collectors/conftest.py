"""A tenant whose services have logged calls, and a store that knows the tenant and no call."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from held_calls import DAYS, INVENTORY
from tenants import Tenant, tenant

from connectory.database import open_store, upgrade


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tenant]:
    """A tenant whose services have logged calls for some days."""
    with tenant(tmp_path_factory.mktemp("tenant")) as found:
        found.post("call_logs", days=DAYS, rate=3.0)
        yield found


@pytest.fixture(scope="module")
def inventory(simulated: Tenant, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that knows the tenant and no call."""
    place = tmp_path_factory.mktemp("inventory") / "store.sqlite"
    engine = open_store(f"sqlite:///{place}")
    upgrade(engine)
    simulated.collect(engine, INVENTORY)
    with engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return place
