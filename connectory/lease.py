"""The right to write: one holder per collector, numbered, renewed, and taken over when dead.

Every writing transaction of a run reads its lease inside the same transaction. A process that
stalled until its lease expired and was taken over finds another number there and writes nothing.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import cast

from sqlalchemy import Connection, Engine, Table, insert, select, update

from connectory.database import writing
from models import Lease

_LEASES = cast("Table", Lease.__table__)
_LOG = logging.getLogger(__name__)
Clock = Callable[[], datetime]
TAKEN_EXIT_CODE = 4
"""How a command ends that found somebody else at the same work: nothing is wrong with it."""


class LeaseTaken(Exception):
    """Somebody else collects at this moment."""


class LeaseLost(Exception):
    """The lease expired and somebody else took it over; nothing more may be written."""


def holder_name() -> str:
    """Name this process so that another one beside it can tell whether it still lives."""
    return f"{socket.gethostname()}/{_sight()}/{os.getpid()}/{_started(os.getpid())}"


def _sight() -> str:
    """Name what a process id means something in: this boot of the machine, and its pid namespace.

    Containers can share a host name and count their processes from one each.
    """
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot.partition('-')[0]}.{Path('/proc/self/ns/pid').readlink().name}"
    except (OSError, UnicodeDecodeError):
        return ""


def _started(pid: int) -> str:
    """Return the kernel's start time of a process: a pid alone may be reused. Empty if unknown."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        # One that has ended and that nobody has waited for yet stands there still.
        return "" if fields[0] in {"Z", "X"} else fields[19]
    except (OSError, IndexError, UnicodeDecodeError):
        return ""


def may_live(connection: Connection, name: str, now: datetime) -> bool:
    """Tell whether the holder of a lease may still be at work.

    Args:
        connection: Open transaction.
        name: What is leased.
        now: Real time.
    """
    row = connection.execute(select(_LEASES).where(_LEASES.c.name == name)).first()
    return row is not None and row.expires_at > now and not is_dead(row.holder)


def is_dead(holder: str) -> bool:
    """Tell whether a holder whose processes are seen from here is certainly gone."""
    host, _, rest = holder.partition("/")
    sight, _, rest = rest.partition("/")
    pid, _, started = rest.partition("/")
    here = (socket.gethostname(), _sight())
    if (host, sight) != here or not sight or not pid.isdigit() or not started:
        return False
    return _started(int(pid)) != started


class HeldLease:
    """A lease held by this process, renewed in the background until released.

    Args:
        engine: The store.
        name: What is leased, e.g. ``collector:flows``.
        seconds: How long it lasts unless renewed.
        wall: Real time; leases compare clocks of processes, not of the tenant.

    Raises:
        LeaseTaken: Another process holds it and may still live.
    """

    def __init__(self, engine: Engine, name: str, seconds: int, wall: Clock) -> None:
        self.name = name
        self._engine = engine
        self._seconds = seconds
        self._wall = wall
        self._holder = holder_name()
        self._stop = threading.Event()
        # Built once: it is asked in every writing transaction.
        self._fence_now = select(_LEASES.c.fence).where(_LEASES.c.name == name)
        if engine.dialect.name == "postgresql":
            self._fence_now = self._fence_now.with_for_update(read=True)
        self.fence = self._acquire()
        self._renewer = threading.Thread(target=self._renew, name=f"lease {name}", daemon=True)
        self._renewer.start()

    def _acquire(self) -> int:
        now = self._wall()
        until = now + timedelta(seconds=self._seconds)
        with writing(self._engine) as connection:
            query = select(_LEASES).where(_LEASES.c.name == self.name).with_for_update()
            row = connection.execute(query).first()
            if row is None:
                connection.execute(
                    insert(_LEASES).values(
                        name=self.name, holder=self._holder, fence=1, expires_at=until
                    )
                )
                return 1
            if may_live(connection, self.name, now):
                raise LeaseTaken(
                    f"another run is collecting; {self.name} is held by {row.holder} until "
                    f"{row.expires_at:%H:%M:%S} UTC; wait for it, or stop that process"
                )
            fence = int(row.fence) + 1
            connection.execute(
                update(_LEASES)
                .where(_LEASES.c.name == self.name)
                .values(holder=self._holder, fence=fence, expires_at=until)
            )
            return fence

    def _renew(self) -> None:
        while not self._stop.wait(self._seconds / 3):
            try:
                self._extend(self._wall() + timedelta(seconds=self._seconds))
            except Exception as error:  # noqa: BLE001 - a thread that ends renews nothing any more
                _LOG.warning("the lease %s could not be renewed: %s", self.name, error)

    def _extend(self, until: datetime) -> None:
        with writing(self._engine) as connection:
            connection.execute(
                update(_LEASES)
                .where(_LEASES.c.name == self.name, _LEASES.c.fence == self.fence)
                .values(expires_at=until)
            )

    def check(self, connection: Connection) -> None:
        """Make sure, inside a transaction, that nobody took the lease over.

        Raises:
            LeaseLost: Somebody did.
        """
        if connection.scalar(self._fence_now) != self.fence:
            raise LeaseLost(
                f"this run stalled and another one took over; {self.name}; "
                "nothing more was written, the other run carries on"
            )

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open a writing transaction under this lease."""
        with writing(self._engine) as connection:
            self.check(connection)
            yield connection

    def release(self) -> None:
        """Stop renewing and let the next holder in at once."""
        self._stop.set()
        self._renewer.join()
        with writing(self._engine) as connection:
            connection.execute(
                update(_LEASES)
                .where(_LEASES.c.name == self.name, _LEASES.c.fence == self.fence)
                .values(holder="", expires_at=self._wall())
            )
