"""Campaigns and retirements: never cached, since somebody may answer at any moment.

Closing a campaign and noting what people have done is what pages write, into our own store only.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from pandas import DataFrame

from connectory.actions import campaigns as deciding
from connectory.actions import retiring
from connectory.actions.retiring import Done
from connectory.campaigning import Plan, Started, answer_request, open_campaign, planned_campaign
from connectory.clock import page_clock
from connectory.database import reading
from connectory.queries import campaigns as campaigns_query
from connectory.queries import retirements as retirements_query
from connectory.queries.asked_facts import Choice
from connectory.queries.campaigns import Campaign
from dashboard import data
from dashboard.caching import engine as _engine
from dashboard.data import At, settings


def campaigns(url: str) -> DataFrame:
    """Return all campaigns with how far each is, the newest first."""
    with reading(_engine(url)) as connection:
        return campaigns_query.campaigns(connection, data.today())


def campaign(url: str, campaign_id: int) -> Campaign | None:
    """Return one campaign; None if there is none of that number."""
    with reading(_engine(url)) as connection:
        return campaigns_query.campaign(connection, campaign_id, data.today())


def requests(at: At, campaign_id: int) -> DataFrame:
    """Return the requests of a campaign, those that are open first."""
    with reading(_engine(at.url)) as connection:
        return campaigns_query.requests(
            connection, at.moment, data.today(), campaign_id=campaign_id
        )


def waiting_for(rows: DataFrame) -> DataFrame:
    """Return who has not answered."""
    return campaigns_query.waiting_for(rows)


def log(url: str, request_id: int) -> DataFrame:
    """Return what happened to a request, the oldest first."""
    with reading(_engine(url)) as connection:
        return campaigns_query.request_log(connection, request_id)


def evidence(url: str, request_id: int) -> Mapping[str, Any]:
    """Return what was known of a connector when it was asked about."""
    with reading(_engine(url)) as connection:
        return campaigns_query.evidence(connection, request_id)


def plans(at: At, campaign_id: int | None = None) -> DataFrame:
    """Return plans by which connectors are taken out of use, what is due first."""
    with reading(_engine(at.url)) as connection:
        return retirements_query.retirement_plans(
            connection, at.moment, data.today(), campaign_id=campaign_id
        )


def _alone(connector_ids: Collection[int] | None) -> bool:
    """Tell whether one connector is asked about on its own: then on purpose, whatever was said."""
    return connector_ids is not None and len(connector_ids) == 1


def planned(at: At, *, connector_ids: Collection[int] | None, choice: Choice | None) -> Plan:
    """Return what a campaign would ask; nothing is written.

    Raises:
        NotOpened: A connector is not there any more.
    """
    return planned_campaign(
        _engine(at.url),
        settings(),
        at.moment,
        connector_ids=connector_ids,
        choice=choice,
        again=_alone(connector_ids),
        today=data.today(),
    )


def start(
    at: At,
    *,
    name: str,
    purpose: str,
    author: str,
    connector_ids: Collection[int] | None,
    choice: Choice | None,
) -> Started:
    """Open a campaign and put its first letters into the outbox.

    Raises:
        ConfigError: Links have no address to lead to, or no key.
        NotOpened: Something is not named, or nobody is left to ask.
    """
    return open_campaign(
        _engine(at.url),
        settings(),
        at.moment,
        name=name,
        purpose=purpose,
        connector_ids=connector_ids,
        choice=choice,
        again=_alone(connector_ids),
        author=author,
        now=page_clock(),
    )


def answer(
    url: str,
    request_id: int,
    *,
    answer: str,
    reason: str,
    hand_over_to: str,
    until: date | None,
    author: str,
) -> None:
    """Answer a request for whoever is asked.

    Raises:
        Unfit: The answer lacks something.
        NotAnswered: The request is not open any more.
    """
    answer_request(
        _engine(url),
        settings(),
        request_id,
        answer=answer,
        reason=reason,
        hand_over_to=hand_over_to,
        until=until,
        author=author,
        via="dashboard",
        now=page_clock(),
    )


def close(url: str, campaign_id: int, author: str) -> None:
    """Close a campaign and what is open of it.

    Raises:
        NotOpened: It was not done; the text says why.
    """
    deciding.close_campaign(_engine(url), campaign_id, author=author, now=page_clock())


def done(url: str, plan_id: int, step: Done, author: str) -> None:
    """Note that people have done a step of a retirement, or have given it up.

    Raises:
        NotRetired: It was not noted; the text says why.
    """
    retiring.done(_engine(url), plan_id, step, author=author, now=page_clock())
