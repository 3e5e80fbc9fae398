"""How one estimate differs from another, line by line, person by person and price by price."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Generic, TypeVar

from connectory.domain.licensing.statement import InForce, Item, Recipient, Statement

Told = TypeVar("Told")


@dataclass(frozen=True)
class _Pair(Generic[Told]):
    """The same thing in both; None where one has none."""

    before: Told | None
    after: Told | None

    @property
    def named(self) -> Told:
        """The thing as it is named, the later one first."""
        found = self.after or self.before
        assert found is not None  # noqa: S101 - one of them is there
        return found


class LineChange(_Pair[Item]):
    """A line of the plan in both; None where one has none."""

    @property
    def difference(self) -> Decimal:
        """How much more it costs a month."""
        return _monthly(self.after) - _monthly(self.before)


class PersonChange(_Pair[Recipient]):
    """Somebody whom only one plan covers, or each with something else; None where not covered."""


class PriceChange(_Pair[InForce]):
    """A price that is not the same in both; None where one has none."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two estimates beside each other.

    Attributes:
        before: The one.
        after: The other.
        lines: Every line of either.
        people: Those for whom something changed, by name.
        prices: Those that changed.
    """

    before: Statement
    after: Statement
    lines: tuple[LineChange, ...]
    people: tuple[PersonChange, ...]
    prices: tuple[PriceChange, ...]

    @property
    def comparable(self) -> bool:
        """Whether amounts of both are in one currency."""
        return self.before.currency == self.after.currency

    @property
    def monthly(self) -> Decimal:
        """How much more the later one costs a month; it is the sum of its lines."""
        return self.after.monthly - self.before.monthly


def compared(before: Statement, after: Statement) -> Comparison:
    """Return how one estimate differs from another."""
    items = _beside(_by_line(before.items), _by_line(after.items))
    people = _beside(_by_key(before.recipients), _by_key(after.recipients))
    prices = _beside(
        {one.plan: one for one in before.prices}, {one.plan: one for one in after.prices}
    )
    return Comparison(
        before,
        after,
        tuple(LineChange(*pair) for pair in items),
        tuple(
            sorted(
                (PersonChange(*pair) for pair in people if _gets(pair[0]) != _gets(pair[1])),
                key=lambda one: one.named.person.casefold(),
            )
        ),
        tuple(PriceChange(*pair) for pair in prices if _cost(pair[0]) != _cost(pair[1])),
    )


def _beside(
    before: Mapping[str, Told], after: Mapping[str, Told]
) -> Iterable[tuple[Told | None, Told | None]]:
    for key in sorted({*before, *after}):
        yield before.get(key), after.get(key)


def _by_line(items: Iterable[Item]) -> dict[str, Item]:
    return {f"{one.plan}\n{one.environment_id or ''}": one for one in items}


def _by_key(people: Iterable[Recipient]) -> dict[str, Recipient]:
    return {one.key: one for one in people}


def _monthly(item: Item | None) -> Decimal:
    return Decimal(0) if item is None else item.monthly


def _gets(one: Recipient | None) -> str | None:
    return None if one is None else one.gets


def _cost(one: InForce | None) -> object:
    return None if one is None else (one.price, one.tiers, one.purchasable)
