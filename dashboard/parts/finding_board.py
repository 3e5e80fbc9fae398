"""How much is wrong with connections and references: figures, a plot, and what was not searched."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard.parts import chart, filters, kpi, page
from dashboard.parts.badges import CONNECTION_FINDING, FINDING_MEANING, meaning
from dashboard.parts.kpi import Figure
from dashboard.parts.text import count, counted, esc, plain

GROUPS = {
    "Not working": ("broken", "unconfirmed"),
    "Points nowhere": ("unbound", "connection_absent", "connector_absent"),
    "Nobody behind it": ("owner_left", "owner_disabled"),
    "Identity": ("personal_account", "guest", "outside"),
    "Shared": ("shared",),
}
HELP = {
    "Not working": "Connections in error, or whose sign-in was never confirmed.",
    "Points nowhere": "References without a connection, or to something that is not there.",
    "Nobody behind it": "Made, owned or signed in by somebody who left or is disabled.",
    "Identity": "Personal accounts that production relies on, guests, and accounts from outside.",
    "Shared": "Connections that others than their maker may use.",
}
MOST = 7
_GAPS = 12
_ALL = "all"


def spoken(kinds: Sequence[str]) -> list[str]:
    """Return the words that stand for kinds of findings in the filter and in the address."""
    return [meaning(CONNECTION_FINDING, kind).word for kind in kinds]


def figures(checks: pd.DataFrame) -> None:
    """Draw how much is wrong by group; what was searched for nowhere is not known.

    Args:
        checks: What `data.connection_checks` returned.
    """
    row = []
    for name, kinds in GROUPS.items():
        mine = checks[checks["finding"].isin(kinds)]
        total = int(mine["findings"].sum())
        row.append(
            Figure(
                name,
                total if total or mine["checked"].any() else None,
                help=f"{HELP[name]} Not read: environments that were not searched whole for them.",
                unread=int(mine[~mine["checked"]]["environment_id"].nunique()),
                narrow=filters.narrow(finding=spoken(kinds)),
            )
        )
    kpi.row(row)


def coverage(checks: pd.DataFrame) -> None:
    """Say in how many environments something could not be searched, and why."""
    short = checks[~checks["checked"]]
    if short.empty:
        return
    places = short["environment_id"].nunique()
    total = counted(checks["environment_id"].nunique(), "environment")
    told = f"{count(places)} of {total} could not be searched for everything"
    with st.popover(f":violet[:material/visibility_off: {told}]", type="tertiary"):
        st.markdown("What was found there before still shows; what else is there is not known.")
        gaps = list(short.groupby(["environment", "reason"], sort=False))
        for (environment, reason), rows in gaps[:_GAPS]:
            kinds = ", ".join(word.lower() for word in spoken(list(rows["finding"])))
            why = esc(reason, longest=400)
            st.markdown(f"**{esc(environment)}** · {esc(kinds)}  \n:gray[{why}]")
        if len(gaps) > _GAPS:
            st.caption(f"{count(_GAPS)} of {count(len(gaps))}; Environments has them all.")
        st.page_link(page.ENVIRONMENTS, label=":blue[Open Environments]")


def by_place(checks: pd.DataFrame) -> None:
    """Draw how many of each kind there are, in all and by environment; a click shows the rows."""
    st.header("By kind and environment", anchor=False)
    sums = checks.groupby(["environment_id", "environment"], as_index=False, sort=False).agg(
        findings=("findings", "sum"), checked=("checked", "all")
    )
    worst = sums[(sums["findings"] > 0) | ~sums["checked"]]
    worst = worst.sort_values("findings", ascending=False, kind="stable").head(MOST)
    names = dict(zip(worst["environment_id"].astype(str), worst["environment"], strict=True))

    def narrow(place: str, kind: str) -> None:
        here = filters.options([names[place]]) if place in names else []
        filters.narrow(finding=spoken([kind]), environment=here)()

    places = [(place, plain(name, longest=18)) for place, name in names.items()]
    chart.cells(
        _cells(checks, list(names)),
        across=[(_ALL, "All"), *places],
        down=[(kind, told.word) for kind, told in CONNECTION_FINDING.items()],
        alt="Findings by kind and environment, the environments with most findings first",
        key="connections.cells",
        on_choose=narrow,
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        some = f"{count(len(worst))} of {counted(len(sums), 'environment')}"
        st.caption(
            f"{some}, most findings first. A click on a figure shows its rows. "
            "Empty: none. ?: not read whole, so there may be more.",
            width="stretch",
        )
        with st.popover("What the kinds mean", icon=":material/help:", type="tertiary"):
            for kind, told in CONNECTION_FINDING.items():
                st.markdown(f"**{told.word}**  \n:small[:gray[{FINDING_MEANING[kind]}]]")


def _cells(checks: pd.DataFrame, places: Sequence[str]) -> pd.DataFrame:
    """Return the cells of the plot: those of some environments, and the sums over all."""
    every = checks.groupby("finding", as_index=False, sort=False).agg(
        findings=("findings", "sum"), checked=("checked", "all")
    )
    some = checks.assign(environment_id=checks["environment_id"].astype(str))
    rows = pd.concat([every.assign(environment_id=_ALL), some[some["environment_id"].isin(places)]])
    return pd.DataFrame(
        {
            "across": rows["environment_id"],
            "down": rows["finding"],
            "count": rows["findings"],
            "known": rows["checked"],
        }
    )
