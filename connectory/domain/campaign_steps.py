"""When somebody who was asked is reminded, when the next one is asked, and when that ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date, timedelta
from typing import Any, Final, Literal

Step = Literal["remind", "escalate", "give_up"]

EVERY: Final = "*"
"""What stands for the environments that no other name fits."""


@dataclass(frozen=True, slots=True)
class Steps:
    """How patiently people are asked; days are counted from the day they were asked.

    Attributes:
        answer_days: Days to answer in, from the opening.
        remind_days: Days after which somebody is reminded, each once.
        escalate_days: Days after which the next one is asked; 0 for never.
        most_escalations: How often it goes on to the next one at most.
        least_days: Days that whoever is asked later has at least.
        longer_days: Most days that "more time" can give at once.
        most_longer: How often more time can be taken; 0 for never.
    """

    answer_days: int = 28
    remind_days: tuple[int, ...] = (7,)
    escalate_days: int = 14
    most_escalations: int = 2
    least_days: int = 7
    longer_days: int = 28
    most_longer: int = 2


@dataclass(frozen=True, slots=True)
class Waiting:
    """Where an open request stands.

    Attributes:
        counted_from: Day from which reminders and the next escalation are counted.
        deadline: Last day for the answer.
        reminders: Reminders that the one asked now was due so far.
        escalations: How often it went on to the next one.
        unreachable: A letter about it came back or was refused.
        further: There may be somebody else to ask.
        unsent: The latest letter about it has not gone out, so nobody can have answered it.
    """

    counted_from: date
    deadline: date
    reminders: int
    escalations: int
    unreachable: bool = False
    further: bool = True
    unsent: bool = False


@dataclass(frozen=True, slots=True)
class Pace:
    """What an open request is counted by from now on."""

    counted_from: date
    deadline: date
    reminders: int


def next_step(waiting: Waiting, steps: Steps, today: date) -> Step | None:
    """Return what is due today, the weightiest first; None if nothing is.

    Whoever is still to be asked is asked before anybody gives up, also where nobody looked for
    days; each has days of their own, and `Steps.most_escalations` bounds how often. While a letter
    waits to be sent nobody is reminded or passed over: only who cannot be reached at all is.
    """
    waited = (today - waiting.counted_from).days
    overdue = bool(steps.escalate_days) and waited >= steps.escalate_days and not waiting.unsent
    if (
        (overdue or waiting.unreachable)
        and waiting.further
        and waiting.escalations < steps.most_escalations
    ):
        return "escalate"
    if today > waiting.deadline:
        return "give_up"
    if waiting.unsent:
        return None
    return "remind" if reminders_due(waited, steps) > waiting.reminders else None


def reminders_due(waited: int, steps: Steps) -> int:
    """Return how many reminders are due after so many days."""
    return sum(days <= waited for days in steps.remind_days)


def first_pace(steps: Steps, today: date) -> Pace:
    """Return what a request is counted by that is opened today."""
    return Pace(today, today + timedelta(days=steps.answer_days), 0)


def next_pace(deadline: date, steps: Steps, today: date) -> Pace:
    """Return what a request is counted by when the next one is asked today."""
    return Pace(today, max(deadline, today + timedelta(days=steps.least_days)), 0)


def longer_pace(until: date, deadline: date, steps: Steps, today: date) -> Pace:
    """Return what a request is counted by when somebody takes more time.

    Reminders come as long before that day as they otherwise come before the next one is asked, and
    that happens on that day.
    """
    counted_from = until - timedelta(days=steps.escalate_days or steps.answer_days)
    reminders = reminders_due((today - counted_from).days, steps)
    return Pace(counted_from, max(deadline, until), reminders)


def kept(every: Steps, groups: Mapping[str, Steps]) -> dict[str, Any]:
    """Return steps as a campaign keeps them."""
    return {name: asdict(steps) for name, steps in {EVERY: every, **groups}.items()}


def steps_of(told: Mapping[str, Any], group: str | None, kind: str | None) -> Steps:
    """Return the steps of an environment, from those that a campaign keeps.

    Args:
        told: As `kept` returned them.
        group: The group it belongs to, if it does.
        kind: Its type, e.g. Production.
    """
    by_name = {name.casefold(): steps for name, steps in told.items()}
    for name in (group, kind, EVERY):
        found = by_name.get(name.casefold()) if name else None
        if found is not None:
            known = {one.name for one in fields(Steps)}
            values = {name: value for name, value in found.items() if name in known}
            return Steps(**{**values, "remind_days": tuple(values.get("remind_days", ()))})
    return Steps()
