"""Who is asked next, when somebody hands a connector over or says that it is not theirs."""

from __future__ import annotations

from sqlalchemy import Connection

from connectory.actions.attesting import Chain, Next, Successor
from connectory.config import Settings
from connectory.domain.answering import MAILBOX, Recipient


def successor(settings: Settings) -> Successor:
    """Return what tells who is asked next: the mailbox of those who look after the platform.

    Args:
        settings: All settings.
    """
    mailbox = settings.reports.coe_mailbox

    def following(connection: Connection, chain: Chain) -> Next | None:
        del connection
        to = Recipient(f"{MAILBOX}{mailbox}", mailbox, mailbox, None, "coe")
        if not mailbox or to.recipient in chain.before:
            return None
        return Next(to, chain.row["escalations"] + 1)

    return following
