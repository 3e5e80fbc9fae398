"""Cloud flows of the simulated tenant: what they call, how deep, and through which reference."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Final, Literal

from connectory.simulator.connections import FIRST_PARTY
from connectory.simulator.environments import Layout
from connectory.simulator.inventory import live_connectors
from connectory.simulator.people import Cast
from connectory.simulator.randomness import chance, guid, moment, stream
from connectory.simulator.sizes import Size
from connectory.simulator.state import (
    Call,
    Connection,
    ConnectionReference,
    Connector,
    Flow,
    FlowReference,
    Tenant,
)
from connectory.simulator.titles import flow_title
from connectory.simulator.words import HOSTILE_FLOWS, HOSTILE_LENGTH

Kind = Literal["both", "dataverse", "flow_api"]
# Flows made outside solutions have no row in Dataverse; some rows the Flow API never lists.
KINDS: Final[tuple[Kind, ...]] = (
    "both", "dataverse", "flow_api", "both", "both", "flow_api", "both",
)  # fmt: skip
STAGE_WEIGHTS: Final = {"prod": 6, "test": 2, "dev": 4}
TRIGGERS: Final = ("Recurrence", "Button", "PowerApp", "Request", "Recurrence")
CONTAINERS: Final[tuple[tuple[str, ...], ...]] = (
    ("Scope:Try",),
    ("If:Condition",),
    ("If:Condition:else",),
    ("Switch:Status:open",),
    ("Switch:Status:default",),
    ("Foreach:Apply_to_each",),
    ("Until:Wait",),
    ("Scope:Try", "Foreach:Apply_to_each"),
    ("Scope:Try", "If:Condition:else", "Switch:Status:open"),
    ("Foreach:Apply_to_each", "Until:Wait", "If:Condition"),
)


@dataclass(slots=True)
class Surroundings:
    """What flows and apps of one environment can use."""

    connectors: list[Connector] = field(default_factory=list)
    """Custom connectors with a runtime name and at least one known operation."""
    connections: dict[str, list[Connection]] = field(default_factory=lambda: defaultdict(list))
    references: dict[str, list[ConnectionReference]] = field(
        default_factory=lambda: defaultdict(list)
    )


def surroundings_of(tenant: Tenant) -> dict[str, Surroundings]:
    """Return what each environment offers to the flows and apps in it."""
    found: dict[str, Surroundings] = {name: Surroundings() for name in tenant.environments}
    for connector in live_connectors(tenant):
        known = connector.definition.operations if connector.definition else None
        if (connector.environment, connector.name) in tenant.owning.planted:
            continue
        if connector.name is not None and known:
            found[connector.environment].connectors.append(connector)
    for connection in tenant.connections:
        if connection.deleted is None:
            found[connection.environment].connections[connection.connector].append(connection)
    for reference in tenant.connection_references:
        if reference.deleted is None:
            found[reference.environment].references[reference.connector].append(reference)
    return found


def open_environments(tenant: Tenant) -> list[str]:
    """Return the environments in which people build; in those of Teams only cases play."""
    return [
        name
        for name, home in tenant.environments.items()
        if home.deleted is None and home.sku != "Teams"
    ]


def add_flows(tenant: Tenant, size: Size, layout: Layout, cast: Cast) -> None:
    """Fill the tenant's cloud flows, most of them in the default and the production ones."""
    rng = stream(tenant.seed, "flows")
    around = surroundings_of(tenant)
    names = open_environments(tenant)
    weights = dict.fromkeys(names, 1 if layout.chains else 9)
    weights |= {name: STAGE_WEIGHTS[stage] for name, stage in layout.stages.items()}
    weights[layout.default] = len(names) // 4 + 4
    order: Counter[str] = Counter()
    for environment in rng.choices(list(weights), list(weights.values()), k=size.flows):
        kind = KINDS[order[environment] % len(KINDS)]
        add_flow(tenant, rng, cast, environment, around[environment], kind)
        order[environment] += 1
    for flow in tenant.flows:
        flow.managed = flow.workflow_id is not None and layout.stages.get(flow.environment) in {
            "test",
            "prod",
        }
    _plant(tenant, rng)


