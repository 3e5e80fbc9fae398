"""Narrow what is told of unused connectors without asking the store again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from connectory.queries.finding_filters import with_words
from connectory.queries.owner_filters import UNTOLD

ASKABLE, EXEMPT, NOT_EXEMPT = "askable", "exempt", "not_exempt"
ORDERS: Final = {
    "score": False,
    "last_used_on": True,
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
    kinds: Sequence[str] = (),
    departments: Sequence[str] = (),
    asking: str = "",
    order: str = "score",
) -> pd.DataFrame:
    """Return the connectors that pass every filter, in the order asked for.

    Args:
        frame: What `stale_connectors` returned.
        search: Words, each of which must stand in a name of a connector, place or person.
        states: Verdicts; any if empty.
        environments: Names; any if empty.
        kinds: Types of environments; any if empty.
        departments: Of the owner, or UNTOLD; any if empty.
        asking: ASKABLE, EXEMPT or NOT_EXEMPT; any if empty.
        order: One of ORDERS; equal rows keep the order they had.

    Raises:
        KeyError: There is no such order.
    """
    kept = with_words(frame, _SEARCHED, search)
    department = frame["department"].astype(object).where(frame["department"].notna(), UNTOLD)
    for values, wanted in (
        (frame["state"], states),
        (frame["environment"], environments),
        (frame["environment_kind"], kinds),
        (department, departments),
    ):
        if wanted:
            kept &= values.isin(list(wanted))
    if asking == ASKABLE:
        kept &= frame["to_be_asked"] & ~frame["exempt"]
    elif asking:
        kept &= frame["exempt"] == (asking == EXEMPT)
    by = frame["connector"].str.casefold() if order == "connector" else frame[order]
    ordered = by[kept].sort_values(ascending=ORDERS[order], na_position="last", kind="stable")
    return frame.loc[ordered.index]


def idle(frame: pd.DataFrame, *states: str) -> pd.Series[bool]:
    """Tell which connectors have one of these verdicts and no exemption from it."""
    return frame["state"].isin(list(states)) & ~frame["exempt"]


@dataclass(frozen=True)
class Counted:
    """How many connectors somebody should be asked about, and how many could not be judged."""

    unused: int
    unknown: int


def counted(frame: pd.DataFrame) -> Counted | None:
    """Return what `stale_connectors` returned in figures; None if nothing was judged."""
    if frame.empty:
        return None
    return Counted(len(askable(frame)), int(idle(frame, "unknown").sum()))


def askable(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the connectors about which somebody should be asked and may be, the stalest first."""
    asked = frame[frame["to_be_asked"] & ~frame["exempt"]]
    return asked.sort_values("score", ascending=False, na_position="last", kind="stable")
