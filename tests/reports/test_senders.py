"""The ways that are not SMTP: a folder, Microsoft Graph, a Teams workflow."""

from __future__ import annotations

import stat
import threading
from collections.abc import Callable
from dataclasses import replace
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from mailboxes import NOW, letter, rows, send, settings, states
from receivers import webhook
from sqlalchemy import Engine
from test_mail import HOSTILE, POSTING

from collectors.api.allowed import refuse_unknown_command
from collectors.api.errors import ApiError, SignInError, Unreachable
from connectory.graph_mail import judged
from connectory.reports.outbox import queue, resend
from connectory.reports.senders.folder import FolderSender, file_name
from connectory.reports.senders.graph import GraphSender, body, path
from connectory.reports.senders.teams import TeamsSender, understood
from connectory.reports.sending import NotDelivered, NotTaken, Refused, Uncertain, Unusable


def test_a_folder_holds_each_message_once(sqlite_store: Engine, tmp_path: Path) -> None:
    """Each message is a file that a mail program opens, readable by its owner alone."""
    wanted = settings(channel="folder", folder=str(tmp_path / "mail"), quiet_days=("tue",))
    queue(sqlite_store, [letter(1), letter(2)], wanted, now=NOW)
    told = send(sqlite_store, wanted, sender=FolderSender(wanted))

    files = sorted((tmp_path / "mail").iterdir())
    assert told.sent == 2
    assert [file.suffix for file in files] == [".eml", ".eml"]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    mails = [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]
    assert {mail["Message-ID"] for mail in mails} == {row.message_id for row in rows(sqlite_store)}
    assert {mail["To"].addresses[0].addr_spec for mail in mails} == {
        "person1@example.com",
        "person2@example.com",
    }


def test_the_same_message_is_the_same_file(tmp_path: Path) -> None:
    """Written again, a message takes the place of what was written before, and no more."""
    wanted = settings(channel="folder", folder=str(tmp_path))
    sender = FolderSender(wanted)
    sender.ready()
    sender.send(POSTING)
    sender.send(replace(POSTING, text="Again."))

    (file,) = tmp_path.iterdir()
    assert b"Again." in file.read_bytes()
    assert file.name == "owner-digest-ada-example.com-0123456789abcdef0123456789abcdef.eml"


def test_no_name_leads_out_of_the_folder() -> None:
    """An address is hostile: what is left of it in a file's name is harmless."""
    odd = replace(POSTING, address="../../etc/passwd\0@EXAMPLE.com", message_id="<../x@y>")

    assert "/" not in file_name(odd)
    assert file_name(odd).startswith("owner-digest-etc-passwd-example.com-")


def test_a_folder_that_cannot_be_made_is_said(sqlite_store: Engine, tmp_path: Path) -> None:
    """Nothing is begun where nothing can be written."""
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    wanted = settings(channel="folder", folder=str(tmp_path / "file" / "mail"))
    queue(sqlite_store, [letter(1)], wanted, now=NOW)
    told = send(sqlite_store, wanted, sender=FolderSender(wanted))

    assert (told.exit_code, told.left) == (1, 1)
    assert "reports.folder" in str(told.why)


def _graph(**more: Any) -> Any:
    return settings(**{"channel": "graph", "graph_sender": "connectory@example.com", **more})


def test_graph_gets_one_receiver_and_the_message_id() -> None:
    """What is posted passes the list of what may be sent at all, whatever the words hold."""
    posted: list[tuple[str, dict[str, Any]]] = []
    wanted = _graph(coe_mailbox="coe@example.com")
    GraphSender(wanted, lambda where, what: posted.append((where, what))).send(
        replace(POSTING, name=HOSTILE, subject=HOSTILE)
    )

    ((where, what),) = posted
    refuse_unknown_command("graph", where, what)
    assert where == "/v1.0/users/connectory@example.com/sendMail"
    assert what["saveToSentItems"] is False
    message = what["message"]
    assert message["internetMessageId"] == POSTING.message_id
    assert message["toRecipients"][0]["emailAddress"]["address"] == "ada@example.com"
    assert message["body"] == {"contentType": "HTML", "content": POSTING.html}
    assert message["replyTo"] == [{"emailAddress": {"address": "coe@example.com"}}]
    assert message["subject"].isprintable()


def test_graph_is_asked_for_no_other_path() -> None:
    """A mailbox name that is odd but an address stays one segment of the path."""
    assert path(_graph(graph_sender="a/../b@example.com")).count("/") == 4
    with pytest.raises(Refused):
        GraphSender(_graph(), lambda *_: None).send(replace(POSTING, address="a@b, c@d"))


