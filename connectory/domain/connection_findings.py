"""What is wrong with a connection or a connection reference, each finding with its proof.

Nothing is concluded from what was not read: a person the directory could not be asked about has
not left, and a reference misses its connector only where the connectors there were read. What each
kind of finding rests on stands in `KINDS`, so that a page can say where it could not be looked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from connectory.domain.connection_facts import (
    ConnectionFacts,
    ConnectionRules,
    Identity,
    ReferenceFacts,
    Sharing,
    mail_domain,
)
from connectory.domain.connection_status import status_meaning

FindingKind = Literal[
    "broken",
    "unconfirmed",
    "unbound",
    "connection_absent",
    "connector_absent",
    "owner_left",
    "owner_disabled",
    "personal_account",
    "guest",
    "outside",
    "shared",
]
Severity = Literal["high", "medium", "low"]

_CONNECTIONS, _REFERENCES = "connections", "connection_references"
NEEDS: dict[FindingKind, tuple[str, ...]] = {
    "broken": (_CONNECTIONS,),
    "unconfirmed": (_CONNECTIONS,),
    "unbound": (_REFERENCES,),
    "connection_absent": (_REFERENCES, _CONNECTIONS),
    "connector_absent": (_REFERENCES, "connectors"),
    "owner_left": (_CONNECTIONS, _REFERENCES, "people"),
    "owner_disabled": (_CONNECTIONS, _REFERENCES, "people"),
    "personal_account": (_CONNECTIONS, _REFERENCES, "people"),
    "guest": (_CONNECTIONS, _REFERENCES, "people"),
    "outside": (_CONNECTIONS, "people"),
    "shared": (_CONNECTIONS, "connection_permissions", "apps"),
}
"""Collectors that must have read an environment (people: the directory) to rule a finding out."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: how bad it is, its proof as a sentence, and what helps."""

    kind: FindingKind
    severity: Severity
    proof: str
    cure: str


def connection_findings(
    facts: ConnectionFacts, rules: ConnectionRules, domains: frozenset[str] | None
) -> list[Finding]:
    """Return what is wrong with a connection.

    Args:
        facts: What is known of it.
        rules: What the organisation decided.
        domains: Mail domains that members of the tenant sign in with, case-folded; None if the
            directory was not read.
    """
    creator = facts.creator if facts.creator_tenant is None else None
    behind = [
        (role, person)
        for role, person in (("who made it", creator), ("whom it signs in as", facts.account))
        if person is not None
    ]
    found = [
        _status(facts),
        _left(behind, used=facts.relied_on),
        _guest(behind),
        _outside(facts, domains),
        _shared(facts.sharing),
    ]
    if not any(one and one.kind == "outside" for one in found):
        found.append(_personal(facts, rules))
    return in_order([one for one in found if one is not None])


def reference_findings(facts: ReferenceFacts) -> list[Finding]:
    """Return what is wrong with a connection reference."""
    behind = [("who owns it", facts.owner)] if facts.owner else []
    severity: Severity = "high" if facts.used else "medium"
    found = [_left(behind, used=facts.used), _guest(behind)]
    if not facts.bound:
        found.append(
            Finding("unbound", severity, "No connection stands behind it; what uses it cannot run",
                    "Bind it to a connection in the solution")
        )  # fmt: skip
    elif facts.connection_here is False:
        found.append(
            Finding("connection_absent", severity, "The connection it is bound to is no longer "
                    "in the environment", "Bind it to a connection that exists")
        )  # fmt: skip
    if facts.connector_here is False:
        found.append(
            Finding("connector_absent", severity,
                    f"It points to {facts.connector}, which is not in the environment",
                    "Import the connector, or let the reference point to the one that is there")
        )  # fmt: skip
    return in_order([one for one in found if one is not None])


def in_order(findings: list[Finding]) -> list[Finding]:
    """Return findings in the order of their kinds."""
    order = get_args(FindingKind)
    return sorted(findings, key=lambda one: order.index(one.kind))


