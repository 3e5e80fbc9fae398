"""However a definition is made, comparing it costs no more than its size, up to a bound that is told."""

from __future__ import annotations

import pytest
from adversarial import FAMILIES, Family, calls, chain_to, doubled_to, knot_to, ladder
from readings import api, compared
from sites import told

from connectory.domain.drift.comparing import diff
from connectory.domain.drift.comparing_schemas import MOST_PLACES
from connectory.domain.drift.findings import MOST_CHANGES, MOST_STEPS

_LINEAR = 6
_A_STEP = 700


def cost(family: Family, size: int) -> int:
    """Return how many calls reading and comparing two definitions of a family takes."""
    before, after = family.make(size)
    return calls(lambda: diff(api(before), api(after)))


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_four_times_the_size_costs_hardly_more_than_four_times(family: Family) -> None:
    """Counted in calls, which no other work on the machine changes."""
    small, large = cost(family, family.size), cost(family, 4 * family.size)

    assert large <= _LINEAR * small, f"{small} calls became {large}"


@pytest.mark.parametrize(
    "family", [one for one in FAMILIES if one.same], ids=lambda family: family.name
)
def test_what_is_hard_to_understand_but_the_same_is_the_same(family: Family) -> None:
    """No bound is reached where nothing differs."""
    before, after = family.make(4 * family.size)

    assert [told(change) for change in compared(before, after)] == []


@pytest.mark.parametrize("length", [14, 40])
def test_one_change_at_too_many_places_is_told_at_the_nearest(length: int) -> None:
    """A schema that changed stands at 2¹⁴, or 2⁴⁰, places: it is told, at some of them."""
    before, after = doubled_to("string", length), doubled_to("integer", length)
    found: list[str] = []

    spent = calls(lambda: found.extend(told(change) for change in compared(before, after)))

    assert len(set(found)) == len(found) == MOST_PLACES
    assert {line.split()[1] for line in found} == {"response-property-type-changed"}
    assert spent < MOST_STEPS * _A_STEP


def test_what_is_too_deep_to_be_looked_at_is_told_so() -> None:
    """A change a thousand levels down is not listed; that there is more than is listed is."""
    before, after = chain_to("string", 1_000), chain_to("integer", 1_000)

    assert [told(change) for change in compared(before, after)] == ["risky comparison-cut-short"]


@pytest.mark.parametrize("size", [5, 9])
def test_a_knot_that_changed_is_bounded(size: int) -> None:
    """Of schemas that all lead to all others the nearest places are told, and no place twice."""
    found: list[str] = []

    spent = calls(
        lambda: found.extend(
            told(change) for change in compared(knot_to("string", size), knot_to("boolean", size))
        )
    )

    assert "breaking response-property-type-changed Get0 200:leaf" in found
    assert len(set(found)) == len(found) <= MOST_CHANGES + 1
    assert spent < MOST_STEPS * _A_STEP


@pytest.mark.parametrize("length", [3, 20, 45])
def test_what_stands_at_the_end_of_a_ladder_is_seen(length: int) -> None:
    """However often schemas are merged from others, no property is lost on the way."""
    changes = compared(ladder(length, last="string"), ladder(length, last="boolean"))

    assert [told(change) for change in changes] == [
        "breaking response-property-type-changed Get0 200:last"
    ]
