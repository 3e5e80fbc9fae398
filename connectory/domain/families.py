"""Which connectors are the same one in several environments, and which of them is the reference.

A family has at most one member in an environment. Where two could be, the nearer one is taken and
the other told by name; those left over form a family of their own if they are in several
environments.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final, Literal

from connectory.domain.lineage import Candidate, Kinship, Traits, kin, kinship, traits

Rule = Literal["logical_name", "solution_component", "lineage", "override", "alone"]

_PRODUCTION: Final = "Production"
_MOST_COMPARED: Final = 16
_LONGEST_KEY: Final = 400
_EPOCH: Final = datetime(1, 1, 1, tzinfo=UTC)
_STRENGTH: Final[tuple[Rule, ...]] = ("logical_name", "solution_component", "lineage", "alone")


@dataclass(frozen=True, slots=True)
class FamilyRules:
    """What somebody decided about families.

    Attributes:
        reference: Names or ids of environments, the preferred ones first.
        together: Families by name: connectors, each as `environment/connector`.
        alone: Connectors of no family, written alike.
        chains: Environments that belong together, by name or id.
    """

    reference: tuple[str, ...] = ()
    together: tuple[tuple[str, tuple[str, ...]], ...] = ()
    alone: tuple[str, ...] = ()
    chains: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Membership:
    """Where a connector belongs.

    Attributes:
        family: Key of its family, the same as long as what it rests on is.
        name: Name of the family.
        rule: By which rule it belongs there.
        reason: Why, in one sentence.
        reference: The connector it is compared with; itself if it is the reference.
        reference_reason: Why that is the reference; None where a family has one member.
    """

    family: str
    name: str
    rule: Rule
    reason: str
    reference: int
    reference_reason: str | None = None


@dataclass(frozen=True, slots=True)
class Families:
    """All connectors by family.

    Attributes:
        members: Where each connector belongs, by its number.
        notes: What was decided about connectors that are not there, or not only once.
    """

    members: dict[int, Membership]
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class _Group:
    """Connectors that are relatives."""

    places: list[int]
    rule: Rule | None = None
    key: str = ""
    name: str | None = None
    because: dict[int, str] = field(default_factory=dict)


_NOTHING_DECIDED: Final = FamilyRules()


def families(candidates: Iterable[Candidate], rules: FamilyRules = _NOTHING_DECIDED) -> Families:
    """Return the family of every connector.

    Args:
        candidates: The connectors.
        rules: What somebody decided.
    """
    return _Sorting(candidates, rules).sorted_out()


class _Sorting:
    """One sorting of connectors; they stand in the order in which they would be the reference."""

    def __init__(self, candidates: Iterable[Candidate], rules: FamilyRules) -> None:
        self._rules = rules
        self._wanted = {name.casefold(): rank for rank, name in enumerate(rules.reference)}
        self._chain = {
            name.casefold(): number for number, chain in enumerate(rules.chains) for name in chain
        }
        ordered = sorted(candidates, key=lambda one: (self._rank(one), -_when(one), one.id))
        self._people: list[tuple[Candidate, Traits]] = [(one, traits(one)) for one in ordered]
        self._notes: list[str] = []
        self._named: dict[str, list[list[int]]] = defaultdict(list)
        self._members: dict[int, Membership] = {}

    def sorted_out(self) -> Families:
        """Return where each belongs."""
        taken = self._overridden()
        free = [place for place in range(len(self._people)) if place not in taken]
        for group in self._relatives(free):
            self._settle(group)
        self._tell_apart()
        return Families(self._members, tuple(self._notes))

    def _overridden(self) -> set[int]:
        """Take out what somebody decided about; return whom that concerns."""
        specs = {spec.casefold() for _, specs in self._rules.together for spec in specs}
        specs |= {spec.casefold() for spec in self._rules.alone}
        found: dict[str, list[int]] = defaultdict(list)
        if specs:
            for place, (one, _) in enumerate(self._people):
                for spec in _spellings(one) & specs:
                    found[spec].append(place)
        taken: set[int] = set()
        for spec in self._rules.alone:
            single = self._one(found, spec, "drift.alone")
            if single is not None and single not in taken:
                taken.add(single)
                self._alone(single, "it stands alone by drift.alone", "override")
        for name, members in self._rules.together:
            places = [self._one(found, spec, f"drift.families.{name}") for spec in members]
            mine = sorted({place for place in places if place is not None} - taken)
            taken.update(mine)
            reason = f"named in drift.families.{name}"
            group = _Group(mine, "override", f"override:{name.casefold()}"[:_LONGEST_KEY], name)
            group.because = dict.fromkeys(mine, reason)
            self._settle(group)
        return taken

    def _one(self, found: Mapping[str, list[int]], spec: str, where: str) -> int | None:
        places = found.get(spec.casefold(), [])
        if len(places) == 1:
            return places[0]
        there = "no connector is there" if not places else f"{len(places)} connectors are called so"
        self._notes.append(f"{where}: {spec}: {there}")
        return None

    def _relatives(self, free: Sequence[int]) -> list[_Group]:
        """Return the groups of those that are relatives, directly or by others."""
        above = list(range(len(free)))
        edges: dict[int, tuple[int, Kinship]] = {}

        def root(place: int) -> int:
            while above[place] != place:
                above[place] = above[above[place]]
                place = above[place]
            return place

        for place, head, told in kin([self._people[one] for one in free]):
            first, second = sorted((root(place), root(head)))
            above[second] = first
            if place not in edges or edges[place][1].nearness < told.nearness:
                edges[place] = (head, told)
        groups: dict[int, _Group] = {}
        for place, real in enumerate(free):
            group = groups.setdefault(root(place), _Group([]))
            group.places.append(real)
            if place in edges:
                head, told = edges[place]
                group.because[real] = f"{told.reason} as {self._people[free[head]][0].told}"
        return list(groups.values())

    def _settle(self, group: _Group) -> None:
        """Make families of relatives: one member an environment, and more of those left over."""
        there: dict[int, list[int]] = defaultdict(list)
        for place in sorted(group.places):
            there[self._people[place][0].environment_id].append(place)
        firsts: dict[int, int] = {}
        while len(there) > 1:
            reference = min(places[0] for places in there.values())
            chosen = {at: self._nearest(places, reference) for at, places in there.items()}
            others = {}
            for at, place in chosen.items():
                firsts.setdefault(at, place)
                there[at].remove(place)
                if there[at]:
                    others[place] = there[at][0]
            self._family(list(chosen.values()), reference, group, others)
            there = {at: places for at, places in there.items() if places}
        for at, places in there.items():
            for place in places:
                self._alone(place, self._without(group, firsts.get(at)))

    def _without(self, group: _Group, first: int | None) -> str:
        """Return why a connector is of no family."""
        if first is not None:
            return f"{self._people[first][0].told} is the nearer relative of that family"
        if group.rule == "override":
            return "none of those it was named with is in another environment"
        if len(group.places) > 1:
            return "its relatives are in the same environment"
        return "no other connector has its name, or its title or host with the same operations"

    def _nearest(self, there: Sequence[int], reference: int) -> int:
        """Return who of one environment is nearest to the reference, itself if it is among them.

        Where very many could be, the first ones are looked at.
        """
        if there[0] == reference or len(there) == 1:
            return there[0]

        def nearness(place: int) -> tuple[tuple[float, ...], int]:
            told = kinship(self._people[reference], self._people[place])
            return (told.nearness if told else (0.0,), -place)

        return max(there[:_MOST_COMPARED], key=nearness)

    def _family(
        self,
        places: Sequence[int],
        reference: int,
        group: _Group,
        others: Mapping[int, int],
    ) -> None:
        """Note a family; `others` could have taken the place of a member."""
        ahead, _ = self._people[reference]
        ties = {place: self._tie(place, reference, group) for place in places}
        strongest = self._strongest(group, ties, reference)
        key = group.key or self._natural_key(places, strongest)
        found = []
        references = self._references(places, reference)
        for place in places:
            one = self._people[place][0]
            rule, reason = ties[place]
            mine, why = references[place]
            if place in others:
                reason += f"; {self._people[others[place]][0].told} is one too, less near"
            found.append(one.id)
            self._members[one.id] = Membership(
                key,
                group.name or ahead.name,
                strongest if place == reference else rule,
                reason,
                self._people[mine][0].id,
                why,
            )
        self._named[key].append(found)

    def _strongest(
        self, group: _Group, ties: Mapping[int, tuple[Rule, str]], reference: int
    ) -> Rule:
        """Return by which rule a family is one."""
        if group.rule is not None:
            return group.rule
        found: list[Rule] = [rule for place, (rule, _) in ties.items() if place != reference]
        return min(found, key=_STRENGTH.index)

    def _tie(self, place: int, reference: int, group: _Group) -> tuple[Rule, str]:
        """Return by which rule, and why, a connector belongs to the family of the reference."""
        if group.rule is not None:
            return group.rule, group.because[place]
        if place == reference:
            return "alone", "the others of this family were compared with it"
        told = kinship(self._people[reference], self._people[place])
        if told is not None:
            return told.link, f"{told.reason} as {self._people[reference][0].told}"
        return "lineage", group.because.get(place, "by way of other members of this family")

    def _references(
        self, places: Sequence[int], reference: int
    ) -> dict[int, tuple[int, str | None]]:
        """Return with whom each member is compared: the best of its chain, else of the family."""
        usual: tuple[int, str | None] = (reference, self._why(reference, places))
        found = dict.fromkeys(places, usual)
        by_chain: dict[int, list[int]] = defaultdict(list)
        for place in places:
            if (chain := self._chain_of(self._people[place][0])) is not None:
                by_chain[chain].append(place)
        for members in by_chain.values():
            if len(members) > 1:
                best = self._reference(members)
                found |= dict.fromkeys(members, (best, self._why(best, members)))
        return found

    def _chain_of(self, one: Candidate) -> int | None:
        return next(
            (self._chain[n.casefold()] for n in one.places if n.casefold() in self._chain), None
        )

    def _reference(self, places: Sequence[int]) -> int:
        """Return the reference: people stand in the order of preference."""
        return min(places)

    def _why(self, reference: int, places: Sequence[int]) -> str:
        """Return why one of a family is the reference."""
        one = self._people[reference][0]
        rank = self._rank(one)
        equal = [p for p in places if self._rank(self._people[p][0]) == rank]
        if rank < len(self._wanted):
            ahead = len([p for p in places if self._rank(self._people[p][0]) < len(self._wanted)])
            first = " first" if ahead > 1 else ""
            return f"{one.environment} is named{first} in drift.reference"
        if rank == len(self._wanted):
            if len(equal) == 1:
                return f"{one.environment} is the production environment"
            return f"of {len(equal)} in production environments it was published last"
        return "it was published last, and none is in a production environment"

    def _rank(self, one: Candidate) -> int:
        """Return how much an environment is preferred, the less the more."""
        named = [self._wanted[n.casefold()] for n in one.places if n.casefold() in self._wanted]
        if named:
            return min(named)
        return len(self._wanted) + (one.kind != _PRODUCTION)

    def _natural_key(self, places: Sequence[int], rule: Rule) -> str:
        """Return a key that outlives its members: the least of what they have in common."""
        mine = [self._people[place][1] for place in places]
        names = sorted({one.logical_name for one in mine if one.logical_name})
        rows = sorted({one.row for one in mine if one.row})
        if rule == "logical_name" and names:
            return f"name:{names[0]}"[:_LONGEST_KEY]
        if rule == "solution_component" and rows:
            return f"row:{rows[0]}"[:_LONGEST_KEY]
        titles = sorted({title for one in mine for title in one.titles})
        hosts = sorted({one.host for one in mine if one.host})
        told = f"title:{titles[0]}" if titles else f"host:{hosts[0] if hosts else ''}"
        return told[:_LONGEST_KEY]

    def _tell_apart(self) -> None:
        """Give families whose keys are the same the number of their first connector as well."""
        for key, named in self._named.items():
            for members in named if len(named) > 1 else ():
                for one in members:
                    self._members[one] = replace(
                        self._members[one], family=f"{key} #{min(members)}"
                    )

    def _alone(self, place: int, reason: str, rule: Rule = "alone") -> None:
        one = self._people[place][0]
        self._members[one.id] = Membership(f"connector:{one.id}", one.name, rule, reason, one.id)


def _spellings(one: Candidate) -> set[str]:
    return {f"{p}/{name}".casefold() for p in one.places for name in one.labels if p and name}


def _when(one: Candidate) -> float:
    return ((one.published_at or _EPOCH) - _EPOCH).total_seconds()
