"""Campaigns from end to end: whom they ask, what is written to whom, and what time brings."""

from __future__ import annotations

import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from factories import (
    ADA,
    BALLOON,
    INVOICES,
    PAYROLL,
    TWIN,
    VANISHING,
    WEATHER,
    fill,
    moment,
)
from factories_campaigns import KEY, NOW, PUBLIC, row, rows, send, serving, settings, workflow
from sqlalchemy import Engine, update

import models
from connectory import campaigning
from connectory.actions.campaigns import NotOpened, close_campaign
from connectory.attestation.links import AnswerLink, Links, ListLink
from connectory.campaigning import Advanced, Started
from connectory.config import ConfigError, Settings
from connectory.database import reading, writing
from connectory.reports.owner_digest import owner_digests

MAILBOX = "mailbox:coe@example.com"


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    """The key of links stands where the settings say."""
    monkeypatch.setenv("CONNECTORY_LINK_KEY", KEY)


@pytest.fixture
def tenant(store: Engine) -> Engine:
    """The small tenant; Bruno has an address, and comes back."""
    fill(store)
    with writing(store) as connection:
        connection.execute(
            update(models.PrincipalVersion)
            .where(models.PrincipalVersion.principal_id == 2)
            .values(mail="bruno@tenant.example", preferred_language="de-DE")
        )
    return store


def opened(store: Engine, *connectors: int, told: Settings | None = None, **other: Any) -> Started:
    """Open a campaign about some connectors."""
    usual = {"name": "Autumn", "purpose": "Not called for half a year.", "author": "Dora"}
    return campaigning.open_campaign(
        store,
        told or settings(),
        moment(3),
        connector_ids=connectors or [INVOICES, TWIN, PAYROLL],
        **{**usual, "now": NOW, **other},
    )


def later(
    store: Engine, days: int, told: Settings | None = None, run: int = 3, *, sent: bool = True
) -> Advanced:
    """Let a campaign advance some days after its opening; letters have gone out, or not."""
    if sent:
        send(store)
    return campaigning.advance(
        store, told or settings(), moment(run), now=NOW + timedelta(days=days)
    )


def letters(store: Engine) -> list[tuple[str, str]]:
    """Return why and to whom something was written, in order."""
    return [
        (one["occasion"].split("/")[2], one["recipient"])
        for one in rows(store, models.OutboxMessage)
    ]


# --- letters that wait


def test_nobody_is_passed_over_whose_letter_never_left(tenant: Engine) -> None:
    """While mail is down nobody is reminded or passed over; what would come too late is written anew."""
    opened(tenant, INVOICES)

    assert [later(tenant, days, sent=False).steps for days in (7, 14, 21)] == [{}, {}, {}]
    assert letters(tenant) == [("asked", ADA)]

    assert later(tenant, 40, sent=False).steps == {}
    states = [one["state"] for one in rows(tenant, models.OutboxMessage)]
    asked = row(tenant)
    assert states == ["cancelled", "queued"]
    assert (asked["asked"], asked["closed_at"], asked["escalations"]) == (ADA, None, 0)
    assert (asked["deadline"] - NOW.date()).days == 47


def test_days_are_counted_from_the_day_a_letter_was_sent(tenant: Engine) -> None:
    """A letter that left ten days late is followed by a reminder seven days after that."""
    opened(tenant, INVOICES)
    send(tenant, after=10)

    assert [later(tenant, days).steps for days in (14, 16)] == [{}, {}]
    assert later(tenant, 17).steps == {"remind": 1}
    assert later(tenant, 18).steps == {}
    assert later(tenant, 24).steps == {"escalate": 1}


def test_a_letter_that_somebody_stopped_is_not_followed_up(tenant: Engine) -> None:
    """Nobody is reminded of a letter that was cancelled by hand; the request ends unanswered."""
    opened(tenant, INVOICES)
    with writing(tenant) as connection:
        connection.execute(update(models.OutboxMessage).values(state="cancelled"))

    assert [later(tenant, days).steps for days in (7, 20)] == [{}, {}]
    assert later(tenant, 29).steps == {"give_up": 1}


# --- opening


def test_one_request_a_connector_and_one_letter_a_person(tenant: Engine) -> None:
    """Ada owns two, and gets one letter about both; Carla has left, so the mailbox is asked."""
    told = opened(tenant)
    messages = rows(tenant, models.OutboxMessage)

    assert set(told.requests) == {INVOICES, TWIN, PAYROLL}
    (to_ada,) = [one["connectors"] for one in messages if one["recipient"] == ADA]
    assert {INVOICES, TWIN} <= set(to_ada)
    assert Counter(letters(tenant)) == {("asked", ADA): 1, ("asked", MAILBOX): 1}
    assert {one["campaign_id"] for one in messages} == {told.campaign_id}
    assert row(tenant, PAYROLL)["passed"] == [
        {"role": "owner", "name": "Carla Contrived", "why": "departed"}
    ]


