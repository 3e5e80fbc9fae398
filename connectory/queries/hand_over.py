"""What to hand over before people leave, to whom, and what first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final, NamedTuple

import pandas as pd
from sqlalchemy import Connection

from connectory.domain.leaving import EFFECTS, to_do
from connectory.queries.frames import Schema, frame
from connectory.queries.leaving_frames import Leaving
from connectory.queries.leaving_people import Known, known_leavers
from connectory.queries.moments import Moment
from connectory.queries.suggestions import suggestions

HAND_OVER: Schema = {
    "place": "count",
    "kind": "text",
    "thing_id": "count",
    "name": "text",
    "environment": "text",
    "connector": "text",
    "effect": "text",
    "why": "text",
    "to_do": "text",
    "last_day": "day",
    "leaver_key": "text",
    "leaver": "text",
    "calls": "number",
    "evidence": "text",
    "to_key": "text",
    "to": "text",
    "to_mail": "text",
    "to_reason": "text",
}
_KINDS: Final = ("connection", "connection_reference", "flow", "app", "agent", "connector")
"""In this order, of what stops for the same calls: the cause first."""


class _Item(NamedTuple):
    kind: str
    number: int
    name: str
    environment: str
    connectors: tuple[int, ...]
    connector: str
    row: Any
    others: tuple[str, ...]


class _To(NamedTuple):
    key: str
    name: str
    mail: str | None
    reason: str


def hand_over(connection: Connection, moment: Moment, told: Leaving) -> pd.DataFrame:
    """Return what to hand over to whom, what stops first and with the most calls behind it.

    Args:
        connection: Open transaction on the store.
        moment: As of when.
        told: What becomes of things when some people leave.

    Returns:
        One row a thing that stops, may stop or that nobody else may change; none of connections
        that nothing uses. to: whoever else may
        change it already, else who is suggested for its connector, else the manager of whoever
        leaves; missing if nobody is known. calls: as in `leaving`; a thing and what it rests on
        have the same calls behind them, so that they are never added.
    """
    items = [one for one in _items(told) if to_do(one.kind, one.row.effect) and _matters(one)]
    items.sort(key=_order)
    leavers = set(told.people["leaver_key"])
    managers = dict(zip(told.people["leaver_key"], told.people["manager_key"], strict=True))
    wanted = {key for one in items for key in one.others} | {key for key in managers.values() if key}  # fmt: skip
    people = known_leavers(connection, moment.run_id, sorted(wanted - leavers))
    suggested = _suggested(connection, moment, items, leavers)
    rows = []
    for place, one in enumerate(items, 1):
        to = _whom(one, people, suggested, managers) or (None,) * 4
        rows.append(
            (
                place, one.kind, one.number, one.name, one.environment, one.connector,
                one.row.effect, one.row.why, to_do(one.kind, one.row.effect), one.row.last_day,
                one.row.leaver_key, one.row.leaver, one.row.calls, one.row.evidence, *to,
            )
        )  # fmt: skip
    return frame(rows, HAND_OVER)


def _items(told: Leaving) -> Iterator[_Item]:
    for kind, rows, number in (
        ("connection", told.connections, "connection_id"),
        ("connection_reference", told.references, "connection_reference_id"),
        ("connector", told.connectors, "connector_id"),
    ):
        told_rows: Any = rows.itertuples(index=False)
        for told_row in told_rows:
            row = told_row
            if kind == "connector":
                row = told_row._replace(effect="orphaned" if told_row.orphaned else "kept")
            name = row.connector if kind == "connector" else row.name
            places = (int(row.connector_id),)
            yield _Item(
                kind, int(getattr(row, number)), str(name), str(row.environment), places,
                str(row.connector), row, (),
            )  # fmt: skip
    consumers: Any = told.consumers().itertuples(index=False)
    for row in consumers:
        yield _Item(
            str(row.kind), int(row.consumer_id), str(row.name), str(row.environment),
            tuple(row.connector_ids), "; ".join(row.connectors), row, tuple(row.other_keys),
        )  # fmt: skip


def _matters(one: _Item) -> bool:
    """Tell whether anything uses a connection, or a reference that was not theirs."""
    if one.kind == "connection":
        return bool(one.row.references or one.row.flows or one.row.apps or one.row.agents)
    if one.kind == "connection_reference":
        return bool(one.row.flows or one.row.agents) or one.row.effect == "orphaned"
    return True


def _order(one: _Item) -> tuple[Any, ...]:
    calls = -1 if pd.isna(one.row.calls) else int(one.row.calls)
    return (
        EFFECTS.index(one.row.effect),
        -calls,
        one.row.last_day or date.max,
        _KINDS.index(one.kind),
        one.name.casefold(),
        one.number,
    )


def _suggested(
    connection: Connection, moment: Moment, items: list[_Item], leavers: set[str]
) -> Mapping[int, _To]:
    """Return who is suggested first for each connector."""
    connectors = sorted({number for one in items for number in one.connectors})
    if not connectors:
        return {}
    told: Any = suggestions(connection, moment, connectors, without=leavers, most=1).itertuples()
    return {
        int(row.connector_id): _To(row.principal_key, row.name, row.mail, row.words) for row in told
    }


def _whom(
    one: _Item,
    people: Mapping[str, Known],
    suggested: Mapping[int, _To],
    managers: Mapping[str, str | None],
) -> _To | None:
    for key in one.others:
        if known := people.get(key):
            return _To(key, known.name, known.mail, "may change it already")
    for connector in one.connectors:
        if to := suggested.get(connector):
            return to
    manager = managers.get(one.row.leaver_key)
    known = people.get(manager or "")
    if manager is not None and known is not None and known.state == "enabled":
        return _To(manager, known.name, known.mail, f"manager of {one.row.leaver}")
    return None
