"""Runtime and logical names of connectors and connections, in the spelling of the real tenant."""

from __future__ import annotations

import random
import re

from connectory.simulator.randomness import chance, guid, hexadecimal


def encoded(text: str, limit: int = 60) -> str:
    """Spell `text` as runtime names do: lower case, every other character as `-` and its hex code.

    A space becomes `-20` and an underscore `-5f`; characters beyond ASCII are dropped, as the
    service does when it derives a name from a title.
    """
    kept = "".join(
        char if char.isalnum() else f"-{ord(char):02x}" for char in text.lower() if char.isascii()
    )
    return re.sub(r"-[0-9a-f]?$", "", kept[:limit]) or "connector"


def runtime_name(rng: random.Random, display_name: str) -> str:
    """Return the runtime name of a connector made outside solutions, from its display name."""
    tail = f"{encoded('_' + hexadecimal(rng, 16))}{encoded('_' + hexadecimal(rng, 16))}"
    return f"shared_{encoded(re.sub(r'[^A-Za-z0-9 ]', '', display_name))}{tail}"


def solution_runtime_name(rng: random.Random, logical_name: str) -> str:
    """Return the runtime name a solution-aware connector gets in one environment.

    It starts with the connector's logical name, whose `_5f` stands for an underscore, and each
    environment adds a suffix of its own.
    """
    return (
        f"shared_{encoded(logical_name.replace('_5f', '_'))}{encoded('_' + hexadecimal(rng, 16))}"
    )


def logical_name(prefix: str, display_name: str) -> str:
    """Return the Dataverse logical name a publisher's prefix and a display name give."""
    slug = re.sub(r"[^a-z0-9]", "", display_name.lower())[:40] or "connector"
    return f"{prefix}_5f{slug}"


def connection_name(rng: random.Random, connector: str) -> str:
    """Return a connection's name: 32 hex digits, or the connector's short name and a UUID."""
    if chance(rng, 0.5):
        return hexadecimal(rng, 32)
    return f"shared-{connector.removeprefix('shared_')[:14].strip('-')}-{guid(rng)}"
