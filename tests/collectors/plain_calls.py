"""Calls read one record at a time and one value at a time: what reading them together must give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from collectors.telemetry.call import Call
from collectors.telemetry.call_records import CallColumns
from collectors.telemetry.call_values import (
    EARLIEST,
    LONGEST_DURATION,
    MOST_BYTES,
    MOST_WEIGHT,
    PER,
    REFUSALS,
    STATUSES,
    host,
    place,
    status,
    text,
    time,
    whole,
)
from collectors.telemetry.names import LONGEST


def calls(
    records: Sequence[Mapping[str, Any]], log: CallColumns, until: int
) -> tuple[list[Call], dict[int, str]]:
    """Return the calls of records, and why others hold none, by their places."""
    found, refused = [], {}
    for number, record in enumerate(records):
        try:
            found.append(call(record, log, until))
        except REFUSALS as error:
            refused[number] = str(error)
    return found, refused


def call(record: Mapping[str, Any], log: CallColumns, until: int) -> Call:
    """Return the call that a record tells of."""
    columns = log.columns

    def said(name: str) -> str:
        return text(name, record.get(columns[name]) if name in columns else None)

    def figure(name: str, most: int, per: int = 1) -> int | None:
        return whole(name, said(name), most, per)

    beside, path = place(said("path"))
    operation = said("operation")
    if not path and not operation:
        raise ValueError("it names neither a path nor an operation")
    address = host(said("address")) or beside or host(log.address)
    if not address:
        raise ValueError("it names no host, and neither does the setting address")
    if len(address) > LONGEST:
        raise ValueError("its host is too long to be one")
    at = time(record.get(columns["time"]), log.time_unit)
    if at > until:
        raise ValueError("time lies ahead")
    if at < EARLIEST:
        raise ValueError("time lies before 2015")
    return Call(
        at=at,
        event=said("event"),
        address=address,
        environment=(said("environment") or log.environment).casefold(),
        method=said("method").upper() or "GET",
        path=path or "/",
        operation=operation,
        consumer=said("consumer").casefold(),
        caller=said("caller").casefold(),
        connection=said("connection").casefold(),
        status=status(said("status")) if "status" in columns else None,
        duration=figure("duration", LONGEST_DURATION, PER[log.duration_unit]),
        request=figure("request_bytes", MOST_BYTES),
        response=figure("response_bytes", MOST_BYTES),
        retries=figure("retries", STATUSES) or 0,
        weight=max(1, figure("weight", MOST_WEIGHT) or 1),
    )
