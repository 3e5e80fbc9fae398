"""Links over real HTTP: what each shows, that one answer counts, and that nothing else changes anything."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest
from factories import ADA, CARLA, INVOICES, PAYROLL, WEATHER, fill
from factories_campaigns import (
    FACTS,
    KEY,
    NOW,
    PUBLIC,
    STEPS,
    TO_ADA,
    TO_CARLA,
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
from connectory.actions.asking import held
from connectory.actions.campaigns import Asking, close_campaign, escalate
from connectory.attestation.links import AnswerLink, Links, ListLink, expiry
from connectory.database import writing
from connectory.domain.attesting import Next


@pytest.fixture
def asker(sqlite_store: Engine) -> Iterator[Asker]:
    """A server of links; Ada is asked of invoices, and Carla of payroll."""
    yield from _asker(sqlite_store)


@pytest.fixture
def asker_on_each(store: Engine) -> Iterator[Asker]:
    """The same, once on each database."""
    yield from _asker(store)


def _asker(store: Engine) -> Iterator[Asker]:
    fill(store)
    asked(store)
    with serving(store) as told:
        yield told


def _links() -> Links:
    return Links([KEY])


def _bound(asker: Asker, **other: Any) -> AnswerLink:
    """Return what the link of invoices is bound to, but for what is named."""
    request = row(asker.store)
    usual = {
        "request_id": request["id"],
        "connector_id": INVOICES,
        "campaign_id": request["campaign_id"],
        "person": ADA,
        "nonce": request["nonce"],
        "expires_at": expiry(request["deadline"], asker.desk.zone),
    }
    return AnswerLink(**{**usual, **other})


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


# --- bad links


def test_a_tampered_link_changes_nothing(asker: Asker) -> None:
    """Cut, grown, altered in any place, or made up: it is no link, by GET and by POST."""
    token, before = asker.token(), workflow(asker.store)
    places = [*range(0, len(token), 9), len(token) - 1]
    forged = [
        token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        for place in places
    ]
    payload, signature = token.rsplit(".", 1)
    forged += [
        token[:-1],
        f"{token}A",
        payload,
        f"{payload}.",
        f".{signature}",
        "x" * 999,
        "0",
        "-1",
    ]

    for one in forged:
        shown, sent = asker.get(one), asker.post(one, "retire")
        assert (shown.status_code, sent.status_code) == (404, 404), one
        assert "This link does not work" in shown.text
    assert workflow(asker.store) == before


def test_an_expired_link_changes_nothing(asker: Asker) -> None:
    """After its last day, where people live, it is over."""
    token, before = asker.token(), workflow(asker.store)
    asker.clock.pass_days(28.5)
    last_day = asker.get(token).status_code
    asker.clock.pass_days(0.2)
    shown, sent = asker.get(token), asker.post(token, "retire")

    assert last_day == 200
    assert (shown.status_code, sent.status_code) == (410, 410)
    assert "This link has expired" in shown.text
    assert workflow(asker.store) == before


@pytest.mark.parametrize(
    "other",
    [
        {"person": CARLA},
        {"connector_id": PAYROLL},
        {"connector_id": WEATHER},
        {"campaign_id": 2},
        {"request_id": 2},
        {"request_id": 99},
        {"nonce": "made-up"},
        {"request_id": 2, "connector_id": PAYROLL},
    ],
    ids=str,
)
def test_a_foreign_link_changes_nothing(asker: Asker, other: dict[str, Any]) -> None:
    """Bound to another person, connector, campaign, request or nonce, it answers nothing, though signed."""
    token, before = _links().answer(_bound(asker, **other)), workflow(asker.store)
    shown, sent = asker.get(token), asker.post(token, "retire")

    assert shown.status_code in {404, 410}
    assert sent.status_code in {404, 410}
    assert "Invoices" not in shown.text + sent.text
    assert workflow(asker.store) == before


def test_a_link_of_another_installation_changes_nothing(asker: Asker) -> None:
    """All it says is right, but another key signed it."""
    token, before = Links(["another key, " * 4]).answer(_bound(asker)), workflow(asker.store)

    assert asker.get(token).status_code == 404
    assert asker.post(token, "retire").status_code == 404
    assert workflow(asker.store) == before


def test_a_replayed_link_changes_nothing(asker_on_each: Asker) -> None:
    """A second click, the same or another answer, finds what was answered and writes nothing."""
    token = asker_on_each.token()
    asker_on_each.post(token, "keep", reason="Pays suppliers")
    before = workflow(asker_on_each.store)
    replies = [asker_on_each.post(token, answer) for answer in ("keep", "retire", "not_mine")]
    asker_on_each.clock.pass_days(3)
    replies.append(asker_on_each.post(token, "hand_over", to="0"))

    assert {reply.status_code for reply in replies} == {409}
    assert all("This was answered already" in reply.text for reply in replies)
    assert all("Pays suppliers" in reply.text for reply in replies)
    assert workflow(asker_on_each.store) == before


def test_of_many_answers_at_once_one_counts(asker_on_each: Asker) -> None:
    """Two tabs, twenty clicks: one is kept, each other is told that it came too late."""
    token = asker_on_each.token()
    answers = ["keep", "retire", "hand_over", "not_mine", "more_time"] * 4
    extra = {"to": "0", "until": day(7).isoformat()}
    with ThreadPoolExecutor(len(answers)) as pool:
        replies = list(
            pool.map(
                lambda answer: asker_on_each.post(token, answer, **_fit(answer, extra)), answers
            )
        )
    statuses = sorted(reply.status_code for reply in replies)
    events = rows(asker_on_each.store, models.AttestationEvent)

    assert statuses == [303] + [409] * 19
    assert sum(one["what"] in {"answered", "postponed"} for one in events) == 1
    assert len(rows(asker_on_each.store, models.RetirementPlan)) <= 1
    assert (
        sum(
            one["follows_id"] is not None
            for one in rows(asker_on_each.store, models.AttestationRequest)
        )
        <= 1
    )


def _fit(answer: str, extra: dict[str, str]) -> dict[str, str]:
    return {"hand_over": {"to": extra["to"]}, "more_time": {"until": extra["until"]}}.get(
        answer, {}
    )


def test_whoever_was_passed_over_cannot_answer(asker_on_each: Asker) -> None:
    """Once the next one is asked, the link of the one before is over."""
    token, request = asker_on_each.token(), row(asker_on_each.store)
    with writing(asker_on_each.store) as connection:
        assert escalate(
            connection, request, Next(TO_CARLA, 1), why="did_not_answer", steps=STEPS,
            who="connectory", now=NOW, today=TODAY,
        )  # fmt: skip
    before = workflow(asker_on_each.store)
    shown, sent = asker_on_each.get(token), asker_on_each.post(token, "retire")

    assert (shown.status_code, sent.status_code) == (410, 410)
    assert "This question has moved on" in shown.text
    assert "Carla" not in shown.text + sent.text
    assert workflow(asker_on_each.store) == before
    assert "Ada Ample hat nicht geantwortet" in asker_on_each.get(asker_on_each.token()).text


def test_a_closed_campaign_takes_no_answer(asker: Asker) -> None:
    """After the close each link says so and changes nothing."""
    token = asker.token()
    close_campaign(asker.store, row(asker.store)["campaign_id"], author="Dora", now=NOW)
    before = workflow(asker.store)
    shown, sent = asker.get(token), asker.post(token, "retire")

    assert (shown.status_code, sent.status_code) == (410, 410)
    assert "This question is closed" in shown.text
    assert workflow(asker.store) == before


# --- other sites, odd forms, odd hosts


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "http://connectory.example"},
        {"Origin": "https://connectory.example.elsewhere.example"},
        {"Origin": "https://connectory.example:8443"},
        {"Origin": "https://connectory.example@elsewhere.example"},
        {"Origin": "http://["},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
    ids=str,
)
def test_another_site_cannot_answer(asker: Asker, headers: dict[str, str]) -> None:
    """A form that another page sends with a link it came by is refused."""
    before = workflow(asker.store)
    reply = asker.client.post(
        f"/attest/{asker.token()}", data={"answer": "retire"}, headers=headers
    )

    assert reply.status_code == 403
    assert workflow(asker.store) == before


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("application/json", b'{"answer": "retire"}', 415),
        ("text/plain", b"answer=retire", 415),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="answer"\r\n\r\nretire\r\n--x--',
            415,
        ),
        ("", b"answer=retire", 415),
        ("application/x-www-form-urlencoded", b"answer=retire&reason=" + b"x" * 100_000, 413),
        ("application/x-www-form-urlencoded", b"answer=retire&answer=keep", 400),
        ("application/x-www-form-urlencoded", b"answer=retire&reason=%FF%FE", 400),
        ("application/x-www-form-urlencoded", "answer=retire&reason=ä".encode(), 400),
        ("application/x-www-form-urlencoded", b"answer=retire" + b"&x=1&y=2" * 20, 400),
        ("application/x-www-form-urlencoded", b"answer", 400),
        (
            "application/x-www-form-urlencoded; charset=utf-8",
            b"answer=retire&reason=%00%0d%0aX",
            303,
        ),
    ],
    ids=[
        "json",
        "text",
        "multipart",
        "none",
        "huge",
        "twice",
        "bytes",
        "raw",
        "many",
        "odd",
        "fine",
    ],
)
def test_odd_forms_are_refused(asker: Asker, kind: str, body: bytes, status: int) -> None:
    """Another type, a huge body, a field twice, broken text: refused, and nothing is written."""
    token, before = asker.token(), workflow(asker.store)
    headers = {"Origin": PUBLIC, "Content-Type": kind}
    reply = asker.client.post(f"/attest/{token}", content=body, headers=headers)

    assert reply.status_code == status
    if status != 303:
        assert workflow(asker.store) == before


def test_an_endless_body_is_cut_short(asker: Asker) -> None:
    """A body that does not say how long it is, is read no further than a form can be."""
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        while sent < 50_000_000:
            sent += 10_000
            yield b"answer=retire&x=" + b"y" * 9_984

    headers = {"Origin": PUBLIC, "Content-Type": "application/x-www-form-urlencoded"}
    try:
        reply = asker.client.post(f"/attest/{asker.token()}", content=endless(), headers=headers)
        assert reply.status_code == 413
    except httpx.TransportError:
        pass  # the server hung up while we were still talking
    assert sent < 20_000_000
    assert row(asker.store)["closed_at"] is None


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("connectory.example", 200),
        ("CONNECTORY.example:443", 200),
        ("127.0.0.1:8501", 200),
        ("elsewhere.example", 403),
        ("connectory.example.elsewhere.example", 403),
        ("connectory.example:80", 403),
        ("connectory.example@elsewhere.example", 403),
        ("[", 403),
        ("", 403),
    ],
)
def test_links_answer_at_two_addresses(asker: Asker, host: str, status: int) -> None:
    """The public one of the settings and this machine; no other name."""
    assert asker.get(asker.token(), Host=host).status_code == status


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/healthz",
        "/attest",
        "/attest/",
        "/attest/a/b",
        "/attest/%2e%2e%2fhealthz",
        "/attest/../healthz",
        "/_stcore/stream",
    ],
)
def test_nothing_else_is_public(asker: Asker, path: str) -> None:
    """At the public address there are links, and nothing beside them."""
    asker.client.base_url.copy_with()
    request = httpx.Request(
        "GET",
        httpx.URL(str(asker.client.base_url), raw_path=path.encode()),
        headers={"Host": "connectory.example"},
    )

    assert asker.client.send(request).status_code == 403


@pytest.mark.parametrize("header", ["Forwarded", "X-Forwarded-For", "X-Real-IP"])
def test_what_a_proxy_passes_on_is_links_alone(asker: Asker, header: str) -> None:
    """A proxy that replaces the name by this machine's own opens nothing but links."""
    passed_on = {"Host": "127.0.0.1:8501", header: "for=203.0.113.7"}

    assert asker.get(asker.token(), **passed_on).status_code == 200
    assert asker.client.get("/healthz", headers=passed_on).status_code == 403


