"""Whose changes the plot of the change log shows by name."""

from __future__ import annotations

import pandas as pd

from dashboard.parts.change_timeline import by_weight


def test_who_broke_something_is_named_before_who_did_much() -> None:
    """The worst change counts first, then how many there are, then the name."""
    done = [("Busy", "other")] * 9 + [("Ada", "gone"), ("Zoe", "breaking"), ("Bruno", "other")]
    each = pd.DataFrame([*done, ("Bruno", "breaking")], columns=["person", "mark"])

    assert by_weight(each) == ["Bruno", "Zoe", "Ada", "Busy"]
    assert by_weight(each.head(0)) == []
