"""Opening a campaign: which connectors, whom to ask about each, and the first letters."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from connectory.actions import campaigns
from connectory.actions.asking import locked
from connectory.actions.campaigns import Asking, NotOpened, Opened, open_elsewhere
from connectory.campaigning.letters import owe, write_letters
from connectory.campaigning.questions import signer
from connectory.config import Settings
from connectory.database import reading, writing
from connectory.domain.answering import Recipient
from connectory.domain.campaign_steps import steps_of
from connectory.queries.asked_facts import Choice, Settled, asked_facts, chosen, settled
from connectory.queries.moments import Moment
from connectory.queries.recipients import recipients
from connectory.reports.outbox import Queued


@dataclass(frozen=True, slots=True)
class Plan:
    """What a campaign would ask, before it is opened.

    Attributes:
        asking: Whom about what, with what is known of it.
        already: Connectors that are asked about already, each with the campaign that does.
        nobody: Connectors nobody can be asked about: no owner is left, and no mailbox is set.
        settled: Connectors nobody need be asked about: kept lately, or being retired.
        names: Names of the connectors.
        chosen: How they were chosen.
        steps: The steps by environment.
    """

    asking: tuple[Asking, ...]
    already: Mapping[int, int]
    nobody: tuple[int, ...]
    settled: Mapping[int, Settled]
    names: Mapping[int, str]
    chosen: Mapping[str, Any]
    steps: Mapping[str, Any]

    @property
    def people(self) -> Mapping[str, Recipient]:
        """Everybody who would be asked."""
        return {one.to.recipient: one.to for one in self.asking}


@dataclass(frozen=True, slots=True)
class Started:
    """What came of opening a campaign.

    Attributes:
        campaign_id: The campaign.
        requests: Number of the request by connector.
        already: Connectors left out because they are asked about already, with that campaign.
        nobody: Connectors left out because nobody can be asked about them.
        queued: What became of the first letters.
    """

    campaign_id: int
    requests: Mapping[int, int]
    already: Mapping[int, int]
    nobody: tuple[int, ...]
    queued: Queued


def planned_campaign(
    engine: Engine,
    settings: Settings,
    moment: Moment,
    *,
    connector_ids: Collection[int] | None = None,
    choice: Choice | None = None,
    again: bool = False,
    today: date,
) -> Plan:
    """Return what a campaign would ask; nothing is written.

    Args:
        engine: The store.
        settings: All settings.
        moment: As of when.
        connector_ids: Which connectors; or else
        choice: Those it means.
        again: Ask also about what was kept lately, or is being retired.
        today: The day it is where people live.

    Raises:
        NotOpened: Neither or both of connectors and choice are named, or one is not there.
    """
    if (connector_ids is None) == (choice is None):
        raise NotOpened("name the connectors to ask about, or a choice: stale, gaps or all")
    steps = settings.campaigns.kept()
    with reading(engine) as connection:
        rules = settings.ignore.rules()
        wanted = (
            chosen(connection, moment, today, choice, rules)
            if choice is not None
            else sorted(set(connector_ids or ()))
        )
        facts = asked_facts(connection, moment, today, wanted)
        if choice is None and (lost := sorted(set(wanted) - facts.keys())):
            raise NotOpened(f"connector {lost[0]} is not there (any more); leave it out")
        already = open_elsewhere(connection, wanted)
        since = datetime.combine(
            today - timedelta(days=settings.campaigns.keep_days), time.min, UTC
        )
        done = {} if again else settled(connection, wanted, since=since, today=today)
        fresh = [one for one in wanted if one in facts and one not in already and one not in done]
        to = recipients(connection, moment, settings.reports, fresh)
    asking = tuple(
        Asking(
            number,
            to[number],
            steps_of(steps, facts[number]["group"], facts[number]["environment_type"]),
            facts[number],
        )
        for number in fresh
        if number in to
    )
    return Plan(
        asking,
        already,
        tuple(number for number in fresh if number not in to),
        done,
        {number: str(told["connector"]) for number, told in facts.items()},
        {"choice": choice or "named", "connectors": len(wanted), "run": moment.run_id},
        steps,
    )


def open_campaign(
    engine: Engine,
    settings: Settings,
    moment: Moment,
    *,
    name: str,
    purpose: str,
    connector_ids: Collection[int] | None = None,
    choice: Choice | None = None,
    again: bool = False,
    author: str,
    now: datetime,
) -> Started:
    """Open a campaign and put its first letters into the outbox.

    Args:
        engine: The store.
        settings: All settings.
        moment: As of when connectors are judged.
        name: Name people see.
        purpose: Why they are asked; stands in the mail.
        connector_ids: Which connectors; or else
        choice: Those it means: stale, gaps or all.
        again: Ask also about what was kept lately, or is being retired.
        author: Who opens it.
        now: The time it is.

    Raises:
        ConfigError: Links have no address to lead to, or no key.
        NotOpened: Something is not named, or nobody is left to ask.
    """
    links = signer(settings)
    today = now.astimezone(ZoneInfo(settings.dashboard.time_zone)).date()
    plan = planned_campaign(
        engine,
        settings,
        moment,
        connector_ids=connector_ids,
        choice=choice,
        again=again,
        today=today,
    )
    opened = _opened(engine, plan, name=name, purpose=purpose, author=author, now=now, today=today)
    with writing(engine) as connection:
        locked(connection, opened.campaign_id)
        owe(connection, opened.campaign_id)
    queued = write_letters(engine, settings, moment, opened.campaign_id, links, now=now)
    return Started(
        opened.campaign_id,
        opened.requests,
        {**plan.already, **opened.already},
        plan.nobody,
        queued,
    )


def _opened(
    engine: Engine,
    plan: Plan,
    *,
    name: str,
    purpose: str,
    author: str,
    now: datetime,
    today: date,
) -> Opened:
    if not plan.asking:
        raise NotOpened(_why_nothing(plan))
    return campaigns.open_campaign(
        engine,
        plan.asking,
        name=name,
        purpose=purpose,
        chosen=plan.chosen,
        steps=plan.steps,
        author=author,
        now=now,
        today=today,
    )


def _why_nothing(plan: Plan) -> str:
    told = []
    if plan.already:
        told.append(f"{len(plan.already)} are asked about already")
    if plan.settled:
        told.append(f"{len(plan.settled)} were kept lately or are being retired")
    if plan.nobody:
        told.append(
            f"nobody can be asked about {len(plan.nobody)}; set reports.coe_mailbox for those"
        )
    return f"nothing is left to ask about: {'; '.join(told) or 'no connector was chosen'}"
