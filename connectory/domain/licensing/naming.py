"""Whom the rules name for each app and flow.

Sources: docs/cost-model.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from connectory.domain.licensing.holders import NO, UNCLEAR, Holders
from connectory.domain.licensing.needs import (
    BY_OWNER,
    AppNeeds,
    AppUse,
    FlowNeed,
    Mask,
    Needs,
    Review,
    room_of,
)
from connectory.domain.licensing.rules import DEFAULTS, OpenRules
from connectory.domain.licensing.scenario import (
    App,
    Environment,
    Flow,
    Numbers,
    Scenario,
    among,
)

IN_TEAMS: Final = (
    "Custom connectors are not supported in an environment of Teams; which connector does it use, "
    "and by which licence?"
)


def needs_of(scenario: Scenario, holders: Holders, rules: OpenRules = DEFAULTS) -> Needs:
    """Return what a scenario needs.

    Args:
        scenario: The tenant.
        holders: What its people hold.
        rules: Answers to what is open.
    """
    return Naming(scenario, holders, rules).needs()


class Naming:
    """Goes through apps and flows, and names whom each concerns."""

    def __init__(self, scenario: Scenario, holders: Holders, rules: OpenRules) -> None:
        self._scenario, self._holders, self._rules = scenario, holders, rules
        self._review: dict[Review, None] = {}
        self._warnings: list[str] = []
        self._by_flows = {
            flow.app
            for flow in scenario.flows
            if flow.custom_connector and flow.trigger == "app" and flow.app is not None
        }

    def without(self, needs: Needs, apps: Collection[int], flows: Collection[int]) -> Needs:
        """Return needs with those of some apps and flows named anew, which alone have changed.

        Args:
            needs: As they were.
            apps: Numbers of apps.
            flows: Numbers of flows.
        """
        changed = np.array(sorted(apps), dtype=np.int64)
        asked, used = ~np.isin(needs.apps.app, changed), ~np.isin(needs.use.app, changed)
        pairs = [self._app(number, self._scenario.apps[number]) for number in sorted(apps)]
        use = [self._use(number, self._scenario.apps[number]) for number in sorted(apps)]
        told = needs.apps
        left = AppNeeds(
            told.person[asked], told.app[asked], told.custom[asked], told.managed[asked]
        )
        counted = (needs.use.person[used], needs.use.app[used], needs.use.by_automate[used])
        kept = [one for one in needs.flows if one.flow not in flows]
        again = [
            need
            for number in sorted(flows)
            if (need := self._flow(number, self._scenario.flows[number])) is not None
        ]
        kept += again
        return Needs(
            _together([left, *pairs]),
            AppUse(*_joined([counted, *use])),
            self._with_spare(kept),
            _concerned=None if again else needs.concerned.without(flows),
        )

    def needs(self) -> Needs:
        """Return what everybody needs."""
        pairs, use = [], []
        for number, app in enumerate(self._scenario.apps):
            pairs.append(self._app(number, app))
            use.append(self._use(number, app))
        flows = [
            need for number, flow in enumerate(self._scenario.flows)
            if (need := self._flow(number, flow)) is not None
        ]  # fmt: skip
        return Needs(
            _together(pairs),
            AppUse(*_joined(use)),
            self._with_spare(flows),
            list(self._review),
            self._warnings,
        )

    def _note(self, subject: str, question: str) -> None:
        self._review[Review(subject, question)] = None

    def _home(self, asset: App | Flow) -> Environment:
        return self._scenario.environments[asset.environment]

    def premium(self, number: int, app: App) -> bool:
        """Tell whether an app takes a premium licence, if its environment does not free it."""
        home = self._home(app)
        custom = app.custom_connector or number in self._by_flows
        return custom and not (home.type == "Developer" and not home.managed)

    # --- apps

    def _app(self, number: int, app: App) -> AppNeeds:
        """Return who needs a licence for an app, and by which rules."""
        home, holders = self._home(app), self._holders
        named = app.users if self._scenario.basis == "access" else app.active
        who = named[holders.enabled(named)]
        active = among(who, app.active)
        custom = np.zeros(len(who), dtype=np.bool_)
        if self.premium(number, app):
            if home.type == "Teams":
                self._note(app.id, IN_TEAMS)
                return _together([])
            custom = ~holders.may_run(who, app, home)
            custom &= ~self._undecided(who, custom, app, home)
        managed = np.zeros(len(who), dtype=np.bool_)
        if home.managed:
            told = holders.managed(who, app)
            managed = active & (told == NO) & ~holders.may_run(who, app, home)
            for person in who[active & (told == UNCLEAR) & ~custom]:
                self._note(
                    self._scenario.people.name(int(person)),
                    f"Does the licence held let them use apps of the managed environment {home.id}?",
                )
        needed = custom | managed
        places = np.full(int(needed.sum()), number)
        return AppNeeds(who[needed], places, custom[needed], managed[needed])

    def _undecided(self, who: Numbers, asked: Mask, app: App, home: Environment) -> Mask:
        """Note people of whom a licence may or may not cover an app, and return who they are."""
        unclear = asked & self._holders.unclear(who, app, home)
        for person in who[unclear]:
            product = self._holders.unclear_product(int(person))
            self._note(
                self._scenario.people.name(int(person)),
                f"Does {product} cover the app {app.id}, which has a custom connector?",
            )
        return unclear

    def _use(self, number: int, app: App) -> tuple[Numbers, Numbers, Mask]:
        """Return who the meter of an environment counts for an app, if it is on."""
        home, holders = self._home(app), self._holders
        if app.opted_out or home.type == "Teams":
            return _none()
        who = app.active[holders.enabled(app.active)]
        counted = ~holders.unmetered(who, app, home, self._rules)
        standard = not self.premium(number, app)
        if standard:
            # Who is covered by anything premium, or may be, is not billed for such an app.
            counted &= holders.managed(who, app) == NO
            counted &= home.managed
        else:
            counted &= ~holders.unclear(who, app, home) | holders.may_run(who, app, home)
        by_automate = np.full(len(who), standard)
        return who[counted], np.full(int(counted.sum()), number), by_automate[counted]

    # --- flows

    def _flow(self, number: int, flow: Flow) -> FlowNeed | None:
        """Return what a flow needs; None if it needs nothing, or that cannot be decided."""
        home = self._home(flow)
        if not flow.custom_connector or (home.type == "Developer" and not home.managed):
            return None
        if home.type == "Teams":
            self._note(flow.id, IN_TEAMS)
            return None
        known = self._owner(flow)
        need = self._named(number, flow) if known and not flow.process_licensed else None
        if need is None or not (need.asked or need.costs):
            return None
        if need.billed is not None and flow.runs is None:
            self._note(flow.id, "How often does it run in a month? Its runs are billed.")
            return None
        return need

    def _named(self, number: int, flow: Flow) -> FlowNeed | None:
        home, nobody = self._home(flow), np.empty(0, dtype=np.int64)
        if flow.service_principal is not None:
            if flow.d365_context_only:
                return None
            billed = nobody if home.runs_metered else None
            return FlowNeed(number, nobody, unowned=True, billed=billed)
        if flow.trigger == "app":
            if flow.app is None:
                self._note(flow.id, "Which app starts it? Whoever uses that needs a licence.")
            return None
        people, app = self.concerned(flow), flow.associated_app
        if app is not None:
            people = people[~self._covered_by(people, app)]
        unlicensed = people[~self._holders.may_flow(people, flow, metered=False, rules=self._rules)]
        lacking = unlicensed[~self._flow_undecided(flow, unlicensed)]
        if not home.runs_metered or self._by_app_meter(app):
            return FlowNeed(number, lacking, app=app)
        billed = people[~self._holders.may_flow(people, flow, metered=True, rules=self._rules)]
        return FlowNeed(
            number, lacking, app=app, billed=np.setdiff1d(billed, np.setdiff1d(unlicensed, lacking))
        )

    def _by_app_meter(self, number: int | None) -> bool:
        """Tell whether the app meter covers what is associated to an app."""
        if number is None:
            return False
        app = self._scenario.apps[number]
        return self._home(app).metered and not app.opted_out

    def _owner(self, flow: Flow) -> bool:
        """Note a flow whose owner cannot sign in, or is not told where it matters.

        Returns:
            Whether it is known on whose licence the flow runs. That of one that is started by hand
            or by an app is not its owner's, who is then for a person to look at, and not the flow.
        """
        if flow.service_principal is not None:
            return True
        by_owner = flow.trigger in BY_OWNER
        if flow.owner is None:
            if by_owner:
                self._note(flow.id, "Who owns it? It runs on the licence of its owner.")
            return not by_owner
        if not self._holders.enabled(np.array([flow.owner]))[0]:
            name = self._scenario.people.name(flow.owner)
            if by_owner:
                self._note(flow.id, f"Its owner {name} is disabled; who takes it over?")
            else:
                self._note(name, f"The owner of {flow.id} is disabled; who takes it over?")
            self._warnings.append(
                f"flow {flow.id}: its owner {name} is disabled; a premium flow is switched off "
                "14 days after its owner lost the licence"
            )
            return not by_owner
        return True

    def concerned(self, flow: Flow) -> Numbers:
        """Return whom the rules name of a flow that no app triggers."""
        if flow.trigger == "instant":
            named = [flow.invokers]
        else:
            owner = [] if flow.owner is None else [flow.owner]
            named = [np.array(owner, dtype=np.int64), flow.credential_holders]
            if flow.trigger_users_receive_output:
                named.append(flow.trigger_users)
        people = np.unique(np.concatenate(named))
        return people[self._holders.enabled(people)]

    def _covered_by(self, people: Numbers, number: int) -> Mask:
        """Tell who may use a flow because of what they hold for the app it is associated to."""
        app = self._scenario.apps[number]
        return self._holders.may_run(people, app, self._home(app))

    def _flow_undecided(self, flow: Flow, people: Numbers) -> Mask:
        unclear = self._holders.flow_unclear(people)
        for person in people[unclear]:
            product = self._holders.unclear_product(int(person))
            self._note(
                self._scenario.people.name(int(person)), f"Does {product} cover the flow {flow.id}?"
            )
        return unclear

    def _with_spare(self, needs: list[FlowNeed]) -> list[FlowNeed]:
        """Return the needs, those marked for which a Process licence that is held has room.

        Flows that no person can cover come first, then those that concern most people.
        """
        groups: dict[tuple[int, str], list[FlowNeed]] = defaultdict(list)
        for need in needs:
            if key := self._group(need):
                groups[key].append(need)
        room = room_of(self._scenario)
        spare: set[int] = set()
        for key, members in groups.items():
            members.sort(
                key=lambda need: (
                    len(need.people) > 0, -len(need.people), self._scenario.flows[need.flow].id
                )
            )  # fmt: skip
            spare |= {need.flow for need in members[: room.get(key, 0)]}
        return [
            need if need.spare is (need.flow in spare) else replace(need, spare=not need.spare)
            for need in needs
        ]

    def _group(self, need: FlowNeed) -> tuple[int, str] | None:
        flow = self._scenario.flows[need.flow]
        return (flow.environment, flow.process_group) if flow.process_group else None


def _none() -> tuple[Numbers, Numbers, Mask]:
    nobody = np.empty(0, dtype=np.int64)
    return nobody, nobody, np.empty(0, dtype=np.bool_)


def _joined(parts: Sequence[tuple[Numbers, Numbers, Mask]]) -> tuple[Numbers, Numbers, Mask]:
    """Return three columns, each of all the parts."""
    some = [_none(), *parts]
    return (
        np.concatenate([one[0] for one in some]),
        np.concatenate([one[1] for one in some]),
        np.concatenate([one[2] for one in some]),
    )


def _together(parts: Sequence[AppNeeds]) -> AppNeeds:
    some = [AppNeeds(*_none(), managed=np.empty(0, dtype=np.bool_)), *parts]
    return AppNeeds(
        np.concatenate([one.person for one in some]),
        np.concatenate([one.app for one in some]),
        np.concatenate([one.custom for one in some]),
        np.concatenate([one.managed for one in some]),
    )
