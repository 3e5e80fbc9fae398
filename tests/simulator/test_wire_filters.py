from __future__ import annotations

import pytest

from connectory.simulator.wire.exchange import Json, Refused
from connectory.simulator.wire.filters import parsed

ROW: Json = {
    "category": 5,
    "name": "O'Hara: (one)",
    "owner": None,
    "ismanaged": False,
    "id": "B1D7E0A2-6c48-4f35-a9e4-0c2f8d715a63",
    "iscustomizable/Value": True,
    "created": "2026-11-01T08:00:00Z",
}


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        ("", True),
        ("category eq 5", True),
        ("category ne 5", False),
        ("category eq 5.0 and ismanaged eq false", True),
        ("owner eq null", True),
        ("owner ne null", False),
        ("name eq 'o''hara: (one)'", True),
        ("id eq b1d7e0a2-6c48-4f35-a9e4-0c2f8d715a63", True),
        ("id eq 'b1d7e0a2-6c48-4f35-a9e4-0c2f8d715a63'", True),
        ("iscustomizable/Value eq true", True),
        ("ismanaged eq 0", False),
        ("category eq 1 or category eq 5 and owner ne null", False),
        ("(category eq 1 or category eq 5) and owner eq null", True),
        ("category eq 5 or category eq 1 and owner ne null", True),
        (
            "id eq 00000000-0000-4000-8000-000000000000 or id eq B1D7e0a2-6c48-4f35-a9e4-0c2f8d715a63",
            True,
        ),
        (
            "id eq 00000000-0000-4000-8000-000000000000 or id eq 00000000-0000-4000-8000-000000000001",
            False,
        ),
        ("name eq 'x' or owner eq null", True),
        ("created ge 2026-11-01T00:00:00Z and created lt 2026-11-02T00:00:00Z", True),
        ("created gt 2026-11-01T08:00:00Z", False),
        ("owner ge 2026-11-01T08:00:00Z", False),
    ],
)
def test_a_filter_tells_whether_a_row_passes(text: str, *, passes: bool) -> None:
    """Comparisons for equality, joined with the precedence OData gives them."""
    assert parsed(text)(ROW) is passes


@pytest.mark.parametrize(
    "text",
    [
        "category",
        "category eq",
        "category has 5",
        "category eq 5 and",
        "contains(name,'a')",
        "(category eq 5",
        "category eq 5)",
        "category eq 'open",
        "eq 5 category",
        "category eq 5 owner eq null",
        "(" * 50 + "category eq 5" + ")" * 50,
        "category eq 5;",
    ],
)
def test_a_filter_that_is_none_is_refused(text: str) -> None:
    """What cannot be read whole is answered 400, and no row decides on it."""
    with pytest.raises(Refused) as refused:
        parsed(text)(ROW)

    assert refused.value.reply.status == 400


@pytest.mark.parametrize("text", ["invented eq 5", "invented eq 'a' or invented eq 'b'"])
def test_a_filter_by_a_column_that_is_not_there_is_refused(text: str) -> None:
    """A misspelt column is named."""
    with pytest.raises(Refused, match="invented"):
        parsed(text)(ROW)
