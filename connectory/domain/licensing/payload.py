"""An estimate as plain values: what `connectory estimate --format json` writes.

Every figure's meaning is described in docs/cost-model.md.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from connectory.domain.licensing.estimate import Estimate
from connectory.domain.licensing.naive import Way
from connectory.domain.licensing.plan import Line


def payload(estimate: Estimate) -> dict[str, Any]:
    """Return an estimate with amounts as texts, which lose nothing."""
    name = estimate.scenario.people.name
    flows = estimate.scenario.flows
    need = estimate.need
    return {
        "as_of": estimate.scenario.as_of.isoformat(),
        "basis": estimate.basis,
        "currency": estimate.currency,
        "price_book": estimate.price_book,
        "need": {
            "users": len(need.people),
            "flows": len(need.flows),
            "user_ids": [name(person) for person in need.people],
            "flow_ids": [flows[flow].id for flow in need.flows],
            "review": [{"subject": one.subject, "question": one.question} for one in need.review],
            "by_rule": need.by_rule,
        },
        "scenarios": {way: _way(told) for way, told in estimate.ways.items()},
        "cheapest": {
            "monthly": amount(estimate.monthly),
            "proven": estimate.plan.proven,
            "lines": [_line(line) for line in estimate.lines],
        },
        "metered_now": amount(estimate.metered_now),
        "reclaimable": [
            {"user": name(seat.person), "sku": seat.sku} for seat in estimate.reclaimable
        ],
        "warnings": list(estimate.warnings),
    }


def amount(money: Decimal) -> str:
    """Return an amount with two digits behind the point, or as many as it has."""
    exact = money.normalize()
    places = max(2, -int(exact.as_tuple().exponent))
    return f"{money:.{places}f}"


def _way(way: Way | None) -> dict[str, Any] | None:
    if way is None:
        return None
    return {
        "monthly": amount(way.monthly),
        "purchasable": way.purchasable,
        "compliant": way.compliant,
    }


def _line(line: Line) -> dict[str, Any]:
    return {
        "plan": line.plan,
        "quantity": line.quantity,
        "unit_price": amount(line.unit_price),
        "monthly": amount(line.monthly),
        "environment": line.environment,
    }
