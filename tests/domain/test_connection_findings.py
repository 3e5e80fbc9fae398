"""What is wrong with connections and references, one row per case."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connectory.domain.connection_facts import (
    ConnectionFacts,
    ConnectionRules,
    Identity,
    ReferenceFacts,
    Sharing,
    mail_domain,
)
from connectory.domain.connection_findings import connection_findings, reference_findings

ANN = Identity("Ann Ample", "user", "enabled", "ann@ours.example")
OFF = Identity("Otto Off", "user", "disabled", "otto@ours.example")
GONE = Identity("Carla Contrived", "user", "deleted", "carla@ours.example")
LOST = Identity("Somebody", None, "unknown")
GUEST = Identity("Gil Guest", "guest", "enabled", "gil_partner.example#EXT#@ours.example")
LEFT_GUEST = replace(GUEST, state="deleted")
ROBOT = Identity("Pipeline", "service_principal", "enabled")
SERVICE = Identity("Integration", "user", "enabled", "SVC-integration@ours.example")
OURS = frozenset({"ours.example"})
OTHER = "0f9e8d7c-6b5a-4948-8372-615049382716"
RULES = ConnectionRules()
SOUND = ConnectionFacts(
    status="Connected",
    status_detail=None,
    creator=ANN,
    creator_tenant=None,
    account_name=None,
    account=None,
    account_tenant=None,
    signs_in_as_creator=False,
    environment_kind="Production",
    relied_on=False,
    sharing=Sharing(),
)
BOUND = ReferenceFacts(
    bound=True,
    connection_here=True,
    connector="shared_x",
    connector_here=True,
    owner=ANN,
    used=False,
)


def kinds(domains: frozenset[str] | None = OURS, **facts: Any) -> list[tuple[str, str]]:
    """Return kind and severity of what is wrong with a connection that is sound but for this."""
    return [
        (one.kind, one.severity)
        for one in connection_findings(replace(SOUND, **facts), RULES, domains)
    ]


def of_reference(**facts: Any) -> list[tuple[str, str]]:
    """Return the same of a reference."""
    return [(one.kind, one.severity) for one in reference_findings(replace(BOUND, **facts))]


def test_a_sound_connection_and_a_sound_reference_have_none() -> None:
    """Silence is the rule."""
    assert kinds() == []
    assert of_reference() == []


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        ({"status": "Error"}, [("broken", "low")]),
        ({"status": "Error", "relied_on": True}, [("broken", "high")]),
        ({"status": "PendingConfirmation"}, [("unconfirmed", "low")]),
        ({"status": "Unknown"}, []),
        ({"status": None}, []),
        ({"creator": None}, []),
        ({"creator": GONE}, [("owner_left", "medium")]),
        ({"creator": GONE, "relied_on": True}, [("owner_left", "high")]),
        ({"creator": OFF}, [("owner_disabled", "medium")]),
        ({"creator": LOST}, []),
        ({"creator": GUEST}, [("guest", "medium")]),
        ({"creator": LEFT_GUEST}, [("owner_left", "medium")]),
        ({"creator": ROBOT}, []),
        ({"account_name": "carla@ours.example", "account": GONE}, [("owner_left", "medium")]),
        ({"creator": GONE, "account_name": "otto@ours.example", "account": OFF},
         [("owner_left", "medium")]),
        ({"creator": OFF, "account_name": "gil@partner.example", "account": GUEST},
         [("owner_disabled", "medium"), ("guest", "medium")]),
        # Nobody of another tenant is in our directory, so being absent from it proves nothing.
        ({"creator": GONE, "creator_tenant": OTHER}, [("outside", "high")]),
        ({"account_name": "x@ours.example", "account_tenant": OTHER}, [("outside", "high")]),
        ({"account_name": "x@partner.example"}, [("outside", "high")]),
        ({"account_name": "X@OURS.example"}, []),
        ({"account_name": "database_user"}, []),
        ({"account_name": "corp\\x"}, []),
        ({"sharing": Sharing(people=1)}, [("shared", "low")]),
        ({"sharing": Sharing(people=1, groups=2)}, [("shared", "medium")]),
        ({"sharing": Sharing(apps=1)}, [("shared", "medium")]),
        ({"sharing": Sharing(everyone=True)}, [("shared", "high")]),
    ],
)  # fmt: skip
def test_each_thing_that_is_wrong_is_found_by_itself(
    facts: dict[str, Any], found: list[tuple[str, str]]
) -> None:
    """One fact at a time, with how bad it is."""
    assert kinds(**facts) == found


@pytest.mark.parametrize(
    ("facts", "personal"),
    [
        ({"account_name": "ann@ours.example", "account": ANN}, True),
        ({"account_name": "ann@ours.example", "account": OFF}, True),
        ({"signs_in_as_creator": True}, True),
        ({"signs_in_as_creator": True, "creator": ROBOT}, False),
        ({"signs_in_as_creator": True, "creator": None}, False),
        ({"signs_in_as_creator": False}, False),  # a key is nobody's account
        ({"account_name": "svc-integration@ours.example", "account": SERVICE}, False),
        ({"account_name": "svc-new@ours.example"}, False),
        ({"account_name": "unknown@ours.example"}, False),  # may be anybody's
        ({"account_name": "ann@ours.example", "account": GONE}, False),  # left, which is worse
        ({"account_name": "ann@ours.example", "account": ANN, "relied_on": False}, False),
        ({"account_name": "ann@ours.example", "account": ANN, "environment_kind": "Sandbox"}, False),
        ({"account_name": "ann@freemail.example"}, False),  # outside, which is worse
    ],
)  # fmt: skip
def test_a_personal_account_is_one_that_others_rely_on_in_production(
    facts: dict[str, Any], *, personal: bool
) -> None:
    """A person's own connection for an app is right; one that a flow runs with is not."""
    found = kinds(**{"relied_on": True, **facts})

    assert (("personal_account", "medium") in found) is personal


