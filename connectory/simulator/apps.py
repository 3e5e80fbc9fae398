"""Canvas apps of the simulated tenant and what they are connected to."""

from __future__ import annotations

import random
from collections import defaultdict
from typing import Final

from connectory.simulator.connections import FIRST_PARTY
from connectory.simulator.flows import Surroundings, open_environments, surroundings_of
from connectory.simulator.people import Cast
from connectory.simulator.randomness import chance, guid, moment, stream
from connectory.simulator.sizes import Size
from connectory.simulator.state import App, AppReference, Flow, Permission, Tenant
from connectory.simulator.titles import app_title
from connectory.simulator.words import HOSTILE_APPS

FLOW_LINK: Final = "shared_logicflows"
"""The connector under which an app's record lists the flows it starts."""


def add_apps(tenant: Tenant, size: Size, cast: Cast) -> None:
    """Fill the tenant's canvas apps; more of them where there are more custom connectors."""
    rng = stream(tenant.seed, "apps")
    around = surroundings_of(tenant)
    flows: dict[str, list[Flow]] = defaultdict(list)
    for flow in tenant.flows:
        flows[flow.environment].append(flow)
    names = open_environments(tenant)
    weights = [2 + len(around[name].connectors) for name in names]
    for environment in rng.choices(names, weights, k=size.apps):
        add_app(tenant, rng, cast, environment, around[environment], flows[environment])
    if not any(r.connector == FLOW_LINK for app in tenant.apps for r in app.references):
        app = next(app for app in tenant.apps if flows[app.environment])
        app.references.append(_flow_link(rng, flows[app.environment]))
        app.permissions, app.shared_users, app.shared_groups = app.permissions[:1], 0, 0
    if len(tenant.apps) > 20:  # noqa: PLR2004 - a believable share of odd names needs a crowd
        odd = rng.sample(tenant.apps, len(HOSTILE_APPS))
        for app, name in zip(odd, HOSTILE_APPS, strict=True):
            app.display_name = name


def add_app(
    tenant: Tenant,
    rng: random.Random,
    cast: Cast,
    environment: str,
    around: Surroundings,
    flows: list[Flow],
) -> App:
    """Add and return a canvas app that uses what its environment offers."""
    owner = rng.choice(cast.departed if chance(rng, 0.04) else cast.makers).id
    old = chance(rng, 0.06)
    created = moment(rng, tenant.now, 1500, 2300) if old else moment(rng, tenant.now, 5, 900)
    title = app_title(rng)
    references = _references(rng, around, flows)
    permissions, users, groups = _shares(tenant, rng, cast, owner, premium=_premium(references))
    modified = moment(rng, tenant.now, 1, (tenant.now - created).days)
    app = App(
        environment=environment,
        name=guid(rng),
        display_name=title,
        owner_id=owner,
        created_by=owner,
        created=created,
        modified=modified,
        published=modified if chance(rng, 0.9) else None,
        references=references,
        shared_users=users,
        shared_groups=groups,
        permissions=permissions,
        old=old,
    )
    tenant.apps.append(app)
    return app


def _references(rng: random.Random, around: Surroundings, flows: list[Flow]) -> list[AppReference]:
    references = []
    offered = around.connectors
    for connector in rng.sample(offered, min(len(offered), rng.choice((0, 1, 1, 2)))):
        name = str(connector.name)
        made = around.connections[name]
        shared = rng.choice(made).name if made and chance(rng, 0.3) else None
        source = "".join(char for char in connector.display_name if char.isalnum()) or "Source"
        references.append(AppReference(guid(rng), name, custom=True, shared_connection=shared,
                                       data_sources=[source]))  # fmt: skip
    references += [
        AppReference(guid(rng), name, custom=False, data_sources=["List"])
        for name in rng.sample(list(FIRST_PARTY), rng.choice((0, 1, 1, 2)))
    ]
    if flows and chance(rng, 0.2):
        references.append(_flow_link(rng, flows))
    return references


def _flow_link(rng: random.Random, flows: list[Flow]) -> AppReference:
    flow = rng.choice(flows)
    return AppReference(
        guid(rng), FLOW_LINK, custom=False, data_sources=[flow.display_name], flow=flow.name
    )


def _premium(references: list[AppReference]) -> bool:
    """Tell whether an app takes a premium licence, perhaps by what it starts."""
    return any(one.custom or one.flow is not None for one in references)


def _shares(
    tenant: Tenant, rng: random.Random, cast: Cast, owner: str, *, premium: bool
) -> tuple[list[Permission], int, int]:
    """Return the app's permissions and the two counts its record carries (owner not counted).

    What takes a premium licence is shared with those who hold one; who else uses such apps is the
    business of the cases of licensing.
    """
    permissions = [Permission(owner, "Owner", "User", owner)]
    offered = cast.makers if premium else cast.working
    people = rng.sample(offered, min(len(offered), rng.choice((0, 0, 1, 3, 8))))
    users = [person.id for person in people if person.id != owner]
    permissions += [Permission(name, "CanView", "User", name) for name in users]
    groups = 0
    if chance(rng, 0.35):
        live = [group.id for group in tenant.groups.values() if group.deleted is None]
        name = rng.choice(cast.teams if premium else live)
        permissions.append(Permission(name, "CanView", "Group", name))
        groups += 1
    if chance(rng, 0.05) and not premium:
        # The service counts a share with everyone as one more group.
        permissions.append(Permission(f"tenant-{tenant.id}", "CanView", "Tenant", None))
        groups += 1
    return permissions, len(users), groups
