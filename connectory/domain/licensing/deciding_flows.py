"""What becomes of a scenario when a flow serves an app, or gets another owner."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from connectory.domain.licensing.changes import Associate, Move, Refused
from connectory.domain.licensing.draft import Draft, principal_of
from connectory.domain.licensing.ids import PRINCIPAL
from connectory.domain.licensing.needs import BY_OWNER
from connectory.domain.licensing.scenario import NOBODY, Numbers


def associate(draft: Draft, change: Associate) -> list[str]:
    """Let a flow serve an app; return what is worth knowing."""
    number, serving = draft.flow(change.flow), draft.app(change.app)
    flow, app = draft.scenario.flows[number], draft.scenario.apps[serving]
    told, serves = draft.flow_called(number), draft.app_called(serving)
    if flow.trigger == "app":
        raise Refused(f"the flow {told} is started by an app, and covered with that")
    if flow.service_principal is not None:
        raise Refused(f"the flow {told} is owned by a service principal, which no app covers")
    if flow.environment != app.environment:
        raise Refused(f"the flow {told} and the app {serves} are in different environments")
    if flow.associated_app == serving:
        raise Refused(f"the flow {told} is associated to {serves} already")
    draft.put_flows({number: replace(flow, associated_app=serving)})
    if set(flow.connectors) & set(app.connectors):
        return []
    return ["They share no custom connector; it is allowed only where they share data sources."]


def move(draft: Draft, change: Move) -> list[str]:
    """Give flows another owner."""
    if (change.flow is None) == (change.owner is None):
        raise Refused("either one flow moves or all of one owner do; name one of both")
    numbers = _moving(draft, change)
    flows = draft.scenario.flows
    principal = change.to if change.to.startswith(PRINCIPAL) else None
    to = None if principal else draft.enabled(change.to, ", and cannot run a flow")
    for number in numbers:
        if (flows[number].owner, principal_of(flows[number])) == (to, principal):
            told = draft.called("person", change.to)
            raise Refused(f"{told} owns the flow {draft.flow_called(number)} already")
    moved = {
        number: replace(
            flows[number],
            owner=to,
            service_principal=principal,
            credential_holders=_sharing(draft, to),
        )
        for number in numbers
    }
    draft.put_flows(moved)
    notes = [f"{len(numbers):,} flows move."] if change.flow is None else []
    others = sum(1 for one in moved.values() if one.trigger not in BY_OWNER)
    if others and principal is None:
        notes.append(
            f"{others:,} of {len(moved):,} run on a licence of who starts them, not of who owns them."
        )
    return notes


def _moving(draft: Draft, change: Move) -> list[int]:
    """Return the flows that get another owner."""
    if change.flow is not None:
        return [draft.flow(change.flow)]
    name, flows = str(change.owner), draft.scenario.flows
    if name.startswith(PRINCIPAL):
        found = [n for n, one in enumerate(flows) if principal_of(one) == name]
    else:
        number = draft.person(name)
        found = [n for n, one in enumerate(flows) if one.owner == number]
    if not found:
        raise Refused(f"{draft.called('person', name)} owns no flow with a custom connector")
    return found


def _sharing(draft: Draft, owner: int | None) -> Numbers:
    """Return who can sign in as an owner, as other flows of that account tell."""
    known = [
        one.credential_holders
        for one in draft.scenario.flows
        if owner is not None and one.owner == owner
    ]
    return np.unique(np.concatenate(known)) if known else NOBODY
