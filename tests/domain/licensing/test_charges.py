"""What stands behind each amount adds up to it, over small random tenants."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from test_properties import Told, of, tenants

from connectory.domain.licensing.charges import Charge, Charges
from connectory.domain.licensing.showback import by_environment
from connectory.domain.licensing.verdicts import uncovered


def total(charges: list[Charge]) -> Decimal:
    """Return what charges cost together."""
    return sum((one.monthly for one in charges), Decimal(0))


@given(tenants())
def test_ways_are_the_sum_of_what_stands_behind_them(told: Told) -> None:
    """Each way, and what is metered now."""
    found = of(told)
    charges = Charges(found)

    for name, way in found.ways.items():
        assert total(charges.of(name)) == (Decimal(0) if way is None else way.monthly)
    assert total(charges.metered_now()) == found.metered_now


@given(tenants())
def test_of_each_line_of_the_plan_it_is_told_whom_it_is_for(told: Told) -> None:
    """Licences are of as many people as they are, and runs are those of the flows."""
    found = of(told)
    for line, one in zip(found.lines, Charges(found).plan(), strict=True):
        assert (one.plan, one.monthly) == (line.plan, line.monthly)
        if line.plan in ("pa_premium", "fl_premium"):
            assert one.asked == one.quantity
        if line.plan == "fl_payg":
            runs = [found.scenario.flows[number].runs or 0 for number in one.flows]
            assert sum(runs) == line.quantity
        if line.plan in ("pa_per_app", "pa_payg"):
            assert one.people
        if line.plan == "fl_process":
            assert one.flows


@given(tenants())
def test_who_is_in_need_by_which_rule_is_told_person_by_person(told: Told) -> None:
    """As many as the estimate counts by each rule."""
    found = of(told)
    named: dict[str, set[object]] = {}
    for one in uncovered(found):
        if one.state == "need":
            key = one.number if one.person is None else one.person
            named.setdefault(one.rule, set()).add(key)

    assert {rule: len(who) for rule, who in named.items()} == found.need.by_rule


@given(tenants())
def test_environments_add_up_to_the_plan(told: Told) -> None:
    """What is bought or billed there, and shares of licences, together."""
    found = of(told)
    costs = by_environment(found)

    assert sum((sum(one) for one in costs.values()), Decimal(0)) == found.monthly
    assert not any(part < 0 for one in costs.values() for part in one)
