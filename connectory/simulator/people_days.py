"""What can happen on one day to people, groups and applications, beside who joins and who leaves.

Whoever is in a case of licensing is left alone. Whoever comes back or may sign in again holds
licences for all that they build, as everybody does who joins to build.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final, TypeVar

from connectory.simulator.happenings import Day
from connectory.simulator.inventory import live_connectors
from connectory.simulator.licence_cases import BUILDS
from connectory.simulator.licences import hold_only
from connectory.simulator.randomness import chance
from connectory.simulator.state import Group, Person, ServicePrincipal, Tenant
from connectory.simulator.words import DEPARTMENTS, MAKER_DEPARTMENTS

Holder = TypeVar("Holder", Person, Group, ServicePrincipal)
_TEAM: Final = 4
"""How many people a group is filled with at most, and one less."""
_RESTORED: Final = timedelta(days=30)
"""How long after they left somebody can be restored."""


def keep_plans(day: Day) -> None:
    """What was planned for this day happens."""
    tenant = day.tenant
    for planned in tenant.owning.plans:
        if planned.day != tenant.now.date():
            continue
        match planned.what:
            case "leaves":
                leaver = tenant.people[planned.who]
                leaver.deleted, leaver.enabled = day.moment(), False
            case "returns":
                bring_back(tenant, tenant.people[planned.who])
            case "is emptied":
                tenant.groups[planned.who].member_ids.clear()


def come_back(day: Day) -> None:
    """Somebody who left within the month is restored, with the account they had."""
    absent = [
        person
        for person in _free(day, day.tenant.people.values())
        if person.deleted is not None and day.tenant.now - person.deleted < _RESTORED
    ]
    if absent:
        bring_back(day.tenant, day.rng.choice(_owners_first(day, absent)))


def bring_back(tenant: Tenant, person: Person) -> None:
    """Restore a person from the recycle bin, or let one sign in again."""
    person.deleted, person.enabled = None, True
    if person.id not in tenant.dealt.builders and person.user_type == "Member":
        tenant.dealt.builders.add(person.id)
        hold_only(tenant, {person.id: BUILDS})


def block(day: Day) -> None:
    """The account of somebody who builds is disabled for a while."""
    working = [p for p in _free(day, day.cast.makers) if p.enabled and p.deleted is None]
    if len(working) > 3:  # noqa: PLR2004 - somebody always remains to build
        day.rng.choice(_owners_first(day, working)).enabled = False


def unblock(day: Day) -> None:
    """Somebody whose account was disabled may sign in again."""
    blocked = [p for p in _free(day, day.cast.disabled) if p.deleted is None and not p.enabled]
    if blocked:
        bring_back(day.tenant, day.rng.choice(_owners_first(day, blocked)))


def move(day: Day) -> None:
    """Somebody moves to another department, whose head they report to from then on."""
    tenant = day.tenant
    people = [p for p in _free(day, day.cast.working) if p.user_type == "Member" and p.enabled]
    if not people:
        return
    person = day.rng.choice(people)
    # Whoever does not build does not begin to: that would take licences.
    builds = person.id in tenant.dealt.builders
    offered = [one for one in DEPARTMENTS if builds or one not in MAKER_DEPARTMENTS]
    department = day.rng.choice(offered)
    _leave_department(tenant, person)
    person.department = department
    person.job_title = day.rng.choice(DEPARTMENTS[department])
    person.manager_id = _head(day, person)
    for group in tenant.groups.values():
        if group.display_name == f"{department}: everyone":
            group.member_ids.append(person.id)


def _leave_department(tenant: Tenant, person: Person) -> None:
    for group in tenant.groups.values():
        if group.display_name.endswith(": everyone") and person.id in group.member_ids:
            group.member_ids.remove(person.id)


def _head(day: Day, person: Person) -> str | None:
    """Return who heads a department: whom most there report to, else the first of them."""
    there = [
        p
        for p in day.tenant.people.values()
        if p.department == person.department and p.deleted is None and p is not person
    ]
    known = {p.id for p in there}
    heads = [p.manager_id for p in there if p.manager_id in known]
    if heads:
        return max(sorted(set(heads), key=str), key=heads.count)
    return there[0].id if there else None


def change_manager(day: Day) -> None:
    """Somebody reports to a colleague from now on, or to nobody."""
    people = [p for p in day.cast.working if p.user_type == "Member" and p.department]
    if not people:
        return
    person = day.rng.choice(people)
    peers = [p.id for p in people if p.department == person.department and p is not person]
    person.manager_id = day.rng.choice(peers) if peers and not chance(day.rng, 0.1) else None


def empty_group(day: Day) -> None:
    """Everybody is taken out of a team, most likely of one that owns something."""
    teams = [group for group in _teams(day) if group.member_ids]
    if teams:
        day.rng.choice(_owners_first(day, teams)).member_ids.clear()


def fill_group(day: Day) -> None:
    """People who build are put into a team that has nobody."""
    teams = [group for group in _teams(day) if not group.member_ids]
    makers = [p.id for p in day.cast.makers if p.enabled and p.deleted is None]
    if teams and makers:
        team = day.rng.choice(_owners_first(day, teams))
        team.member_ids = day.rng.sample(makers, min(len(makers), day.rng.randrange(1, _TEAM)))


def _teams(day: Day) -> list[Group]:
    """Return groups that can be emptied and filled: no departments, nobody's case of licensing."""
    parts, groups = day.tenant.dealt.parts, day.tenant.groups
    return [
        group
        for group in _free(day, groups.values())
        if group.deleted is None
        and not group.display_name.endswith(": everyone")
        and parts.keys().isdisjoint(group.member_ids)
        and not any(one in groups for one in group.member_ids)
    ]


def switch_application(day: Day) -> None:
    """An application that is not the collector is disabled, or enabled again."""
    tenant = day.tenant
    others = [
        one
        for one in _free(day, tenant.service_principals.values())
        if one.app_id != tenant.collector_app_id and not _runs_a_case(tenant, one.id)
    ]
    if others:
        one = day.rng.choice(others)
        one.enabled = not one.enabled


def _runs_a_case(tenant: Tenant, principal: str) -> bool:
    cased = {place for place, _ in tenant.dealt.principal_flows}
    return any(
        flow.owner_id == principal for flow in tenant.flows
        if (flow.environment, flow.name) in cased
    )  # fmt: skip


def _free(day: Day, holders: Iterable[Holder]) -> list[Holder]:
    """Keep those who are in no case, and to whom things happen by chance."""
    kept = day.tenant.dealt.parts.keys() | day.tenant.owning.kept(day.tenant.now.date())
    return [one for one in holders if one.id not in kept]


def _owners_first(day: Day, holders: Sequence[Holder]) -> Sequence[Holder]:
    """Return those who own connectors, every other time and if there are any; else all."""
    owners = {
        held.principal_id
        for connector in live_connectors(day.tenant)
        for held in connector.permissions
        if held.role == "Owner"
    }
    owning = [one for one in holders if one.id in owners]
    return owning if owning and chance(day.rng, 0.5) else holders
