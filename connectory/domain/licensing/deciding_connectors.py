"""What becomes of a scenario when a connector is used by more people, retired or replaced."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from connectory.domain.licensing.attribution import without
from connectory.domain.licensing.changes import Refused, Replace, Retire, Scale
from connectory.domain.licensing.draft import Draft, assets, free_name, in_bounds, listed
from connectory.domain.licensing.products import products
from connectory.domain.licensing.scenario import People, User

NEW: Final = "new"
"""Begins the ids of people who are not there yet."""
_MOST_PEOPLE: Final = 2_000_000


def scale(draft: Draft, change: Scale) -> list[str]:
    """Let more people use a connector; return what is worth knowing."""
    told = draft.used(change.connector)
    in_bounds(change.people, "people")
    for sku in change.holding:
        if products().of(sku) is None:
            raise Refused(f"product {sku!r} is not known: what it covers cannot be told")
    apps, flows = _reach(draft, change, told)
    scenario = draft.scenario
    before = len(scenario.people)
    if before + change.people > _MOST_PEOPLE:
        raise Refused(f"there would be more than {_MOST_PEOPLE:,} people")
    user = User(
        free_name(NEW, {one.id for one in scenario.people.users}),
        count=change.people,
        skus=change.holding,
    )
    added = np.arange(before, before + change.people)
    draft.scenario = replace(scenario, people=People([*scenario.people.users, user]))
    draft.put_apps(
        {
            number: replace(
                scenario.apps[number],
                users=np.concatenate([scenario.apps[number].users, added]),
                active=np.concatenate([scenario.apps[number].active, added]),
            )
            for number in apps
        }
    )
    draft.put_flows(
        {
            number: replace(
                scenario.flows[number],
                invokers=np.concatenate([scenario.flows[number].invokers, added]),
            )
            for number in flows
        }
    )
    names = [draft.app_called(number) for number in apps]
    names += [draft.flow_called(number) for number in flows]
    return [f"They use {listed(names)}."]


def _reach(draft: Draft, change: Scale, told: str) -> tuple[list[int], list[int]]:
    """Return the apps that more people use; where there are none, the flows that they start."""
    scenario = draft.scenario
    flows = [n for n, one in enumerate(scenario.flows) if change.connector in one.connectors]
    started = {scenario.flows[n].app for n in flows if scenario.flows[n].trigger == "app"}
    apps = [
        number
        for number, one in enumerate(scenario.apps)
        if change.connector in one.connectors or number in started
    ]
    if change.app is not None:
        one = draft.app(change.app)
        if one not in apps:
            raise Refused(f"the app {draft.app_called(one)} does not use {told}")
        return [one], []
    by_hand = [] if apps else [n for n in flows if scenario.flows[n].trigger == "instant"]
    if not apps and not by_hand:
        raise Refused(
            f"no app uses {told}, and no flow with it is started by hand: more people need nothing "
            "because of it"
        )
    return apps, by_hand


def retire(draft: Draft, change: Retire) -> list[str]:
    """Take a connector out of every app and flow."""
    return _without(draft, change.connector)


def replaced(draft: Draft, change: Replace) -> list[str]:
    """Put a connector in the place of another."""
    if change.by is None:
        return _without(draft, change.connector)
    draft.used(change.connector)
    if not draft.known(change.by):
        raise Refused(f"there is no connector {change.by!r} to take its place")
    scenario, old, new = draft.scenario, change.connector, change.by
    draft.put_apps(
        {
            number: replace(one, connectors=_in_place(one.connectors, old, new))
            for number, one in enumerate(scenario.apps)
            if old in one.connectors
        }
    )
    draft.put_flows(
        {
            number: replace(one, connectors=_in_place(one.connectors, old, new))
            for number, one in enumerate(scenario.flows)
            if old in one.connectors
        }
    )
    return ["Another custom connector is premium as well: by itself that saves nothing."]


def _without(draft: Draft, connector: str) -> list[str]:
    draft.used(connector)
    before = assets(draft.scenario)
    draft.scenario = without(draft.scenario, connector)
    after = assets(draft.scenario)
    used = [new for old, new in zip(before, after, strict=True) if connector in old.connectors]
    still = sum(1 for one in used if one.custom_connector)
    if not still:
        return []
    return [f"{still:,} of the {len(used):,} apps and flows that use it use another one as well."]


def _in_place(connectors: tuple[str, ...], old: str, new: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(new if one == old else one for one in connectors))
