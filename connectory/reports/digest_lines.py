"""What is to be done about a connector, in words."""

from __future__ import annotations

from datetime import date
from typing import Final

from connectory.domain.digest import Drift, Ending, Mine, Task, Use
from connectory.reports.languages import Language
from connectory.reports.told import Badge, Line, Tone
from connectory.reports.words import name

_OPERATIONS: Final = 3
_PEOPLE: Final = 3
_SYMBOLS: Final = {
    "answer": "?",
    "credential": "!",
    "broke": "✕",
    "drifted": "✕",
    "owner": "!",
    "review": "i",
    "abandoned": "○",
    "never_used": "○",
    "stale": "○",
    "documentation": "i",
}
_GRAVE: Final = ("departed_owner", "disabled_owner", "empty_group", "nobody")
_WHEN: Final = {
    "drifted": "import",
    "owner": "month",
    "abandoned": "month",
    "never_used": "month",
    "stale": "month",
    "documentation": "version",
}


def line(task: Task, mine: Mine, today: date, language: Language) -> Line:
    """Return something to do as a line of the digest."""
    text, note = _words(task, mine, today, language)
    badge = Badge(_tone(task, mine), _SYMBOLS[task.kind], _badge(task, today, language))
    return Line(badge, text, due(task, today, language), note)


def due(task: Task, today: date, language: Language) -> str:
    """Return by when something is to be done."""
    if task.due:
        return language.say(
            "due.by" if task.due >= today else "due.since", day=language.day(task.due)
        )
    if task.urgency == "now":
        return language.say("due.now")
    return language.say(f"due.{_WHEN.get(task.kind, 'month')}")


def used(use: Use | None, today: date, language: Language) -> str:
    """Return in one sentence what is known of the use of a connector."""
    if use is None:
        return language.say("use.none")
    if use.last_used_on:
        known = use.source and language.has(f"source.{use.source}")
        return language.say(
            "use.last",
            max((today - use.last_used_on).days, 0),
            day=language.day(use.last_used_on),
            source=language.say(f"source.{use.source if known else 'other'}"),
        )
    if use.state == "unknown":
        return language.say("use.unknown")
    return language.say("use.never" if use.state == "never_used" else "use.no_day")


def _badge(task: Task, today: date, language: Language) -> str:
    if isinstance(task.about, Ending):
        when = "ended" if task.about.ends_on < today else "coming"
        return language.say(f"task.credential.{when}")
    return language.say(f"task.{task.kind}.badge")


def _tone(task: Task, mine: Mine) -> Tone:
    if task.kind in {"answer", "review"}:
        return "blue"
    if task.kind == "documentation":
        return "gray"
    if task.kind == "credential":
        return "red" if task.urgency == "now" else "orange"
    if isinstance(task.about, Drift):
        return "red" if task.about.grade in {"used", "perhaps"} else "orange"
    if task.kind == "owner":
        return "red" if mine.owner_state in _GRAVE else "yellow"
    return "yellow" if task.kind == "stale" else "orange"


def _words(task: Task, mine: Mine, today: date, language: Language) -> tuple[str, str]:
    """Return what is to be done, and what to know beside it."""
    say = language.say
    if isinstance(task.about, Ending):
        return _ending(task.about, today, language), ""
    if isinstance(task.about, Drift):
        return _drift(task.about, language)
    if task.kind == "owner":
        owner = mine.owner or say("task.owner.unnamed")
        alone = mine.owner_state == "sole_owner" and mine.owner_key == mine.recipient.key
        state = "sole_self" if alone and mine.owner_key else mine.owner_state
        return say(f"task.owner.{state}", owner=name(owner)), ""
    if task.kind == "documentation":
        return _gaps(mine, language), ""
    text = say(f"task.{task.kind}.text")
    if task.kind == "review":
        return text, ""
    return text, used(mine.use, today, language) if mine.use else ""


def _ending(ending: Ending, today: date, language: Language) -> str:
    kind = "certificate" if ending.kind == "certificate" else "secret"
    words = {"application": name(ending.application), "day": language.day(ending.ends_on)}
    if ending.ends_on < today:
        return language.say(f"task.credential.{kind}_ended", **words)
    days = (ending.ends_on - today).days
    text = language.say(f"task.credential.{kind}_coming", days, **words)
    return f"{text} {language.say('task.credential.newer')}" if ending.newer else text


def _drift(drift: Drift, language: Language) -> tuple[str, str]:
    say = language.say
    what = say(
        f"task.{drift.kind}.{'some' if drift.operations else 'whole'}",
        drift.changes,
        against=name(drift.against),
        operations=_some(drift.operations, language),
    )
    things = [
        say(f"count.{kind}", number)
        for kind, number in (("flow", drift.flows), ("app", drift.apps), ("agent", drift.agents))
        if number
    ]
    grade = "called" if drift.grade == "used" and not things else drift.grade
    hit = say(f"hit.{grade}", things=language.every(things))
    if drift.grade == "unused":
        return f"{what} {say(f'task.{drift.kind}.do')}", hit
    return f"{what} {hit} {say(f'task.{drift.kind}.do')}", _contacts(drift, language)


def _contacts(drift: Drift, language: Language) -> str:
    """Return whom to tell; empty if nobody is known."""
    people = [
        language.say(
            "hit.person" if one.name else "hit.unowned",
            name=name(one.name),
            things=language.number(one.things),
        )
        for one in drift.contacts[:_PEOPLE]
    ]
    left = drift.people - len(people)
    if left > 0:
        people.append(language.say("count.more", left))
    return language.say("hit.tell", people=language.every(people)) if people else ""


def _some(words: tuple[str, ...], language: Language) -> str:
    told = [name(one) for one in words[:_OPERATIONS]]
    left = len(words) - len(told)
    return language.every([*told, language.say("count.more", left)] if left > 0 else told)


def _gaps(mine: Mine, language: Language) -> str:
    gaps = mine.gaps
    if gaps is None:
        return ""
    told = []
    if gaps.undescribed:
        every = language.number(gaps.operations)
        told.append(language.say("task.documentation.operations", gaps.undescribed, all=every))
    if not gaps.described:
        told.append(language.say("task.documentation.connector"))
    return " ".join(told)
