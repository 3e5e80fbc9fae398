"""What people decide on pages: what was decided last, and what keeps a decision from being written.

Answers that a decision alters are cached under what was decided last, so that it shows at once to
everybody.
"""

from __future__ import annotations

from typing import Any

from connectory.actions.accepting import NotAccepted
from connectory.actions.attesting import NotAnswered
from connectory.actions.campaigns import NotOpened
from connectory.actions.exempting import NotExempted
from connectory.actions.retiring import NotRetired
from connectory.actions.stewarding import NotAppointed
from connectory.database import reading
from connectory.domain.attesting import Unfit
from connectory.queries import decided as decided_query
from connectory.reports.outbox import NotDecided
from dashboard.caching import engine as _engine
from dashboard.data import At

NOT_WRITTEN = (
    NotAccepted,
    NotAnswered,
    NotAppointed,
    NotDecided,
    NotExempted,
    NotOpened,
    NotRetired,
    Unfit,
)
"""Nothing was written; the text says why and what to do."""

Decided = tuple[Any, ...]


def decided(at: At) -> Decided:
    """Return what was decided last of stewards and exemptions, and asked last; never cached."""
    with reading(_engine(at.url)) as connection:
        return decided_query.decided(connection)
