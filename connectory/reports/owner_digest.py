"""The digest of one owner: what to do about their connectors, by when, and whom to ask.

The same digest asks in campaigns: it only begins otherwise, so that nobody gets two mails.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from connectory.config import Settings
from connectory.domain.answering import Recipient
from connectory.domain.digest import Asked, Digest, Mine, tasks
from connectory.queries.coverage import coverage
from connectory.queries.exposure_answers import exposure_answer
from connectory.queries.ignoring import ignored
from connectory.queries.moments import Moment
from connectory.queries.owner_digest import held
from connectory.queries.recipients import recipients
from connectory.reports.card import card
from connectory.reports.digest_told import Asking, Occasion, tell
from connectory.reports.languages import Language, language_of
from connectory.reports.letter import Letter
from connectory.reports.periods import period_words
from connectory.reports.render import rendered

__all__ = ["Asked", "Asking", "Occasion", "letter", "owner_digests"]

_NOBODY: Final[Mapping[str, Sequence[Asked]]] = MappingProxyType({})
_NOT_TOLD: Final[Mapping[str, Recipient]] = MappingProxyType({})
_NO_LINKS: Final[Mapping[str, str]] = MappingProxyType({})


def owner_digests(
    connection: Connection,
    moment: Moment,
    settings: Settings,
    *,
    today: date,
    period: str,
    owner: str | None = None,
    occasion: Occasion = "digest",
    asked: Mapping[str, Sequence[Asked]] = _NOBODY,
    to: Mapping[str, Recipient] = _NOT_TOLD,
    answer_all: Mapping[str, str] = _NO_LINKS,
    asking: Asking | None = None,
) -> Iterator[Letter]:
    """Yield the digest of everybody who answers for connectors, one letter each.

    The number of statements does not depend on how many there are.

    Args:
        connection: Open transaction on the store.
        moment: As of when.
        settings: All settings.
        today: The day it is.
        period: The time it is about, e.g. 2026-W48; for other occasions than the digest what the
            letters are sent for, e.g. campaign/7/asked/2.
        owner: Only the digest of this one: object id, mail address or name.
        occasion: digest, or why people are asked: then only those who are get a letter.
        asked: What is open to whom, by `Recipient.recipient`.
        to: Whom to write to, for those asked who answer for nothing else.
        answer_all: Where all that is open to somebody can be answered, by `Recipient.recipient`.
        asking: The campaign, if people are asked.
    """
    by_digest, every = occasion == "digest", settings.reports.digest_without_tasks
    for digest in _digests(
        connection, moment, settings, today, asked, to, answer_all, by_digest=by_digest
    ):
        if not by_digest and not asked.get(digest.to.recipient):
            continue
        if owner is not None and not _is(digest.to, owner):
            continue
        if owner is None and by_digest and not (every or _anything_to_do(digest)):
            continue
        language = language_of(digest.to.language, settings.reports.language)
        yield letter(
            digest,
            language,
            occasion=f"owner-digest/{period}" if by_digest else period,
            period=period_words(period, language) if by_digest else "",
            why=occasion,
            asking=asking,
        )


def letter(
    digest: Digest,
    language: Language,
    *,
    occasion: str,
    period: str,
    why: Occasion = "digest",
    asking: Asking | None = None,
) -> Letter:
    """Return the digest of one recipient as a letter.

    Args:
        digest: What they are told.
        language: In which language.
        occasion: What it is sent for; nobody gets two for one.
        period: Words for the time it is about.
        why: By the calendar, or because of questions.
        asking: The campaign, if it is because of one.
    """
    told = tell(digest, language, period, why, asking)
    subject, text, html = rendered("owner_digest", told)
    return Letter(
        report="owner-digest" if why == "digest" else "attestation",
        occasion=occasion,
        to=digest.to,
        language=language.code,
        subject=subject,
        text=text,
        html=html,
        card=card(told),
        connectors=tuple(sorted(one.connector_id for one in digest.held)),
        campaign_id=asking.campaign_id if asking else None,
    )


def _digests(
    connection: Connection,
    moment: Moment,
    settings: Settings,
    today: date,
    asked: Mapping[str, Sequence[Asked]],
    to: Mapping[str, Recipient],
    answer_all: Mapping[str, str],
    *,
    by_digest: bool,
) -> Iterator[Digest]:
    answering = recipients(connection, moment, settings.reports)
    zone = ZoneInfo(settings.dashboard.time_zone)
    left_out = ignored(connection, moment, settings.ignore.rules())
    known = held(
        connection, moment, answering, settings.drift, zone=zone, today=today, left_out=left_out
    )
    read, cost = coverage(connection, moment), exposure_answer(connection, moment)
    now = {one.recipient: one for one in answering.values()}
    # A letter of a campaign goes where its request says, the digest where the directory does.
    people = dict(to) | now if by_digest else now | dict(to)
    for recipient, some in sorted(_by_recipient(known, asked, people).items()):
        yield Digest(
            to=_to(people[recipient], some.values()),
            held=tuple(some.values()),
            today=today,
            read_on=moment.read_at.astimezone(zone).date(),
            environments=read.environments,
            environments_read=read.environments_read,
            currency=cost.currency if cost and cost.reason is None else None,
            ask=settings.reports.coe_mailbox,
            answer_all=answer_all.get(recipient, ""),
        )


def _to(recipient: Recipient, some: Iterable[Mine]) -> Recipient:
    """Return a recipient with everybody who was to be asked before, of whichever connector."""
    passed = dict.fromkeys(one for mine in some for one in mine.recipient.passed)
    return replace(recipient, passed=tuple(passed))


def _by_recipient(
    known: Mapping[int, Mine],
    asked: Mapping[str, Sequence[Asked]],
    people: Mapping[str, Recipient],
) -> dict[str, dict[int, Mine]]:
    """Return connectors by whoever answers for them, or is asked about them."""
    found: dict[str, dict[int, Mine]] = defaultdict(dict)
    for connector, one in known.items():
        found[one.recipient.recipient][connector] = one
    for recipient, questions in asked.items():
        who = people.get(recipient)
        if who is None:
            continue
        for question in questions:
            number = question.connector_id
            mine = found[recipient].get(number, known.get(number))
            # What is gone, or left out by now, is asked about all the same.
            told = mine or Mine(number, question.connector, "", "", question.to or who, "")
            if told.recipient.recipient != recipient:
                told = replace(told, recipient=question.to or who)
            found[recipient][number] = replace(told, asked=question)
    return found


def _anything_to_do(digest: Digest) -> bool:
    return any(mine.asked or tasks(mine, digest.today) for mine in digest.held)


def _is(recipient: Recipient, owner: str) -> bool:
    told = (recipient.recipient, recipient.address, recipient.name)
    return owner.casefold() in {one.casefold() for one in told}
