"""Every rule of linting, by documents that trip it and documents that do not."""

from __future__ import annotations

import json

import pytest
from spoilings import NEAR, TRIPPING, Spoiling
from whole_connector import DEFINITION, spoiled

from connectory.domain.linting.findings import Finding
from connectory.domain.linting.linting import lint
from connectory.domain.linting.rules import RULES


def found(spoiling: Spoiling) -> tuple[Finding, ...]:
    """Return what is found in a document that can be read."""
    answer = lint(spoiling.definition, spoiling.properties, has_script=spoiling.has_script)
    assert isinstance(answer, tuple), answer
    return answer


def test_nothing_is_found_where_nothing_is_wrong() -> None:
    """A connector that exercises what the rules are about trips none of them."""
    assert found(Spoiling(spoiled(DEFINITION))) == ()


def test_no_rule_is_without_its_documents() -> None:
    """Each rule has documents that trip it, and nothing else is tried."""
    assert set(TRIPPING) == set(RULES)
    assert set(NEAR) <= set(RULES)


@pytest.mark.parametrize("rule", sorted(TRIPPING))
def test_a_rule_finds_what_it_is_about(rule: str) -> None:
    """Each document that is spoiled in the way of a rule trips it, with a place and a remedy."""
    for spoiling in TRIPPING[rule]:
        tripped = [finding for finding in found(spoiling) if finding.rule == rule]
        assert tripped, spoiling.definition.decode(errors="replace")[:300]
        for finding in tripped:
            assert finding.severity == RULES[rule].severity
            assert finding.remedy == RULES[rule].remedy
            assert finding.message.endswith(".")
            assert len(finding.message) < 400
            assert finding.line is not None or finding.location in {"", "apiProperties#"}


@pytest.mark.parametrize("rule", sorted(NEAR))
def test_a_rule_leaves_its_neighbours_alone(rule: str) -> None:
    """Documents that come near to what a rule is about do not trip it."""
    for spoiling in NEAR[rule]:
        assert [finding for finding in found(spoiling) if finding.rule == rule] == []


def test_rules_are_told_in_full() -> None:
    """Each rule says why and what to do, in sentences, and is an error or a warning."""
    for rule in RULES.values():
        assert rule.severity in {"error", "warning"}
        assert rule.why.endswith((".", '"'))
        assert rule.remedy[-1] in '.]"'


@pytest.mark.parametrize("name", ["DefaultValueMustMatchType", "PolicyOperationNotFound"])
def test_pointers_lead_to_what_is_meant(name: str) -> None:
    """A location is a JSON pointer into its file."""
    for spoiling in TRIPPING[name]:
        for finding in found(spoiling):
            home, _, pointer = finding.location.rpartition("#")
            node = json.loads(spoiling.properties if home else spoiling.definition)
            for step in pointer.split("/")[1:]:
                key = step.replace("~1", "/").replace("~0", "~")
                node = node[int(key)] if isinstance(node, list) else node[key]
