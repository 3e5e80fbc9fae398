"""Answers to what changes would cost, cached by the changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pandas import DataFrame

from connectory.domain.licensing.changes import Refused, change_of
from connectory.domain.licensing.what_if import RefusedAt, WhatIf
from connectory.domain.licensing.writing import write_scenario
from connectory.licensing_settings import LicensingSettings
from connectory.queries import what_if
from connectory.queries.what_if_names import Names
from connectory.queries.what_if_words import described
from dashboard import exposure_data
from dashboard.caching import heavy as _heavy
from dashboard.data import At, settings

KEY = "change"
"""Name under which changes stand in the address, each by itself."""


def names(at: At) -> Names:
    """Return what people call what is in the tenant."""
    return _names(at, settings().licensing)


@_heavy
def _names(at: At, chosen: LicensingSettings) -> Names:
    del chosen  # by which the tenant is read
    return Names(exposure_data.told(at).tenant)


def found(at: At, changes: Sequence[str]) -> WhatIf:
    """Return what changes would cost.

    Args:
        at: The moment.
        changes: As they stand in the address.

    Raises:
        RefusedAt: One of them cannot be made.
        PriceBookError: The price book of the settings cannot be used.
        Unsolved: No cheapest plan was found or proven.
    """
    return _found(at, tuple(changes), settings().licensing)


@_heavy
def _found(at: At, texts: tuple[str, ...], chosen: LicensingSettings) -> WhatIf:
    changes = []
    for place, text in enumerate(texts):
        try:
            changes.append(change_of(text))
        except Refused as error:
            raise RefusedAt(str(error), place) from error
    return what_if.tried(exposure_data.told(at), names(at), changes, chosen)


def words(at: At, change: str) -> str:
    """Return in words what a change of the address does; itself where it is none."""
    try:
        return described(change_of(change), names(at))
    except Refused:
        return change


def lines(at: At, changes: Sequence[str]) -> DataFrame:
    """Return what is bought and billed now and then."""
    return what_if.lines_compared(found(at, changes), names(at))


def people(at: At, changes: Sequence[str]) -> DataFrame:
    """Return who begins to need cover, and who ceases to."""
    return what_if.people_compared(found(at, changes), names(at))


def rules(at: At, changes: Sequence[str]) -> DataFrame:
    """Return by each rule how many need cover now and then."""
    return what_if.rules_compared(found(at, changes))


def scenario(at: At, changes: Sequence[str], which: Literal["before", "after"]) -> bytes:
    """Return a scenario as a file, which `connectory estimate` reads to the same figures."""
    return write_scenario(getattr(found(at, changes), which).scenario)
