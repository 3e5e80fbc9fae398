"""Campaigns, what was answered and what people were written, over the small tenant of factories.py.

**Autumn** asks about five connectors. Ada keeps Invoices, Bruno retires Weather, Carla's Payroll
went on to Dora after two reminders, nobody answers for Vanishing, and Ada has not answered for the
Invoices in Sandbox. **Summer** is closed: Scratch was given up. **Draft** asks about nothing.
Messages are in each state there is; the oldest has been forgotten but for its row.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from factories import (
    ADA,
    BRUNO,
    DORA,
    INVOICES,
    PAYROLL,
    SCRATCH,
    TWIN,
    VANISHING,
    WEATHER,
    advance_sequences,
)
from sqlalchemy import Connection, Engine, insert

import models
from connectory.database import writing

TODAY = date(2026, 11, 23)
AUTUMN, SUMMER, DRAFT = 1, 2, 3
KEPT, RETIRED, ASKED, UNANSWERED, MINE, GIVEN_UP = range(1, 7)
COE = "mailbox:coe@example.test"
PLAN = 1
HELD, QUEUED, SENDING, SENT, UNCERTAIN, REFUSED, BOUNCED, CANCELLED, FORGOTTEN = range(1, 10)
CARLA_LEFT = {"role": "owner", "name": "Carla", "why": "departed"}
HTML = (
    "<!doctype html><html lang='en'><head><title>x</title></head><body><p>Hello</p></body></html>"
)


def fill_asking(engine: Engine, today: date = TODAY) -> None:
    """Write campaigns and messages beside the small tenant.

    Args:
        engine: Filled by `factories.fill`.
        today: The day by which requests are open or late.
    """
    with writing(engine) as connection:
        _campaigns(connection, today)
        _requests(connection, today)
        _plans(connection, today)
        _messages(connection, today)
        if connection.dialect.name == "postgresql":
            advance_sequences(connection)


def at(day: date, hour: int = 9) -> datetime:
    """Return an hour of a day."""
    return datetime.combine(day, time(hour), UTC)


def _add(connection: Connection, model: type[models.Base], **values: Any) -> None:
    connection.execute(insert(model).values(**values))


def _campaigns(connection: Connection, today: date) -> None:
    for number, name, opened, deadline, closed in (
        (AUTUMN, "Autumn review", -20, 10, None),
        (SUMMER, "Summer review", -120, -90, -88),
        (DRAFT, "Empty", -1, 20, None),
    ):
        _add(
            connection, models.Campaign, id=number, name=name,
            purpose="Who answers for these connectors?", chosen={"how": "stale"},
            steps={"default": {"remind": [7, 14], "escalate": [21]}}, opened_by="Grace",
            opened_at=at(today + timedelta(days=opened)), deadline=today + timedelta(days=deadline),
            closed_at=None if closed is None else at(today + timedelta(days=closed)),
            closed_by=None if closed is None else "Grace",
        )  # fmt: skip


def _requests(connection: Connection, today: date) -> None:
    opened = at(today - timedelta(days=20))
    for number, campaign, connector, asked, name, role, deadline, told in (
        (KEPT, AUTUMN, INVOICES, ADA, "Ada", "owner", 10,
         {"outcome": "keep", "reason": "the month-end run needs it", "answered_by": "Ada"}),
        (RETIRED, AUTUMN, WEATHER, BRUNO, "Bruno", "owner", 10,
         {"outcome": "retire", "reason": "replaced", "answered_by": "Bruno"}),
        (ASKED, AUTUMN, PAYROLL, DORA, "Dora", "manager", 5,
         {"reminders": 2, "escalations": 1, "passed": [CARLA_LEFT]}),
        (UNANSWERED, AUTUMN, VANISHING, COE, "CoE", "coe", -1,
         {"outcome": "unanswered", "reminders": 3}),
        (MINE, AUTUMN, TWIN, ADA, "Ada", "owner", -2, {}),
        (GIVEN_UP, SUMMER, SCRATCH, COE, "CoE", "coe", -90, {"outcome": "cancelled"}),
    ):  # fmt: skip
        values: dict[str, Any] = {
            "reminders": 0, "escalations": 0, "passed": [], "via": None, **told,
        }  # fmt: skip
        ended = "outcome" in told
        _add(
            connection, models.AttestationRequest, id=number, campaign_id=campaign,
            connector_id=connector, asked=asked, asked_name=name, role=role, nonce=f"n{number}",
            facts={"owner_state": "owned"}, deadline=today + timedelta(days=deadline),
            address=f"{name.casefold()}@example.test", counted_from=opened.date(), postponed=0,
            opened_at=opened, closed_at=at(today - timedelta(days=3)) if ended else None,
            **values | {"via": "link" if "answered_by" in told else None},
        )  # fmt: skip
        _add(
            connection, models.AttestationEvent, request_id=number, at=opened, what="opened",
            who="Grace", told={"deadline": (today + timedelta(days=deadline)).isoformat()},
        )  # fmt: skip
    for day, what, who in ((-13, "reminded", "scheduler"), (-6, "reminded", "scheduler"),
                           (-5, "escalated", "scheduler")):  # fmt: skip
        _add(
            connection, models.AttestationEvent, request_id=ASKED,
            at=at(today + timedelta(days=day)), what=what, who=who, told={},
        )  # fmt: skip


def _plans(connection: Connection, today: date) -> None:
    _add(
        connection, models.RetirementPlan, id=PLAN, connector_id=WEATHER, request_id=RETIRED,
        planned_by="Bruno", planned_at=at(today - timedelta(days=3)),
        announce_on=today - timedelta(days=1), freeze_on=today + timedelta(days=30),
        remove_on=today + timedelta(days=60),
    )  # fmt: skip


def _messages(connection: Connection, today: date) -> None:
    for number, state, day, told in (
        (HELD, "held", 0, {"reason": "40 messages are more than 25, the most of one run"}),
        (QUEUED, "queued", 0, {}),
        (SENDING, "sending", 0, {"claimed_by": "host/1", "claimed_until": at(today, 10)}),
        (SENT, "sent", -1, {"campaign_id": AUTUMN, "connectors": [INVOICES, TWIN]}),
        (UNCERTAIN, "uncertain", -2, {"reason": "the connection ended after DATA"}),
        (REFUSED, "refused", -2, {"reason": "550 no such user"}),
        (BOUNCED, "bounced", -3, {"reason": "5.1.1"}),
        (CANCELLED, "cancelled", -4, {}),
        (FORGOTTEN, "sent", -200, {"recipient_name": "Bruno", "recipient": BRUNO}),
    ):
        values: dict[str, Any] = {
            "recipient": ADA, "recipient_name": "Ada", "passed": [], "connectors": [INVOICES],
            "reason": None, **told,
        }  # fmt: skip
        written = at(today + timedelta(days=day))
        settled = state not in ("held", "queued", "sending")
        _add(
            connection, models.OutboxMessage, id=number, occasion=f"owner-digest/{number}",
            report="owner-digest", recipient_key=values["recipient"],
            address="ada@example.test", role="owner", channel="folder", language="en",
            subject=f"Your connectors, {number}", message_id=f"<{number}@connectory.example>",
            state=state, tries=int(settled), not_before=written, queued_at=written,
            settled_at=written + timedelta(minutes=1) if settled else None, **values,
        )  # fmt: skip
        if number != FORGOTTEN:
            _add(
                connection, models.OutboxContent, outbox_id=number, text="Hello, Ada.",
                html=HTML, card=None,
            )  # fmt: skip
        _add(
            connection, models.OutboxEvent, outbox_id=number, at=written, state="queued",
            told=None, actor="connectory report",
        )  # fmt: skip
        if state != "queued":
            _add(
                connection, models.OutboxEvent, outbox_id=number,
                at=written + timedelta(minutes=1), state=state, told=values["reason"],
                actor="host/1",
            )  # fmt: skip
