"""Asking Log Analytics or Application Insights: one query, all of its rows or none.

Such a service answers 200 also where it gave up midway, with an error beside the rows, and cuts
what is too much without a word; rows come without names, in the order of columns told beside them.
https://learn.microsoft.com/azure/azure-monitor/logs/api/response-format
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from collectors.api.client import Api
from collectors.api.errors import ApiError, BadReply, PartialReply
from connectory.telemetry_settings import QueriedLog

Record = Mapping[str, Any]


class Incomplete(ApiError):
    """The answer is not the whole one: too many rows, or the service gave up midway.

    Args:
        what: What happened.
        where: The log.
        cure: What to do.
        crowded: There were more rows than were asked for; a shorter window has fewer.
    """

    def __init__(self, what: str, where: str, cure: str, *, crowded: bool = False) -> None:
        super().__init__(what, where, cure)
        self.crowded = crowded


def moment(value: datetime) -> str:
    """Return a time as a query writes it."""
    return f"datetime({value.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z)"


def ask(api: Api, log: QueriedLog, query: str, most: int) -> list[Record]:
    """Return the rows that answer a query, fewer than `most`.

    Raises:
        Incomplete: Not all of them came.
        ApiError: Any of its kinds.
    """
    family, kind = ("loganalytics", "workspaces") if log.workspace else ("appinsights", "apps")
    path = f"/v1/{kind}/{log.workspace or log.app}/query"
    try:
        reply = api.post_json(family, path, {"query": f"{query}\n| take {most}"})
    except PartialReply as error:
        raise Incomplete(error.what, path, "the window is asked for again in halves") from error
    if not isinstance(reply, dict):
        raise BadReply("the answer to a query is none", path, "it is asked again next time")
    rows = _rows(reply, path)
    if len(rows) >= most:
        raise Incomplete(
            f"there are {most} rows or more",
            path,
            "the window is asked for again in halves",
            crowded=True,
        )
    return rows


def _rows(reply: Mapping[str, Any], path: str) -> list[Record]:
    try:
        tables = reply["tables"]
        table = next((one for one in tables if one["name"] == "PrimaryResult"), tables[0])
        names = [str(column["name"]) for column in table["columns"]]
        return [dict(zip(names, row, strict=True)) for row in table["rows"]]
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise BadReply(
            "the answer to a query holds no table", path, "it is asked again next time"
        ) from error
