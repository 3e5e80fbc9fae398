"""What rests on the accounts of people who leave: figures, the hand-over, and the rows by kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

import pandas as pd
import streamlit as st

from connectory.domain.leaving import Leaver, to_do
from connectory.queries.leaving_frames import Leaving
from connectory.queries.leaving_sums import Sums
from dashboard import leaver_data
from dashboard.data import At
from dashboard.parts import filters, kpi, opening, state, table
from dashboard.parts.badges import LEAVING, OWNER, PERSON, mark, meaning
from dashboard.parts.kpi import Figure
from dashboard.parts.text import count, counted, esc, label, missing, on, words

TAB: Final = "rows"
TABS: Final = {
    "Connectors": ("connectors", "connector"),
    "Connections": ("connections", "connection"),
    "References": ("references", "connection_reference"),
    "Flows": ("flows", "flow"),
    "Apps": ("apps", "app"),
    "Agents": ("agents", "agent"),
}
_FEW: Final = 12
_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_TENANTS: Final = (
    "name", "connector", "environment", "account", "leaver", "why", "to", "to_mail", "to_reason",
)  # fmt: skip


def who(found: Leaving) -> None:
    """Draw who leaves, with what the directory says of each."""
    people = found.people
    told = [
        " · ".join(
            [
                f"**{esc(one.leaver)}**{_state(one.state)}",
                *([] if missing(one.last_day) else [f"last day {on(one.last_day)}"]),
                *([] if missing(one.department) else [esc(one.department)]),
            ]
        )
        for one in people.head(_FEW).itertuples(index=False)
    ]
    if len(people) > _FEW:
        told.append(f":gray[… and {count(len(people) - _FEW)} more]")
    st.markdown("  \n".join(told))


def _state(value: object) -> str:
    return "" if meaning(PERSON, value).color is None else f" {mark(PERSON, value)}"


def figures(sums: Sums) -> None:
    """Draw how much is behind the accounts; each figure shows its rows."""
    others = counted(sums.apps, "app"), counted(sums.agents, "agent")
    kpi.row(
        [
            Figure(
                "Connectors",
                sums.connectors,
                note=f"{count(sums.unowned)} lose their owner",
                help="They own or may edit them, answer for them, or connect to them.",
                narrow=filters.narrow(**{TAB: "Connectors"}),
            ),
            Figure(
                "Connections",
                sums.connections,
                help="They made them, or they sign in as them: they stop, or may.",
                narrow=filters.narrow(**{TAB: "Connections"}),
            ),
            Figure(
                "Flows",
                sums.flows,
                help="They run with such a connection: they stop, or may.",
                narrow=filters.narrow(**{TAB: "Flows"}),
            ),
            Figure(
                "Apps, agents",
                sums.apps + sums.agents,
                note=", ".join(others),
                help="The same of apps and agents.",
                narrow=filters.narrow(
                    **{TAB: "Apps" if sums.apps or not sums.agents else "Agents"}
                ),
            ),
            Figure(
                "Uses behind",
                sums.uses,
                note=f"evidence: {', '.join(sums.evidence)}" if sums.evidence else "",
                help="Calls in 30 days by what stops or may; runs or launches where no log tells "
                "of calls. What nothing tells of is not in it.",
            ),
        ]
    )


def hand_over(at: At, people: tuple[Leaver, ...], meanings: Callable[[], None]) -> None:
    """Draw what to hand over to whom first, and the same as a file to take along."""
    rows = leaver_data.hand_over(at, people)
    with st.container(horizontal=True, horizontal_alignment="distribute", gap="small"):
        st.header("Hand over first", anchor=False, width="content")
        with st.container(horizontal=True, width="content", gap="small"):
            meanings()
            if not rows.empty:
                _files(at, people)
    if rows.empty:
        state.empty(
            "Nothing to hand over",
            "Nothing that was read stops, and somebody else may change all of it.",
            icon="task_alt",
        )
        return
    shown = table.words(rows, _TENANTS[:3] + _TENANTS[4:])
    shown["kind"] = [words(one).capitalize() for one in rows["kind"]]
    shown = table.chips(shown, "effect", LEAVING)
    columns = {
        "place": table.number("No.", width=50),
        "name": table.text("What", width=180),
        "effect": table.state("Then", LEAVING, width=128),
        "kind": table.text("Kind", width=105),
        "calls": table.number("Uses", width=70, help="In 30 days"),
        "to": table.text("To whom", width=140),
        "to_do": table.text("What to do", width=300),
        "last_day": table.date("By"),
        "leaver": table.text("From", width=140),
        "to_reason": table.text("Because", width=200),
        "to_mail": table.text("Mail", width=180),
        "environment": table.text("Environment", width=140),
        "connector": table.text("Connector", width=150),
        "evidence": table.text("Evidence", width=90),
        "why": table.text("Why", width=260),
    }
    if len(people) == 1:
        columns.pop("leaver")
    table.chosen_whole(
        shown,
        table.filled(shown, columns),
        alt="What to hand over to whom, what stops first",
        key="leavers.hand_over",
        hidden=("to_reason", "to_mail", "environment", "connector", "evidence", "why"),
    )


def _files(at: At, people: tuple[Leaver, ...]) -> None:
    name = f"connectory-hand-over-{at.moment.read_at:%Y-%m-%d}"
    for ending, mime, write in (
        ("xlsx", _XLSX, partial(leaver_data.sheet, at, people)),
        ("csv", "text/csv", partial(leaver_data.csv, at, people)),
    ):
        st.download_button(
            f"Hand-over sheet, {ending.upper()}",
            write,
            file_name=f"{name}.{ending}",
            mime=mime,
            icon=":material/download:",
            type="tertiary",
            on_click="ignore",
            key=f"leavers.{ending}",
        )


def listed(found: Leaving, name: str) -> None:
    """Draw everything of one kind, what stops first."""
    attribute, kind = TABS[name]
    rows: pd.DataFrame = getattr(found, attribute)
    if rows.empty:
        st.caption(f"No {words(kind)} rests on them, as far as was read.")
        return
    shown = table.words(rows, [one for one in _TENANTS if one in rows])
    shown["to_do"] = [to_do(kind, effect) for effect in rows["effect"]]
    shown = table.chips(shown, "effect", LEAVING)
    if kind == "connector":
        _connectors(rows, shown)
        return
    if "connectors" in rows:
        shown["connector"] = [", ".join(told) for told in rows["connectors"]]
        shown = table.words(shown, ["connector"])
    table.chosen_whole(
        shown, _columns(shown, name), alt=f"{name} that rest on them", key=f"leavers.{kind}",
        hidden=("leaver", "last_day", "evidence", "to_do", "account", "status", "state"),
    )  # fmt: skip


def _connectors(rows: pd.DataFrame, shown: pd.DataFrame) -> None:
    key = "leavers.connector"
    shown["connector"] = [label(one) for one in rows["connector"]]
    for column in ("ownership", "ownership_after"):
        told = [[] if missing(one) else [meaning(OWNER, one).chip] for one in rows[column]]
        shown[column] = pd.Series(told, shown.index, dtype=object)
    columns = {
        "connector": table.opener("Connector", width=185, key=key),
        "effect": table.state("Then", LEAVING, width=128),
        "ownership": table.state("Owner now", OWNER, width=140),
        "ownership_after": table.state("Owner then", OWNER, width=140),
        "environment": table.text("Environment", width=140),
        "calls": table.number("Uses", width=70, help="In 30 days"),
        "why": table.text("Why", width=330),
        "flows": table.number("Flows", width=65),
        "apps": table.number("Apps", width=65),
        "agents": table.number("Agents", width=65),
        "connections": table.number("Connections", width=95),
        "references": table.number("References", width=90),
        "leaver": table.text("Who leaves", width=140),
        "last_day": table.date("Last day"),
        "to_do": table.text("What to do", width=300),
        "evidence": table.text("Evidence", width=90),
    }
    hidden = (
        "flows", "apps", "agents", "connections", "references", "leaver", "last_day", "to_do",
        "evidence",
    )  # fmt: skip
    chosen = table.choose(
        shown, columns, alt="Connectors that rest on them", key="leavers.connectors", hidden=hidden
    )
    clicked = table.clicked(key)
    if clicked is not None:
        opening.connector(rows["connector_id"].iloc[clicked], "Ownership")
    if chosen is not None:
        table.whole(shown.iloc[chosen], columns)


def _columns(shown: pd.DataFrame, name: str) -> Mapping[str, Any]:
    columns = {
        "name": table.text(name[:-1], width=200),
        "effect": table.state("Then", LEAVING, width=128),
        "connector": table.text("Connector", width=160),
        "environment": table.text("Environment", width=150),
        "calls": table.number("Uses", width=70, help="In 30 days"),
        "others": table.number("Others", width=70, help="People who may change it besides"),
        "flows": table.number("Flows", width=65),
        "apps": table.number("Apps", width=65),
        "agents": table.number("Agents", width=65),
        "why": table.text("Why", width=330),
        "account": table.text("Account", width=190),
        "status": table.text("Status", width=110),
        "state": table.text("State", width=90),
        "leaver": table.text("Who leaves", width=140),
        "last_day": table.date("Last day"),
        "to_do": table.text("What to do", width=300),
        "evidence": table.text("Evidence", width=90),
    }
    return table.filled(shown, {one: told for one, told in columns.items() if one in shown})
