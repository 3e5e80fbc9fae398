"""Search: everything with a name, by any part of it."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from connectory.queries.search import KINDS, LONGEST
from dashboard import inventory_data
from dashboard.data import At
from dashboard.parts import opening, page, pinned, stale, state
from dashboard.parts.text import count, counted, esc

FEW, MANY = 8, 100
READ_BY = {
    "environments": "environments",
    "people": "people",
    "connectors": "connectors",
    "flows": "flows",
    "apps": "apps",
    "agents": "agents",
}
ANY = {"presence": "Any", "ignored": "true"}
TITLES = {
    "connector": ("Connectors", "hub"),
    "host": ("Hosts", "dns"),
    "person": ("People", "person"),
    "environment": ("Environments", "deployed_code"),
    "flow": ("Flows", "account_tree"),
    "app": ("Apps", "web_asset"),
    "agent": ("Agents", "smart_toy"),
}


def detail(hit: pd.Series) -> str:
    """Return the second line of a hit."""
    if hit["kind"] == "host":
        return f"called by {counted(int(hit['connectors']), 'connector')}"
    if hit["kind"] == "person":
        owned = counted(int(hit["connectors"]), "connector") if hit["connectors"] else "none"
        return f"{esc(hit['detail'])} · owns {owned}"
    return esc(hit["detail"])


def leads_to(hit: pd.Series) -> tuple[str, dict[str, str]] | None:
    """Return the page that shows a hit, and how it is told which; None if none has more."""
    if hit["kind"] == "connector":
        return page.CONNECTOR, {"id": str(hit["id"])}
    if hit["kind"] == "host":
        return page.CONNECTORS, {pinned.HOST: str(hit["key"]), **ANY}
    if hit["kind"] == "person":
        owned = {pinned.OWNED_BY: str(hit["key"]), **ANY}
        return (page.CONNECTORS, owned) if hit["connectors"] else None
    tab = {"tab": TITLES[hit["kind"]][0]} if hit["kind"] in {"flow", "app"} else {}
    return page.ENVIRONMENTS, {"open": str(int(hit["environment_id"])), **tab}


def also_leads_to(hit: pd.Series) -> dict[str, tuple[str, dict[str, str]]]:
    """Return what else shows a hit, by the words of the link."""
    if hit["kind"] != "person":
        return {}
    key = str(hit["key"])
    return {
        "My connectors": (page.MY_CONNECTORS, {"owner": key}),
        "If they leave": (page.LEAVERS, {"person": key}),
    }


def hits(kind: str, rows: pd.DataFrame) -> None:
    """Draw the hits of one kind; each opens what shows it."""
    title, icon = TITLES[kind]
    total = int(rows["of_kind"].iloc[0])
    st.subheader(f":material/{icon}: {title} :gray[{count(total)}]", anchor=False)
    with st.container(border=True, gap="xsmall"):
        for number, (_, hit) in enumerate(rows.iterrows()):
            with st.container(horizontal=True, vertical_alignment="center"):
                name = esc(hit["name"], longest=120)
                st.markdown(f"**{name}**  \n:small[:gray[{detail(hit)}]]", width="stretch")
                target = leads_to(hit)
                # A button and no link: an address would hold the words of the tenant.
                if target and st.button(
                    ":blue[Open]", type="tertiary", key=f"search.{kind}.{number}"
                ):
                    if target[0] == page.CONNECTOR:
                        opening.connector(target[1]["id"])
                    st.switch_page(target[0], query_params=target[1])
                for words, (other, address) in also_leads_to(hit).items():
                    st.page_link(other, label=f":blue[{words}]", query_params=address)
    if total > len(rows):
        st.caption(f"{count(len(rows))} of {count(total)} shown; another word narrows them.")


def results(at: At, text: str) -> None:
    """Draw all hits, kind by kind."""
    stale.note(at, READ_BY, "Some may not be found.")
    kinds = st.pills("Kind", list(TITLES), format_func=lambda kind: TITLES[kind][0], key="found",
                     bind="query-params", label_visibility="collapsed")  # fmt: skip
    found = inventory_data.found(at, text, MANY if kinds else FEW)
    shown = found[found["kind"] == kinds] if kinds else found
    if shown.empty:
        state.empty(
            "Nothing has that name", "Try fewer words, or a part of one.", icon="search_off"
        )
    for kind in KINDS:
        rows = shown[shown["kind"] == kind]
        if not rows.empty:
            hits(kind, rows)


at = page.begin("Search", export="connectors")
asked = st.text_input(
    "Search", key="q", bind="query-params", max_chars=LONGEST, icon=":material/search:",
    placeholder="A connector, host, person, environment, flow, app or agent",
    label_visibility="collapsed",
)  # fmt: skip
with state.part("The search"):
    if asked.strip():
        results(at, asked)
    else:
        st.caption("Every word must stand in the name or address; letter case does not matter.")
