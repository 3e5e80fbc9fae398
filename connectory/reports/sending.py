"""What is handed to a way of sending, and what may come of it.

What came of it decides whether a message may be sent again by itself, so the ways say exactly
what they know::

    NotDelivered
    ├── Unusable     the way itself is closed: no message was begun
    ├── NotTaken     surely not taken this time; it may be tried again
    ├── Refused      surely not taken, and never will be
    └── Uncertain    it may have been taken: nobody but a person may send it again
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


class NotDelivered(Exception):
    """A message was not delivered, or nobody knows; the text says why, and holds no secret."""


class Unusable(NotDelivered):
    """The way cannot be used at all, for any message."""


class NotTaken(NotDelivered):
    """The message was surely not taken, and may be tried again.

    Args:
        why: What happened.
        alone: Whether only this message was put off; else the way itself failed under it.
    """

    def __init__(self, why: str, *, alone: bool) -> None:
        super().__init__(why)
        self.alone = alone


class Refused(NotDelivered):
    """The message was surely not taken, and trying again would not help."""


class Uncertain(NotDelivered):
    """The message was handed over and no answer came: it may have been taken or not."""


@dataclass(frozen=True, slots=True)
class Posting:
    """A message as a way of sending gets it.

    Attributes:
        message_id: Message-ID, the same each time it is sent.
        report: Which report it is.
        name: Name of whom it is for; hostile.
        address: Mail address of whom it is for; hostile.
        language: Language it is written in.
        subject: Subject line.
        text: As plain text.
        html: As HTML.
        card: As an adaptive card.
        at: When it is sent.
    """

    message_id: str
    report: str
    name: str
    address: str
    language: str
    subject: str
    text: str
    html: str
    card: dict[str, Any] | None
    at: datetime

    @property
    def token(self) -> str:
        """The part of the Message-ID that is this message's own."""
        return self.message_id.strip("<>").partition("@")[0]


class Sender(Protocol):
    """A way of sending."""

    def ready(self) -> None:
        """Make sure that the way is open, before a message is begun.

        Raises:
            Unusable: It is not.
        """

    def send(self, posting: Posting) -> str:
        """Send a message and return what was answered.

        Raises:
            NotDelivered: Any of its kinds.
        """

    def close(self) -> None:
        """Give back what is held open."""
