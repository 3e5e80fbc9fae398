"""Who needs what, and why: everyone the rules name who holds no licence for it.

Two rules are kept apart, because what satisfies one need not satisfy the other: an app with a
custom connector takes a licence for premium apps, and an app of a managed environment takes any
premium licence, whatever connectors it has. Sources: docs/cost-model.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from connectory.domain.licensing.scenario import Numbers, Scenario

CUSTOM_APP: Final = "custom_connector_app"
MANAGED: Final = "managed_environment"
CUSTOM_FLOW: Final = "custom_connector_flow"
PRINCIPAL_FLOW: Final = "service_principal_flow"
BY_OWNER: Final = frozenset({"automated", "scheduled", "http"})
"""Triggers of flows that run on the owner's licence."""
ASSOCIATED: Final = 25
"""Flows of a process, beside the first, that one Process licence covers."""
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Review:
    """What a rule cannot decide: about whom or what, and what must be asked."""

    subject: str
    question: str


@dataclass(frozen=True, slots=True)
class AppNeeds:
    """People and apps, pair by pair, that are not covered by what people hold.

    Attributes:
        person: Number of the person.
        app: Number of the app.
        custom: The rule of custom connectors asks for it; otherwise that of managed environments.
        managed: The rule of managed environments asks for it, whether or not the other does.
    """

    person: Numbers
    app: Numbers
    custom: Mask
    managed: Mask


@dataclass(frozen=True, slots=True)
class AppUse:
    """People and apps, pair by pair, that the app meter counts where it is on.

    Attributes:
        person: Number of the person.
        app: Number of the app.
        by_automate: Power Automate Premium would leave the pair out, as Power Apps Premium does.
    """

    person: Numbers
    app: Numbers
    by_automate: Mask


@dataclass(frozen=True, slots=True)
class FlowNeed:
    """A flow with a custom connector that is not covered by what people hold.

    Attributes:
        flow: Its number.
        people: Of those it concerns, who have no licence for it.
        unowned: No person can cover it: a service principal owns it.
        app: Number of the app whose cover is one for these people too.
        billed: For whose sake its runs are billed; None if they are not.
        spare: A Process licence of its group has room for it.
    """

    flow: int
    people: Numbers
    unowned: bool = False
    app: int | None = None
    billed: Numbers | None = None
    spare: bool = False

    @property
    def asked(self) -> bool:
        """Whether it is a need, if nothing is metered."""
        return self.unowned or len(self.people) > 0

    @property
    def costs(self) -> bool:
        """Whether its runs are billed as things are."""
        return self.billed is not None and (self.unowned or len(self.billed) > 0)


@dataclass(frozen=True, slots=True)
class Concerned:
    """Whom flows concern, pair by pair: people, and numbers of flows.

    Attributes:
        person: Who has no licence for it.
        flow: Its number.
        payer: For whose sake it may cost something: whom its runs are billed for, if they are.
        paid: Its number.
    """

    person: Numbers
    flow: Numbers
    payer: Numbers
    paid: Numbers

    def without(self, flows: Collection[int]) -> Concerned:
        """Return the same without some flows."""
        gone = np.array(sorted(flows), dtype=np.int64)
        left, billed = ~np.isin(self.flow, gone), ~np.isin(self.paid, gone)
        return Concerned(self.person[left], self.flow[left], self.payer[billed], self.paid[billed])


@dataclass(slots=True)
class Needs:
    """What a scenario needs, before passes that are held and meters that are on.

    Attributes:
        apps: Of apps.
        use: What the app meter counts.
        flows: Of flows.
        review: What cannot be decided.
        warnings: What a reader should know.
    """

    apps: AppNeeds
    use: AppUse
    flows: list[FlowNeed]
    review: list[Review] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    _concerned: Concerned | None = None
    _places: dict[int, int] | None = None

    @property
    def places(self) -> dict[int, int]:
        """Where each flow stands among the flow needs, by its number."""
        if self._places is None:
            self._places = {one.flow: place for place, one in enumerate(self.flows)}
        return self._places

    @property
    def concerned(self) -> Concerned:
        """Whom the flows concern."""
        if self._concerned is None:
            payers = [one.people if one.billed is None else one.billed for one in self.flows]
            self._concerned = Concerned(
                *_paired(self.flows, [one.people for one in self.flows]),
                *_paired(self.flows, payers),
            )
        return self._concerned


def _paired(flows: Sequence[FlowNeed], people: Sequence[Numbers]) -> tuple[Numbers, Numbers]:
    numbers = np.array([one.flow for one in flows], dtype=np.int64)
    nobody = np.empty(0, dtype=np.int64)
    return np.concatenate([nobody, *people]), np.repeat(numbers, [len(some) for some in people])


def room_of(scenario: Scenario) -> dict[tuple[int, str], int]:
    """Return by group how many more flows the Process licences that are held can cover."""
    found: dict[tuple[int, str], int] = defaultdict(int)
    for flow in scenario.flows:
        if flow.process_licensed and flow.process_group:
            found[flow.environment, flow.process_group] += ASSOCIATED
    return found
