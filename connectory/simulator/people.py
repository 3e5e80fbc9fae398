"""The directory of the simulated tenant: people, guests, groups and service principals."""

from __future__ import annotations

import random
import unicodedata
from dataclasses import dataclass
from datetime import timedelta

from connectory.simulator.randomness import chance, guid, moment, stream
from connectory.simulator.sizes import Size
from connectory.simulator.state import Group, Person, ServicePrincipal, Tenant
from connectory.simulator.words import (
    COMPANY,
    DEPARTMENTS,
    FAMILY_NAMES,
    GIVEN_NAMES,
    GUEST_COMPANIES,
    MAKER_DEPARTMENTS,
)

HOSTILE_PERSON = "\N{RIGHT-TO-LEFT MARK}Zoë <b>Quint</b>"


def add_directory(tenant: Tenant, size: Size) -> None:
    """Fill the tenant's people, groups and service principals."""
    rng = stream(tenant.seed, "people")
    taken: set[str] = set()
    for _ in range(size.people):
        add_person(tenant, rng, taken)
    _shape(tenant, rng)
    _appoint_managers(tenant, rng)
    _add_service_principals(tenant, stream(tenant.seed, "service principals"))
    _add_groups(tenant, size, stream(tenant.seed, "groups"))


def add_person(tenant: Tenant, rng: random.Random, taken: set[str]) -> Person:
    """Add and return one working member of a department.

    `taken` holds the principal names already given, and receives the new one.
    """
    given, family = rng.choice(GIVEN_NAMES), rng.choice(FAMILY_NAMES)
    department = rng.choice(tuple(DEPARTMENTS))
    person_id = guid(rng)
    local = _ascii(f"{given}.{family}".lower())
    name = f"{local}@{tenant.domain}"
    if name in taken:
        name = f"{local}{len(taken)}@{tenant.domain}"
    taken.add(name)
    person = Person(
        id=person_id,
        user_principal_name=name,
        display_name=f"{given} {family}",
        mail=name,
        user_type="Member",
        enabled=True,
        department=department,
        job_title=rng.choice(DEPARTMENTS[department]),
        company=COMPANY,
        manager_id=None,
        created=moment(rng, tenant.now, 40, 2500),
        preferred_language=rng.choice(("en-GB", "de-DE", "en-US", None)),
    )
    tenant.people[person_id] = person
    return person


