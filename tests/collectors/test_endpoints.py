"""What may be called at a host: the operations of connectors that are there, or that were."""

from __future__ import annotations

import factories
from factories import INVOICES
from sqlalchemy import Engine, text

from collectors.telemetry.endpoints import offered_at
from connectory.database import reading, writing
from connectory.domain.calls import Matched

HOST = "invoices.example"
_STATE = (
    "UPDATE connector_versions SET presence = :state WHERE connector_id = :which AND to_run IS NULL"
)
_PLACE = "UPDATE connector_versions SET backend_url = :url WHERE connector_id = :which"


def matched(store: Engine, state: str) -> Matched:
    """Return whose a call to a host is while Invoices is in a state."""
    with writing(store) as connection:
        connection.execute(text(_STATE), {"state": state, "which": INVOICES})
    with reading(store) as connection:
        return offered_at(connection, [HOST])[HOST].match("", "GET", "/nowhere", "")


def test_calls_of_a_connector_that_is_gone_stay_its_own(store: Engine) -> None:
    """They were made while it was there; a connector that is merely missing is not even gone."""
    factories.fill(store)
    there = matched(store, "present")

    assert there.connector_id == INVOICES
    assert matched(store, "missing") == there
    assert matched(store, "gone") == there


def test_a_connector_that_is_there_goes_before_one_that_is_gone(store: Engine) -> None:
    """Where another calls the same host now, it alone is meant."""
    factories.fill(store)
    with writing(store) as connection:
        url = {"url": f"https://{HOST}/v1", "which": factories.TWIN}
        connection.execute(text(_PLACE), url)

    assert matched(store, "present").connector_id is None  # of either
    assert matched(store, "gone").connector_id == factories.TWIN
