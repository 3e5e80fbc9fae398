"""Records that are not in the expected form cost themselves and nothing else.

A list of thousands is not given up for one record that lacks its name, nor is that record made up:
it is left out, and its list counts as incomplete, so that nothing is retired because of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from collectors.api.errors import BadReply
from collectors.contract import ODD, SourceReading, oddity

Record = dict[str, Any]
Parsed = TypeVar("Parsed")


@dataclass(frozen=True, slots=True)
class Shape:
    """What a collector relies on in a record; members of members stand behind a dot.

    Attributes:
        texts: Members that are text and not empty.
        objects: Members that are objects.
        may_be_objects: Members that are objects where they are there at all.
        may_be_lists: Members that are lists of objects where they are there at all.
    """

    texts: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()
    may_be_objects: tuple[str, ...] = ()
    may_be_lists: tuple[str, ...] = ()

    def lacks(self, record: object) -> str | None:
        """Return what is wrong with a record, None if nothing is."""
        if not isinstance(record, dict):
            return "it is no object"
        for path in self.objects:
            if not isinstance(_at(record, path), dict):
                return f"'{path}' is no object"
        for path in self.texts:
            value = _at(record, path)
            if not isinstance(value, str) or not value.strip():
                return f"'{path}' is no text"
        for path in self.may_be_objects:
            if not isinstance(_at(record, path) or {}, dict):
                return f"'{path}' is no object"
        for path in self.may_be_lists:
            listed = _at(record, path) or []
            if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
                return f"'{path}' is no list of objects"
        return None


def _at(record: Record, path: str) -> Any:
    value: Any = record
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def sound(
    source: SourceReading, pages: Iterable[list[Record]], shape: Shape
) -> Iterator[list[Record]]:
    """Yield the records of each page that are in the expected form, and say which were not.

    Args:
        source: The list that is read; one odd record makes it incomplete.
        pages: Pages as they come.
        shape: The expected form.
    """
    for page in pages:
        odd = [lack for lack in map(shape.lacks, page) if lack]
        if not odd:
            yield page
            continue
        source.falls_short(_left_out(len(odd), len(page), odd[0]))
        yield [record for record in page if shape.lacks(record) is None]


def parsed(
    source: SourceReading, pages: Iterable[list[Record]], parse: Callable[[Record], Parsed]
) -> Iterator[list[Parsed]]:
    """Yield what a parser makes of each page; a record it cannot read costs itself and is counted.

    For records nested so deeply that only their parser knows their form.

    Args:
        source: The list that is read; one odd record makes it incomplete.
        pages: Pages as they come.
        parse: Reads one record; what it raises is an odd form.
    """
    for page in pages:
        told: list[Parsed] = []
        odd: list[str] = []
        for record in page:
            try:
                told.append(parse(record))
            except ODD as error:
                odd.append(oddity(error))
        if odd:
            source.falls_short(_left_out(len(odd), len(page), odd[0]))
        yield told


def _left_out(odd: int, listed: int, lack: str) -> str:
    return (
        f"{odd} of {listed} records of a page are not in the expected form ({lack}); "
        "they are left out, the others are kept"
    )


def every(pages: Iterable[list[Record]], shape: Shape, where: str) -> Iterator[Record]:
    """Yield every record of a list that only means something as a whole, such as what is counted.

    Args:
        pages: Pages as they come.
        shape: The expected form.
        where: Address of the list, for the reason.

    Raises:
        BadReply: One record is not in that form.
        ApiError: The list could not be read.
    """
    for record in (record for page in pages for record in page):
        if lack := shape.lacks(record):
            raise BadReply(
                f"a record is not in the expected form ({lack})", where, "what was known is kept"
            )
        yield record
