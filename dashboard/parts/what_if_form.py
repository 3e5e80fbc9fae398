"""Choosing a change for the page What-if: what is changed, then what of the tenant it concerns."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from connectory.domain.licensing.changes import (
    MOST,
    Associate,
    Buy,
    BuyPasses,
    BuyProcess,
    Change,
    Link,
    Move,
    Replace,
    Retire,
    Scale,
)
from connectory.domain.licensing.ids import PRINCIPAL
from connectory.queries.what_if_names import Labels, Names
from dashboard.parts.text import counted, plain

_LISTED = 500
_SHOWN = 100
_PREMIUM, _AUTOMATE, _PASSES, _PROCESS = (
    "Power Apps Premium",
    "Power Automate Premium",
    "Power Apps per app",
    "Power Automate Process",
)
_ROBOT = f"{PRINCIPAL}new"


def choose(names: Names) -> Change | None:
    """Draw what can be changed, and return what is chosen; None while something is missing."""
    kind = st.selectbox("What changes", list(_KINDS), key=_key("kind"))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        return _KINDS[kind](names)


def _key(name: str) -> str:
    return f"what_if.{name}"


def _one(label: str, labels: Labels, name: str, *, none: str = "") -> str | None:
    """Draw a choice of one; with `none` that stands first and chooses nothing."""
    if not labels and not none:
        st.caption(f"{label}: there is nothing to choose.")
        return None
    options: list[str | None] = [*([None] if none else []), *labels]
    return st.selectbox(
        label,
        options,
        format_func=lambda key: none if key is None else plain(labels[key]),
        key=_key(name),
    )


def _some(label: str, labels: Labels, name: str, hint: str) -> tuple[str, ...]:
    return tuple(
        st.multiselect(
            label,
            list(labels),
            format_func=lambda key: plain(labels[key]),
            key=_key(name),
            placeholder=hint,
            select_all=False,
        )
    )


def _number(label: str, name: str, value: int) -> int:
    return int(st.number_input(label, 1, MOST, value, key=_key(name)))


def _searched(labels: Labels, name: str) -> Labels:
    """Return those of many among whom one is chosen: whose names have the words that are asked."""
    if len(labels) <= _LISTED:
        return labels
    asked = st.text_input(
        f"Search among {counted(len(labels), 'person')}".replace("persons", "people"),
        key=_key(f"{name}.search"),
        icon=":material/search:",
    )
    fitting = ((key, told) for key, told in labels.items() if asked.casefold() in told.casefold())
    return dict(found for found, _ in zip(fitting, range(_SHOWN), strict=False))


# --- one function for each kind


def _scale(names: Names) -> Change | None:
    connector = _one("Connector", names.shared, "scale.connector")
    people = _number("How many more people", "scale.people", 100)
    if connector is None:
        return None
    apps = names.apps_with(connector)
    app = _one("Which use", apps, "scale.app", none="Every app that uses it") if apps else None
    holding = _some("Holding already", names.products, "scale.holding", "No licence")
    return Scale(connector, people, app, holding)


def _retire(names: Names) -> Change | None:
    connector = _one("Connector", names.used, "retire.connector")
    return None if connector is None else Retire(connector)


def _replace(names: Names) -> Change | None:
    connector = _one("Connector", names.used, "replace.connector")
    others = {key: name for key, name in names.connectors.items() if key != connector}
    by = _one("By", others, "replace.by", none="A standard connector, which needs no licence")
    return None if connector is None else Replace(connector, by)


def _link(names: Names) -> Change | None:
    home = _one("Environment", names.linkable, "link.environment")
    runs = st.checkbox(
        "Meter the runs of its flows as well", key=_key("link.runs"), help="A preview at Microsoft."
    )
    return None if home is None else Link(home, runs)


def _buy(names: Names) -> Change | None:
    plan = st.selectbox("Licence", [_PREMIUM, _AUTOMATE, _PASSES, _PROCESS], key=_key("buy.plan"))
    if plan == _PROCESS:
        flows = _some("For flows of one process", names.standing_alone, "buy.flows", "Choose flows")
        quantity = _number("How many", "buy.quantity", 1)
        return BuyProcess(flows, quantity) if flows else None
    quantity = _number("How many", "buy.quantity", 1)
    if plan == _PASSES:
        home = _one("For environment", names.with_passes, "buy.environment")
        return None if home is None else BuyPasses(home, quantity)
    known = _searched(names.enabled, "buy.people")
    people = _some("For", known, "buy.people", "Those on whom most is spent")
    return Buy("pa_premium" if plan == _PREMIUM else "fl_premium", quantity, people)


def _associate(names: Names) -> Change | None:
    flow = _one("Flow", names.standing_alone, "associate.flow")
    app = None if flow is None else _one("App", names.apps_beside(flow), "associate.app")
    return None if flow is None or app is None else Associate(flow, app)


def _move(names: Names) -> Change | None:
    every = "All flows of one owner"
    which = st.segmented_control(
        "Which", [every, "One flow"], default=every, required=True, key=_key("move.which")
    )
    flow = owner = None
    if which == every:
        owner = _one("Owner now", names.owners, "move.owner")
    else:
        flow = _one("Flow", names.flows, "move.flow")
    known = _searched(names.enabled, "move.to")
    to = _one("Owner then", {_ROBOT: "A service principal", **known}, "move.to")
    return None if to is None or flow is owner else Move(to, flow, owner)


_KINDS: Mapping[str, Callable[[Names], Change | None]] = {
    "More people use a connector": _scale,
    "A connector is retired": _retire,
    "A connector is replaced": _replace,
    "An environment is linked to pay-as-you-go": _link,
    "Licences are bought": _buy,
    "A flow is associated to an app": _associate,
    "Flows get another owner": _move,
}
