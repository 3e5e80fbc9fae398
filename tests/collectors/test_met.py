"""What is said not to be there is never there, and little that is not there is taken for known."""

from __future__ import annotations

from datetime import date

import numpy as np
from sqlalchemy import Engine, insert

from collectors.telemetry.met import Met
from connectory.database import reading, writing
from models import UsageTarget

DAY = 20_000


def key(targets: int, size: int, seed: int) -> list[np.ndarray]:
    """Return different keys of one day, column by column."""
    chance = np.random.default_rng(seed)
    rows = np.stack([chance.integers(1, targets, size), chance.integers(1, 1 << 40, size)], axis=1)
    target, caller = np.unique(rows, axis=0).T
    return [np.full(len(target), DAY), target.copy(), caller.copy()]


def test_what_was_met_is_never_called_unmet(store: Engine) -> None:
    """Whatever else was met, until it is forgotten; one new one in twenty may be taken for known."""
    met = Met()
    batches = [key(500, 50_000, seed) for seed in range(20)]
    with reading(store) as connection:
        new = [met.unmet(connection, *one) for one in batches]
        again = [met.unmet(connection, *one) for one in batches]

    assert new[0].all()
    assert sum(int(one.sum()) for one in new) > 0.95 * sum(len(one) for one in new)
    assert not any(one.any() for one in again)


def test_of_a_day_that_somebody_else_kept_nothing_is_new(store: Engine) -> None:
    """What its target has in the store is unknown; after forgetting, also what was met here."""
    met = Met()
    batch = key(3, 1_000, 1)
    with reading(store) as connection:
        assert met.unmet(connection, *batch).all()
    with writing(store) as connection:
        day = date(1970, 1, 1).fromordinal(date(1970, 1, 1).toordinal() + DAY)
        values = {"day": day, "target_id": 1, "rows": 1, "late_rows": 0, "sealed": False}
        connection.execute(insert(UsageTarget).values(values))
    met.forget()
    with reading(store) as connection:
        told = met.unmet(connection, *batch)

    assert not told[batch[1] == 1].any()
    assert told[batch[1] == 2].all()
