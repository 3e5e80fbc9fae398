"""What a status means in plain words, one row per case."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectory.domain.connection_status import status_meaning

SIGN_IN = "Unauthorized: Failed to refresh access token. {}: The provided grant has expired."


@pytest.mark.parametrize(
    ("status", "detail", "state", "words"),
    [
        ("Connected", None, "connected", "it is signed in"),
        ("connected", "left over", "connected", "it is signed in"),
        ("PendingConfirmation", None, "unconfirmed", "its sign-in was begun and never confirmed"),
        ("Unknown", None, "unknown", "the platform does not say whether it works"),
        (None, None, "unknown", "the platform does not say whether it works"),
        ("", None, "unknown", "the platform does not say whether it works"),
        ("Someday", None, "unknown", "the platform does not say whether it works"),
        ("Error", None, "broken", "it fails, and no reason is told"),
        ("Error", "", "broken", "it fails, and no reason is told"),
        ("Error", "Unauthorized", "broken",
         "the service behind it refuses the sign-in (Unauthorized)"),
        ("Error", "Forbidden: no access", "broken",
         "its account may not use the service behind it (Forbidden)"),
        ("Error", "GatewayBroken: x", "broken", "it fails (GatewayBroken)"),
        ("Error", SIGN_IN.format("AADSTS50173"), "broken",
         "the password of its account was changed, or its sign-ins were revoked (AADSTS50173)"),
        ("Error", SIGN_IN.format("aadsts7000222"), "broken",
         "the client secret in the connector has expired (AADSTS7000222)"),
        ("Error", SIGN_IN.format("AADSTS99999"), "broken", "the sign-in fails (AADSTS99999)"),
        ("Error", "AADSTS99999 after AADSTS50057", "broken", "its account is disabled (AADSTS50057)"),
    ],
)  # fmt: skip
def test_a_status_is_told_in_words(
    status: str | None, detail: str | None, state: str, words: str
) -> None:
    """Codes that are known become words, others are told as they are, and none is a guess."""
    told = status_meaning(status, detail)

    assert (told.state, told.words) == (state, words)


def test_what_is_broken_has_a_cure_and_what_works_has_none() -> None:
    """Whoever reads it knows what to do next."""
    assert status_meaning("Error", "AADSTS50057").cure == "another account signs in to it"
    assert status_meaning("Error", "whatever").cure
    assert status_meaning("PendingConfirmation").cure == "its owner confirms it"
    assert status_meaning("Connected").cure == ""


@given(st.none() | st.text(), st.none() | st.text())
def test_no_words_of_a_service_bring_it_down(status: str | None, detail: str | None) -> None:
    """Any status with any error has a meaning of a bounded length."""
    assert 0 < len(status_meaning(status, detail).words) < 160
