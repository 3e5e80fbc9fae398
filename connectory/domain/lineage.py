"""Which connectors come from one another: titles and hosts without their stage, shared operations.

A stage is told by a word of its own (`dev.`, `-test`, `(UAT)`), which is erased before names are
compared. Whatever is compared, each connector is looked at once for each of its keys.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

Link = Literal["logical_name", "solution_component", "lineage"]

_STAGES: Final = frozenset(
    ("dev", "develop", "development", "test", "tst", "testing", "qa", "uat", "sit", "int", "stage",
     "staging", "stg", "preprod", "prod", "prd", "production", "live", "sandbox", "sbx", "demo",
     "acc", "acceptance", "nonprod")
)  # fmt: skip
_WORDS: Final = re.compile(r"[^\W_]+")
_NUMBERED: Final = re.compile(r"\d{1,2}$")
_HALF: Final = 0.5
_SHORTEST_LABEL: Final = 3
_MOST_NEIGHBOURS: Final = 8


@dataclass(frozen=True, slots=True)
class Candidate:
    """A connector as far as it tells whose relative it is.

    Attributes:
        id: Its number.
        name: Name people see.
        environment_id: Number of its environment.
        environment: Name of that for people.
        kind: Kind of that: Production, Sandbox, …
        places: Names and id of that, as settings may write it.
        labels: Names of the connector, as settings may write it.
        logical_name: Dataverse logical name.
        row: Id of its row in Dataverse, which a solution takes along.
        titles: Titles: that of its definition, and the name people see.
        host: Host it calls.
        definition: What its definition is known by, the same for the same text.
        operations: Ids of its operations; None if they are not known.
        routes: Method and path of its operations.
        published_at: When it was last changed at the platform.
    """

    id: int
    name: str
    environment_id: int
    environment: str
    kind: str | None = None
    places: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    logical_name: str | None = None
    row: str | None = None
    titles: tuple[str, ...] = ()
    host: str | None = None
    definition: int | None = None
    operations: frozenset[str] | None = None
    routes: frozenset[str] = frozenset()
    published_at: datetime | None = None

    @property
    def told(self) -> str:
        """The connector with its environment."""
        return f"{self.name} in {self.environment}"


@dataclass(frozen=True, slots=True)
class Traits:
    """What of a candidate is compared.

    Attributes:
        logical_name: Logical name, folded.
        row: Id of its row in Dataverse.
        titles: Titles without their stage.
        host: Host without its stage.
        definition: What its definition is known by.
    """

    logical_name: str | None
    row: str | None
    titles: frozenset[str]
    host: str | None
    definition: int | None


@dataclass(frozen=True, slots=True)
class Kinship:
    """Why two connectors are relatives.

    Attributes:
        link: By what rule.
        reason: It in words, to which "… as NAME in ENVIRONMENT" may be added.
        nearness: The greater, the nearer; of two, the nearer one is the relative.
    """

    link: Link
    reason: str
    nearness: tuple[float, ...]


def traits(candidate: Candidate) -> Traits:
    """Return what of a connector is compared with others."""
    titles = (title_template(title) for title in candidate.titles if title)
    return Traits(
        candidate.logical_name.casefold() if candidate.logical_name else None,
        candidate.row.casefold() if candidate.row else None,
        frozenset(title for title in titles if title),
        host_template(candidate.host, candidate.environment) if candidate.host else None,
        candidate.definition,
    )


def title_template(title: str) -> str:
    """Return a title without the words that tell a stage, in small letters."""
    words = _WORDS.findall(title.casefold())
    return " ".join([word for word in words if not _is_stage(word)] or words)


def host_template(host: str, environment: str) -> str:
    """Return a host without its stage and without words of its environment's name.

    The domain itself is kept: of its last two parts only a stage is erased.

    Args:
        host: Host, perhaps with a port.
        environment: Name of the environment.
    """
    own = {w for w in _WORDS.findall(environment.casefold()) if len(w) >= _SHORTEST_LABEL}
    labels = host.casefold().strip().rstrip(".").split(".")
    kept = []
    for place, label in enumerate(labels):
        left = len(labels) - place
        words = label.replace("_", "-").split("-")
        if left == 1:
            words = [label]
        elif left == 2:  # noqa: PLR2004 - the domain
            words = [word for word in words if not _is_stage(word)]
        else:
            words = [word for word in words if not _is_stage(word) and word not in own]
        if words:
            kept.append("-".join(words))
    return ".".join(kept if len(kept) > 1 else labels)


def _is_stage(word: str) -> bool:
    return _NUMBERED.sub("", word) in _STAGES


def kinship(first: tuple[Candidate, Traits], second: tuple[Candidate, Traits]) -> Kinship | None:
    """Return why two connectors are relatives; None if nothing says so.

    A common logical name or solution component says so, unless neither an operation nor the host
    is common, where all are known. Else the definitions must be the same, or share operations: at
    least half of the smaller one's if the title is common, half of all if only the host is.
    """
    (one, mine), (other, theirs) = first, second
    known = one.operations is not None and other.operations is not None
    shared, of_smaller, of_all = _shared(one, other)
    title = bool(mine.titles & theirs.titles)
    host = mine.host is not None and mine.host == theirs.host
    same = one.definition is not None and one.definition == other.definition
    nearness = (float(same), of_all, float(title), float(host))
    strangers = known and not shared and not host and not same
    if mine.logical_name is not None and mine.logical_name == theirs.logical_name:
        reason = f"the same logical name, {one.logical_name},"
        return None if strangers else Kinship("logical_name", reason, (3.0, *nearness))
    if mine.row is not None and mine.row == theirs.row:
        reason = f"the same solution component, {one.row},"
        return None if strangers else Kinship("solution_component", reason, (2.0, *nearness))
    if same:
        return Kinship("lineage", "the very same definition", (1.0, *nearness))
    names = [word for word, common in (("title", title), ("host", host)) if common]
    if not known:
        alike = title and host
    else:
        alike = of_smaller >= _HALF if title else host and of_all >= _HALF
    if not alike:
        return None
    most = max(len(one.operations or ()), len(other.operations or ()))
    told = f"{shared} of {most} operations" if known else "no operations known"
    reason = f"the same {' and '.join(names)}, {told},"
    return Kinship("lineage", reason, (1.0, *nearness))


def _shared(one: Candidate, other: Candidate) -> tuple[int, float, float]:
    """Return how many operations are common, and their share of the smaller one and of all.

    By id or by method and path, whichever says more: ids are renamed, and paths are moved.
    """
    found = (0, 0.0, 0.0)
    pairs = ((one.operations or frozenset(), other.operations or frozenset()),
             (one.routes, other.routes))  # fmt: skip
    for mine, theirs in pairs:
        common = len(mine & theirs)
        if common:
            least, union = min(len(mine), len(theirs)), len(mine | theirs)
            found = max(found, (common, common / least, common / union), key=lambda f: f[1:])
    return found


def kin(
    people: Sequence[tuple[Candidate, Traits]],
) -> Iterator[tuple[int, int, Kinship]]:
    """Yield which connectors are relatives, as places in the sequence: each of an earlier one.

    Only those with a key in common are compared, and of these each with the few that share the
    most operations with it, so that the work grows with how many there are, not with its square.
    """
    blocks: dict[tuple[str, str], list[int]] = defaultdict(list)
    for place, (_, one) in enumerate(people):
        for key in _keys(one):
            blocks[key].append(place)
    for members in blocks.values():
        yield from _kin_of_block(people, members)


def _keys(one: Traits) -> Iterator[tuple[str, str]]:
    if one.logical_name is not None:
        yield "logical_name", one.logical_name
    if one.row is not None:
        yield "row", one.row
    for title in sorted(one.titles):
        yield "title", title
    if one.host is not None:
        yield "host", one.host
    if one.definition is not None:
        yield "definition", str(one.definition)


def _kin_of_block(
    people: Sequence[tuple[Candidate, Traits]], members: Sequence[int]
) -> Iterator[tuple[int, int, Kinship]]:
    heads: list[int] = []
    with_operation: dict[str, list[int]] = defaultdict(list)
    for place in members:
        one = people[place][0]
        marks = (*(one.operations or ()), *one.routes)
        votes = Counter(head for mark in marks for head in with_operation[mark])
        near = [head for head, _ in votes.most_common(_MOST_NEIGHBOURS)]
        # Without a common operation it may still be one that has the same name, or none is known.
        near += [head for head in heads[:_MOST_NEIGHBOURS] if head not in votes]
        found = [(told, head) for head in near if (told := kinship(people[head], people[place]))]
        if found:
            told, head = max(found, key=lambda pair: (pair[0].nearness, -pair[1]))
            yield place, head, told
            continue
        heads.append(place)
        for mark in marks:
            if len(with_operation[mark]) < _MOST_NEIGHBOURS:
                with_operation[mark].append(place)
