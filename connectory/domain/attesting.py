"""What can be answered about a connector, what each answer needs, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from connectory.domain.answering import Recipient
from connectory.domain.campaign_steps import Steps
from connectory.domain.one_line import one_line

Answer = Literal["keep", "retire", "hand_over", "not_mine", "more_time"]
ANSWERS: Final[tuple[Answer, ...]] = ("keep", "retire", "hand_over", "not_mine", "more_time")

Outcome = Literal["keep", "retire", "hand_over", "not_mine", "unanswered", "cancelled"]

Problem = Literal[
    "answer_unknown",
    "reason_missing",
    "person_missing",
    "day_missing",
    "day_not_ahead",
    "day_too_far",
    "no_more_time",
]
PROBLEMS: Final[dict[Problem, str]] = {
    "answer_unknown": "that is no answer; write keep, retire, hand_over, not_mine or more_time",
    "reason_missing": "keeping it needs a reason",
    "person_missing": "handing it over needs somebody; write a name or mail address",
    "day_missing": "taking more time needs a day; write it as 2026-12-31",
    "day_not_ahead": "that day is not ahead; write one after today",
    "day_too_far": "that day is too far ahead",
    "no_more_time": "more time was taken as often as it can be",
}

LONGEST_REASON: Final = 2_000
LONGEST_NAME: Final = 200


class Unfit(Exception):
    """What was given is no answer; nothing was changed."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(PROBLEMS[problem])
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Next:
    """Who is asked next about a connector.

    Attributes:
        to: That one.
        escalations: How often it went on to the next one by then.
    """

    to: Recipient
    escalations: int


@dataclass(frozen=True, slots=True)
class Retirement:
    """Days from the answer until each step of taking a connector out of use."""

    announce_days: int = 7
    freeze_days: int = 30
    remove_days: int = 60


@dataclass(frozen=True, slots=True)
class Given:
    """An answer that is complete.

    Attributes:
        answer: Which.
        reason: Why; may be empty where the answer needs none.
        hand_over_to: Who is named to have it, as written.
        until: Of keep: when to ask again, if that was said. Of more_time: the day that was asked for.
    """

    answer: Answer
    reason: str = ""
    hand_over_to: str = ""
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Bounds:
    """What an answer may say.

    Attributes:
        today: The day it is given on.
        steps: Steps of the environment.
        postponed: How often more time was taken already.
        keep_days: Most days after which somebody who keeps it can be asked again.
        deadline: The last day for an answer by now.
    """

    today: date
    steps: Steps
    postponed: int
    keep_days: int
    deadline: date

    @property
    def longer(self) -> bool:
        """More time can be taken."""
        return self.postponed < self.steps.most_longer and self.steps.longer_days > 0

    @property
    def latest(self) -> date:
        """The last day until which time can be taken: counted from the deadline, while that is ahead."""
        return max(self.today, self.deadline) + timedelta(days=self.steps.longer_days)


def checked(
    answer: str, *, reason: str, hand_over_to: str, until: date | None, bounds: Bounds
) -> Given:
    """Return an answer once it has all it needs.

    Args:
        answer: Which.
        reason: Why.
        hand_over_to: Who is named to have it.
        until: A day.
        bounds: What it may say.

    Raises:
        Unfit: Something is missing or out of bounds.
    """
    if answer not in ANSWERS:
        raise Unfit("answer_unknown")
    why, whom = one_line(reason, LONGEST_REASON), one_line(hand_over_to, LONGEST_NAME)
    given = Given(answer, why)
    match given.answer:
        case "keep":
            if not why:
                raise Unfit("reason_missing")
            farthest = bounds.today + timedelta(days=bounds.keep_days)
            return Given("keep", why, "", _day(until, bounds.today, farthest) if until else None)
        case "hand_over":
            if not whom:
                raise Unfit("person_missing")
            return Given("hand_over", why, whom)
        case "more_time":
            if not bounds.longer:
                raise Unfit("no_more_time")
            if until is None:
                raise Unfit("day_missing")
            return Given("more_time", why, "", _day(until, bounds.today, bounds.latest))
        case _:
            return given


def _day(until: date, today: date, farthest: date) -> date:
    if until <= today:
        raise Unfit("day_not_ahead")
    if until > farthest:
        raise Unfit("day_too_far")
    return until


def plan(today: date, retirement: Retirement) -> tuple[date, date, date]:
    """Return until when consumers are told, nothing new may use it, and it may be removed."""
    days = (retirement.announce_days, retirement.freeze_days, retirement.remove_days)
    announce, freeze, remove = (today + timedelta(days=number) for number in days)
    return announce, max(announce, freeze), max(announce, freeze, remove)
