"""What makers call their flows and apps: an everyday phrase about something a system keeps."""

from __future__ import annotations

import random
import re

from connectory.simulator.words import (
    APP_NAMES,
    DEPARTMENTS,
    FLOW_NAMES,
    GERMAN_APP_NAMES,
    GERMAN_FLOW_NAMES,
    GERMAN_SYSTEMS,
    SYSTEMS,
)


def flow_title(rng: random.Random) -> str:
    """Return a display name for a flow, in English or German."""
    return _title(rng, FLOW_NAMES, GERMAN_FLOW_NAMES)


def app_title(rng: random.Random) -> str:
    """Return a display name for an app, in English or German."""
    return _title(rng, APP_NAMES, GERMAN_APP_NAMES)


def _title(rng: random.Random, english: tuple[str, ...], german: tuple[str, ...]) -> str:
    _, label, nouns = rng.choice(SYSTEMS)
    noun = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", rng.choice(nouns))
    phrase = rng.choice(german if label in GERMAN_SYSTEMS else english)
    return phrase.format(noun=noun, department=rng.choice(tuple(DEPARTMENTS)))