# --- what the pages are made of


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


_HOSTILE = "</title></style><script>alert(1)</script><img src=x onerror=alert(1)>\"' onload=x {{7*7}}\r\nSet-Cookie: a=b\u202e"


@pytest.fixture
def hostile(sqlite_store: Engine) -> Iterator[Asker]:
    """A server whose every word of the tenant is an attack."""
    fill(sqlite_store)
    to = TO_ADA.__class__(ADA, _HOSTILE, "ada@example.com", _HOSTILE, "owner")
    facts = {
        **FACTS, "connector": _HOSTILE, "environment": _HOSTILE, "environment_type": _HOSTILE,
        "owner": _HOSTILE, "host": _HOSTILE, "currency": _HOSTILE, "evidence": _HOSTILE,
        "people": [{"key": _HOSTILE, "name": _HOSTILE, "why": _HOSTILE}],
    }  # fmt: skip
    asked(sqlite_store, Asking(INVOICES, to, STEPS, facts), name=_HOSTILE)
    with serving(sqlite_store) as told:
        yield told


def test_words_of_a_tenant_stay_words(hostile: Asker) -> None:
    """Names full of markup, quotes and line ends neither break a page nor run in it."""
    token = hostile.token()
    newest = row(hostile.store)["id"]
    listed = _links().list(ListLink(ADA, newest, NOW.replace(month=12)))
    pages = [
        hostile.get(token),
        hostile.get(listed),
        hostile.post(token, "hand_over", reason=_HOSTILE, named=""),
    ]
    pages += [
        hostile.get(token, "?answer=%22%3E%3Cscript%3E&language=%22%3E&list=%22%3E%3Cscript%3E")
    ]
    hostile.post(token, "hand_over", to="0", reason=_HOSTILE)
    pages += [hostile.get(token), hostile.post(token, "hand_over", named=_HOSTILE)]

    for reply in pages:
        parser = _Tags()
        parser.feed(reply.text)
        names = [tag for tag, _ in parser.tags]
        assert "alert(1)" in reply.text or "Invoices" not in reply.text
        assert {"script", "img"} & set(names) == set()
        assert names.count("style") == 1
        assert [
            name for _, attributes in parser.tags for name in attributes if name.startswith("on")
        ] == []
        assert "\u202e" not in reply.text
        assert "49" not in re.sub(r"<style>.*?</style>", "", reply.text, flags=re.DOTALL)
        assert "set-cookie" not in reply.headers


