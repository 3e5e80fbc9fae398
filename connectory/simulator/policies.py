"""The policies of the simulated tenant, with one connector planted for each way of being sorted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from connectory.simulator.environments import Layout
from connectory.simulator.governance import (
    AdvancedPolicy,
    AllowedConnector,
    ConnectorRule,
    DataPolicy,
    Gateway,
    NamedConnector,
    Reach,
    Sorted,
    UrlPattern,
)
from connectory.simulator.happenings import Day
from connectory.simulator.inventory import live_connectors
from connectory.simulator.people import Cast
from connectory.simulator.randomness import chance, guid, moment, stream
from connectory.simulator.state import Connector, Tenant

_FIRST_PARTY: Final = (
    NamedConnector("shared_sharepointonline", None, "Confidential"),
    NamedConnector("shared_office365", None, "Confidential"),
    NamedConnector("shared_twitter", None, "Blocked"),
)
_NOWHERE: Final = UrlPattern("https://*.nowhere.example*", "Blocked")
_OPEN: Final = UrlPattern("*", "Ignore")


def add_policies(tenant: Tenant, layout: Layout, cast: Cast) -> None:
    """Fill the tenant's policies and group the environments that the newer ones govern.

    The cases are planted in one production environment, as far as it has connectors enough.
    """
    rng = stream(tenant.seed, "policies")
    focus = layout.chains[0][2] if layout.chains else layout.singles[0]
    family = list(layout.chains[0]) if layout.chains else [focus]
    cases = _candidates(tenant, focus)
    living = [home.name for home in tenant.environments.values() if home.deleted is None]
    aside = layout.singles[-1] if layout.chains else layout.default

    def policy(
        name: str,
        reach: Reach,
        environments: list[str],
        patterns: Sequence[UrlPattern] = (),
        *,
        thin: bool = False,
        old: bool = False,
    ) -> DataPolicy:
        made = DataPolicy(
            id=guid(rng),
            display_name=name,
            default="General",
            reach=reach,
            environments=environments,
            created=(created := moment(rng, tenant.now, 200, 900)),
            modified=created + timedelta(days=9),
            created_by=cast.makers[0].id,
            patterns=list(patterns),
            old=old,
            thin=thin,
        )
        tenant.governance.policies.append(made)
        return made

    baseline = policy("Tenant baseline", "AllEnvironments", [], patterns=[_NOWHERE, _OPEN])
    baseline.connectors += _FIRST_PARTY
    others = [name for name in living if tenant.environments[name].sku != "Production"]
    lockdown = policy("Production lockdown", "ExceptEnvironments", others, thin=True)
    lockdown.patterns.append(_OPEN)
    own = policy("Policy by name", "OnlyEnvironments", [focus], patterns=[_OPEN])
    policy("Makers' corner", "SingleEnvironment", [aside]).default = "Blocked"
    old = policy("Social media (2018)", "OnlyEnvironments", [aside], old=True)
    old.connectors.append(NamedConnector("shared_twitter", None, "Confidential"))
    _plant(tenant, focus, cases, baseline, lockdown, own)
    _allow(tenant, family, cases[4:5], guid(rng), guid(rng), guid(rng), old.modified)
    tenant.governance.gateways += [
        Gateway(guid(rng), f"Gateway {place}", f"GW-{place.upper()}") for place in ("Graz", "Turin")
    ]


def _candidates(tenant: Tenant, focus: str) -> list[Connector]:
    """Return connectors of an environment whose host no other of them has, in their order."""
    here = [c for c in live_connectors(tenant) if c.environment == focus and c.name is not None]
    hosts = Counter(host_of(c) for c in here)
    return [c for c in here if (host := host_of(c)) is not None and hosts[host] == 1]


def host_of(connector: Connector) -> str | None:
    """Return the host a connector calls, folded; None where no record tells it."""
    return urlsplit(connector.backend_url).hostname if connector.backend_url else None


def _plant(
    tenant: Tenant,
    focus: str,
    cases: list[Connector],
    baseline: DataPolicy,
    lockdown: DataPolicy,
    own: DataPolicy,
) -> None:
    """Plant four cases: two by pattern, two by name; whatever is left falls to the default."""
    planted = tenant.governance.sorted
    for number, one in enumerate(cases[:4]):
        name, host = str(one.name), host_of(one)
        if number == 0:
            baseline.patterns.insert(0, UrlPattern(f"https://{host}*", "Confidential"))
            own.rules += [
                ConnectorRule(name, focus, "action", "DeleteEverything", allowed=False),
                ConnectorRule(name, focus, "endpoint", f"https://{host}/v2*", allowed=True),
                ConnectorRule(name, focus, "endpoint", "*", allowed=False),
            ]
            planted.append(Sorted(focus, name, "Confidential", "pattern"))
        elif number == 1:
            # A pattern further down would let it be: the first that matches decides.
            blocked = UrlPattern(f"*{host}*".upper(), "Blocked")
            lockdown.patterns[:0] = [blocked, UrlPattern(f"https://{host}*", "General")]
            planted.append(Sorted(focus, name, "Blocked", "pattern"))
        elif number == 2:  # noqa: PLR2004 - the third case
            own.connectors.append(NamedConnector(name.upper(), None, "Blocked"))
            planted.append(Sorted(focus, name, "Blocked", "name"))
        else:
            own.connectors.append(NamedConnector(name, focus, "Confidential"))
            planted.append(Sorted(focus, name, "Confidential", "name"))
    if len(cases) > 5:  # noqa: PLR2004 - one beyond those with a case of their own
        planted.append(Sorted(focus, str(cases[5].name), "General", "default"))


def _allow(
    tenant: Tenant,
    family: list[str],
    left_out: list[Connector],
    policy: str,
    empty: str,
    group: str,
    modified: datetime,
) -> None:
    """Put environments into a group and allow there every connector but the one left out."""
    for name in family:
        tenant.environments[name].group = group
    allowed = [AllowedConnector("shared_sharepointonline", None)]
    for one in live_connectors(tenant):
        if one.environment in family and one.name is not None and one not in left_out:
            actions = None if allowed[1:] else ["ListItems"]
            allowed.append(AllowedConnector(one.name, one.environment, actions))
    tenant.governance.advanced += [
        AdvancedPolicy(policy, "Operations allow-list", modified, allowed, groups=[group]),
        AdvancedPolicy(empty, "Draft allow-list", modified, allowed[:1], thin=True),
    ]
    tenant.governance.sorted += [
        Sorted(one.environment, str(one.name), "Blocked", "allow_list") for one in left_out
    ]


def tighten(day: Day) -> None:
    """A policy begins to block another host, or lets go of one; a planted case is left alone."""
    policy = day.tenant.governance.policies[0]
    rng = stream(day.tenant.seed, "policies", day.moment().isoformat())
    held = {host_of(c) for c in day.tenant.connectors}
    added = [one for one in policy.patterns if one.group == "Blocked" and one != _NOWHERE]
    if added and chance(rng, 0.5):
        policy.patterns.remove(rng.choice(added))
    else:
        planted = {(one.environment, one.connector) for one in day.tenant.governance.sorted}
        spared = {host_of(c) for c in day.tenant.connectors if (c.environment, c.name) in planted}
        hosts = sorted(host for host in held - spared if host is not None)
        if hosts:
            policy.patterns.insert(0, UrlPattern(f"https://{rng.choice(hosts)}/*", "Blocked"))
    policy.modified = day.moment()
