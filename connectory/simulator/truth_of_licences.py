"""What licensing says of everybody, by the role they were dealt: looked up, never worked out."""

from __future__ import annotations

from collections.abc import Iterator

from connectory.simulator.licence_cases import (
    BUILDS,
    CANNOT_SIGN_IN,
    CASES,
    HAS_LEFT,
    NO_PART,
    PRINCIPAL,
    Role,
    Verdict,
)
from connectory.simulator.state import Json, Person, Tenant

_ROLES = {(case.name, role.name): role for case in CASES for role in case.roles}


def licence_verdicts(tenant: Tenant) -> list[Json]:
    """Return the verdict on everybody, on either basis.

    `shares`: of people with the same `group` so many have a pass, and the others are in need.
    `may_be_covered`: rules need not name them; where one does, this covers.
    """
    return sorted(_people(tenant), key=lambda row: str(row["person_id"]))


def _people(tenant: Tenant) -> Iterator[Json]:
    for person in tenant.people.values():
        case, group, role = _dealt(tenant, person)
        open_ended = role is BUILDS
        yield {
            "person_id": person.id,
            "case": case,
            "role": role.name,
            "group": group,
            "shares": role.passes,
            "may_be_covered": [list(pair) for pair in role.active.covered] if open_ended else [],
            "active": _told(Verdict() if open_ended else role.active),
            "access": _told(Verdict() if open_ended else role.access or role.active),
        }


def _dealt(tenant: Tenant, person: Person) -> tuple[str, int | None, Role]:
    if person.deleted is not None:
        return HAS_LEFT.name, None, HAS_LEFT
    part = tenant.dealt.parts.get(person.id)
    if not person.enabled and (part is None or _ROLES[part.case, part.role].account != "disabled"):
        return CANNOT_SIGN_IN.name, None, CANNOT_SIGN_IN
    if part is not None:
        return part.case, part.number, _ROLES[part.case, part.role]
    role = BUILDS if person.id in tenant.dealt.builders else NO_PART
    return role.name, None, role


def _told(verdict: Verdict) -> Json:
    return {
        "needs": sorted(verdict.needs),
        "covered": sorted(list(pair) for pair in verdict.covered),
        "review": verdict.review,
    }


def flow_verdicts(tenant: Tenant) -> list[Json]:
    """Return flows that no person can cover, and which lack what can."""
    return sorted(
        (
            {"environment_id": home, "flow": name, "case": case, "needs": [PRINCIPAL]}
            for (home, name), case in tenant.dealt.principal_flows
        ),
        key=lambda row: str(row["flow"]),
    )
