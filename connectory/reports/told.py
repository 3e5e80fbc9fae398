"""What a report says, in the words of its language, before it becomes text, HTML or a card."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

Tone = Literal["red", "orange", "yellow", "blue", "green", "violet", "gray"]
_LINK: Final = re.compile(r"(https://|http://(127\.0\.0\.1|localhost|\[::1\])[:/]|mailto:)\S+")


@dataclass(frozen=True, slots=True)
class Badge:
    """A symbol and a word, with a colour: never the colour alone."""

    tone: Tone
    symbol: str
    words: str


@dataclass(frozen=True, slots=True)
class Button:
    """A link that leads to what is to be done.

    Raises:
        ValueError: It leads neither to a web address nor to a mail.
    """

    words: str
    link: str

    def __post_init__(self) -> None:
        if not _LINK.fullmatch(self.link):
            raise ValueError(f"a link of a report leads to https or mail, not {self.link!r}")


@dataclass(frozen=True, slots=True)
class Line:
    """One thing about one subject.

    Attributes:
        badge: What kind of thing.
        text: It in a sentence or two.
        due: By when.
        note: What to know beside it.
    """

    badge: Badge
    text: str
    due: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """A subject with what is said of it, at most one button, and a quiet link to write about it."""

    title: str
    where: str
    lines: tuple[Line, ...]
    button: Button | None = None
    link: Button | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with what it counts."""

    words: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a list: what, where, a figure at the right, and a link if there is something to do."""

    title: str
    note: str = ""
    value: str = ""
    button: Button | None = None
    badge: Badge | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a report under a heading; what is empty is not shown."""

    title: str
    lead: str = ""
    figures: tuple[Figure, ...] = ()
    items: tuple[Item, ...] = ()
    rows: tuple[Row, ...] = ()
    sentences: tuple[str, ...] = ()
    button: Button | None = None
    more: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """A whole report.

    Attributes:
        language: Code of its language.
        subject: Subject line.
        preview: What mail programs show beside the subject.
        above: What it is and of when, above the headline.
        headline: The answer.
        lead: The answer in two sentences.
        button: What to do first, if one button does it all.
        sections: Everything else.
        reasons: Why the recipient gets it.
        foot: On what it rests.
    """

    language: str
    subject: str
    preview: str
    above: str
    headline: str
    lead: str
    sections: tuple[Section, ...]
    reasons: tuple[str, ...]
    foot: tuple[str, ...]
    reasons_title: str = ""
    button: Button | None = None