def add_flow(
    tenant: Tenant,
    rng: random.Random,
    cast: Cast,
    environment: str,
    around: Surroundings,
    kind: Kind = "both",
) -> Flow:
    """Add and return a flow that uses what its environment offers.

    `kind` says which list shows it; without Dataverse every flow is known to the Flow API only.
    """
    created = moment(rng, tenant.now, 3, 700)
    creator = rng.choice(cast.departed if chance(rng, 0.03) else cast.makers)
    has_database = tenant.environments[environment].dataverse is not None
    workflow_id = guid(rng) if has_database and kind != "flow_api" else None
    states: tuple[Literal["Started", "Stopped", "Suspended"], ...]
    states = ("Started", "Started", "Started", "Started", "Stopped", "Suspended")
    flow = Flow(
        environment=environment,
        name=workflow_id if workflow_id and chance(rng, 0.5) else guid(rng),
        display_name=flow_title(rng),
        state=rng.choice(states),
        creator_id=creator.id,
        owner_id=creator.id if chance(rng, 0.9) else rng.choice(cast.makers).id,
        created=created,
        modified=moment(rng, tenant.now, 0.5, (tenant.now - created).days),
        workflow_id=workflow_id,
        in_flow_api=workflow_id is None or kind != "dataverse",
        calls=[],
        references=[],
        trigger_kind=rng.choice(TRIGGERS),
    )
    compose(rng, flow, around)
    tenant.flows.append(flow)
    return flow


def compose(rng: random.Random, flow: Flow, around: Surroundings) -> None:
    """Write the flow's calls and references anew from what its environment offers."""
    flow.calls, flow.references = [], []
    custom = rng.sample(around.connectors, min(len(around.connectors), rng.choice((0, 1, 1, 1, 2))))
    for number, connector in enumerate(custom):
        _call_custom(rng, flow, connector, may_trigger=number == 0)
        _refer(rng, flow, str(connector.name), around)
    for name in rng.sample(list(FIRST_PARTY), rng.choice((0, 1, 1, 2))):
        operation = rng.choice(FIRST_PARTY[name])
        _call(flow, name, operation, _path(rng))
        _refer(rng, flow, name, around)


def _call_custom(
    rng: random.Random, flow: Flow, connector: Connector, *, may_trigger: bool
) -> None:
    definition = connector.definition
    known = (definition.operations if definition else None) or []
    triggers = [str(o["operationId"]) for o in known if o["trigger"]]
    actions = [str(o["operationId"]) for o in known if not o["trigger"]]
    if triggers and may_trigger and chance(rng, 0.5):
        flow.trigger_kind = "OpenApiConnectionWebhook"
        operation = rng.choice(triggers)
        flow.calls.append(Call(operation, str(connector.name), operation, trigger=True))
    for operation in rng.sample(actions, min(len(actions), rng.choice((1, 1, 2, 3, 4)))):
        _call(flow, str(connector.name), operation, _path(rng))


def _call(flow: Flow, connector: str, operation: str, path: tuple[str, ...]) -> None:
    taken = {call.action for call in flow.calls}
    action, number = operation.replace(".", "_"), 2
    while action in taken:
        action = f"{operation}_{number}"
        number += 1
    flow.calls.append(Call(action, connector, operation, path=path))


def _path(rng: random.Random) -> tuple[str, ...]:
    return () if chance(rng, 0.55) else rng.choice(CONTAINERS)


def _refer(rng: random.Random, flow: Flow, connector: str, around: Surroundings) -> None:
    bound = [r for r in around.references[connector] if flow.workflow_id is not None]
    made = around.connections[connector]
    reference = rng.choice(bound) if bound and chance(rng, 0.85) else None
    connection = rng.choice(made).name if made and reference is None else None
    flow.references.append(
        FlowReference(
            key=connector if chance(rng, 0.85) else f"{connector}_1",
            connector=connector,
            connection=reference.connection if reference else connection,
            reference_logical_name=reference.logical_name if reference else None,
            invoker=flow.trigger_kind in {"Button", "PowerApp"} and chance(rng, 0.4),
        )
    )


def _plant(tenant: Tenant, rng: random.Random) -> None:
    """Let a few flows call an operation their definition no longer has, and name some oddly."""
    custom = [
        call
        for flow in tenant.flows
        for call in flow.calls
        if call.connector not in FIRST_PARTY and not call.trigger
    ]
    for call in rng.sample(custom, min(len(custom), max(1, len(custom) // 80))):
        call.operation_id = f"{call.operation_id}Legacy"
    if len(tenant.flows) > 60:  # noqa: PLR2004 - a believable share of odd names needs a crowd
        for flow, name in zip(rng.sample(tenant.flows, 3), HOSTILE_FLOWS, strict=True):
            flow.display_name = name[:HOSTILE_LENGTH]
