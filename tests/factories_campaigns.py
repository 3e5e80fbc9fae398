"""A campaign about the small tenant, links into it, and a server that answers them."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import httpx
import uvicorn
from factories import ADA, CARLA, INVOICES, PAYROLL, WEATHER
from sqlalchemy import Engine, select, update
from starlette.applications import Starlette
from starlette.middleware import Middleware

import models
from connectory.actions.attesting import Chain
from connectory.actions.campaigns import Asking, Opened, open_campaign
from connectory.attestation.desk import Desk
from connectory.attestation.links import Links, answer_link
from connectory.attestation.routes import attestation_routes
from connectory.config import Settings
from connectory.database import reading, writing
from connectory.domain.answering import Recipient
from connectory.domain.attesting import Next
from connectory.domain.campaign_steps import Steps, kept
from connectory.serve import _Doors

NOW: Final = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TODAY: Final = NOW.date()
KEY: Final = "a key for tests that is long enough to sign with"
PUBLIC: Final = "https://connectory.example"
TO_ADA: Final = Recipient(ADA, "Ada Ample", "ada@example.com", "en-GB", "owner")
TO_CARLA: Final = Recipient(CARLA, "Carla Cove", "carla@example.com", "de-AT", "steward")
TO_MAILBOX: Final = Recipient(
    "mailbox:coe@example.com", "coe@example.com", "coe@example.com", None, "coe"
)
STEPS: Final = Steps(answer_days=28, remind_days=(7,), escalate_days=14)

FACTS: Final[dict[str, Any]] = {
    "connector": "Invoices",
    "environment": "Finance",
    "environment_type": "Production",
    "owner": "Ada Ample",
    "last_used_on": "2026-03-04",
    "evidence": "call",
    "use": "stale",
    "flows": 1,
    "apps": 2,
    "agents": 0,
    "monthly": "1240.50",
    "currency": "EUR",
    "host": "invoices.example",
    "people": [{"key": CARLA, "name": "Carla Cove", "why": "editor"}],
    "as_of": "2026-11-22T02:00:00+00:00",
}

WORKFLOW: Final = (
    models.Campaign,
    models.AttestationRequest,
    models.AttestationEvent,
    models.RetirementPlan,
    models.Steward,
    models.Exemption,
    models.OutboxMessage,
    models.OutboxContent,
    models.OutboxEvent,
)
"""Every table that people's decisions and letters are written to."""


def settings(**reports: Any) -> Settings:
    """Return settings under which links can be answered."""
    told = {"public_url": PUBLIC, "coe_mailbox": "coe@example.com", **reports}
    return Settings.model_validate({"reports": told, "dashboard": {"time_zone": "Europe/Berlin"}})


def asked(
    store: Engine,
    *asking: Asking,
    now: datetime = NOW,
    steps: Steps = STEPS,
    name: str = "Autumn round",
) -> Opened:
    """Open a campaign that asks Ada of invoices, and Carla of payroll."""
    usual = (
        Asking(INVOICES, TO_ADA, steps, FACTS),
        Asking(PAYROLL, TO_CARLA, steps, {**FACTS, "connector": "Payroll"}),
    )
    return open_campaign(
        store,
        asking or usual,
        name=name,
        purpose="Nobody called it for half a year.",
        chosen={"choice": "stale"},
        steps=kept(steps, {}),
        author="Dora Dune",
        now=now,
        today=now.date(),
    )


def row(store: Engine, connector_id: int = INVOICES) -> Any:
    """Return the newest request about a connector."""
    table = models.AttestationRequest.__table__
    query = select(table).where(table.c.connector_id == connector_id).order_by(table.c.id.desc())
    with reading(store) as connection:
        return connection.execute(query).mappings().first()


def rows(store: Engine, model: type[models.Base]) -> list[dict[str, Any]]:
    """Return every row of a table, in their order."""
    table = model.__table__
    with reading(store) as connection:
        query = select(table).order_by(*table.primary_key.columns)
        return [dict(one) for one in connection.execute(query).mappings()]


def workflow(store: Engine) -> dict[str, list[dict[str, Any]]]:
    """Return all that people decided and were written: what a bad link must not change."""
    return {model.__tablename__: rows(store, model) for model in WORKFLOW}


@dataclass
class Clock:
    """A clock that tests move."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        """Return the time it is."""
        return self.now

    def pass_days(self, days: float) -> None:
        """Let time pass."""
        self.now += timedelta(days=days)


def to_mailbox(_connection: Any, chain: Chain) -> Next | None:
    """Name Carla where she is named, else the mailbox, each once."""
    to = TO_CARLA if chain.named in {CARLA, "carla@example.com"} else TO_MAILBOX
    if to.recipient in chain.before:
        to = TO_MAILBOX
    if to.recipient in chain.before:
        return None
    named = to is TO_CARLA
    role = replace(to, role="named" if named else "coe")
    return Next(role, chain.row["escalations"] + (0 if named else 1))


class Asker:
    """A server of links over a store, and a client that behaves like a browser."""

    def __init__(self, desk: Desk, clock: Clock, address: str) -> None:
        self.desk, self.clock, self.store = desk, clock, desk.engine
        self.client = httpx.Client(
            base_url=address, headers={"Host": PUBLIC.removeprefix("https://")}, timeout=30
        )

    def token(self, connector_id: int = INVOICES) -> str:
        """Return the token of the link by which the newest request can be answered now."""
        link = answer_link(row(self.store, connector_id), self.desk.zone)
        return self.desk.links.answer(link)

    def get(self, token: str, query: str = "", **headers: str) -> httpx.Response:
        """Open a link."""
        return self.client.get(f"/attest/{token}{query}", headers=headers)

    def post(self, token: str, answer: str = "keep", **form: str) -> httpx.Response:
        """Answer by a link, as the page would."""
        usual = {"reason": "It pays our suppliers"} if answer == "keep" else {}
        return self.client.post(
            f"/attest/{token}",
            data={"answer": answer, **usual, **form},
            headers={"Origin": PUBLIC, "Sec-Fetch-Site": "same-origin"},
        )


@contextmanager
def serving(store: Engine, told: Settings | None = None) -> Iterator[Asker]:
    """Serve the links into a store over HTTP, behind the doors of the real server."""
    clock, told = Clock(), told or settings()
    desk = Desk(store, told, Links([KEY]), to_mailbox, clock)
    app = Starlette(
        routes=attestation_routes(desk),
        middleware=[Middleware(_Doors, public_url=told.reports.public_url)],
    )
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, access_log=False, log_level="error"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    asker = Asker(desk, clock, f"http://127.0.0.1:{listener.getsockname()[1]}")
    try:
        yield asker
    finally:
        asker.client.close()
        server.should_exit = True
        thread.join(10)
        listener.close()


def day(days: int) -> date:
    """Return the day so many days after the opening."""
    return TODAY + timedelta(days=days)


__all__ = ["WEATHER", "Asker", "Clock"]


def send(store: Engine, *, after: int | None = None) -> None:
    """Note that every letter that waits was sent: when it was written, or days after the opening."""
    at = models.OutboxMessage.queued_at if after is None else NOW + timedelta(days=after)
    with writing(store) as connection:
        connection.execute(
            update(models.OutboxMessage)
            .where(models.OutboxMessage.state == "queued")
            .values(state="sent", settled_at=at)
        )