def test_pages_fetch_nothing_and_stay_nowhere(asker: Asker) -> None:
    """No script, no outside address, no cache, no index, no frame; a referrer for ourselves only."""
    token = asker.token()
    asker.post(token)
    for reply in (asker.get(token), asker.get(asker.token(PAYROLL)), asker.get("nonsense")):
        headers = reply.headers
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        assert "form-action 'self'; base-uri 'none'; frame-ancestors 'none'" in policy
        assert headers["cache-control"] == "no-store"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["x-robots-tag"] == "noindex, nofollow, noarchive"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert re.findall(r"(?:src|href|action)=\"(?:[a-z]+:)?//", reply.text) == []
        assert "http" not in reply.text.replace("http-equiv", "")


def test_tokens_are_not_logged(asker: Asker, caplog: pytest.LogCaptureFixture) -> None:
    """What opens a question stands in no log, however much is logged."""
    caplog.set_level("DEBUG")
    token = asker.token()
    asker.get(token)
    asker.post(token)
    asker.post(token)
    asker.get(f"{token}x")
    told = "\n".join(one.getMessage() for one in caplog.records if not one.name.startswith("http"))

    assert token not in told
    assert "answered by its link" in told


def test_a_failing_store_is_said_kindly(sqlite_store: Engine) -> None:
    """Where the store fails the page says to try again, and tells nothing of it."""
    fill(sqlite_store)
    asked(sqlite_store)
    with serving(sqlite_store) as asker:
        token = asker.token()
        with writing(sqlite_store) as connection:
            connection.exec_driver_sql("ALTER TABLE campaigns RENAME TO lost")
        shown, sent = asker.get(token), asker.post(token)

    assert (shown.status_code, sent.status_code) == (503, 503)
    assert "please try again" in shown.text
    assert "campaigns" not in shown.text + sent.text


