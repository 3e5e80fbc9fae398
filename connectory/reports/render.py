"""A report as subject, text and HTML, from the templates of its folder.

What a tenant wrote is escaped in HTML by the environment, and stands on one line everywhere
(connectory/reports/words.py). Templates only lay out: every word comes from a catalogue.
"""

from __future__ import annotations

import textwrap
from functools import cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from connectory.reports.told import Told
from connectory.reports.words import BREAK

_FOLDER: Final = Path(__file__).parent / "templates"
_WIDTH: Final = 76
_LONGEST_SUBJECT: Final = 150
# Text and background of badges: those of the dashboard's theme.
_TONES: Final = {
    "red": ("#B3261E", "#FCECEA", "#FFA198", "#3B1D1B"),
    "orange": ("#964500", "#FDF0E2", "#F5B071", "#37250F"),
    "yellow": ("#735600", "#FAF2D3", "#E8CC6A", "#322A0F"),
    "blue": ("#1D5A9E", "#E8F1FB", "#8FC1F7", "#16293F"),
    "green": ("#1C6842", "#E6F4EC", "#83D3A5", "#14301F"),
    "violet": ("#683C9E", "#F2ECFA", "#C9AEF5", "#2C2241"),
    "gray": ("#59636E", "#F0F2F4", "#B1B9C2", "#272D34"),
}


def rendered(folder: str, told: Told) -> tuple[str, str, str]:
    """Return the subject, the text and the HTML of a report.

    Args:
        folder: Folder of its templates.
        told: What it says.
    """
    environment = _environment()
    subject, text, html = (
        environment.get_template(f"{folder}/{name}").render(told=told)
        for name in ("subject.txt", "body.txt", "body.html")
    )
    return _one_line(subject), _tidy(text), html.strip() + "\n"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=select_autoescape(["html"], default=False),
        undefined=StrictUndefined,
        trim_blocks=False,
        keep_trailing_newline=False,
    )
    environment.filters["wrap"] = _wrapped
    environment.globals["tones"] = {
        name: f"color:{text};background:{ground}" for name, (text, ground, *_) in _TONES.items()
    }
    environment.globals["dark_tones"] = {
        name: f"color: {text} !important; background: {ground} !important;"
        for name, (*_, text, ground) in _TONES.items()
    }
    return environment


def _wrapped(text: str, indent: int) -> str:
    """Return a text in lines that every mail program shows whole, indented."""
    return textwrap.fill(
        text,
        _WIDTH,
        initial_indent=" " * indent,
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _one_line(text: str) -> str:
    """Return a subject: nobody makes links of it, so that it needs no breaks against that."""
    words = " ".join(text.replace(BREAK, "").split())
    return words if len(words) <= _LONGEST_SUBJECT else words[: _LONGEST_SUBJECT - 1] + "…"


def _tidy(text: str) -> str:
    """Return a text with at most one empty line in a row."""
    lines: list[str] = []
    for line in text.strip().splitlines():
        bare = line if line == "-- " else line.rstrip()
        if bare or (lines and lines[-1]):
            lines.append(bare)
    return "\n".join(lines) + "\n"
