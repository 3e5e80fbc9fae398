"""What was asked, who has answered what, who has not, and what follows from it."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest
from factories import (
    ADA,
    DORA,
    INVOICES,
    PAYROLL,
    SCRATCH,
    TWIN,
    VANISHING,
    WEATHER,
    fill,
    moment,
)
from factories_asking import (
    ASKED,
    AUTUMN,
    COE,
    DRAFT,
    GIVEN_UP,
    KEPT,
    MINE,
    PLAN,
    RETIRED,
    SUMMER,
    TODAY,
    UNANSWERED,
    at,
    fill_asking,
)
from sqlalchemy import Connection, Engine, update
from test_effort_query import replies

from connectory.database import reading, writing
from connectory.queries.campaigns import (
    STATES,
    campaign,
    campaigns,
    evidence,
    request_log,
    requests,
    waiting_for,
)
from connectory.queries.retirements import retirement_plans
from connectory.queries.tables import RETIREMENT_PLANS


@pytest.fixture
def asked(module_store: Engine) -> Engine:
    """A store with campaigns."""
    with reading(module_store) as connection:
        there = not campaigns(connection, TODAY).empty
    if not there:
        fill(module_store)
        fill_asking(module_store)
    return module_store


def test_how_far_campaigns_are(asked: Engine) -> None:
    """The newest first; what is open past its day is late; one that asks nothing is told too."""
    with reading(asked) as connection:
        told = campaigns(connection, TODAY)
    rows = {row["campaign_id"]: row for row in told.to_dict("records")}

    assert told["campaign_id"].tolist() == [DRAFT, SUMMER, AUTUMN]
    autumn = rows[AUTUMN]
    assert (autumn["connectors"], autumn["answered"]) == (5, 2)
    assert {one: autumn[one] for one in STATES} == {
        "late": 1, "open": 1, "keep": 1, "retire": 1, "hand_over": 0, "not_mine": 0,
        "unanswered": 1, "cancelled": 0,
    }  # fmt: skip
    assert [rows[one]["state"] for one in (AUTUMN, SUMMER, DRAFT)] == ["open", "closed", "open"]
    assert rows[DRAFT]["connectors"] == 0
    assert autumn["deadline"] == TODAY + timedelta(days=10)


def test_a_campaign_past_its_deadline_is_late(asked: Engine) -> None:
    """As long as nobody closes it."""
    with reading(asked) as connection:
        told = campaign(connection, AUTUMN, TODAY + timedelta(days=11))

        assert campaign(connection, 99, TODAY) is None
    assert told is not None
    assert told.facts["state"] == "late"
    assert told.facts["name"] == "Autumn review"
    assert told.chosen == {"how": "stale"}
    assert "default" in told.steps


def test_requests_come_late_ones_first(asked: Engine) -> None:
    """Then those that are open, then what was answered."""
    with reading(asked) as connection:
        told = requests(connection, moment(3), TODAY, campaign_id=AUTUMN)
    rows = {row["request_id"]: row for row in told.to_dict("records")}

    assert told["request_id"].tolist() == [MINE, ASKED, KEPT, RETIRED, UNANSWERED]
    assert told["connector_id"].tolist() == [TWIN, PAYROLL, INVOICES, WEATHER, VANISHING]
    assert rows[ASKED]["passed"] == [{"role": "owner", "name": "Carla", "why": "departed"}]
    assert (rows[ASKED]["reminders"], rows[ASKED]["escalations"]) == (2, 1)
    assert rows[KEPT]["reason"] == "the month-end run needs it"
    assert rows[KEPT]["answered_by"] == "Ada"
    assert (rows[KEPT]["connector"], rows[KEPT]["environment"]) == ("Invoices", "Finance")
    assert told["current"].all()


def test_a_choice_of_requests(asked: Engine) -> None:
    """Of one connector, or to one person."""
    with reading(asked) as connection:
        of_scratch = requests(connection, moment(3), TODAY, connector_id=SCRATCH)
        to_ada = requests(connection, moment(3), TODAY, asked=ADA)

    assert of_scratch["request_id"].tolist() == [GIVEN_UP]
    assert of_scratch["campaign"].tolist() == ["Summer review"]
    assert to_ada["request_id"].tolist() == [MINE, KEPT]


def test_who_has_not_answered(asked: Engine) -> None:
    """Whoever is late comes first; whoever was given up is no longer waited for."""
    with reading(asked) as connection:
        told = waiting_for(requests(connection, moment(3), TODAY, campaign_id=AUTUMN))

    assert told["asked"].tolist() == [ADA, DORA]
    assert told["late"].tolist() == [1, 0]
    assert told["reminders"].tolist() == [0, 2]
    assert COE not in set(told["asked"])


def test_what_happened_to_a_request(asked: Engine) -> None:
    """The oldest first, with its details; and what was known when it was asked."""
    with reading(asked) as connection:
        log = request_log(connection, ASKED)
        known = evidence(connection, ASKED)

        assert evidence(connection, 99) == {}
    assert log["what"].tolist() == ["opened", "reminded", "reminded", "escalated"]
    assert log["told"].iloc[0] == {"deadline": (TODAY + timedelta(days=5)).isoformat()}
    assert known == {"owner_state": "owned"}


def plan(connection: Connection, today: date = TODAY) -> pd.Series:
    """Return the plan to retire Weather."""
    told = retirement_plans(connection, moment(3), today)
    assert told["plan_id"].tolist() == [PLAN]
    return told.iloc[0]


def test_which_step_of_a_retirement_is_due(asked: Engine) -> None:
    """Consumers are told first; then nothing new may use it; then it may go."""
    with reading(asked) as connection:
        row = plan(connection)
        assert retirement_plans(connection, moment(3), TODAY, campaign_id=SUMMER).empty
        assert len(retirement_plans(connection, moment(3), TODAY, campaign_id=AUTUMN)) == 1
    assert (row["step"], row["due"], row["overdue"]) == (
        "announce", TODAY - timedelta(days=1), True
    )  # fmt: skip
    assert (row["connector"], row["campaign"]) == ("Weather and tides", "Autumn review")
    with writing(asked) as connection:
        connection.execute(
            update(RETIREMENT_PLANS).values(announced_at=at(TODAY), announced_by="Grace")
        )
        row = plan(connection)
        assert (row["step"], row["due"], row["overdue"]) == (
            "freeze", TODAY + timedelta(days=30), False
        )  # fmt: skip
        connection.execute(update(RETIREMENT_PLANS).values(frozen_at=at(TODAY), frozen_by="Grace"))
        assert plan(connection)["step"] == "remove"
        connection.execute(
            update(RETIREMENT_PLANS).values(
                closed_at=at(TODAY), closed_by="Grace", outcome="given_up"
            )
        )
        row = plan(connection)
        assert (row["step"], row["due"], row["overdue"]) == ("given_up", None, False)
        assert retirement_plans(connection, moment(3), TODAY, open_only=True).empty
        connection.rollback()


def test_frames_have_their_columns_without_rows(nothing: Connection) -> None:
    """Nobody was asked yet."""
    assert campaigns(nothing, TODAY).empty
    told = requests(nothing, moment(1), TODAY)
    assert told.empty
    assert waiting_for(told).empty
    assert "late" in campaigns(nothing, TODAY).columns
    assert retirement_plans(nothing, moment(1), TODAY).empty


def test_it_asks_once_however_many_there_are(asked: Engine) -> None:
    """No list asks once a row."""
    for ask in (
        lambda connection: campaigns(connection, TODAY),
        lambda connection: requests(connection, moment(3), TODAY),
        lambda connection: retirement_plans(connection, moment(3), TODAY),
    ):
        with reading(asked) as connection, replies(connection) as seen:
            ask(connection)
        assert len(seen) == 1
