"""Narrow gaps in ownership without asking the store again, and count them where they stand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final, Literal

import pandas as pd

from connectory.domain.ownership import without_owner
from connectory.queries.finding_filters import with_words

Stewarded = Literal["named", "not_named", "review_due"]
"""How a connector stands to the people named beside its platform owner."""

UNTOLD: Final = ""
"""Stands for a place nobody knows, such as the department of an owner who has none."""

NO_MEMBER: Final = ("guest_owner", "service_principal_owner")
"""Verdicts of owners who can act, and are no member of the tenant."""

WORST_FIRST: Final = (
    "nobody",
    "departed_owner",
    "disabled_owner",
    "empty_group",
    "owner_unknown",
    "guest_owner",
    "service_principal_owner",
    "group_owned",
    "sole_owner",
    "owned",
)
"""Verdicts in the order in which somebody should look at them."""

_SEARCHED: Final = (
    "connector", "environment", "owner", "business_owner", "deputy", "team", "contact",
)  # fmt: skip


def narrow_gaps(
    frame: pd.DataFrame,
    *,
    search: str = "",
    states: Sequence[str] = (),
    environments: Sequence[str] = (),
    departments: Sequence[str] = (),
    kinds: Sequence[str] = (),
    stewarded: Sequence[str] = (),
) -> pd.DataFrame:
    """Return the connectors that pass every filter, in the order they had.

    Args:
        frame: What `told` returned.
        search: Words, each of which must stand in a name of a connector, place or person.
        states: Verdicts on ownership; any if empty.
        environments: Names; any if empty.
        departments: Of the owner as last known, or UNTOLD; any if empty.
        kinds: Types of environments; any if empty.
        stewarded: How they stand to a steward; any if empty.
    """
    kept = with_words(frame, _SEARCHED, search)
    department = frame["department"].astype(object).where(frame["department"].notna(), UNTOLD)
    for values, wanted in (
        (frame["state"], states),
        (frame["environment"], environments),
        (department, departments),
        (frame["environment_kind"], kinds),
        (frame["stewarded"], stewarded),
    ):
        if wanted:
            kept &= values.isin(list(wanted))
    return frame[kept]


def told(frame: pd.DataFrame, today: date) -> pd.DataFrame:
    """Return the rows, the worst first, each with how it stands to a steward: ``stewarded``.

    Of equal verdicts those stand first that most is built on.

    Args:
        frame: What `owner_gaps` returned.
        today: The day by which a review is due.
    """
    stewarded = [
        _stewarded(*row, today)
        for row in zip(frame["business_owner"], frame["team"], frame["review_on"], strict=True)
    ]
    shown = frame.assign(stewarded=pd.Series(stewarded, index=frame.index, dtype=object))
    ranks = {state: rank for rank, state in enumerate(WORST_FIRST)}
    order = shown.assign(
        _rank=[ranks.get(one, len(ranks)) for one in shown["state"]],
        _use=-shown["consumers"].fillna(0).astype(int),
        _name=shown["connector"].fillna("").str.casefold(),
    ).sort_values(["_rank", "_use", "_name"], kind="stable")
    return shown.loc[order.index].reset_index(drop=True)


def _stewarded(person: Any, team: Any, review_on: Any, today: date) -> Stewarded:
    if not pd.isna(review_on) and review_on <= today:
        return "review_due"
    return "named" if not (pd.isna(person) and pd.isna(team)) else "not_named"


def unowned(frame: pd.DataFrame) -> pd.Series[bool]:
    """Tell which connectors nobody in working order owns."""
    return pd.Series([without_owner(one) for one in frame["state"]], frame.index, dtype=bool)


def gone(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the owners who cannot act any more: owner_key, owner, state, connectors, consumers.

    Those with most consumers come first.

    Args:
        frame: What `told` returned.
    """
    mine = frame[frame["state"].isin(["departed_owner", "disabled_owner"])]
    people = mine.dropna(subset=["owner_key"]).groupby("owner_key", sort=False)
    told = people.agg(
        owner=("owner", "first"),
        state=("state", "first"),
        connectors=("connector_id", "size"),
        consumers=("consumers", "sum"),
    ).reset_index()
    return told.sort_values(["consumers", "connectors"], ascending=False, kind="stable")


def places(frame: pd.DataFrame, place: str, kind: str) -> pd.DataFrame:
    """Return how many rows there are of each kind in each place: columns place, kind, count.

    Args:
        frame: The rows.
        place: Column of places; where it holds nothing, the place is UNTOLD.
        kind: Column of kinds.
    """
    told = frame[place].astype(object).where(frame[place].notna(), UNTOLD).astype(str)
    counts = frame.assign(place=told, kind=frame[kind]).groupby(["place", "kind"], sort=False)
    return counts.size().rename("count").reset_index()
