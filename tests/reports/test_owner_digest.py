"""The digest of one owner: what it says, in which order, and that hostile words stay words."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from html.parser import HTMLParser
from typing import Any

import pytest
from factories_digests import HOSTILE, LINK, TODAY, everything

from connectory.domain.digest import Digest
from connectory.reports.digest_told import Asking, Occasion
from connectory.reports.languages import language_of, languages
from connectory.reports.letter import Letter
from connectory.reports.owner_digest import letter
from connectory.reports.told import Button

CAMPAIGN = Asking(7, "Autumn review", "We retire what nobody uses.")
OCCASIONS: tuple[Occasion, ...] = ("digest", "asked", "reminded", "escalated")


def written(digest: Digest, why: Occasion = "digest", asking: Asking | None = None) -> Letter:
    """Return a digest as a letter in the language of its recipient."""
    language = language_of(digest.to.language)
    period = language.say("period.week", week="48", year="2026")
    return letter(digest, language, occasion="test/1", period=period, why=why, asking=asking)


class Page(HTMLParser):
    """What a page holds: tags, addresses, and its text without styles."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.handlers: list[str] = []
        self.words: list[str] = []
        self._quiet = False
        self.feed(html)
        self.text = " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag with what it would fetch, open or run."""
        self.tags.append(tag)
        self._quiet = tag in {"style", "title"}
        for name, value in attrs:
            if name == "href":
                self.links.append(value or "")
            if name in {"src", "srcset", "background", "data", "action", "poster"}:
                self.fetched.append(value or "")
            if name.startswith("on"):
                self.handlers.append(name)

    def handle_endtag(self, tag: str) -> None:
        """Note that what follows a style is read."""
        if tag in {"style", "title"}:
            self._quiet = False

    def handle_data(self, data: str) -> None:
        """Note what is read."""
        if not self._quiet:
            self.words.append(data)


def texts_of(card: Any) -> list[str]:
    """Return every text of a card, wherever it stands."""
    if isinstance(card, dict):
        own = [str(value) for key, value in card.items() if key in {"text", "title"}]
        return own + [text for value in card.values() for text in texts_of(value)]
    if isinstance(card, list):
        return [text for one in card for text in texts_of(one)]
    return []


# --- what it says


def test_the_first_lines_say_how_much_there_is_to_do() -> None:
    """How many things, how many of them urgent, for how many connectors; the worst of it first."""
    one = written(everything(asked=False))
    lines = one.text.splitlines()

    assert one.subject == "11 things to do for your connectors (week 48 of 2026)"
    assert lines[2] == "11 things to do"
    assert lines[4].startswith("3 are urgent. They are about 5 of the 8 connectors")
    assert Page(one.html).text.startswith("Legacy rates lookup: The certificate of")
    assert one.text.index("[Has ended]") < one.text.index("[Breaking change]")
    assert one.text.index("[Breaking change]") < one.text.index("[Breaking difference]")


def test_what_it_says_is_the_same_in_text_html_and_card() -> None:
    """Each sentence about a connector stands in all three."""
    one = written(everything(asked=False))
    card, text, page = " ".join(texts_of(one.card)), " ".join(one.text.split()), Page(one.html).text
    for sentence in (
        "The client secret of “Payroll API client” ends in 6 days, on 2 December 2026.",
        "2 changes of the new version break what calls it (GetClaim and ListClaims).",
        "It hits 5 flows and 1 app.",
        "To tell: Amira Haddad (4) and things without owner (2).",
        "3 differences from Supply Prod EU break what calls it (Track).",
        "Its owner (Jonas Weber) is no longer in the directory.",
        "Last used 360 days ago, on 1 December 2025, by runs of flows.",
        "Nothing that could be read has ever used it.",
        "4 of 12 operations have neither summary nor description.",
        "You own 7 connectors in Power Platform.",
        "You are, or were, the manager of the last known owner of “Shipment tracking”.",
        "Not written to: Jonas Weber (owner) \N{EN DASH} no longer in the directory.",
    ):
        assert [sentence in told for told in (text, page, card)] == [True, True, True], sentence


def test_nothing_to_do_is_said_in_so_many_words() -> None:
    """The mail then is two lines and a list."""
    digest = everything(asked=False)
    idle = replace(digest, held=digest.held[5:])
    one = written(idle)

    assert one.subject == "Nothing to do for your connectors (week 48 of 2026)"
    assert "All 3 connectors you answer for are in order." in one.text


@pytest.mark.parametrize("why", OCCASIONS[1:])
def test_asking_is_the_same_digest_that_begins_otherwise(why: Occasion) -> None:
    """Each question has one button; everything else follows under its own heading."""
    one = written(everything(), why, CAMPAIGN)
    page = Page(one.html)
    links = [link for link in page.links if "/attest/" in link]

    assert one.report == "attestation"
    assert one.campaign_id == 7
    assert "4 December 2026" in one.subject
    assert "We retire what nobody uses." in one.text
    assert links == [LINK.format(1), LINK.format(5)]
    assert page.text.index("Your answer is needed") < page.text.index("Also to do")
    assert "2 changes of the new version" in page.text
    assert json.dumps(one.card).count("/attest/") == 2


