"""What was true at a past date is what every inventory view still answers for that date."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine
from tenants import tenant
from test_collected import compare

from connectory.config import Settings
from connectory.database import reading
from connectory.queries.export import VIEWS, rows, to_csv
from connectory.queries.moments import Moment, latest, on

pytestmark = pytest.mark.postgresql_in_soak

# How often flows ran is counted again for some days, since services tell of runs late.
_AMENDED = {"flow_runs"}


def exported(engine: Engine, moment: Moment | None) -> dict[str, str]:
    """Return every view as of a moment."""
    assert moment is not None
    rules = Settings().findings.rules()
    with reading(engine) as connection:
        return {
            view: to_csv(rows(connection, moment, view, rules)) for view in VIEWS.keys() - _AMENDED
        }


def as_of(engine: Engine, day: date) -> Moment | None:
    """Return the moment of a day."""
    with reading(engine) as connection:
        return on(connection, day, ZoneInfo("UTC"))


@pytest.mark.parametrize("seed", [7, pytest.param(11, marks=pytest.mark.soak)])
def test_every_view_of_a_past_day_says_what_was_true_then(
    store: Engine, tmp_path: Path, seed: int
) -> None:
    """Three weeks later, each view as of the first days equals what it was when they were today."""
    with tenant(tmp_path, seed=seed) as simulated:
        then: dict[date, dict[str, str]] = {}
        for _ in range(4):
            simulated.collect(store)
            assert compare(store, simulated.get("truth")) == {}
            with reading(store) as connection:
                moment = latest(connection)
            then[simulated.served.tenant.now.date()] = exported(store, moment)
            simulated.post("advance", days=6)

    assert len(then) == 4
    assert len({told["connectors"] for told in then.values()}) > 1
    for day, told in then.items():
        now = exported(store, as_of(store, day))
        assert {view for view in told if told[view] != now[view]} == set()
