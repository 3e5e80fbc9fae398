"""Policies over connectors: what each says of custom connectors, and where it applies.

Four systems tell them. The second version of the data policies tells most and is read first; the
first version and the oldest list fill in what it refused or does not know. Advanced connector
policies are a system of their own. Of the thousand connectors of Microsoft's that a policy may
sort by name nothing is kept: they bear on no custom connector.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from collectors import allow_lists
from collectors.api.errors import NotFound
from collectors.api.paging import NextLink
from collectors.contract import Collector, SourceReading, StepContext
from collectors.nouns import (
    DATA_POLICIES,
    DATA_POLICY_CONNECTORS,
    DATA_POLICY_PATTERNS,
    DATA_POLICY_RULES,
    DATA_POLICY_TARGETS,
    Edge,
    misfit,
)
from collectors.policy_records import (
    Told,
    defined,
    first_version,
    oldest,
    patterns,
    rules,
    second_version,
)
from collectors.records import parsed

_GOVERNANCE = "/providers/PowerPlatform.Governance"
_VERSION = {"api-version": "2018-01-01"}
_FIRST_VERSION = {"api-version": "2016-11-01"}
_OLDEST = "/providers/Microsoft.BusinessAppPlatform/scopes/admin/apiPolicies"
_EDGES: Mapping[str, Edge] = {
    "targets": DATA_POLICY_TARGETS,
    "connectors": DATA_POLICY_CONNECTORS,
    "patterns": DATA_POLICY_PATTERNS,
    "rules": DATA_POLICY_RULES,
}


def collect(step: StepContext) -> None:
    """Read all four systems, the one that tells most first."""
    known: set[str] = set()
    _second_version(step, known)
    _first_version(step, known)
    with step.reading("data_policies_legacy") as source:
        pages = step.api.pages("bap", _OLDEST, _FIRST_VERSION, pager=NextLink())
        _keep(step, source, pages, oldest, known)
    allow_lists.read(step, keep)


def _second_version(step: StepContext, known: set[str]) -> None:
    """Read the newest list, then by name each policy of which it told only half."""
    thin: list[str] = []

    def parse(record: dict[str, Any]) -> Told:
        told = second_version(record)
        if told.patterns is None:
            thin.append(record["policyDefinition"]["name"])
        return told

    path = f"{_GOVERNANCE}/v2/policies"
    with step.reading("data_policies") as source:
        pages = step.api.pages("bap", path, _VERSION, pager=NextLink())
        _keep(step, source, pages, parse, known)
    if not thin:
        step.skip("data_policy_details", "the list tells every policy whole")
        return
    with step.reading("data_policy_details") as source:

        def ask(name: str) -> Told:
            record = step.api.get_json("bap", f"{path}/{name}", _VERSION)
            return second_version(record).whole()

        _keep_each(step, source, ask, thin)


def _first_version(step: StepContext, known: set[str]) -> None:
    """Read the first version; it is asked for more only about what the second did not tell."""
    left: dict[str, str] = {}

    def parse(record: dict[str, Any]) -> Told:
        told = first_version(record)
        if told.key not in known:
            left[told.key] = defined(record)["name"]
        return told

    parameters = {"$top": "50", **_FIRST_VERSION}
    with step.reading("data_policies_v1") as source:
        path = f"{_GOVERNANCE}/v1/policies"
        _keep(step, source, step.api.pages("bap", path, parameters, pager=NextLink()), parse, known)
    if not left:
        step.skip("data_policy_parts_v1", "the second version has told every policy")
        return
    with step.reading("data_policy_parts_v1") as source:

        def ask(name: str) -> Told:
            parts = f"{_GOVERNANCE}/v1/tenants/{step.tenant_id}/policies/{name}"
            told = _part(step, f"{parts}/urlPatterns")
            # Some tenants wrap the list once more.
            if isinstance(told.get("value"), dict):
                told = told["value"]
            configured = _part(step, f"{parts}/policyconnectorconfigurations")
            return Told(name.casefold(), {}, patterns=patterns(told), rules=rules(configured))

        _keep_each(step, source, ask, list(left.values()))


def _part(step: StepContext, path: str) -> dict[str, Any]:
    """Return a part of a policy; one that was never made is not found, and empty."""
    try:
        return dict(step.api.get_json("bap", path, _FIRST_VERSION))
    except NotFound:
        return {}


def _keep(
    step: StepContext,
    source: SourceReading,
    pages: Iterable[list[dict[str, Any]]],
    parse: Callable[[dict[str, Any]], Told],
    known: set[str],
) -> None:
    """Store pages of policies; of what a better source told already, only that it is there."""
    for told in parsed(source, pages, lambda record: storable(parse(record))):
        keep(step, [one if one.key not in known else Told(one.key, {}) for one in told], source)
        known.update(one.key for one in told)
        source.rows += len(told)


def _keep_each(
    step: StepContext, source: SourceReading, ask: Callable[[str], Told], names: list[str]
) -> None:
    for batch in step.read_each(lambda name: storable(ask(name)), names):
        for name, told in batch:
            if isinstance(told, Told):
                keep(step, [told], None)
                source.rows += 1
            else:
                source.falls_short(f"policy {name}: {told}")


def keep(step: StepContext, policies: list[Told], source: SourceReading | None) -> dict[str, int]:
    """Store policies with whatever was told of their parts.

    Args:
        step: The step.
        policies: The policies; a part that is None was not told and stays as it was.
        source: Who showed them; None where they were asked for by name.

    Returns:
        Surrogate key of each policy by its key.
    """
    rows = [one.kept for one in policies]
    # A policy says of itself which of its parts were told, so that none is stored without them.
    with step.store.together():
        ids = step.store.keep(DATA_POLICIES, rows, source=source.source if source else None)
        for part, edge in _EDGES.items():
            told = {ids[one.key]: getattr(one, part) for one in policies}
            named = {policy: listed for policy, listed in told.items() if listed is not None}
            rows_of = [
                {**row, "data_policy_id": policy}
                for policy, listed in named.items()
                for row in listed
            ]
            step.store.replace_edges(edge, list(named), rows_of)
    return ids


def storable(told: Told) -> Told:
    """Return a policy all of whose parts a store would take.

    Raises:
        ValueError: One of them is not of the expected kind; it costs the policy, not its list.
    """
    for part, edge in _EDGES.items():
        for row in getattr(told, part) or ():
            for name, value in row.items():
                if reason := misfit(edge.table.c[name], value):
                    raise ValueError(reason)
    return told


COLLECTOR = Collector(
    "policies",
    "tenant",
    collect,
    retires=(DATA_POLICIES,),
    presence_sources=(
        "data_policies",
        "data_policies_v1",
        "data_policies_legacy",
        "rule_based_policies",
    ),
)
