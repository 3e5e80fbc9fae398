"""How one estimate differs from another."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from connectory.domain.licensing.comparing import compared
from connectory.domain.licensing.rules import DEFAULTS
from connectory.domain.licensing.statement import (
    InForce,
    Item,
    Recipient,
    Statement,
    read,
    written,
)


def item(plan: str, quantity: int, price: str, home: str | None = None) -> Item:
    """Return a line of a plan."""
    return Item(plan, plan, "unit", "user", home, home, quantity, Decimal(price))


def person(key: str, gets: str) -> Recipient:
    """Return somebody whom a plan covers."""
    return Recipient(key, key.title(), None, gets, "", "", "", "", "")


def price(plan: str, amount: str) -> InForce:
    """Return a price in force."""
    return InForce(plan, plan, "unit", "user", Decimal(amount), (), True, date(2026, 1, 1), "")


BEFORE = Statement(
    tenant="t",
    as_of=date(2026, 11, 23),
    basis="active",
    channel=None,
    currency="USD",
    price_book="list",
    rules=DEFAULTS,
    people_in_need=2,
    flows_in_need=0,
    by_rule={},
    metered_now=Decimal(0),
    proven=True,
    items=(item("pa_premium", 3, "20.00"), item("pa_payg", 4, "10.00", "home")),
    ways=(),
    prices=(price("pa_premium", "20.00"), price("pa_payg", "10.00")),
    recipients=(person("ann", "Premium"), person("bob", "meter"), person("cid", "meter")),
)


def test_an_estimate_does_not_differ_from_itself() -> None:
    """No line costs more, nobody and no price changed."""
    found = compared(BEFORE, BEFORE)

    assert found.monthly == 0
    assert {one.difference for one in found.lines} == {Decimal(0)}
    assert found.people == found.prices == ()


def test_lines_of_either_stand_beside_each_other_and_add_up() -> None:
    """Of a plan in another place there is a line of its own; the sum is the whole difference."""
    after = replace(
        BEFORE, items=(item("pa_premium", 5, "18.00"), item("pa_payg", 4, "10.00", "office"))
    )
    found = compared(BEFORE, after)

    assert [(one.named.plan, one.named.environment, one.difference) for one in found.lines] == [
        ("pa_payg", "home", Decimal(-40)),
        ("pa_payg", "office", Decimal(40)),
        ("pa_premium", None, Decimal(30)),
    ]
    assert sum(one.difference for one in found.lines) == found.monthly == Decimal(30)
    assert compared(after, BEFORE).monthly == -30


def test_people_are_told_apart_by_their_accounts() -> None:
    """Who came, who went, and who gets something else; a namesake is somebody else."""
    after = replace(
        BEFORE,
        recipients=(
            person("ann", "Premium"),
            person("cid", "Premium"),
            replace(person("dan", "meter"), person="Bob"),
        ),
    )
    found = compared(BEFORE, after)

    assert [
        (one.before and one.before.gets, one.after and one.after.gets) for one in found.people
    ] == [
        ("meter", None),
        (None, "meter"),
        ("meter", "Premium"),
    ]


def test_prices_that_changed_are_told() -> None:
    """Another amount, one that is new, one that is no more."""
    after = replace(BEFORE, prices=(price("pa_premium", "18.00"), price("fl_premium", "15.00")))
    found = compared(BEFORE, after)

    assert [
        (one.before and one.before.price, one.after and one.after.price) for one in found.prices
    ] == [
        (None, Decimal("15.00")),
        (Decimal("10.00"), None),
        (Decimal("20.00"), Decimal("18.00")),
    ]


def test_amounts_of_two_currencies_are_not_compared() -> None:
    """Nothing is converted."""
    assert not compared(BEFORE, replace(BEFORE, currency="EUR")).comparable


def test_a_statement_comes_back_as_it_was_written() -> None:
    """Every amount to its last digit, every day, and nothing rounded on the way."""
    odd = replace(BEFORE, items=(item("pa_premium", 3, "20.123456789012345678"),))

    assert read(written(odd), odd.recipients) == odd
    assert odd.annual == 36 * Decimal("20.123456789012345678")
