"""Frames with exactly the promised columns and types, also when there are no rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import pandas as pd
from sqlalchemy import Connection, Executable

Kind = Literal[
    "text", "count", "number", "seconds", "flag", "maybe", "time", "day", "list", "money"
]
"""What a column holds.

text: str or None. count: int. number: int or missing. seconds: float or missing. flag: bool.
maybe: bool or missing. time: aware UTC or missing. day: a date or None. list: a list. money: a
decimal.
"""

Schema = Mapping[str, Kind]

_TYPES: Mapping[Kind, str] = {
    "text": "object",
    "count": "int64",
    "number": "Int64",
    "seconds": "float64",
    "flag": "bool",
    "maybe": "boolean",
    "time": "datetime64[us, UTC]",
    "day": "object",
    "list": "object",
    "money": "object",
}


def framed(connection: Connection, query: Executable, schema: Schema) -> pd.DataFrame:
    """Run a query and return its rows as a frame of this schema.

    The query's columns stand in the order of the schema.
    """
    return frame(connection.execute(query).all(), schema)


def frame(rows: Sequence[Sequence[Any]], schema: Schema) -> pd.DataFrame:
    """Return rows as a frame of this schema, their values in its order.

    Raises:
        ValueError: A row has more or fewer values than the schema has columns.
    """
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(schema)
    return pd.DataFrame(
        {
            name: pd.Series(list(values), dtype=_TYPES[kind])
            for (name, kind), values in zip(schema.items(), columns, strict=True)
        }
    )


def empty(schema: Schema) -> pd.DataFrame:
    """Return a frame of this schema without rows."""
    return frame([], schema)
