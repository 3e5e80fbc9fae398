"""Texts of a tenant on a terminal, which obeys some characters."""

from __future__ import annotations


def printed(text: str) -> str:
    """Return a text without what a terminal would obey."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)
