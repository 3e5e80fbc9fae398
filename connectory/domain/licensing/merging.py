"""People of a piece in as few classes as decide it: what nothing ties is no more than its cost.

Of the environments that people need something in, only those that tie them to others stay; what the
rest costs them is told by way. So people who use other apps at the same cost are one class.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from connectory.domain.licensing.alone import Alone
from connectory.domain.licensing.classes import Class, Place
from connectory.domain.licensing.part import Best, Part, Way, open_ways
from connectory.domain.licensing.plan import Share
from connectory.domain.licensing.settling import must_have

_Key = tuple[
    tuple[Place, ...],
    tuple[int, ...],
    tuple[tuple[int, int], ...],
    tuple[tuple[Way, Best], ...],
]


@dataclass(frozen=True, slots=True)
class Merged:
    """A piece with fewer classes.

    Attributes:
        piece: The piece, its classes merged.
        members: Of each of its classes, the numbers of those it was made of.
    """

    piece: Part
    members: tuple[tuple[int, ...], ...]


def merged(piece: Part, tied: Collection[int], settled: Mapping[int, bool], alone: Alone) -> Merged:
    """Return a piece with its classes merged.

    Args:
        piece: The piece.
        tied: Environments that tie people together.
        settled: Flows, by place, of which it is plain whether a new Process licence covers them.
        alone: Tells what is needed where nothing ties.
    """
    found: dict[_Key, list[int]] = defaultdict(list)
    for number, one in enumerate(piece.classes):
        forced = must_have(one, settled)
        rest = tuple(place for place in one.places if place.environment not in tied)
        ways = tuple(
            (way, cost)
            for way in open_ways(one)
            if (way[1] or not forced) and (cost := alone.beside(rest, way)) is not None
        )
        # Whoever has Power Automate Premium in any case needs nothing else for flows.
        flows = () if forced else tuple(n for n in one.flows if n not in settled)
        serving = () if forced else tuple(a for a in one.associated if not settled.get(a[0]))
        places = tuple(place for place in one.places if place.environment in tied)
        found[places, flows, serving, ways].append(number)
    classes = [
        Class(np.concatenate([piece.classes[n].people for n in numbers]), places, flows, serving)
        for (places, flows, serving, _), numbers in found.items()
    ]
    return Merged(
        Part(tuple(classes), piece.flows, tuple(dict(ways) for *_, ways in found)),
        tuple(tuple(numbers) for numbers in found.values()),
    )


def parted(told: Merged, piece: Part, shares: Sequence[Sequence[Share]]) -> list[tuple[Share, ...]]:
    """Return what those of each class of a piece get, from what those of the merged ones do."""
    found: list[tuple[Share, ...]] = [()] * len(piece.classes)
    for numbers, some in zip(told.members, shares, strict=True):
        left = list(some)
        for number in numbers:
            found[number] = tuple(_taken(left, piece.classes[number].size))
    return found


def _taken(left: list[Share], wanted: int) -> Iterator[Share]:
    """Take some people from the first shares that are left, and yield what they get."""
    while wanted:
        first = left[0]
        taken = min(wanted, first.people)
        left[0] = replace(first, people=first.people - taken)
        wanted -= taken
        if taken:
            yield replace(first, people=taken)
        if not left[0].people:
            del left[0]
