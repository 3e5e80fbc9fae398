"""Headers that hold people's words: encoded whole where they are not plain, so that words stay words.

The standard library's own headers read a text before they write it, which decodes what looks
encoded, and lose blanks and quotes where a long one is folded.
"""

from __future__ import annotations

import re
from email.header import Header
from email.headerregistry import BaseHeader, HeaderRegistry
from email.policy import SMTP, Policy
from typing import Any, Final

_PLAIN_PHRASE: Final = re.compile(r"[A-Za-z0-9 -]*")
_LINE: Final = 76


class _Words(BaseHeader):
    """A header of free text, e.g. a subject."""

    max_count = 1

    @classmethod
    def parse(cls, value: str, kwds: dict[str, Any]) -> None:
        """Keep a text as it is."""
        kwds |= {"decoded": value, "parse_tree": None}

    def fold(self, *, policy: Policy[Any]) -> str:
        """Return the header as it is written."""
        name, text = self.name, str(self)
        plain = text.isascii() and "=?" not in text
        return f"{name}: {_encoded(name, text, policy, plain=plain)}{policy.linesep}"


class _Mailbox(BaseHeader):
    """A header of one address with the name of whose it is."""

    max_count = 1

    @classmethod
    def parse(cls, value: tuple[str, str], kwds: dict[str, Any]) -> None:
        """Keep name and address apart."""
        kwds |= {"decoded": f"{value[0]} <{value[1]}>", "parse_tree": None, "told": value}

    def init(self, *args: Any, **kwds: Any) -> None:
        """Keep them."""
        self._told: tuple[str, str] = kwds.pop("told")
        super().init(*args, **kwds)

    def fold(self, *, policy: Policy[Any]) -> str:
        """Return the header as it is written."""
        name = self.name
        whose, address = self._told
        if not whose:
            return f"{name}: {address}{policy.linesep}"
        plain = _PLAIN_PHRASE.fullmatch(whose) is not None
        phrase = _encoded(name, whose, policy, plain=plain)
        last = len(phrase.rpartition(policy.linesep)[2]) + len(name)
        between = " " if last + len(address) < _LINE - len(": <>") else f"{policy.linesep} "
        return f"{name}: {phrase}{between}<{address}>{policy.linesep}"


def _encoded(name: str, text: str, policy: Policy[Any], *, plain: bool) -> str:
    """Return a text as it stands in a header, in lines that every server takes (RFC 2047)."""
    header = Header(text, "us-ascii" if plain else "utf-8", _LINE, header_name=name)
    return header.encode(linesep=policy.linesep)


def _registry() -> HeaderRegistry:
    registry = HeaderRegistry()
    registry.map_to_type("subject", _Words)
    for name in ("from", "to", "reply-to"):
        registry.map_to_type(name, _Mailbox)
    return registry


POLICY: Final = SMTP.clone(cte_type="7bit", header_factory=_registry())
"""Of seven bits, which pass every server on the way; addresses are given as name and address."""