def test_one_question_names_its_connector_in_the_subject() -> None:
    """Whoever is asked about one connector knows before opening which."""
    digest = everything()
    one = written(replace(digest, held=digest.held[:1]), "asked", CAMPAIGN)

    assert one.subject == "Please answer by 4 December 2026: do you still need “Contoso Payroll”?"


def test_the_weekly_digest_shows_what_is_still_open() -> None:
    """With its button, so that nobody has to look for the mail that asked."""
    one = written(everything())

    assert one.report == "owner-digest"
    assert [link for link in Page(one.html).links if "/attest/" in link] == [
        LINK.format(1),
        LINK.format(5),
    ]


def test_all_questions_can_be_answered_in_one_place() -> None:
    """Where that is known, the first button leads there."""
    digest = replace(everything(), answer_all=LINK.format("all"))

    assert Page(written(digest, "asked", CAMPAIGN).html).links[0] == LINK.format("all")


def test_of_very_many_connectors_the_most_urgent_are_told_at_length() -> None:
    """The mail stays small enough for mail programs that cut, and the card for Teams."""
    digest = everything()
    many = [
        replace(one, connector_id=8 * number + one.connector_id, name=f"{one.name} {number}")
        for number in range(100)
        for one in digest.held
    ]
    one = written(replace(digest, held=tuple(many)), "asked", CAMPAIGN)

    assert len(one.html.encode()) < 100_000
    assert len(json.dumps(one.card).encode()) < 25_000
    assert "are not listed" in one.text
    assert one.connectors == tuple(sorted(mine.connector_id for mine in many))


def test_german_is_german_throughout() -> None:
    """No English is left over between names."""
    one = written(everything(language="de-DE"), "asked", CAMPAIGN)

    assert one.language == "de"
    assert one.subject == "Bitte antworten Sie bis zum 4. Dezember 2026 für 2 Connectors"
    english = r"\b(the|you|your|this|and|owner|needed|licence|of|by|is)\b"
    told = one.text.replace(CAMPAIGN.purpose, "").replace("Center of Excellence", "")
    assert re.findall(english, told) == []
    assert '<html lang="de">' in one.html


# --- that it can be sent and read


@pytest.mark.parametrize("code", sorted(languages()))
@pytest.mark.parametrize("why", OCCASIONS)
def test_the_page_fetches_and_runs_nothing(code: str, why: Occasion) -> None:
    """No picture, script, font or style from elsewhere; links lead to answers and mail only."""
    one = written(everything(language=code), why, CAMPAIGN if why != "digest" else None)
    page = Page(one.html)

    assert page.fetched == []
    assert page.handlers == []
    assert {"script", "link", "iframe", "img", "object", "form", "base"} & set(page.tags) == set()
    assert "url(" not in one.html
    assert "@import" not in one.html
    for link in page.links:
        assert link.startswith((LINK.format(""), "mailto:coe@contoso.example"))


@pytest.mark.parametrize("code", sorted(languages()))
@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda words: ascii(words)[:24])
def test_hostile_words_stay_words(hostile: str, code: str) -> None:
    """In subject, text, HTML and card: no markup, header, line, link or template comes alive."""
    tame = written(everything(language=code), "asked", CAMPAIGN)
    digest = everything(lambda words: f"{hostile} {words}", language=code)
    one = written(digest, "asked", Asking(7, hostile, hostile))
    page = Page(one.html)

    assert page.tags == Page(tame.html).tags
    assert [link.partition("?")[0] for link in page.links] == [
        link.partition("?")[0] for link in Page(tame.html).links
    ]
    assert all(re.fullmatch(r"[!-~]+", link) for link in page.links)
    assert (page.fetched, page.handlers) == ([], [])
    assert one.subject.isprintable()
    assert len(one.subject) <= 150
    message = EmailMessage(policy=SMTP)
    message["Subject"] = one.subject
    message.set_content(one.text)
    message.add_alternative(one.html, subtype="html")
    assert message_from_bytes(message.as_bytes())["Bcc"] is None
    assert len(one.text.splitlines()) < 2500
    controls = [char for char in one.text if not char.isprintable() and char not in "\n\u200b"]
    assert controls == []
    assert one.text.count("\n-- \n") == 1
    shown = (one.text, page.text, *texts_of(one.card))
    assert not any(
        re.search(r"https?://evil|www\.evil|@evil|evil\.example", told) for told in shown
    )
    assert "49" not in one.subject


def test_a_card_holds_text_that_nobody_reads_as_markdown() -> None:
    """Every text of a card is a run of text; titles of buttons are ours."""
    one = written(everything(lambda words: f"**{words}** [x](y)"), "asked", CAMPAIGN)
    kinds = set(re.findall(r'"type": "(\w+)', json.dumps(one.card)))

    assert "TextBlock" not in kinds
    assert kinds <= {"AdaptiveCard", "RichTextBlock", "TextRun", "Container", "ActionSet", "Action"}


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "http://evil.example/", "data:text/html,x", "https://a b", ""]
)
def test_a_button_leads_to_answers_or_mail_only(link: str) -> None:
    """Anything else is refused where it is made."""
    with pytest.raises(ValueError, match="leads to https or mail"):
        Button("Answer", link)


def test_the_day_is_told_from_where_the_reader_is() -> None:
    """A question past its day says since when."""
    digest = replace(everything(), today=TODAY.replace(month=12, day=20))

    assert "since 4 December 2026" in written(digest, "reminded", CAMPAIGN).text
