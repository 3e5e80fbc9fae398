"""Stores that queries are asked of: the small tenant written by hand, and one that is empty."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from factories import fill, fill_runs_only
from sqlalchemy import Connection, Engine

from connectory.database import reading


@pytest.fixture
def tenant(store: Engine) -> Iterator[Connection]:
    """A reading transaction on the small tenant."""
    fill(store)
    with reading(store) as connection:
        yield connection


@pytest.fixture
def nothing(store: Engine) -> Iterator[Connection]:
    """A reading transaction on a store whose one run found nothing."""
    fill_runs_only(store)
    with reading(store) as connection:
        yield connection
