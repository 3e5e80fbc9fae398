"""Which job goes by which cron, as the settings say."""

from __future__ import annotations

import pytest

from collectors import COLLECTORS
from connectory.config import CollectSettings, DashboardSettings, ScheduleSettings, Settings
from connectory.domain.schedule import Cron
from connectory.reports_settings import ReportScheduleSettings, ReportSettings
from connectory.scheduling.child import command
from connectory.scheduling.plan import jobs_of


def test_everything_is_scheduled_by_default() -> None:
    """Every collector in its order at night, the answers after them."""
    jobs = jobs_of(Settings())

    assert list(jobs) == [*(collector.name for collector in COLLECTORS), "assess"]
    assert set(jobs.values()) == {Cron("0 2 * * *", "UTC"), Cron("30 6 * * *", "UTC")}


def test_single_collectors_go_by_their_own_cron_or_not_at_all() -> None:
    """An own cron wins, an empty one means never, in the zone that times are shown in."""
    section = ScheduleSettings(
        collectors={"people": "0 3 * * sun", "flows": ""}, assess="", collect="0 4 * * *"
    )
    settings = Settings(
        schedule=section,
        collect=CollectSettings(collectors=["environments", "flows"]),
        dashboard=DashboardSettings(time_zone="Europe/Berlin"),
    )

    assert jobs_of(settings) == {
        "environments": Cron("0 4 * * *", "Europe/Berlin"),
        "people": Cron("0 3 * * sun", "Europe/Berlin"),
    }


def test_reports_go_after_the_answers_and_sending_after_them() -> None:
    """Only what has a cron is written, by commands of its own, each in the zone of the people."""
    crons = ReportScheduleSettings(
        owner_digest="0 8 1 * *", campaigns="0 7 * * *", outbox="*/5 * * * *"
    )
    settings = Settings(
        schedule=ScheduleSettings(collect=""),
        reports=ReportSettings(schedule=crons),
        dashboard=DashboardSettings(time_zone="Europe/Berlin"),
    )
    jobs = jobs_of(settings)

    assert list(jobs) == ["assess", "owner-digest", "campaigns", "outbox"]
    assert jobs["outbox"] == Cron("*/5 * * * *", "Europe/Berlin")
    assert [command(job, [])[3:] for job in jobs] == [
        ["assess"],
        ["report", "owner-digest", "--send"],
        ["campaign", "advance"],
        ["outbox", "send"],
    ]


@pytest.mark.parametrize(
    ("section", "words"),
    [
        (ScheduleSettings(collectors={"gardens": "0 1 * * *"}), "no collector named gardens"),
        (ScheduleSettings(collect="", assess=""), "nothing is scheduled"),
    ],
)
def test_what_cannot_be_scheduled_is_refused(section: ScheduleSettings, words: str) -> None:
    """An unknown collector and an empty schedule are errors that name the setting."""
    with pytest.raises(LookupError, match=words) as caught:
        jobs_of(Settings(schedule=section))

    assert "setting schedule." in str(caught.value)
