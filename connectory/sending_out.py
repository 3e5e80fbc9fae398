"""From settings to sending: the way that the settings name, and a round of the outbox by it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from connectory.clock import wall_clock
from connectory.config import Settings
from connectory.database import reading
from connectory.graph_mail import post_by
from connectory.progress import reckoning
from connectory.queries.outbox import other_channels
from connectory.reports.claiming import Clock
from connectory.reports.delivering import Delivered, deliver
from connectory.reports.senders import PLAIN_SENDERS
from connectory.reports.senders.graph import GraphSender
from connectory.reports.sending import Sender
from connectory.signing_in import open_api, prompt_for, require_identity


@contextmanager
def sender_of(settings: Settings) -> Iterator[Sender]:
    """Yield the way to send that the settings name.

    Raises:
        ConfigError: Mail goes by Graph, and nobody is named who signs in.
    """
    section = settings.reports
    if section.channel == "graph":
        require_identity(settings)
        with open_api(settings, prompt=prompt_for(settings)) as api:
            yield GraphSender(section, post_by(api))
        return
    yield PLAIN_SENDERS[section.channel](section)


def send_out(
    engine: Engine, settings: Settings, *, now: Clock, in_quiet: bool = False
) -> Delivered:
    """Send what is due, until nothing is or a person or the scheduler interrupts.

    Args:
        engine: The store.
        settings: All settings.
        now: Clock of everything stored.
        in_quiet: Whether to send in quiet hours too.

    Raises:
        ConfigError: Mail goes by Graph, and nobody is named who signs in.
    """
    with sender_of(settings) as sender, interruptible() as stop, reckoning("mail") as (bar,):
        told = deliver(
            engine,
            sender,
            settings.reports,
            zone=ZoneInfo(settings.dashboard.time_zone),
            now=now,
            wall=wall_clock,
            stop=stop,
            in_quiet=in_quiet,
            progress=bar,
        )
    with reading(engine) as connection:
        return replace(told, elsewhere=other_channels(connection, settings.reports.channel))


@contextmanager
def interruptible() -> Iterator[threading.Event]:
    """Yield what is set when somebody asks this process to end."""
    stop = threading.Event()
    numbers = (signal.SIGTERM, signal.SIGINT)
    before = [signal.signal(number, lambda *_: stop.set()) for number in numbers]
    try:
        yield stop
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
