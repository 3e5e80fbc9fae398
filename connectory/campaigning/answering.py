"""Answers that come another way than by a link: from a page of the dashboard, or a returned file."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine

from connectory.actions.asking import held, locked, request
from connectory.actions.attesting import Answered, NotAnswered, Terms, Via, answer_within
from connectory.attestation.succession import successor
from connectory.config import Settings
from connectory.database import writing
from connectory.domain.attesting import Bounds, checked
from connectory.domain.campaign_steps import steps_of


def answer_request(
    engine: Engine,
    settings: Settings,
    request_id: int,
    *,
    answer: str,
    reason: str = "",
    hand_over_to: str = "",
    until: date | None = None,
    author: str,
    via: Via,
    now: datetime,
) -> Answered:
    """Answer a request in the name of whoever is asked.

    Args:
        engine: The store.
        settings: All settings.
        request_id: The request.
        answer: keep, retire, hand_over, not_mine or more_time.
        reason: Why.
        hand_over_to: Who is named to have it: object id, address or name.
        until: Of more_time the day; of keep when to ask again.
        author: Who writes the answer down.
        via: How it came.
        now: The time it is.

    Raises:
        Unfit: The answer lacks something.
        NotAnswered: The request is not open.
    """
    with writing(engine) as connection:
        return answer_row(
            connection,
            settings,
            request_id,
            answer=answer,
            reason=reason,
            hand_over_to=hand_over_to,
            until=until,
            author=author,
            via=via,
            now=now,
        )


def answer_row(
    connection: Connection,
    settings: Settings,
    request_id: int,
    *,
    answer: str,
    reason: str,
    hand_over_to: str,
    until: date | None,
    author: str,
    via: Via,
    now: datetime,
    asked: str | None = None,
) -> Answered:
    """Answer a request in a transaction that is open already; see `answer_request`.

    Where `asked` is named, that one must still be asked.
    """
    row = request(connection, request_id)
    campaign = None if row is None else locked(connection, row["campaign_id"])
    if row is None or campaign is None:
        raise NotAnswered("unknown")
    if asked is not None and row["asked"] != asked and row["closed_at"] is None:
        raise NotAnswered("gone_on")
    today = now.astimezone(ZoneInfo(settings.dashboard.time_zone)).date()
    facts, rules = row["facts"], settings.campaigns
    steps = steps_of(campaign["steps"], facts.get("group"), facts.get("environment_type"))
    given = checked(
        answer,
        reason=reason,
        hand_over_to=hand_over_to,
        until=until,
        bounds=Bounds(today, steps, row["postponed"], rules.keep_days, row["deadline"]),
    )
    terms = Terms(steps, rules.retirement(), successor(settings), today, now)
    return answer_within(connection, held(row), given, terms, who=author, via=via)
