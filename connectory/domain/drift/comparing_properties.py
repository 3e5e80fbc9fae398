"""Comparing what a connector is beside its document: what a connection asks for, policies, code."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from connectory.domain.drift.changes import Place, Severity
from connectory.domain.drift.expecting import expectation
from connectory.domain.drift.findings import Findings
from connectory.domain.drift.properties import ConnectorProperties

# By the last step of where it stands; lower case, as the platform's spelling varies.
_FACTS: Final = {
    "clientid": "client_id",
    "redirecturl": "redirect_url",
    "resourceuri": "resource_uri",
    "tenantid": "tenant_id",
    "authorizationurl": "authorization_url",
    "authorizationurltemplate": "authorization_url",
    "tokenurl": "token_url",
    "tokenurltemplate": "token_url",
    "scopes": "scopes",
}
_NEVER_TOLD: Final = frozenset({"clientsecret", "certificate", "password"})
_TEXTS: Final = frozenset({"displayname", "description", "tooltip"})
_DECIDING: Final = frozenset({"type", "identityprovider", "authorizationurl", "tokenurl",
                              "refreshurl", "authorizationurltemplate", "tokenurltemplate",
                              "refreshurltemplate", "resourceuri", "resourceid"})  # fmt: skip
_HOST_POLICY: Final = "dynamichosturl"


def compare(findings: Findings, before: ConnectorProperties, after: ConnectorProperties) -> None:
    """Add what changed beside the document."""
    _connection(findings, before, after)
    _policies(findings, before, after)
    scripts = [
        {"operations": sorted(one.script_operations), "script": one.script}
        for one in (before, after)
    ]
    if scripts[0] != scripts[1]:
        what = "Custom code of the connector, or the operations it runs for, changed"
        findings.add("script-changed", Place(), scripts, what)
    capabilities = [sorted(set(one.capabilities)) for one in (before, after)]
    if capabilities[0] != capabilities[1]:
        told = [", ".join(one) or "none" for one in capabilities]
        what = f"Capabilities are {told[1]}, were {told[0]}"
        findings.add("capabilities-changed", Place(), capabilities, what)
    for name, values in (
        ("iconBrandColor", (before.brand_color, after.brand_color)),
        ("publisher", (before.publisher, after.publisher)),
        ("stackOwner", (before.stack_owner, after.stack_owner)),
    ):
        if values[0] != values[1]:
            place = Place(property=name)
            findings.add("metadata-changed", place, values, f"{name} changed")


def _connection(
    findings: Findings, before: ConnectorProperties, after: ConnectorProperties
) -> None:
    old, new = dict(_asked(before)), dict(_asked(after))
    rule = "connection-parameters-changed"
    for name in sorted(old.keys() | new.keys()):
        place = Place(name=name)
        if name not in new:
            what = f"Connections are not asked for {name} any more"
            findings.add(rule, place, (_type(old[name]), None), what)
        elif name not in old:
            severity: Severity | None = None if _required(new[name]) else "compatible"
            what = f"Connections are asked for {name} now"
            findings.add(rule, place, (None, _type(new[name])), what, severity)
        else:
            _parameter(findings, name, old[name], new[name])


def _parameter(findings: Findings, name: str, old: Any, new: Any) -> None:
    before, after = dict(_leaves(old)), dict(_leaves(new))
    for leaf in sorted(before.keys() | after.keys()):
        values = [side.get(leaf) for side in (before, after)]
        if values[0] == values[1] and (leaf in before) == (leaf in after):
            continue
        last = leaf.removesuffix(".value").rpartition(".")[2].casefold()
        fact = _FACTS.get(last, "")
        told = " ".join(map(str, values[1])) if isinstance(values[1], list) else values[1]
        expected, wrong = expectation(findings.profile, fact, None if told is None else str(told))
        what = f"{leaf} of {name} changed{wrong}"
        place = Place(name=name, property=leaf)
        severity = _severity(last, *values)
        findings.add("connection-parameters-changed", place, values, what, severity, expected)


def _severity(last: str, before: Any, after: Any) -> Severity | None:
    """Return how bad another value is by what it is of; None for what the rule says."""
    if last in _TEXTS:
        return "cosmetic"
    if last == "scopes":
        more = set(_listed(after)) - set(_listed(before))
        fewer = set(_listed(before)) - set(_listed(after))
        return None if more else "compatible" if fewer else "cosmetic"
    if isinstance(before, str) and isinstance(after, str) and before.casefold() == after.casefold():
        return "cosmetic"
    return None if last in _DECIDING else "risky"


def _policies(findings: Findings, before: ConnectorProperties, after: ConnectorProperties) -> None:
    told = [[_policy(one) for one in side.policies] for side in (before, after)]
    counts = [Counter(json.dumps(one, sort_keys=True) for one in side) for side in told]
    gone, come = list((counts[0] - counts[1]).elements()), list((counts[1] - counts[0]).elements())
    hosts = [
        [json.loads(one) for one in side if f'"{_HOST_POLICY}"' in one] for side in (gone, come)
    ]
    if len(gone) == len(come) == len(hosts[0]) == len(hosts[1]) == 1:
        _host(findings, hosts[0][0], hosts[1][0])
        return
    for old, new in _paired(gone, come):
        one = new or old or {}
        word = "was added" if old is None else "was removed" if new is None else "changed"
        what = f"Policy {one['templateId']} {word}"
        findings.add("policies-changed", Place(property=one["templateId"]), (old, new), what)
    if not gone and not come:
        _titles(findings, before, after, ordered=told[0] == told[1])


def _paired(gone: list[str], come: list[str]) -> Iterator[tuple[Any, Any]]:
    """Yield policies that are gone or new, one of the same template as the one it has become."""
    ahead = [json.loads(one) for one in come]
    for text in gone:
        old = json.loads(text)
        new = next((one for one in ahead if one["templateId"] == old["templateId"]), None)
        if new is not None:
            ahead.remove(new)
        yield old, new
    for new in ahead:
        yield None, new


def _host(findings: Findings, old: dict[str, Any], new: dict[str, Any]) -> None:
    addresses = [str(one["parameters"]) for one in (old, new)]
    url = new["parameters"]
    text = next((value for key, value in url.items() if "url" in key.casefold()), "")
    host = str(text).partition("://")[2].partition("/")[0] or addresses[1]
    expected, wrong = expectation(findings.profile, "host", host)
    what = f"The policy that sets the host names another{wrong}"
    place = Place(property=_HOST_POLICY)
    findings.add("policies-changed", place, (old, new), what, None, expected)


def _titles(
    findings: Findings, before: ConnectorProperties, after: ConnectorProperties, *, ordered: bool
) -> None:
    """Take policies that differ only in their order or in what they are called."""
    if not ordered:
        names = [[_policy(one)["templateId"] for one in side.policies] for side in (before, after)]
        what = "Policies stand in another order"
        findings.add("policies-changed", Place(), names, what)
        return
    titles = [[one.get("title") for one in side.policies] for side in (before, after)]
    if titles[0] != titles[1]:
        place = Place(property="policyTemplateInstances")
        findings.add("metadata-changed", place, titles, "Policies are called otherwise")


def _policy(raw: Mapping[str, Any]) -> dict[str, Any]:
    parameters = raw.get("parameters")
    return {
        "templateId": str(raw.get("templateId") or "").casefold(),
        "parameters": parameters if isinstance(parameters, Mapping) else {},
    }


def _asked(properties: ConnectorProperties) -> Iterator[tuple[str, Any]]:
    """Yield what a connection asks for, of sets each parameter of each."""
    yield from properties.connection_parameters.items()
    values = properties.connection_parameter_sets.get("values")
    for one in values if isinstance(values, list) else ():
        if isinstance(one, Mapping):
            named = one.get("parameters")
            for name, told in named.items() if isinstance(named, Mapping) else ():
                yield f"{one.get('name')}:{name}", told


def _leaves(raw: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield what a connection parameter says, by path; secrets are never told."""
    if isinstance(raw, Mapping):
        for key, value in raw.items():
            if str(key).casefold() not in _NEVER_TOLD:
                yield from _leaves(value, f"{path}.{key}" if path else str(key))
    elif path:
        last = path.rpartition(".")[2].casefold()
        if last == "required" and str(raw).casefold() == "true":
            return
        yield path, sorted(map(str, raw)) if last == "scopes" and isinstance(raw, list) else raw


def _type(raw: Any) -> Any:
    return raw.get("type") if isinstance(raw, Mapping) else None


def _required(raw: Any) -> bool:
    """Tell whether a connection cannot be made without it; it is required unless it says not."""
    shown = raw.get("uiDefinition") if isinstance(raw, Mapping) else None
    limits = shown.get("constraints") if isinstance(shown, Mapping) else None
    told = limits.get("required") if isinstance(limits, Mapping) else None
    return str(told).casefold() != "false"


def _listed(value: Any) -> list[str]:
    listed = value if isinstance(value, list) else [value or ""]
    return [part for one in listed for part in str(one).split()]
