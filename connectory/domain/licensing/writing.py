"""Writing a scenario as JSON, which `connectory estimate` reads to the same figures.

People who are alike in what they hold and in every list they are in stand there once, with their
number. The format is described in docs/cost-model.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import orjson

from connectory.domain.licensing.ids import PRINCIPAL, Ids, plain
from connectory.domain.licensing.scenario import App, Environment, Flow, Numbers, Scenario, User

_ALIKE: Final = "people"
"""Begins the id of people who are alike and were not one group before."""
Told = dict[str, Any]


def write_scenario(scenario: Scenario) -> bytes:
    """Return a scenario as a file of JSON."""
    return orjson.dumps(as_told(scenario), option=orjson.OPT_INDENT_2) + b"\n"


def as_told(scenario: Scenario) -> Told:
    """Return a scenario as plain values; what has its default is left out."""
    ids, crowd = Ids(scenario), _Crowd(scenario)
    homes = ids.environments
    return {
        "as_of": scenario.as_of.isoformat(),
        "channel": scenario.channel,
        "basis": scenario.basis,
        "environments": [
            _environment(name, one)
            for name, one in zip(homes, scenario.environments, strict=True)
        ],
        "users": crowd.users(),
        "apps": [
            _app(name, homes[one.environment], one, crowd)
            for name, one in zip(ids.apps, scenario.apps, strict=True)
        ],
        "flows": [
            _flow(name, homes[one.environment], one, crowd, ids.apps)
            for name, one in zip(ids.flows, scenario.flows, strict=True)
        ],
        "agents": [
            {"id": name, "environment": homes[one.environment], "credits_per_month": one.credits}
            for name, one in zip(ids.agents, scenario.agents, strict=True)
        ],
    }  # fmt: skip


class _Crowd:
    """Everybody, in groups whose members nothing tells apart, in the order of their first members."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario, self._people = scenario, Ids(scenario).people
        self._of, self._members = self._groups()
        self._ids = self._named()

    def users(self) -> list[Told]:
        """Return who is there."""
        found = []
        for name, members in zip(self._ids, self._members, strict=True):
            one = self._user(int(members[0]))
            alike = {} if len(members) == 1 else {"count": len(members)}
            found.append({"id": name, **alike, **_traits(one)})
        return found

    def named(self, who: Numbers) -> list[str]:
        """Return the ids of some people; whoever is alike is among them or not together."""
        return [self._ids[group] for group in np.unique(self._of[who]).tolist()]

    def one(self, person: int) -> str:
        """Return the id of somebody who is in no group with others."""
        return self._ids[int(self._of[person])]

    def _user(self, person: int) -> User:
        people = self._scenario.people
        return people.users[int(people.user_of[person])]

    def _groups(self) -> tuple[Numbers, list[Numbers]]:
        """Return the group of everybody, and the members of each.

        Whoever is in one list with others of their group leaves it together with them.
        """
        scenario = self._scenario
        kinds: dict[str, int] = {}
        by_user = [
            kinds.setdefault(repr(_traits(one)), len(kinds)) for one in scenario.people.users
        ]
        labels = np.array(by_user, dtype=np.int64)[scenario.people.user_of]
        free = len(kinds)
        for members in self._lists():
            known, anew = np.unique(labels[members], return_inverse=True)
            labels[members] = free + anew
            free += len(known)
        _, first, of = np.unique(labels, return_index=True, return_inverse=True)
        order = np.argsort(first)
        place = np.empty_like(order)
        place[order] = np.arange(len(order))
        groups = place[of]
        by_group = np.argsort(groups, kind="stable")
        ends = np.cumsum(np.bincount(groups, minlength=len(order)))
        return groups, np.split(by_group, ends[:-1]) if len(order) else []

    def _lists(self) -> list[Numbers]:
        found: list[Numbers] = []
        for app in self._scenario.apps:
            found += [app.users, app.active]
        for flow in self._scenario.flows:
            found += [flow.invokers, flow.credential_holders, flow.trigger_users]
            if flow.owner is not None:
                found.append(np.array([flow.owner], dtype=np.int64))
        return [one for one in found if len(one)]

    def _named(self) -> list[str]:
        """Return an id for each group, none of which is that of somebody in another one."""
        alone = {self._people[int(some[0])] for some in self._members if len(some) == 1}
        taken, found = set(alone), []
        for members in self._members:
            if len(members) == 1:
                found.append(self._people[int(members[0])])
                continue
            stem, number = self._stem(members), 1
            while (every := _expanded(name := _numbered(stem, number), len(members))) & taken:
                number += 1
            taken |= every
            found.append(name)
        return found

    def _stem(self, members: Numbers) -> str:
        """Return how the id of a group begins: as before, of people who were one already."""
        of = self._scenario.people.user_of[members[[0, -1]]]
        user = self._scenario.people.users[int(of[0])]
        mine = of[0] == of[1] and user.count is not None
        name = plain(user.id)
        return name if mine and name and not name.startswith(PRINCIPAL) else _ALIKE


