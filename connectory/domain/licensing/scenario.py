"""What an estimate is about: environments, people, and the apps, flows and agents they use.

Lists of people are arrays of numbers, one for each person, so that a large tenant takes little
room; `People` says who a number is.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from connectory.domain.licensing.prices import Channel

Basis = Literal["active", "access"]
EnvironmentType = Literal["Production", "Sandbox", "Default", "Trial", "Developer", "Teams"]
Trigger = Literal["automated", "scheduled", "instant", "http", "app"]
BASES: Final[tuple[Basis, ...]] = get_args(Basis)
TYPES: Final[tuple[EnvironmentType, ...]] = get_args(EnvironmentType)
TRIGGERS: Final[tuple[Trigger, ...]] = get_args(Trigger)
LINKABLE: Final = frozenset({"Production", "Sandbox"})
"""Environments that a billing policy can pay for."""
Numbers = NDArray[np.int64]
NOBODY: Final[Numbers] = np.empty(0, dtype=np.int64)


def among(some: Numbers, others: Numbers) -> NDArray[np.bool_]:
    """Tell which numbers are among others that rise; quick where these are many more."""
    if not len(others):
        return np.zeros(len(some), dtype=np.bool_)
    places = np.minimum(np.searchsorted(others, some), len(others) - 1)
    found: NDArray[np.bool_] = others[places] == some
    return found


@dataclass(frozen=True, slots=True)
class Environment:
    """An environment.

    Attributes:
        id: Its id.
        type: Its type.
        managed: Whether it is a managed environment.
        linked: Whether a billing policy pays for it.
        app_meter: Whether that policy bills apps.
        flow_meter: Whether it bills runs of flows.
        passes: Per-app passes it was handed out.
        d365: Dynamics 365 products whose apps are in it.
    """

    id: str
    type: EnvironmentType
    managed: bool = False
    linked: bool = False
    app_meter: bool = False
    flow_meter: bool = False
    passes: int = 0
    d365: tuple[str, ...] = ()

    @property
    def metered(self) -> bool:
        """Whether use of its apps is billed."""
        return self.linked and self.app_meter

    @property
    def runs_metered(self) -> bool:
        """Whether runs of its flows are billed."""
        return self.linked and self.flow_meter


@dataclass(frozen=True, slots=True)
class User:
    """One person, or several who are alike.

    Attributes:
        id: Its id; of several that of each begins with it.
        count: How many; None for one who is no group.
        enabled: Whether the account can sign in.
        guest: Whether it is one of another tenant.
        skus: Products held here, by part number or GUID.
        disabled_plans: Service plans of these that are switched off, by id or name.
        home_skus: Products a guest holds at home.
        home_cloud_same: Whether home is in the same cloud, where alone they count.
        trial_until: Last day of the trials among them.
    """

    id: str
    count: int | None = None
    enabled: bool = True
    guest: bool = False
    skus: tuple[str, ...] = ()
    disabled_plans: tuple[str, ...] = ()
    home_skus: tuple[str, ...] = ()
    home_cloud_same: bool = True
    trial_until: date | None = None

    @property
    def size(self) -> int:
        """How many people it stands for."""
        return 1 if self.count is None else self.count


@dataclass(frozen=True, slots=True)
class App:
    """An app and who uses it.

    Attributes:
        id: Its id.
        environment: Number of its environment.
        custom_connector: Whether it uses one.
        dataverse: Whether it touches Dataverse.
        extends: Dynamics 365 product whose app it extends.
        opted_out: Whether the app meter leaves it out.
        users: Who has access.
        active: Who of these uses it.
        connectors: What makes it premium, where that is known.
    """

    id: str
    environment: int
    custom_connector: bool
    dataverse: bool = False
    extends: str | None = None
    opted_out: bool = False
    users: Numbers = field(default_factory=lambda: NOBODY)
    active: Numbers = field(default_factory=lambda: NOBODY)
    connectors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Flow:
    """A cloud flow and whom it concerns.

    Attributes:
        id: Its id.
        environment: Number of its environment.
        custom_connector: Whether it uses one.
        trigger: What starts it.
        app: Number of the app that starts it.
        associated_app: Number of the app it is associated to.
        owner: Number of the person who owns it; None if that is not told, or no person.
        service_principal: Name of the service principal that owns it.
        invokers: Who starts it by hand.
        runs: Runs a month; None if that is not told.
        process_licensed: Whether it has a Process licence.
        process_group: Flows of one process in an environment may share a licence.
        credential_holders: Who can sign in as its owner.
        trigger_users: Whose doing starts it.
        trigger_users_receive_output: Whether these get something back.
        d365_context_only: Whether it serves Dynamics 365 alone.
        connectors: What makes it premium, where that is known.
    """

    id: str
    environment: int
    custom_connector: bool
    trigger: Trigger
    app: int | None = None
    associated_app: int | None = None
    owner: int | None = None
    service_principal: str | None = None
    invokers: Numbers = field(default_factory=lambda: NOBODY)
    runs: int | None = None
    process_licensed: bool = False
    process_group: str | None = None
    credential_holders: Numbers = field(default_factory=lambda: NOBODY)
    trigger_users: Numbers = field(default_factory=lambda: NOBODY)
    trigger_users_receive_output: bool = False
    d365_context_only: bool = False
    connectors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Agent:
    """An agent and the Copilot credits it uses a month."""

    id: str
    environment: int
    credits: int


class People:
    """Everybody, numbered in the order of the users they belong to.

    Args:
        users: One person each, or several who are alike.
    """

    def __init__(self, users: Sequence[User]) -> None:
        self.users = tuple(users)
        sizes = np.array([user.size for user in users], dtype=np.int64)
        self._starts: list[int] = [0, *np.cumsum(sizes).tolist()]
        self.user_of: Numbers = np.repeat(np.arange(len(users)), sizes)
        self._everybody: Numbers = np.arange(len(self), dtype=np.int64)
        self._everybody.flags.writeable = False

    def __len__(self) -> int:
        """Return how many there are."""
        return self._starts[-1]

    def of(self, user: int) -> Numbers:
        """Return the numbers of those who belong to a user."""
        return self._everybody[self._starts[user] : self._starts[user + 1]]

    def name(self, person: int) -> str:
        """Return the id of a person."""
        user = bisect_right(self._starts, person) - 1
        told = self.users[user]
        return told.id if told.count is None else f"{told.id}-{person - self._starts[user] + 1}"

    def numbered(self) -> Iterator[tuple[str, int]]:
        """Yield the id and the number of everybody."""
        for user, told in enumerate(self.users):
            for number in range(self._starts[user], self._starts[user + 1]):
                yield self.name(number) if told.count is not None else told.id, number


@dataclass(frozen=True, slots=True)
class Scenario:
    """A tenant, as far as licences of custom connectors are concerned, on a day.

    Attributes:
        as_of: The day.
        channel: How licences are bought; None if that is not told.
        basis: Whether those who use an app need a licence, or all who have access.
        warnings: What was not understood in reading it, and changes no figure.
    """

    as_of: date
    channel: Channel | None
    basis: Basis
    environments: tuple[Environment, ...]
    people: People
    apps: tuple[App, ...]
    flows: tuple[Flow, ...]
    agents: tuple[Agent, ...] = ()
    warnings: tuple[str, ...] = ()
