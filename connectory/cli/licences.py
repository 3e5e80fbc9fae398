"""The answer on licences in one line of a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectory.domain.licensing.payload import amount


def told(answer: Mapping[str, Any]) -> str:
    """Return what licences are needed and what they cost, or why that is not known.

    Args:
        answer: Columns of the answer as they are stored.
    """
    if answer["reason"] is not None:
        return f"licences: not reckoned: {answer['reason']}"
    proof = "" if answer["proven"] else ", not proven to be the cheapest"
    return (
        f"licences: {answer['people']:,} people and {answer['flows']:,} flows need cover; the "
        f"cheapest plan is {amount(answer['monthly'])} {answer['currency']} a month{proof}; metered now: "
        f"{amount(answer['metered_now'])}"
    )
