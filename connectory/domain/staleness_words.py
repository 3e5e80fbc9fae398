"""What the arithmetic of staleness found, in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

_FOUND: Final = {
    ("consumers", "none"): "no flow, app or agent uses it",
    ("consumers", "stopped"): "{many} use it, all turned off",
    ("consumers", "some"): "{many} use it{stopped}",
    ("connections", "unknown"): "connections were not listed",
    ("connections", "none"): "no connections",
    ("connections", "broken"): "{connections} connections, all broken",
    ("connections", "some"): "{connections} connections, {broken} of them broken",
    ("owner", "empty_group"): "owned by a group with nobody in it",
    ("references", "unknown"): "connection references were not listed",
    ("references", "none"): "no connection references",
    ("references", "unbound"): "{references} connection references, none of them bound",
    ("references", "some"): "{references} connection references, {bound} of them bound",
    ("definition", "unknown"): "when it was last changed is not told",
    ("definition", "changed"): "last changed on {day}",
    ("environment", "unknown"): "type of environment is not told",
    ("environment", "kind"): "{kind} environment",
    ("last_use", "never"): "never used, known since {since}",
    ("last_use", "silent"): "no use since {since}; what was before could not be read",
    ("last_use", "call"): "last call on {day}",
    ("last_use", "action"): "last action of a flow on {day}",
    ("last_use", "run"): "a flow that uses it last ran on {day}",
    ("last_use", "launch"): "an app that uses it was last opened on {day}",
    (
        "last_use",
        "reference",
    ): "nothing is linked to it; the last link ended, or connection was made, on {day}",
}


def words_of(stored: Mapping[str, Any]) -> str:
    """Return what a part found in words.

    Args:
        stored: A part as `staleness.Part.stored` returns it.
    """
    part, found, values = stored["part"], stored["found"], dict(stored.get("values") or {})
    pattern = _FOUND.get((part, found))
    if pattern is None:
        return f"owner: {found.replace('_', ' ')}" if part == "owner" else found
    stopped = values.get("stopped")
    told = {
        **values,
        **{name: on_day(date.fromisoformat(values[name])) for name in ("day", "since") if name in values},
        "many": _many(values),
        "stopped": f", {stopped} turned off" if stopped else "",
    }  # fmt: skip
    text = pattern.format_map(told)
    if part == "last_use" and "since" in values and "day" in values:
        text += f"; silence is known since {told['since']}"
    return text


def _many(values: Mapping[str, Any]) -> str:
    told = [
        f"{values[name]} {name if values[name] != 1 else name[:-1]}"
        for name in ("flows", "apps", "agents")
        if values.get(name)
    ]
    return ", ".join(told)


def on_day(day: date) -> str:
    """Return a day as people read it."""
    return f"{day:%d %b %Y}"


def days(number: int) -> str:
    """Return a number of days in words."""
    return f"{number} day" if number == 1 else f"{number} days"
