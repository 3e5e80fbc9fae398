"""The digest of one owner in words: what to do about their connectors, by when, and whom to ask."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import quote

from connectory.domain.answering import Passed, Role
from connectory.domain.digest import Digest, Mine, Task, by_urgency
from connectory.reports.digest_lines import line, used
from connectory.reports.languages import Language
from connectory.reports.told import Button, Item, Row, Section, Told
from connectory.reports.words import BREAK, Ours, name

Occasion = Literal["digest", "asked", "reminded", "escalated"]
"""Why it is written: by the calendar, or because of questions."""

_Ranked = list[tuple[Mine, tuple[Task, ...]]]
_ITEMS: Final = 10
_LINES: Final = 5
_ROWS: Final = 30
_COSTS: Final = 5
_PASSED: Final = 6


@dataclass(frozen=True, slots=True)
class Asking:
    """For what people are asked.

    Attributes:
        campaign_id: The campaign.
        name: Its name.
        purpose: Why people are asked, in its author's words.
    """

    campaign_id: int
    name: str
    purpose: str


def tell(
    digest: Digest, language: Language, period: str, why: Occasion, asking: Asking | None
) -> Told:
    """Return what the digest says."""
    say = language.say
    ranked = by_urgency(digest.held, digest.today)
    asked = [row for row in ranked if row[0].asked]
    headline, subject, lead = _opening(ranked, language, period, why)
    above = (
        say("digest.ask_above", campaign=name(asking.name))
        if asking
        else say("digest.above", period=period)
    )
    everything = bool(digest.answer_all) and len(asked) > 1
    return Told(
        language=language.code,
        subject=subject,
        preview=_preview(digest, ranked, language) or lead,
        above=above,
        headline=headline,
        lead=lead,
        button=Button(say("digest.button.answer_all"), digest.answer_all) if everything else None,
        sections=tuple(_sections(digest, ranked, language, asking)),
        reasons_title=say("digest.section.reasons"),
        reasons=tuple(_reasons(digest, language)),
        foot=tuple(_foot(digest, language, linked=bool(asked))),
    )


def _opening(
    ranked: _Ranked, language: Language, period: str, why: Occasion
) -> tuple[str, str, str]:
    """Return headline, subject and lead."""
    say = language.say
    asked = [mine.asked for mine, _ in ranked if mine.asked]
    if why != "digest" and asked:
        first = min(asked, key=lambda one: one.deadline)
        words = {"deadline": language.day(first.deadline), "connector": name(first.connector)}
        return (
            say(f"digest.headline.{why}", len(asked)),
            say(f"digest.subject.{why}", len(asked), **words),
            say("digest.lead.ask", len(asked), **words),
        )
    things = sum(len(found) for _, found in ranked)
    concerned = sum(bool(found) for _, found in ranked)
    headline = say("digest.headline.digest", things)
    subject = say("digest.subject.digest", things, period=period)
    if not things:
        return headline, subject, say("digest.lead.nothing", len(ranked))
    urgent = sum(task.urgency == "now" for _, found in ranked for task in found)
    lead = (
        say("digest.lead.all", len(ranked))
        if concerned == len(ranked)
        else say("digest.lead.digest", len(ranked), concerned=language.number(concerned))
    )
    return headline, subject, f"{say('digest.lead.urgent', urgent)} {lead}"


def _preview(digest: Digest, ranked: _Ranked, language: Language) -> str:
    """Return the most urgent thing: mail programs show it beside the subject."""
    mine, found = ranked[0] if ranked else (None, ())
    if mine is None or not found:
        return ""
    return f"{name(mine.name)}: {line(found[0], mine, digest.today, language).text}"


def _sections(
    digest: Digest, ranked: _Ranked, language: Language, asking: Asking | None
) -> list[Section]:
    say = language.say
    todo = [row for row in ranked if row[1]]
    asked = [row for row in todo if row[0].asked]
    others = [row for row in todo if not row[0].asked]
    found = []
    if asked:
        purpose = say("digest.purpose", purpose=asking.purpose) if asking else ""
        found.append(_todo(digest, asked, language, say("digest.section.asked"), purpose))
    if others:
        title = say("digest.section.also" if asked else "digest.section.todo")
        found.append(_todo(digest, others, language, title, ""))
    found += _cost(digest, language)
    if rest := [mine for mine, tasks in ranked if not tasks]:
        rows = tuple(_resting(mine, digest, language) for mine in rest[:_ROWS])
        more = say("digest.more", len(rest) - _ROWS) if len(rest) > _ROWS else ""
        found.append(Section(say("digest.section.rest", len(rest)), rows=rows, more=more))
    found.append(_help(digest, language))
    return found


def _todo(digest: Digest, some: _Ranked, language: Language, title: str, lead: str) -> Section:
    """Return what is to be done, the first connectors at length and the others in a line each."""
    items = tuple(_item(mine, found, digest, language) for mine, found in some[:_ITEMS])
    left = some[_ITEMS:]
    rows = tuple(_short(mine, found, digest, language) for mine, found in left[:_ROWS])
    more = language.say("digest.more", len(left) - _ROWS) if len(left) > _ROWS else ""
    return Section(title, lead, items=items, rows=rows, more=more)


def _item(mine: Mine, found: tuple[Task, ...], digest: Digest, language: Language) -> Item:
    button = Button(language.say("digest.button.answer"), mine.asked.link) if mine.asked else None
    return Item(
        title=name(mine.name),
        where=_where(mine),
        lines=tuple(line(task, mine, digest.today, language) for task in found[:_LINES]),
        button=button,
        link=None if button else _by_mail(mine, digest, language),
    )


def _by_mail(mine: Mine, digest: Digest, language: Language) -> Button | None:
    """Return a link that begins a mail about a connector to whoever helps."""
    if not digest.ask:
        return None
    subject = quote(f"{name(mine.name)} ({name(mine.environment)})".replace(BREAK, ""), safe="")
    words = language.say("digest.button.by_mail")
    return Button(words, f"mailto:{digest.ask}?subject={subject}")


def _short(mine: Mine, found: tuple[Task, ...], digest: Digest, language: Language) -> Row:
    first = line(found[0], mine, digest.today, language)
    note = f"{_where(mine)} · {first.badge.words} {first.due}"
    if mine.asked:
        return Row(
            name(mine.name),
            note,
            button=Button(language.say("digest.button.answer"), mine.asked.link),
        )
    return Row(name(mine.name), note, language.say("digest.tasks", len(found)))


def _resting(mine: Mine, digest: Digest, language: Language) -> Row:
    told = [_where(mine), used(mine.use, digest.today, language)]
    if mine.use and mine.use.exempt_until and mine.use.exempt_until >= digest.today:
        told.append(language.say("digest.exempt", day=language.day(mine.use.exempt_until)))
    return Row(name(mine.name), " · ".join(told))


def _cost(digest: Digest, language: Language) -> list[Section]:
    say, currency = language.say, digest.currency
    dear = [one for one in digest.held if one.monthly]
    if not dear or currency is None:
        return []
    dear.sort(key=lambda one: (-(one.monthly or 0), one.name.casefold()))
    rows = tuple(
        Row(
            name(one.name),
            _with(one.environment, say("digest.cost_people", one.people) if one.people else ""),
            language.money(one.monthly or one.monthly, currency),
        )
        for one in dear[:_COSTS]
        if one.monthly is not None
    )
    more = say("digest.more", len(dear) - _COSTS) if len(dear) > _COSTS else ""
    return [
        Section(say("digest.section.cost"), say("digest.section.cost_lead"), rows=rows, more=more)
    ]


def _with(environment: str, words: str) -> str:
    return f"{name(environment)} · {words}" if words else name(environment)


def _help(digest: Digest, language: Language) -> Section:
    say = language.say
    if not digest.ask:
        return Section(say("digest.section.ask"), sentences=(say("digest.no_help"),))
    note = say("digest.help_note", address=Ours(digest.ask))
    button = Button(say("digest.button.write"), f"mailto:{digest.ask}")
    return Section(say("digest.section.ask"), rows=(Row(say("digest.help"), note, button=button),))


def _where(mine: Mine) -> str:
    return f"{name(mine.environment)} · {mine.sku}" if mine.sku else name(mine.environment)


def _reasons(digest: Digest, language: Language) -> list[str]:
    """Return as what they are written to, and who was to be written to before and was not."""
    by_role: dict[Role, list[Mine]] = {}
    for mine in digest.held:
        by_role.setdefault(mine.recipient.role, []).append(mine)
    told = [
        language.say(f"reason.{role}", len(some), connector=name(some[0].name))
        for role, some in by_role.items()
    ]
    passed = Counter(one for mine in digest.held for one in mine.recipient.passed)
    told += [_not_written(one, language) for one, _ in passed.most_common(_PASSED)]
    if len(passed) > _PASSED:
        told.append(language.say("digest.more", len(passed) - _PASSED))
    return told


def _not_written(passed: Passed, language: Language) -> str:
    role = language.say(f"role.{passed.role}")
    who = f"{name(passed.name)} ({role})" if passed.name else role
    return language.say("reason.passed", who=who, why=language.say(f"passed.{passed.why}"))


def _foot(digest: Digest, language: Language, *, linked: bool) -> list[str]:
    say = language.say
    whole = digest.environments_read >= digest.environments
    read = say(
        "foot.read_all" if whole else "foot.read",
        day=language.day(digest.read_on),
        read=language.number(digest.environments_read),
        all=language.number(digest.environments),
    )
    return [*([say("digest.link_note")] if linked else []), read, say("foot.automatic")]
