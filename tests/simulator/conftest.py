"""Served tenants for the tests of the wire."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from wired import Wired, wired


@pytest.fixture
def cloud() -> Iterator[Wired]:
    """A tiny tenant of the test's own, to be changed at will."""
    with wired() as served:
        yield served


@pytest.fixture(scope="session")
def shared_cloud() -> Iterator[Wired]:
    """A small tenant that no test changes."""
    with wired("small") as served:
        yield served
