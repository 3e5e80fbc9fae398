"""A connector's manifest: how it signs in, what it offers, and the definition behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from connectory.domain.definition import Operation
from connectory.queries.connector import ConnectorCard
from dashboard import connector_data
from dashboard.data import At
from dashboard.parts import state, table
from dashboard.parts.badges import DEFINITION, OPERATION, mark, meaning
from dashboard.parts.text import NOTHING, code, count, day, esc, size

_RAW_LIMIT = 200_000
_ALWAYS = ("Host", "Authentication", "Script", "Content")


def draw(at: At, card: ConnectorCard) -> None:
    """Draw the manifest."""
    left, right = st.columns([4, 8], gap="medium")
    with left:
        st.header("Definition", anchor=False)
        table.facts(_facts(card), alt="Facts on the definition")
        _parameters(card)
        _policies(card)
    with right:
        st.header("Operations", anchor=False)
        _operations(at, card)
        _raw(at, card)


def _facts(card: ConnectorCard) -> list[tuple[str, str]]:
    script = "None"
    if card.has_script:
        named = ", ".join(code(name) for name in card.script_operations)
        script = f"Runs custom code: {named}" if named else "Runs custom code"
    told = [
        ("State", mark(DEFINITION, card.definition_state)),
        ("Why", esc(card.definition_detail)) if card.definition_detail else None,
        ("Host", code(card.host)),
        ("Base path", code(card.base_path)),
        ("Backend", code(card.backend_url)),
        ("Authentication", esc(card.authentication)),
        ("Client id", code(card.client_id)),
        ("Gateway", _yes(card.gateway)),
        ("Policy templates", _templates(card)),
        ("Script", script if card.has_script is not None else NOTHING),
        ("Title", esc(card.definition_title)),
        ("Version", esc(card.definition_version)),
        ("Content", _content(card)),
        ("Format", esc(card.definition_format)),
        ("Size", size(card.definition_size)),
        ("Publisher", esc(card.publisher)),
        ("Tier", esc(card.tier)),
    ]
    return [
        fact for fact in told if fact is not None and (fact[1] != NOTHING or fact[0] in _ALWAYS)
    ]


def _templates(card: ConnectorCard) -> str:
    """Return how many policy templates it has; without a definition none is no proof of none."""
    known = card.policies or card.definition_state == "readable"
    return count(len(card.policies)) if known else NOTHING


def _yes(value: bool | None) -> str:  # noqa: FBT001 - a fact, not a switch
    return NOTHING if value is None else "Yes" if value else "No"


def _content(card: ConnectorCard) -> str:
    if not card.definition_sha256:
        return NOTHING
    return f"{code(card.definition_sha256[:8])} since {day(card.definition_since)}"


def _parameters(card: ConnectorCard) -> None:
    stored = card.connection_parameters or {}
    rows = [*_walk(stored.get("parameters"), None), *_alternatives(stored.get("sets"))]
    if not rows:
        return
    st.header("Connection parameters", anchor=False)
    if not any("Way" in row and row["Way"] != NOTHING for row in rows):
        rows = [{name: value for name, value in row.items() if name != "Way"} for row in rows]
    table.small(rows, alt="What a connection asks for")


def _walk(parameters: object, way: object) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for name, value in parameters.items() if isinstance(parameters, Mapping) else ():
        told = value if isinstance(value, Mapping) else {}
        rows.append({"Name": code(name), "Type": esc(told.get("type")), "Way": esc(way)})
    return rows


def _alternatives(sets: object) -> list[dict[str, object]]:
    """Return the parameters of each way to sign in, of which a connection picks one."""
    values = sets.get("values") if isinstance(sets, Mapping) else None
    return [
        row
        for one in (values if isinstance(values, list) else ())
        if isinstance(one, Mapping)
        for row in _walk(one.get("parameters"), one.get("name"))
    ]


def _policies(card: ConnectorCard) -> None:
    if not card.policies:
        return
    st.header("Policy templates", anchor=False)
    table.small(
        [
            {
                "Title": esc(policy.get("title")),
                "Template": code(policy.get("templateId")),
            }
            for policy in card.policies
        ],
        alt="Policy templates of the connector",
    )


def _operations(at: At, card: ConnectorCard) -> None:
    frame = connector_data.operations(at, card.connector_id)
    if frame.empty:
        _no_operations(card)
        return
    shown = table.words(frame, ["operation_id", "method", "path", "summary", "visibility"])
    shown["note"] = shown["deprecated"].map({True: "Deprecated"})
    chosen = table.choose(
        table.chips(shown, "kind", OPERATION),
        {
            "operation_id": table.text("Operation", width=140),
            "method": table.text("Method", width=68),
            "path": table.text("Path", width=160),
            "kind": table.state("Kind", OPERATION, width=112),
            "parameters": table.number("Param.", width=64),
            "responses": table.number("Resp.", width=60),
            "flows": table.number("Flows", width=60, help="Flows whose definition calls it"),
            "agents": table.number("Agents", width=65, help="Agents that call it"),
            "note": table.text("Note", width=88),
            "summary": table.text("Summary", width=260),
            "visibility": table.text("Visibility", width=100),
        },
        alt="Operations of the connector",
        key="connector.operations",
        hidden=("summary", "visibility"),
        height=430,
    )
    if chosen is None:
        st.caption("Choose an operation to see its parameters and responses.")
        return
    _operation(at, card, frame.iloc[chosen]["ordinal"])


def _no_operations(card: ConnectorCard) -> None:
    """Draw why there are none: there is nothing, or nothing that could be read."""
    told = esc(card.definition_detail) if card.definition_detail else ""
    if card.definition_state == "readable":
        state.empty("No operations", told or "The definition has none.", icon="description")
    else:
        word = meaning(DEFINITION, card.definition_state).word.lower()
        said = told or f"The definition is {word}, so that nothing is known of its operations."
        state.empty("Operations are not known", said, icon="visibility_off", to_runs=True)


def _operation(at: At, card: ConnectorCard, ordinal: object) -> None:
    told = connector_data.operation(at.url, card.definition_id, ordinal)
    if told is None:
        st.caption("The definition does not offer this operation; flows or agents still call it.")
        return
    st.header(esc(told.operation_id or f"{told.method} {told.path}"), anchor=False)
    if told.summary or told.description:
        st.markdown(f":gray[{esc(told.description or told.summary)}]")
    _parameter_table(told)
    _response_table(told)


def _parameter_table(told: Operation) -> None:
    if not told.parameters:
        st.caption("It has no parameters.")
        return
    table.small(
        [
            {
                "Parameter": code(parameter.name),
                "In": esc(parameter.location),
                "Type": _typed(parameter.type, parameter.format),
                "Required": _yes(parameter.required),
                "Summary": _with_properties(parameter.summary, parameter.properties),
            }
            for parameter in told.parameters
        ],
        alt="Parameters of the operation",
    )


def _response_table(told: Operation) -> None:
    table.small(
        [
            {
                "Response": code(response.status),
                "Type": esc(response.type),
                "Description": _with_properties(response.description, response.properties),
            }
            for response in told.responses
        ]
        or [{"Response": "None documented"}],
        alt="Responses of the operation",
    )


def _typed(kind: str | None, form: str | None) -> str:
    return f"{esc(kind)} ({esc(form)})" if form else esc(kind)


def _with_properties(words: str | None, properties: Sequence[str]) -> str:
    named = ", ".join(code(name) for name in properties[:12])
    more = " …" if len(properties) > 12 else ""  # noqa: PLR2004 - as many as read at a glance
    return " ".join(part for part in (esc(words) if words else "", named + more) if part) or NOTHING


def _raw(at: At, card: ConnectorCard) -> None:
    if card.definition_id is None:
        return
    with st.expander("Raw definition, secrets removed", on_change="rerun") as raw:
        if not raw.open:
            return
        text = connector_data.document(at.url, card.definition_id)
        if text is None:
            st.caption("It was too large to keep.")
            return
        if card.redactions:
            st.caption(f"{count(card.redactions)} secrets were replaced before it was stored.")
        st.code(text[:_RAW_LIMIT], language="json", height=480)
        if len(text) > _RAW_LIMIT:
            st.caption(f"The first {size(_RAW_LIMIT)} of {size(len(text))}.")
