"""Families: the same connector in several environments, why, and which one is the reference."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectory.domain.chains import chains
from connectory.domain.families import Families, FamilyRules, families
from connectory.domain.lineage import Candidate, host_template, title_template

PROD, TEST, DEV, LAB = 1, 2, 3, 4
NAMES = {PROD: "Finance", TEST: "Finance TEST", DEV: "Finance DEV", LAB: "Lab"}
BORN = datetime(2026, 1, 1, tzinfo=UTC)
FIVE = frozenset({"Get", "List", "Create", "Change", "Delete"})


def one(number: int, place: int, title: str = "Invoices", **facts: Any) -> Candidate:
    """Return a connector of five operations in one of four environments."""
    told: dict[str, Any] = {
        "host": f"{'' if place == PROD else NAMES[place].split()[-1].lower() + '.'}invoices.example",
        "operations": FIVE,
        "published_at": BORN + timedelta(days=number),
    } | facts
    return Candidate(
        id=number,
        name=title,
        environment_id=place,
        environment=NAMES[place],
        kind="Production" if place == PROD else "Sandbox",
        places=(NAMES[place], f"env-{place}"),
        labels=(title, f"shared_{title.lower()}-{number}"),
        titles=(title,),
        **told,
    )


def groups(found: Families) -> set[frozenset[int]]:
    """Return which connectors are together."""
    together: dict[str, set[int]] = {}
    for number, member in found.members.items():
        together.setdefault(member.family, set()).add(number)
    return {frozenset(members) for members in together.values()}


def test_a_logical_name_makes_a_family() -> None:
    """It does although the hosts differ and a version of it lacks operations."""
    found = families(
        [
            one(1, PROD, logical_name="new_invoices"),
            one(2, DEV, "Rechnungen", logical_name="NEW_invoices", host="other.example",
                operations=frozenset({"Get"})),
        ]
    )  # fmt: skip
    member = found.members[2]

    assert groups(found) == {frozenset({1, 2})}
    assert (member.family, member.name, member.rule) == (
        "name:new_invoices",
        "Invoices",
        "logical_name",
    )
    assert member.reason == "the same logical name, new_invoices, as Invoices in Finance"
    assert (member.reference, found.members[1].reference) == (1, 1)
    assert member.reference_reason == "Finance is the production environment"


def test_a_component_of_a_solution_keeps_its_row() -> None:
    """A solution takes the id of a row along from one environment to the next."""
    found = families([one(1, PROD, row="AB"), one(2, TEST, "Other", row="ab", host="x.example")])

    assert found.members[2].rule == "solution_component"
    assert "the same solution component" in found.members[2].reason


def test_a_lineage_is_told_by_title_host_and_operations() -> None:
    """Stages in titles and hosts are no difference; what is shared is counted."""
    found = families(
        [one(1, PROD), one(2, DEV, "Invoices (dev)", operations=FIVE - {"Delete"} | {"Export"})]
    )

    assert found.members[2].rule == "lineage"
    assert found.members[2].reason == (
        "the same title and host, 4 of 5 operations, as Invoices in Finance"
    )
    assert found.members[2].family == "title:invoices"


@pytest.mark.parametrize(
    "facts",
    [
        {"operations": frozenset({"Pay", "Refund"})},
        {"operations": frozenset({"Get", "Pay", "Refund"}), "host": "elsewhere.example"},
        {"operations": None, "host": "elsewhere.example"},
        {"operations": frozenset({"Pay"}), "host": "x.example", "logical_name": "new_invoices"},
    ],
    ids=["disjoint", "few in common", "unread elsewhere", "a name taken twice"],
)
def test_a_common_title_alone_makes_no_family(facts: dict[str, Any]) -> None:
    """Two connectors may be called the same and have nothing to do with one another."""
    found = families([one(1, PROD, logical_name="new_invoices"), one(2, DEV, **facts)])

    assert groups(found) == {frozenset({1}), frozenset({2})}
    assert found.members[2].rule == "alone"
    assert found.members[2].reference == 2


def test_the_very_same_definition_makes_a_family() -> None:
    """Also where it cannot be read, and whatever the connectors are called."""
    facts: dict[str, Any] = {"definition": 7, "operations": None, "host": None}
    found = families([one(1, PROD, **facts), one(2, DEV, "Zohosign", **facts)])

    assert found.members[2].reason == "the very same definition as Invoices in Finance"


def test_a_renamed_operation_is_found_by_its_path() -> None:
    """A connector of one operation, which was renamed, is still the same one."""
    route = frozenset({"GET /invoices"})
    found = families(
        [
            one(1, PROD, operations=frozenset({"Get"}), routes=route),
            one(2, DEV, operations=frozenset({"GetV2"}), routes=route),
        ]
    )

    assert groups(found) == {frozenset({1, 2})}


def test_of_two_in_one_environment_the_nearer_is_taken_and_the_other_told() -> None:
    """Neither is merged silently: one stands alone, and both say of each other."""
    found = families([one(1, PROD), one(2, DEV), one(3, DEV, "Invoices copy", operations=FIVE - {"Get"})])  # fmt: skip

    assert groups(found) == {frozenset({1, 2}), frozenset({3})}
    assert found.members[2].reason.endswith("; Invoices copy in Finance DEV is one too, less near")
    assert found.members[3].rule == "alone"
    assert found.members[3].reason == (
        "Invoices in Finance DEV is the nearer relative of that family"
    )


def test_those_left_over_in_several_environments_are_a_family_too() -> None:
    """Two copies in each of two environments are two families with keys of their own."""
    found = families([one(n, place) for n, place in ((1, PROD), (2, PROD), (3, DEV), (4, DEV))])

    assert {len(members) for members in groups(found)} == {2}
    assert len({member.family for member in found.members.values()}) == 2


def test_the_reference_is_configured_else_production_else_published_last() -> None:
    """And why it is, is said."""
    members = [one(1, PROD), one(2, TEST), one(3, DEV)]
    rules = FamilyRules(reference=("finance dev", "env-2"))
    configured = families(members, rules).members[1]
    usual = families(members).members[3]
    latest = families(members[1:]).members[2]

    assert (configured.reference, configured.reference_reason) == (
        3,
        "Finance DEV is named first in drift.reference",
    )
    assert (usual.reference, usual.reference_reason) == (1, "Finance is the production environment")
    assert latest.reference == 3
    assert latest.reference_reason == (
        "it was published last, and none is in a production environment"
    )


def test_people_decide_otherwise() -> None:
    """Connectors that nothing shows to be one are made so, and relatives are kept apart."""
    rules = FamilyRules(
        together=(("Bills", ("Finance/Invoices", "env-3/Payables")),), alone=("finance test/invoices",)
    )  # fmt: skip
    found = families(
        [one(1, PROD), one(2, TEST), one(3, DEV, "Payables", operations=frozenset({"X"}))], rules
    )

    assert groups(found) == {frozenset({1, 3}), frozenset({2})}
    assert found.members[3].name == "Bills"
    assert (found.members[3].rule, found.members[3].reason) == (
        "override",
        "named in drift.families.Bills",
    )
    assert (found.members[2].rule, found.members[2].reason) == (
        "override",
        "it stands alone by drift.alone",
    )
    assert found.notes == ()


def test_a_decision_about_what_is_not_there_is_told() -> None:
    """So is one that several connectors are called by."""
    rules = FamilyRules(
        together=(("Bills", ("Lab/Nothing", "Finance/Invoices")),), alone=("Lab/Twice",)
    )
    found = families([one(1, PROD), one(2, LAB, "Twice"), one(3, LAB, "Twice")], rules)

    assert found.notes == (
        "drift.alone: Lab/Twice: 2 connectors are called so",
        "drift.families.Bills: Lab/Nothing: no connector is there",
    )
    assert found.members[1].reason == "none of those it was named with is in another environment"


def test_each_chain_has_its_own_reference() -> None:
    """A member is compared with that of its own chain, where the chain has several members."""
    found = families(
        [one(n, place, logical_name="new_x") for n, place in ((1, PROD), (2, TEST), (3, DEV), (4, LAB))],
        FamilyRules(chains=(("Finance DEV", "Lab"),)),
    )  # fmt: skip

    assert groups(found) == {frozenset({1, 2, 3, 4})}
    assert {n: member.reference for n, member in found.members.items()} == {1: 1, 2: 1, 3: 4, 4: 4}


def test_who_comes_first_changes_nothing() -> None:
    """The order in which connectors are told has no say."""
    members = [one(n, (PROD, TEST, DEV, LAB)[n % 4], f"T{n % 5}") for n in range(1, 41)]

    assert families(members).members == families(reversed(members)).members


def test_ten_thousand_of_one_kind_are_sorted_soon() -> None:
    """Work grows with how many there are, whatever they have in common."""
    crowd = [
        Candidate(n, "Copy", n % 50, f"Place {n % 50}", titles=("Copy",), host="copy.example",
                  operations=FIVE)
        for n in range(10_000)
    ]  # fmt: skip
    found = families(crowd)

    assert {len(members) for members in groups(found)} == {50}


@pytest.mark.parametrize(
    ("host", "place", "template"),
    [
        ("dev.api.invoices.example", "Lab", "api.invoices.example"),
        ("api-test.invoices.example", "Lab", "api.invoices.example"),
        ("invoices-uat2.azurewebsites.example", "Lab", "invoices.azurewebsites.example"),
        ("lab.invoices.example", "Lab", "invoices.example"),
        ("lab.example", "Lab", "lab.example"),
        ("test.example", "Lab", "test.example"),
        ("contest.example", "Lab", "contest.example"),
        ("localhost", "Lab", "localhost"),
        ("", "", ""),
    ],
)
def test_a_host_loses_its_stage(host: str, place: str, template: str) -> None:
    """The domain itself is kept, and so are words that only contain a stage."""
    assert host_template(host, place) == template


@pytest.mark.parametrize(
    ("title", "template"),
    [
        ("Invoices [DEV]", "invoices"),
        ("TEST - Invoices 2", "invoices 2"),
        ("Test", "test"),
        ("…", ""),
    ],
)
def test_a_title_loses_its_stage(title: str, template: str) -> None:
    """Unless it is nothing else."""
    assert title_template(title) == template


def test_chains_are_inferred_from_where_families_are() -> None:
    """An environment belongs to a chain where two families, and half of all, have a member.

    A family without a member in the reference environment belongs to the chain that has all of
    its environments, and is missed there.
    """
    places = {
        "a": [(PROD, PROD), (TEST, PROD), (DEV, PROD)],
        "b": [(PROD, PROD), (TEST, PROD), (DEV, PROD)],
        "c": [(PROD, PROD), (TEST, PROD), (LAB, PROD)],
        "d": [(TEST, TEST), (DEV, TEST)],
        "e": [(LAB, LAB), (9, LAB)],
    }

    assert chains(places) == {
        "a": (PROD, TEST, DEV),
        "b": (PROD, TEST, DEV),
        "c": (PROD, TEST, DEV),
        "d": (PROD, TEST, DEV),
        "e": (),
    }


def test_a_declared_chain_goes_before_what_is_inferred() -> None:
    """Each environment of a family brings its own chain along."""
    places = {"a": [(PROD, PROD), (TEST, PROD)], "b": [(PROD, PROD), (TEST, PROD)], "c": [(9, 9)]}

    assert chains(places, [[PROD, TEST, LAB], [9, 8]]) == {
        "a": (PROD, TEST, LAB),
        "b": (PROD, TEST, LAB),
        "c": (8, 9),
    }
