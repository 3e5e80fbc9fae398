"""Languages of the pages that ask: catalogues beside this module, one file each."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

_FOLDER: Final = Path(__file__).parent / "languages"
FALLBACK: Final = "en"


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language.

    Attributes:
        code: Its code, e.g. de.
        told: Its catalogue: words by section and name.
    """

    code: str
    told: Mapping[str, Mapping[str, Any]]

    def __call__(self, key: str, **values: object) -> str:
        """Return the words of a key such as ``keep.title``, with values in their places."""
        section, name = key.split(".")
        return str(self.told[section][name]).format_map(values)

    def counted(self, section: str, number: int) -> str:
        """Return a number with the noun that belongs to it."""
        name = "one" if number == 1 else "other"
        return str(self.told[section][name]).format(number=self.number(number))

    def day(self, day: date) -> str:
        """Return a day."""
        months = self.told["language"]["months"]
        return self("language.day", day=day.day, month=months[day.month - 1], year=day.year)

    def number(self, number: int) -> str:
        """Return a number with its thousands set apart."""
        return f"{number:,}".replace(",", str(self.told["language"]["thousands"]))

    def amount(self, amount: str) -> str:
        """Return an amount that is written with a point."""
        whole, _, rest = amount.partition(".")
        told = self.number(int(whole)) if whole.lstrip("-").isdigit() else whole
        return f"{told}{self.told['language']['decimal']}{rest}" if rest else told


@lru_cache
def languages() -> dict[str, str]:
    """Return the languages there are: names by code."""
    codes = sorted(path.stem for path in _FOLDER.glob("*.toml"))
    return {code: words(code)("language.name") for code in codes}


@lru_cache
def words(code: str) -> Words:
    """Return the words of a language that there is."""
    return Words(code, tomllib.loads((_FOLDER / f"{code}.toml").read_text(encoding="utf-8")))


def spoken(*wanted: str | None) -> Words:
    """Return the words of the first language that there is, e.g. for de-AT those of de.

    Args:
        wanted: Codes in the order of preference.
    """
    known = languages()
    for one in wanted:
        code = (one or "").split("-")[0].casefold()
        if code in known:
            return words(code)
    return words(FALLBACK)
