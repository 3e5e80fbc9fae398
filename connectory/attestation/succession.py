"""Who is asked next, when somebody hands a connector over or says that it is not theirs."""

from __future__ import annotations

from sqlalchemy import Connection

from connectory.actions.attesting import Chain, Successor
from connectory.config import Settings
from connectory.domain.answering import MAILBOX, Recipient
from connectory.domain.attesting import Next
from connectory.queries.moments import Moment, latest
from connectory.queries.next_to_ask import next_to_ask, somebody_named


def successor(settings: Settings) -> Successor:
    """Return what tells who is asked next.

    That is whoever is named, if the directory has exactly one such person who can be written to,
    else the mailbox of those who look after the platform; and where nobody is named, the next one
    who answers for the connector. Nobody is asked twice.

    Args:
        settings: All settings.
    """

    def following(connection: Connection, chain: Chain) -> Next | None:
        moment = latest(connection)
        if moment is None:
            return None
        escalations = chain.row["escalations"]
        if chain.named:
            to = somebody_named(connection, moment, settings.reports, chain.named)
            if to is not None and to.recipient not in chain.before:
                return Next(to, escalations)
        to = (_mailbox(settings, chain) if chain.named else None) or _next(
            connection, moment, settings, chain
        )
        return None if to is None else Next(to, escalations + 1)

    return following


def _mailbox(settings: Settings, chain: Chain) -> Recipient | None:
    address = settings.reports.coe_mailbox
    to = Recipient(f"{MAILBOX}{address}", address, address, None, "coe")
    return to if address and to.recipient not in chain.before else None


def _next(
    connection: Connection, moment: Moment, settings: Settings, chain: Chain
) -> Recipient | None:
    connector_id = chain.row["connector_id"]
    before = {connector_id: chain.before}
    return next_to_ask(connection, moment, settings.reports, before).get(connector_id)
