"""A simulated tenant for schedulers to read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectory.simulator.server import Served, serve
from connectory.simulator.tenant import build


@pytest.fixture
def served() -> Iterator[Served]:
    """A tiny tenant that answers."""
    with serve(build("tiny", 7, None)) as running:
        yield running
