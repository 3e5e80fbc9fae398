"""Narrow what is told of unused connectors without asking the store again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd

from connectory.queries.finding_filters import with_words

EXEMPT, NOT_EXEMPT = "exempt", "not_exempt"
ORDERS: Final = {
    "score": False,
    "last_used_on": True,
    "consumers": True,
    "monthly": False,
    "connector": True,
}
"""Orders, and whether the smallest comes first; rows without a value come last."""

_SEARCHED: Final = ("connector", "environment", "owner", "family")


def narrow_stale(
    frame: pd.DataFrame,
    *,
    search: str = "",
    states: Sequence[str] = (),
    environments: Sequence[str] = (),
    profiles: Sequence[str] = (),
    owners: Sequence[str] = (),
    exempt: str = "",
    order: str = "score",
) -> pd.DataFrame:
    """Return the connectors that pass every filter, in the order asked for.

    Args:
        frame: What `stale_connectors` returned.
        search: Words, each of which must stand in a name of a connector, place or person.
        states: Verdicts; any if empty.
        environments: Names; any if empty.
        profiles: Thresholds they were judged by; any if empty.
        owners: Names; anybody if empty.
        exempt: EXEMPT or NOT_EXEMPT; either if empty.
        order: One of ORDERS; equal rows keep the order they had.

    Raises:
        KeyError: There is no such order.
    """
    kept = with_words(frame, _SEARCHED, search)
    for column, wanted in (
        ("state", states),
        ("environment", environments),
        ("profile", profiles),
        ("owner", owners),
    ):
        if wanted:
            kept &= frame[column].isin(list(wanted))
    if exempt:
        kept &= exempted(frame) == (exempt == EXEMPT)
    by = frame["connector"].str.casefold() if order == "connector" else frame[order]
    ordered = by[kept].sort_values(ascending=ORDERS[order], na_position="last", kind="stable")
    return frame.loc[ordered.index]


def exempted(frame: pd.DataFrame) -> pd.Series[bool]:
    """Tell which connectors are exempt on the day they were asked for."""
    return frame["exempt_until"].notna()


def idle(frame: pd.DataFrame, *states: str) -> pd.Series[bool]:
    """Tell which connectors have one of these verdicts and no exemption from it."""
    return frame["state"].isin(list(states)) & ~exempted(frame)
