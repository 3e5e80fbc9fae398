"""Words of a tenant in a mail: on one line, bounded, and never a link that a mail program makes."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

LONGEST: Final = 600
NAME: Final = 120
"""Most characters of a name."""
_UNSEEN: Final = {"Cc", "Cf", "Zl", "Zp", "Cs", "Co", "Cn"}
BREAK: Final = "\N{ZERO WIDTH SPACE}"
"""What ends an address in the eyes of a mail program."""
# Mail programs make links of addresses, also of bare hosts; a place to break the line ends that.
_ADDRESS: Final = re.compile(r"(?<=\w)[.@](?=\w*[^\W\d])|:(?=/)")


class Ours(str):
    """Words that no tenant wrote, such as an address of the settings: they stay as they are."""

    __slots__ = ()


def plain(value: object, longest: int = LONGEST) -> str:
    """Return words on one line, without characters that steer, in which nobody finds an address.

    Args:
        value: The words; `Ours` stay as they are.
        longest: Most characters that are kept.
    """
    if isinstance(value, Ours):
        return value
    text = str(value).replace(BREAK, "")[: longest * 4]
    seen = "".join(" " if unicodedata.category(one) in _UNSEEN else one for one in text)
    words = " ".join(seen.split())
    if len(words) > longest:
        words = words[: longest - 1].rstrip() + "…"
    return _ADDRESS.sub(lambda found: found[0] + BREAK, words)


def name(value: object) -> str:
    """Return a name that a tenant gave, no longer than names need to be."""
    return plain(value, NAME)
