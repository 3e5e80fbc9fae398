"""What people call what is in a tenant, so that each can be chosen and told from the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from connectory.domain.licensing.draft import assets
from connectory.domain.licensing.ids import PRINCIPAL, Ids, told_apart
from connectory.domain.licensing.products import products
from connectory.domain.licensing.scenario import LINKABLE, App, Flow
from connectory.queries.exposure_facts import Tenant

Labels = Mapping[str, str]
"""Words for each id, no two of them the same."""


@dataclass(frozen=True)
class Names:
    """The names of a tenant."""

    tenant: Tenant

    @cached_property
    def _ids(self) -> Ids:
        return Ids(self.tenant.scenario)

    @cached_property
    def environments(self) -> Labels:
        """Of every environment."""
        types = [one.type for one in self.tenant.scenario.environments]
        return _told_apart(self._ids.environments, self.tenant.environments, types)

    @cached_property
    def apps(self) -> Labels:
        """Of every app."""
        return self._assets(self._ids.apps, self.tenant.apps, self.tenant.scenario.apps)

    @cached_property
    def flows(self) -> Labels:
        """Of every flow."""
        return self._assets(self._ids.flows, self.tenant.flows, self.tenant.scenario.flows)

    @cached_property
    def connectors(self) -> Labels:
        """Of every connector, with the environments where it is used if several have its name."""
        homes: dict[str, set[str]] = {}
        scenario = self.tenant.scenario
        for one in assets(scenario):
            for connector in one.connectors:
                homes.setdefault(connector, set()).add(self.tenant.environments[one.environment])
        ids = [*self.tenant.connectors, *(set(homes) - set(self.tenant.connectors))]
        return _told_apart(
            ids,
            [self.tenant.connectors.get(one, one) for one in ids],
            [", ".join(sorted(homes.get(one, ()))) for one in ids],
        )

    @cached_property
    def people(self) -> Labels:
        """Of everybody."""
        told = self.tenant.people
        names, departments = [name for name, _ in told], [place or "" for _, place in told]
        return _told_apart(self._ids.people, names, departments)

    def _assets(
        self, ids: Sequence[str], names: Sequence[str], assets: Sequence[App | Flow]
    ) -> Labels:
        homes = [self.tenant.environments[one.environment] for one in assets]
        return _told_apart(ids, names, homes)

    # --- what can be chosen

    @cached_property
    def used(self) -> Labels:
        """Of connectors that some app or flow uses."""
        scenario = self.tenant.scenario
        used = {name for one in assets(scenario) for name in one.connectors}
        return _in_order({one: name for one, name in self.connectors.items() if one in used})

    @cached_property
    def shared(self) -> Labels:
        """Of connectors that more people can use: through an app, or a flow started by hand."""
        scenario = self.tenant.scenario
        started = [one for one in scenario.flows if one.trigger in ("app", "instant")]
        used = {name for one in scenario.apps for name in one.connectors}
        used |= {name for one in started for name in one.connectors}
        return {one: name for one, name in self.used.items() if one in used}

    @cached_property
    def linkable(self) -> Labels:
        """Of environments whose app or run meter can come on."""
        homes = zip(self.environments.items(), self.tenant.scenario.environments, strict=True)
        return _in_order(
            {
                key: name
                for (key, name), home in homes
                if home.type in LINKABLE and not (home.metered and home.runs_metered)
            }
        )

    @cached_property
    def with_passes(self) -> Labels:
        """Of environments where passes are used."""
        homes = zip(self.environments.items(), self.tenant.scenario.environments, strict=True)
        return _in_order({key: name for (key, name), home in homes if not home.linked})

    def apps_with(self, connector: str) -> Labels:
        """Of apps that use a connector."""
        pairs = zip(self.apps.items(), self.tenant.scenario.apps, strict=True)
        return _in_order({key: name for (key, name), one in pairs if connector in one.connectors})

    def apps_beside(self, flow: str) -> Labels:
        """Of apps in the environment of a flow."""
        place = list(self.flows).index(flow)
        home = self.tenant.scenario.flows[place].environment
        pairs = zip(self.apps.items(), self.tenant.scenario.apps, strict=True)
        return _in_order({key: name for (key, name), one in pairs if one.environment == home})

    @cached_property
    def standing_alone(self) -> Labels:
        """Of flows that no app starts."""
        pairs = zip(self.flows.items(), self.tenant.scenario.flows, strict=True)
        return _in_order({key: name for (key, name), one in pairs if one.trigger != "app"})

    @cached_property
    def owners(self) -> Labels:
        """Of people who own a flow."""
        owning = {one.owner for one in self.tenant.scenario.flows}
        pairs = enumerate(self.people.items())
        return _in_order({key: name for place, (key, name) in pairs if place in owning})

    @cached_property
    def enabled(self) -> Labels:
        """Of people who can sign in."""
        pairs = zip(self.people.items(), self.tenant.scenario.people.users, strict=True)
        return _in_order({key: name for (key, name), one in pairs if one.enabled})

    @cached_property
    def products(self) -> Labels:
        """Of products that people hold, by part number."""
        known = {one.part: one.name for one in products().known.values()}
        return _in_order(_told_apart(list(known), list(known.values()), list(known)))

    # --- words

    def called(self, noun: str, name: str) -> str:
        """Return what something is called, by its noun and id; the id where it has no name."""
        if noun == "person" and name.startswith(PRINCIPAL):
            return f"service principal {name.removeprefix(PRINCIPAL)}"
        known: Mapping[str, Labels] = {
            "environment": self.environments,
            "app": self.apps,
            "flow": self.flows,
            "connector": self.connectors,
            "person": self.people,
        }
        return known[noun].get(name, name)


def _told_apart(ids: Sequence[str], names: Sequence[str], beside: Sequence[str]) -> Labels:
    """Return words for each id: its name; where others have it what stands beside it, then the id."""
    given = [str(name) for name in names]
    once = Counter(given)
    wider = [
        name if once[name] == 1 else f"{name} ({more})" if more else name
        for name, more in zip(given, beside, strict=True)
    ]
    twice = Counter(wider)
    told = told_apart(
        name if twice[name] == 1 else f"{name} [{key}]"
        for key, name in zip(ids, wider, strict=True)
    )
    return dict(zip(ids, told, strict=True))


def _in_order(labels: Labels) -> Labels:
    return dict(sorted(labels.items(), key=lambda one: one[1].casefold()))
