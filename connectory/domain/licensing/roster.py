"""Who is meant by an id: one person, all of a group, or a member of one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from connectory.domain.licensing.scenario import Numbers, People

_MEMBER: Final = re.compile(r"(.+)-([1-9][0-9]{0,8})", re.DOTALL)


class Roster:
    """The people of a scenario by their ids; those of a group are not kept one by one.

    Args:
        people: Everybody.
    """

    def __init__(self, people: People) -> None:
        self._people = people
        self._users: dict[str, int] = {}
        self._doubled: dict[int, str] = {}
        for number, user in enumerate(people.users):
            if user.id in self._users:
                self._doubled[number] = user.id
            self._users.setdefault(user.id, number)
        for number, user in enumerate(people.users):
            group = self._group(user.id)
            if group is not None:
                self._doubled.setdefault(max(number, group[0]), user.id)

    def doubled(self) -> Iterator[tuple[int, str]]:
        """Yield the numbers of users because of whom an id stands for two, and the id."""
        yield from sorted(self._doubled.items())

    def of(self, name: str) -> Numbers | None:
        """Return the numbers of those an id stands for; None if nobody has it."""
        user = self._users.get(name)
        if user is not None:
            return self._people.of(user)
        if (group := self._group(name)) is None:
            return None
        number, place = group
        return self._people.of(number)[place - 1 : place]

    def _group(self, name: str) -> tuple[int, int] | None:
        """Return the group of which an id names a member, and which; None if it does not."""
        told = _MEMBER.fullmatch(name)
        number = None if told is None else self._users.get(told[1])
        if told is None or number is None:
            return None
        count, place = self._people.users[number].count, int(told[2])
        return None if count is None or place > count else (number, place)
