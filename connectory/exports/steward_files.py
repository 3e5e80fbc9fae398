"""Who answers for connectors, written as the files that can be read back (docs/owners.md)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, Final

import pandas as pd
from sqlalchemy import Connection

from connectory.domain.steward_files import COLUMNS, TABLE
from connectory.domain.stewardship import FIELDS, PEOPLE
from connectory.queries.called import Called, Place, connectors_called
from connectory.queries.export import to_csv
from connectory.queries.moments import Moment
from connectory.queries.stewards import stewards

_ESCAPED: Final = {'"': '\\"', "\\": "\\\\"}
_LAST: Final = 0x10FFFF
_SURROGATES: Final = range(0xD800, 0xE000)


def steward_rows(
    connection: Connection, moment: Moment, *, everything: bool = False
) -> pd.DataFrame:
    """Return the columns of a file: connectors by names that are theirs alone, people by address.

    Args:
        connection: Open transaction on the store.
        moment: As of when.
        everything: Also connectors for which nothing is said, so that it can be filled in.
    """
    called = connectors_called(connection, moment)
    told = {
        row["connector_id"]: row
        for row in stewards(connection, moment).astype(object).to_dict("records")
    }
    places = {place.id: place for alike in called.values() for place in alike}
    chosen = [place for place in places.values() if everything or place.id in told]
    chosen.sort(key=lambda one: (one.environment.casefold(), one.name.casefold(), one.id))
    rows = [[*_names(place, called), *_fields(told.get(place.id, {}))] for place in chosen]
    return pd.DataFrame(rows, columns=list(COLUMNS), dtype=object)


def as_csv(rows: pd.DataFrame) -> str:
    """Return the rows as CSV that is safe to open in a spreadsheet."""
    return to_csv(rows)


def as_toml(rows: pd.DataFrame) -> str:
    """Return the rows as TOML, a table a connector; what is not said is not in it."""
    return "\n".join(_tables(rows.to_dict("records")))


def _tables(rows: Iterable[dict[Any, Any]]) -> Iterator[str]:
    for row in rows:
        said = {name: value for name, value in row.items() if value is not None}
        yield f"[[{TABLE}]]"
        for name, value in said.items():
            yield f"{name} = {value.isoformat() if isinstance(value, date) else _quoted(value)}"
        yield ""


def _quoted(text: str) -> str:
    letters = (_ESCAPED.get(one) or (one if one.isprintable() else _code(one)) for one in text)
    return f'"{"".join(letters)}"'


def _code(letter: str) -> str:
    number = ord(letter)
    return "\ufffd" if number in _SURROGATES or number > _LAST else f"\\U{number:08X}"


def _names(place: Place, called: Called) -> tuple[str, str]:
    """Return environment and connector by the names people see, where these can be read back."""
    alone = len(called.get(f"{place.environment}/{place.name}".casefold(), ())) == 1
    if alone and all(_plain(name) for name in (place.environment, place.name)):
        return place.environment, place.name
    return place.environment_key, place.key


def _plain(text: str) -> bool:
    return text == text.strip() and text.isprintable() and not text.startswith("'")


def _fields(row: dict[Any, Any]) -> list[Any]:
    values = [_person(row, name) if name in PEOPLE else row.get(name) for name in FIELDS]
    return [None if pd.isna(value) else value for value in values]


def _person(row: dict[Any, Any], name: str) -> Any:
    """Return an address; the object id of one who has none, or cannot be named any more."""
    mail = row.get(f"{name}_mail")
    works = row.get(f"{name}_state") == "enabled" and not pd.isna(mail)
    return mail if works else row.get(f"{name}_key")
