"""An estimate that was frozen: what was told on a day, with all it was reckoned from.

It can be reckoned anew from its own scenario, prices and rules, whatever the tenant, the price book
and the settings have become since.
"""

from __future__ import annotations

import hashlib
from dataclasses import astuple, dataclass
from datetime import UTC, datetime
from typing import Final

import orjson

from connectory.domain.licensing.estimate import Estimate, estimate
from connectory.domain.licensing.reading import read_scenario
from connectory.domain.licensing.statement import Statement, written

LONGEST_AUTHOR: Final = 200
LONGEST_NOTE: Final = 2000


@dataclass(frozen=True, slots=True)
class Frozen:
    """A frozen estimate.

    Attributes:
        number: 1, 2, 3 and so on in its store.
        made_at: When it was frozen.
        author: Who did.
        note: What it was made for.
        run_id: Run whose facts it rests on.
        statement: What was told.
        scenario: What it was reckoned from, as a scenario file.
        digest: Of all of it, as kept when it was frozen.
        listed_alike: What lists tell of it is what it tells itself.
    """

    number: int
    made_at: datetime
    author: str
    note: str
    run_id: int
    statement: Statement
    scenario: bytes
    digest: str = ""
    listed_alike: bool = True

    @property
    def unaltered(self) -> bool:
        """Whether all of it is still what was frozen."""
        return self.listed_alike and self.digest == digest(self)

    @property
    def title(self) -> str:
        """What it is called."""
        return f"Estimate {self.number}"


def digest(frozen: Frozen) -> str:
    """Return the SHA-256 of all that a frozen estimate holds."""
    told = {
        "number": frozen.number,
        "made_at": frozen.made_at.astimezone(UTC).isoformat(),
        "author": frozen.author,
        "note": frozen.note,
        "run_id": frozen.run_id,
        "statement": written(frozen.statement),
        "recipients": [astuple(one) for one in frozen.statement.recipients],
    }
    found = hashlib.sha256(orjson.dumps(told, option=orjson.OPT_SORT_KEYS))
    found.update(frozen.scenario)
    return found.hexdigest()


def reckoned(frozen: Frozen) -> Estimate:
    """Return the estimate anew, from what was frozen alone.

    Raises:
        ScenarioError: Its scenario cannot be read any more.
        PriceBookError: A plan that is needed now was in no price book then.
        Unsolved: No cheapest plan was found or proven.
    """
    told = frozen.statement
    scenario = read_scenario(frozen.scenario, frozen.title, told.as_of)
    return estimate(scenario, told.book(), told.rules)
