"""A message as a mail: text and HTML as alternatives, and headers that nothing can be put into."""

from __future__ import annotations

from email.message import EmailMessage
from typing import Final

from connectory.domain.one_line import one_line
from connectory.mail_settings import is_plain_address
from connectory.reports.headers import POLICY
from connectory.reports.sending import Posting, Refused
from connectory.reports_settings import ReportSettings

NOWHERE: Final = "connectory.invalid"
"""Domain of what is not sent, where the settings name no other."""

_LONGEST_SUBJECT: Final = 250
_LONGEST_NAME: Final = 80


def domain(settings: ReportSettings) -> str:
    """Return the domain that our messages come from."""
    address = settings.graph_sender if settings.channel == "graph" else settings.mail_from
    return address.rpartition("@")[2].casefold() or NOWHERE


def mail(posting: Posting, settings: ReportSettings) -> EmailMessage:
    """Return a message as a mail.

    Args:
        posting: The message.
        settings: Who sends it, and to whom answers go.

    Raises:
        Refused: It cannot be a mail, e.g. since its address is none.
    """
    if not is_plain_address(posting.address):
        raise Refused(f"no plain mail address: {one_line(posting.address, 200)}")
    try:
        return _mail(posting, settings)
    except (ValueError, IndexError, LookupError) as error:
        raise Refused(f"it cannot be written as a mail: {one_line(str(error), 200)}") from error


def _mail(posting: Posting, settings: ReportSettings) -> EmailMessage:
    message = EmailMessage(POLICY)
    name = one_line(posting.name, _LONGEST_NAME)
    sender = settings.mail_from or f"connectory@{NOWHERE}"
    message["From"] = ("Connectory", sender)
    message["To"] = (name, posting.address)
    if settings.coe_mailbox:
        message["Reply-To"] = ("", settings.coe_mailbox)
    message["Subject"] = one_line(posting.subject, _LONGEST_SUBJECT)
    message["Date"] = posting.at
    message["Message-ID"] = posting.message_id
    message["List-Id"] = f"<{posting.report}.{domain(settings)}>"
    # Nobody's absence is answered to a program, and no program answers another.
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "OOF, AutoReply"
    message.set_content(_clean(posting.text), cte="quoted-printable")
    message.add_alternative(_clean(posting.html), subtype="html", cte="quoted-printable")
    # Set before, it would have gone to the first of both parts alone.
    message["Content-Language"] = posting.language
    return message


def eml(posting: Posting, settings: ReportSettings) -> bytes:
    """Return a message as the bytes of a file that mail programs open.

    Raises:
        Refused: It cannot be a mail.
    """
    return mail(posting, settings).as_bytes()


def _clean(text: str) -> str:
    """Return a text without what no charset has, or would end a line elsewhere than it should."""
    kept = text.encode("utf-8", "replace").decode("utf-8").replace("\0", "")
    return kept.replace("\r\n", "\n").replace("\r", "\n")
