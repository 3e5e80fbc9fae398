"""What the status of a connection means, in plain words, and what helps.

The status is Connected, Error, PendingConfirmation or Unknown, and any error makes the whole a
broken one. Behind an error stands a code of the platform and, where a sign-in failed, one of
Microsoft Entra (AADSTS…), listed at
https://learn.microsoft.com/entra/identity-platform/reference-error-codes. These codes may change
without notice, so they explain and decide nothing: a code that is not known here is told as it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

StatusState = Literal["connected", "broken", "unconfirmed", "unknown"]
_CODE = re.compile(r"AADSTS(\d{4,9})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class StatusMeaning:
    """What a status says.

    Attributes:
        state: Whether the connection works, as far as the platform knows.
        words: What is the case, as a sentence without its full stop.
        cure: What helps, likewise; empty where nothing has to be done.
    """

    state: StatusState
    words: str
    cure: str = ""


_AGAIN = "its account signs in to it again"
_ADMIN = "an administrator of Entra ID looks at the account's sign-in log"
_ENTRA: dict[str, tuple[str, str]] = {
    "50034": ("its account does not exist in the directory", "another account signs in to it"),
    "50053": ("its account is locked after too many failed sign-ins", _AGAIN),
    "50055": ("the password of its account has expired", "the password is changed, then " + _AGAIN),
    "50057": ("its account is disabled", "another account signs in to it"),
    "50074": ("a second factor is asked for, which a connection cannot give", _AGAIN),
    "50076": ("a second factor is asked for, which a connection cannot give", _AGAIN),
    "50079": ("its account must first set up a second factor", _AGAIN),
    "50126": ("the password of its account is no longer right", _AGAIN),
    "50173": ("the password of its account was changed, or its sign-ins were revoked", _AGAIN),
    "53000": ("conditional access wants a compliant device", _ADMIN),
    "53003": ("conditional access blocks the sign-in", _ADMIN),
    "65001": ("nobody has consented to the application behind the connector", "an administrator "
              "grants consent, then " + _AGAIN),
    "70008": ("the sign-in has expired", _AGAIN),
    "70043": ("the sign-in is older than conditional access allows", _AGAIN),
    "90094": ("an administrator must consent to the application behind the connector",
              "an administrator grants consent, then " + _AGAIN),
    "700016": ("the application behind the connector does not exist in the tenant",
               "the owner of the connector corrects its client id"),
    "700082": ("the sign-in has expired because the connection was not used for a long time",
               _AGAIN),
    "7000112": ("the application behind the connector is disabled",
                "the application is enabled again in Entra ID"),
    "7000215": ("the client secret in the connector is wrong",
                "the owner of the connector enters the right secret"),
    "7000222": ("the client secret in the connector has expired",
                "the owner of the connector enters a new secret"),
}  # fmt: skip
_PLATFORM: dict[str, tuple[str, str]] = {
    "unauthorized": ("the service behind it refuses the sign-in", _AGAIN),
    "unauthenticated": ("nobody is signed in to it", _AGAIN),
    "forbidden": ("its account may not use the service behind it",
                  "the account is given access, or another account signs in"),
    "configurationneeded": ("its settings are not complete", "its owner opens and completes it"),
    "notfound": ("the service behind it does not exist at its address",
                 "the owner of the connector corrects the address"),
}  # fmt: skip


def status_meaning(status: str | None, detail: str | None = None) -> StatusMeaning:
    """Return what a status means.

    Args:
        status: As the platform tells it; None if it tells none.
        detail: Code and text of the error, as stored.
    """
    known = (status or "").strip().casefold()
    if known == "error":
        return _broken(detail or "")
    if known == "connected":
        return StatusMeaning("connected", "it is signed in")
    if known == "pendingconfirmation":
        return StatusMeaning(
            "unconfirmed", "its sign-in was begun and never confirmed", "its owner confirms it"
        )
    return StatusMeaning("unknown", "the platform does not say whether it works")


def _broken(detail: str) -> StatusMeaning:
    for code in _CODE.findall(detail):
        if code in _ENTRA:
            words, cure = _ENTRA[code]
            return StatusMeaning("broken", f"{words} (AADSTS{code})", cure)
    found = _CODE.search(detail)
    if found:
        return StatusMeaning("broken", f"the sign-in fails ({found[0].upper()})", _AGAIN)
    platform = detail.partition(":")[0].strip()
    if platform.casefold() in _PLATFORM:
        words, cure = _PLATFORM[platform.casefold()]
        return StatusMeaning("broken", f"{words} ({platform})", cure)
    words = f"it fails ({platform[:60]})" if platform else "it fails, and no reason is told"
    return StatusMeaning("broken", words, "its owner opens it and signs in again")
