"""One known edit makes exactly the changes that it means, and undone exactly their mirror."""

from __future__ import annotations

import copy
import itertools
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from general_edits import EDITS, Edit
from readings import compared, real_connectors
from sites import Site, expected, told
from special_edits import SPECIAL, SpecialEdit
from tides import tides, tides_properties

from connectory.domain.drift.rules import RULES

Node = dict[str, Any]

_SMALL = 400_000
_EACH = 3


@pytest.fixture(scope="module")
def connectors(corpus: Path) -> list[tuple[str, Node]]:
    """Real connectors that can be read as they are, the small ones first."""
    found = [(name, one) for name, one, size in real_connectors(corpus) if size < _SMALL]
    return sorted(found, key=lambda one: len(one[1]["paths"]))


def agrees(found: Counter[str], wanted: Counter[str]) -> bool:
    """Tell whether lines are as expected; an expected line may leave the severity open."""
    open_ended = {line.partition(" ")[2] for line in wanted if line.startswith("* ")}
    loose = Counter(
        f"* {line.partition(' ')[2]}" if line.partition(" ")[2] in open_ended else line
        for line in found.elements()
    )
    return loose == wanted


def judged(before: Node, after: Node, lines: str, site: Site) -> str:
    """Return what is wrong with what is told; nothing if it is as expected."""
    changes = compared(before, after)
    found = Counter(map(told, changes))
    assert len({change.fingerprint for change in changes}) == len(changes)
    wanted = expected(lines, site)
    if agrees(found, wanted):
        return ""
    return f"told {sorted(found.elements())}, expected {sorted(wanted.elements())}"


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.name)
def test_an_edit_of_any_connector_is_told_exactly(
    edit: Edit, connectors: list[tuple[str, Node]]
) -> None:
    """Made to real connectors and to an invented one, forward and backward."""
    wrong = {}
    sites = 0
    for name, document in [("tides", tides()), *connectors]:
        site = next(edit.find(document), None)
        if site is None:
            continue
        before = copy.deepcopy(site.document)
        edit.make(site)
        after = site.document
        backward = edit.forward if edit.backward is None else edit.backward
        wrong[name, "forward"] = judged(before, after, edit.forward, site)
        wrong[name, "from the original"] = judged(document, after, edit.forward, site)
        wrong[name, "backward"] = judged(after, before, backward, site)
        sites += 1
        if sites == _EACH:
            break

    assert sites >= 2, "there is hardly a place for this edit"
    assert {place: fault for place, fault in wrong.items() if fault} == {}


@pytest.mark.parametrize("edit", SPECIAL, ids=lambda edit: edit.name)
def test_an_edit_of_the_invented_connector_is_told_exactly(edit: SpecialEdit) -> None:
    """Whatever apiProperties and rare parts of definitions tell, forward and backward."""
    before, after = (tides(), tides_properties()), (tides(), tides_properties())
    edit.make(*after)
    site = Site(before[0], {}, {})
    backward = edit.forward if edit.backward is None else edit.backward

    forward = compared(before[0], after[0], before[1], after[1])
    forth = Counter(map(told, forward))
    back = Counter(map(told, compared(after[0], before[0], after[1], before[1])))

    assert before != after
    assert len({change.fingerprint for change in forward}) == len(forward)
    assert agrees(forth, expected(edit.forward, site)), sorted(forth.elements())
    assert agrees(back, expected(backward, site)), sorted(back.elements())


def test_every_rule_is_caused_by_an_edit() -> None:
    """No rule is there that nothing leads to; only a bound that is reached is tested elsewhere."""
    lines = itertools.chain.from_iterable(
        f"{edit.forward}\n{edit.backward or ''}".splitlines() for edit in (*EDITS, *SPECIAL)
    )
    caused = {line.split()[1] for line in lines if line.strip()}

    assert set(RULES) - caused == {"comparison-cut-short"}
    assert caused - set(RULES) == set()


@pytest.mark.parametrize("edit", SPECIAL, ids=lambda edit: edit.name)
def test_two_connectors_with_the_same_edit_are_the_same(edit: SpecialEdit) -> None:
    """The edited connector differs from itself in nothing, written and read anew."""
    document, properties = tides(), tides_properties()
    edit.make(document, properties)
    again = json.loads(json.dumps([document, properties], sort_keys=True, indent=3))

    assert compared(document, again[0], properties, again[1]) == ()
