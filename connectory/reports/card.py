"""A report as an adaptive card: every word in a run of text, in which nothing is Markdown."""

from __future__ import annotations

import json
from typing import Any, Final

from connectory.reports.told import Button, Item, Line, Row, Section, Told

_LARGEST: Final = 20_000
"""Most bytes of a card: a Teams workflow takes 28 KB, the message around it included."""
_COLOURS: Final = {
    "red": "Attention",
    "orange": "Warning",
    "yellow": "Warning",
    "green": "Good",
    "blue": "Accent",
    "violet": "Accent",
    "gray": "Default",
}


def card(told: Told) -> dict[str, Any]:
    """Return what a report says as the content of an adaptive card.

    Where it would be too large for Teams, its last parts are left out, and the report as mail or
    text has them.
    """
    parts = [part for section in told.sections for part in _section(section)]
    foot = [_runs(_run(one, isSubtle=True, size="Small")) for one in told.reasons]
    while True:
        made = _card(told, parts, foot)
        if not parts or len(json.dumps(made, ensure_ascii=True)) <= _LARGEST:
            return made
        parts.pop()


def _card(told: Told, parts: list[dict[str, Any]], foot: list[dict[str, Any]]) -> dict[str, Any]:
    head = [
        _runs(_run(told.above, isSubtle=True, size="Small")),
        _runs(_run(told.headline, weight="Bolder", size="Large")),
        _runs(_run(told.lead)),
    ]
    first = [_action(told.button)] if told.button else []
    return {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "lang": told.language,
        "body": [*head, *first, *parts, *foot],
    }


def _section(section: Section) -> list[dict[str, Any]]:
    title = _runs(_run(section.title, weight="Bolder", size="Medium"), spacing="Large")
    lead = [_runs(_run(one)) for one in (section.lead, *section.sentences) if one]
    figures = [
        _runs(_run(f"{one.words}: "), _run(one.value, weight="Bolder"), _run(_after(one.note)))
        for one in section.figures
    ]
    items = [_item(item) for item in section.items]
    rows = [part for row in section.rows for part in _row(row)]
    more = [_runs(_run(section.more, isSubtle=True))] if section.more else []
    button = [_action(section.button)] if section.button else []
    return [title, *lead, *figures, *items, *rows, *more, *button]


def _item(item: Item) -> dict[str, Any]:
    head = [_runs(_run(item.title, weight="Bolder"), _run(_after(item.where), isSubtle=True))]
    first, *others = [_line(line) for line in item.lines]
    button = [_action(item.button)] if item.button else []
    lines = [*first, *button, *(part for line in others for part in line)]
    return {
        "type": "Container",
        "separator": True,
        "spacing": "Medium",
        "items": [*head, *lines],
    }


def _line(line: Line) -> list[dict[str, Any]]:
    badge = line.badge
    words = f"{badge.symbol} {badge.words}{_after(line.due)}: "
    first = _runs(
        _run(words, weight="Bolder", color=_COLOURS[badge.tone]), _run(line.text), spacing="Small"
    )
    note = [_runs(_run(line.note, isSubtle=True, size="Small"), spacing="None")]
    return [first, *(note if line.note else [])]


def _row(row: Row) -> list[dict[str, Any]]:
    value = f": {row.value}" if row.value else ""
    badge = f"{row.badge.symbol} {row.badge.words}: " if row.badge else ""
    told = _runs(
        _run(badge, weight="Bolder"),
        _run(row.title),
        _run(value),
        _run(_after(row.note), isSubtle=True),
        spacing="Small",
    )
    return [told, *([_action(row.button)] if row.button else [])]


def _after(text: str) -> str:
    return f" · {text}" if text else ""


def _run(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "TextRun", "text": text, **more}


def _runs(*inlines: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "type": "RichTextBlock",
        "inlines": [inline for inline in inlines if inline["text"]],
        **more,
    }


def _action(button: Button) -> dict[str, Any]:
    action = {"type": "Action.OpenUrl", "title": button.words, "url": button.link}
    return {"type": "ActionSet", "actions": [action]}
