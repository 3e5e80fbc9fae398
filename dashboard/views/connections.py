"""Connections and references: what is wrong with them, where, and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from connectory.queries.finding_filters import narrow_findings
from dashboard import data
from dashboard.parts import chart, entry, filters, kpi, page, state, table
from dashboard.parts.badges import (
    ASSET,
    CONNECTION_FINDING,
    FINDING_MEANING,
    PERSON,
    SEVERITY,
    meaning,
    state_of,
    words,
)
from dashboard.parts.kpi import Figure
from dashboard.parts.text import code, count, counted, esc, label, plain

GROUPS = {
    "Broken": ("broken", "unconfirmed"),
    "Points nowhere": ("unbound", "connection_absent", "connector_absent"),
    "Nobody behind it": ("owner_left", "owner_disabled"),
    "Identity": ("personal_account", "guest", "outside"),
    "Shared": ("shared",),
}
HELP = {
    "Broken": "Connections in error, or whose sign-in was never confirmed.",
    "Points nowhere": "References without a connection, or to something that is not there.",
    "Nobody behind it": "Made, owned or signed in by somebody who left or is disabled.",
    "Identity": "Personal accounts that production relies on, guests, and accounts from outside.",
    "Shared": "Connections that others than their maker may use.",
}
SEVERITIES = ("high", "medium", "low")
ASSETS = {"Both": "", "Connections": "connection", "References": "connection_reference"}
MOST = 12
TABLE, CONNECTOR = "connections.table", "connections.connector"


def spoken(kinds: Sequence[str]) -> list[str]:
    """Return the words that stand for kinds of findings in the filter and in the address."""
    return [meaning(CONNECTION_FINDING, kind).word for kind in kinds]


def figures(checks: pd.DataFrame) -> None:
    """Draw how much is wrong by group; a group that nothing was searched for is not known."""
    row = []
    for name, kinds in GROUPS.items():
        mine = checks[checks["finding"].isin(kinds)]
        short = mine[~mine["checked"]]["environment_id"].nunique()
        total = int(mine["findings"].sum())
        row.append(
            Figure(
                name,
                total if total or mine["checked"].any() else None,
                note=f"{count(short)} not read" if short else "",
                help=HELP[name]
                + (f" Not read: environments not searched whole: {short}." if short else ""),
                page=page.CONNECTIONS,
                parameters={"finding": spoken(kinds)},
            )
        )
    kpi.row(row)


def coverage(checks: pd.DataFrame) -> None:
    """Say in how many environments something could not be searched, and why."""
    short = checks[~checks["checked"]]
    if short.empty:
        return
    places = short["environment_id"].nunique()
    total = checks["environment_id"].nunique()
    told = (
        f"{count(places)} of {counted(total, 'environment')} could not be searched for everything"
    )
    with st.popover(f":violet[:material/visibility_off: {told}]", type="tertiary"):
        st.markdown("What was found there before still shows; what is missing is not known.")
        for (environment, reason), rows in list(short.groupby(["environment", "reason"]))[:MOST]:
            kinds = ", ".join(word.lower() for word in spoken(list(rows["finding"])))
            st.markdown(
                f"**{esc(environment)}** · {esc(kinds)}  \n:gray[{esc(reason, longest=400)}]"
            )
        st.page_link(page.ENVIRONMENTS, label=":blue[Open Environments]")


def by_place(checks: pd.DataFrame) -> None:
    """Draw how many of each kind each environment has; a click narrows the rows to a cell."""
    st.header("By kind and environment", anchor=False)
    sums = checks.groupby(["environment_id", "environment"], as_index=False).agg(
        findings=("findings", "sum"), checked=("checked", "all")
    )
    worst = sums[(sums["findings"] > 0) | ~sums["checked"]]
    worst = worst.sort_values("findings", ascending=False, kind="stable").head(MOST)
    shown = checks[checks["environment_id"].isin(worst["environment_id"])]
    names = dict(zip(worst["environment_id"].astype(str), worst["environment"], strict=True))

    def narrow(kind: str, place: str) -> None:
        st.session_state["finding"] = spoken([kind])
        st.session_state["environment"] = filters.options([names[place]])

    chart.cells(
        pd.DataFrame(
            {
                "across": shown["finding"],
                "down": shown["environment_id"].astype(str),
                "count": shown["findings"],
                "known": shown["checked"],
            }
        ),
        across=[(kind, told.word) for kind, told in CONNECTION_FINDING.items()],
        down=[(place, plain(name, longest=22)) for place, name in names.items()],
        alt="Findings by kind and environment, the environments with most findings first",
        key="connections.cells",
        on_choose=narrow,
    )
    st.caption(
        f"{count(len(worst))} of {counted(len(sums), 'environment')}, those with most findings. "
        "A click on a figure shows its rows. Empty: none found. ?: not read whole."
    )


def by_kind(checks: pd.DataFrame) -> None:
    """Draw what each kind means and how many there are, the most first."""
    st.header("What it means", anchor=False)
    totals = checks.groupby("finding")["findings"].sum()
    with st.container(border=True):
        for kind, total in totals[totals > 0].sort_values(ascending=False, kind="stable").items():
            with entry.entry(
                esc(meaning(CONNECTION_FINDING, kind).word),
                FINDING_MEANING[str(kind)],
                page=page.CONNECTIONS,
                finding=meaning(CONNECTION_FINDING, kind).word,
            ):
                st.markdown(f"**{count(total)}**")


def narrowed(frame: pd.DataFrame) -> pd.DataFrame:
    """Draw the filters and return the rows they leave."""
    cells = st.grid(3, min_column_width=146)
    search = filters.search(cells, "Name, person, account…")
    finding = filters.several(cells, "Finding", "finding", words(CONNECTION_FINDING))
    environment = filters.several(
        cells, "Environment", "environment", filters.options(frame["environment"])
    )
    connector = filters.several(
        cells, "Connector", "connector", filters.options(frame["connector"])
    )
    severity = filters.several(
        cells, "Severity", "severity", [SEVERITY[name].word for name in SEVERITIES]
    )
    asset = filters.one(cells, "Of", "of", list(ASSETS))
    rows = narrow_findings(
        frame,
        search=search,
        findings=[state_of(CONNECTION_FINDING, word) for word in finding],
        severities=[state_of(SEVERITY, word) for word in severity],
        environments=filters.behind(frame["environment"], environment),
        connectors=filters.behind(frame["connector"], connector),
        asset=ASSETS[asset],
    )
    return rows.reset_index(drop=True)


def listed(rows: pd.DataFrame, total: int) -> None:
    """Draw the rows; the connector of a row opens its page, and so does the chosen row's link."""
    line = st.container(horizontal=True, vertical_alignment="center", gap="small")
    shown = table.words(rows, ["name", "environment", "proof", "cure", "account", "owner"])
    shown["connector"] = [label(name) for name in rows["connector"]]
    for column, scale in SCALES.items():
        shown = table.chips(shown, column, scale)
    chosen = table.choose(
        shown,
        {
            "severity": table.state("Severity", SEVERITY, width=95),
            "finding": table.state("Finding", CONNECTION_FINDING, width=150),
            "connector": table.opener("Connector", width=190, key=CONNECTOR),
            "asset": table.state("Of", ASSET, width=100),
            "environment": table.text("Environment", width=150),
            "proof": table.text("Proof", width=330),
            "flows": table.number("Flows", width=65, help="Flows that refer to it"),
            "apps": table.number("Apps", width=65, help="Apps that carry the connection"),
            "references": table.number("References", width=90, help="Bound to the connection"),
            "name": table.text("Name", width=200),
            "account": table.text("Account", width=190),
            "owner": table.text("Owner", width=150),
            "owner_state": table.state("Owner is", PERSON, width=100),
            "status_meaning": table.text("Status", width=240),
            "cure": table.text("What to do", width=300),
            "modified_at": table.day("Changed"),
        },
        alt="Findings on connections and connection references",
        key=TABLE,
        hidden=("name", "account", "owner", "owner_state", "status_meaning", "cure", "modified_at"),
        height=520,
    )
    clicked = table.clicked(CONNECTOR)
    if clicked is not None and pd.notna(rows["connector_id"].iloc[clicked]):
        st.switch_page(page.CONNECTOR, query_params={"id": str(rows["connector_id"].iloc[clicked])})
    with line:
        st.markdown(f"**{count(len(rows))} of {counted(total, 'finding')}** :gray[· worst first]")
        st.download_button(
            "Download these",
            lambda: data.csv(rows),
            file_name=f"connectory-findings-{shown_at.moment.read_at:%Y-%m-%d}.csv",
            mime="text/csv",
            icon=":material/download:",
            type="tertiary",
            on_click="ignore",
        )
    if chosen is None:
        st.caption("Choose a row to see what to do about it.")
    else:
        detail(rows.iloc[chosen])


