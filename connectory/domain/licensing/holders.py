"""What people hold, as columns over everybody: one look for all who use an app."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from connectory.domain.licensing.products import NO_RIGHTS, Products, Rights
from connectory.domain.licensing.rules import OpenRules
from connectory.domain.licensing.scenario import App, Environment, Flow, Numbers, Scenario, User

Mask = NDArray[np.bool_]
NO, UNCLEAR, YES = 0, 1, 2
_MANAGED: Final = {"no": NO, "unclear": UNCLEAR, "yes": YES}


@dataclass(frozen=True, slots=True)
class _Held:
    """What the users of one kind may do here, and by licences at home."""

    here: Rights
    home: Rights


class Holders:
    """What the people of a scenario hold.

    Args:
        scenario: The tenant.
        known: Products that are known; what else is held is noted there.
    """

    def __init__(self, scenario: Scenario, known: Products) -> None:
        self._scenario, self._known = scenario, known
        self._of = scenario.people.user_of
        self._users = scenario.people.users
        self._held = self._rights()
        self._enabled = self._column(lambda user, _: user.enabled)
        self._app = self._column(lambda _, held: held.here.app)
        self._home_app = self._column(lambda _, held: held.home.app and not held.home.app_on_trial)
        self._flow = self._column(lambda _, held: held.here.flow or held.home.flow)
        self._flow_unmetered = self._column(lambda _, held: held.here.flow_unmetered)
        self._in_context = self._column(lambda _, held: held.here.flow_in_context)
        self._trial = self._column(lambda _, held: held.here.app_on_trial)
        self._app_unmetered = self._column(lambda _, held: held.here.app_unmetered)
        self._unclear = self._column(lambda _, held: bool(held.here.app_unclear))
        self._flow_unclear = self._column(lambda _, held: bool(held.here.flow_unclear))
        self._managed = self._numbers(lambda held: _MANAGED[held.here.managed])
        self._home_managed = self._numbers(lambda held: _MANAGED[held.home.managed])
        self._by_product: dict[tuple[str, str], Mask] = {}

    def _rights(self) -> list[_Held]:
        """Return what each user holds; what is held alike is worked out once."""
        known: dict[tuple[object, ...], _Held] = {}
        found = []
        for user in self._users:
            key = (
                user.skus, user.disabled_plans, user.trial_until, user.guest,
                user.home_skus, user.home_cloud_same,
            )  # fmt: skip
            held = known.get(key)
            if held is None:
                held = known[key] = self._held_by(user)
            found.append(held)
        return found

    def _held_by(self, user: User) -> _Held:
        day = self._scenario.as_of
        here = self._known.rights(user.skus, user.disabled_plans, day, user.trial_until)
        if not (user.guest and user.home_cloud_same):
            return _Held(here, NO_RIGHTS)
        return _Held(here, self._known.rights(user.home_skus, (), day))

    def _column(self, tell: Callable[[User, _Held], bool]) -> Mask:
        told = [tell(user, held) for user, held in zip(self._users, self._held, strict=True)]
        return np.array(told, dtype=np.bool_)

    def _numbers(self, tell: Callable[[_Held], int]) -> NDArray[np.int8]:
        return np.array([tell(held) for held in self._held], dtype=np.int8)

    def enabled(self, who: Numbers) -> Mask:
        """Tell who can sign in."""
        return self._enabled[self._of[who]]

    def may_run(self, who: Numbers, app: App, home: Environment) -> Mask:
        """Tell who may run an app though it has a custom connector.

        A guest's licence at home counts where the app does not touch Dataverse.
        """
        users = self._of[who]
        found = self._app[users] | self._context("context", users, app, home)
        return found if app.dataverse else found | self._home_app[users]

    def unclear(self, who: Numbers, app: App, home: Environment) -> Mask:
        """Tell of whom a person must say whether a licence they hold lets them run an app."""
        users = self._of[who]
        return self._unclear[users] | self._context("limited", users, app, home)

    def _context(self, kind: str, users: Numbers, app: App, home: Environment) -> Mask:
        """Tell who holds the Dynamics 365 product whose app an app extends in its environment."""
        extended = self._known.of(app.extends) if app.extends else None
        if extended is None or extended not in [self._known.of(name) for name in home.d365]:
            return np.zeros(len(users), dtype=np.bool_)
        column = self._by_product.get((kind, extended.id))
        if column is None:
            column = self._column(lambda _, held: extended.id in getattr(held.here, kind))
            self._by_product[kind, extended.id] = column
        return column[users]

    def unclear_product(self, person: int) -> str:
        """Return the product of a person of which it is open what it gives a right to."""
        user = int(self._of[person])
        rights = self._held[user].here
        named = rights.app_unclear or rights.flow_unclear
        limited = next((self._known.of(guid) for guid in sorted(rights.limited)), None)
        return named or (limited.part if limited is not None else "the licence held")

    def managed(self, who: Numbers, app: App) -> NDArray[np.int8]:
        """Tell who may use apps of a managed environment: 0 no, 1 not decided, 2 yes."""
        users = self._of[who]
        here = self._managed[users]
        return here if app.dataverse else np.maximum(here, self._home_managed[users])

    def unmetered(self, who: Numbers, app: App, home: Environment, rules: OpenRules) -> Mask:
        """Tell whom the app meter leaves out of any app, or of this one."""
        users = self._of[who]
        found = self._app_unmetered[users] | self._context("context", users, app, home)
        if rules.meter_honours_trials:
            found |= self._trial[users]
        if rules.meter_honours_home_premium and not app.dataverse:
            found |= self._home_app[users]
        return found

    def may_flow(self, who: Numbers, flow: Flow, *, metered: bool, rules: OpenRules) -> Mask:
        """Tell who may own or run a flow though it has a custom connector.

        Args:
            who: People it concerns.
            flow: The flow.
            metered: Tell instead for whose sake its runs are not billed.
            rules: Answers to what is open.
        """
        users = self._of[who]
        strict = metered and rules.run_meter_bills_old_plans
        found = self._flow_unmetered[users] if strict else self._flow[users]
        return found | self._in_context[users] if flow.d365_context_only else found

    def run_by(self, person: int, app: App, home: Environment) -> str:
        """Return the part number of what lets somebody run an app; empty if nothing held does."""
        extended = self._known.of(app.extends) if app.extends else None
        there = extended in [self._known.of(name) for name in home.d365]
        context = extended.id if extended is not None and there else ""

        def grants(rights: Rights) -> bool:
            return rights.app or context in rights.context

        def at_home(rights: Rights) -> bool:
            return rights.app and not rights.app_on_trial and not app.dataverse

        return self._part(person, grants, at_home)

    def managed_by(self, person: int, app: App) -> str:
        """Return the part number of what lets somebody use apps of managed environments."""

        def grants(rights: Rights) -> bool:
            return rights.app or rights.managed == "yes"

        return self._part(person, grants, lambda rights: grants(rights) and not app.dataverse)

    def flow_by(self, person: int, flow: Flow) -> str:
        """Return the part number of what lets somebody own or run a flow."""

        def grants(rights: Rights) -> bool:
            return rights.flow or (flow.d365_context_only and rights.flow_in_context)

        return self._part(person, grants, lambda rights: rights.flow)

    def _part(
        self, person: int, here: Callable[[Rights], bool], at_home: Callable[[Rights], bool]
    ) -> str:
        """Return the part number of the first product of a person that gives a right."""
        user, day = self._users[self._of[person]], self._scenario.as_of
        held = [
            (name, here(self._known.rights((name,), user.disabled_plans, day, user.trial_until)))
            for name in user.skus
        ]
        if user.guest and user.home_cloud_same:
            held += [(n, at_home(self._known.rights((n,), (), day))) for n in user.home_skus]
        name = next((name for name, given in held if given), None)
        product = None if name is None else self._known.of(name)
        return "" if product is None else product.part

    def flow_unclear(self, who: Numbers) -> Mask:
        """Tell of whom a person must say whether a licence they hold covers flows."""
        return self._flow_unclear[self._of[who]]
