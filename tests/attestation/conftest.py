"""A server of links, asked over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from factories import fill
from factories_campaigns import (
    Asker,
    asked,
    serving,
)
from sqlalchemy import Engine


@pytest.fixture
def asker(sqlite_store: Engine) -> Iterator[Asker]:
    """A server of links; Ada is asked of invoices, and Carla of payroll."""
    yield from _asker(sqlite_store)


@pytest.fixture
def asker_on_each(store: Engine) -> Iterator[Asker]:
    """The same, once on each database."""
    yield from _asker(store)


def _asker(store: Engine) -> Iterator[Asker]:
    fill(store)
    asked(store)
    with serving(store) as told:
        yield told
