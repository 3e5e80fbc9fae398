"""Words and figures as text: what a tenant wrote stays text, whatever it looks like.

Streamlit reads nearly every label and cell as Markdown, in which a connector's name could fetch a
picture from a stranger's host, show a link, or dress up as an icon or a badge.
"""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pandas as pd

from dashboard.data import time_zone

NOTHING = "\N{EN DASH}"
_LONGEST = 300
_JOINER = "\u2060"
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$&=^])")
# A colon starts Streamlit's icons, colours and emoji, and ends the scheme of an address; an at
# sign or www makes GitHub's Markdown see a link. An invisible joiner after them ends all of it.
_STARTS = re.compile(r":(?=\S)|@|\bwww(?=\\?\.)", re.IGNORECASE)


def esc(value: object, *, longest: int = _LONGEST) -> str:
    """Return words of a tenant so that Markdown shows them as they are.

    Neither formatting, link, picture, icon nor HTML comes alive; control and direction characters
    become spaces, and the text is cut at `longest` characters.

    Args:
        value: The words; ``None`` and not-a-number give a dash.
        longest: Most characters kept.
    """
    plain_text = plain(value, longest=longest)
    return _STARTS.sub(lambda found: found[0] + _JOINER, _MARKDOWN.sub(r"\\\1", plain_text))


def plain(value: object, *, longest: int = _LONGEST) -> str:
    """Return words of a tenant on one line, without control characters, at most `longest` long."""
    if missing(value):
        return NOTHING
    words = "".join(
        " " if unicodedata.category(char) in {"Cc", "Cf", "Zl", "Zp", "Cs"} else char
        for char in str(value)[: longest * 2]
    )
    words = " ".join(words.split())
    return words if len(words) <= longest else words[: longest - 1] + "…"


def label(value: object) -> str:
    """Return words of a tenant for a button in a table, which would draw ``:material/…:``."""
    return plain(value).replace(":", ":" + _JOINER)


def missing(value: object) -> bool:
    """Tell whether a cell of a frame holds nothing: None, not-a-number, not-a-time."""
    return (
        value is None
        or value is pd.NA
        or value is pd.NaT
        or (isinstance(value, float) and math.isnan(value))
    )


def code(value: object) -> str:
    """Return an identifier as inline code for Markdown; a dash if there is none."""
    if missing(value) or not str(value).strip():
        return NOTHING
    words = plain(value)
    fence = "`" * (max((len(run) for run in re.findall(r"`+", words)), default=0) + 1)
    space = " " if words.startswith("`") or words.endswith("`") else ""
    return f"{fence}{space}{words}{space}{fence}"


def whole(value: object) -> int | None:
    """Return the whole number a cell of a frame holds; None if it is unknown."""
    return None if missing(value) else int(str(value))


def words(value: object) -> str:
    """Return a name of the product's own, such as a collector's, as words."""
    return str(value).replace("_", " ")


def count(value: object) -> str:
    """Return a whole number with thousands separated; a dash if it is unknown."""
    return NOTHING if missing(value) else f"{int(str(value)):,}"


def counted(value: object, one: str) -> str:
    """Return a number with its noun, e.g. ``1 flow`` or ``2 flows``."""
    return f"{count(value)} {one if str(value) == '1' else one + 's'}"


def day(value: object) -> str:
    """Return a date in the zone of the settings, e.g. ``23 Nov 2026``; a dash if there is none."""
    if missing(value) or not isinstance(value, datetime):
        return NOTHING
    return f"{_local(value):%-d %b %Y}"


def on(value: object) -> str:
    """Return a day that belongs to no zone, e.g. ``23 Nov 2026``; a dash if there is none."""
    if missing(value) or not isinstance(value, date):
        return NOTHING
    return f"{value:%-d %b %Y}"


def short_day(value: datetime) -> str:
    """Return a date without its year, e.g. ``23 Nov``."""
    return f"{_local(value):%-d %b}"


def minute(value: object) -> str:
    """Return a time with its zone, e.g. ``23 Nov 2026, 02:14 UTC``; a dash if there is none."""
    if missing(value) or not isinstance(value, datetime):
        return NOTHING
    return f"{_local(value):%-d %b %Y, %H:%M %Z}"


def size(value: object) -> str:
    """Return a number of bytes in the unit it reads best in."""
    if missing(value):
        return NOTHING
    amount = float(str(value))
    for unit in ("B", "kB", "MB"):
        if amount < 1000:  # noqa: PLR2004 - decimal units
            return f"{amount:,.0f} {unit}"
        amount /= 1000
    return f"{amount:,.1f} GB"


def duration(value: object) -> str:
    """Return a number of seconds as a person says it."""
    if missing(value):
        return NOTHING
    seconds = float(str(value))
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _local(value: datetime) -> datetime:
    return value.astimezone(ZoneInfo(time_zone()))
