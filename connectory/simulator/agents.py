"""Agents of the simulated tenant: what they call, and how their texts name it."""

from __future__ import annotations

import random
from typing import Final

from connectory.simulator.connections import FIRST_PARTY
from connectory.simulator.flows import Surroundings, surroundings_of
from connectory.simulator.people import Cast
from connectory.simulator.randomness import chance, guid, hexadecimal, moment, stream
from connectory.simulator.sizes import Size
from connectory.simulator.state import Agent, AgentCall, Connector, Tenant
from connectory.simulator.words import PUBLISHER_PREFIX

TITLES: Final = (
    "Order assistant", "IT service desk", "Ask HR", "Travel helper", "Facility guide",
    "Invoice clerk", "Onboarding buddy", "Plant floor lookup", "Contract finder", "Visitor desk",
)  # fmt: skip
HOSTILE: Final = '=HYPERLINK("https://evil.example","Agent")'


def add_agents(tenant: Tenant, size: Size, cast: Cast) -> None:
    """Fill the tenant's agents, which live in environments with Dataverse only."""
    rng = stream(tenant.seed, "agents")
    around = surroundings_of(tenant)
    homes = [
        name
        for name, environment in tenant.environments.items()
        if environment.dataverse is not None and environment.deleted is None
    ]
    if not homes:
        return
    weights = [1 + 3 * len(around[name].connectors) for name in homes]
    for number, home in enumerate(rng.choices(homes, weights, k=size.agents)):
        agent = add_agent(tenant, rng, cast, home, around[home], calling=number % 4 != 3)  # noqa: PLR2004
        # What was made or changed in the last hours is not in the inventory yet.
        agent.in_inventory = number % 7 != 6  # noqa: PLR2004
    if len(tenant.agents) > 10:  # noqa: PLR2004 - a believable share of odd names needs a crowd
        tenant.agents[-1].display_name = HOSTILE


def add_agent(
    tenant: Tenant,
    rng: random.Random,
    cast: Cast,
    environment: str,
    around: Surroundings,
    *,
    calling: bool,
) -> Agent:
    """Add and return an agent that calls what its environment offers, if it is to call anything."""
    title = rng.choice(TITLES)
    created = moment(rng, tenant.now, 5, 500)
    schema = f"{PUBLISHER_PREFIX}_{title.replace(' ', '').lower()}{hexadecimal(rng, 4)}"
    agent = Agent(
        environment=environment,
        id=guid(rng),
        schema_name=schema,
        display_name=title,
        owner_id=rng.choice(cast.departed if chance(rng, 0.05) else cast.makers).id,
        created=created,
        modified=moment(rng, tenant.now, 0.5, (tenant.now - created).days),
        published=moment(rng, tenant.now, 0.5, 5) if chance(rng, 0.8) else None,
        active=chance(rng, 0.9),
        managed=chance(rng, 0.2),
        calls=[],
    )
    if calling:
        _tools(rng, agent, around)
        _topic(rng, agent, around)
    tenant.agents.append(agent)
    return agent


def _tools(rng: random.Random, agent: Agent, around: Surroundings) -> None:
    for connector in rng.sample(around.connectors, min(len(around.connectors), 2)):
        for operation in _some_operations(rng, connector, 2):
            component = f"{agent.schema_name}.action.{hexadecimal(rng, 6)}"
            agent.calls.append(
                AgentCall(
                    component,
                    "",
                    str(connector.name),
                    operation,
                    _reference(rng, agent, str(connector.name), around),
                    invoker=chance(rng, 0.6),
                    protocol=chance(rng, 0.15),
                )
            )


def _topic(rng: random.Random, agent: Agent, around: Surroundings) -> None:
    """Let one topic make several calls in a row, to a connector of the platform and one of ours."""
    component = f"{agent.schema_name}.topic.{hexadecimal(rng, 6)}"
    platform = rng.choice(list(FIRST_PARTY))
    agent.calls.append(
        AgentCall(component, "step1", platform, FIRST_PARTY[platform][0], platform, invoker=True)
    )
    for connector in around.connectors[:1]:
        for number, operation in enumerate(_some_operations(rng, connector, 1), 2):
            reference = _reference(rng, agent, str(connector.name), around)
            agent.calls.append(
                AgentCall(
                    component, f"step{number}", str(connector.name), operation, reference,
                    invoker=False,
                )
            )  # fmt: skip


def _some_operations(rng: random.Random, connector: Connector, most: int) -> list[str]:
    known = (connector.definition.operations if connector.definition else None) or []
    names = [str(o["operationId"]) for o in known if not o["trigger"]]
    return rng.sample(names, min(len(names), most))


def _reference(rng: random.Random, agent: Agent, connector: str, around: Surroundings) -> str:
    """Name a connection reference of the environment, or one that names its connector itself."""
    there = [one.logical_name for one in around.references[connector]]
    if there and chance(rng, 0.7):
        return rng.choice(there)
    return f"{agent.schema_name}.{connector}.{hexadecimal(rng, 12)}"
