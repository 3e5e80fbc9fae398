"""Send the outbox from a process that starts quickly: what `connectory outbox send` does at its core."""

from __future__ import annotations

import os
import sys
import threading
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from mailboxes import settings

from connectory.database import open_store
from connectory.reports.delivering import deliver
from connectory.reports.senders.smtp import SmtpSender


def main(port: int) -> int:
    """Send what is due to a server on loopback."""
    wanted = settings(port, quiet_hours="", quiet_days=())
    told = deliver(
        open_store(os.environ["CONNECTORY_DATABASE_URL"]),
        SmtpSender(wanted),
        wanted,
        zone=ZoneInfo("UTC"),
        now=lambda: datetime.now(UTC),
        wall=lambda: datetime.now(UTC),
        stop=threading.Event(),
    )
    return told.exit_code


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
