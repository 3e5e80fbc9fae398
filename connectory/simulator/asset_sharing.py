"""With whom the flows of the simulated tenant are shared: co-owners and those who may run them."""

from __future__ import annotations

import random

from connectory.simulator.people import Cast
from connectory.simulator.randomness import chance, stream
from connectory.simulator.state import App, Flow, Permission, Tenant

_STARTED_BY_HAND = frozenset({"Button", "PowerApp"})


def share_flows(tenant: Tenant, cast: Cast) -> None:
    """Give flows co-owners and, to those that people start, others who may run them."""
    rng = stream(tenant.seed, "flow sharing")
    for flow in tenant.flows:
        if chance(rng, 0.3):
            _hold(flow, Permission(owner := rng.choice(cast.makers).id, "CanEdit", "User", owner))
        if flow.trigger_kind in _STARTED_BY_HAND and chance(rng, 0.6):
            _let_run(tenant, rng, cast, flow)
    by_hand = next((f for f in tenant.flows if f.trigger_kind in _STARTED_BY_HAND), None)
    if by_hand is not None and not by_hand.permissions:
        _let_run(tenant, rng, cast, by_hand)


def _let_run(tenant: Tenant, rng: random.Random, cast: Cast, flow: Flow) -> None:
    """Let people run a flow: what they start themselves makers only, who hold licences for it."""
    by_app = flow.trigger_kind == "PowerApp"
    offered = cast.working if by_app else cast.makers
    for person in rng.sample(offered, min(len(offered), rng.choice((0, 1, 2, 5)))):
        _hold(flow, Permission(person.id, "CanView", "User", person.id))
    live = [g.id for g in tenant.groups.values() if g.deleted is None]
    group = rng.choice(live if by_app else cast.teams)
    _hold(flow, Permission(group, "CanView", "Group", group))
    if chance(rng, 0.05) and by_app:
        _hold(flow, Permission(f"tenant-{tenant.id}", "CanView", "Tenant", None))


def _hold(asset: App | Flow, held: Permission) -> None:
    """Add a permission unless its holder has one; owners need none."""
    holders = {permission.principal_id for permission in asset.permissions} | {asset.owner_id}
    if held.principal_id not in holders:
        asset.permissions.append(held)


def flow_permissions(flow: Flow) -> list[Permission]:
    """Return who holds which role on a flow, its owner first."""
    owner = flow.owner_id
    shared = [held for held in flow.permissions if held.principal_id != owner]
    return [Permission(owner, "Owner", "User", owner), *shared]


def share_another(tenant: Tenant, rng: random.Random, cast: Cast) -> None:
    """Share one app and one flow with one more person each, or take a share back."""
    for assets in (tenant.apps, tenant.flows):
        living = [
            one
            for one in assets
            if one.deleted is None and (one.environment, one.name) not in tenant.dealt.assets
        ]
        asset: App | Flow = rng.choice(living)
        taken = [held for held in asset.permissions if held.role != "Owner"]
        if taken and chance(rng, 0.3):
            asset.permissions.remove(rng.choice(taken))
        else:
            person = rng.choice(cast.makers).id
            _hold(asset, Permission(person, "CanView", "User", person))
        if isinstance(asset, App):
            count_shares(asset)


def count_shares(app: App) -> None:
    """Write the two counts an app's record carries anew; a share with everyone counts as group."""
    kinds = [held.principal_type for held in app.permissions if held.role != "Owner"]
    app.shared_users = kinds.count("User")
    app.shared_groups = len(kinds) - app.shared_users