def _numbered(stem: str, number: int) -> str:
    return stem if number == 1 else f"{stem}.{number}"


def _expanded(name: str, count: int) -> set[str]:
    return {name, *(f"{name}-{place}" for place in range(1, count + 1))}


def _environment(name: str, one: Environment) -> Told:
    meters = {"power_apps_meter": one.app_meter, "flow_meter": one.flow_meter}
    return {
        "id": name,
        "type": one.type,
        **_given(managed=one.managed, per_app_passes=one.passes, d365_skus=_texts(one.d365)),
        **({"billing_policy": {"linked": True, **meters}} if one.linked else {}),
    }


def _traits(user: User) -> Told:
    """Return what is told of a person beside the id."""
    return {
        **({} if user.enabled else {"enabled": False}),
        **_given(
            type="guest" if user.guest else None,
            skus=_texts(user.skus),
            disabled_plans=_texts(user.disabled_plans),
            home_skus=_texts(user.home_skus),
            trial_until=user.trial_until and user.trial_until.isoformat(),
        ),
        **({} if user.home_cloud_same else {"home_cloud_same": False}),
    }


def _app(name: str, home: str, one: App, crowd: _Crowd) -> Told:
    active = (
        {} if np.array_equal(one.users, one.active) else {"active_users": crowd.named(one.active)}
    )
    return {
        "id": name,
        "environment": home,
        "custom_connector": one.custom_connector,
        **_given(
            dataverse=one.dataverse,
            extends_d365_sku=one.extends and plain(one.extends),
            payg_opt_out=one.opted_out,
            connectors=_texts(one.connectors),
        ),
        "users": crowd.named(one.users),
        **active,
    }


def _flow(name: str, home: str, one: Flow, crowd: _Crowd, apps: Sequence[str]) -> Told:
    return {
        "id": name,
        "environment": home,
        "custom_connector": one.custom_connector,
        "trigger": one.trigger,
        **_given(
            app=None if one.app is None else apps[one.app],
            associated_app=None if one.associated_app is None else apps[one.associated_app],
            owner=_owner(one, crowd),
            invokers=crowd.named(one.invokers),
            process_licensed=one.process_licensed,
            process_group=one.process_group and plain(one.process_group),
            credential_holders=crowd.named(one.credential_holders),
            trigger_users=crowd.named(one.trigger_users),
            trigger_users_receive_output=one.trigger_users_receive_output,
            d365_context_only=one.d365_context_only,
            connectors=_texts(one.connectors),
        ),
        **({} if one.runs is None else {"runs_per_month": one.runs}),
    }


def _owner(flow: Flow, crowd: _Crowd) -> str | None:
    if flow.service_principal is not None:
        name = plain(flow.service_principal)
        return name if name.startswith(PRINCIPAL) else PRINCIPAL + name
    return None if flow.owner is None else crowd.one(flow.owner)


def _given(**fields: object) -> Mapping[str, object]:
    """Return the fields that say something."""
    return {name: value for name, value in fields.items() if value}


def _texts(some: Sequence[str]) -> list[str]:
    return [plain(one) for one in some]
