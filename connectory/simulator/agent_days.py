"""What can happen to the agents of a simulated tenant on one day."""

from __future__ import annotations

from connectory.simulator.agents import add_agent
from connectory.simulator.happenings import Day
from connectory.simulator.randomness import chance


def change_agent(day: Day) -> None:
    """Let one agent lose its last call, go, or be followed by a new one."""
    tenant, rng = day.tenant, day.rng
    planted = tenant.owning.planted
    here = [
        agent
        for agent in tenant.agents
        if agent.deleted is None
        and tenant.environments[agent.environment].deleted is None
        and not any((agent.environment, call.connector) in planted for call in agent.calls)
    ]
    if not here:
        return
    agent = rng.choice(here)
    if chance(rng, 0.3):
        agent.deleted = tenant.now
        home = agent.environment
        add_agent(tenant, rng, day.cast, home, day.around(home), calling=True)
        return
    if agent.calls:
        agent.calls.pop()
    agent.modified, agent.in_inventory = day.moment(), True
