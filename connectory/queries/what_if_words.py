"""Changes in words, with the names of the tenant."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from connectory.domain.licensing.changes import (
    Associate,
    Buy,
    BuyPasses,
    BuyProcess,
    Change,
    Link,
    Move,
    Replace,
    Retire,
    Scale,
)
from connectory.domain.licensing.prices import AUTOMATE, PER_APP, PREMIUM, PROCESS
from connectory.queries.what_if_names import Names

PLANS: Final[Mapping[str, str]] = {
    PREMIUM: "Power Apps Premium",
    AUTOMATE: "Power Automate Premium",
    PER_APP: "Power Apps per app",
    PROCESS: "Power Automate Process",
}
_FEW: Final = 3


def described(change: Change, names: Names) -> str:
    """Return in words what a change does."""
    return _WORDS[type(change)](change, names)


def _scaled(change: Scale, names: Names) -> str:
    where = "" if change.app is None else f" in {names.called('app', change.app)}"
    held = [names.products.get(one, one) for one in change.holding]
    holding = f", holding {_some(held)}" if held else ""
    who = "1 more person uses" if change.people == 1 else f"{change.people:,} more people use"
    return f"{who} {names.called('connector', change.connector)}{where}{holding}"


def _retired(change: Retire, names: Names) -> str:
    return f"{names.called('connector', change.connector)} is retired"


def _replaced(change: Replace, names: Names) -> str:
    by = "a standard one" if change.by is None else names.called("connector", change.by)
    return f"{names.called('connector', change.connector)} is replaced by {by}"


def _linked(change: Link, names: Names) -> str:
    runs = ", flow runs included" if change.runs else ""
    home = names.called("environment", change.environment)
    return f"{home} is linked to pay-as-you-go{runs}"


def _bought(change: Buy, names: Names) -> str:
    who = _some([names.called("person", one) for one in change.people])
    return _purchase(change.quantity, change.plan, who)


def _passes(change: BuyPasses, names: Names) -> str:
    home = names.called("environment", change.environment)
    return _purchase(change.quantity, PER_APP, home)


def _process(change: BuyProcess, names: Names) -> str:
    flows = _some([names.called("flow", one) for one in change.flows])
    return _purchase(change.quantity, PROCESS, flows)


def _associated(change: Associate, names: Names) -> str:
    return f"{names.called('flow', change.flow)} is associated to {names.called('app', change.app)}"


def _moved(change: Move, names: Names) -> str:
    to = names.called("person", change.to)
    if change.flow is not None:
        return f"{names.called('flow', change.flow)} gets {to} as owner"
    return f"All flows of {names.called('person', change.owner or '')} get {to} as owner"


_WORDS: Final[Mapping[type[Change], Callable[[Any, Names], str]]] = {
    Scale: _scaled,
    Retire: _retired,
    Replace: _replaced,
    Link: _linked,
    Buy: _bought,
    BuyPasses: _passes,
    BuyProcess: _process,
    Associate: _associated,
    Move: _moved,
}


def _purchase(quantity: int, plan: str, whom: str) -> str:
    name = PLANS.get(plan, plan)
    units = f"1 licence of {name} is" if quantity == 1 else f"{quantity:,} licences of {name} are"
    return f"{units} bought" + (f" for {whom}" if whom else "")


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _FEW:,} more" if len(names) > _FEW else ""
    return ", ".join(names[:_FEW]) + more
