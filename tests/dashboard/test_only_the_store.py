"""No page needs more than the store."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine
from streamlit.testing.v1 import AppTest

Shown = Callable[..., AppTest]

_REACHED: list[str] = []
_WATCHING = False


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if _WATCHING and event in {"socket.connect", "socket.getaddrinfo", "subprocess.Popen"}:
        _REACHED.append(f"{event} {arguments[1:2] or arguments[:1]}")


# The interpreter itself reports; a hook cannot be taken away again, so it has a switch.
sys.addaudithook(_watch)


@contextmanager
def reached() -> Iterator[list[str]]:
    """Yield what this process connects to meanwhile, on any host."""
    global _WATCHING  # noqa: PLW0603 - an audit hook has no other way to be told
    _REACHED.clear()
    _WATCHING = True
    try:
        yield _REACHED
    finally:
        _WATCHING = False


@pytest.mark.parametrize(
    ("page", "address"),
    [
        ("", {}),
        ("views/connectors.py", {}),
        ("views/connector.py", {"id": "1"}),
        ("views/drift.py", {}),
        ("views/change_log.py", {}),
        ("views/upstream.py", {}),
        ("views/ownership.py", {}),
        ("views/stale.py", {}),
        ("views/leavers.py", {"person": "10000000-0000-4000-8000-000000000000"}),
        ("views/campaigns.py", {}),
        ("views/outbox.py", {}),
        ("views/my_connectors.py", {"owner": "ada@tenant.example"}),
        ("views/runs.py", {}),
    ],
)
@pytest.mark.usefixtures("tenant")
def test_a_page_connects_to_nothing(shown: Shown, page: str, address: dict[str, str]) -> None:
    """Over a SQLite store a page opens no connection at all, looks up no name, starts no program."""
    with reached() as places:
        app = shown(page, **address)

    assert not app.exception
    assert app.title
    assert places == []


def test_the_watch_would_notice(sqlite_store: Engine) -> None:
    """The watch of this module sees a connection that is made."""
    import socket  # noqa: PLC0415 - only this test makes one

    del sqlite_store
    with reached() as places, socket.socket() as made:
        made.settimeout(0.1)
        made.connect_ex(("127.0.0.1", 9))

    assert len(places) == 1
