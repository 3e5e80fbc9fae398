"""The verdict on each person: which rules ask for cover because of which assets, and what gives it.

It tells what an estimate comes to for one person after another and decides nothing of its own: who
lacks what is decided in naming.py, and where passes go in held.py.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np

from connectory.domain.licensing.estimate import Estimate
from connectory.domain.licensing.naming import Naming
from connectory.domain.licensing.needs import (
    CUSTOM_APP,
    CUSTOM_FLOW,
    MANAGED,
    PRINCIPAL_FLOW,
    FlowNeed,
)
from connectory.domain.licensing.rules import DEFAULTS, OpenRules
from connectory.domain.licensing.scenario import Flow, Numbers

State = Literal["licence", "pass", "app meter", "run meter", "process", "review", "need"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """That a rule asks for cover because of an asset, and what gives it or that nothing does.

    Attributes:
        person: Number of the person; None of a flow that no person can cover.
        rule: Which rule asks.
        asset: Whether an app or a flow is why.
        number: Its number.
        state: What covers; `need` where nothing does, `review` where a person must say.
        by: Part number of the licence that covers, beside `licence`.
        question: What must be asked, beside `review`.
    """

    person: int | None
    rule: str
    asset: Literal["app", "flow"]
    number: int
    state: State
    by: str = ""
    question: str = ""


def verdicts(told: Estimate, rules: OpenRules = DEFAULTS) -> Iterator[Verdict]:
    """Yield the verdict on everybody whom a rule names, asset by asset.

    Args:
        told: The estimate.
        rules: Answers to what is open, as it was made with.
    """
    telling = _Telling(told, rules)
    for number in range(len(told.scenario.apps)):
        yield from telling.app(number)
    for number in range(len(told.scenario.flows)):
        yield from telling.flow(number)


def uncovered(told: Estimate, rules: OpenRules = DEFAULTS) -> Iterator[Verdict]:
    """Yield the verdicts on those who hold no licence for an asset: what covers them, or `need`.

    Args:
        told: The estimate.
        rules: Answers to what is open, as it was made with.
    """
    telling, asked = _Telling(told, rules), told.needs.apps
    columns = (asked.person.tolist(), asked.app.tolist(), asked.custom.tolist())
    for person, number, custom in zip(*columns, strict=True):
        yield Verdict(
            person, CUSTOM_APP if custom else MANAGED, "app", number, telling.gap(person, number)
        )
    for need in told.needs.flows:
        if need.unowned:
            yield Verdict(None, PRINCIPAL_FLOW, "flow", need.flow, _without_people(need))
        for person in need.people.tolist():
            yield Verdict(person, CUSTOM_FLOW, "flow", need.flow, telling.flow_gap(person, need))


class _Telling:
    """Tells what covers whom."""

    def __init__(self, told: Estimate, rules: OpenRules) -> None:
        self._told, self._scenario, self._holders = told, told.scenario, told.holders
        self._naming = Naming(told.scenario, told.holders, rules)
        self._lacking = set(told.need.people)
        asked = told.needs.apps
        columns = (asked.person.tolist(), asked.app.tolist(), asked.custom.tolist())
        self._asked = {(person, app): custom for person, app, custom in zip(*columns, strict=True)}
        self._flows = {need.flow: need for need in told.needs.flows}
        self._questions: defaultdict[str, list[str]] = defaultdict(list)
        for review in told.needs.review:
            self._questions[review.subject].append(review.question)

    # --- apps

    def app(self, number: int) -> Iterator[Verdict]:
        """Yield the verdicts because of an app."""
        app = self._scenario.apps[number]
        home = self._scenario.environments[app.environment]
        who = app.users[self._holders.enabled(app.users)]
        active = np.isin(who, app.active, assume_unique=True)
        premium = self._naming.premium(number, app)
        if premium:
            for person in (who if self._scenario.basis == "access" else who[active]).tolist():
                yield self._of_app(person, number, CUSTOM_APP)
        if home.managed and not (premium and home.type == "Teams"):
            for person in who[active].tolist():
                # Who lacks a licence for premium apps has that told of already.
                if not self._asked.get((person, number), False):
                    yield self._of_app(person, number, MANAGED)

    def _of_app(self, person: int, number: int, rule: str) -> Verdict:
        tell = partial(Verdict, person, rule, "app", number)
        app = self._scenario.apps[number]
        home = self._scenario.environments[app.environment]
        if (person, number) in self._asked:
            return tell(self.gap(person, number))
        by = ""
        if rule == MANAGED:
            by = self._holders.managed_by(person, app)
        elif home.type != "Teams":
            by = self._holders.run_by(person, app, home)
        if by:
            return tell("licence", by)
        return tell("review", question=self._question(person, app.id, home.id))

    def gap(self, person: int, number: int) -> State:
        """Return what covers somebody who holds no licence for an app."""
        app = self._scenario.apps[number]
        if self._scenario.environments[app.environment].metered and not app.opted_out:
            return "app meter"
        return "need" if person in self._lacking else "pass"

    # --- flows

    def flow(self, number: int) -> Iterator[Verdict]:
        """Yield the verdicts because of a flow."""
        flow, need = self._scenario.flows[number], self._flows.get(number)
        if need is not None and need.unowned:
            yield Verdict(None, PRINCIPAL_FLOW, "flow", number, _without_people(need))
            return
        for person in self._named(flow).tolist():
            tell = partial(Verdict, person, CUSTOM_FLOW, "flow", number)
            if flow.process_licensed:
                yield tell("process")
            elif need is not None and person in need.people:
                yield tell(self.flow_gap(person, need))
            elif by := self._flow_licence(person, flow):
                yield tell("licence", by)
            else:
                yield tell("review", question=self._question(person, flow.id))

    def _named(self, flow: Flow) -> Numbers:
        """Return whom the rules name of a flow; those of one that an app starts are of the app."""
        home = self._scenario.environments[flow.environment]
        free = home.type == "Developer" and not home.managed
        if not flow.custom_connector or free or flow.service_principal or flow.trigger == "app":
            return np.empty(0, dtype=np.int64)
        return self._naming.concerned(flow)

    def _flow_licence(self, person: int, flow: Flow) -> str:
        if self._scenario.environments[flow.environment].type == "Teams":
            return ""
        if by := self._holders.flow_by(person, flow):
            return by
        if flow.associated_app is None:
            return ""
        app = self._scenario.apps[flow.associated_app]
        return self._holders.run_by(person, app, self._scenario.environments[app.environment])

    def flow_gap(self, person: int, need: FlowNeed) -> State:
        """Return what covers somebody who holds no licence for a flow."""
        if need.spare:
            return "process"
        if need.billed is not None:
            return "run meter"
        return "need" if need.app is None else self.gap(person, need.app)

    def _question(self, person: int, *about: str) -> str:
        """Return what must be asked of somebody because of an asset, or of the asset alone."""
        mine = self._questions[self._scenario.people.name(person)]
        told = [one for one in mine if any(name in one for name in about)]
        return next(iter([*told, *self._questions[about[0]], *mine]), "")


def _without_people(need: FlowNeed) -> State:
    if need.spare:
        return "process"
    return "need" if need.billed is None else "run meter"
