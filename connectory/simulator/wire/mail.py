"""Mail as Graph takes it to be sent: what is accepted is kept, and delivered to nobody.

A message is JSON, or the whole of it as text in base64. Two are never recognised as one: whoever
sends again after a reply was lost has sent twice.
"""

from __future__ import annotations

import base64
import binascii
import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, Final

from connectory.simulator.wire.exchange import Json, Refused, Reply, Request, error
from connectory.simulator.wire.world import World

_PATH = re.compile(r"/v1\.0/users/([^/]+)/sendMail", re.IGNORECASE)
_LARGEST: Final = 4 * 2**20
_ADDRESS = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+")
_KINDS: Final = ("toRecipients", "ccRecipients", "bccRecipients")


def answer(world: World, request: Request) -> Reply | None:
    """Take a message to be sent; None if the request is about something else."""
    match = _PATH.fullmatch(request.path)
    if match is None or request.method != "POST":
        return None
    if len(request.body) > _LARGEST:
        text = "The size of the payload should be less than 4 MB."
        return error(413, "RequestEntityTooLarge", text)
    if not _is_mailbox(world, match[1]):
        return error(404, "ErrorInvalidUser", f"The requested user '{match[1]}' is invalid.")
    plain = request.headers.get("content-type", "").startswith("text/plain")
    told = _written_out(request.body) if plain else _message(request.json())
    world.mails.append(
        {
            "number": len(world.mails) + 1,
            "at": world.tenant.now.isoformat(),
            "sender": match[1],
            **told,
        }
    )
    # Accepted is not delivered, and the body is empty.
    return Reply(202)


def mailbox(world: World) -> str:
    """Return the address of the shared mailbox that can send."""
    return f"coe@{world.tenant.domain}"


def _is_mailbox(world: World, name: str) -> bool:
    person = world.person_named.get(name.casefold())
    if person is not None:
        return person.mail is not None and person.user_type == "Member"
    return name.casefold() == mailbox(world)


def _message(given: Json) -> Json:
    """Return what there is to know of a message.

    Raises:
        Refused: It is none that can be sent.
    """
    message = given.get("message")
    if not isinstance(message, dict):
        text = "The payload is invalid: the parameter 'Message' is missing or null."
        raise Refused(error(400, "ErrorInvalidParameter", text))
    body = message.get("body") or {}
    headers = message.get("internetMessageHeaders") or []
    for one in headers:
        if not str(one.get("name", "")).casefold().startswith("x-"):
            name = one.get("name")
            text = f"The internet message header name '{name}' should start with 'x-' or 'X-'."
            raise Refused(error(400, "InvalidInternetMessageHeader", text))
    receivers = [_address(one) for kind in _KINDS for one in message.get(kind) or []]
    return {
        "to": _told(receivers),
        "subject": message.get("subject", ""),
        "content_type": str(body.get("contentType", "text")).casefold(),
        "content": body.get("content", ""),
        "message_id": message.get("internetMessageId"),
        "headers": {str(one["name"]): one.get("value") for one in headers},
        "reply_to": [_address(one) for one in message.get("replyTo") or []],
        "kept": given.get("saveToSentItems", True),
    }


def _written_out(body: bytes) -> Json:
    """Return what there is to know of a message that came as text.

    Raises:
        Refused: It is none that can be sent.
    """
    try:
        raw = base64.b64decode(body, validate=True)
    except binascii.Error as failure:
        text = "Invalid base64 string for MIME content."
        raise Refused(error(400, "ErrorMimeContentInvalidBase64String", text)) from failure
    found = message_from_bytes(raw, _class=EmailMessage, policy=policy.default)
    shown = found.get_body(("html", "plain"))
    fields = [str(found.get(name, "")) for name in ("To", "Cc", "Bcc")]
    return {
        "to": _told([one for field in fields for one in _ADDRESS.findall(field)]),
        "subject": str(found.get("Subject", "")),
        "content_type": shown.get_content_subtype() if shown else "text",
        "content": shown.get_content() if shown else "",
        "message_id": found.get("Message-ID"),
        "headers": {name: str(value) for name, value in found.items()},
        "reply_to": _ADDRESS.findall(str(found.get("Reply-To", ""))),
        "kept": True,
    }


def _address(one: Any) -> str:
    told = one.get("emailAddress") if isinstance(one, dict) else None
    return str((told or {}).get("address", ""))


def _told(receivers: list[str]) -> list[str]:
    """Return the addresses a message is for.

    Raises:
        Refused: There is none, or one is no address.
    """
    if not receivers or not all(_ADDRESS.fullmatch(one) for one in receivers):
        text = "At least one recipient is not valid."
        raise Refused(error(400, "ErrorInvalidRecipients", text))
    return receivers