def test_what_was_known_is_kept_as_evidence(tenant: Engine) -> None:
    """The request tells what the page shows, as of the run it was judged by."""
    opened(tenant)
    facts = row(tenant)["facts"]

    assert (facts["connector"], facts["environment"], facts["environment_type"]) == (
        "Invoices", "Finance", "Production",
    )  # fmt: skip
    assert (facts["owner"], facts["run_id"]) == ("Ada Ample", 3)
    assert (facts["flows"], facts["apps"]) == (1, 1)


def test_letters_carry_links_that_answer(tenant: Engine) -> None:
    """Each link of a letter is that of its request, and the list shows both."""
    opened(tenant)
    with writing(tenant) as connection:
        contents = connection.exec_driver_sql("SELECT text FROM outbox_contents ORDER BY 1").all()
    tokens = re.findall(rf"{PUBLIC}/attest/(\S+)", " ".join(one.text for one in contents))
    read = [Links([KEY]).read(token, NOW) for token in tokens]
    answers = {one.request_id: one for one in read if isinstance(one, AnswerLink)}

    assert {one.connector_id for one in answers.values()} == {INVOICES, TWIN, PAYROLL}
    assert {one.person for one in answers.values()} == {ADA, MAILBOX}
    assert [one.person for one in read if isinstance(one, ListLink)] == [ADA]
    with serving(tenant) as asker:
        assert asker.get(tokens[0]).status_code == 200
        assert asker.post(next(t for t, one in zip(tokens, read, strict=True) if one == answers[row(tenant)["id"]])).status_code == 303  # fmt: skip


def test_nobody_is_asked_twice_about_one_connector(tenant: Engine) -> None:
    """What is open elsewhere is left out and said; nothing left opens nothing."""
    first = opened(tenant, INVOICES)
    second = opened(tenant, INVOICES, TWIN)
    before = workflow(tenant)

    assert second.already == {INVOICES: first.campaign_id}
    assert set(second.requests) == {TWIN}
    with pytest.raises(NotOpened, match="2 are asked about already"):
        opened(tenant, INVOICES, TWIN)
    assert workflow(tenant) == before


def test_two_who_open_at_once_ask_once(tenant: Engine) -> None:
    """Both campaigns about the same connectors: each connector is asked about in one of them."""

    def start(name: str) -> Started | None:
        try:
            return opened(tenant, INVOICES, TWIN, WEATHER, name=name)
        except NotOpened:
            return None

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(start, ["one", "two", "three", "four"]))
    open_ones = Counter(one["connector_id"] for one in rows(tenant, models.AttestationRequest))

    assert open_ones == {INVOICES: 1, TWIN: 1, WEATHER: 1}


def test_without_a_mailbox_nobody_is_left_for_some(tenant: Engine) -> None:
    """A connector whose owner left and nobody follows is left out, and said."""
    told = opened(tenant, INVOICES, PAYROLL, told=settings(coe_mailbox=""))

    assert told.nobody == (PAYROLL,)
    assert set(told.requests) == {INVOICES}


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ({"name": " \n"}, "needs a name"),
        ({"purpose": ""}, "needs a name, and a purpose"),
        ({"author": ""}, "nobody is named"),
    ],
)
def test_a_campaign_says_what_it_is(tenant: Engine, other: dict[str, str], why: str) -> None:
    """Without name, purpose or author nothing is opened."""
    before = workflow(tenant)

    with pytest.raises(NotOpened, match=why):
        opened(tenant, **other)
    assert workflow(tenant) == before


@pytest.mark.parametrize("reports", [{"public_url": ""}, {"link_key_env": "CONNECTORY_NO_KEY"}])
def test_without_address_or_key_nobody_is_asked(tenant: Engine, reports: dict[str, str]) -> None:
    """Nothing is written where no link could be made."""
    before = workflow(tenant)

    with pytest.raises(ConfigError, match=r"reports\.(public_url|link_key_env)"):
        opened(tenant, told=settings(**reports))
    assert workflow(tenant) == before


def test_what_is_gone_cannot_be_asked_about(tenant: Engine) -> None:
    """The connector that went with its environment is named, and nothing opened."""
    with pytest.raises(NotOpened, match=f"connector {BALLOON} is not there"):
        opened(tenant, INVOICES, BALLOON)


