"""Let time pass in a simulated tenant: every day a little happens, always the same for a seed.

What happens on which weekday is a table, so that any seven days in a row bring about the same
amount: a handful of changes in a small tenant, proportionally more in a large one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from connectory.simulator import (
    agent_days,
    drift_days,
    entitled_days,
    happenings,
    people_days,
    policies,
)
from connectory.simulator.audit import launch_apps
from connectory.simulator.happenings import Day
from connectory.simulator.people import cast_of
from connectory.simulator.randomness import chance, stream
from connectory.simulator.sizes import SIZES
from connectory.simulator.state import Tenant


@dataclass(frozen=True, slots=True)
class Habit:
    """Something that happens on certain weekdays (0 is Monday), and perhaps on others."""

    happening: Callable[[Day], None]
    surely: tuple[int, ...]
    perhaps: tuple[int, ...] = ()


HABITS: Final = (
    Habit(happenings.new_connector, (1, 4), (2, 3)),
    Habit(drift_days.drift_definition, (0, 3), (1, 4, 5)),
    Habit(drift_days.publish, (5,)),
    Habit(happenings.change_owner, (2,), (5,)),
    Habit(happenings.adopt_connector, (3,)),
    Habit(happenings.synchronise_connector, (), (2,)),
    Habit(happenings.delete_connector, (5,), (0,)),
    Habit(happenings.change_sharing, (0, 2), (4,)),
    Habit(happenings.leave, (), (4,)),
    Habit(happenings.join, (0,), (0,)),
    Habit(happenings.break_connection, (1, 3), (5, 6)),
    Habit(happenings.repair_connection, (2, 4), (6,)),
    Habit(happenings.new_connection, (1, 2), (3,)),
    Habit(happenings.delete_connection, (), (3, 4)),
    Habit(happenings.new_flow, (1,), (3,)),
    Habit(happenings.edit_flow, (2, 4), (0, 3)),
    Habit(happenings.delete_flow, (), (4,)),
    Habit(happenings.new_app, (), (3,)),
    Habit(happenings.unbind_reference, (), (1, 4)),
    Habit(entitled_days.move_licence, (1, 4), (2,)),
    Habit(entitled_days.rotate_secret, (2,), (5,)),
    Habit(entitled_days.share_assets, (0, 3), (1,)),
    Habit(entitled_days.hand_out_passes, (3,)),
    Habit(entitled_days.link_environment, (4,)),
    Habit(agent_days.change_agent, (1,), (3,)),
    Habit(policies.tighten, (2,)),
)

LIFE: Final = (
    Habit(people_days.come_back, (1,)),
    Habit(people_days.move, (2,), (4,)),
    Habit(people_days.block, (), (3,)),
    Habit(people_days.unblock, (), (0,)),
    Habit(people_days.change_manager, (), (1,)),
    Habit(people_days.empty_group, (), (2,)),
    Habit(people_days.fill_group, (), (5,)),
    Habit(people_days.switch_application, (), (6,)),
)
"""What happens to people, groups and applications once the rest of the day is over."""


def advance(tenant: Tenant, days: int) -> None:
    """Move the tenant's clock by whole days and let happen what happens on each.

    Advancing by seven days is the same as advancing seven times by one.

    Raises:
        ValueError: `days` is negative; a tenant's clock never runs backwards.
    """
    if days < 0:
        raise ValueError(f"days must not be negative, got {days}")
    for _ in range(days):
        tenant.now += timedelta(days=1)
        _live(tenant)


def _live(tenant: Tenant) -> None:
    date = tenant.now.date().isoformat()
    _happen(HABITS, Day(tenant, stream(tenant.seed, "day", date), cast_of(tenant)))
    # By numbers of their own, so that they leave the rest of the day as it was.
    day = Day(tenant, stream(tenant.seed, "life", date), cast_of(tenant))
    people_days.keep_plans(day)
    _happen(LIFE, day)
    launch_apps(tenant)


def _happen(habits: tuple[Habit, ...], day: Day) -> None:
    pace, weekday = SIZES[day.tenant.size].pace, day.tenant.now.weekday()
    for habit in habits:
        # A tiny tenant would be worn down in weeks: there, only the first sure day counts.
        surely = habit.surely if pace else habit.surely[:1]
        times = max(pace, 1) if weekday in surely else 0
        times += sum(weekday in habit.perhaps and chance(day.rng, 0.5) for _ in range(pace))
        for _ in range(times):
            habit.happening(day)
