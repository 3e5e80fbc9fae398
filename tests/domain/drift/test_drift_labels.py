"""What the engine tells of real versions is what is labelled of them: no fact less, none more."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from labelled_facts import CLASSES, LabelClass, Pair
from raw_definition import RawDefinition, differs_in_structure

from connectory.domain.drift.changes import verdict

_AT_MOST_COSMETIC = ("identical", "cosmetic")


@pytest.fixture(scope="module")
def pairs(corpus: Path) -> list[Pair]:
    """Every labelled pair of real versions."""
    folder = corpus / "drift"
    labels = json.loads((folder / "labels.json").read_text(encoding="utf-8"))["pairs"]
    return [Pair(folder / "pairs" / name, told) for name, told in labels.items()]


@pytest.mark.parametrize("label", CLASSES, ids=lambda label: label.name)
def test_every_labelled_fact_is_told_and_no_other(label: LabelClass, pairs: list[Pair]) -> None:
    """Precision and recall are one in each class of labels, each fact being told once."""
    missing: dict[str, list[object]] = {}
    invented: dict[str, list[object]] = {}
    for pair in pairs:
        if label.properties and pair.labels["api_properties"] is None:
            continue
        told, found = label.told(pair), label.found(pair)
        if lacking := told - found:
            missing[pair.name] = list(lacking.elements())
        if beyond := found - told:
            invented[pair.name] = list(beyond.elements())

    assert missing == {}
    assert invented == {}


def test_each_class_of_labels_is_judged(pairs: list[Pair]) -> None:
    """No label that the pairs carry is left out, whatever it is called."""
    judged = {label.name.partition(".")[0] for label in CLASSES} | {"change_class", "warnings"}

    assert {name for pair in pairs for name in pair.labels} - judged == set()


def test_the_verdict_suits_the_class_of_a_change(pairs: list[Pair]) -> None:
    """The same content is identical, texts and metadata are never worse than cosmetic."""
    wrong = {}
    for pair in pairs:
        kind = pair.labels["change_class"]
        structural = differs_in_structure(pair.before.document, pair.after.document)
        judged = verdict(pair.changes_of_definition)
        right = {
            "identical_after_parsing": judged == "identical",
            "text_only": judged in _AT_MOST_COSMETIC,
            "text_and_metadata_only": judged in _AT_MOST_COSMETIC,
            "structural": judged != "identical" or not structural,
        }[kind]
        if not right:
            told = [change.message for change in pair.changes_of_definition]
            wrong[pair.name] = (kind, judged, told[:5])

    assert wrong == {}


def test_what_differs_in_any_text_that_is_used_is_told(pairs: list[Pair]) -> None:
    """Where parts that something refers to differ, the engine says that something does."""
    silent = [
        pair.name
        for pair in pairs
        if RawDefinition(pair.before.document).referenced()
        != RawDefinition(pair.after.document).referenced()
        and not pair.changes_of_definition
    ]

    assert silent == []


def test_no_real_change_is_too_large_to_be_told(pairs: list[Pair]) -> None:
    """No bound is reached by what people really do to connectors."""
    cut = [
        pair.name
        for pair in pairs
        if any(change.rule == "comparison-cut-short" for change in pair.changes)
    ]

    assert cut == []


def test_no_fact_is_told_twice(pairs: list[Pair]) -> None:
    """Each change has a fingerprint of its own, so that accepting one accepts no other."""
    for pair in pairs:
        prints = Counter(change.fingerprint for change in pair.changes)

        assert [one for one, times in prints.items() if times > 1] == [], pair.name
