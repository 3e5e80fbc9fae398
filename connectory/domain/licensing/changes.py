"""Decisions about a tenant, as they are told before they are taken.

Each names what it is about by an id of `ids.py`, connectors as apps and flows name them. As text
they stand in an address.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from connectory.domain.licensing.prices import AUTOMATE, PREMIUM

MOST_CHANGES: Final = 20
MOST: Final = 1_000_000
"""People that a change can add, and units that it can buy."""


class Refused(Exception):
    """A change cannot be made; the text says which and why."""


@dataclass(frozen=True, slots=True)
class Scale:
    """More people use a connector.

    Attributes:
        connector: Which.
        people: How many.
        app: The one app they get; otherwise every app that uses it or, if none does, every flow
            with it that is started by hand.
        holding: Products that they hold already.
    """

    connector: str
    people: int
    app: str | None = None
    holding: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Retire:
    """No app and no flow uses a connector any more."""

    connector: str


@dataclass(frozen=True, slots=True)
class Replace:
    """Another connector of the tenant takes the place of one; a standard one if none is named."""

    connector: str
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """An environment is linked to pay-as-you-go: its app meter comes on.

    Attributes:
        environment: Which.
        runs: The meter of flow runs comes on as well.
    """

    environment: str
    runs: bool = False


@dataclass(frozen=True, slots=True)
class Buy:
    """Licences of people are bought.

    Attributes:
        plan: Power Apps Premium or Power Automate Premium, as the price book names it.
        quantity: How many.
        people: Who gets them; otherwise those on whom the cheapest plan spends most, then those who
            need most, then who stands first.
    """

    plan: str
    quantity: int
    people: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BuyPasses:
    """Per-app passes are bought and handed out to an environment."""

    environment: str
    quantity: int


@dataclass(frozen=True, slots=True)
class BuyProcess:
    """Process licences are bought for flows.

    Attributes:
        flows: Which flows; several are one process from then on and share the licences. They get
            them in this order: owned by a service principal, concerning most people, the id.
        quantity: How many.
    """

    flows: tuple[str, ...]
    quantity: int = 1


@dataclass(frozen=True, slots=True)
class Associate:
    """A flow is associated to an app of its environment."""

    flow: str
    app: str


@dataclass(frozen=True, slots=True)
class Move:
    """Flows get another owner.

    Attributes:
        to: Who owns them then; a service principal begins with `sp:`.
        flow: The one flow that moves.
        owner: Otherwise whose flows move.
    """

    to: str
    flow: str | None = None
    owner: str | None = None


Change = Scale | Retire | Replace | Link | Buy | BuyPasses | BuyProcess | Associate | Move
KINDS: Final[Mapping[str, type[Change]]] = {
    "scale": Scale,
    "retire": Retire,
    "replace": Replace,
    "link": Link,
    "buy": Buy,
    "passes": BuyPasses,
    "process": BuyProcess,
    "associate": Associate,
    "move": Move,
}
PERSONAL: Final = (PREMIUM, AUTOMATE)
"""Plans of which `Buy` buys."""
_NUMBERS: Final = frozenset({"people", "quantity"})
_MANY: Final = frozenset({"holding", "people", "flows"})
_YES: Final = "yes"


def change_as_text(change: Change) -> str:
    """Return a change as text, which `change_of` reads."""
    kind = next(name for name, known in KINDS.items() if known is type(change))
    pairs: list[tuple[str, str]] = []
    for one in fields(change):
        value = getattr(change, one.name)
        if isinstance(value, tuple):
            pairs += [(one.name, name) for name in value]
        elif value is True:
            pairs.append((one.name, _YES))
        elif value is not None and value is not False:
            pairs.append((one.name, str(value)))
    return f"{kind}?{urlencode(pairs)}"


def change_of(text: str) -> Change:
    """Return the change that a text tells.

    Raises:
        Refused: It tells none.
    """
    kind, _, rest = text.partition("?")
    if kind not in KINDS:
        raise Refused(f"{kind!r} is no kind of change; known are {', '.join(KINDS)}")
    known = {one.name: one for one in fields(KINDS[kind])}
    told: dict[str, list[str]] = {}
    try:
        for name, value in parse_qsl(rest, strict_parsing=bool(rest)):
            told.setdefault(name, []).append(value)
    except ValueError as error:
        raise Refused(f"the change {text!r} cannot be read") from error
    for name in told:
        if name not in known:
            raise Refused(f"{kind!r} has no {name!r}; it has {', '.join(known)}")
    for name, one in known.items():
        if one.default is MISSING and name not in told:
            raise Refused(f"{kind!r} does not tell its {name!r}")
    return KINDS[kind](**{name: _value(kind, name, some) for name, some in told.items()})


def _value(kind: str, name: str, some: list[str]) -> Any:
    """Return the value of a field."""
    if name in _MANY and not (kind == "scale" and name == "people"):
        return tuple(some)
    if len(some) > 1:
        raise Refused(f"{kind!r} tells its {name!r} more than once")
    (value,) = some
    if name in _NUMBERS:
        return number(name, value)
    return value == _YES if name == "runs" else value


def number(name: str, value: str | int) -> int:
    """Return a number of people or units.

    Raises:
        Refused: It is none, or too large or small.
    """
    try:
        found = int(value)
    except ValueError as error:
        raise Refused(f"{name!r} is to be a whole number, not {value!r}") from error
    if not 1 <= found <= MOST:
        raise Refused(f"{name!r} is to be from 1 to {MOST:,}, not {found:,}")
    return found