def _status(facts: ConnectionFacts) -> Finding | None:
    told = status_meaning(facts.status, facts.status_detail)
    if told.state == "broken":
        severity: Severity = "high" if facts.relied_on else "low"
        return Finding("broken", severity, _sentence(told.words), _sentence(told.cure))
    if told.state == "unconfirmed":
        severity = "medium" if facts.relied_on else "low"
        return Finding("unconfirmed", severity, _sentence(told.words), _sentence(told.cure))
    return None


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def _left(behind: list[tuple[str, Identity]], *, used: bool) -> Finding | None:
    """Tell who left, or else whose account is disabled."""
    severity: Severity = "high" if used else "medium"
    for role, person in behind:
        if person.state == "deleted":
            proof = f"{_who(role, person)} is no longer in the directory"
            return Finding("owner_left", severity, proof,
                           "Give it to somebody who is there, or replace it")  # fmt: skip
    for role, person in behind:
        if person.state == "disabled":
            proof = f"The account of {_who(role, person)} is disabled"
            return Finding("owner_disabled", severity, proof,
                           "Give it to somebody who may sign in, or replace it")  # fmt: skip
    return None


def _who(role: str, person: Identity) -> str:
    return f"{person.name}, {role},"


def _guest(behind: list[tuple[str, Identity]]) -> Finding | None:
    for role, person in behind:
        if person.kind == "guest" and person.state != "deleted":
            proof = f"{_who(role, person)} is a guest of the tenant"
            return Finding("guest", "medium", proof,
                           "Let a member of the tenant or a service account take it over")  # fmt: skip
    return None


def _outside(facts: ConnectionFacts, domains: frozenset[str] | None) -> Finding | None:
    cure = "Find out who that is, and replace the account by one of the tenant"
    if facts.creator_tenant is not None:
        proof = f"It was made by an identity of another tenant ({facts.creator_tenant})"
        return Finding("outside", "high", proof, cure)
    if facts.account_tenant is not None:
        who = facts.account_name or "an account"
        proof = f"It signs in as {who} of another tenant ({facts.account_tenant})"
        return Finding("outside", "high", proof, cure)
    at = mail_domain(facts.account_name)
    if at is None or facts.account is not None or domains is None or at in domains:
        return None
    proof = f"It signs in as {facts.account_name}; no member of the tenant has an address at {at}"
    return Finding("outside", "high", proof, cure)


def _shared(sharing: Sharing) -> Finding | None:
    parts = [
        _many(sharing.people, "person", "people"),
        _many(sharing.groups, "group", "groups"),
        "everyone in the tenant" if sharing.everyone else "",
        _many(sharing.apps, "app, for whoever uses it", "apps, for whoever uses them"),
    ]
    named = [part for part in parts if part]
    if not named:
        return None
    severity: Severity = "low"
    if sharing.everyone:
        severity = "high"
    elif sharing.groups or sharing.apps:
        severity = "medium"
    together = " and ".join([", ".join(named[:-1]), named[-1]] if named[1:] else named)
    return Finding("shared", severity, f"It is shared with {together}",
                   "Check that all of them may act as its account")  # fmt: skip


def _many(number: int, one: str, more: str) -> str:
    return "" if not number else f"{number:,} {one if number == 1 else more}"


def _personal(facts: ConnectionFacts, rules: ConnectionRules) -> Finding | None:
    """Tell whether others rely on a person's own account where a service account belongs.

    A connection that somebody made for their own use of an app is personal and right.
    """
    person = facts.account
    if person is None and facts.account_name is None and facts.signs_in_as_creator:
        person = facts.creator
    if (
        person is None
        or not facts.relied_on
        or facts.environment_kind not in rules.service_account_environments
        or person.kind != "user"
        or person.state == "deleted"
        or rules.is_service_account(person.sign_in or facts.account_name)
    ):
        return None
    proof = f"Others rely on it, and it signs in as {person.name}, a person"
    return Finding("personal_account", "medium", proof, "Let a service account sign in to it")