def test_what_was_kept_or_is_being_retired_is_not_asked_again(tenant: Engine) -> None:
    """A new campaign leaves both out and says so, until the day an answer named; or asks again."""
    told = opened(tenant, INVOICES, TWIN, WEATHER)
    answers: tuple[tuple[int, dict[str, Any]], ...] = (
        (INVOICES, {"answer": "keep", "reason": "closing of the year"}),
        (TWIN, {"answer": "keep", "reason": "a while", "until": NOW.date() + timedelta(days=30)}),
        (WEATHER, {"answer": "retire"}),
    )
    for connector, answer in answers:
        campaigning.answer_request(
            tenant, settings(), told.requests[connector], author="Ada", via="csv", now=NOW, **answer
        )

    def left_out(days: int, **more: Any) -> Any:
        return campaigning.planned_campaign(
            tenant, settings(), moment(3), choice="all",
            today=NOW.date() + timedelta(days=days), **more,
        ).settled  # fmt: skip

    assert left_out(1) == {INVOICES: "kept", TWIN: "kept", WEATHER: "retiring"}
    assert left_out(40) == {INVOICES: "kept", WEATHER: "retiring"}
    assert left_out(400) == {WEATHER: "retiring"}
    assert left_out(1, again=True) == {}


def test_a_choice_is_looked_at_before(tenant: Engine) -> None:
    """What a campaign would ask is told without writing anything."""
    before = workflow(tenant)
    plan = campaigning.planned_campaign(
        tenant, settings(), moment(3), choice="gaps", today=NOW.date()
    )

    assert {one.connector_id for one in plan.asking} >= {PAYROLL, WEATHER, VANISHING}
    assert INVOICES not in plan.names
    assert workflow(tenant) == before


# --- time


def test_who_does_not_answer_is_reminded_and_passed_over(tenant: Engine) -> None:
    """A reminder after a week, the next one after two, and in the end nobody answered."""
    opened(tenant, INVOICES)
    told = [later(tenant, days).steps for days in (6, 7, 8, 14, 21, 28, 36)]
    request = row(tenant)

    assert told == [{}, {"remind": 1}, {}, {"escalate": 1}, {"remind": 1}, {}, {"give_up": 1}]
    assert letters(tenant) == [
        ("asked", ADA), ("reminded", ADA), ("escalated", MAILBOX), ("reminded", MAILBOX),
    ]  # fmt: skip
    assert (request["outcome"], request["escalations"]) == ("unanswered", 1)
    assert request["passed"] == [{"role": "owner", "name": "Ada Ample", "why": "did_not_answer"}]
    assert rows(tenant, models.Campaign)[0]["closed_by"] == "connectory"


def test_a_day_is_advanced_once_however_often(tenant: Engine) -> None:
    """Two daemons and a person at once: one reminder, one letter."""
    opened(tenant, INVOICES, TWIN)
    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(lambda _: later(tenant, 7), range(4)))

    assert sum(one.steps.get("remind", 0) for one in told) == 2
    assert Counter(letters(tenant)) == {("asked", ADA): 1, ("reminded", ADA): 1}


def test_a_crash_before_the_letter_loses_none(tenant: Engine) -> None:
    """What was owed is written by the next run, and what was written is not written again."""
    opened(tenant, INVOICES)
    with writing(tenant) as connection:
        # as after a reminder that was noted, and a process that ended then
        values = {"letter": None, "reminders": 1, "told_at": None}
        connection.execute(update(models.AttestationRequest).values(**values))
    later(tenant, 1)
    with writing(tenant) as connection:
        # as after a letter in the outbox, and a process that ended before noting it
        connection.execute(update(models.AttestationRequest).values(told_at=None))
    later(tenant, 2)

    assert letters(tenant) == [("asked", ADA), ("reminded", ADA)]
    assert row(tenant)["told_at"] is not None


def test_who_has_left_is_passed_over_at_once(tenant: Engine) -> None:
    """Nobody waits for a reminder to somebody whose account is disabled by now."""
    opened(tenant, INVOICES)
    with writing(tenant) as connection:
        connection.execute(
            update(models.PrincipalVersion)
            .where(models.PrincipalVersion.principal_id == 1)
            .values(enabled=False)
        )
    told = later(tenant, 1)

    assert told.steps == {"escalate": 1}
    assert row(tenant)["passed"][0]["why"] == "disabled"


def test_a_letter_that_came_back_goes_on(tenant: Engine) -> None:
    """Where mail does not arrive the next one is asked, and told why."""
    opened(tenant, INVOICES)
    with writing(tenant) as connection:
        connection.execute(update(models.OutboxMessage).values(state="bounced"))

    assert later(tenant, 1).steps == {"escalate": 1}
    assert row(tenant)["passed"][0]["why"] == "no_address"
    assert later(tenant, 2).steps == {}


