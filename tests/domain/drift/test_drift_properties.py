"""What holds of comparing any two definitions, drawn or real."""

from __future__ import annotations

import copy
import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from changing_nothing import inlined, renamed, reworded, shuffled, with_unused
from converted import Version, converted
from generated_definitions import definitions
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from labelled_facts import SIDES, Pair
from readings import api, compared, read, real_connectors
from sites import told

from connectory.domain.drift.changes import Change, verdict
from connectory.domain.drift.comparing import diff
from connectory.domain.drift.profiles import UPSTREAM
from connectory.domain.drift.rules import RULES

Node = dict[str, Any]

_VERSIONS: tuple[Version, ...] = ("3.0.3", "3.1.0")
_EVERY = 7
_drawn = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    # What is drawn reads well as it is; to shrink it takes minutes where something is wrong.
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)


def lines(changes: tuple[Change, ...]) -> list[str]:
    """Return changes as lines, for a failure that can be read."""
    return [told(change) for change in changes]


def same_rewritten(document: Node, chance: random.Random) -> dict[str, Node]:
    """Return the same definition, written in other ways."""
    return {
        "keys in another order": shuffled(document, chance),
        "references written out": inlined(document),
        "references written out twice": inlined(document, rounds=2),
        "shared parts called otherwise": renamed(document),
        "unused parts": with_unused(document),
        "written and read": json.loads(json.dumps(document, indent="\t", ensure_ascii=False)),
    }


# --- the same


@given(definitions(), st.integers(0, 9))
@_drawn
def test_what_says_the_same_is_the_same(document: Node, seed: int) -> None:
    """Order of keys, spaces, references written out, other names of shared parts: no change."""
    chance = random.Random(seed)
    assert lines(compared(document, copy.deepcopy(document))) == []
    for way, rewritten in same_rewritten(document, chance).items():
        assert (way, lines(compared(document, rewritten))) == (way, [])
        assert (way, lines(compared(rewritten, document))) == (way, [])


def test_a_real_connector_written_otherwise_is_the_same(corpus: Path) -> None:
    """The same of real connectors."""
    chance = random.Random(7)
    for number, (name, document, size) in enumerate(real_connectors(corpus)):
        if number % _EVERY == 0 and size < 300_000:
            for way, rewritten in same_rewritten(document, chance).items():
                assert (name, way, lines(compared(document, rewritten))) == (name, way, [])


@given(definitions(), st.integers(0, 9))
@_drawn
def test_what_says_the_same_in_a_newer_format_is_the_same(document: Node, seed: int) -> None:
    """The same of OpenAPI 3.0 and 3.1, in which what may be empty is spelled otherwise."""
    for version in _VERSIONS:
        newer = converted(document, version)
        for rewritten in (shuffled(newer, random.Random(seed)), inlined(newer)):
            assert (version, lines(compared(newer, rewritten))) == (version, [])
        changes = compared(newer, reworded(newer))
        assert (version, verdict(changes) in ("identical", "cosmetic")) == (version, True)


@given(definitions())
@_drawn
def test_the_same_api_in_another_format_is_the_same(document: Node) -> None:
    """A connector does not lag behind its API because that is written in a newer OpenAPI."""
    for version in _VERSIONS:
        upstream = converted(document, version)
        assert (version, lines(compared(document, upstream, profile=UPSTREAM))) == (version, [])
    newer = converted(document, "3.1.0")
    assert lines(compared(converted(document, "3.0.3"), newer, profile=UPSTREAM)) == []


@pytest.mark.parametrize("version", _VERSIONS)
def test_a_real_api_in_another_format_is_the_same(corpus: Path, version: Version) -> None:
    """The same of real connectors."""
    wrong = {}
    for number, (name, document, size) in enumerate(real_connectors(corpus)):
        if number % _EVERY == 1 and size < 300_000:
            changes = compared(document, converted(document, version), profile=UPSTREAM)
            if changes:
                wrong[name] = lines(changes)[:9]

    assert wrong == {}


# --- there and back


def mirrored(rule: str) -> set[str]:
    """Return the rules that may tell a change backwards."""
    return {RULES[rule].mirror} | {one.id for one in RULES.values() if one.mirror == rule}


def unmirrored(forth: tuple[Change, ...], back: tuple[Change, ...]) -> list[str]:
    """Return the changes of either way that the other way does not tell."""
    names = {str(one.before): str(one.after) for one in forth if one.rule == "operation-id-renamed"}
    bodies = {
        (one.place.operation_id, one.before): one.after
        for one in forth
        if one.rule == "body-renamed"
    }

    def place(change: Change, *, turned: bool) -> tuple[Any, ...]:
        told = change.place
        operation, name = told.operation_id, told.name
        if change.rule == "security-changed":
            return (change.rule,)
        if turned:
            name = bodies.get((operation, name), name) if told.kind == "body" else name
            operation = names.get(operation or "", operation)
        return (operation, told.kind, name, told.status, told.property)

    left = Counter((change.rule, place(change, turned=False)) for change in back)
    lacking = []
    for change in forth:
        for rule in sorted(mirrored(change.rule)):
            key = (rule, place(change, turned=True))
            if left[key]:
                left[key] -= 1
                break
        else:
            lacking.append(f"forward only: {told(change)}")
    return lacking + [f"backward only: {rule} {where}" for rule, where in left.elements()]


@given(definitions(), definitions())
@_drawn
def test_what_is_added_one_way_is_removed_the_other(before: Node, after: Node) -> None:
    """Every change has its mirror at the same place, whatever the two definitions are."""
    forth, back = compared(before, after), compared(after, before)

    assert unmirrored(forth, back) == []


def test_what_is_added_in_a_real_version_is_removed_backwards(corpus: Path) -> None:
    """The same of real versions."""
    folder = corpus / "drift"
    labels = json.loads((folder / "labels.json").read_text(encoding="utf-8"))["pairs"]
    for name, labelled in labels.items():
        pair = Pair(folder / "pairs" / name, labelled)
        before, after = (read(pair.content(side), pair.properties(side)) for side in SIDES)

        assert (name, unmirrored(diff(before, after), diff(after, before))) == (name, [])


# --- texts


@given(definitions())
@_drawn
def test_texts_alone_are_cosmetic(document: Node) -> None:
    """Whatever people read is written anew, and nobody is hit."""
    changes = compared(document, reworded(document))

    assert lines(tuple(one for one in changes if one.severity != "cosmetic")) == []
    assert verdict(compared(document, reworded(document))) in ("identical", "cosmetic")


def test_texts_of_real_connectors_are_cosmetic(corpus: Path) -> None:
    """The same of real connectors; all of them have texts."""
    for number, (name, document, size) in enumerate(real_connectors(corpus)):
        if number % _EVERY == 2 and size < 300_000:
            changes = diff(api(document), api(reworded(document)))
            assert (name, verdict(changes)) == (name, "cosmetic")


# --- whole corpus, long


@pytest.mark.soak
def test_every_real_connector_written_otherwise_is_the_same(corpus: Path) -> None:
    """All connectors, all ways, all formats."""
    chance = random.Random(11)
    for name, document, _ in real_connectors(corpus):
        for way, rewritten in same_rewritten(document, chance).items():
            assert (name, way, lines(compared(document, rewritten))) == (name, way, [])
        for version in _VERSIONS:
            changes = compared(document, converted(document, version), profile=UPSTREAM)
            assert (name, version, lines(changes)) == (name, version, [])
        changes = diff(api(document), api(reworded(document)))
        assert (name, verdict(changes)) == (name, "cosmetic")
