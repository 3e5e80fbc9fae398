"""Catalogues say the same things in every language, and figures as each language writes them."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

import connectory.reports
from connectory.domain.answering import ROLES, Hindrance
from connectory.domain.digest import KINDS
from connectory.domain.evidence import RANKED
from connectory.domain.ownership import OwnerState
from connectory.reports.languages import PLURALS, Language, NoText, language_of, languages

CODES = sorted(languages())
_MODULES = sorted(Path(connectory.reports.__file__).parent.glob("*.py"))


def forms(text: str | Mapping[str, str]) -> Mapping[str, str]:
    """Return the forms of a text; of one without number its only one."""
    return {"other": text} if isinstance(text, str) else text


def places(text: str | Mapping[str, str]) -> set[str]:
    """Return what is put into a text, in whichever form."""
    found = (
        field for form in forms(text).values() for _, field, _, _ in string.Formatter().parse(form)
    )
    return {field for field in found if field}


def test_english_and_german_are_there() -> None:
    """They are shipped; a further one is a further file."""
    assert {"de", "en"} <= set(CODES)


@pytest.mark.parametrize("code", CODES)
def test_every_language_says_everything(code: str) -> None:
    """No text is missing in one, and none is in one alone."""
    assert set(languages()[code].texts) == set(languages()["en"].texts)


@pytest.mark.parametrize("code", CODES)
def test_texts_take_the_same_words_in_every_language(code: str) -> None:
    """What stands in the English text stands in the other, in one of its forms at least."""
    told, english = languages()[code].texts, languages()["en"].texts
    different = {
        name: (places(told[name]), places(text))
        for name, text in english.items()
        if places(told[name]) != places(text)
    }

    assert different == {}


@pytest.mark.parametrize("code", CODES)
def test_a_text_with_a_number_has_every_plural_form(code: str) -> None:
    """Those that the rule of the language may ask for; a text that has forms elsewhere has them."""
    language = languages()[code]
    needed = {PLURALS[language.form["plural"]](number) for number in range(200)}
    short = {
        name: sorted(needed - forms(text).keys())
        for name, text in language.texts.items()
        if not isinstance(text, str) and needed - forms(text).keys()
    }
    plain = [
        name
        for name, text in languages()["en"].texts.items()
        if isinstance(text, str) != isinstance(language.texts[name], str)
    ]

    assert short == {}
    assert plain == []


@pytest.mark.parametrize("code", CODES)
def test_no_text_holds_markup_or_a_line_break(code: str) -> None:
    """Texts are laid out by templates alone."""
    odd = [
        name
        for name, text in languages()[code].texts.items()
        if any(re.search(r"[<>\n]|&\w+;", form) for form in forms(text).values())
    ]

    assert odd == []


def test_every_word_that_code_may_ask_for_is_there() -> None:
    """Kinds, roles, hindrances, states and sources each have their text."""
    wanted = [f"role.{role}" for role in ROLES] + [f"reason.{role}" for role in ROLES]
    wanted += [f"passed.{why}" for why in Hindrance.__args__]  # type: ignore[attr-defined]
    wanted += [f"source.{source.name}" for source in RANKED]
    wanted += [f"task.{kind}.badge" for kind in KINDS if kind != "credential"]
    wanted += [
        f"task.owner.{state}"
        for state in OwnerState.__args__  # type: ignore[attr-defined]
        if state not in {"owned", "group_owned", "owner_unknown"}
    ]

    assert [name for name in wanted if name not in languages()["en"].texts] == []


def test_every_literal_text_that_code_asks_for_is_there() -> None:
    """No module asks for a text that no catalogue has."""
    asked = {
        node.args[0].value
        for path in _MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
        and (
            (isinstance(node.func, ast.Attribute) and node.func.attr == "say")
            or (isinstance(node.func, ast.Name) and node.func.id == "say")
        )
    }

    assert asked
    assert asked - set(languages()["en"].texts) == set()


@pytest.mark.parametrize(
    ("told", "expected"),
    [("de-DE", "de"), ("DE_at", "de"), ("en-GB", "en"), ("fr-FR", "en"), (None, "en"), ("", "en")],
)
def test_the_language_is_what_the_directory_tells(told: str | None, expected: str) -> None:
    """The region does not matter; English for whoever speaks none that is shipped."""
    assert language_of(told).code == expected


def test_the_settings_say_what_is_written_to_everybody_else() -> None:
    """Also to mailboxes, which speak no language."""
    assert language_of("fr-FR", "de").code == "de"
    assert language_of(None, "de").code == "de"
    assert language_of("en-US", "de").code == "en"
    assert language_of(None, "xx").code == "en"


def test_figures_stand_as_each_language_writes_them() -> None:
    """Thousands, decimals and dates."""
    english, german = language_of("en"), language_of("de")
    amount, day = Decimal("1234567.50"), date(2026, 3, 4)

    assert (english.money(amount, "EUR"), german.money(amount, "EUR")) == (
        "1,234,567.50 EUR",
        "1.234.567,50 EUR",
    )
    assert (english.money(Decimal(420), "EUR"), german.number(1234)) == ("420 EUR", "1.234")
    assert (english.day(day), german.day(day)) == ("4 March 2026", "4. März 2026")
    assert (english.short_day(day), german.short_day(day)) == ("4 Mar 2026", "04.03.2026")
    assert german.every(["A", "B", "C"]) == "A, B und C"
    assert [english.every(some) for some in ([], ["A"], ["A", "B"])] == ["", "A", "A and B"]


def test_the_number_decides_the_form() -> None:
    """None, one and many are three texts where that reads better."""
    language = Language(
        "xx",
        {
            "things": {"none": "nothing", "one": "one", "other": "{n} things"},
            "bare": {"other": "{n}"},
        },
        languages()["en"].form,
    )

    assert [language.say("things", n) for n in (0, 1, 2, 1000)] == [
        "nothing",
        "one",
        "2 things",
        "1,000 things",
    ]
    with pytest.raises(NoText):
        language.say("else")


def test_words_of_a_tenant_are_no_part_of_the_text() -> None:
    """Braces in a name are the name's own."""
    told = language_of("en").say("digest.purpose", purpose="{n} {0!r} {purpose}")

    assert told == "“{n} {0!r} {purpose}”"
