"""What states mean and how they look, once for the whole product.

Colour is never alone: every state has a word, an icon for HTML and a symbol for table cells,
which are painted and know no icons. Quiet states have no colour.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import streamlit as st

from connectory.queries.owner_filters import WORST_FIRST
from dashboard.parts.text import NOTHING, esc, missing

Color = Literal["red", "orange", "yellow", "blue", "green", "violet", "gray"]
Scale = Mapping[str, "Meaning"]


@dataclass(frozen=True)
class Meaning:
    """How one state is told: word, colour (none if quiet), Material icon, symbol."""

    word: str
    color: Color | None = None
    icon: str = "check"
    symbol: str = ""

    @property
    def chip(self) -> str:
        """The text of a chip in a table cell."""
        return f"{self.symbol} {self.word}".strip()


OWNER: Scale = {
    "owned": Meaning("Owned"),
    # Most connectors of a tenant have one owner: a colour on each would hide what needs a person.
    "sole_owner": Meaning("Sole owner", icon="person"),
    "group_owned": Meaning("Group", icon="group"),
    "service_principal_owner": Meaning("Service principal", "gray", "smart_toy", "◇"),
    "guest_owner": Meaning("Guest", "yellow", "person_alert", "•"),
    "empty_group": Meaning("Empty group", "orange", "group_off", "▲"),
    "disabled_owner": Meaning("Disabled owner", "orange", "person_off", "▲"),
    "departed_owner": Meaning("Departed owner", "red", "person_remove", "✕"),
    "nobody": Meaning("Nobody", "red", "person_cancel", "✕"),
    "owner_unknown": Meaning("Owner unknown", "violet", "help", "?"),
}
VERDICT: Scale = {state: OWNER[state] for state in WORST_FIRST}
"""The same, in the order in which somebody should look at them."""
OWNER_MEANING = {
    "nobody": "Its permissions were read and name no owner.",
    "departed_owner": "Whoever owned it is no longer in the directory.",
    "disabled_owner": "The account of whoever owns it is disabled.",
    "empty_group": "A group owns it, and nobody in working order is in the group.",
    "owner_unknown": "It could not be found out: something was not read. Nothing is concluded.",
    "guest_owner": "Only a guest of the tenant owns it.",
    "service_principal_owner": "Only an application owns it; nobody can be asked.",
    "group_owned": "A group owns it; whoever is in it answers together.",
    "sole_owner": "One person owns it, and nobody else may edit it.",
    "owned": "A person owns it, and somebody else may edit it too.",
}
STEWARD: Scale = {
    "named": Meaning("Named", icon="person_check"),
    "not_named": Meaning("Not named", "gray", "person_off", NOTHING),
    "review_due": Meaning("Review due", "yellow", "event", "•"),
}
SUGGESTED: Scale = {
    "deputy": Meaning("Deputy"),
    "editor": Meaning("Editor"),
    "family_owner": Meaning("Owner elsewhere"),
    "connection_owner": Meaning("Made connections"),
    "caller": Meaning("Caller"),
    "manager": Meaning("Manager"),
}
LEAVING: Scale = {
    "stops": Meaning("Stops", "red", "dangerous", "✕"),
    "may_stop": Meaning("May stop", "orange", "warning", "▲"),
    "orphaned": Meaning("Without owner", "yellow", "person_cancel", "•"),
    "kept": Meaning("Goes on"),
}
LEAVING_MEANING = {
    "stops": "It rests on a connection that signs in as them, and works no more.",
    "may_stop": "It rests on a connection of theirs that signs in with a key: it works until "
    "somebody removes that.",
    "orphaned": "It works on, and nobody is left who may change it.",
    "kept": "It works on, and somebody else may change it.",
}
STALENESS: Scale = {
    "abandoned": Meaning("Abandoned", "red", "delete_history", "✕"),
    "stale": Meaning("Stale", "orange", "hourglass_bottom", "▲"),
    "never_used": Meaning("Never used", "yellow", "block", "•"),
    "unknown": Meaning("Unknown", "violet", "visibility_off", "?"),
    "quiet": Meaning("Quiet", "gray", "bedtime", NOTHING),
    "active": Meaning("In use"),
}
STALENESS_MEANING = {
    "abandoned": "Long out of use, and nobody looks after it.",
    "stale": "Not used for longer than its kind of environment allows.",
    "never_used": "Everything that could tell of use was read, and nothing ever used it.",
    "unknown": "Something that could tell of use was not read. That is not the same as unused.",
    "quiet": "Used rarely or some time ago, within what its kind of environment allows.",
    "active": "Used lately.",
}
DEFINITION: Scale = {
    "readable": Meaning("Readable", icon="description"),
    "absent": Meaning("No definition", "orange", "draft", "▲"),
    "unreadable": Meaning("Unreadable", "red", "error", "✕"),
    "not_read": Meaning("Not read", "violet", "visibility_off", "?"),
}
SEVERITY: Scale = {
    "critical": Meaning("Critical", "red", "error", "✕"),
    "high": Meaning("High", "orange", "warning", "▲"),
    "medium": Meaning("Medium", "yellow", "flag", "•"),
    "low": Meaning("Low", "blue", "info", "i"),
}
PRESENCE: Scale = {
    "present": Meaning("Present"),
    "missing": Meaning("Missing", "orange", "help_center", "▲"),
    "gone": Meaning("Gone", "gray", "delete", NOTHING),
}
CONNECTION: Scale = {
    "connected": Meaning("Connected"),
    "error": Meaning("Error", "red", "error", "✕"),
    "unauthenticated": Meaning("Signed out", "orange", "lock", "▲"),
    "unknown": Meaning("Unknown", "violet", "help", "?"),
}
COVERAGE: Scale = {
    "complete": Meaning("Complete", "green", "check_circle", "✓"),
    "partial": Meaning("Partial", "violet", "visibility_off", "?"),
    "not_read": Meaning("Not read", "violet", "visibility_off", "?"),
    "refused": Meaning("Refused", "violet", "lock", "?"),
    "failed": Meaning("Failed", "red", "error", "✕"),
    "died": Meaning("Died", "red", "heart_broken", "✕"),
    "skipped": Meaning("Skipped", "gray", "skip_next", NOTHING),
    "not_asked": Meaning("Not asked", "gray", "person_off", "?"),
    "running": Meaning("Running", "blue", "progress_activity", "…"),
}
SCHEDULE: Scale = {
    "on_time": Meaning("On time", "green", "check_circle", "✓"),
    "silent": Meaning("Silent", "red", "alarm_off", "✕"),
    "armed": Meaning("Not due yet", icon="schedule"),
    "disarmed": Meaning("Taken out", "gray", "event_busy", NOTHING),
    "waiting": Meaning("Waiting", "blue", "hourglass", "…"),
    "stopped": Meaning("Stopped", "gray", "stop_circle", NOTHING),
    "missed": Meaning("Missed", "orange", "event_busy", "▲"),
    "lost": Meaning("Lost", "red", "heart_broken", "✕"),
    **{state: COVERAGE[state] for state in ("complete", "partial", "failed", "skipped", "running")},
}
CONNECTION_FINDING: Scale = {
    "broken": Meaning("Broken", "red", "error", "✕"),
    "unconfirmed": Meaning("Not confirmed", "yellow", "pending", "•"),
    "unbound": Meaning("Not bound", "orange", "link_off", "▲"),
    "connection_absent": Meaning("Connection gone", "orange", "cable", "▲"),
    "connector_absent": Meaning("Connector gone", "orange", "extension_off", "▲"),
    "owner_left": Meaning("Owner left", "red", "person_remove", "✕"),
    "owner_disabled": Meaning("Owner disabled", "orange", "person_off", "▲"),
    "personal_account": Meaning("Personal account", "yellow", "person", "•"),
    "guest": Meaning("Guest", "yellow", "person_alert", "•"),
    "outside": Meaning("Outside account", "red", "public", "✕"),
    "shared": Meaning("Shared", "blue", "group", "i"),
}
FINDING_MEANING = {
    "broken": "Its sign-in or its service fails: what relies on it stops.",
    "unconfirmed": "Its sign-in was begun and never confirmed.",
    "unbound": "A reference without a connection: its flows cannot run.",
    "connection_absent": "A reference bound to a connection that no longer exists.",
    "connector_absent": "A reference to a connector that is not in its environment.",
    "owner_left": "Whoever made, owns or signs in to it is no longer in the directory.",
    "owner_disabled": "The account of whoever made, owns or signs in to it is disabled.",
    "personal_account": "In production others rely on a person's own account.",
    "guest": "A guest of the tenant made it, owns it or signs in to it.",
    "outside": "It belongs to another tenant, or signs in at a foreign domain.",
    "shared": "Others than its maker may act as its account.",
}
ASSET: Scale = {
    "connection": Meaning("Connection", icon="cable"),
    "connection_reference": Meaning("Reference", icon="link"),
}
PERSON: Scale = {
    "enabled": Meaning("Active"),
    "disabled": Meaning("Disabled", "orange", "person_off", "▲"),
    "deleted": Meaning("Left", "red", "person_remove", "✕"),
    "unknown": Meaning("Unknown", "violet", "help", "?"),
}
OPERATION: Scale = {
    "action": Meaning("Action"),
    "trigger": Meaning("Trigger", "blue", "bolt", "↯"),
    "internal": Meaning("Internal", "gray", "visibility_lock", NOTHING),
    "missing": Meaning("Not offered", "red", "link_off", "✕"),
}
CHANGE: Scale = {
    "new": Meaning("New", "blue", "add_circle", "+"),
    "definition_changed": Meaning("Definition changed", "orange", "difference", "▲"),
    "owner_changed": Meaning("Owner changed", "yellow", "person", "•"),
    "renamed": Meaning("Renamed", "gray", "edit", "≈"),
    "changed": Meaning("Changed", "gray", "edit", "≈"),
    "missing": Meaning("Missing", "orange", "help_center", "▲"),
    "gone": Meaning("Gone", "red", "delete", "✕"),
    "returned": Meaning("Returned", "green", "undo", "✓"),
    "permission_added": Meaning("Shared", "gray", "person_add", "+"),
    "permission_removed": Meaning("Share removed", "gray", "person_remove", NOTHING),
    "consumer_added": Meaning("Consumer added", "gray", "add_link", "+"),
    "consumer_removed": Meaning("Consumer removed", "gray", "link_off", NOTHING),
}
AUDIT: Scale = {
    "created": Meaning("Created", "blue", "add_circle", "+"),
    "saved": Meaning("Saved", "gray", "save", "≈"),
    "edited": Meaning("Edited", "gray", "edit", "≈"),
    "deleted": Meaning("Deleted", "red", "delete", "✕"),
    "shared": Meaning("Shared", "gray", "person_add", "+"),
    "unshared": Meaning("Share removed", "gray", "person_remove", NOTHING),
    "launched": Meaning("Opened", "gray", "play_circle", "▸"),
    "other": Meaning("Other", "gray", "more_horiz", NOTHING),
}
CHANGE_LOG: Scale = {
    **{kind: told for kind, told in CHANGE.items() if not kind.startswith("consumer")},
    **{action: told for action, told in AUDIT.items() if action not in ("launched", "other")},
}
ROLE: Scale = {
    "Owner": Meaning("Owner"),
    "CanEdit": Meaning("May edit"),
    "CanView": Meaning("May use"),
    "CanViewWithShare": Meaning("May use, share"),
}
POLICY: Scale = {
    "blocked": Meaning("Blocked", "red", "block", "✕"),
    "business": Meaning("Business", "blue", "business_center", "◆"),
    "non_business": Meaning("Non-business", icon="interests"),
    "allowed": Meaning("Allowed"),
    "ignore": Meaning("Left to others", "gray", "redo", NOTHING),
    "unrestricted": Meaning("No policy", "gray", "lock_open", NOTHING),
    "unknown": Meaning("Unknown", "violet", "help", "?"),
}
RULE: Scale = {
    "name": Meaning("Named"),
    "pattern": Meaning("URL pattern"),
    "default": Meaning("Default group"),
    "allow_list": Meaning("Allow-list"),
    "ignored": Meaning("Left to others"),
    "unread": Meaning("Not read", "violet", "visibility_off", "?"),
}
SAYS: Scale = {
    "blocked": Meaning("Blocked", "red", "block", "✕"),
    "allowed": Meaning("Allowed"),
}
REACH: Scale = {
    "AllEnvironments": Meaning("All environments"),
    "ExceptEnvironments": Meaning("All but some"),
    "OnlyEnvironments": Meaning("Some environments"),
    "SingleEnvironment": Meaning("This environment"),
    "Assigned": Meaning("Assigned"),
}
SOURCE: Scale = {
    "admin": Meaning("Admin list"),
    "maker_list": Meaning("Makers' list"),
    "dataverse": Meaning("Dataverse"),
    "connectivity": Meaning("Connectivity API"),
    "inventory": Meaning("Inventory"),
}


DRIFT: Scale = {
    "breaking": Meaning("Breaking", "red", "dangerous", "✕"),
    "risky": Meaning("Risky", "orange", "warning", "▲"),
    "compatible": Meaning("Compatible", "blue", "add_circle", "+"),
    "cosmetic": Meaning("Text only", "gray", "rule", "≈"),
    "expected": Meaning("Expected", "gray", "rule", "≈"),
    "accepted": Meaning("Accepted", "gray", "task_alt", "✓"),
    "same": Meaning("Same"),
    "identical": Meaning("Same"),
    "reference": Meaning("Reference", icon="flag"),
    "missing": Meaning("Missing", icon="remove", symbol=NOTHING),
    "unreadable": Meaning("Unreadable", "violet", "visibility_off", "?"),
    "unknown": Meaning("Not read", "violet", "visibility_off", "?"),
}
DRIFT_MEANING = {
    "breaking": "Flows, apps or agents that use what changed stop or go wrong.",
    "risky": "They may do something else than before, or fail under some conditions.",
    "compatible": "Makers can use more; what exists is not touched.",
    "cosmetic": "Only words that people read differ.",
    "expected": "It differs as it is meant to between environments: host, client id and the like.",
    "same": "Nothing differs.",
    "missing": "There is no such connector in the environment.",
    "unreadable": "Its definition is no document that could be read.",
    "unknown": "Its definition was not read, so nothing can be said.",
}
DOCUMENT: Scale = {
    "read": Meaning("Read"),
    "unreadable": Meaning("Unreadable", "red", "error", "✕"),
    "absent": Meaning("Absent", "orange", "draft", "▲"),
    "refused": Meaning("Refused", "violet", "lock", "?"),
    "failed": Meaning("Failed", "violet", "visibility_off", "?"),
}
USED: Scale = {
    "used": Meaning("In use", "orange", "groups", "●"),
    "perhaps": Meaning("Perhaps in use", "yellow", "help", "○"),
    "not_known": Meaning("Use not known", "violet", "visibility_off", "?"),
    "unused": Meaning("Not in use"),
}
KNOWN_BY: Scale = {
    "audit_log": Meaning("Audit log", icon="history"),
    "connector": Meaning("Its own record", icon="hub"),
}


SEEN: Scale = {
    "shows": Meaning("Shows it", icon="check", symbol="✓"),
    "lacks": Meaning("Does not", "gray", "remove", NOTHING),
    "not_known": Meaning("Not known", "violet", "visibility_off", "?"),
    "not_there": Meaning("No such list", icon="block"),
}
DISAGREEMENT: Scale = {
    "alias_collision": Meaning("Names collide", "red", "join_inner", "✕"),
    "deleted_in_one": Meaning("Deleted in one", "red", "delete", "✕"),
    "still_used": Meaning("Gone but used", "red", "link_off", "✕"),
    "row_missing": Meaning("Row missing", "orange", "table_rows", "▲"),
    "no_runtime": Meaning("No runtime", "orange", "cloud_off", "▲"),
    "list_lag": Meaning("List lags", "yellow", "schedule", "•"),
    "role_limited": Meaning("Role limits", "yellow", "shield_lock", "•"),
    "inventory_lag": Meaning("Inventory lags", "yellow", "schedule", "•"),
    "not_in_solution": Meaning("Not in a solution", "gray", "folder_off", NOTHING),
    "not_shared": Meaning("Not shared", "gray", "person_off", NOTHING),
    "unused": Meaning("Unused", "gray", "power_off", NOTHING),
}


def meaning(scale: Scale, value: object) -> Meaning:
    """Return how a state is told; a state nobody has described is told as it is, in violet."""
    if missing(value):
        return Meaning("Unknown", "violet", "help", "?")
    name = str(value)
    found = scale.get(name) or scale.get(name.lower())
    return found or Meaning(name.replace("_", " ").capitalize()[:40], "violet", "help", "?")


def state_of(scale: Scale, word: str) -> str:
    """Return the state that a word of the scale stands for; the word itself if none does."""
    return next((state for state, told in scale.items() if told.word == word), word)


def words(scale: Scale) -> list[str]:
    """Return the words of a scale in its order."""
    return [told.word for told in scale.values()]


def badge(scale: Scale, value: object) -> None:
    """Draw a state as a badge; a quiet one in gray."""
    told = meaning(scale, value)
    st.badge(esc(told.word), icon=f":material/{told.icon}:", color=told.color or "gray")


def mark(scale: Scale, value: object) -> str:
    """Return a state as Markdown for a small table; a quiet one is only its word."""
    told = meaning(scale, value)
    if told.color is None:
        return esc(told.word)
    return f":{told.color}-badge[:material/{told.icon}: {esc(told.word)}]"
