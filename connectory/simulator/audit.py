"""What the audit log of the simulated tenant holds: who did what to what, written as it happens."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from connectory.simulator.randomness import guid, stream

if TYPE_CHECKING:
    from connectory.simulator.state import App, Connection, Connector, Flow, Tenant

    Thing: TypeAlias = Connector | Connection | Flow | App

Noun = Literal["connector", "connection", "flow", "app"]
Action = Literal["created", "edited", "deleted", "shared", "unshared", "launched"]
_LAUNCHES: Final = 3
"""Most people who open one app on one day."""


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """One thing somebody did.

    Attributes:
        target: Name of the connector, connection, flow or app.
        connector: The connector it is about, of a connector or connection.
        actor: Object id of the person or service principal.
        delivered: When the log hands it out, which is hours after it happened.
    """

    id: str
    at: datetime
    noun: Noun
    action: Action
    environment: str
    target: str
    connector: str | None
    actor: str
    delivered: datetime


def note(
    tenant: Tenant,
    at: datetime,
    action: Action,
    thing: Thing,
    actor: str | None = None,
) -> None:
    """Write a record of what was done; by whoever holds the thing unless somebody is named."""
    noun: Noun = type(thing).__name__.lower()  # type: ignore[assignment]
    who = actor or doer(tenant, thing)
    if thing.name is None or who is None:
        return
    rng = stream(tenant.seed, "audit", len(tenant.audit))
    late = rng.uniform(20, 300) if rng.random() < 0.9 else rng.uniform(300, 2400)  # noqa: PLR2004 - share told soon
    connector = {"connector": thing.name, "connection": getattr(thing, "connector", None)}
    tenant.audit.append(
        AuditRecord(
            id=guid(rng),
            at=at.replace(microsecond=0),
            noun=noun,
            action=action,
            environment=thing.environment,
            target=thing.name,
            connector=connector.get(noun),
            actor=who,
            delivered=at + timedelta(minutes=late),
        )
    )


def doer(tenant: Tenant, thing: Thing) -> str | None:
    """Return who does something to a thing: its holder, unless the directory has forgotten them."""
    who = holder(thing)
    return who if who in tenant.people or who in tenant.service_principals else None


def holder(thing: Thing) -> str | None:
    """Return who made or owns a thing, as far as the thing itself says."""
    for name in ("owner_id", "created_by", "creator_id"):
        if getattr(thing, name, None):
            return str(getattr(thing, name))
    held = getattr(thing, "permissions", None) or ()
    return next((one.principal_id for one in held if one.principal_type == "User"), None)


def launch_apps(tenant: Tenant) -> None:
    """Let people open apps on the day that ends now."""
    rng = stream(tenant.seed, "launches", tenant.now.date().isoformat())
    # Who is in a case of licensing opens the apps of that and no others.
    people = sorted(tenant.dealt.builders)
    people = [one for one in people if tenant.people[one].enabled]
    cased = tenant.dealt.assets
    apps = [a for a in tenant.apps if a.deleted is None and (a.environment, a.name) not in cased]
    for app in rng.sample(apps, min(len(apps), 40)):
        for person in rng.sample(people, rng.randrange(_LAUNCHES + 1)):
            moment = tenant.now - timedelta(seconds=rng.uniform(60, 86_000))
            note(tenant, max(moment, app.created), "launched", app, person)
    open_apps(
        tenant,
        [n for n in range(len(tenant.dealt.openings)) if n % 7 == tenant.now.weekday()],
        0.01,
        0.99,
    )


def open_apps(tenant: Tenant, numbers: Iterable[int], days_from: float, days_to: float) -> None:
    """Let people of cases open their apps: who does so once a week does so for good."""
    rng = stream(tenant.seed, "openings", tenant.now.date().isoformat())
    named = {(app.environment, app.name): app for app in tenant.apps}
    for number in numbers:
        place, person = tenant.dealt.openings[number]
        at = tenant.now - timedelta(days=rng.uniform(days_from, days_to))
        note(tenant, at, "launched", named[place], person)


def begin(tenant: Tenant) -> None:
    """Write what happened in the week before the tenant's first moment."""
    week = tenant.now - timedelta(days=7)
    everything: list[Thing] = []
    for things in (tenant.connectors, tenant.connections, tenant.flows, tenant.apps):
        everything += things
    for made in everything:
        if made.created > week:
            note(tenant, made.created, "created", made)
    for connector in tenant.connectors:
        if connector.changed > week:
            note(tenant, connector.changed, "edited", connector)
    for flow in tenant.flows:
        if flow.modified > week:
            note(tenant, flow.modified, "edited", flow)
    # Early enough for the log to have heard of it by now.
    open_apps(tenant, range(len(tenant.dealt.openings)), 3, 6)
    launch_apps(tenant)
