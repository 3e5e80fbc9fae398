"""What has to outlive a loss of power is on disk when its transaction ends."""

from __future__ import annotations

from sqlalchemy import Engine

from connectory.database import writing


def test_only_what_asks_for_it_waits_for_the_disk(store: Engine) -> None:
    """A durable transaction is flushed whatever the store does otherwise; the next is not."""
    sqlite = store.dialect.name == "sqlite"
    ask = "PRAGMA synchronous" if sqlite else "SHOW synchronous_commit"
    with store.connect() as connection:
        if not sqlite:
            connection.exec_driver_sql("SET synchronous_commit TO off")
        connection.commit()

    told = []
    for durable in (False, True, False):
        with writing(store, durable=durable) as connection:
            told.append(connection.exec_driver_sql(ask).scalar())

    assert told == ([1, 2, 1] if sqlite else ["off", "on", "off"])
