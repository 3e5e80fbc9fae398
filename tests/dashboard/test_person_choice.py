"""Choosing a person by part of a name."""

from __future__ import annotations

import pytest

from dashboard.parts.person_choice import meant

LIKELY = {
    "1": "Ada Ample \u00b7 ada@tenant.example",
    "2": "Joada Bright \u00b7 joada@tenant.example",
    "3": "Carla Contrived \u00b7 carla@tenant.example",
}


@pytest.mark.parametrize(
    ("typed", "found"),
    [("carla", "3"), ("ada", "1"), ("Contr", "3"), ("tenant", "tenant"), ("", ""), ("zoe", "zoe")],
)
def test_part_of_a_name_means_the_only_one_it_fits(typed: str, found: str) -> None:
    """A word must begin so in one of them only; else what was typed is looked up as it is."""
    assert meant(typed, LIKELY) == found
