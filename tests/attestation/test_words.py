"""Languages of the pages that ask: each says all, and the right one is chosen."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import get_args

import pytest

from connectory import attestation
from connectory.attestation.desk import Why
from connectory.attestation.words import languages, spoken, words
from connectory.domain.answering import ROLES, Hindrance
from connectory.domain.attesting import ANSWERS, PROBLEMS
from connectory.domain.suggesting import REASONS

FOLDER = Path(str(attestation.__file__)).parent
CODES = sorted(languages())


def _keys(code: str) -> dict[str, set[str]]:
    """Return the keys of a language, each with the places in its words."""
    return {
        f"{section}.{name}": set(re.findall(r"{(\w+)}", str(text)))
        for section, texts in words(code).told.items()
        for name, text in texts.items()
    }


@pytest.mark.parametrize("code", CODES)
def test_every_language_says_all(code: str) -> None:
    """The same keys as English, with the same places for values."""
    assert _keys(code) == _keys("en")


def test_all_that_can_be_said_has_words() -> None:
    """Each role, hindrance, answer, problem and refusal is in the catalogues."""
    told = words("en").told
    why = {one for part in get_args(Why) for one in (get_args(part) or [part])}

    assert set(told["role"]) == set(ROLES)
    assert set(told["hindrance"]) == set(get_args(Hindrance))
    assert set(told["problem"]) == set(PROBLEMS)
    assert set(told["suggested"]) == set(REASONS)
    assert {name for name in told["refused"] if not name.endswith("_says")} == why
    for answer in ANSWERS:
        assert {"title", "says", "button", "done", "next"} <= set(told[answer])


def test_no_words_are_left_over() -> None:
    """What pages do not say does not stand in the catalogues."""
    sources = [*FOLDER.glob("*.py"), *(FOLDER / "templates").glob("*.html")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    made = {*ANSWERS, "role", "hindrance", "problem", "refused", "evidence", "language"}
    made |= {"flows", "apps", "agents", "months", "suggested"}

    left = [key for key in _keys("en") if key.split(".")[0] not in made and f'"{key}"' not in text]

    assert left == []


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        (("de-AT",), "de"),
        (("DE",), "de"),
        (("fr-FR", "de-DE"), "de"),
        (("fr", None), "en"),
        ((), "en"),
        (("../en",), "en"),
    ],
)
def test_the_nearest_language_is_spoken(wanted: tuple[str | None, ...], code: str) -> None:
    """The first that there is, whatever its region; English where there is none."""
    assert spoken(*wanted).code == code


def test_figures_are_written_as_each_language_does() -> None:
    """Days, thousands, amounts, and one or several of a thing."""
    english, german = words("en"), words("de")

    assert (english.day(date(2026, 3, 1)), german.day(date(2026, 3, 1))) == (
        "1 March 2026", "1. März 2026",
    )  # fmt: skip
    assert (english.amount("12345.60"), german.amount("12345.60")) == ("12,345.60", "12.345,60")
    assert [german.counted("flows", number) for number in (1, 2)] == ["1 Flow", "2 Flows"]
