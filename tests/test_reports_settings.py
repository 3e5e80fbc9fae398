"""Settings by which mail would go nowhere, or to everybody at night, are no settings."""

from __future__ import annotations

from datetime import time
from typing import Any

import pytest
from pydantic import ValidationError

from connectory.reports_settings import ReportSettings


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"channel": "smtp"}, r"reports\.smtp_host and reports\.mail_from"),
        ({"channel": "graph"}, r"reports\.graph_sender"),
        ({"channel": "teams"}, r"reports\.teams_webhook_url_env"),
        ({"mail_from": "Reports <reports@example.com>"}, "not a plain mail address"),
        ({"coe_mailbox": "coe@example.com\r\nBcc: x@example.com"}, "not a plain mail address"),
        ({"licence_mailboxes": ("",)}, "between the commas"),
        ({"quiet_hours": "8pm-7am"}, "20:00-07:00"),
        ({"quiet_hours": "24:00-07:00"}, "20:00-07:00"),
        ({"quiet_hours": "07:00-07:00"}, "same time"),
        ({"quiet_days": ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}, "nothing would ever"),
        ({"claim_seconds": 60}, "too short for 8 answers"),
        ({"language": "Deutsch"}, "write e.g. en or de"),
        ({"schedule": {"owner_digest": "every month"}}, "a cron has five fields"),
    ],
)
def test_a_setting_that_cannot_be_meant_is_refused(values: dict[str, Any], complaint: str) -> None:
    """The text says what to write instead."""
    with pytest.raises(ValidationError, match=complaint):
        ReportSettings(**values)


@pytest.mark.parametrize(
    "address",
    [
        "http://connectory.example.com",
        "https://",
        "connectory.example.com",
        "https://user@connectory.example.com",
        "https://connectory.example.com/path",
        "https://connectory.example.com?x=1",
        "https://connectory.example.com:port",
        "https://connectory.example.com\r\nBcc: x",
        "https://[::1",
        "javascript://connectory.example.com",
    ],
)
def test_links_start_with_a_host_and_nothing_else(address: str) -> None:
    """Only https leads out of this machine, and no path, question or account stands in it."""
    with pytest.raises(ValidationError, match="https://host"):
        ReportSettings(public_url=address)


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("https://connectory.example.com/", "https://connectory.example.com"),
        ("https://connectory.example.com:8443", "https://connectory.example.com:8443"),
        ("http://127.0.0.1:8501", "http://127.0.0.1:8501"),
        ("http://[::1]:8501/", "http://[::1]:8501"),
        ("", ""),
    ],
)
def test_the_public_address_is_kept_without_a_slash(address: str, kept: str) -> None:
    """A path can be put behind it as it is."""
    assert ReportSettings(public_url=address).public_url == kept


def test_quiet_hours_are_read_as_times() -> None:
    """The first quiet minute and the first loud one; nothing is never quiet."""
    assert ReportSettings().quiet_span == (time(20), time(7))
    assert ReportSettings(quiet_hours="12:15-13:05").quiet_span == (time(12, 15), time(13, 5))
    assert ReportSettings(quiet_hours="").quiet_span is None
