"""Stories of drift that every tenant with families tells, each by its name.

They are planted once flows exist, so that it is known beforehand which of them a change would hit.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from functools import partial
from typing import Final

from connectory.simulator.audit import doer
from connectory.simulator.drift_edits import become, extras_of, ground_of, upload
from connectory.simulator.drift_facts import DriftStory
from connectory.simulator.inventory import PLAIN, WITHOUT_TEST
from connectory.simulator.mutations import MUTATIONS, Mutated, draft_of, finished
from connectory.simulator.openapi import roundtrips
from connectory.simulator.randomness import stream
from connectory.simulator.state import Call, Connector, FlowReference, Tenant

EQUAL: Final = "equal but for the host"
MISSING: Final = "missing in test"
AHEAD: Final = "production edited by hand"
RENAMED: Final = "development renames what production uses"
REMOVED: Final = "development removes what production uses"
BROKEN: Final = "an update broke its own flows"
UNSEEN: Final = "an edit that no log tells"

_BY_HAND: Final = ("add-response-property", "change-default", "add-optional-parameter", "describe",
            "add-operation")  # fmt: skip
_IN_USE: Final = {RENAMED: "rename-operation", REMOVED: "remove-operation"}
_DAYS_AGO: Final = 3


def plant_drift_cases(tenant: Tenant) -> None:
    """Plant every story; a tenant without families has none."""
    families = list(tenant.drifting.chains)
    if len(families) <= WITHOUT_TEST:
        return
    for story, number in ((EQUAL, PLAIN), (MISSING, WITHOUT_TEST)):
        _tell(tenant, story, _members(tenant, families[number])[-1])
    spent = {families[number] for number in (PLAIN, WITHOUT_TEST)}
    for plant in (
        _edit_by_hand,
        partial(_in_development, RENAMED),
        partial(_in_development, REMOVED),
    ):
        spent |= plant(tenant, [family for family in families if family not in spent])


def _tell(tenant: Tenant, story: str, connector: Connector) -> None:
    told = DriftStory(story, str(connector.family), connector.environment, connector.name)
    tenant.drifting.stories.append(told)


def _members(tenant: Tenant, family: str) -> list[Connector]:
    """Return the members of a family in the order of its chain."""
    chain = tenant.drifting.chains[family]
    found = [one for one in tenant.connectors if one.family == family and one.environment in chain]
    return sorted(found, key=lambda one: chain.index(one.environment))


def used_operations(tenant: Tenant, connector: Connector) -> frozenset[str]:
    """Return the operations of a connector that flows call which run."""
    return frozenset(
        call.operation_id
        for flow in tenant.flows
        if flow.environment == connector.environment
        and flow.deleted is None
        and flow.state == "Started"
        for call in flow.calls
        if call.connector == connector.name
    )


def changed(
    tenant: Tenant,
    connector: Connector,
    kinds: Iterable[str],
    *,
    only: frozenset[str] | None = None,
) -> Mutated | None:
    """Return what a connector becomes by changes on fresh ground, None if none can be made.

    Args:
        tenant: The tenant.
        connector: Whose definition is changed; it stays as it is.
        kinds: Of the changes.
        only: Operations of which one is to be changed.
    """
    definition = connector.definition
    if definition is None or connector.planted is None or not roundtrips(definition.content):
        return None
    purpose = ("drift", connector.family, connector.environment, len(connector.edits))
    taken = ground_of(tenant, connector.family)
    draft = draft_of(definition.content, stream(tenant.seed, *purpose), extras_of(connector), taken)
    draft.only = only
    for kind in kinds:
        MUTATIONS[kind](draft)
    return finished(draft) if draft.facts else None


def _edit_by_hand(tenant: Tenant, families: list[str]) -> set[str]:
    """Let production be ahead: somebody changed it there, some days before the tenant begins."""
    for family in families:
        production = _members(tenant, family)[-1]
        apart = production.environment == tenant.drifting.chains[family][-1]
        mutated = changed(tenant, production, _BY_HAND) if apart else None
        editor = tenant.people.get(doer(tenant, production) or "")
        works = editor is not None and editor.enabled and editor.deleted is None
        if mutated is not None and production.name is not None and works:
            at = tenant.now - timedelta(days=_DAYS_AGO)
            # The log is begun later, with everything that was edited in the week before.
            upload(
                tenant, production, mutated, at, doer(tenant, production), story=AHEAD, noted=False
            )
            _tell(tenant, AHEAD, production)
            return {family}
    return set()


def _in_development(story: str, tenant: Tenant, families: list[str]) -> set[str]:
    """Change in development what flows in production use; return the family that it is in."""
    for wanting in (False, True):
        for family in families:
            members = _members(tenant, family)
            dev, production = members[0], members[-1]
            ends = (dev.environment, production.environment)
            if None in (dev.name, production.name) or ends != tenant.drifting.chains[family][::2]:
                continue
            used = used_operations(tenant, production) - used_operations(tenant, dev)
            only = None if wanting else used
            mutated = changed(tenant, dev, [_IN_USE[story]], only=only) if wanting or used else None
            if mutated is None or (wanting and not _use(tenant, production, mutated)):
                continue
            become(dev, mutated)
            _tell(tenant, story, dev)
            return {family}
    return set()


def _use(tenant: Tenant, connector: Connector, mutated: Mutated) -> bool:
    """Let a flow call the operation that was changed; tell whether there is a flow that can."""
    operation, name = str(mutated.facts[-1].operation_id), str(connector.name)
    for flow in tenant.flows:
        cased = (flow.environment, flow.name) in tenant.dealt.assets
        if flow.environment == connector.environment and flow.state == "Started" and not cased:
            flow.calls.append(Call(operation.replace(".", "_"), name, operation))
            flow.references.append(FlowReference(name, name, None, None))
            return True
    return False
