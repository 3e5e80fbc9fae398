"""Random numbers of the simulated tenant: seeded, and one stream per purpose."""

from __future__ import annotations

import random
import uuid
from datetime import datetime, timedelta


def stream(seed: int, *purpose: object) -> random.Random:
    """Return the random numbers reserved for one purpose under `seed`.

    Each part of the tenant draws from its own stream, so that adding to one part leaves the
    others as they were.
    """
    return random.Random("/".join(str(part) for part in (seed, *purpose)))


def chance(rng: random.Random, share: float) -> bool:
    """Return True in the given share (0 to 1) of draws."""
    return rng.random() < share


def moment(rng: random.Random, now: datetime, days_from: float, days_to: float) -> datetime:
    """Return a moment between `days_from` and `days_to` days before `now`."""
    return now - timedelta(days=rng.uniform(days_from, days_to))


def guid(rng: random.Random) -> str:
    """Return a lower-case UUID of version 4 drawn from `rng`."""
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))


def hexadecimal(rng: random.Random, digits: int) -> str:
    """Return `digits` lower-case hexadecimal digits drawn from `rng`."""
    return f"{rng.getrandbits(4 * digits):0{digits}x}"
