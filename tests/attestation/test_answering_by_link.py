"""Links over real HTTP: what each shows, and that one answer counts."""

from __future__ import annotations

import re

import httpx
import pytest
from factories import CARLA, PAYROLL, fill
from factories_campaigns import (
    NOW,
    PUBLIC,
    TODAY,
    Asker,
    asked,
    day,
    row,
    rows,
    serving,
    settings,
    workflow,
)
from sqlalchemy import Engine

import models

# --- what is shown


def test_a_link_shows_its_question(asker: Asker) -> None:
    """What it is about, until when, what is known, and each answer with what follows from it."""
    reply = asker.get(asker.token())

    assert reply.status_code == 200
    for words in (
        "Do you still need Invoices?", "21 December 2026", "Finance (Production)",
        "4 March 2026 (calls)", "1 flow, 2 apps", "1,240.50 EUR a month", "Nobody called it",
        "Keep it", "Retire it", "Hand it over", "It is not mine", "I need more time",
        "You own it in Power Platform.", "meant for Ada Ample", "As known on 22 November 2026",
        "coe@example.com",
    ):  # fmt: skip
        assert words in reply.text


def test_a_question_is_asked_in_the_language_of_who_is_asked(asker: Asker) -> None:
    """German for Carla as the directory tells it; the reader can choose the other one."""
    token = asker.token(PAYROLL)
    german, english = asker.get(token), asker.get(token, "?language=en")
    unknown = asker.get(token, "?language=../../etc/passwd")

    assert "Wird Payroll noch gebraucht?" in german.text
    assert "1.240,50 EUR im Monat" in german.text
    assert 'lang="de"' in german.text
    assert "Do you still need Payroll?" in english.text
    assert "Wird Payroll noch gebraucht?" in unknown.text


def test_an_answer_can_be_opened_from_a_mail(asker: Asker) -> None:
    """The address says which answer is open; what is no answer opens none."""
    token = asker.token()

    assert re.search(r'class="retire" open', asker.get(token, "?answer=retire").text)
    assert " open>" not in asker.get(token).text
    assert " open>" not in asker.get(token, "?answer=everything").text


# --- looking changes nothing


def test_looking_changes_nothing(asker: Asker) -> None:
    """A filter of mail that opens the link and each link on the page, by GET and HEAD, answers nothing."""
    token, before = asker.token(), workflow(asker.store)
    for query in ("", "?answer=retire", "?answer=keep&reason=yes", "?language=de"):
        page = asker.get(token, query, **{"User-Agent": "Scanner/1.0", "Purpose": "prefetch"})
        head = asker.client.head(f"/attest/{token}{query}")
        assert (page.status_code, head.status_code, head.content) == (200, 200, b"")
        for target in re.findall(r'href="([^"]+)"', page.text):
            asker.client.get(httpx.URL(page.url).join(target.replace("&amp;", "&")))

    assert workflow(asker.store) == before


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND"])
def test_other_methods_do_nothing(asker: Asker, method: str) -> None:
    """A link is shown and answered, and nothing else is done with it."""
    before = workflow(asker.store)
    reply = asker.client.request(
        method, f"/attest/{asker.token()}", headers={"Origin": PUBLIC}, data={"answer": "retire"}
    )

    assert reply.status_code == 405
    assert workflow(asker.store) == before


# --- answers


def test_keeping_it_closes_the_question(asker_on_each: Asker) -> None:
    """The answer stands with reason, name, way and time; the page says so after a new look."""
    token = asker_on_each.token()
    reply = asker_on_each.post(token, "keep", reason="  Pays\nsuppliers ")
    thanks = asker_on_each.get(token)
    request = row(asker_on_each.store)

    assert (reply.status_code, reply.headers["location"]) == (303, f"./{token}")
    assert (request["outcome"], request["answered_by"], request["via"]) == (
        "keep", "Ada Ample", "link",
    )  # fmt: skip
    assert (request["reason"], request["closed_at"]) == ("Pays suppliers", NOW)
    assert "It is kept." in thanks.text
    assert "Pays suppliers" in thanks.text


def test_retiring_it_makes_a_plan(asker_on_each: Asker) -> None:
    """Consumers are told, it is frozen, it may be removed: three days that people see and keep."""
    token = asker_on_each.token()
    asker_on_each.post(token, "retire", reason="Replaced")
    (plan,) = rows(asker_on_each.store, models.RetirementPlan)

    assert (plan["announce_on"], plan["freeze_on"], plan["remove_on"]) == (day(7), day(30), day(60))
    assert (plan["request_id"], plan["planned_by"]) == (row(asker_on_each.store)["id"], "Ada Ample")
    assert "by 30 November 2026: those who use it are told" in asker_on_each.get(token).text


@pytest.mark.parametrize("form", [{"to": "0"}, {"to": "other", "named": "carla@example.com"}])
def test_handing_it_over_asks_whoever_is_named(asker: Asker, form: dict[str, str]) -> None:
    """The one chosen or written is asked next, told who handed over, by a link of their own."""
    token = asker.token()
    reply = asker.post(token, "hand_over", reason="Hers by now", **form)
    first, second = rows(asker.store, models.AttestationRequest)[::2]

    assert reply.status_code == 303
    assert (first["outcome"], first["reason"]) == ("hand_over", "Hers by now")
    assert (second["asked"], second["role"], second["follows_id"]) == (CARLA, "named", first["id"])
    assert second["passed"] == [{"role": "owner", "name": "Ada Ample", "why": "handed_over"}]
    assert "Wird Invoices noch gebraucht?" in asker.get(asker.token()).text
    assert "Ada Ample hat ihn übergeben" in asker.get(asker.token()).text


