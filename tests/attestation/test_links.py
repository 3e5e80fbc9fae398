"""Signed links: what they are bound to, when they end, and what is none."""

from __future__ import annotations

import string
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from factories import ADA

from connectory.attestation.links import (
    AnswerLink,
    Expired,
    Links,
    ListLink,
    NotSigned,
    expiry,
    link_keys,
    mark,
)
from connectory.config import ConfigError
from connectory.reports_settings import ReportSettings

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
_LETTERS = string.ascii_letters + string.digits + "-_"
KEY, OTHER = "k" * 40, "o" * 40
LINK = AnswerLink(41, 7, 3, ADA, "nonce-nonce-nonce-nonce", NOW + timedelta(days=28))
LIST = ListLink(ADA, 41, NOW + timedelta(days=28))


def test_a_link_says_what_it_is_bound_to() -> None:
    """Person, connector, campaign, request, nonce and end come back as they were signed."""
    links = Links([KEY])

    assert links.read(links.answer(LINK), NOW) == LINK
    assert links.read(links.list(LIST), NOW) == LIST


def test_a_link_ends() -> None:
    """At its end it is nothing any more; just before it still counts."""
    links = Links([KEY])
    token = links.answer(LINK)

    assert links.read(token, LINK.expires_at - timedelta(seconds=1)) == LINK
    with pytest.raises(Expired):
        links.read(token, LINK.expires_at)


def test_no_letter_of_a_link_can_be_changed() -> None:
    """Whatever single letter is changed, left out or added, it is no link."""
    links = Links([KEY])
    token = links.answer(LINK)
    changed = {
        token[:place] + letter + token[place + 1 :]
        for place in range(len(token))
        for letter in "Ab9-."
    } - {token}
    changed |= {token[:place] + token[place + 1 :] for place in range(len(token))}
    changed |= {token[:-1] + letter for letter in _LETTERS} - {token}
    changed |= {f"{token}A", f"A{token}", token.upper(), "", ".", "a.b", "é" * 20, "x" * 5000}

    for one in changed:
        with pytest.raises(NotSigned):
            links.read(one, NOW)


def test_another_key_signs_nothing_here() -> None:
    """A link of another installation is none."""
    with pytest.raises(NotSigned):
        Links([KEY]).read(Links([OTHER]).answer(LINK), NOW)


def test_keys_can_be_changed_without_ending_links() -> None:
    """The newest key signs; links of one before it are read as long as that one is kept."""
    both, old, new = Links([KEY, OTHER]), Links([OTHER]), Links([KEY])

    assert both.read(old.answer(LINK), NOW) == LINK
    assert new.read(both.answer(LINK), NOW) == LINK
    with pytest.raises(NotSigned):
        new.read(old.answer(LINK), NOW)


def test_a_list_is_no_answer_and_an_answer_no_list() -> None:
    """Each kind is signed apart, also where both would say the same."""
    links = Links([KEY])

    assert isinstance(links.read(links.list(LIST), NOW), ListLink)
    assert isinstance(links.read(links.answer(replace(LINK, nonce="")), NOW), AnswerLink)


def test_the_last_day_counts_where_people_live() -> None:
    """A link is good until midnight of its last day, in the zone of the settings."""
    end = expiry(date(2026, 12, 21), ZoneInfo("Europe/Berlin"))

    assert end == datetime(2026, 12, 21, 23, tzinfo=UTC)


def test_a_used_link_cannot_be_made_from_its_mark() -> None:
    """The mark kept for audit is short, fixed and tells nothing of the token."""
    token = Links([KEY]).answer(LINK)

    assert mark(token) == mark(token)
    assert len(mark(token)) == 32
    assert mark(token) not in token


def test_keys_come_from_a_variable_or_a_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The file wins where it is named; it may hold several keys in lines, the newest first."""
    monkeypatch.setenv("CONNECTORY_LINK_KEY", f"  {KEY}\n")
    place = tmp_path / "keys"
    place.write_text(f"{OTHER}\n\n{KEY}\n")

    assert link_keys(ReportSettings()) == (KEY,)
    assert link_keys(ReportSettings(link_key_file=str(place))) == (OTHER, KEY)


@pytest.mark.parametrize(
    ("text", "told"),
    [("", "there is no key"), ("short", "shorter than 32"), (f"{KEY}\nshort", "shorter than 32")],
)
def test_a_missing_or_weak_key_is_refused(
    monkeypatch: pytest.MonkeyPatch, text: str, told: str
) -> None:
    """One line says what is wrong with the key, where it is looked for, and how one is made."""
    monkeypatch.setenv("CONNECTORY_LINK_KEY", text)

    with pytest.raises(ConfigError, match=rf"{told}.*CONNECTORY_LINK_KEY.*token_urlsafe"):
        link_keys(ReportSettings())


def test_a_key_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """A file that is missing is named, and the setting that named it."""
    with pytest.raises(ConfigError, match=r"cannot be read.*reports\.link_key_file"):
        link_keys(ReportSettings(link_key_file=str(tmp_path / "nothing")))
