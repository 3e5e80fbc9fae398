"""The connectors an agent calls, from texts as Copilot Studio writes them and as nobody should."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectory.domain.agent import MOST, AgentCall, calls, named_connector

TOOL = """kind: TaskDialog
modelDescription: |-
  Says what it is for:
  kind: InvokeConnectorAction
  operationId: NotThis
outputs:
  - propertyName: value
action:
  kind: InvokeConnectorTaskAction
  connectionReference: cr1_agent.shared_orders-5f0a1b.c0ffee
  connectionProperties:
    mode: Invoker
  operationId: GetOrder
outputMode: All
"""
TOPIC = """kind: AdaptiveDialog
beginDialog:
  kind: OnRedirect
  id: main
  actions:
    - kind: SetVariable
      id: first
      operationId: NotThis
    - kind: InvokeConnectorAction
      id: profile
      input:
        binding:
          operationId: NotThisEither
      connectionReference: 'shared_office365users'
      operationId: "UserGet_V2"
    - kind: ConditionGroup
      conditions:
        - id: branch
          actions:
            - kind: InvokeConnectorAction
              connectionProperties:
                kind: ConnectionReferenceBySchema
                connectionReferenceSchemaName: cr1_shared
                mode: Maker
              operationId: GetItems # of a list
    - kind: SendActivity
      operationId: NorThis
"""
PROTOCOL = """kind: TaskDialog
action:
  kind: InvokeExternalAgentTaskAction
  connectionReference: cr1_agent.shared_server.1
  operationDetails:
    kind: ModelContextProtocolMetadata
    operationId: InvokeMCP
"""


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (TOOL, [("1", "cr1_agent.shared_orders-5f0a1b.c0ffee", "GetOrder", True)]),
        (
            TOPIC,
            [
                ("profile", "shared_office365users", "UserGet_V2", None),
                ("2", "cr1_shared", "GetItems", False),
            ],
        ),
        (PROTOCOL, [("1", "cr1_agent.shared_server.1", "InvokeMCP", None)]),
        ("kind: InvokeConnectorAction\n", [("1", None, None, None)]),
        ("kind: AdaptiveDialog\n", []),
        ("", []),
        (None, []),
    ],
    ids=["tool", "topic", "protocol", "bare", "none", "empty", "absent"],
)
def test_calls_are_found_wherever_they_stand(
    text: str | None, found: list[tuple[str, str | None, str | None, bool | None]]
) -> None:
    """Arguments, descriptions and other steps that look alike are no calls."""
    assert calls(text) == tuple(AgentCall(*one) for one in found)


def test_lines_may_end_as_they_like() -> None:
    """A text that came from Windows has the same calls."""
    assert calls(TOOL.replace("\n", "\r\n")) == calls(TOOL)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_no_text_is_too_odd(text: str) -> None:
    """Whatever stands in a component, reading it ends and raises nothing."""
    assert len(calls(text + TOOL + text)) <= MOST


def test_a_text_of_nothing_but_calls_is_bounded() -> None:
    """A component that was made to be large costs no more than it may."""
    assert len(calls("- kind: InvokeConnectorAction\n" * 5 * MOST)) == MOST


@pytest.mark.parametrize(
    ("reference", "key"),
    [
        ("cr1_agent.shared_orders-5f0a1b.c0ffee", "shared_orders-5f0a1b"),
        ("shared_office365users", "shared_office365users"),
        ("/providers/Microsoft.PowerApps/apis/shared_X", "shared_x"),
        ("cr1_orders", None),
        (None, None),
    ],
)
def test_some_references_name_their_connector(reference: str | None, key: str | None) -> None:
    """The studio's own references do; a name that people chose tells nothing."""
    assert named_connector(reference) == key
