"""The top of a comparison: both sides, the verdict, its figures, and the same in a terminal."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from connectory.queries.drift_pairs import Pair, Side
from dashboard import drift_data
from dashboard.data import At
from dashboard.parts import filters, kpi, opening, page
from dashboard.parts.badges import DRIFT, badge, meaning
from dashboard.parts.kpi import Figure
from dashboard.parts.text import code, count, day, esc, minute

OPEN = ("breaking", "risky")


def way_back() -> None:
    """Draw the link to the page that lists such comparisons, as it was left."""
    kind, _ = opening.asked_pair() or ("family", [])
    target, name, kept = _LISTS[kind]
    st.page_link(
        target,
        label=f":blue[{name}]",
        icon=":material/arrow_back:",
        query_params=filters.remembered(kept),
    )


_LISTS = {
    "family": (page.DRIFT, "Drift board", "drift"),
    "step": (page.CHANGE_LOG, "Change log", "change_log"),
    "upstream": (page.UPSTREAM, "Upstream", "upstream"),
}


def title(pair: Pair) -> str:
    """Return what the connector is called."""
    return pair.before.name if pair.purpose == "upstream" else pair.after.name


def draw(pair: Pair) -> None:
    """Draw the verdict, and what was compared with what."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        badge(DRIFT, pair.state)
        st.markdown(_between(pair), width="content")
        for side in (pair.before, pair.after):
            if side.connector_id is not None and (side is pair.after or pair.purpose != "history"):
                where = esc(side.environment, longest=40) or "the connector"
                st.page_link(
                    page.CONNECTOR,
                    label=f":blue[Open it in {where}]",
                    query_params={"id": str(side.connector_id), "tab": "Drift"},
                )


def _between(pair: Pair) -> str:
    before, after = pair.before, pair.after
    if pair.purpose == "history":
        since = "" if before.at is None else f" against that of {minute(before.at)}"
        return f"In **{esc(after.environment)}**: the version found {minute(after.at)}{since}"
    if pair.purpose == "upstream":
        changed = "" if after.at is None else f", which changed {day(after.at)}"
        return f"**{_side(before)}** against what its API says at {code(after.name)}{changed}"
    return f"**{_side(after)}** against **{_side(before)}**, the reference"


def _side(side: Side) -> str:
    where = esc(side.environment or side.name)
    return where if side.at is None else f"{where} (changed {day(side.at)})"


def figures(at: At, pair: Pair, rows: pd.DataFrame) -> None:
    """Draw how many changes there are of each kind, and how many consumers are hit."""
    facts = drift_data.facts(at.url, pair.comparison_id or 0)
    hurting = rows[rows["severity"].isin(OPEN) & ~rows["accepted"]]
    found, _ = hit(at, pair, rows)
    certain = found[found["level"] == "operation"] if _of_operations(hurting) else found
    kpi.row(
        [
            *(
                Figure(
                    meaning(DRIFT, one).word,
                    getattr(facts, one) if facts else int((rows["severity"] == one).sum()),
                    note=_accepted(rows, one),
                    help=f"{HELP[one]}",
                    narrow=filters.narrow(level=[meaning(DRIFT, one).word]),
                )
                for one in ("breaking", "risky", "compatible", "cosmetic")
            ),
            Figure(
                "Known to be hit",
                _each(certain),
                note=f"{count(_each(found) - _each(certain))} perhaps"
                if _each(found) > _each(certain)
                else "",
                help="Flows, apps and agents that use what is breaking or risky and not accepted.",
            ),
        ]
    )
    if facts is not None and facts.cut:
        st.caption(f"The worst {count(len(rows))} are listed; the figures count all.")


HELP = {
    "breaking": "Saved steps or formulas that use what changed fail.",
    "risky": "They may fail or do something else; somebody has to look.",
    "compatible": "Callers go on as before.",
    "cosmetic": "Only what people read differs, or what is meant to differ between environments.",
}


def _accepted(rows: pd.DataFrame, severity: str) -> str:
    number = int((rows["accepted"] & (rows["severity"] == severity)).sum())
    return f"{count(number)} accepted" if number else ""


def _each(hit: pd.DataFrame) -> int:
    return len(hit.drop_duplicates(["kind", "consumer_id"]))


def _of_operations(rows: pd.DataFrame) -> bool:
    return bool(rows["operation_id"].notna().all())


def hit(at: At, pair: Pair, rows: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Return who is hit by what is breaking or risky and accepted by nobody, and a word on that.

    Args:
        at: The moment.
        pair: What is compared.
        rows: Its changes.
    """
    hurting = rows[rows["severity"].isin(OPEN) & ~rows["accepted"]]
    use = drift_data.use(at, pair.connectors)
    whole = not _of_operations(hurting)
    operations = None if whole else set(hurting["operation_id"])
    found = use.hit(pair.connectors, operations)
    if hurting.empty:
        return found.head(
            0
        ), "Nothing is breaking or risky that nobody has accepted: nobody is hit."
    where = _places(pair)
    if whole:
        return found, f"Owners of whatever uses the connector in {where}: it changes as a whole."
    what = "this operation" if len(operations or ()) == 1 else "these operations"
    return found, f"Owners of what uses {what} in {where}, or may do so."


def _places(pair: Pair) -> str:
    names = dict.fromkeys(
        side.environment for side in (pair.after, pair.before) if side.environment
    )
    return " or ".join(esc(name) for name in names)


def terminal(pair: Pair) -> None:
    """Draw the command that gives the same verdict in a terminal."""
    if pair.command:
        with st.expander("The same in a terminal", icon=":material/terminal:"):
            st.code(pair.command, language="shell", wrap_lines=True)
            st.caption(
                f"Save the document as {code(pair.after.spelled)} first. {_EXIT}"
                if pair.purpose == "upstream"
                else f"{_EXIT} In a pipeline, name the file that is about to be imported as the second."
            )


_EXIT = "Exit code 2 if something breaks."
