"""Narrow findings and environments without asking the store again."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

_OF_FINDINGS = ("name", "connector", "environment", "account", "owner", "proof")
_OF_ENVIRONMENTS = ("name", "key", "sku", "location", "creator")


def narrow_findings(
    frame: pd.DataFrame,
    *,
    search: str = "",
    findings: Sequence[str] = (),
    severities: Sequence[str] = (),
    environments: Sequence[str] = (),
    connectors: Sequence[str] = (),
    asset: str = "",
) -> pd.DataFrame:
    """Return the findings that pass every filter, in the order they had.

    Args:
        frame: What `findings` returned.
        search: Words, each of which must stand in a name, person, account or proof; letter case
            does not matter, and no character has a special meaning.
        findings: Kinds; any if empty.
        severities: Severities; any if empty.
        environments: Names of environments; any if empty.
        connectors: Names of connectors; any if empty.
        asset: connection or connection_reference; either if empty.
    """
    kept = with_words(frame, _OF_FINDINGS, search)
    for column, wanted in (
        ("finding", findings),
        ("severity", severities),
        ("environment", environments),
        ("connector", connectors),
        ("asset", [asset] if asset else []),
    ):
        if wanted:
            kept &= frame[column].isin(list(wanted))
    return frame[kept]


def narrow_environments(
    frame: pd.DataFrame,
    *,
    search: str = "",
    skus: Sequence[str] = (),
    coverage: Sequence[str] = (),
    dataverse: bool | None = None,
) -> pd.DataFrame:
    """Return the environments that pass every filter, in the order they had.

    Args:
        frame: What `environments` returned.
        search: Words, each of which must stand in a name, id, kind, place or creator.
        skus: Kinds of environments; any if empty.
        coverage: complete, partial or not_read; any if empty.
        dataverse: With or without Dataverse; either if None.
    """
    kept = with_words(frame, _OF_ENVIRONMENTS, search)
    for column, wanted in (("sku", skus), ("coverage", coverage)):
        if wanted:
            kept &= frame[column].isin(list(wanted))
    if dataverse is not None:
        kept &= frame["has_dataverse"] == dataverse
    return frame[kept]


def with_words(frame: pd.DataFrame, columns: Sequence[str], search: str) -> pd.Series[bool]:
    """Return which rows have every word of a search in some of these columns, whatever its case."""
    kept = pd.Series(data=True, index=frame.index)
    words = search.casefold().split()
    if words and not frame.empty:
        text = frame[list(columns)].fillna("").astype(str).agg("\n".join, axis=1).str.casefold()
        for word in words:
            kept &= text.str.contains(word, regex=False)
    return kept
