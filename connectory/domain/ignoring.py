"""Which connectors an organisation has decided not to count: tests, and what others manage."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

Pattern = tuple[str, str]
"""A pattern and the reason it was written for."""


@dataclass(frozen=True, slots=True)
class IgnoreRules:
    """Patterns of connectors left out of figures and findings; nothing is removed from the store.

    In a pattern ``*`` stands for any letters and ``?`` for any one; nothing else has a meaning,
    and letter case does not matter. A pattern fits a whole name, not a part of one.

    Attributes:
        names: Patterns of the name people see or the runtime name.
        publishers: Patterns of the publisher as the maker wrote it.
        environments: Patterns of an environment's name or id.
    """

    names: tuple[Pattern, ...] = ()
    publishers: tuple[Pattern, ...] = ()
    environments: tuple[Pattern, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.names or self.publishers or self.environments)

    def why(
        self,
        names: Iterable[str | None],
        publisher: str | None,
        environment: Iterable[str | None],
    ) -> str | None:
        """Return why a connector is ignored: the first rule that fits; None if none does.

        Args:
            names: What it is called.
            publisher: Who made it, as its maker wrote.
            environment: What its environment is called.
        """
        for what, patterns, told in (
            ("name", self.names, names),
            ("publisher", self.publishers, (publisher,)),
            ("environment", self.environments, environment),
        ):
            texts = [text.casefold() for text in told if text]
            for pattern, reason in patterns:
                if any(fnmatchcase(text, _plain(pattern)) for text in texts):
                    return f"{reason} ({what} fits {pattern})"
        return None


def _plain(pattern: str) -> str:
    """Take the meaning from square brackets, with which many begin the name of a test."""
    return pattern.casefold().replace("[", "[[]")


def unfit(pattern: str) -> str | None:
    """Return why a text is no pattern to ignore by; None if it is one."""
    if not pattern.strip("*? "):
        return "a pattern needs more than * and ?, or every connector would fit it"
    if pattern != pattern.strip() or not pattern.isprintable():
        return f"{pattern!r} begins or ends with a space, or has a sign that is not seen"
    return None
