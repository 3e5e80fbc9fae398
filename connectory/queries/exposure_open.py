"""What no rule decides: about what, where that is, what must be asked, and what to do."""

from __future__ import annotations

import re
from typing import Final

import pandas as pd

from connectory.queries.exposure import Exposure
from connectory.queries.exposure_facts import Tenant
from connectory.queries.frames import Schema, frame

_OPEN: Schema = {
    "kind": "text",
    "subject": "text",
    "environment": "text",
    "question": "text",
    "remedy": "text",
}
_REMEDIES: Final = (
    ("Who owns it?", "Give it an owner in Power Automate, or switch it off."),
    ("Its owner", "Give it an owner who can sign in; What-if tells what that costs."),
    ("Which app starts it?", "Find the app by its trigger and runs; license its users."),
    ("How often", "Let runs of flows be read, or look at its run history."),
    ("Custom connectors are not supported", "Move it to an environment with Dataverse."),
    ("Does the licence held", "Ask whoever sold the licence for its use rights."),
    ("Does ", "Read the terms of that product, or ask whoever sold it."),
)
"""By how a question begins, what answers it."""
_ID: Final = re.compile(r"[\w-]+")


def undecided(told: Exposure) -> pd.DataFrame:
    """Return what no rule decides, by environment and name.

    kind: Person, App or Flow. question: with names in place of ids. remedy: what to do.
    """
    names = told.tenant
    scenario = names.scenario
    places: dict[str, tuple[str, str, int | None]] = {
        scenario.people.users[n].id: ("Person", name, None)
        for n, (name, _) in enumerate(names.people)
    }
    places |= {
        app.id: ("App", name, app.environment)
        for app, name in zip(scenario.apps, names.apps, strict=True)
    }
    places |= {
        flow.id: ("Flow", name, flow.environment)
        for flow, name in zip(scenario.flows, names.flows, strict=True)
    }
    known = _names(names)
    rows = []
    for one in told.estimate.need.review:
        kind, subject, home = places.get(one.subject, ("", one.subject, None))
        if home is None:
            home = _home_named(one.question, places, names)
        where = None if home is None else names.environments[home]
        rows.append((kind, subject, where, _named(one.question, known), _remedy(one.question)))
    rows.sort(key=lambda row: (row[2] or "", row[0], str(row[1]).casefold()))
    return frame(rows, _OPEN)


def _names(names: Tenant) -> dict[str, str]:
    """Return the name behind every id that a question may hold."""
    scenario = names.scenario
    found = {
        user.id: name for user, (name, _) in zip(scenario.people.users, names.people, strict=True)
    }
    found |= {app.id: name for app, name in zip(scenario.apps, names.apps, strict=True)}
    found |= {flow.id: name for flow, name in zip(scenario.flows, names.flows, strict=True)}
    homes = zip(scenario.environments, names.environments, strict=True)
    return found | {home.id: name for home, name in homes}


def _named(question: str, known: dict[str, str]) -> str:
    return _ID.sub(lambda found: known.get(found[0], found[0]), question)


def _home_named(
    question: str, places: dict[str, tuple[str, str, int | None]], names: Tenant
) -> int | None:
    """Return the environment that a question about a person is about."""
    homes = {home.id: number for number, home in enumerate(names.scenario.environments)}
    for word in _ID.findall(question):
        if word in homes:
            return homes[word]
        if word in places and places[word][2] is not None:
            return places[word][2]
    return None


def _remedy(question: str) -> str:
    return next((told for begin, told in _REMEDIES if question.startswith(begin)), "")
