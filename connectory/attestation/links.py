"""Signed links: who may answer what, until when. Making and reading them needs no store.

What a link says can be read by whoever has it; that it was signed is what it proves. A link is
bound to one person, connector, campaign and request, and to a nonce that is another one after each
use and for each person, so that the request decides whether it still counts.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from pathlib import Path
from typing import Any, Final, Protocol, cast

from itsdangerous import BadData, URLSafeSerializer
from itsdangerous.encoding import base64_decode, base64_encode

from connectory.config import ConfigError

LONGEST_TOKEN: Final = 1_000
SHORTEST_KEY: Final = 32
PATH: Final = "/attest/"

_ANSWER: Final = "connectory.attestation.answer.1"
_LIST: Final = "connectory.attestation.list.1"


class NotSigned(Exception):
    """A text is no link that was made with one of the keys."""


class Expired(Exception):
    """A link was made here, and its time is over."""


@dataclass(frozen=True, slots=True)
class AnswerLink:
    """What a link for one answer is bound to.

    Attributes:
        request_id: The request.
        connector_id: The connector it is about.
        campaign_id: The campaign that asks.
        person: Who is asked.
        nonce: That of the request.
        expires_at: From when on it is nothing.
    """

    request_id: int
    connector_id: int
    campaign_id: int
    person: str
    nonce: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ListLink:
    """What a link to all that one person is asked is bound to.

    Attributes:
        person: Who is asked.
        newest: Number of the newest request it shows: none that was opened after it was made.
        expires_at: From when on it is nothing.
    """

    person: str
    newest: int
    expires_at: datetime


class Keyed(Protocol):
    """Settings that say where the key is: the section ``[reports]``."""

    @property
    def link_key_env(self) -> str:
        """Environment variable that holds it."""

    @property
    def link_key_file(self) -> str:
        """File that holds it; wins where it is named."""


class Links:
    """Makes links and reads them."""

    def __init__(self, keys: Sequence[str]) -> None:
        """Args: the keys, the newest first; it signs, and what the others signed still counts."""
        oldest_first = [key.encode() for key in reversed(keys)]
        self._answers = _serializer(oldest_first, _ANSWER)
        self._lists = _serializer(oldest_first, _LIST)

    def answer(self, link: AnswerLink) -> str:
        """Return the token of a link for one answer."""
        told = [
            link.request_id, link.connector_id, link.campaign_id, link.person, link.nonce,
            int(link.expires_at.timestamp()),
        ]  # fmt: skip
        return str(self._answers.dumps(told))

    def list(self, link: ListLink) -> str:
        """Return the token of a link to all that one person is asked."""
        told = [link.person, link.newest, int(link.expires_at.timestamp())]
        return str(self._lists.dumps(told))

    def read(self, token: str, now: datetime) -> AnswerLink | ListLink:
        """Return what a token is bound to.

        Args:
            token: As it stands in the address.
            now: The time it is.

        Raises:
            NotSigned: It was not made with one of the keys.
            Expired: Its time is over.
        """
        if not token.isascii() or len(token) > LONGEST_TOKEN:
            raise NotSigned
        link = self._answer_of(token) or self._list_of(token)
        if link is None:
            raise NotSigned
        if now >= link.expires_at:
            raise Expired
        return link

    def _answer_of(self, token: str) -> AnswerLink | None:
        told = _loaded(self._answers, token)
        if told is None:
            return None
        request_id, connector_id, campaign_id, person, nonce, until = told
        return AnswerLink(request_id, connector_id, campaign_id, person, nonce, _time(until))

    def _list_of(self, token: str) -> ListLink | None:
        told = _loaded(self._lists, token)
        if told is None:
            return None
        person, newest, until = told
        return ListLink(person, newest, _time(until))


def _serializer(keys: Sequence[bytes], salt: str) -> URLSafeSerializer:
    return URLSafeSerializer(
        list(keys),
        salt=salt,
        signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
    )


def _loaded(serializer: URLSafeSerializer, token: str) -> list[Any] | None:
    try:
        told = cast("list[Any]", serializer.loads(token))
        # The last letter of a signature has bits to spare: one spelling counts, not all four.
        signature = token.rpartition(".")[2]
        return told if base64_encode(base64_decode(signature)).decode() == signature else None
    except BadData:
        return None


def _time(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def expiry(deadline: date, zone: tzinfo) -> datetime:
    """Return from when on a link is nothing: the end of the last day for the answer."""
    return datetime.combine(deadline + timedelta(days=1), time.min, zone).astimezone(UTC)


def answer_link(row: Mapping[Any, Any], zone: tzinfo) -> AnswerLink:
    """Return what a link is bound to by which an open request can be answered."""
    return AnswerLink(
        row["id"],
        row["connector_id"],
        row["campaign_id"],
        row["asked"],
        row["nonce"],
        expiry(row["deadline"], zone),
    )


def mark(token: str) -> str:
    """Return by what a used link is recognised; it cannot be made from that."""
    return hashlib.sha256(token.encode()).hexdigest()[:32]


def link_keys(settings: Keyed) -> tuple[str, ...]:
    """Return the keys by which links are signed, the newest first.

    The file or variable holds one, or several in lines: the first signs, and what the others
    signed still counts.

    Raises:
        ConfigError: There is none, or one is too short.
    """
    if settings.link_key_file:
        place = Path(settings.link_key_file).expanduser()
        try:
            text = place.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is no text"
            raise ConfigError(
                f"the key of links cannot be read: {why}; {place}; "
                "check reports.link_key_file and the file's rights"
            ) from None
        where = f"{place}, reports.link_key_file"
    else:
        text = os.environ.get(settings.link_key_env, "")
        where = f"environment variable {settings.link_key_env}, reports.link_key_env"
    keys = tuple(key for line in text.splitlines() if (key := line.strip()))
    cure = 'make one with: python -c "import secrets; print(secrets.token_urlsafe(48))"'
    if not keys:
        raise ConfigError(f"there is no key to sign links with; {where}; {cure}")
    if any(len(key) < SHORTEST_KEY for key in keys):
        raise ConfigError(
            f"a key of links is shorter than {SHORTEST_KEY} characters; {where}; {cure}"
        )
    return keys