def test_more_time_moves_reminder_and_next_one(tenant: Engine) -> None:
    """Whoever takes three weeks is reminded a week before, by a link that works."""
    opened(tenant, INVOICES)
    with serving(tenant) as asker:
        asker.clock.now = NOW + timedelta(days=2)
        asker.post(asker.token(), "more_time", until=(NOW + timedelta(days=23)).date().isoformat())
        told = [later(tenant, days).steps for days in (7, 14, 15, 16, 22, 23)]

    assert told == [{}, {}, {}, {"remind": 1}, {}, {"escalate": 1}]
    assert letters(tenant)[:2] == [("asked", ADA), ("reminded", ADA)]


def test_what_went_on_is_written_about(tenant: Engine) -> None:
    """Not theirs by link: the next one has a letter after the next round, and no sooner one twice."""
    opened(tenant, INVOICES)
    with serving(tenant) as asker:
        asker.post(asker.token(), "not_mine")
    later(tenant, 0)
    later(tenant, 0)

    assert letters(tenant) == [("asked", ADA), ("escalated", MAILBOX)]


def test_who_is_handed_one_is_not_told_that_they_own_it(tenant: Engine) -> None:
    """Ada owns two and is named for payroll: the weekly digest tells each for what it is."""
    opened(tenant, INVOICES)
    opened(tenant, PAYROLL)
    number = row(tenant, PAYROLL)["id"]
    campaigning.answer_request(
        tenant, settings(), number, answer="hand_over", hand_over_to=ADA, author="Dora",
        via="dashboard", now=NOW,
    )  # fmt: skip
    with reading(tenant) as connection:
        told = campaigning.questions(connection, settings(), NOW)
        (digest,) = owner_digests(
            connection, moment(3), settings(), today=NOW.date(), period="2026-W48",
            asked=told.asked, to=told.to, owner=ADA,
        )  # fmt: skip

    assert row(tenant, PAYROLL)["role"] == "named"
    assert "You own 2 connectors in Power Platform." in digest.text
    assert "You were named as the one who answers for “Payroll”." in digest.text


def test_a_connector_that_is_gone_is_not_asked_about(tenant: Engine) -> None:
    """Its request ends, and the plan to retire another one that is gone is done."""
    opened(tenant, INVOICES, TWIN)
    with serving(tenant) as asker:
        asker.post(asker.token(TWIN), "retire")
    with writing(tenant) as connection:
        connection.execute(
            update(models.ConnectorVersion)
            .where(
                models.ConnectorVersion.connector_id.in_((INVOICES, TWIN)),
                models.ConnectorVersion.to_run.is_(None),
            )
            .values(presence="gone", presence_reason="deleted")
        )
    told = later(tenant, 1)
    (plan,) = rows(tenant, models.RetirementPlan)

    assert (told.gone, told.removed, told.closed) == (1, 1, 1)
    assert (row(tenant)["outcome"], row(tenant)["reason"]) == ("cancelled", "the connector is gone")
    assert (plan["outcome"], plan["closed_by"]) == ("removed", "run 3")


def test_nothing_open_needs_no_address(tenant: Engine) -> None:
    """Where nobody is asked anything, the scheduled command does nothing and complains of nothing."""
    assert later(tenant, 1, settings(public_url="")) == Advanced()


def test_groups_of_environments_have_steps_of_their_own(tenant: Engine) -> None:
    """Production is asked more urgently than the rest, as kept when it was opened."""
    told = Settings.model_validate(
        {
            "reports": settings().reports.model_dump(),
            "campaigns": {"groups": {"production": {"answer_days": 7, "remind_days": [3]}}},
        }
    )
    opened(tenant, INVOICES, TWIN, told=told)

    assert row(tenant, INVOICES)["deadline"] == (NOW + timedelta(days=7)).date()
    assert row(tenant, TWIN)["deadline"] == (NOW + timedelta(days=28)).date()
    assert later(tenant, 3).steps == {"remind": 1}


def test_a_closed_campaign_stays_as_it_is(tenant: Engine) -> None:
    """Nothing is sent, reminded or written any more; closing it again is refused."""
    number = opened(tenant, INVOICES).campaign_id
    assert close_campaign(tenant, number, author="Dora", now=NOW) == 1
    assert [one["state"] for one in rows(tenant, models.OutboxMessage)] == ["cancelled"]
    before = workflow(tenant)

    assert later(tenant, 30).steps == {}
    assert workflow(tenant) == before
    with pytest.raises(NotOpened, match="closed already"):
        close_campaign(tenant, number, author="Dora", now=NOW)


def test_the_weekly_digest_can_ask_too(tenant: Engine) -> None:
    """All that is open, with links, by person; nothing without an address."""
    opened(tenant)
    with reading(tenant) as connection:
        told = campaigning.questions(connection, settings(), NOW)
        none = campaigning.questions(connection, settings(public_url=""), NOW)

    assert {person: len(some) for person, some in told.asked.items()} == {ADA: 2, MAILBOX: 1}
    assert told.to[ADA].address == "ada@tenant.example"
    assert none.asked == {}
