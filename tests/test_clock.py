"""The times everything goes by."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectory.clock import page_clock, set_page_clock, wall_clock


def test_pages_go_by_the_real_time_unless_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a clock of a simulated tenant, and with the real one, pages go by the real time."""
    monkeypatch.setenv("CONNECTORY_SECONDS_APART", "0")
    set_page_clock(wall_clock)

    assert abs(page_clock() - wall_clock()) < timedelta(seconds=5)


def test_pages_go_by_the_time_of_a_simulated_tenant(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is due in the demo does not depend on the day on which somebody looks at it."""
    monkeypatch.setenv("CONNECTORY_SECONDS_APART", "0")
    set_page_clock(lambda: wall_clock() - timedelta(days=400))

    assert abs(wall_clock() - page_clock() - timedelta(days=400)) < timedelta(seconds=5)
