"""Estimates to take along and to freeze, and those that were frozen.

Freezing is the one thing pages write, into our own store and nowhere else.
"""

from __future__ import annotations

from pandas import DataFrame

from connectory.actions import freezing
from connectory.clock import page_clock
from connectory.database import reading
from connectory.domain.licensing.comparing import Comparison, compared
from connectory.domain.licensing.frozen import Frozen
from connectory.domain.licensing.statement import Statement
from connectory.domain.licensing.writing import write_scenario
from connectory.exports import files
from connectory.licensing_settings import LicensingSettings
from connectory.queries import estimates, statements
from dashboard import exposure_data
from dashboard.caching import engine as _engine
from dashboard.caching import heavy as _heavy
from dashboard.data import At, settings

FORMS = files.FORMS
NotFrozen = freezing.NotFrozen


def statement(at: At) -> Statement:
    """Return what is told of what licences cost at a moment."""
    return _statement(at, settings().licensing)


@_heavy
def _statement(at: At, chosen: LicensingSettings) -> Statement:
    with reading(_engine(at.url)) as connection:
        return statements.statement(connection, exposure_data.told(at), chosen)


def taken(at: At, form: str) -> bytes:
    """Return the estimate of a moment as a file."""
    scenario = write_scenario(exposure_data.told(at).tenant.scenario)
    return files.content(form, statement(at), scenario)


def freeze(at: At, author: str, note: str) -> Frozen:
    """Freeze the estimate of a moment, as it is shown.

    Raises:
        NotFrozen: Nobody is named, or the store takes no writing.
    """
    return freezing.freeze(
        _engine(at.url),
        at.moment,
        exposure_data.told(at),
        settings().licensing,
        author=author,
        note=note,
        now=page_clock(),
    )


def listed(url: str) -> DataFrame:
    """Return what was frozen, the newest first; never cached, since another one may be by now."""
    with reading(_engine(url)) as connection:
        return estimates.frozen_estimates(connection)


def frozen(url: str, number: int) -> Frozen | None:
    """Return a frozen estimate; None if there is none of that number.

    Not cached, so that what somebody altered in the store by hand shows at once.
    """
    with reading(_engine(url)) as connection:
        return estimates.frozen_estimate(connection, number)


def file(told: Frozen, form: str) -> bytes:
    """Return a frozen estimate as a file."""
    return files.content(form, told.statement, told.scenario, told)


def beside(before: Frozen, after: Frozen) -> Comparison:
    """Return how one differs from another."""
    return compared(before.statement, after.statement)


def people(told: Frozen) -> DataFrame:
    """Return whom the plan of a frozen estimate covers."""
    return statements.people(told.statement)


def lines(told: Frozen) -> DataFrame:
    """Return its plan line by line."""
    return statements.lines(told.statement)
