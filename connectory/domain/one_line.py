"""Words of people and tenants on one line: what a header, a database and a terminal all take."""

from __future__ import annotations

LONGEST_LINE = 1000


def one_line(text: str, longest: int = LONGEST_LINE) -> str:
    """Return a text on one line of printable characters, whatever it held.

    Args:
        text: Anything.
        longest: Most characters.
    """
    printable = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(printable.split())[:longest].rstrip()