def test_what_is_not_theirs_goes_on(asker_on_each: Asker) -> None:
    """The next one is asked; whoever said so is not asked again, and with nobody left it ends."""
    asker_on_each.post(asker_on_each.token(), "not_mine")
    second = row(asker_on_each.store)
    asker_on_each.post(asker_on_each.token(), "not_mine")
    last = row(asker_on_each.store)

    assert (second["asked"], second["escalations"]) == ("mailbox:coe@example.com", 1)
    assert [one["why"] for one in second["passed"]] == ["not_theirs"]
    assert (last["id"], last["outcome"]) == (second["id"], "not_mine")


def test_more_time_uses_a_link_up(asker_on_each: Asker) -> None:
    """The deadline moves, the link shows what was said, and only the new one answers."""
    old = asker_on_each.token()
    reply = asker_on_each.post(old, "more_time", until=day(28).isoformat())
    request, before = row(asker_on_each.store), workflow(asker_on_each.store)
    again = asker_on_each.post(old, "retire")

    assert reply.status_code == 303
    assert (request["closed_at"], request["deadline"], request["postponed"]) == (None, day(28), 1)
    assert "You have time until 21 December 2026." in asker_on_each.get(old).text
    assert again.status_code == 409
    assert workflow(asker_on_each.store) == before
    assert asker_on_each.post(asker_on_each.token(), "keep").status_code == 303


def test_more_time_offers_days_after_the_deadline(asker: Asker) -> None:
    """Asked on the first day, no day is offered that was given anyway."""
    shown = asker.get(asker.token()).text
    offered = re.findall(r'name="until" value="([0-9-]+)" required', shown)

    assert row(asker.store)["deadline"] == day(28)
    assert offered == [day(35).isoformat(), day(42).isoformat(), day(56).isoformat()]


def test_more_time_ends(asker: Asker) -> None:
    """After two times the answer is not offered and not taken."""
    for _ in range(2):
        assert asker.post(asker.token(), "more_time", until=day(7).isoformat()).status_code == 303
    before = workflow(asker.store)

    assert "I need more time" not in asker.get(asker.token()).text
    assert asker.post(asker.token(), "more_time", until=day(7).isoformat()).status_code == 422
    assert workflow(asker.store) == before


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"answer": "keep", "reason": " \n"}, "what it is needed for"),
        ({"answer": "hand_over", "to": "other", "named": ""}, "say to whom"),
        ({"answer": "hand_over", "to": "7"}, "say to whom"),
        ({"answer": "hand_over", "to": "9" * 9_000}, "say to whom"),
        ({"answer": "hand_over", "to": "-1"}, "say to whom"),
        ({"answer": "more_time"}, "choose a day"),
        ({"answer": "more_time", "until": "tomorrow"}, "choose a day"),
        ({"answer": "more_time", "until": "2026-11-23"}, "not ahead"),
        ({"answer": "more_time", "until": "9999-12-31"}, "too far ahead"),
        ({"answer": "keep", "reason": "yes", "until": "2026-01-01"}, "not ahead"),
        ({"answer": "delete"}, "choose one of the answers"),
        ({}, "choose one of the answers"),
    ],
)
def test_an_answer_that_lacks_something_is_shown_again(
    asker: Asker, form: dict[str, str], words: str
) -> None:
    """The page says what is missing, keeps what was filled in, and nothing is written."""
    token, before = asker.token(), workflow(asker.store)
    form = {"answer": "", "reason": "", **form}
    reply = asker.post(token, **form)

    assert reply.status_code == 422
    assert words in reply.text
    assert workflow(asker.store) == before
    assert asker.post(token).status_code == 303


def test_tomorrow_may_be_today_elsewhere(sqlite_store: Engine) -> None:
    """Where exemptions, which go by UTC, take a day for today, it is asked for another one."""
    fill(sqlite_store)
    asked(sqlite_store)
    told = settings()
    west = told.dashboard.model_copy(update={"time_zone": "Pacific/Honolulu"})
    with serving(sqlite_store, told.model_copy(update={"dashboard": west})) as asker:
        asker.clock.now = NOW.replace(hour=3)
        before = workflow(sqlite_store)
        reply = asker.post(asker.token(), "keep", reason="x", until=TODAY.isoformat())

    assert reply.status_code == 422
    assert "not ahead" in reply.text
    assert workflow(sqlite_store) == before


def test_what_was_filled_in_is_kept(asker: Asker) -> None:
    """Whoever forgot one field need not write the others again."""
    reply = asker.post(asker.token(), "hand_over", reason="<b>Budget</b>", to="other", named="")

    assert "&lt;b&gt;Budget&lt;/b&gt;</textarea>" in reply.text
    assert 'class="hand_over" open' in reply.text
