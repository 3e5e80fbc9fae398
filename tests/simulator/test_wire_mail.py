"""Mail and cards that the simulated tenant takes: what is accepted is kept, what is not says why."""

from __future__ import annotations

import base64
from email.message import EmailMessage
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from wired import GRAPH, Wired

CARD = {
    "type": "message",
    "attachments": [
        {
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": None,
            "content": {"type": "AdaptiveCard", "version": "1.4", "body": []},
        }
    ],
}


def message(address: str = "owner@larkspur.example", **more: Any) -> dict[str, Any]:
    """Return a message as Graph takes it."""
    receivers = [{"emailAddress": {"address": address, "name": "Owner"}}]
    body = {"contentType": "HTML", "content": "<p>Three things to do</p>"}
    told = {"subject": "Your connectors", "body": body, "toRecipients": receivers, **more}
    return {"message": told, "saveToSentItems": False}


def sending(cloud: Wired, sender: str = "") -> str:
    """Return the address at which a mailbox sends."""
    return f"{GRAPH}/users/{sender or cloud.look('mail')['places']['mailbox']}/sendMail"


def test_a_message_is_accepted_with_an_empty_202_and_kept(cloud: Wired) -> None:
    """Graph says no more than that it has it; the account says what it was, and no trespass."""
    given = message(internetMessageId="<1@x.example>", replyTo=message()["message"]["toRecipients"])
    reply = cloud.ask(sending(cloud), method="POST", json=given)
    again = cloud.ask(sending(cloud), method="POST", json=given)
    told = cloud.look("mail")["mails"]

    assert [reply.status_code, again.status_code] == [202, 202]
    assert reply.content == b""
    assert [one["number"] for one in told] == [1, 2]  # nothing tells that it is the same
    assert told[0]["to"] == told[0]["reply_to"] == ["owner@larkspur.example"]
    assert told[0]["content_type"] == "html"
    assert told[0]["message_id"] == "<1@x.example>"
    assert told[0]["kept"] is False
    assert cloud.look("requests")["trespasses"] == {}


def test_a_whole_message_is_taken_as_text(cloud: Wired) -> None:
    """In base64, headers and all; what is no base64 is refused."""
    mail = EmailMessage()
    mail["From"], mail["To"] = "coe@larkspur.example", "Owner <owner@larkspur.example>"
    mail["Subject"], mail["Message-ID"] = "Prüfung", "<2@x.example>"
    mail.set_content("plain")
    mail.add_alternative("<p>html</p>", subtype="html")
    plain = {"Content-Type": "text/plain"}
    body = base64.b64encode(mail.as_bytes())

    taken = cloud.ask(sending(cloud), method="POST", content=body, headers=plain)
    refused = cloud.ask(sending(cloud), method="POST", content=b"{}", headers=plain)
    (told,) = cloud.look("mail")["mails"]

    assert (taken.status_code, refused.status_code) == (202, 400)
    assert refused.json()["error"]["code"] == "ErrorMimeContentInvalidBase64String"
    assert (told["subject"], told["message_id"]) == ("Prüfung", "<2@x.example>")
    assert (told["to"], told["content_type"]) == (["owner@larkspur.example"], "html")


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({}, "ErrorInvalidParameter"),
        (message("nobody"), "ErrorInvalidRecipients"),
        (message("a@x.example, b@x.example"), "ErrorInvalidRecipients"),
        (message(toRecipients=[]), "ErrorInvalidRecipients"),
        (
            message(internetMessageHeaders=[{"name": "List-Id", "value": "x"}]),
            "InvalidInternetMessageHeader",
        ),
    ],
)
def test_what_cannot_be_sent_is_refused(shared_cloud: Wired, given: Any, code: str) -> None:
    """Nothing of it is kept."""
    before = len(shared_cloud.look("mail")["mails"])
    reply = shared_cloud.ask(sending(shared_cloud), method="POST", json=given)

    assert (reply.status_code, reply.json()["error"]["code"]) == (400, code)
    assert len(shared_cloud.look("mail")["mails"]) == before


def test_only_a_mailbox_sends(cloud: Wired) -> None:
    """A member does, a guest and a stranger do not; a message may not be huge."""
    people = cloud.tenant.people.values()
    member = next(p for p in people if p.mail and p.deleted is None and p.user_type == "Member")
    guest = next(p for p in people if p.user_type == "Guest")

    statuses = [
        cloud.ask(sending(cloud, who), method="POST", json=message()).status_code
        for who in (member.id, member.user_principal_name, guest.id, "nobody@x.example")
    ]
    huge = message(subject="x" * 5_000_000)

    assert statuses == [202, 202, 404, 404]
    assert cloud.ask(sending(cloud), method="POST", json=huge).status_code == 413


def test_a_reply_that_is_lost_leaves_the_message_accepted(cloud: Wired) -> None:
    """The connection breaks after Graph took it: whoever sends cannot know."""
    cloud.lever("faults", kind="drop", host="graph.microsoft.com", path="sendMail", times=1)
    with pytest.raises(httpx.TransportError):
        cloud.ask(sending(cloud), method="POST", json=message())
    cloud.lever("faults", kind="503", host="graph.microsoft.com", path="sendMail", times=1)
    unavailable = cloud.ask(sending(cloud), method="POST", json=message())

    assert unavailable.status_code == 503
    assert len(cloud.look("mail")["mails"]) == 1


def test_a_workflow_takes_cards_without_a_token(cloud: Wired) -> None:
    """202 and nothing in it; another signature, another message or a large one is refused."""
    url = cloud.look("mail")["places"]["workflow"]
    bad = url.replace("sig=", "sig=0")
    large = {**CARD, "note": "x" * 30_000}

    replies = [
        cloud.http.post(at, json=given)
        for at, given in ((url, CARD), (bad, CARD), (url, {"text": "hi"}), (url, large))
    ]
    here = urlsplit(url)
    local = f"http://127.0.0.1/{here.hostname}{here.path}?{here.query}"

    assert [one.status_code for one in replies] == [202, 401, 400, 413]
    assert replies[0].content == b""
    assert cloud.http.post(local, json=CARD).status_code == 202
    assert [one["message"] for one in cloud.look("mail")["cards"]] == [CARD, CARD]


def test_a_webhook_of_the_old_kind_says_200_also_when_it_fails(cloud: Wired) -> None:
    """A 1 when it showed the card, words when it did not."""
    url = cloud.look("mail")["places"]["old_webhook"]
    good = cloud.http.post(url, json=CARD)
    cloud.lever("settings", webhook_fails="HTTP error 429 with ContextId tcid=0")
    bad = cloud.http.post(url, json=CARD)

    assert (good.status_code, good.text) == (200, "1")
    assert bad.status_code == 200
    assert "Microsoft Teams endpoint returned HTTP error 429" in bad.text
    assert [one["taken_at"] for one in cloud.look("mail")["cards"]] == ["old_webhook"]


def test_what_was_taken_can_be_forgotten(cloud: Wired) -> None:
    """So that a test counts anew."""
    cloud.ask(sending(cloud), method="POST", json=message())
    cloud.http.delete("http://127.0.0.1/_sim/mail").raise_for_status()

    assert cloud.look("mail")["mails"] == cloud.look("mail")["cards"] == []
