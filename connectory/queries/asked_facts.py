"""What is known of connectors when somebody is asked about them: shown there, and kept as evidence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Mapping
from datetime import date, datetime
from typing import Any, Final, Literal

import pandas as pd
from sqlalchemy import Connection, exists, select

from connectory.queries.connectors import connectors
from connectory.queries.ignoring import ignored
from connectory.queries.moments import Moment
from connectory.queries.stale import stale_connectors
from connectory.queries.suggestions import suggestions
from connectory.queries.tables import ATTESTATION_REQUESTS, EXEMPTIONS, RETIREMENT_PLANS

Choice = Literal["stale", "gaps", "all"]
"""Which connectors a campaign is about: those that look unused, those without an owner in working
order, or every one."""

_SUGGESTED: Final = 4

Settled = Literal["kept", "retiring"]
"""Why nobody need be asked: somebody said lately that it is needed, or it is being retired."""

OWNED = frozenset({"owned", "sole_owner", "group_owned"})
"""Verdicts on ownership under which nobody need be asked whose it is."""


def asked_facts(
    connection: Connection, moment: Moment, today: date, connector_ids: Collection[int]
) -> dict[int, dict[str, Any]]:
    """Return what is known of connectors, as JSON can hold it; those that are gone are not in it.

    Args:
        connection: Open transaction on the store.
        moment: As of when.
        today: The day it is where people live.
        connector_ids: Which connectors.
    """
    wanted = set(connector_ids)
    use = _by_connector(stale_connectors(connection, moment, today, connectors=wanted))
    people = _people(connection, moment, wanted)
    told = connectors(connection, moment)
    found: dict[int, dict[str, Any]] = {}
    for row in told[told["connector_id"].isin(wanted)].to_dict("records"):
        number = int(row["connector_id"])
        found[number] = {
            **_facts(row, use.get(number, {}), moment),
            "people": people.get(number, []),
        }
    return found


def settled(
    connection: Connection, connector_ids: Collection[int], *, since: datetime, today: date
) -> dict[int, Settled]:
    """Return connectors nobody need be asked about again: kept since a time, or being retired.

    Args:
        connection: Open transaction on the store.
        connector_ids: Which connectors.
        since: From when on an answer still counts, unless it named an earlier day itself.
        today: The day it is where people live.
    """
    plan, row, exempt = RETIREMENT_PLANS.c, ATTESTATION_REQUESTS.c, EXEMPTIONS.c
    wanted = set(connector_ids)
    retiring = select(plan.connector_id).where(plan.closed_at.is_(None))
    over = exists().where(
        exempt.connector_id == row.connector_id,
        exempt.exempted_at >= row.closed_at,
        exempt.until < today,
    )
    kept = select(row.connector_id).where(row.outcome == "keep", row.closed_at >= since, ~over)
    found: dict[int, Settled] = {one: "kept" for one in connection.scalars(kept) if one in wanted}
    return found | {one: "retiring" for one in connection.scalars(retiring) if one in wanted}


def chosen(
    connection: Connection, moment: Moment, today: date, choice: Choice, ignore: Any
) -> list[int]:
    """Return the connectors that a choice means, without those the settings leave out.

    Args:
        connection: Open transaction on the store.
        moment: As of when.
        today: The day it is where people live.
        choice: Which.
        ignore: What the settings leave out, as `settings.ignore.rules()` returns it.
    """
    left_out = ignored(connection, moment, ignore)
    if choice == "stale":
        told = stale_connectors(connection, moment, today, set(left_out))
        told = told[told["to_be_asked"] & ~told["exempt"]]
    else:
        told = connectors(connection, moment, ignore)
        told = told[told["ignored"].isna()]
        if choice == "gaps":
            told = told[~told["owner_state"].isin(OWNED)]
    return sorted(int(number) for number in told["connector_id"])


def _by_connector(frame: pd.DataFrame) -> dict[int, Mapping[Hashable, Any]]:
    return {int(row["connector_id"]): row for row in frame.to_dict("records")}


def _people(
    connection: Connection, moment: Moment, wanted: Collection[int]
) -> dict[int, list[dict[str, Any]]]:
    """Return who could have each connector instead, the likeliest first, with the best reason."""
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    told = suggestions(connection, moment, wanted, most=_SUGGESTED)
    for row in told.itertuples(index=False):
        one = {"key": row.principal_key, "name": row.name, "why": row.reason}
        found[int(str(row.connector_id))].append(one)
    return found


def _facts(
    row: Mapping[Hashable, Any], use: Mapping[Hashable, Any], moment: Moment
) -> dict[str, Any]:
    monthly = use.get("monthly")
    told = {
        "connector": row["display_name"],
        "environment": row["environment"],
        "environment_type": row["environment_sku"],
        "group": use.get("environment_group"),
        "owner": row["owner"],
        "owner_state": row["owner_state"],
        "owner_reason": row["owner_reason"],
        "use": use.get("state"),
        "use_reason": use.get("reason"),
        "score": use.get("score"),
        "last_used_on": use.get("last_used_on"),
        "evidence": use.get("evidence"),
        "flows": row["flows"],
        "apps": row["apps"],
        "agents": row["agents"],
        "connections": row["connections"],
        "monthly": None if _missing(monthly) else f"{monthly:.2f}",
        "currency": use.get("currency"),
        "host": row["host"],
        "run_id": moment.run_id,
        "as_of": moment.read_at.isoformat(),
    }
    return {name: _plain(value) for name, value in told.items()}


def _plain(value: Any) -> Any:
    """Return a value as JSON holds it: days as text, what is missing as null."""
    if _missing(value):
        return None
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    return value.item() if hasattr(value, "item") else value


def _missing(value: Any) -> bool:
    return value is None or bool(pd.isna(value))
