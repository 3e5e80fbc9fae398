"""Links as a person gets them, and others that look like them."""

from __future__ import annotations

from typing import Any

from factories import ADA, INVOICES
from factories_campaigns import (
    KEY,
    Asker,
    row,
)

from connectory.attestation.links import AnswerLink, Links, expiry


def links() -> Links:
    """Return what signs links as the server does."""
    return Links([KEY])


def bound(asker: Asker, **other: Any) -> AnswerLink:
    """Return what the link of invoices is bound to, but for what is named."""
    request = row(asker.store)
    usual = {
        "request_id": request["id"],
        "connector_id": INVOICES,
        "campaign_id": request["campaign_id"],
        "person": ADA,
        "nonce": request["nonce"],
        "expires_at": expiry(request["deadline"], asker.desk.zone),
    }
    return AnswerLink(**{**usual, **other})
