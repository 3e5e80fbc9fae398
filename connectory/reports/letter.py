"""A letter: what is written to one recipient on one occasion, rendered, before it has a way to go."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from connectory.domain.answering import Recipient

Report = Literal["owner-digest", "attestation", "tenant-summary", "exposure-summary"]


@dataclass(frozen=True, slots=True)
class Letter:
    """What is written to one recipient on one occasion.

    Attributes:
        report: Which report it is.
        occasion: What it is sent for, e.g. ``owner-digest/2026-W48`` or ``campaign/7/asked/2``;
            nobody gets two for one occasion.
        to: Whom it is for.
        language: Language it is written in: en or de.
        subject: One line of printable characters.
        text: As plain text.
        html: As a whole HTML document that fetches nothing.
        card: As an adaptive card (its content, not the message around it).
        connectors: Surrogate keys of what it is about.
        campaign_id: The campaign it asks for, if any.
    """

    report: Report
    occasion: str
    to: Recipient
    language: str
    subject: str
    text: str
    html: str
    card: dict[str, Any]
    connectors: tuple[int, ...] = ()
    campaign_id: int | None = field(default=None)
