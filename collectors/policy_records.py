"""What one record says of a policy, in each of the forms in which policies are told.

Parts of a policy that a form does not tell are None, and stay as another source told them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from collectors.store import Kept
from connectory.domain.identity import connector_key, environment_key, parse_time

Row = dict[str, Any]
_GROUPS = {
    "confidential": "business",
    "general": "non_business",
    "blocked": "blocked",
    "ignore": "ignore",
    "hbi": "business",
    "lbi": "non_business",
}
_LONGEST = 500


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
        """The policy as a row; that its patterns are known is a fact as well."""
        read = {} if self.patterns is None else {"patterns_read": True}
        return Kept(self.key, {**self.values, **read})

    def whole(self) -> Told:
        """Return the policy as one of which everything was told: what is absent is empty."""
        return replace(self, patterns=self.patterns or [], rules=self.rules or [])


def second_version(record: Row) -> Told:
    """Return a policy of the second version; without patterns, it was told only in half."""
    told = _definition(record["policyDefinition"])
    listed = record.get("customConnectorUrlPatternsDefinition")
    configured = record.get("connectorConfigurationsDefinition")
    exempt = record.get("exemptResourcesDefinition")
    if exempt is not None:
        told.values["exempt"] = _exempt(exempt)
    return replace(
        told,
        patterns=None if listed is None else patterns(listed),
        # It is left out where nothing was ever configured, and only told beside the patterns.
        rules=None if listed is None else rules(configured or {}),
    )


def first_version(record: Row) -> Told:
    """Return a policy of the first version, whose patterns and rules stand elsewhere."""
    return _definition(record.get("policyDefinition") or record)


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
    return Told(
        record["name"].casefold(),
        {
            "name": record.get("displayName"),
            "system": "data_policy",
            "reach": record["environmentType"],
            "default_group": _group(record.get("defaultConnectorsClassification") or "General"),
            "created_at": parse_time(record.get("createdTime")),
            "modified_at": parse_time(record.get("lastModifiedTime")),
        },
        targets=[_environment(home["name"]) for home in record.get("environments") or []],
        connectors=_sorted(
            (group["classification"], group.get("connectors") or [])
            for group in record.get("connectorGroups") or []
        ),
    )


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
    """Return the rules on single actions and addresses, of custom connectors only."""
    found: list[Row] = []
    for one in told.get("connectorActionConfigurations") or []:
        where = place(one["connectorId"])
        if where is None:
            continue
        listed = [(row["actionId"], row["behavior"]) for row in one.get("actionRules") or []]
        found += _numbered(where, "action", listed)
        others = one.get("defaultConnectorActionRuleBehavior")
        if others is not None:
            found += _numbered(where, "other_actions", [("*", others)])
    for one in told.get("endpointConfigurations") or []:
        where = place(one["connectorId"])
        if where is not None:
            ordered = sorted(one.get("endpointRules") or [], key=lambda row: int(row["order"]))
            found += _numbered(
                where, "endpoint", [(row["endpoint"], row["behavior"]) for row in ordered]
            )
    return found


def _numbered(where: Row, kind: str, told: list[tuple[str, str]]) -> list[Row]:
    return [
        {
            **where,
            "kind": kind,
            "position": position,
            "subject": subject,
            "allowed": behavior.casefold() == "allow",
        }
        for position, (subject, behavior) in enumerate(told, start=1)
    ]


def allowed(listed: list[Row]) -> tuple[list[Row], list[Row]]:
    """Return the custom connectors of an allow-list, and the actions it narrows them to."""
    named: list[Row] = []
    narrowed: list[Row] = []
    for one in listed:
        where = place(one["AllowedConnector"])
        if where is None:
            continue
        named.append({**where, "data_group": "allowed"})
        if str(one.get("AllowedActionsMode")).casefold() == "someallowed":
            actions = [(action, "allow") for action in one.get("AllowedActions") or []]
            narrowed += _numbered(where, "action", actions)
            narrowed += _numbered(where, "other_actions", [("*", "block")])
    return named, narrowed


def _exempt(told: Any) -> list[Any]:
    """Return exempted resources as told: no public page says what they look like."""
    listed = told if isinstance(told, list) else [told]
    return listed[:_LONGEST]
