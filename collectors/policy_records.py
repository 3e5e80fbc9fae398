"""What one record says of a policy, in each of the forms in which policies are told.

Parts of a policy that a form does not tell are None, and stay as another source told them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from collectors.store import Kept
from connectory.domain.data_policy import REACHES
from connectory.domain.identity import connector_key, environment_key, parse_time
from connectory.domain.redaction import redact_json

Row = dict[str, Any]
_Said = tuple[Row, str, str, str]
"""Place of a connector, kind of a rule, its subject, and what it does."""
_GROUPS = {
    "confidential": "business",
    "general": "non_business",
    "blocked": "blocked",
    "ignore": "ignore",
    "hbi": "business",
    "lbi": "non_business",
}
_OTHERWISE = "non_business"
"""The default group of a policy that names none."""
_LONGEST = 500
_DEEPEST = 20


@dataclass(frozen=True, slots=True)
class Told:
    """One policy as a source tells it.

    Attributes:
        key: Its case-folded id.
        values: Facts of its version.
        targets: Environments and groups it names.
        connectors: Custom connectors it sorts by name.
        patterns: Its ordered list of addresses.
        rules: Its rules on single actions and addresses of custom connectors.
    """

    key: str
    values: Row
    targets: list[Row] | None = None
    connectors: list[Row] | None = None
    patterns: list[Row] | None = None
    rules: list[Row] | None = None

    @property
    def kept(self) -> Kept:
        """The policy as a row; that its patterns are known is a fact as well, as is its reach."""
        told = {"patterns_read": self.patterns, "targets_read": self.targets}
        read = {name: True for name, part in told.items() if part is not None}
        return Kept(self.key, {**self.values, **read})

    def whole(self) -> Told:
        """Return the policy as one of which everything was told: what is absent is empty."""
        return replace(
            self,
            values={**self.values, "default_group": self.values.get("default_group") or _OTHERWISE},
            targets=self.targets or [],
            connectors=self.connectors or [],
            patterns=self.patterns or [],
            rules=self.rules or [],
        )


def second_version(record: Row) -> Told:
    """Return a policy of the second version; without patterns, it was told only in half."""
    told = _definition(record["policyDefinition"])
    listed = record.get("customConnectorUrlPatternsDefinition")
    configured = record.get("connectorConfigurationsDefinition")
    exempt = record.get("exemptResourcesDefinition")
    if exempt is not None:
        told.values["exempt"] = _exempt(exempt)
    if listed is None:
        return told
    # Rules are left out where nothing was ever configured, and only told beside the patterns.
    return replace(told, patterns=patterns(listed), rules=rules(configured or {})).whole()


def first_version(record: Row) -> Told:
    """Return a policy of the first version, whose patterns and rules stand elsewhere."""
    told = _definition(defined(record)).whole()
    return replace(told, patterns=None, rules=None)


def defined(record: Row) -> Row:
    """Return the definition in a record of the first version, which some tenants wrap."""
    found: Row = record.get("policyDefinition") or record
    return found


def oldest(record: Row) -> Told:
    """Return a policy in the words of the first ones: groups named after business impact."""
    properties = record["properties"]
    definition = properties["definition"]
    found = (definition.get("constraints") or {}).get("environmentFilter1")
    filtered = (found or {}).get("parameters") or {}
    named = filtered.get("environments") or []
    reach = "AllEnvironments"
    if found is not None:
        excluding = str(filtered["filterType"]).casefold() == "exclude"
        reach = "ExceptEnvironments" if excluding else "OnlyEnvironments"
    return Told(
        record["name"].casefold(),
        {
            "name": properties.get("displayName"),
            "system": "data_policy",
            "reach": reach,
            "default_group": _group(definition.get("defaultApiGroup") or "lbi"),
            "created_at": parse_time(properties.get("createdTime")),
            "modified_at": parse_time(properties.get("lastModifiedTime")),
        },
        targets=[_environment(home["name"]) for home in named],
        connectors=_sorted(
            (word, (group or {}).get("apis") or [])
            for word, group in (definition.get("apiGroups") or {}).items()
        ),
    )


def _definition(record: Row) -> Told:
    values = {
        "name": record.get("displayName"),
        "system": "data_policy",
        "reach": _reach(record["environmentType"]),
        "created_at": parse_time(record.get("createdTime")),
        "modified_at": parse_time(record.get("lastModifiedTime")),
    }
    if word := record.get("defaultConnectorsClassification"):
        values["default_group"] = _group(word)
    homes, groups = record.get("environments"), record.get("connectorGroups")
    return Told(
        record["name"].casefold(),
        values,
        targets=None if homes is None else [_environment(home["name"]) for home in homes],
        connectors=None
        if groups is None
        else _sorted((one["classification"], one.get("connectors") or []) for one in groups),
    )


def _reach(word: str) -> str:
    """Return whom a policy is for as the service spells it; a word nobody knows is kept as it is."""
    return next((one for one in REACHES if one.casefold() == word.casefold()), word)


def _group(word: str) -> str:
    """Return a group in our words; a word nobody knows is kept as it is rather than guessed."""
    return _GROUPS.get(word.casefold(), word)


def _environment(name: str) -> Row:
    return {"kind": "environment", "target_key": environment_key(name)}


def place(path: str) -> Row | None:
    """Return which custom connector a path names, and in which environment; None for others.

    A connector of Microsoft's has a plain name. That of a custom one holds encoded underscores,
    and its path may name the environment it lives in.
    """
    parts = path.strip("/").split("/")
    folded = [part.casefold() for part in parts]
    home = ""
    if "environments" in folded[:-1]:
        home = environment_key(parts[folded.index("environments") + 1])
    key = connector_key(path)
    if not home and "-5f" not in key:
        return None
    return {"environment_key": home, "connector_key": key}


def _sorted(groups: Iterable[tuple[str, list[Row]]]) -> list[Row]:
    return [
        {**where, "data_group": _group(word)}
        for word, listed in groups
        for one in listed
        if (where := place(one["id"])) is not None
    ]


def patterns(told: Row) -> list[Row]:
    """Return the ordered list of addresses; its order is that of its numbers."""
    ordered = sorted(told.get("rules") or [], key=lambda one: int(one["order"]))
    return [
        {
            "position": position,
            "pattern": one["pattern"],
            "data_group": _group(one["customConnectorRuleClassification"]),
        }
        for position, one in enumerate(ordered, start=1)
    ]


def rules(told: Row) -> list[Row]:
    """Return the rules on single actions and addresses, of custom connectors only.

    A connector may stand in several entries: its rules are numbered through all of them.
    """
    found: list[_Said] = []
    for one in told.get("connectorActionConfigurations") or []:
        where = place(one["connectorId"])
        if where is None:
            continue
        listed = one.get("actionRules") or []
        found += [(where, "action", row["actionId"], row["behavior"]) for row in listed]
        others = one.get("defaultConnectorActionRuleBehavior")
        if others is not None:
            found.append((where, "other_actions", "*", others))
    for one in told.get("endpointConfigurations") or []:
        where = place(one["connectorId"])
        if where is not None:
            ordered = sorted(one.get("endpointRules") or [], key=lambda row: int(row["order"]))
            found += [(where, "endpoint", row["endpoint"], row["behavior"]) for row in ordered]
    return _numbered(found)


def _numbered(told: Iterable[_Said]) -> list[Row]:
    reached: Counter[tuple[str, ...]] = Counter()
    rows = []
    for where, kind, subject, behavior in told:
        place = (*where.values(), kind)
        reached[place] += 1
        rows.append(
            {
                **where,
                "kind": kind,
                "position": reached[place],
                "subject": subject,
                "allowed": behavior.casefold() == "allow",
            }
        )
    return rows


def allowed(listed: list[Row]) -> tuple[list[Row], list[Row]]:
    """Return the custom connectors of an allow-list, and the actions it narrows them to."""
    named: list[Row] = []
    narrowed: list[_Said] = []
    for one in listed:
        where = place(one["AllowedConnector"])
        if where is None:
            continue
        named.append({**where, "data_group": "allowed"})
        if str(one.get("AllowedActionsMode")).casefold() == "someallowed":
            listed_actions = one.get("AllowedActions") or []
            narrowed += [(where, "action", action, "allow") for action in listed_actions]
            narrowed.append((where, "other_actions", "*", "block"))
    return named, _numbered(narrowed)


def _exempt(told: Any) -> list[Any]:
    """Return exempted resources as told but for secrets: no public page says how they look."""
    listed = told if isinstance(told, list) else [told]
    return [redact_json(_shallow(one)) for one in listed[:_LONGEST]]


def _shallow(value: Any, levels: int = _DEEPEST) -> Any:
    """Return a JSON value without what lies deeper than anything that can be meant."""
    if levels == 0 and isinstance(value, (dict, list)):
        return "…"
    if isinstance(value, dict):
        return {name: _shallow(one, levels - 1) for name, one in value.items()}
    return [_shallow(one, levels - 1) for one in value] if isinstance(value, list) else value
