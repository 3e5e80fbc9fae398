"""One key for every spelling."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from connectory.domain.identity import connector_key, environment_key, parse_time


@pytest.mark.parametrize(
    "raw",
    [
        "shared_tides-5f0a1b-5f9c",
        "Shared_Tides-5F0a1b-5f9c",
        "shared_tides.5f0a1b.5f9c",
        "/providers/Microsoft.PowerApps/apis/shared_tides-5f0a1b-5f9c",
        "/providers/microsoft.powerapps/apis/shared_tides-5f0a1b-5f9c",
        "/providers/Microsoft.PowerApps/scopes/admin/environments/E/apis/shared_tides-5f0a1b-5f9c/",
    ],
)
def test_every_spelling_of_a_connector_has_one_key(raw: str) -> None:
    """Paths, case and dots make no difference."""
    assert connector_key(raw) == "shared_tides-5f0a1b-5f9c"


def test_environment_ids_and_paths_have_one_key() -> None:
    """An audit record writes the path where others write the id."""
    path = "/providers/Microsoft.BusinessAppPlatform/environments/Default-AB"

    assert environment_key(path) == environment_key("default-ab") == "default-ab"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-02T08:00:00.1234567Z", datetime(2026, 11, 2, 8, 0, 0, 123456, UTC)),
        ("2026-11-02T08:00:00", datetime(2026, 11, 2, 8, tzinfo=UTC)),
        ("2026-11-02T10:00:00+02:00", datetime(2026, 11, 2, 8, tzinfo=UTC)),
        ("0001-01-01T00:00:00+02:00", None),
        ("never", None),
        ("", None),
        (None, None),
        (5, None),
    ],
)
def test_times_are_read_as_utc(text: object, expected: datetime | None) -> None:
    """Seven digits, a missing zone and what is no time at all are read for what they are."""
    assert parse_time(text) == expected
