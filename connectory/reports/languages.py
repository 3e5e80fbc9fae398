"""Languages that reports are written in: a catalogue of texts each, and how it writes figures.

A further language is one file more in templates/languages; nothing else changes.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final

from connectory.domain.licensing.payload import amount
from connectory.reports.words import plain

_FOLDER: Final = Path(__file__).parent / "templates" / "languages"
DEFAULT: Final = "en"
"""Language of whoever speaks none that there is a catalogue of."""
CATEGORIES: Final = frozenset({"none", "one", "few", "many", "other"})
"""Forms that a text with a number may have; none is for 0, if it reads better then."""

PLURALS: Final[Mapping[str, Callable[[int], str]]] = {
    "one": lambda number: "one" if number == 1 else "other",
    "zero_or_one": lambda number: "one" if number in {0, 1} else "other",
    "none": lambda _: "other",
}
"""Rules of plurals that a catalogue may name."""


class NoText(KeyError):
    """A catalogue has no text of this name."""


@dataclass(frozen=True)
class Language:
    """A language with its texts.

    Attributes:
        code: As it is written in mails, e.g. de.
        texts: Texts by name; those with a number by plural form.
        form: How it writes dates and figures.
    """

    code: str
    texts: Mapping[str, str | Mapping[str, str]]
    form: Mapping[str, Any]

    def say(self, text_name: str, n: int | None = None, /, **words: object) -> str:
        """Return a text with words put in: those of a tenant on one line and as they are.

        Args:
            text_name: Which text.
            n: The number that decides its form; stands in it as ``{n}``.
            words: What else stands in it.

        Raises:
            NoText: The catalogue has no such text.
        """
        text = self.texts.get(text_name)
        if text is None:
            raise NoText(f"{self.code}: {text_name}")
        told = {key: plain(value) for key, value in words.items()}
        if n is not None:
            told["n"] = self.number(n)
        if not isinstance(text, str):
            rule = PLURALS[self.form["plural"]]
            text = text["none"] if n == 0 and "none" in text else text[rule(n or 0)]
        return text.format(**told)

    def has(self, name: str) -> bool:
        """Tell whether there is a text of this name."""
        return name in self.texts

    def number(self, value: int) -> str:
        """Return a whole number with thousands separated."""
        return f"{value:,}".replace(",", self.form["thousands"])

    def money(self, value: Decimal, currency: str) -> str:
        """Return an amount with its currency, without decimals where it is a whole number."""
        whole, _, cents = amount(value).partition(".")
        decimals = self.form["decimal"] + cents if cents.strip("0") else ""
        told = self.number(int(whole)) + decimals
        return str(self.form["money"]).format(amount=told, currency=plain(currency))

    def day(self, value: date) -> str:
        """Return a date as it stands in a sentence."""
        month = self.form["months"][value.month - 1]
        return str(self.form["date"]).format(day=value.day, month=month, year=value.year)

    def short_day(self, value: date) -> str:
        """Return a date as it stands in a table."""
        month = self.form["short_months"][value.month - 1]
        words = {"day": value.day, "month": month, "year": value.year, "number": value.month}
        return str(self.form["short_date"]).format(**words)

    def every(self, words: Sequence[str]) -> str:
        """Return words one after the other, e.g. ``A, B and C``."""
        if len(words) < 2:  # noqa: PLR2004 - nothing to join
            return "".join(words)
        return f"{', '.join(words[:-1])} {self.form['and']} {words[-1]}"


@cache
def languages() -> Mapping[str, Language]:
    """Return every language that there is a catalogue of, by its code."""
    return {path.stem: _read(path) for path in sorted(_FOLDER.glob("*.toml"))}


def language_of(told: str | None, default: str = DEFAULT) -> Language:
    """Return the language to write in.

    Args:
        told: As the directory tells it, e.g. de-DE; None if it does not.
        default: Code of the language of whoever tells none, or one that there is no catalogue of.
    """
    known = languages()
    code = (told or "").replace("_", "-").casefold().partition("-")[0]
    return known.get(code) or known.get(default) or known[DEFAULT]


def _read(path: Path) -> Language:
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    return Language(path.stem, dict(_texts(content["texts"])), content["format"])


def _texts(
    branch: Mapping[str, Any], above: str = ""
) -> Sequence[tuple[str, str | Mapping[str, str]]]:
    found: list[tuple[str, str | Mapping[str, str]]] = []
    for name, value in branch.items():
        place = f"{above}.{name}" if above else name
        if isinstance(value, str) or value.keys() <= CATEGORIES:
            found.append((place, value))
        else:
            found += _texts(value, place)
    return found
