"""Who answers for one connector: the verdict with its proof, the steward, and who could take over."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard import owner_data
from dashboard.data import At
from dashboard.parts import page, state, steward, table
from dashboard.parts.badges import PERSON, SUGGESTED, VERDICT, mark, meaning
from dashboard.parts.text import count, day, esc, missing, words


def draw(at: At, row: pd.Series, more: Sequence[tuple[str, str]] = ()) -> None:
    """Draw the owner beside the steward, and whom to hand it to.

    Args:
        at: The moment; a past one is only looked at.
        row: The connector's row of `owner_data.gaps`.
        more: Further facts on the owner, as Markdown.
    """
    left, right = st.columns(2, gap="medium")
    with left, state.part("The owner"):
        st.subheader("Platform owner", anchor=False)
        owner(row, more)
    with right, state.part("The steward"):
        st.subheader("Steward", anchor=False)
        steward.draw(at, row)
    with state.part("The suggestions"):
        st.subheader("Who could take it over", anchor=False)
        suggested(at, int(row["connector_id"]))


def owner(row: pd.Series, more: Sequence[tuple[str, str]] = ()) -> None:
    """Draw the verdict, what proves it, and what to do; then further facts."""
    table.facts(
        [
            ("Verdict", mark(VERDICT, row["state"])),
            ("Owner", _owner(row)),
            ("Proof", esc(row["reason"], longest=400)),
            ("Said by", _source(row)),
            ("Can act", _counts(row)),
            ("What to do", esc(row["advice"], longest=600)),
            *more,
        ],
        alt="Verdict on the owner",
    )
    if not missing(row["owner_key"]):
        links = {
            "My connectors": (page.MY_CONNECTORS, "owner"),
            "If they leave": (page.LEAVERS, "person"),
        }
        with st.container(horizontal=True, gap="small"):
            for name, (target, parameter) in links.items():
                st.page_link(
                    target,
                    label=f":blue[{name}]",
                    query_params={parameter: str(row["owner_key"])},
                )


def _owner(row: pd.Series) -> str:
    if missing(row["owner"]) and missing(row["owner_key"]):
        return "Nobody"
    name = esc(row["owner"] if not missing(row["owner"]) else row["owner_key"])
    quiet = missing(row["owner_state"]) or meaning(PERSON, row["owner_state"]).color is None
    return name if quiet else f"{name} {mark(PERSON, row['owner_state'])}"


def _source(row: pd.Series) -> str:
    if missing(row["source"]):
        return "Not kept at that time"
    when = "" if missing(row["proven_at"]) else f", read whole on {day(row['proven_at'])}"
    return f"{esc(words(row['source']))}{when}"


def _counts(row: pd.Series) -> str:
    """Say how many can act: owners, editors, members of owning groups."""
    told = (("owners", "owner"), ("editors", "editor"), ("members", "member"))
    known = [
        f"{count(row[name])} {one}{'' if row[name] == 1 else 's'}"
        for name, one in told
        if not missing(row[name])
    ]
    return ", ".join(known) or "Not known"


def suggested(at: At, connector_id: int) -> None:
    """Draw who could take a connector over, each with the reason, the likeliest first."""
    rows = owner_data.suggestions(at, connector_id)
    if rows.empty:
        st.caption(
            "Nobody in working order is known who edits it, uses it or has the same one elsewhere. "
            "Ask the administrators of its environment."
        )
        return
    table.small(
        [
            {
                "Who": f"**{esc(one.name)}**"
                + ("" if missing(one.mail) else f"  \n:small[:gray[{esc(one.mail)}]]"),
                "Because": esc(one.words, longest=300),
                "As": meaning(SUGGESTED, one.reason).word,
            }
            for one in rows.itertuples(index=False)
        ],
        alt="People who could take the connector over",
    )