def _ascii(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


def _shape(tenant: Tenant, rng: random.Random) -> None:
    """Make some people guests, some disabled, some deleted in the last weeks."""
    people = list(tenant.people.values())
    rng.shuffle(people)
    count = len(people)
    quota = [max(1, round(count * share)) for share in (0.05, 0.04, 0.04)]
    for person in people[: quota[0]]:
        person.deleted = moment(rng, tenant.now, 2, 25)
        person.enabled = False
    for person in people[quota[0] : sum(quota[:2])]:
        company, domain = rng.choice(GUEST_COMPANIES)
        address = f"{_ascii(person.display_name).lower().replace(' ', '.')}@{domain}"
        person.user_type = "Guest"
        person.mail = address
        person.user_principal_name = (
            f"{address.replace('@', '_')}.{person.id[:4]}#EXT#@{tenant.domain}"
        )
        person.company, person.department, person.job_title = company, None, "External consultant"
    for person in people[sum(quota[:2]) : sum(quota)]:
        person.enabled = False
    if count > 100:  # noqa: PLR2004 - a believable share of odd names needs a crowd
        people[-1].display_name = HOSTILE_PERSON
        people[-2].mail = None
        people[-3].department = people[-3].job_title = None


def _appoint_managers(tenant: Tenant, rng: random.Random) -> None:
    heads: dict[str, Person] = {}
    for person in tenant.people.values():
        if person.enabled and person.user_type == "Member" and person.department:
            heads.setdefault(person.department, person)
    for person in tenant.people.values():
        head = heads.get(person.department or "")
        if head is not None and head.id != person.id and chance(rng, 0.93):
            person.manager_id = head.id


def _add_service_principals(tenant: Tenant, rng: random.Random) -> None:
    names = ("Connectory collector", "svc-deploy-pipeline", "svc-integration", "svc-retired-bot")
    for name in names:
        app_id = tenant.collector_app_id if name == names[0] else guid(rng)
        principal = ServicePrincipal(guid(rng), app_id, name, enabled=name != names[-1])
        tenant.service_principals[principal.id] = principal


def _add_groups(tenant: Tenant, size: Size, rng: random.Random) -> None:
    active = [person for person in tenant.people.values() if person.deleted is None]
    departments = {
        name: [person.id for person in active if person.department == name] for name in DEPARTMENTS
    }
    staffed = {name: ids for name, ids in departments.items() if ids}
    for name, ids in staffed.items():
        if len(tenant.groups) < size.groups - 4 or not tenant.groups:
            _group(tenant, rng, f"{name}: everyone", ids)
    nested = list(tenant.groups)
    _group(tenant, rng, "All staff", nested)
    makers = cast_of(tenant).makers
    inner = _group(tenant, rng, "Integration guild", [p.id for p in rng.sample(makers, 2)])
    # Entra does not stop a group from containing itself by way of another.
    outer = _group(tenant, rng, "Platform champions", [rng.choice(makers).id, inner.id])
    inner.member_ids.append(outer.id)
    _group(tenant, rng, "Project Halyard (empty)", [])
    gone = _group(tenant, rng, "Rollout 2024", [rng.choice(makers).id])
    gone.deleted = tenant.now - timedelta(days=rng.randrange(2, 20))
    while len(tenant.groups) < size.groups:
        team = rng.sample(active, min(len(active), rng.randrange(3, 30)))
        _group(tenant, rng, f"Team {rng.choice(FAMILY_NAMES)} {len(tenant.groups)}",
               [person.id for person in team])  # fmt: skip


def _group(tenant: Tenant, rng: random.Random, name: str, members: list[str]) -> Group:
    group = Group(guid(rng), name, list(members))
    if name.endswith(("guild", "champions")) or name.startswith("Team "):
        group.mail = f"{_ascii(name.lower()).replace(' ', '.')}@{tenant.domain}"
    group.owner_ids = [rng.choice(tuple(tenant.people))]
    tenant.groups[group.id] = group
    return group


@dataclass(frozen=True, slots=True)
class Cast:
    """The people of a tenant by the part they play, at one moment."""

    makers: list[Person]
    """Working members who build connectors, flows and apps; never empty."""
    working: list[Person]
    """Enabled members and guests."""
    guests: list[Person]
    disabled: list[Person]
    departed: list[Person]
    teams: list[str]
    """Groups below which, beside accounts that cannot sign in, there are makers only."""


def cast_of(tenant: Tenant) -> Cast:
    """Sort the people of the tenant by the part they play now."""
    present = [person for person in tenant.people.values() if person.deleted is None]
    working = [person for person in present if person.enabled]
    members = [person for person in working if person.user_type == "Member"]
    makers = [person for person in members if person.department in MAKER_DEPARTMENTS]
    makers = makers if len(makers) > 1 else members
    return Cast(
        makers=makers,
        working=working,
        guests=[person for person in working if person.user_type == "Guest"],
        disabled=[person for person in present if not person.enabled],
        departed=[person for person in tenant.people.values() if person.deleted is not None],
        teams=_teams(tenant, {p.id for p in working} - {p.id for p in makers}),
    )


def _teams(tenant: Tenant, outside: set[str]) -> list[str]:
    """Return the groups below which nobody of some is, however deep."""
    mixed = set(outside)
    while True:
        found = {
            group.id
            for group in tenant.groups.values()
            if group.id not in mixed and not mixed.isdisjoint(group.member_ids)
        }
        if not found:
            return [
                group.id
                for group in tenant.groups.values()
                if group.deleted is None and group.id not in mixed
            ]
        mixed |= found
