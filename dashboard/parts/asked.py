"""Who is asked and written to, in words: as what, who was passed over, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from dashboard.parts import entry, page
from dashboard.parts.badges import Meaning, Scale
from dashboard.parts.text import NOTHING, counted, esc, minute, on, plain, words

MESSAGE: Scale = {
    "uncertain": Meaning("Uncertain", "violet", "help", "?"),
    "refused": Meaning("Refused", "red", "block", "✕"),
    "bounced": Meaning("Bounced", "red", "undo", "✕"),
    "held": Meaning("Held", "orange", "pan_tool", "▲"),
    "sending": Meaning("Sending", "blue", "progress_activity", "…"),
    "queued": Meaning("Queued", "gray", "schedule_send", "…"),
    "sent": Meaning("Sent"),
    "cancelled": Meaning("Cancelled", "gray", "cancel", NOTHING),
}
MESSAGE_MEANING: Final = {
    "uncertain": "Sending was begun and nobody knows whether it was accepted. It may have arrived, "
    "so it is never sent again by itself.",
    "refused": "The server refused it for this recipient. Nobody got it.",
    "bounced": "It was accepted and came back.",
    "held": "The run it belongs to was larger than its cap, so nothing of it went out. Somebody "
    "must release it.",
    "sending": "A process is at it.",
    "queued": "It goes out at the next sending, outside quiet hours.",
    "sent": "It was accepted for delivery, or written into the folder.",
    "cancelled": "Somebody decided that it is not sent.",
}
CHANNEL: Final = {
    "smtp": "Mail server",
    "graph": "Microsoft Graph",
    "teams": "Teams",
    "folder": "Folder",
}
REPORT: Final = {
    "owner-digest": "Owner digest",
    "attestation": "Attestation",
    "tenant-summary": "Tenant summary",
    "exposure-summary": "Exposure summary",
}
ANSWER: Scale = {
    "open": Meaning("Open", "blue", "hourglass", "…"),
    "late": Meaning("Late", "orange", "alarm", "▲"),
    "keep": Meaning("Keep", "green", "check_circle", "✓"),
    "retire": Meaning("Retire", "gray", "delete", NOTHING),
    "hand_over": Meaning("Hand over", "yellow", "move_down", "•"),
    "not_mine": Meaning("Not mine", "yellow", "person_off", "•"),
    "unanswered": Meaning("No answer", "red", "person_cancel", "✕"),
    "cancelled": Meaning("Cancelled", "gray", "cancel", NOTHING),
}
"""How a request stands: open, past its deadline, or closed with an outcome."""
ANSWER_MEANING: Final = {
    "late": "Asked, and the last day for the answer is over.",
    "open": "Asked, and there is time to answer.",
    "keep": "It is still needed, for the reason given.",
    "retire": "It can go; a plan says when consumers are told and when it is removed.",
    "hand_over": "Somebody else shall have it, and nobody could be asked in their stead.",
    "not_mine": "Whoever was asked is not the owner, and nobody was left to be asked.",
    "unanswered": "Nobody answered, and nobody is left to be asked.",
    "cancelled": "The campaign was closed, or the connector went, before there was an answer.",
}
CAMPAIGN: Scale = {
    "open": Meaning("Open", "blue", "campaign", "…"),
    "late": Meaning("Past deadline", "orange", "alarm", "▲"),
    "closed": Meaning("Closed", "gray", "check", "✓"),
}
EVENT: Scale = {
    "opened": Meaning("Opened", "gray", "flag", "•"),
    "told": Meaning("Written", "blue", "mail", "…"),
    "reminded": Meaning("Reminded", "blue", "notifications", "…"),
    "escalated": Meaning("Escalated", "orange", "move_up", "▲"),
    "postponed": Meaning("Postponed", "gray", "event", "…"),
    "answered": Meaning("Answered", "green", "check_circle", "✓"),
    "closed": Meaning("Closed", "gray", "check", "✓"),
}
PLAN: Scale = {
    "announce": Meaning("Announce", "orange", "campaign", "▲"),
    "freeze": Meaning("Freeze", "orange", "ac_unit", "▲"),
    "remove": Meaning("Remove", "red", "delete", "✕"),
    "waiting": Meaning("Waiting", icon="schedule"),
    "removed": Meaning("Removed", "gray", "delete", NOTHING),
    "given_up": Meaning("Given up", "gray", "undo", NOTHING),
}
"""What has to be done next for a retirement, or how it ended."""
STEPS: Final = {
    "answer_days": "Days to answer",
    "remind_days": "Reminded after",
    "escalate_days": "Next one after",
    "most_escalations": "At most",
    "longer_days": "More time",
    "most_longer": "As often as",
}
"""How patiently people are asked, by the names that a campaign keeps."""
NEXT: Final = ("announce", "freeze", "remove")
"""Steps that people have still to do."""
ROLES: Final = {
    "steward": "business owner",
    "deputy": "deputy",
    "owner": "owner in the platform",
    "group": "of the group that owns it",
    "manager": "manager of the last known owner",
    "coe": "mailbox of the CoE team",
    "named": "named for this",
}
MINE: Final = {
    "owner": "Owner",
    "group": "Group owner",
    "business_owner": "Business owner",
    "deputy": "Deputy",
    "editor": "Editor",
    "asked": "Asked",
}
"""What somebody has to do with a connector."""
MOST: Final = 6
"""Of those who were passed over, so many are told."""
HINDRANCES: Final = {
    "departed": "has left",
    "disabled": "the account is disabled",
    "unknown": "the directory could not say who that is",
    "no_address": "has no mail address",
    "guest": "is a guest",
    "service_principal": "is an application",
    "empty_group": "nobody in working order is in the group",
    "nobody": "nobody is known",
    "did_not_answer": "did not answer",
    "not_theirs": "said it is not theirs",
    "handed_over": "handed it over",
}
VIA: Final = {"link": "by link", "csv": "by CSV", "dashboard": "here"}


def role(value: object) -> str:
    """Return as what somebody is written to; the word itself if it is none of ours."""
    return ROLES.get(str(value), words(value))


def role_head(value: object) -> str:
    """Return the same as the start of a sentence."""
    told = role(value)
    return told[:1].upper() + told[1:]


def passed(told: Sequence[Mapping[str, Any]] | object) -> list[str]:
    """Return who was to be asked before and why it was not them, as Markdown, a line each."""
    if not isinstance(told, list | tuple):
        return []
    lines = [_one(one) for one in told if isinstance(one, Mapping)]
    rest = len(lines) - MOST
    return lines if rest <= 0 else [*lines[:MOST], f"and {counted(rest, 'other')}"]


def _why(one: Mapping[str, Any]) -> str:
    told = one.get("why") or one.get("reason")
    return HINDRANCES.get(str(told), words(told))


def _one(one: Mapping[str, Any]) -> str:
    why = _why(one)
    name, as_what = str(one.get("name") or ""), role(one.get("role"))
    return f"{esc(name)} ({esc(as_what)}): {esc(why)}" if name else f"{esc(as_what)}: {esc(why)}"


def passed_plain(told: object) -> str | None:
    """Return the same in one line for a cell of a table; None if nobody was passed over."""
    if not isinstance(told, list | tuple) or not told:
        return None
    return "; ".join(
        f"{plain(one.get('name') or role(one.get('role')), longest=80)} {_why(one)}" for one in told
    )


def message(row: Mapping[Any, Any]) -> None:
    """Draw a message as an entry of a list, with the way to what it says."""
    entry.state(
        MESSAGE,
        row["state"],
        esc(row["subject"], longest=160),
        f"{esc(REPORT.get(row['report'], row['report']))} · {minute(row['queued_at'])} · "
        f"{esc(row['recipient_name'])}",
        page=page.OUTBOX,
        message=str(row["outbox_id"]),
    )


def campaign(row: Mapping[Any, Any], detail: str) -> None:
    """Draw a campaign as an entry of a list, with the way to its page."""
    entry.state(
        CAMPAIGN,
        row["state"],
        esc(row["name"], longest=160),
        f"{detail} · until {on(row['deadline'])}",
        page=page.CAMPAIGN,
        campaign=str(row["campaign_id"]),
    )