def test_nothing_is_outside_while_the_directory_is_unknown() -> None:
    """Without the members' addresses nobody can tell a foreign one; a tenant told is proof."""
    assert kinds(None, account_name="x@partner.example") == []
    assert kinds(None, account_name="x@partner.example", account_tenant=OTHER) == [
        ("outside", "high")
    ]


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        ({"bound": False, "connection_here": None}, [("unbound", "medium")]),
        ({"bound": False, "connection_here": None, "used": True}, [("unbound", "high")]),
        ({"connection_here": False}, [("connection_absent", "medium")]),
        ({"connection_here": None}, []),
        ({"connector_here": False, "used": True}, [("connector_absent", "high")]),
        ({"connector_here": None}, []),
        ({"owner": GONE}, [("owner_left", "medium")]),
        ({"owner": OFF, "used": True}, [("owner_disabled", "high")]),
        ({"owner": GUEST}, [("guest", "medium")]),
        ({"owner": LOST}, []),
        ({"owner": None}, []),
        ({"bound": False, "connector_here": False, "owner": GONE},
         [("unbound", "medium"), ("connector_absent", "medium"), ("owner_left", "medium")]),
    ],
)  # fmt: skip
def test_a_reference_is_judged_by_what_was_read(
    facts: dict[str, Any], found: list[tuple[str, str]]
) -> None:
    """What is not known to be absent is not called absent."""
    assert of_reference(**facts) == found


def test_a_finding_names_its_proof_and_its_cure() -> None:
    """Who, what and what to do stand in two sentences."""
    left = connection_findings(replace(SOUND, creator=GONE), RULES, OURS)[0]
    account = replace(SOUND, account_name="gil@partner.example", account=GUEST)
    guest = connection_findings(account, RULES, OURS)[0]
    shared = connection_findings(
        replace(SOUND, sharing=Sharing(people=2, groups=1, everyone=True)), RULES, OURS
    )[0]

    assert left.proof == "Carla Contrived, who made it, is no longer in the directory"
    assert left.cure == "Give it to somebody who is there, or replace it"
    assert guest.proof == "Gil Guest, whom it signs in as, is a guest of the tenant"
    assert shared.proof == "It is shared with 2 people, 1 group and everyone in the tenant"


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("ann@Ours.Example", "ours.example"),
        (" ann@ours.example ", "ours.example"),
        ("a@b@ours.example", "ours.example"),
        ("@ours.example", None),
        ("ann@localhost", None),
        ("ann", None),
        ("", None),
        (None, None),
    ],
)
def test_only_an_address_has_a_domain(address: str | None, domain: str | None) -> None:
    """Database users and names of machines are no addresses."""
    assert mail_domain(address) == domain


@pytest.mark.parametrize(
    ("name", "service"),
    [
        ("svc-x@ours.example", True),
        ("SVC_x@ours.example", True),
        ("service.desk@ours.example", True),
        ("sa-x@ours.example", True),
        ("sandra@ours.example", False),
        ("ann@svc.example", False),
        ("", False),
        (None, False),
    ],
)
def test_a_service_account_is_known_by_its_name(name: str | None, *, service: bool) -> None:
    """What stands before the @ decides, whatever the letter case."""
    assert RULES.is_service_account(name) is service


def test_an_organisation_has_its_own_names_for_service_accounts() -> None:
    """The settings replace the patterns and the kinds of environments."""
    facts = replace(SOUND, account_name="ann@ours.example", account=ANN, relied_on=True,
                    environment_kind="Sandbox")  # fmt: skip
    here = ConnectionRules(("dienst*",), ("Sandbox",))
    named = ConnectionRules(("an?",), ("Sandbox",))

    assert [one.kind for one in connection_findings(facts, here, OURS)] == ["personal_account"]
    assert connection_findings(facts, named, OURS) == []
