"""One comparable key for each way in which services spell the same thing.

The rule is in docs/architecture.md, section "Identity".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

_FRACTION = re.compile(r"(\.\d{1,6})\d*")
_LONG = re.compile(r"\.\d{7}")


def connector_key(raw: str) -> str:
    """Return the key of a connector, whatever the spelling.

    The key is the last path segment, case-folded, with dots as dashes: admin lists write a path,
    the connectivity API dots, canvas apps lower case.

    Args:
        raw: A name or path, e.g. ``/providers/Microsoft.PowerApps/apis/shared_x``.
    """
    return raw.rstrip("/").rpartition("/")[2].strip().casefold().replace(".", "-")


def environment_key(raw: str) -> str:
    """Return the key of an environment: the last path segment, case-folded.

    Args:
        raw: An id or path, e.g. ``Default-…`` or ``/providers/…/environments/Default-…``.
    """
    return raw.rstrip("/").rpartition("/")[2].strip().casefold()


def parse_time(text: object) -> datetime | None:
    """Return a time as aware UTC; None for what is no time.

    Services write seven digits of fraction, or leave the zone out although they mean UTC.

    Args:
        text: E.g. ``2026-11-02T08:00:00.1234567Z``.
    """
    if not isinstance(text, str) or not text:
        return None
    try:
        value = datetime.fromisoformat(_FRACTION.sub(r"\1", text))
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def parse_times(texts: Sequence[str]) -> list[datetime] | None:
    """Return times as `parse_time` does, sooner than one by one; None if one of them is none."""
    together = "\n".join(texts)
    if _LONG.search(together):
        texts, number = _FRACTION.sub(r"\1", together).split("\n"), len(texts)
        if len(texts) != number:
            return None
    try:
        return [
            one.replace(tzinfo=UTC) if one.tzinfo is None else one.astimezone(UTC)
            for one in map(datetime.fromisoformat, texts)
        ]
    except (ValueError, OverflowError):
        return None
