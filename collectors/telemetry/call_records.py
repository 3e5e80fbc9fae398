"""One call, from a record of a log whose columns the settings or a query have named."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

from collectors.telemetry.call import Call
from collectors.telemetry.names import LONGEST
from connectory.domain.identity import parse_time

LATEST: Final = 253_402_300_799_000_000
"""Last moment that any database takes, in microseconds since 1970."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_PER: Final = {"s": 1_000_000, "ms": 1_000, "us": 1}
_LONGEST_DURATION: Final = 86_400_000_000
_MOST_BYTES: Final = 1 << 36
_MOST_WEIGHT: Final = 10_000
"""With these a portion of calls adds up to whole numbers of 63 bits, whatever a log says."""
_DIGITS: Final = 19
_STATUSES: Final = 1000


class CallColumns(Protocol):
    """What the columns of a log tell, as the settings of an access log say it."""

    @property
    def columns(self) -> dict[str, str]:
        """Column by what it tells."""

    @property
    def time_unit(self) -> str:
        """ISO times, or s, ms or us since 1970."""

    @property
    def duration_unit(self) -> str:
        """Unit of durations: s, ms or us."""

    @property
    def address(self) -> str:
        """Host of every call, where no column tells it."""

    @property
    def environment(self) -> str:
        """Environment of every call, where no column tells it."""


def call(record: Mapping[str, Any], log: CallColumns, until: int = LATEST) -> Call:
    """Return the call that a record tells of, which cannot be later than a moment.

    Raises:
        ValueError: It has no time or one that lies ahead, or no path and no operation, or a figure is none.
    """
    columns = log.columns

    def text(name: str) -> str:
        value = record.get(columns[name]) if name in columns else None
        if isinstance(value, (dict, list)):
            raise TypeError(f"{name} holds more than one value")
        if isinstance(value, bytes):
            value = value.decode("utf-8", "replace")
        # No database takes a NUL in a text.
        return "" if value is None else str(value).replace("\x00", "").strip()

    def whole(name: str, most: int, per: int = 1) -> int | None:
        return _whole(name, text(name), most, per)

    host, path = _place(text("path"))
    operation = text("operation")
    if not path and not operation:
        raise ValueError("it names neither a path nor an operation")
    address = _host(text("address")) or host or _host(log.address)
    if not address:
        raise ValueError("it names no host, and neither does the setting address")
    if len(address) > LONGEST:
        raise ValueError("its host is too long to be one")
    at = _time(record.get(columns["time"]), log.time_unit)
    if at > until:
        raise ValueError("time lies ahead")
    return Call(
        at=at,
        event=text("event"),
        address=address,
        environment=(text("environment") or log.environment).casefold(),
        method=text("method").upper() or "GET",
        path=path or "/",
        operation=operation,
        consumer=text("consumer").casefold(),
        caller=text("caller").casefold(),
        connection=text("connection").casefold(),
        status=_status(text("status")) if "status" in columns else None,
        duration=whole("duration", _LONGEST_DURATION, _PER[log.duration_unit]),
        request=whole("request_bytes", _MOST_BYTES),
        response=whole("response_bytes", _MOST_BYTES),
        retries=whole("retries", _STATUSES) or 0,
        weight=max(1, whole("weight", _MOST_WEIGHT) or 1),
    )


def _place(text: str) -> tuple[str, str]:
    """Return host and path of what was called: a path alone, however it begins, or an address."""
    if text.startswith("/") or "://" not in text:
        return "", text.split("?", 1)[0].split("#", 1)[0]
    try:
        told = urlsplit(text)
        return (told.hostname or "").casefold(), told.path or "/"
    except ValueError:
        raise ValueError("its address is none") from None


def _host(text: str) -> str:
    """Return the host of an address, with or without scheme and port."""
    try:
        return (urlsplit(text if "://" in text else f"//{text}").hostname or "").casefold()
    except ValueError:
        raise ValueError("its host is none") from None


def _time(value: Any, unit: str) -> int:
    if unit == "iso":
        moment = value if isinstance(value, datetime) else parse_time(str(value or "").strip())
        if moment is None:
            raise ValueError("time is none")
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return (aware - _EPOCH) // _MICROSECOND
    found = _whole("time", str(value), LATEST, _PER[unit])
    if found is None:
        raise ValueError("time is none")
    return found


def _whole(name: str, text: str, most: int, per: int) -> int | None:
    """Return a figure in whole units; what is wrong is told without the value: it may be a secret."""
    if text in ("", "-"):
        return None
    if text.isdecimal() and len(text) < _DIGITS:
        told = int(text) * per
    else:
        told = round(_finite(name, text) * per)
    if not 0 <= told <= most:
        raise ValueError(f"{name} is out of range")
    return told


def _finite(name: str, text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or "_" in text:
        raise ValueError(f"{name} is no number")
    return number


def _status(text: str) -> int:
    # Where the log has a place for it and nothing stands there, nothing came.
    return _whole("status", "" if text == "nan" else text, _STATUSES - 1, 1) or 0
