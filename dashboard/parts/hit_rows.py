"""Who is hit by a change: consumers with their owners and calls, and whom to tell."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from typing import Final

import pandas as pd
import streamlit as st

from connectory.domain import evidence
from connectory.queries.hits import Use
from connectory.queries.uses import DAYS, TOLD_BY
from dashboard import data, drift_data
from dashboard.data import At
from dashboard.parts import state, table
from dashboard.parts.badges import PERSON, meaning
from dashboard.parts.text import count, counted, esc, missing, plain

_NAMED: Final = 6
_WORDS: Final = {one.name: one for one in evidence.RANKED}
_KINDS: Final = ("flow", "app", "agent")


def told(hit: pd.DataFrame) -> str:
    """Say how many consumers are known to be hit, and how many may be."""
    parts = []
    exact = hit[hit["level"] == "operation"]
    for rows, sure in ((exact, True), (hit[hit["level"] != "operation"], False)):
        numbers, several = _numbers(rows)
        if numbers:
            verb = "may call" if not sure else "call" if several else "calls"
            parts.append(f"{numbers} {verb} it")
    return "; ".join(parts)


def whole(hit: pd.DataFrame) -> str:
    """Say how many consumers a connector has, all of which are hit."""
    numbers, several = _numbers(hit)
    return f"{numbers} {'use' if several else 'uses'} the connector" if numbers else ""


def _numbers(hit: pd.DataFrame) -> tuple[str, bool]:
    """Say how many consumers of each kind there are, and whether that is more than one in all."""
    each = hit.drop_duplicates(["kind", "consumer_id"])
    of = {kind: int((each["kind"] == kind).sum()) for kind in _KINDS}
    return ", ".join(counted(of[kind], kind) for kind in _KINDS if of[kind]), len(each) > 1


def calls(called: pd.DataFrame) -> str:
    """Say how often it was called, source by source; nothing is added up across them."""
    sums = called.groupby("source", sort=False)["calls"].sum()
    named = [
        f"{count(sums[name])} {_WORDS[name].counts} by the {_WORDS[name].words}"
        if name != "flow_actions"
        else f"{count(sums[name])} {_WORDS[name].words}"
        for name in TOLD_BY
        if name in sums
    ]
    return ", ".join(named)


def brief(use: Use, connectors: Collection[int], operations: Collection[str] | None) -> None:
    """Draw who is hit in a few lines, each with its owner."""
    hit = use.hit(connectors, operations)
    called = calls(use.called(connectors, operations))
    if hit.empty and not called:
        st.caption("Nothing that was read uses it.")
        return
    lines = []
    each = hit.drop_duplicates(["kind", "consumer_id"])
    for row in each.head(_NAMED).itertuples(index=False):
        sure = "" if row.level == "operation" or operations is None else ", perhaps"
        owner = f"owner {esc(row.owner)}" if row.owner else "owner unknown"
        lines.append(f"- {row.kind} **{esc(row.name)}** · {esc(row.environment)} · {owner}{sure}")
    if len(each) > _NAMED:
        lines.append(f"- {count(len(each) - _NAMED)} more")
    if lines:
        st.markdown("\n".join(lines))
    if called:
        st.caption(f"In {DAYS} days: {called}.")


def consumers(hit: pd.DataFrame, *, key: str, exact: bool) -> None:
    """Draw the consumers that are hit, with owner and what each source tells of them.

    Args:
        hit: Rows of `Use.hit`.
        key: Identity of the element.
        exact: The change is about an operation, so that it matters whether that is known.
    """
    shown = table.words(hit, ["name", "environment", "owner", "mail", "state"])
    shown["kind"] = hit["kind"].str.capitalize()
    shown["sure"] = [_sure(level, exact=exact) for level in hit["level"]]
    shown["owner_state"] = [
        [] if missing(one) else [meaning(PERSON, one).chip] for one in hit["owner_state"]
    ]
    columns = {
        "kind": table.text("Kind", width=65),
        "name": table.text("Name", width=220),
        "owner": table.text("Owner", width=150),
        **{
            name: table.number(
                _HEADS[name], width=85, help=f"{_WORDS[name].words}, last {DAYS} whole days"
            )
            for name in TOLD_BY
        },
        "sure": table.text("How sure", width=125),
        "environment": table.text("Environment", width=130),
        "owner_state": table.state("Owner is", PERSON, width=100),
        "mail": table.text("Mail", width=240),
        "state": table.text("State", width=85),
    }
    kept = table.filled(shown, columns)
    table.data_table(shown, kept, alt="Who is hit", key=key, height=320)


_HEADS: Final = {
    "gateway_logs": "Gateway",
    "access_logs": "Backend",
    "canvas_calls": "Canvas",
    "flow_actions": "Actions",
    "flow_runs": "Flow runs",
    "audit": "Launches",
}


def _sure(level: str, *, exact: bool) -> str:
    if level == "operation":
        return "Calls it"
    return "Operation unknown" if exact else "Uses the connector"


def contacts(at: At, hit: pd.DataFrame, name: str) -> None:
    """Draw whom to tell, to be copied or taken along.

    Args:
        at: The moment.
        hit: Rows of `Use.hit`.
        name: What the files are called.
    """
    people = drift_data.contacts(hit)
    if people.empty:
        state.empty("Nobody to tell", "Nothing that was read uses what changes.")
        return
    shown = table.words(people, ["owner", "mail"])
    shown["owner"] = [one or "Nobody known" for one in shown["owner"]]
    shown["sure"] = people["certain"].map({True: "Is hit", False: "May be hit"})
    shown["owner_state"] = [
        [] if missing(one) else [meaning(PERSON, one).chip] for one in people["owner_state"]
    ]
    for column in ("hit", "operations", "environments"):
        shown[column] = [plain("; ".join(one), longest=600) for one in people[column]]
    table.data_table(
        shown,
        {
            "owner": table.text("Owner", width=165),
            "owner_state": table.state("Is", PERSON, width=95),
            "mail": table.text("Mail", width=240),
            "sure": table.text("How sure", width=95),
            "flows": table.number("Flows", width=60),
            "apps": table.number("Apps", width=60),
            "agents": table.number("Agents", width=65),
            "hit": table.text("What of theirs", width=340),
            "operations": table.text("Operations", width=200),
            "environments": table.text("Environments", width=160),
        },
        alt="Whom to tell",
        hidden=("operations", "environments"),
        key="change.contacts",
        height=320,
    )
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        _take(f"{name}.csv", "CSV", partial(_csv, people), "text/csv")
        _take(f"{name}.xlsx", "XLSX", partial(drift_data.workbook, at, people, "Whom to tell"),
              "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")  # fmt: skip
        addresses = _addresses(people)
        if addresses:
            word = "address" if len(addresses) == 1 else "addresses"
            copy = f"Copy {count(len(addresses))} {word}"
            with st.popover(copy, icon=":material/content_copy:", type="tertiary"):
                st.code("; ".join(addresses), language=None, wrap_lines=True)
    without = int(people["owner"].isna().sum())
    left = int(people["owner_state"].isin(["deleted", "disabled"]).sum())
    told = [
        f"{counted(left, 'owner')} left or cannot sign in" if left else "",
        "what nobody owns stands in the last row" if without else "",
    ]
    said = "; ".join(part for part in told if part)
    if said:
        st.caption(f"{said[:1].upper()}{said[1:]}.")


def _csv(people: pd.DataFrame) -> str:
    return data.csv(people)


def _take(name: str, form: str, write: partial[bytes] | partial[str], mime: str) -> None:
    st.download_button(
        f"Contacts ({form})",
        write,
        file_name=f"connectory-{name}",
        mime=mime,
        icon=":material/download:",
        type="tertiary",
        on_click="ignore",
        key=f"contacts.{form}",
    )


def _addresses(people: pd.DataFrame) -> list[str]:
    """Return the addresses of those who can still be written to, none that would be two."""
    there = people[people["owner_state"] != "deleted"]["mail"].dropna()
    told = [str(one).strip() for one in there]
    good = [one for one in told if one.count("@") == 1 and not set(one) & set(" ;,<>\"'\r\n\t")]
    return list(dict.fromkeys(good))
