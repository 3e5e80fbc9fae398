"""What an honest reader must know of policies over connectors."""

from __future__ import annotations

from typing import Any

Row = dict[str, Any]


def policies(truth: dict[str, Any]) -> dict[str, Any]:
    """Return the simulator's account of policies, narrowed to what bears on custom connectors."""
    return {"data_policies": {row["id"]: _policy(row) for row in truth["data_policies"]}}


def _policy(row: Row) -> Row:
    """Return a policy; one that only the oldest list shows has no patterns anybody could read."""
    return {
        "name": row["name"],
        "system": row["system"],
        "sources": row["sources"],
        "reach": row["reach"],
        "default": row["default"],
        "patterns_read": row["sources"] != ["legacy"],
        "targets_read": True,
        "environments": sorted(name.casefold() for name in row["environments"]),
        "groups": row["groups"],
        "connectors": sorted(
            ((home or "").casefold(), name.casefold(), group)
            for name, home, group in row["connectors"]
            if "-5f" in name.casefold()
        ),
        "patterns": [(pattern, group) for pattern, group in row["patterns"]],
        "rules": sorted(
            (name.casefold(), (home or "").casefold(), kind, subject, allowed)
            for name, home, kind, subject, allowed in row["rules"]
        ),
        "created": _when(row["created"]),
        "modified": _when(row["modified"]),
    }


def _when(text: str | None) -> str | None:
    return text and text.partition(".")[0].removesuffix("+00:00") + "+00:00"
