"""Narrow what is told of changes and of drift without asking the store again."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from connectory.queries.drift_hits import families
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


def narrow_board(
    board: pd.DataFrame,
    *,
    search: str = "",
    states: Sequence[str] = (),
    uses: Sequence[str] = (),
    environments: Sequence[str] = (),
    owners: Sequence[str] = (),
) -> pd.DataFrame:
    """Return the rows of the families that pass every filter, in the order they had.

    Args:
        board: What `with_use` returned, with the owner of each connector.
        search: Words, each of which must stand in the name of the family or of a member.
        states: How the worst member is shown; any if empty.
        uses: Grades of what is open in it; any if empty.
        environments: Names; rows of others are left out, whatever they hold.
        owners: Names, of whom one owns a member; anybody if empty.
    """
    rows = board[board["environment"].isin(list(environments))] if environments else board
    kept = set(rows["family"])
    told = families(rows)
    for column, wanted in (("worst", states), ("use", uses)):
        if wanted:
            kept &= set(told[told[column].isin(list(wanted))]["family"])
    if search:
        kept &= set(board[with_words(board, ("family_name", "name"), search)]["family"])
    if owners:
        kept &= set(board[board["owner"].isin(list(owners))]["family"])
    return rows[rows["family"].isin(kept)]


def narrow_upstream(
    frame: pd.DataFrame,
    *,
    search: str = "",
    states: Sequence[str] = (),
    documents: Sequence[str] = (),
    environments: Sequence[str] = (),
) -> pd.DataFrame:
    """Return the connectors with a document that pass every filter, in the order they had.

    Args:
        frame: What `upstream` returned.
        search: Words, each of which must stand in a name or in the address.
        states: How they stand to the document; any if empty.
        documents: What became of reading it; any if empty.
        environments: Names; any if empty.
    """
    kept = with_words(frame, ("connector", "environment", "url"), search)
    for column, wanted in (
        ("state", states),
        ("document_state", documents),
        ("environment", environments),
    ):
        if wanted:
            kept &= frame[column].isin(list(wanted))
    return frame[kept]
