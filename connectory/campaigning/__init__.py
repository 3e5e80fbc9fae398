"""Campaigns from end to end: whom to ask, what to write to them, and when to ask again."""

from __future__ import annotations

from connectory.campaigning.advancing import Advanced, advance
from connectory.campaigning.answering import answer_request
from connectory.campaigning.opening import Plan, Started, open_campaign, planned_campaign
from connectory.campaigning.questions import Questions, questions

__all__ = [
    "Advanced",
    "Plan",
    "Questions",
    "Started",
    "advance",
    "answer_request",
    "open_campaign",
    "planned_campaign",
    "questions",
]
