"""Which schemas of two documents must be alike if others are: a guess that can be taken back."""

from __future__ import annotations


class Joined:
    """Schemas of two documents that are taken to be alike, in groups, by their ids."""

    def __init__(self) -> None:
        """Begin with every schema alone."""
        self._above: dict[int, int] = {}
        self._size: dict[int, int] = {}
        self._done: list[int] = []

    def mark(self) -> int:
        """Return a point that can be gone back to."""
        return len(self._done)

    def join(self, before: int, after: int) -> bool:
        """Take a schema of the one document to be like one of the other; False if it is already."""
        # A part that stands in both documents is still not the same in both.
        one, other = self._first(before), self._first(~after)
        if one == other:
            return False
        if self._size.get(one, 1) > self._size.get(other, 1):
            one, other = other, one
        self._above[one] = other
        self._size[other] = self._size.get(one, 1) + self._size.get(other, 1)
        self._done.append(one)
        return True

    def undo(self, mark: int) -> None:
        """Take back what was joined since a point."""
        while len(self._done) > mark:
            one = self._done.pop()
            self._size[self._above.pop(one)] -= self._size.get(one, 1)

    def _first(self, one: int) -> int:
        while one in self._above:
            one = self._above[one]
        return one
