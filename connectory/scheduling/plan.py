"""From settings to jobs: what runs by which cron."""

from __future__ import annotations

from collectors import COLLECTORS
from connectory.config import Settings
from connectory.domain.schedule import Cron
from connectory.queries.schedule import ASSESS, REPORTS


def jobs_of(settings: Settings) -> dict[str, Cron]:
    """Return the cron of every scheduled job: collectors in their order, assess, then reports.

    Raises:
        LookupError: A collector is named that does not exist, or nothing is scheduled.
    """
    section = settings.schedule
    known = [collector.name for collector in COLLECTORS]
    for name in section.collectors:
        if name not in known:
            raise LookupError(
                f"no collector named {name}; setting schedule.collectors; one of: {', '.join(known)}"
            )
    wanted = settings.collect.collectors or known
    texts = {name: section.collect for name in known if name in wanted} | section.collectors
    ordered = {name: texts[name] for name in known if texts.get(name)}
    if section.assess:
        ordered[ASSESS] = section.assess
    told = settings.reports.schedule.model_dump()
    ordered |= {job: cron for job in REPORTS if (cron := told[job.replace("-", "_")])}
    if not ordered:
        raise LookupError("nothing is scheduled; setting schedule.collect; write a cron there")
    zone = settings.dashboard.time_zone
    return {job: Cron(text, zone) for job, text in ordered.items()}