# --- the list of one person


def test_a_list_shows_what_one_person_is_asked(asker_on_each: Asker) -> None:
    """Each open question of that person and no other, by a link that answers it and leads back."""
    asked(asker_on_each.store, Asking(WEATHER, TO_ADA, STEPS, {**FACTS, "connector": "Weather"}))
    newest = row(asker_on_each.store, WEATHER)["id"]
    token = _links().list(ListLink(ADA, newest, NOW.replace(month=12)))
    page = asker_on_each.get(token)
    targets = re.findall(r'href="\./([^"?]+)\?list=', page.text)

    assert page.status_code == 200
    assert "Invoices" in page.text
    assert "Weather" in page.text
    assert "Payroll" not in page.text
    assert len(targets) == 2
    assert "Back to your list" in asker_on_each.get(targets[0], f"?list={token}").text
    assert asker_on_each.post(targets[0]).status_code == 303
    assert "Invoices" not in asker_on_each.get(token).text


def test_a_list_shows_nothing_newer_than_itself(asker: Asker) -> None:
    """Who finds an old mail is shown no question that was asked after it."""
    newest = row(asker.store, PAYROLL)["id"]
    token = _links().list(ListLink(ADA, newest, NOW.replace(month=12)))
    asked(asker.store, Asking(WEATHER, TO_ADA, STEPS, {**FACTS, "connector": "Weather"}))

    assert "Weather" not in asker.get(token).text


def test_a_list_answers_nothing(asker: Asker) -> None:
    """What is sent to it changes nothing; a list of somebody else leads nowhere back."""
    newest = row(asker.store, PAYROLL)["id"]
    token = _links().list(ListLink(CARLA, newest, NOW.replace(month=12)))
    before = workflow(asker.store)

    assert asker.post(token, "retire").status_code == 409
    assert workflow(asker.store) == before
    assert "Back to your list" not in asker.get(asker.token(), f"?list={token}").text


def test_the_request_names_its_link(asker: Asker) -> None:
    """For audit the event keeps by which link it came, as a mark that opens nothing."""
    token = asker.token()
    asker.post(token)
    *_, event = rows(asker.store, models.AttestationEvent)

    assert event["told"]["answer"] == "keep"
    assert len(event["told"]["link"]) == 32
    assert event["told"]["link"] not in token
    assert held(row(asker.store)).nonce not in token
