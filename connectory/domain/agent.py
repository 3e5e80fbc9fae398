"""The connectors an agent calls, read from the text in which Copilot Studio keeps its components.

A tool or topic of an agent is a document in a dialect of YAML. Strict readers refuse some of what
the studio writes (unquoted ``@odata.type``, tabs in expressions), and nothing of the document is
needed but its calls of connectors, so those blocks alone are looked for, by indentation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from connectory.domain.identity import connector_key

_CALLS = frozenset(
    {
        "InvokeConnectorTaskAction",  # a tool
        "InvokeConnectorAction",  # a step of a topic
        "InvokeExternalAgentTaskAction",  # a server of the Model Context Protocol
    }
)
_SECTIONS = frozenset({"connectionProperties", "operationDetails"})
"""Parts of a call whose members say how and what it calls; others hold its arguments."""
_PAIR = re.compile(r"^(?P<indent> *)(?P<item>(?:- +)*)(?P<name>[A-Za-z][\w$]*): *(?P<value>.*)$")
_BLOCK = re.compile(r": *[|>][+-]?\d?\s*$")
_SHARED = re.compile(r"shared_[^./\s]+", re.IGNORECASE)
LONGEST = 2_000_000
"""Characters of a component that are looked at."""
MOST = 500
"""Calls of a component that are kept."""


@dataclass(frozen=True, slots=True)
class AgentCall:
    """One call of a connector.

    Attributes:
        step: Which call of the component: the id of the step in a topic, else its number from 1.
        reference: Connection reference, by logical name; some texts name the connector there.
        operation_id: Operation, if told.
        invoker: Runs with the connection of whoever talks to the agent; None where not told.
    """

    step: str
    reference: str | None
    operation_id: str | None
    invoker: bool | None


def calls(text: str | None) -> tuple[AgentCall, ...]:
    """Return the calls of connectors in one component, in their order.

    Args:
        text: The component's document; hostile.
    """
    lines = [(pair, column) for pair, column in _pairs((text or "")[:LONGEST])]
    found: list[AgentCall] = []
    for place, (pair, column) in enumerate(lines):
        if pair["name"] != "kind" or _plain(pair["value"]) not in _CALLS:
            continue
        members = _members(lines, place, column)
        reference = members.get("connectionReference") or members.get(
            "connectionReferenceSchemaName"
        )
        mode = (members.get("mode") or "").casefold()
        found.append(
            AgentCall(
                step=members.get("id") or str(len(found) + 1),
                reference=reference,
                operation_id=members.get("operationId"),
                invoker=mode == "invoker" if mode else None,
            )
        )
        if len(found) == MOST:
            break
    return tuple(found)


def named_connector(reference: str | None) -> str | None:
    """Return the key of the connector that a reference itself names, if it does.

    Copilot Studio calls the references it makes ``agent.shared_name.id``.

    Args:
        reference: Logical name of a connection reference, or name of a connector.
    """
    found = _SHARED.search(reference or "")
    return connector_key(found.group()) if found else None


def _pairs(text: str) -> Iterator[tuple[re.Match[str], int]]:
    """Yield each line of the form ``name: value`` with its column; texts over lines are left out."""
    within: int | None = None
    for line in text.splitlines():
        if not line.strip():
            continue
        depth = len(line) - len(line.lstrip(" "))
        if within is not None:
            if depth > within:
                continue
            within = None
        pair = _PAIR.match(line)
        if pair is None:
            continue
        column = len(pair["indent"]) + len(pair["item"])
        if _BLOCK.search(line):
            within = column
        yield pair, column


def _members(
    lines: list[tuple[re.Match[str], int]], place: int, column: int
) -> dict[str, str | None]:
    """Return the members of the mapping that a line stands in, and of what is nested below it."""
    start = place
    while start > 0 and not lines[start][0]["item"] and lines[start - 1][1] >= column:
        start -= 1
    end = place + 1
    while end < len(lines) and _belongs(lines[end], column):
        end += 1
    members: dict[str, str | None] = {}
    section = ""
    for pair, depth in lines[start:end]:
        section = pair["name"] if depth == column else section
        if depth == column or section in _SECTIONS:
            members.setdefault(pair["name"], _plain(pair["value"]))
    return members


def _belongs(line: tuple[re.Match[str], int], column: int) -> bool:
    """Tell whether a line is still inside the mapping at a column, not the next item of a list."""
    pair, depth = line
    return depth >= column and not (depth == column and pair["item"])


def _plain(value: str) -> str | None:
    """Return a value without quotes and a comment behind it; None for an empty one."""
    text = value.strip()
    if text[:1] in {"'", '"'} and text.find(text[0], 1) > 0:
        return text[1 : text.find(text[0], 1)] or None
    return text.partition(" #")[0].strip() or None
