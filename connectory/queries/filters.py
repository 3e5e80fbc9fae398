"""Narrow the list of connectors without asking the store again."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

_SEARCHED = ("display_name", "name", "owner", "owner_key", "host", "environment")
_LARGEST_FIRST = (
    "consumers",
    "connections",
    "broken_connections",
    "operations",
    "changed_at",
    "licence_cost",
)


def narrow(
    frame: pd.DataFrame,
    *,
    search: str = "",
    owner_states: Sequence[str] = (),
    environments: Sequence[str] = (),
    definition_states: Sequence[str] = (),
    authentication: Sequence[str] = (),
    policies: Sequence[str] = (),
    broken: bool = False,
    order: str = "name",
) -> pd.DataFrame:
    """Return the connectors that pass every filter, in the order asked for.

    Args:
        frame: What `connectors` returned.
        search: Words, each of which must stand in a name, owner, host or environment; letter
            case does not matter, and no character has a special meaning.
        owner_states: Verdicts on ownership; any if empty.
        environments: Names of environments; any if empty.
        definition_states: States of the definition; any if empty.
        authentication: Ways of signing in as listed; any if empty.
        policies: Where policies put it; any if empty.
        broken: Only those with a broken connection.
        order: name, or a column of the frame; figures and dates have the largest first, rows
            without a value last, and equal rows stand by name.

    Raises:
        KeyError: There is no such order.
    """
    kept = pd.Series(data=True, index=frame.index)
    for column, wanted in (
        ("owner_state", owner_states),
        ("environment", environments),
        ("definition_state", definition_states),
        ("authentication", authentication),
        ("policy", policies),
    ):
        if wanted:
            kept &= frame[column].isin(list(wanted))
    if broken:
        kept &= frame["broken_connections"] > 0
    if search.strip():
        text = _searchable(frame)
        for word in search.casefold().split():
            kept &= text.str.contains(word, regex=False)
    return _ordered(frame[kept], order)


def _searchable(frame: pd.DataFrame) -> pd.Series[str]:
    columns = [frame[name].fillna("").astype(str) for name in _SEARCHED]
    text = columns[0]
    for column in columns[1:]:
        text = text + "\n" + column
    return text.str.casefold()


def _ordered(frame: pd.DataFrame, order: str) -> pd.DataFrame:
    by_name = frame["display_name"].fillna("").astype(str).str.casefold()
    by = frame.assign(_name=by_name)
    columns = ["_name", "connector_id"]
    ascending = [True, True]
    if order != "name":
        if order not in frame:
            raise KeyError(order)
        columns.insert(0, order)
        ascending.insert(0, order not in _LARGEST_FIRST)
    ordered = by.sort_values(columns, ascending=ascending, na_position="last", kind="stable")
    return ordered[list(frame.columns)]
