"""Where the verdict of licensing on somebody differs from what was planted for them."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sqlalchemy import Engine

from connectory.database import reading
from connectory.domain.licensing.estimate import estimate
from connectory.domain.licensing.scenario import Basis
from connectory.domain.licensing.verdicts import Verdict, verdicts
from connectory.queries.exposure_facts import tenant
from connectory.queries.moments import latest

Row = dict[str, Any]


def told(engine: Engine, basis: Basis) -> tuple[dict[str, list[Verdict]], set[str]]:
    """Return the verdicts on everybody by person, and the flows that lack what can cover them."""
    with reading(engine) as connection:
        moment = latest(connection)
        assert moment is not None
        found = tenant(connection, moment, None, basis)
    by_person: dict[str, list[Verdict]] = {user.id: [] for user in found.scenario.people.users}
    flows: set[str] = set()
    for one in verdicts(estimate(found.scenario)):
        if one.person is not None:
            by_person[found.scenario.people.users[one.person].id].append(one)
        elif one.state == "need":
            flows.add(found.scenario.flows[one.number].id)
    return by_person, flows


def licence_differences(engine: Engine, truth: Row, basis: Basis) -> list[str]:
    """Return every difference between the verdicts of the engine and those that were planted."""
    found, flows = told(engine, basis)
    rows = {row["person_id"].casefold(): row for row in truth["licence_verdicts"]}
    # Whom the recycle bin has forgotten nobody can know.
    lines = [f"invents {one}" for one in sorted(found.keys() - rows.keys())]
    lines += [
        f"lacks {one} of {rows[one]['case']}"
        for one in sorted(rows.keys() - found.keys())
        if rows[one]["case"] != "has-left"
    ]
    shared: dict[tuple[int, str], list[bool]] = defaultdict(list)
    for one in sorted(rows.keys() & found.keys()):
        row, mine = rows[one], found[one]
        if row["shares"] is not None:
            shared[row["group"], row["role"]].append(any(v.state == "need" for v in mine))
        elif problem := _difference(row, mine, basis):
            lines.append(f"{row['case']}, {row['role']} {one}: {problem}")
    for (group, role), lacking in shared.items():
        passes = next(
            r["shares"] for r in rows.values() if (r["group"], r["role"]) == (group, role)
        )
        if lacking.count(False) != passes:
            lines.append(f"{role} of case {group}: {lacking.count(False)} covered, not {passes}")
    planted = {row["flow"].casefold() for row in truth["licence_verdicts_of_flows"]}
    return lines + [f"flow {one}" for one in sorted(planted ^ flows)]


def _difference(row: Row, mine: list[Verdict], basis: Basis) -> str:
    wanted = row[basis]
    needs = sorted({one.rule for one in mine if one.state == "need"})
    if needs != wanted["needs"]:
        return f"needs {needs}, not {wanted['needs']}"
    questions = {one.question for one in mine if one.state == "review"}
    word = wanted["review"]
    if bool(questions) != bool(word) or not all(word in one for one in questions):
        return f"asks {questions}, not of {word!r}"
    covered = {
        (one.rule, one.by or one.state) for one in mine if one.state not in ("need", "review")
    }
    planted = {tuple(pair) for pair in wanted["covered"]}
    might = {tuple(pair) for pair in row["may_be_covered"]}
    return "" if planted <= covered <= planted | might else f"covered {covered}, not {planted}"
