"""Replace hard-coded secrets before anything is stored.

Names and schemas stay readable; only values that are, or stand where makers put, secrets go.
"""

from __future__ import annotations

import re
from typing import Any

REDACTED = "[redacted]"

_CARRIERS = re.compile(
    r"(^|[-_. ])(authorization|auth|cookie|api-?key|key|token|secret|password|passwd|pwd|"
    r"credentials?|code|sig|signature|session)$|apikey$|token$",
    re.IGNORECASE,
)
"""Headers and query values by whose name a policy sets a credential."""

_SECRET_NAME = re.compile(
    r"(secret|passw(or)?d|pwd|api[-_]?key|subscription[-_]?key|access[-_]?key|"
    r"private[-_]?key|account[-_]?key|functions[-_]?key|(auth|access|refresh|bearer|sas)[-_]?token|"
    r"credential|^token$|^authorization$)(?!\w*(format|type|rank|name|url|uri|template)$)",
    re.IGNORECASE,
)
_EXPRESSION = re.compile(r"@\{?\s*\w+\(|\{\{|@connectionParameters", re.IGNORECASE)
_VALUES = (
    # JSON web tokens
    re.compile(r"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,}+\.[A-Za-z0-9_-]{8,}+\.[A-Za-z0-9_-]*+"),
    # Authorization values
    re.compile(r"(?i)(?<=\bbearer )\s*(?=\S*\d)[A-Za-z0-9._~+/=-]{12,}+"),
    re.compile(r"(?i)(?<=\bbearer )\s*[A-Za-z0-9._~+/=-]{24,}+"),
    re.compile(r"(?i)(?<=\bbasic )\s*(?=\S*[\d=])[A-Za-z0-9+/]{12,}+={0,2}"),
    re.compile(r"(?i)(?<=\bappkey )\s*[A-Za-z0-9+/=_-]{8,}+"),
    # shared access signatures and keys in addresses
    re.compile(
        r"(?i)(?<![A-Za-z0-9])((?:sig|code|api[-_]?key|subscription[-_]key|access[-_]token)=)"
        r"(?!\[redacted\])[^&\s\"'<>\[]{6,}+"
    ),
    # connection strings
    re.compile(
        r"(?i)(?<![A-Za-z0-9])((?:accountkey|sharedaccesskey|password|pwd)=)"
        r"(?!\[redacted\])[^;&\s\"'\[]{3,}+"
    ),
    # a name and password inside an address
    re.compile(r"(?<=://)[^/\s:@\"'\[]{1,200}+:[^/\s@\"'\[]{1,200}+(?=@)"),
)
_VALUE_KEYS = {"default", "example", "x-example", "value", "const", "enum", "x-ms-test-value"}
_HINT = re.compile(r"(?i)eyJ|bearer |basic |appkey |=|://[^/\s]*@")
_IN_TEXT = re.compile(
    r"(?i)(\"[^\"\\]{0,40}(?:secret|passw|api[-_]?key|functions-key|token|default|credential)"
    r"[^\"\\]{0,20}\"\s*:\s*\")(?!\[redacted\]|http|#/)[^\"\\]{6,}+"
)
_DEEPEST = 200
_SHORTEST = 6


def redact_text(text: str) -> str:
    """Return a text with every recognised secret replaced."""
    return redact_text_counted(text)[0]


def redact_text_counted(text: str) -> tuple[str, int]:
    """Return a text with every recognised secret replaced, and how many there were."""
    total = 0
    if _HINT.search(text) is None:
        return text, 0
    for pattern in _VALUES:
        text, count = pattern.subn(_kept, text)
        total += count
    return text, total


def redact_broken_json(text: str) -> tuple[str, int]:
    """Return a document that cannot be parsed with its secrets replaced, and how many there were.

    Without its structure nothing tells a default from a secret: every default goes, and every
    value under a name that speaks of one.
    """
    text, named = _IN_TEXT.subn(_kept, text)
    text, found = redact_text_counted(text)
    return text, named + found


def _kept(match: re.Match[str]) -> str:
    """Keep the name before a value, where the pattern caught one."""
    return f"{match[1]}{REDACTED}" if match.re.groups else REDACTED


def redact_json(value: Any) -> Any:
    """Return a JSON value with every recognised secret replaced; the input is not altered."""
    return redact_json_counted(value)[0]


def redact_json_counted(value: Any) -> tuple[Any, int]:
    """Return a JSON value with every recognised secret replaced, and how many there were.

    Strings are judged by what they look like. Besides, the default, example or value under a name
    that speaks of a secret goes, and so does what a policy sets into a header or query value that
    carries one. An expression that only refers to a connection parameter stays.
    """
    walk = _Walk()
    return walk.clean(value, held=False, depth=0), walk.count


class _Walk:
    """One walk through a JSON value, counting replacements."""

    def __init__(self) -> None:
        self.count = 0

    def clean(self, value: Any, *, held: bool, depth: int) -> Any:
        """Return a cleaned value; `held` says that it describes something secret."""
        if depth > _DEEPEST:
            return None
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, list):
            return [self.clean(item, held=False, depth=depth + 1) for item in value]
        if isinstance(value, dict):
            return self._mapping(value, held=held, depth=depth)
        return value

    def _text(self, value: str) -> str:
        text, count = redact_text_counted(value)
        self.count += count
        return text

    def _removed(self, value: Any) -> Any:
        """Return what stands for a secret: nothing of it, unless it only refers to one."""
        if isinstance(value, str) and (not value or _EXPRESSION.search(value)):
            return value
        if isinstance(value, list):
            return [self._removed(item) for item in value]
        if value == REDACTED or value is None or isinstance(value, bool | dict):
            return value
        self.count += 1
        return REDACTED

    def _mapping(self, value: dict[str, Any], *, held: bool, depth: int) -> dict[str, Any]:
        held = held or _names_secret(value)
        cleaned: dict[str, Any] = {}
        for raw, item in value.items():
            key = self._text(raw)
            named = raw not in _WORDS and _SECRET_NAME.search(raw) is not None
            holds = held and (raw in _VALUE_KEYS or raw.endswith("TemplateParameter.value"))
            if holds or (named and isinstance(item, str) and _looks_set(item)):
                item = self._removed(item)  # noqa: PLW2901 - the same value, its secret gone
            cleaned[key] = self.clean(item, held=named, depth=depth + 1)
        return cleaned


_WORDS = {
    "operationId",
    "summary",
    "description",
    "x-ms-summary",
    "title",
    "type",
    "format",
    "in",
    "name",
}
"""Keys of a definition whose values are words for people, whatever they speak of."""


def _names_secret(value: dict[str, Any]) -> bool:
    """Tell whether an object describes something secret by its own name.

    A parameter carries it in ``name``; a policy that sets a header or a query value, in a
    parameter of its template.
    """
    for key, text in value.items():
        if not isinstance(text, str):
            continue
        if key == "name" and _SECRET_NAME.search(text):
            return True
        if key == "name" and value.get("in") in {"query", "header"}:
            return _CARRIERS.search(text.strip()) is not None
        if key.endswith("TemplateParameter.name"):
            return _CARRIERS.search(text.strip()) is not None or (
                _SECRET_NAME.search(text) is not None
            )
    return False


def _looks_set(text: str) -> bool:
    """Tell a value from a word that only describes: a secret has no spaces and some length."""
    return (
        len(text) >= _SHORTEST
        and text.casefold() != "string"
        and " " not in text
        and not text.startswith(("http", "#/"))
        and _EXPRESSION.search(text) is None
    )
