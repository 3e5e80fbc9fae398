"""The command that keeps collecting."""

from __future__ import annotations

import logging
import signal
from datetime import timedelta

import click

from connectory.cli.state import State
from connectory.clock import wall_clock


@click.command()
@click.pass_obj
def schedule(state: State) -> None:
    """Run collectors and assess when the settings say, until stopped.

    Each run is a process of its own. Every moment at which something was due is recorded, run or
    not. Several schedulers may watch over one store: one leads, the others take over when it dies.
    SIGTERM or Ctrl-C asks the runs under way to stop and waits for them.
    """
    from connectory.alerts.telling import tell
    from connectory.scheduling.child import Bounds
    from connectory.scheduling.daemon import Daemon
    from connectory.scheduling.plan import jobs_of

    settings = state.settings
    section = settings.schedule
    try:
        jobs = jobs_of(settings)
    except LookupError as error:
        raise click.ClickException(str(error)) from error
    engine = state.engine(migrate=True)
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    options = ["--config", str(state.config.resolve())] if state.config else []
    if state.start is not None:
        options += ["--now", f"{state.now():%Y-%m-%dT%H:%M:%SZ}"]
    daemon = Daemon(
        engine,
        jobs,
        options,
        Bounds(longest=section.longest_minutes * 60, stop=section.stop_seconds),
        grace=timedelta(minutes=section.grace_minutes),
        at_once=section.at_once,
        lease_seconds=settings.collect.lease_seconds,
        wall=wall_clock,
        watch=lambda: tell(engine, settings, wall_clock()),
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: daemon.stop())
    named = ", ".join(f"{job} ({cron.text})" for job, cron in jobs.items())
    click.echo(f"the scheduler watches over {named}; times of {settings.dashboard.time_zone}")
    daemon.run()
    click.echo("the scheduler has stopped")
