"""What services remember that somebody asked of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(slots=True)
class Query:
    """A query that was asked.

    Attributes:
        types: Numbers of the record types it asks for; empty for all.
        asked: When.
        polls: How often somebody wanted to know whether it is answered.
    """

    id: str
    name: str
    start: datetime
    end: datetime
    filters: list[str]
    types: frozenset[int]
    asked: datetime
    polls: int = 0