def detail(row: pd.Series) -> None:
    """Draw one finding in words: its proof, what to do, and the way to its connector."""
    with st.container(border=True):
        head = (
            f"{meaning(CONNECTION_FINDING, row['finding']).word}: {plain(row['name'], longest=120)}"
        )
        st.markdown(f"**{esc(head)}**")
        st.markdown(f"{esc(row['proof'], longest=500)}.  \n**What to do:** {esc(row['cure'])}.")
        used = ", ".join(
            counted(int(row[column]), noun)
            for column, noun in (("flows", "flow"), ("apps", "app"), ("references", "reference"))
            if pd.notna(row[column])
        )
        told = [
            f"{meaning(ASSET, row['asset']).word} in {esc(row['environment'])}",
            f"relied on by {used}",
            f"account {code(row['account'])}" if row["account"] else "",
            f"status: {esc(row['status_meaning'])}" if row["status_meaning"] else "",
        ]
        st.caption(" · ".join(part for part in told if part))
        if pd.notna(row["connector_id"]):
            name = esc(plain(row["connector"], longest=60))
            st.page_link(
                page.CONNECTOR,
                label=f":blue[Open {name}]",
                query_params={"id": str(row["connector_id"])},
            )
        else:
            st.caption(f"Its connector is not in the environment: {code(row['connector'])}")


SCALES = {
    "severity": SEVERITY,
    "finding": CONNECTION_FINDING,
    "asset": ASSET,
    "owner_state": PERSON,
}

shown_at = page.begin("Connections and references", export="connection_findings")
with state.part("The findings"):
    everything, searched = data.connection_findings(shown_at), data.connection_checks(shown_at)
    coverage(searched)
    figures(searched)
    if everything.empty:
        state.empty(
            "No finding", "Nothing is wrong with what was read.", icon="task_alt", to_runs=True
        )
        st.stop()
    left, right = st.columns([8, 5], gap="medium")
    with left, state.part("The plot"):
        by_place(searched)
    with right:
        by_kind(searched)
    st.header("Findings", anchor=False)
    remaining = narrowed(everything)
    filters.remember("connections")
    if remaining.empty:
        state.empty(
            "No finding matches", "Remove a filter or shorten the search.", icon="filter_alt_off"
        )
    else:
        listed(remaining, len(everything))
