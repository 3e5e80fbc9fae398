"""Which policies apply to a connector in its environment, and where they put it."""

from __future__ import annotations

import streamlit as st

from connectory.queries.connector import ConnectorCard
from dashboard import connector_data
from dashboard.data import At
from dashboard.parts import stale, state, table
from dashboard.parts.badges import POLICY, REACH, RULE, SAYS, mark, meaning
from dashboard.parts.text import count, counted, esc

KINDS = {"action": "Action", "other_actions": "Other actions", "endpoint": "Address"}


def draw(at: At, card: ConnectorCard) -> None:
    """Draw the verdict of all policies beside the list of those that apply."""
    if card.presence == "gone":
        state.empty("It is gone", "No policy applies to a connector that is no longer there.")
        return
    stale.warn(at, None, "policies")
    left, right = st.columns([4, 8], gap="medium")
    with left:
        st.header("Verdict", anchor=False)
        _verdict(at, card)
    with right:
        st.header("Policies that apply", anchor=False)
        _applying(at, card)
    _rules(at, card)
    st.caption(
        "What one policy blocks is blocked. Connectors can be used together only where every "
        "policy puts them in the same group. An app last published before October 2020 is not held "
        "to URL patterns."
    )


def _verdict(at: At, card: ConnectorCard) -> None:
    verdict = connector_data.policy_answer(at, card.connector_id)
    if verdict is None:
        state.empty(
            "Not assessed", "Policies were not looked at for this run.", icon="visibility_off"
        )
        return
    table.facts(
        [
            ("Environment", esc(card.environment)),
            ("Group", mark(POLICY, verdict.group)),
            ("Decided by", "Nothing" if verdict.rule == "none" else mark(RULE, verdict.rule)),
            ("Why", esc(verdict.reason)),
            ("Policies", count(verdict.policies)),
        ],
        alt="Where all policies put the connector",
    )


def _applying(at: At, card: ConnectorCard) -> None:
    frame = connector_data.connector_policies(at, card.connector_id)
    if frame.empty:
        verdict = connector_data.policy_answer(at, card.connector_id)
        if verdict is None or verdict.group == "unknown":
            state.empty(
                "Policies were not read",
                "They could not be read; see Runs and coverage for why.",
                icon="visibility_off",
                to_runs=True,
            )
        else:
            state.empty("No policy applies", "Every policy that was read is for elsewhere.")
        return
    shown = table.words(frame, ["policy", "detail"])
    shown["rule"] = [meaning(RULE, value).word for value in frame["rule"]]
    shown["reach"] = [meaning(REACH, value).word for value in frame["reach"]]
    shown["system"] = [
        "Allow-list" if value == "allow_list" else "Data policy" for value in frame["system"]
    ]
    table.data_table(
        table.chips(shown, "data_group", POLICY),
        {
            "policy": table.text("Policy", width=150),
            "data_group": table.state("Group", POLICY, width=125),
            "rule": table.text("Decided by", width=105),
            "detail": table.text("Pattern or reason", width=250),
            "system": table.text("Kind", width=105),
            "reach": table.text("For", width=140),
        },
        alt="Policies that apply to the connector",
        hidden=("reach",),
    )


def _rules(at: At, card: ConnectorCard) -> None:
    """Draw what policies say of single actions and addresses; nothing if they say nothing."""
    frame = connector_data.connector_rules(at, card.connector_id)
    if frame.empty:
        return
    st.header("Actions and addresses", anchor=False)
    blocked = frame[~frame["allowed"].astype(bool)]
    told = [
        counted(int((blocked["kind"] == kind).sum()), noun)
        for kind, noun in (("action", "action"), ("endpoint", "address rule"))
        if (blocked["kind"] == kind).any()
    ]
    if (blocked["kind"] == "other_actions").any():
        told.append("every action not named")
    if told:
        st.markdown(f":red[:material/block: Blocked: {' and '.join(told)}.]")
    shown = table.words(frame, ["policy", "subject"])
    shown["kind"] = [KINDS[kind] for kind in frame["kind"]]
    shown["says"] = ["allowed" if told else "blocked" for told in frame["allowed"]]
    table.data_table(
        table.chips(shown, "says", SAYS),
        {
            "policy": table.text("Policy", width=190),
            "kind": table.text("Of", width=130),
            "position": table.number("Order", width=65),
            "subject": table.text("Action or address", width=420),
            "says": table.state("Says", SAYS, width=110),
        },
        alt="What policies say of single actions and addresses",
    )
    st.caption("Of addresses the first that fits decides. Who breaks such a rule fails as it runs.")
