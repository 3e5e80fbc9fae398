"""What the arithmetic of staleness found, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

_OWNERS: Final = {
    "owned": "owned by somebody who can act",
    "sole_owner": "one owner, and nobody else may edit it",
    "group_owned": "owned by a group",
    "guest_owner": "only a guest owns it",
    "service_principal_owner": "only an application owns it",
    "empty_group": "owned by a group with nobody in it",
    "disabled_owner": "the account of its owner is disabled",
    "departed_owner": "its owner has left",
    "nobody": "nobody owns it",
    "owner_unknown": "who owns it is not known",
}
_USED: Final = {
    "never": "never used, known since {since}",
    "silent": "no use since {since}; what was before could not be read",
    "call": "last call on {day}",
    "action": "last action of a flow on {day}",
    "run": "a flow that uses it last ran on {day}",
    "launch": "an app that uses it was last opened on {day}",
    "reference": "nothing is linked to it; the last link ended, or connection was made, on {day}",
}


def words_of(stored: Mapping[str, Any]) -> str:
    """Return what a part found in words.

    Args:
        stored: A part as `staleness.Part.stored` returns it.
    """
    tell = _TOLD.get(stored["part"])
    return tell(stored["found"], dict(stored.get("values") or {})) if tell else stored["found"]


def _last_use(found: str, values: Mapping[str, Any]) -> str:
    days_told = {name: _read(values[name]) for name in ("day", "since") if name in values}
    text = _USED.get(found, found).format_map(days_told)
    if len(days_told) > 1:
        text += f"; silence is known since {days_told['since']}"
    return text


def _consumers(found: str, values: Mapping[str, Any]) -> str:
    told = [
        counted(values[name], name[:-1]) for name in ("flows", "apps", "agents") if values.get(name)
    ]
    if not told:
        return "no flow, app or agent uses it"
    number = sum(values[name] for name in ("flows", "apps", "agents"))
    text = f"{', '.join(told)} {'uses' if number == 1 else 'use'} it"
    if found == "stopped":
        return f"{text}, {'turned off' if number == 1 else 'all turned off'}"
    stopped = values.get("stopped")
    return f"{text}, {stopped} turned off" if stopped else text


def _connections(found: str, values: Mapping[str, Any]) -> str:
    if found in ("none", "unknown"):
        return "no connection" if found == "none" else "connections were not listed"
    text, broken = counted(values["connections"], "connection"), values["broken"]
    if found == "broken":
        return f"{text}, {'broken' if broken == 1 else 'all broken'}"
    return f"{text}, {broken} broken" if broken else text


def _references(found: str, values: Mapping[str, Any]) -> str:
    if found in ("none", "unknown"):
        none = found == "none"
        return "no connection reference" if none else "connection references were not listed"
    text = counted(values["references"], "connection reference")
    if found == "unbound":
        return f"{text}, {'not bound' if values['references'] == 1 else 'none bound'}"
    return f"{text}, {values['bound']} bound"


def _owner(found: str, _: Mapping[str, Any]) -> str:
    return _OWNERS.get(found, found.replace("_", " "))


def _definition(found: str, values: Mapping[str, Any]) -> str:
    known = found == "changed"
    return f"last changed on {_read(values['day'])}" if known else "when it was last changed is not told"  # fmt: skip


def _environment(found: str, values: Mapping[str, Any]) -> str:
    return f"{values['kind']} environment" if found == "kind" else "type of environment is not told"


_TOLD: Final[Mapping[str, Callable[[str, Mapping[str, Any]], str]]] = {
    "last_use": _last_use,
    "consumers": _consumers,
    "connections": _connections,
    "owner": _owner,
    "references": _references,
    "definition": _definition,
    "environment": _environment,
}


def _read(text: str) -> str:
    return on_day(date.fromisoformat(text))


def on_day(day: date) -> str:
    """Return a day as people read it."""
    return f"{day.day} {day:%b %Y}"


def counted(number: int, what: str) -> str:
    """Return how many of something in words."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def days(number: int) -> str:
    """Return a number of days in words."""
    return counted(number, "day")
