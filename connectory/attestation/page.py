"""The pages that ask, as HTML: no script, nothing fetched, every word of a tenant escaped."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from connectory.attestation.desk import Desk, Listing, Question, Receipt, Why, utc_day
from connectory.attestation.words import Words, languages, spoken
from connectory.domain.attesting import ANSWERS, LONGEST_NAME, LONGEST_REASON, Bounds, Problem
from connectory.domain.one_line import one_line

_FOLDER: Final = Path(__file__).parent / "templates"
_STYLE: Final = (_FOLDER / "page.css").read_text(encoding="utf-8")
_LONGEST_WORD: Final = 300
_AGAIN_MONTHS: Final = (3, 6, 12)
_MONTH_DAYS: Final = 30
_MORE_DAYS: Final = (7, 14, 28)

STYLE_SOURCE: Final = (
    "'sha256-" + base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode() + "'"
)
"""By which a browser recognises the one style sheet that it may apply."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What surrounds every page.

    Attributes:
        desk: Where it comes from.
        wanted: Language that the reader chose, if any.
        back: Token of the list that the reader comes from, if any.
        answer: The answer whose part is open.
        form: What was filled in.
        problem: What is wrong with it.
    """

    desk: Desk
    wanted: str | None = None
    back: str | None = None
    answer: str | None = None
    form: Mapping[str, str] | None = None
    problem: Problem | None = None

    def words(self, told: str | None) -> Words:
        """Return the words of the language that fits the reader best."""
        return spoken(self.wanted, told, self.desk.settings.reports.language)


def question(frame: Frame, asked: Question) -> str:
    """Return the page of an open request."""
    w, bounds, row = frame.words(asked.language), asked.bounds, asked.row
    months = [
        (day, w.counted("months", number))
        for number in _AGAIN_MONTHS
        if (days := number * _MONTH_DAYS) <= bounds.keep_days
        and (day := bounds.today + timedelta(days=days))
    ]
    answers = [one for one in ANSWERS if one != "more_time" or bounds.longer]
    return _rendered(
        "question.html",
        frame,
        w,
        row=row,
        token=asked.token,
        facts=_facts(w, row["facts"]),
        people=_people(w, row),
        answers=answers,
        months=months,
        days=_days(bounds) if bounds.longer else [],
        plan=asked.plan,
        goes_on=bool(asked.steps.escalate_days),
        open_answer=frame.answer if frame.answer in answers else None,
        form=frame.form or {},
        problem=frame.problem,
        longest_reason=LONGEST_REASON,
        longest_name=LONGEST_NAME,
        as_of=_as_of(row["facts"], frame.desk),
    )


def receipt(frame: Frame, told: Receipt, *, again: bool = False) -> str:
    """Return the page of an answer that was given; `again` if it was sent once more."""
    until = told.told.get("until")
    return _rendered(
        "receipt.html",
        frame,
        frame.words(told.language),
        row=told.row,
        told=told.told,
        until=date.fromisoformat(until) if until else None,
        on=utc_day(told.at, frame.desk.zone),
        whom=_name_of(told.row["facts"], told.told.get("hand_over_to", "")),
        plan=told.plan,
        again=again,
    )


def listing(frame: Frame, told: Listing) -> str:
    """Return the page of all that one person is asked."""
    rows = [
        (row, token, _date(row["facts"].get("last_used_on")), row["facts"].get("use"))
        for row, token in told.rows
    ]
    return _rendered("list.html", frame, frame.words(told.language), rows=rows, list=told.token)


def refusal(frame: Frame, why: Why, language: str | None = None) -> str:
    """Return the page of a link that shows nothing."""
    return _rendered("refusal.html", frame, frame.words(language), why=why)


def _rendered(template: str, frame: Frame, w: Words, **values: Any) -> str:
    others = {code: name for code, name in languages().items() if code != w.code}
    return _ENVIRONMENT.get_template(template).render(
        w=w,
        style=Markup(_STYLE),  # noqa: S704 - a file of ours
        contact=frame.desk.settings.reports.coe_mailbox,
        languages=others,
        queries={code: _query(code, frame.back) for code in others},
        back=frame.back,
        **values,
    )


def _query(language: str, back: str | None) -> str:
    return urlencode({"language": language, **({"list": back} if back else {})})


def _plain(text: object) -> str:
    """Return words of a tenant on one line, without characters that steer whatever shows them."""
    return one_line("" if text is None else str(text), _LONGEST_WORD)


_ENVIRONMENT: Final = Environment(
    loader=FileSystemLoader(_FOLDER),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_ENVIRONMENT.filters |= {"plain": _plain, "written": lambda text: one_line(text, LONGEST_REASON)}


def _facts(w: Words, facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what is known of a connector, in words."""
    told = [
        (w("fact.environment"), _environment_of(w, facts)),
        (w("fact.last_used"), _last_used(w, facts)),
        (w("fact.used_by"), _used_by(w, facts)),
    ]
    if facts.get("owner"):
        told.append((w("fact.owner"), _plain(facts["owner"])))
    if facts.get("monthly") and facts["monthly"] != "0.00":
        amount, currency = w.amount(str(facts["monthly"])), _plain(facts.get("currency", ""))
        told.append((w("fact.cost"), w("value.monthly", amount=amount, currency=currency)))
    if facts.get("host"):
        told.append((w("fact.host"), _plain(facts["host"])))
    return told


def _environment_of(w: Words, facts: Mapping[str, Any]) -> str:
    name, kind = _plain(facts.get("environment")), _plain(facts.get("environment_type"))
    if not name:
        return w("value.unknown")
    return w("value.environment", name=name, kind=kind) if kind else name


def _last_used(w: Words, facts: Mapping[str, Any]) -> str:
    day, evidence = _date(facts.get("last_used_on")), facts.get("evidence")
    if day is None:
        return w("value.never") if facts.get("use") == "never_used" else w("value.unknown")
    if evidence in w.told["evidence"]:
        return w("value.used", day=w.day(day), evidence=w(f"evidence.{evidence}"))
    return w.day(day)


def _used_by(w: Words, facts: Mapping[str, Any]) -> str:
    counts = {kind: facts.get(kind) for kind in ("flows", "apps", "agents")}
    told = [w.counted(kind, int(number)) for kind, number in counts.items() if number]
    if told:
        return ", ".join(told)
    return w("value.unknown") if None in counts.values() else w("value.nothing")


def _people(w: Words, row: Mapping[Any, Any]) -> list[tuple[str, str, str]]:
    """Return who is offered to have it instead, by their numbers, with the reason in words."""
    known = w.told["suggested"]
    return [
        (str(number), one["name"], str(known.get(one["why"], "")))
        for number, one in enumerate(row["facts"].get("people", []))
        if one["key"] != row["asked"]
    ]


def _name_of(facts: Mapping[str, Any], named: str) -> str:
    """Return the name of somebody who was chosen, else what was written."""
    for one in facts.get("people", []):
        if one["key"] == named:
            return str(one["name"])
    return named


def _days(bounds: Bounds) -> list[date]:
    since = max(bounds.today, bounds.deadline)
    days = [since + timedelta(days=number) for number in _MORE_DAYS]
    return [day for day in days if day <= bounds.latest] or [bounds.latest]


def _date(text: object) -> date | None:
    return date.fromisoformat(text) if isinstance(text, str) else None


def _as_of(facts: Mapping[str, Any], desk: Desk) -> date | None:
    told = facts.get("as_of")
    return utc_day(datetime.fromisoformat(told), desk.zone) if told else None
