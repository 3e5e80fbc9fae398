"""Products people hold, and what they give a right to.

Source: products.toml beside this module. A product is decided on first, by its id and never by its
name, then whether its service plans are switched on: the same plan is in products of several kinds.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal

Class = Literal[
    "full", "standalone", "trial", "developer", "unclear", "context", "limited", "standard",
    "capacity", "none",
]  # fmt: skip
Tells = Literal["yes", "no", "unclear"]
_ORDER: Final[tuple[Tells, ...]] = ("no", "unclear", "yes")


@dataclass(frozen=True, slots=True)
class Product:
    """A product of Microsoft's public table.

    Attributes:
        part: Part number.
        id: GUID, case-folded.
        name: What people call it.
        app: What it covers of apps with a custom connector.
        flow: What it covers of flows with one.
        managed: Whether it lets a person use apps of a managed environment.
        paid: Whether a seat costs money.
        metered: Whether the flow-run meter bills runs of its holders all the same.
        covers: Part numbers of Dynamics 365 products whose rights it has as well.
        app_plans: Service plans, by id or name, of which one must be on for apps.
        flow_plans: The same for flows.
    """

    part: str
    id: str
    name: str
    app: Class
    flow: Class
    managed: Tells
    paid: bool
    metered: bool
    covers: frozenset[str]
    app_plans: tuple[frozenset[str], ...]
    flow_plans: tuple[frozenset[str], ...]


@dataclass(frozen=True, slots=True)
class Rights:
    """What a person may do by the licences held.

    Attributes:
        app: Run any app with a custom connector.
        app_on_trial: The same, but by a trial alone.
        app_unclear: Part number of a product of which a person must say whether it gives that.
        context: GUIDs of Dynamics 365 products whose apps' extensions may be run.
        limited: GUIDs of those that give it narrowly, which a person must look at.
        flow: Run or own any flow with a custom connector.
        flow_unclear: As `app_unclear`.
        flow_in_context: Own flows that serve Dynamics 365 alone.
        managed: Use apps of a managed environment.
        app_unmetered: The app meter does not count this person.
        flow_unmetered: The flow-run meter does not bill runs for this person's sake.
    """

    app: bool = False
    app_on_trial: bool = False
    app_unclear: str = ""
    context: frozenset[str] = frozenset()
    limited: frozenset[str] = frozenset()
    flow: bool = False
    flow_unclear: str = ""
    flow_in_context: bool = False
    managed: Tells = "no"
    app_unmetered: bool = False
    flow_unmetered: bool = False


NO_RIGHTS: Final = Rights()


@dataclass(slots=True)
class Products:
    """The products that are known, by part number and by GUID, both case-folded."""

    known: Mapping[str, Product]
    unknown: set[str] = field(default_factory=set)
    """What was asked for and is not known."""

    def of(self, name: str) -> Product | None:
        """Return a product by part number or GUID; what is not known is remembered."""
        found = self.known.get(name.strip().casefold())
        if found is None:
            self.unknown.add(name)
        return found

    def rights(
        self, held: Iterable[str], off: Iterable[str], on: date, trial_until: date | None = None
    ) -> Rights:
        """Return what licences give a right to.

        Args:
            held: Products, by part number or GUID; one that is not known gives none.
            off: Service plans that are switched off, by id or name.
            on: The day.
            trial_until: Last day of the trials among them; None if it is not told.
        """
        products = [one for one in (self.of(name) for name in held) if one is not None]
        dark = {name.strip().casefold() for name in off}
        trials = trial_until is None or on <= trial_until
        return _rights(products, dark, trials=trials, known=self.known)


def _rights(
    products: list[Product], dark: set[str], *, trials: bool, known: Mapping[str, Product]
) -> Rights:
    apps = [(one.app, one) for one in products if _lit(one.app_plans, dark)]
    flows = [(one.flow, one) for one in products if _lit(one.flow_plans, dark)]
    own = any(kind == "full" for kind, _ in apps)
    on_trial = trials and any(kind == "trial" for kind, _ in apps)
    alone = any(kind == "standalone" for kind, _ in flows)
    return Rights(
        app=own or on_trial,
        app_on_trial=on_trial and not own,
        app_unclear=_named(apps),
        context=frozenset(
            guid for kind, one in apps if kind == "context" for guid in _reach(one, known)
        ),
        limited=frozenset(one.id for kind, one in apps if kind == "limited"),
        flow=alone or (trials and any(kind == "trial" for kind, _ in flows)),
        flow_unclear=_named(flows),
        flow_in_context=any(kind == "context" for kind, _ in flows),
        managed=max(
            (_managed(one, dark, trials=trials) for one in products), key=_ORDER.index, default="no"
        ),
        app_unmetered=own,
        flow_unmetered=any(kind == "standalone" and not one.metered for kind, one in flows),
    )


def _lit(plans: tuple[frozenset[str], ...], dark: set[str]) -> bool:
    """Tell whether one of the plans by which a product gives a right is on."""
    return not plans or any(not plan & dark for plan in plans)


def _named(kinds: list[tuple[Class, Product]]) -> str:
    return next((one.part for kind, one in kinds if kind == "unclear"), "")


def _reach(product: Product, known: Mapping[str, Product]) -> set[str]:
    return {product.id, *(known[part.casefold()].id for part in product.covers)}


def _managed(product: Product, dark: set[str], *, trials: bool) -> Tells:
    """Return what a product says of managed environments while its plans are on."""
    if "trial" in (product.app, product.flow) and not trials:
        return "no"
    lit = [
        _lit(plans, dark)
        for kind, plans in ((product.app, product.app_plans), (product.flow, product.flow_plans))
        if kind != "none"
    ]
    return product.managed if not lit or any(lit) else "no"


@cache
def _table() -> Mapping[str, Product]:
    text = files(__package__).joinpath("products.toml").read_text(encoding="utf-8")
    found: dict[str, Product] = {}
    for told in tomllib.loads(text)["product"]:
        product = _product(told)
        found[product.part.casefold()] = found[product.id] = product
    return found


def _product(told: Mapping[str, Any]) -> Product:
    return Product(
        part=told["part"],
        id=told["id"].casefold(),
        name=told["name"],
        app=told["app"],
        flow=told["flow"],
        managed=told.get("managed", "no"),
        paid=told.get("paid", False),
        metered=told.get("metered", False),
        covers=frozenset(told.get("covers", ())),
        app_plans=_plans(told.get("app_plans", ())),
        flow_plans=_plans(told.get("flow_plans", ())),
    )


def _plans(told: Iterable[Mapping[str, str]]) -> tuple[frozenset[str], ...]:
    return tuple(frozenset((one["id"].casefold(), one["name"].casefold())) for one in told)


def products() -> Products:
    """Return the products that the package knows."""
    return Products(_table())
