"""Reading JSON that anyone may have written."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectory.domain.json_document import Unreadable, parse, whole


def notes(content: bytes) -> tuple[str, ...]:
    """Return what was odd about a document that must be readable."""
    answer = parse(content)
    assert not isinstance(answer, Unreadable)
    return answer[1]


def test_half_a_surrogate_pair_is_replaced() -> None:
    """What JSON can spell and no store can hold, in a key or a value, is replaced and noted."""
    answer = parse(b'{"\\ud800": ["a\\udfff", "\\ud83d\\ude00"]}')

    assert answer == ({"\ufffd": ["a\ufffd", "\U0001f600"]}, ("broken characters, replaced",))


def test_control_characters_are_noted() -> None:
    """A raw control character inside a string is read as it stands, with a note."""
    assert notes(b'{"a": "b\x01c"}') == ("control characters inside strings",)
    assert notes(b'{"a": "b\nc"}') == ("control characters inside strings",)
    assert notes(b'{"a":\t"b"}\r\n') == ()


def test_notes_on_keys_stay_on_one_short_line() -> None:
    """Repeated keys of any length and content make a note that fits a line."""
    key = json.dumps("x\n" * 5000 + "\ud800")
    pairs = ", ".join(f'{key[:-1]}{number}": 1, {key[:-1]}{number}": 2' for number in range(9))

    (first, _) = notes(f"{{{pairs}}}".encode())

    assert len(first) < 400
    assert "\n" not in first
    assert first.encode()


def test_a_number_nobody_can_read_is_described() -> None:
    """An integer of more digits than Python converts makes the document unreadable."""
    answer = parse(b'{"a": ' + b"9" * 5000 + b"}")

    assert isinstance(answer, Unreadable)
    assert "number" in answer.detail


@pytest.mark.parametrize(
    "content", [b'"' + b'\\"' * 1_000_000, b'"' * 1_000_001, b"\\" * 1_000_000]
)
def test_quotes_that_never_close_are_answered_at_once(content: bytes) -> None:
    """Megabytes of quotes and backslashes end; looking twice at each would take hours."""
    assert isinstance(parse(content), Unreadable)


_ANY = st.characters(codec=None)


@given(
    st.recursive(
        st.text(_ANY, max_size=5) | st.integers() | st.none(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(_ANY), inner),
        max_leaves=15,
    )
)
def test_what_is_whole_can_be_stored(value: Any) -> None:
    """Whatever stands in a value, the whole one can be encoded and is told apart only if broken."""
    cleaned, broken = whole(value)

    json.dumps(cleaned, ensure_ascii=False).encode()
    assert broken == (cleaned != value)
