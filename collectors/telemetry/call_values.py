"""What one value of a record tells of a call; what is wrong is told without the value: it may be a secret."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from connectory.domain.identity import parse_time

LATEST: Final = 253_402_300_799_000_000
"""Last moment that any database takes, in microseconds since 1970."""
PER: Final = {"s": 1_000_000, "ms": 1_000, "us": 1}
"""Microseconds by unit."""
LONGEST_DURATION: Final = 86_400_000_000
MOST_BYTES: Final = 1 << 36
MOST_WEIGHT: Final = 10_000
"""With these no call of a portion makes a figure that is no whole number of 63 bits."""
STATUSES: Final = 1000
REFUSALS: Final = (ValueError, TypeError, OverflowError)
"""What is raised of a value that tells nothing; the text says why."""
EARLIEST: Final = 1_420_070_400_000_000
"""No call is older: in 2015 there was no connector yet that could be called."""
NOTHING: Final = "-"
"""What stands in the logs of web servers where nothing is told."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_DIGITS: Final = 19


def text(name: str, value: Any) -> str:
    """Return the text of what a record says; empty if it says nothing, as a dash does.

    Raises:
        TypeError: It says several things.
    """
    if isinstance(value, (dict, list)):
        raise TypeError(f"{name} holds more than one value")
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    # No database takes a NUL in a text.
    told = "" if value is None else str(value).replace("\x00", "").strip()
    return "" if told == NOTHING else told


def place(told: str) -> tuple[str, str]:
    """Return host and path of what was called: a path alone, however it begins, or an address.

    Raises:
        ValueError: It is neither.
    """
    if told.startswith("/") or "://" not in told:
        return "", told.split("?", 1)[0].split("#", 1)[0]
    try:
        parts = urlsplit(told)
        return (parts.hostname or "").casefold(), parts.path or "/"
    except ValueError:
        raise ValueError("its address is none") from None


def host(told: str) -> str:
    """Return the host of an address, with or without scheme and port.

    Raises:
        ValueError: It is none.
    """
    try:
        return (urlsplit(told if "://" in told else f"//{told}").hostname or "").casefold()
    except ValueError:
        raise ValueError("its host is none") from None


def time(value: Any, unit: str) -> int:
    """Return a moment in microseconds since 1970.

    Raises:
        ValueError: It is none.
    """
    if unit == "iso":
        moment = value if isinstance(value, datetime) else parse_time(str(value or "").strip())
        if moment is None:
            raise ValueError("time is none")
        return since_1970(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    found = whole("time", str(value), LATEST, PER[unit])
    if found is None:
        raise ValueError("time is none")
    return found


def since_1970(moment: datetime) -> int:
    """Return the microseconds of an aware time."""
    return (moment - _EPOCH) // _MICROSECOND


def whole(name: str, told: str, most: int, per: int = 1) -> int | None:
    """Return a figure in whole units; None if nothing is told.

    Raises:
        ValueError: It is no number, or out of range.
        OverflowError: Nor is it once it is in these units.
    """
    if told in ("", "-"):
        return None
    if told.isdecimal() and len(told) < _DIGITS:
        found = int(told) * per
    else:
        found = round(_finite(name, told) * per)
    if not 0 <= found <= most:
        raise ValueError(f"{name} is out of range")
    return found


def _finite(name: str, told: str) -> float:
    try:
        number = float(told)
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or "_" in told:
        raise ValueError(f"{name} is no number")
    return number


def status(told: str) -> int:
    """Return a status.

    Raises:
        ValueError: It is none.
    """
    # Where the log has a place for it and nothing stands there, nothing came.
    return whole("status", "" if told == "nan" else told, STATUSES - 1) or 0
