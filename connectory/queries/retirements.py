"""Connectors that people take out of use: which step is due of each, and by when."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import pandas as pd
from sqlalchemy import ColumnElement, Connection, case, select

from connectory.queries.campaigns import named, names, written
from connectory.queries.frames import Schema
from connectory.queries.moments import Moment
from connectory.queries.tables import ATTESTATION_REQUESTS, CAMPAIGNS, RETIREMENT_PLANS

STEPS: Final = ("announce", "freeze", "remove", "removed", "given_up")
"""What people have to do next, or how a plan ended."""

_SCHEMA: Schema = {
    "plan_id": "count",
    "connector_id": "count",
    "connector": "text",
    "environment_id": "number",
    "environment": "text",
    "environment_sku": "text",
    "presence": "text",
    "step": "text",
    "due": "day",
    "overdue": "flag",
    "request_id": "number",
    "campaign_id": "number",
    "campaign": "text",
    "planned_by": "text",
    "planned_at": "time",
    "announce_on": "day",
    "freeze_on": "day",
    "remove_on": "day",
    "announced_at": "time",
    "announced_by": "text",
    "frozen_at": "time",
    "frozen_by": "text",
    "closed_at": "time",
    "closed_by": "text",
}


def retirement_plans(
    connection: Connection,
    moment: Moment,
    today: date,
    *,
    campaign_id: int | None = None,
    open_only: bool = False,
) -> pd.DataFrame:
    """Return plans by which connectors are taken out of use, what is due first.

    Args:
        connection: Open transaction on the store.
        moment: As of when connectors are named.
        today: The day it is.
        campaign_id: Those that follow from answers of one campaign.
        open_only: Without those that ended.

    Returns:
        step: of `STEPS`; due: the day of that step, missing of a plan that ended; overdue: that
        day has come.
    """
    plan = RETIREMENT_PLANS.c
    step = case(
        (plan.closed_at.is_not(None), plan.outcome),
        (plan.announced_at.is_(None), "announce"),
        (plan.frozen_at.is_(None), "freeze"),
        else_="remove",
    )
    due = case(
        (plan.closed_at.is_not(None), None),
        (plan.announced_at.is_(None), plan.announce_on),
        (plan.frozen_at.is_(None), plan.freeze_on),
        else_=plan.remove_on,
    )
    columns: dict[str, ColumnElement[Any]] = {
        **{name: plan[name] for name in _SCHEMA if name in plan},
        **names(),
        "plan_id": plan.id,
        "step": step,
        "due": due,
        "overdue": case((plan.closed_at.is_not(None), 0), (due <= today, 1), else_=0),
        "campaign_id": ATTESTATION_REQUESTS.c.campaign_id,
        "campaign": CAMPAIGNS.c.name,
    }
    rows = RETIREMENT_PLANS.outerjoin(
        ATTESTATION_REQUESTS, ATTESTATION_REQUESTS.c.id == plan.request_id
    ).outerjoin(CAMPAIGNS, CAMPAIGNS.c.id == ATTESTATION_REQUESTS.c.campaign_id)
    query = (
        select(*(columns[name].label(name) for name in _SCHEMA))
        .select_from(named(rows, plan.connector_id, moment.run_id))
        .order_by(plan.closed_at.is_not(None), due, plan.closed_at.desc(), plan.id)
    )
    if campaign_id is not None:
        query = query.where(ATTESTATION_REQUESTS.c.campaign_id == campaign_id)
    if open_only:
        query = query.where(plan.closed_at.is_(None))
    return written(connection, query, _SCHEMA)
