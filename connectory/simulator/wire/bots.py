"""Agents as an environment's Dataverse keeps them: a row each, and their parts as documents."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from connectory.simulator.state import Agent, AgentCall, Environment
from connectory.simulator.wire.exchange import Json, seconds
from connectory.simulator.wire.world import World, derived, system_user

_ETAG: Json = {"@odata.etag": 'W/"1074023"'}
_CALLING, _PROMPT = 9, 15

Part = tuple[Agent, str, int, tuple[AgentCall, ...]]
"""An agent, the schema name of one of its parts, the type of the part, and what it calls."""


def agents(world: World, home: Environment) -> Sequence[Agent]:
    """Return the agents that are rows."""
    return world.agents.get(home.name.casefold(), [])


def agent(world: World, home: Environment, one: Agent) -> Json:
    """Return an agent as a row."""
    del world
    return _ETAG | {
        "botid": one.id,
        "name": one.display_name,
        "schemaname": one.schema_name,
        "language": 1033,
        "statecode": 0 if one.active else 1,
        "statuscode": 1 if one.active else 2,
        "ismanaged": one.managed,
        "componentstate": 0,
        "solutionid": derived("solution of agents", home.name),
        "template": "default-2.1.0",
        "_ownerid_value": system_user(home, one.owner_id),
        "createdon": seconds(one.created),
        "modifiedon": seconds(one.modified),
        "publishedon": seconds(one.published),
    }


def parts(world: World, home: Environment) -> Sequence[Part]:
    """Return the parts that are rows: instructions of each agent, and its tools and topics."""
    found: list[Part] = []
    for one in agents(world, home):
        found.append((one, f"{one.schema_name}.gpt.default", _PROMPT, ()))
        ordered = sorted(one.calls, key=lambda call: call.component)
        found += [
            (one, name, _CALLING, tuple(told))
            for name, told in groupby(ordered, key=lambda call: call.component)
        ]
    return found


def part(world: World, home: Environment, one: Part) -> Json:
    """Return a part as a row without its document."""
    del world
    owner, name, kind, _ = one
    return _ETAG | {
        "botcomponentid": derived("part", owner.id, name),
        "name": name.rpartition(".")[2],
        "schemaname": name,
        "componenttype": kind,
        "_parentbotid_value": owner.id,
        "statecode": 0,
        "_ownerid_value": system_user(home, owner.owner_id),
        "createdon": seconds(owner.created),
        "modifiedon": seconds(owner.modified),
    }


def document(one: Part) -> Json:
    """Return the column with a part's document."""
    _, _, kind, told = one
    if kind != _CALLING:
        text = "kind: GptComponentMetadata\ninstructions: |-\n  kind: InvokeConnectorAction\n"
        return {"data": text}
    return {"data": _topic(told) if told[0].step else _tool(told[0])}


def _tool(call: AgentCall) -> str:
    lines = [
        "kind: TaskDialog",
        "modelDisplayName: A tool",
        "modelDescription: |-",
        "  What this tool is for. It says:",
        "  kind: InvokeConnectorTaskAction",
        "outputs:",
        "  - propertyName: value",
        "",
        "action:",
        "  kind: InvokeExternalAgentTaskAction" if call.protocol
        else "  kind: InvokeConnectorTaskAction",
        f"  connectionReference: {call.reference}",
        "  connectionProperties:",
        f"    mode: {'Invoker' if call.invoker else 'Maker'}",
    ]  # fmt: skip
    if call.protocol:
        lines += ["  operationDetails:", "    kind: ModelContextProtocolMetadata"]
        lines.append(f"    operationId: {call.operation_id}")
    else:
        lines.append(f"  operationId: {call.operation_id}")
    return "\n".join([*lines, "", "outputMode: All", ""])


def _topic(calls: Sequence[AgentCall]) -> str:
    lines = [
        "kind: AdaptiveDialog",
        "beginDialog:",
        "  kind: OnRecognizedIntent",
        "  id: main",
        "  actions:",
    ]
    for call in calls:
        lines += [
            "    - kind: InvokeConnectorAction",
            f"      id: {call.step}",
            "      input:",
            "        binding:",
            "          operationId: =Topic.Wanted",
            f"      connectionReference: '{call.reference}'",
            "      connectionProperties:",
            f"        mode: {'Invoker' if call.invoker else 'Maker'}",
            f"      operationId: {call.operation_id}",
            "      output:",
            "        kind: SingleVariableOutputBinding",
            "        variable: Topic.Answer",
        ]
    return "\n".join([*lines, "    - kind: EndDialog", "      id: last", ""])
