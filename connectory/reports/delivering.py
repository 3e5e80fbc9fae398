"""Sending what waits: claim, hand over, settle, one message after the other.

Any number of processes may do this at once. What fails stops as little as it can: one message
where only that is put off, all of them where the way itself is closed.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from connectory.domain.mailing import State, pause, quiet_until
from connectory.domain.one_line import one_line
from connectory.reports.claiming import (
    Claimed,
    Clock,
    claim,
    due,
    explain,
    forget,
    give_up_lost,
    settle,
)
from connectory.reports.sending import NotDelivered, NotTaken, Refused, Sender, Unusable
from connectory.reports_settings import ReportSettings

Progress = Callable[[int, int], None]

_LOG = logging.getLogger(__name__)
_BROKEN_IN_A_ROW = 3
_REFUSED_IN_A_ROW = 10
_LONGEST_SLEEP = 5.0
_BETWEEN_WRITES = 2.0


@dataclass(frozen=True, slots=True)
class Delivered:
    """What came of one round of sending.

    Attributes:
        sent: Messages that were accepted.
        later: Messages that were surely not accepted and are tried again.
        refused: Messages that were refused for good.
        uncertain: Messages handed over without an answer.
        lost: Messages found claimed by a process that is gone; uncertain too.
        left: Messages that are due and were not sent in this round.
        why: Why the round ended before everything due was sent; None if it was.
        quiet_until: When quiet ends, if it is quiet.
        elsewhere: How many messages wait for channels that the settings do not name.
    """

    sent: int = 0
    later: int = 0
    refused: int = 0
    uncertain: int = 0
    lost: int = 0
    left: int = 0
    why: str | None = None
    quiet_until: datetime | None = None
    elsewhere: Mapping[str, int] = field(default_factory=dict)

    @property
    def exit_code(self) -> int:
        """0 if all that could be sent was, 3 if something was not, 1 if nothing can be sent."""
        if self.why and not self.sent:
            return 1
        short = self.later or self.refused or self.uncertain or self.lost or self.why
        return 3 if short else 0


@dataclass
class _Round:
    """One round: what it needs, and how it goes."""

    engine: Engine
    sender: Sender
    settings: ReportSettings
    zone: ZoneInfo
    now: Clock
    wall: Clock
    stop: threading.Event
    in_quiet: bool
    progress: Progress | None
    told: Delivered = field(default_factory=Delivered)
    broken: int = 0
    refused: int = 0
    last: str = ""

    def run(self) -> None:
        total = due(self.engine, self.settings.channel, self.now())
        while total and not self.stop.is_set():
            if quiet := self._quiet():
                self.told = replace(self.told, quiet_until=quiet)
                return
            try:
                self.sender.ready()
                claimed = claim(self.engine, self.settings, now=self.now(), wall=self.wall)
                if claimed is None:
                    return
                if isinstance(claimed, timedelta):
                    self.stop.wait(min(claimed.total_seconds(), _LONGEST_SLEEP))
                    continue
                self._send(claimed)
            except Unusable as error:
                self._end(str(error))
                return
            if self.progress is not None:
                done = self.told.sent + self.told.refused + self.told.later + self.told.uncertain
                self.progress(done, max(total, done))
            if self.broken >= _BROKEN_IN_A_ROW or self.refused >= _REFUSED_IN_A_ROW:
                self._end(f"too many failed one after the other; the last: {self.last}")
                return
        if self.stop.is_set():
            self.told = replace(self.told, why="it was stopped")

    def _quiet(self) -> datetime | None:
        if self.in_quiet or self.settings.channel == "folder":
            return None
        return quiet_until(
            self.now(), self.settings.quiet_span, self.settings.quiet_days, self.zone
        )

    def _send(self, claimed: Claimed) -> None:
        """Hand one message over, and write down what came of it.

        Raises:
            Unusable: The way turned out to be closed; the message waits as before.
        """
        if claimed.posting is None:
            self._settled(
                claimed, "refused", "what it said is forgotten; reports.keep_content_days"
            )
            return
        if self.wall() >= claimed.until:
            self._settled(
                claimed, "queued", "this process stalled before it was begun", counts=False
            )
            return
        try:
            answer = self.sender.send(claimed.posting)
        except Unusable as error:
            self._settled(claimed, "queued", str(error), counts=False)
            raise
        except NotTaken as error:
            self._put_off(claimed, error)
        except Refused as error:
            self._settled(claimed, "refused", str(error))
        except NotDelivered as error:
            self._settled(claimed, "uncertain", str(error))
        except Exception as error:  # noqa: BLE001 - whatever broke, the message may have left
            _LOG.exception("message %s", claimed.id)
            self._settled(claimed, "uncertain", f"{type(error).__name__} while it was sent")
        else:
            self._settled(claimed, "sent", answer)

    def _put_off(self, claimed: Claimed, error: NotTaken) -> None:
        if claimed.tries >= self.settings.tries:
            self._settled(claimed, "refused", f"given up after {claimed.tries} tries: {error}")
            return
        again = self.now() + pause(claimed.tries)
        self._settled(claimed, "queued", str(error), not_before=again)
        if not error.alone:
            self.broken += 1

    def _settled(
        self,
        claimed: Claimed,
        state: State,
        told: str,
        *,
        not_before: datetime | None = None,
        counts: bool = True,
    ) -> None:
        """Write down what came of a message, as often as it takes while its claim lasts."""
        self._count(state, told, counts=counts)
        while True:
            try:
                settle(
                    self.engine,
                    claimed,
                    state,
                    told,
                    now=self.now(),
                    not_before=not_before,
                    counts=counts,
                )
            except SQLAlchemyError:
                if self.wall() >= claimed.until or self.stop.wait(_BETWEEN_WRITES):
                    raise
            else:
                return

    def _count(self, state: State, told: str, *, counts: bool) -> None:
        if state == "sent":
            self.broken = self.refused = 0
            self.told = replace(self.told, sent=self.told.sent + 1)
            return
        self.last = one_line(told, 300)
        if state == "refused":
            self.refused += 1
            self.told = replace(self.told, refused=self.told.refused + 1)
        elif state == "uncertain":
            self.broken += 1
            self.told = replace(self.told, uncertain=self.told.uncertain + 1)
        elif counts:
            self.told = replace(self.told, later=self.told.later + 1)

    def _end(self, why: str) -> None:
        """End before all is sent, and say why at what waits."""
        explain(self.engine, self.settings.channel, why, self.now())
        self.told = replace(self.told, why=why)


def deliver(
    engine: Engine,
    sender: Sender,
    settings: ReportSettings,
    *,
    zone: ZoneInfo,
    now: Clock,
    wall: Clock,
    stop: threading.Event,
    in_quiet: bool = False,
    progress: Progress | None = None,
) -> Delivered:
    """Send what is due of the channel in the settings, until nothing is or told to stop.

    Args:
        engine: The store.
        sender: The way of that channel; closed at the end.
        settings: Quiet hours, rate, tries.
        zone: Where quiet hours are told.
        now: Clock of everything stored.
        wall: Real time, by which claims of processes end.
        stop: Set to end after the message under way.
        in_quiet: Whether to send in quiet hours too.
        progress: Told how many of how many are done.
    """
    lost = give_up_lost(engine, now=now(), wall=wall)
    going = _Round(engine, sender, settings, zone, now, wall, stop, in_quiet, progress)
    try:
        going.run()
    finally:
        sender.close()
    lost += give_up_lost(engine, now=now(), wall=wall)
    forget(engine, settings, now())
    left = due(engine, settings.channel, now())
    return replace(going.told, lost=lost, left=left)


__all__ = ["Delivered", "Progress", "deliver"]
