"""What the pages behind links are made of, and the list of one person; over real HTTP."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from bound_links import links
from factories import ADA, CARLA, INVOICES, PAYROLL, WEATHER, fill
from factories_campaigns import (
    FACTS,
    NOW,
    STEPS,
    TO_ADA,
    Asker,
    asked,
    row,
    rows,
    serving,
    workflow,
)
from sqlalchemy import Engine

import models
from connectory.actions.asking import held
from connectory.actions.campaigns import Asking
from connectory.attestation.links import ListLink
from connectory.database import writing

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
    listed = links().list(ListLink(ADA, newest, NOW.replace(month=12)))
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
    token = links().list(ListLink(ADA, newest, NOW.replace(month=12)))
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
    token = links().list(ListLink(ADA, newest, NOW.replace(month=12)))
    asked(asker.store, Asking(WEATHER, TO_ADA, STEPS, {**FACTS, "connector": "Weather"}))

    assert "Weather" not in asker.get(token).text


def test_a_list_answers_nothing(asker: Asker) -> None:
    """What is sent to it changes nothing; a list of somebody else leads nowhere back."""
    newest = row(asker.store, PAYROLL)["id"]
    token = links().list(ListLink(CARLA, newest, NOW.replace(month=12)))
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