def _copied(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    what = body(POSTING, _graph())
    change(what)
    return what


@pytest.mark.parametrize(
    "change",
    [
        lambda what: what.update(saveToSentItems=True),
        lambda what: what.update(more=1),
        lambda what: what["message"].update(ccRecipients=[]),
        lambda what: what["message"].update(attachments=[]),
        lambda what: what["message"].update(toRecipients=[{}, {}]),
        lambda what: what.pop("message"),
    ],
)
def test_a_mail_of_another_form_is_never_sent(change: Callable[[dict[str, Any]], object]) -> None:
    """No copies, no attachments, no trace in the sender's folders: the client refuses them."""
    with pytest.raises(PermissionError):
        refuse_unknown_command("graph", path(_graph()), _copied(change))


@pytest.mark.parametrize(
    ("family", "where"),
    [
        ("graph", "/v1.0/users/a@example.com/messages"),
        ("graph", "/v1.0/me/sendMail"),
        ("graph", "/v1.0/users/a@example.com/../b/sendMail"),
        ("graph", "/beta/users/a@example.com/sendMail"),
        ("bap", "/v1.0/users/a@example.com/sendMail"),
    ],
)
def test_mail_goes_nowhere_else(family: str, where: str) -> None:
    """Only the one call of the one service that sends mail passes."""
    with pytest.raises(PermissionError):
        refuse_unknown_command(family, where, body(POSTING, _graph()))


def _error(status: int | None, cause: Exception | None = None) -> ApiError:
    error = Unreachable("failed", "https://graph.microsoft.com/v1.0", "wait")
    error.status, error.__cause__ = status, cause
    return error


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (_error(429), NotTaken),
        (_error(400), Refused),
        (_error(401), Unusable),
        (_error(403), Unusable),
        (_error(404), Unusable),
        (_error(500), Uncertain),
        (_error(503), Uncertain),
        (_error(None, httpx.ConnectError("refused")), NotTaken),
        (_error(None, httpx.ConnectTimeout("late")), NotTaken),
        (_error(None, httpx.ReadTimeout("late")), Uncertain),
        (_error(None, httpx.RemoteProtocolError("cut")), Uncertain),
        (_error(None), Uncertain),
        (SignInError("no token", "login", "renew"), Unusable),
    ],
)
def test_a_failure_of_graph_means_what_is_known(error: ApiError, kind: type[NotDelivered]) -> None:
    """Only what surely was not taken may be tried again."""
    assert type(judged(error)) is kind


def _teams(**more: Any) -> Any:
    return settings(channel="teams", teams_webhook_url_env="INVENTED_HOOK", **more)


def test_a_workflow_gets_the_card_and_whom_it_is_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside the card stand the address and our name of the message."""
    card = {"type": "AdaptiveCard", "body": [{"type": "TextRun", "text": HOSTILE[:20]}]}
    with webhook() as hook:
        monkeypatch.setenv("INVENTED_HOOK", hook.url)
        sender = TeamsSender(_teams())
        sender.ready()
        sender.send(replace(POSTING, card=card))

    (told,) = hook.bodies
    assert told["type"] == "message"
    assert told["attachments"][0]["content"] == card
    assert told["recipient"] == "ada@example.com"
    assert told["message"] == POSTING.token


@pytest.mark.parametrize(
    ("status", "words", "kind"),
    [
        (429, "", NotTaken),
        (400, "bad card", Refused),
        (302, "", Unusable),
        (404, "", Unusable),
        (500, "", Uncertain),
        (200, "Webhook message delivery failed with error: 429", Refused),
    ],
)
def test_an_answer_of_a_workflow_means_what_is_known(
    status: int, words: str, kind: type[NotDelivered], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also a 200 may tell a failure; no reason ever holds the address, which is a secret."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.send_header("Content-Length", str(len(words)))
            self.end_headers()
            self.wfile.write(words.encode())

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{server.server_address[1]}/hook?sig=obviously-invented"
        monkeypatch.setenv("INVENTED_HOOK", url)
        with pytest.raises(NotDelivered) as error:
            TeamsSender(_teams()).send(replace(POSTING, card={}))
        server.shutdown()
        thread.join()

    assert type(error.value) is kind
    assert "obviously-invented" not in str(error.value)


@pytest.mark.parametrize("words", ["", "1", '{"id": 1}'])
def test_a_good_200_is_sent(words: str) -> None:
    """What old webhooks and workflows say when they did it."""
    assert understood(httpx.Response(200, text=words)) == "the webhook answered 200"


def test_a_workflow_that_cannot_be_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an address nothing is begun; with a dead one the message surely was not taken."""
    monkeypatch.delenv("INVENTED_HOOK", raising=False)
    with pytest.raises(Unusable, match="INVENTED_HOOK"):
        TeamsSender(_teams()).ready()
    monkeypatch.setenv("INVENTED_HOOK", "https://127.0.0.1:9/hook?sig=obviously-invented")
    with pytest.raises(NotTaken) as error:
        TeamsSender(_teams()).send(replace(POSTING, card={}))
    with pytest.raises(Refused, match="larger"):
        TeamsSender(_teams()).send(replace(POSTING, card={"text": "x" * 30_000}))

    assert "obviously-invented" not in str(error.value)


def test_a_folder_writes_again_what_a_person_wants_again(
    sqlite_store: Engine, tmp_path: Path
) -> None:
    """A message that was uncertain is, sent again, still one file."""
    wanted = settings(channel="folder", folder=str(tmp_path / "mail"))

    class Breaking(FolderSender):
        def send(self, posting: Any) -> str:
            super().send(posting)
            raise ZeroDivisionError

    queue(sqlite_store, [letter(1)], wanted, now=NOW)
    send(sqlite_store, wanted, sender=Breaking(wanted))
    assert states(sqlite_store) == {"uncertain": 1}
    resend(sqlite_store, rows(sqlite_store)[0].id, author="Ada", now=NOW)
    send(sqlite_store, wanted, sender=FolderSender(wanted))

    assert states(sqlite_store) == {"sent": 1}
    assert len(list((tmp_path / "mail").iterdir())) == 1
