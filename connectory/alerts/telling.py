"""Telling operators once: what was sent is remembered in the store, what failed is tried again."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import Engine, Table, and_, insert, select, update

from connectory.alerts.causes import Alert, alerts
from connectory.alerts.channels import Send, channels
from connectory.config import Settings
from connectory.database import reading, writing
from connectory.transports import NotSent
from models import AlertSent

_SENT = cast("Table", AlertSent.__table__)
_LOG = logging.getLogger(__name__)
_AGAIN = timedelta(minutes=10)
_LONGEST = 1000


def tell(engine: Engine, settings: Settings, now: datetime) -> int:
    """Send every alert that was not sent yet, through every channel; return how many were sent.

    A channel that fails is tried again after ten minutes and holds up no other.

    Args:
        engine: The store.
        settings: Whom to tell, and what of.
        now: The time it is.
    """
    ways = channels(settings.alerts)
    if not ways:
        return 0
    with reading(engine) as connection:
        found = alerts(connection, settings, now)
    return sum(_tell(engine, alert, name, ways[name], now) for alert in found for name in ways)


def _tell(engine: Engine, alert: Alert, channel: str, send: Send, now: datetime) -> bool:
    key = {
        "cause": alert.cause,
        "subject": alert.subject,
        "day": alert.day,
        "channel": channel,
    }
    same = and_(*(_SENT.c[name] == value for name, value in key.items()))
    with reading(engine) as connection:
        before = connection.execute(select(_SENT).where(same)).first()
    if before is not None and (before.state == "sent" or now - before.tried_at < _AGAIN):
        return False
    try:
        send(alert)
    except NotSent as error:
        _LOG.warning("operators could not be told by %s: %s", channel, error)
        told: dict[str, str | None] = {"state": "failed", "reason": str(error)[:_LONGEST]}
    else:
        told = {"state": "sent", "reason": None}
    with writing(engine) as connection:
        if before is None:
            connection.execute(insert(_SENT).values(**key, **told, tries=1, tried_at=now))
        else:
            values = {**told, "tries": before.tries + 1, "tried_at": now}
            connection.execute(update(_SENT).where(same).values(**values))
    return told["state"] == "sent"
