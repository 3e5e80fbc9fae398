"""Narrow what is told of changes and of drift without asking the store again."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from connectory.queries.finding_filters import with_words

NOBODY = ""
"""Stands for changes of which nobody is known to have made them."""
_OF_LOG = ("connector", "environment", "detail", "people")


def narrow_log(
    frame: pd.DataFrame,
    *,
    search: str = "",
    people: Sequence[str] = (),
    connectors: Sequence[str] = (),
    environments: Sequence[str] = (),
    severities: Sequence[str] = (),
    kinds: Sequence[str] = (),
) -> pd.DataFrame:
    """Return the rows of the change log that pass every filter, in the order they had.

    Args:
        frame: What `change_log` returned.
        search: Words, each of which must stand in a name or in what changed.
        people: Names, or NOBODY; anybody if empty.
        connectors: Names; any if empty.
        environments: Names; any if empty.
        severities: Verdicts of comparisons; any if empty.
        kinds: Kinds of changes; any if empty.
    """
    named = pd.Series([" ".join(who) for who in frame["who"]], frame.index, dtype=object)
    kept = with_words(frame.assign(people=named), _OF_LOG, search)
    for column, wanted in (
        ("connector", connectors),
        ("environment", environments),
        ("severity", severities),
        ("kind", kinds),
    ):
        if wanted:
            kept &= frame[column].isin(list(wanted))
    if people:
        chosen = set(people)
        kept &= pd.Series(
            [bool(chosen & set(who or [NOBODY])) for who in frame["who"]], frame.index, dtype=bool
        )
    return frame[kept]
