"""What people decided last, so that answers that decisions alter can be kept until the next one."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, func, select

from connectory.queries.tables import ATTESTATION_REQUESTS, EXEMPTIONS, STEWARDS


def decided(connection: Connection) -> tuple[Any, ...]:
    """Return a value that is another one after each decision on stewards, exemptions and requests."""
    columns = (
        (STEWARDS.c.id, STEWARDS.c.replaced_at),
        (EXEMPTIONS.c.id, EXEMPTIONS.c.withdrawn_at),
        (ATTESTATION_REQUESTS.c.id, ATTESTATION_REQUESTS.c.closed_at),
    )
    told: tuple[Any, ...] = ()
    for number, ended in columns:
        query = select(func.max(number), func.count(ended), func.max(ended))
        told += tuple(connection.execute(query).one())
    return told
