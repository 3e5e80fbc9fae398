"""Replace hard-coded secrets before anything is stored.

Names and schemas stay readable; only values that are, or stand where makers put, secrets go.
"""

from __future__ import annotations

import re
from typing import Any

REDACTED = "[redacted]"

_HEADERS = re.compile(
    r"^(authorization|proxy-authorization|cookie|set-cookie|x-api-key|api-key|apikey|"
    r"ocp-apim-subscription-key|x-functions-key|x-auth-token|x-access-token)$",
    re.IGNORECASE,
)
_SECRET_NAME = re.compile(
    r"(secret|passw(or)?d|pwd|api[-_]?key|apikey|subscription[-_]?key|access[-_]?key|"
    r"private[-_]?key|account[-_]?key|(auth|access|refresh|bearer|sas)[-_]?token|"
    r"credential|^token$|^authorization$)(?!\w*(format|type|rank|name|url)$)",
    re.IGNORECASE,
)
_VALUES = (
    # JSON web tokens
    re.compile(r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{0,}"),
    # Authorization values
    re.compile(r"(?i)(?<=\bbearer )(?=\S*\d)[A-Za-z0-9._~+/=-]{12,}"),
    re.compile(r"(?i)(?<=\bbasic )(?=\S*[\d=])[A-Za-z0-9+/]{12,}={0,2}"),
    # shared access signatures
    re.compile(r"(?i)(?<=[?&;]sig=)[^&\s\"'<>\[]+"),
    # connection strings
    re.compile(r"(?i)(?<=accountkey=)[^;\s\"'\[]+"),
    re.compile(r"(?i)(?<=sharedaccesskey=)[^;\s\"'\[]+"),
    re.compile(r"(?i)(?<=\bpassword=)[^;&\s\"'\[]+"),
    # a name and password inside an address
    re.compile(r"(?<=://)[^/\s:@\"']+:[^/\s@\"'\[]+(?=@)"),
)
_VALUE_KEYS = {"default", "example", "x-example", "value", "examples", "const"}
_DEEPEST = 200
_SHORTEST = 6


def redact_text(text: str) -> str:
    """Return a text with every recognised secret replaced."""
    return redact_text_counted(text)[0]


def redact_text_counted(text: str) -> tuple[str, int]:
    """Return a text with every recognised secret replaced, and how many there were."""
    total = 0
    for pattern in _VALUES:
        text, count = pattern.subn(REDACTED, text)
        total += count
    return text, total


def redact_json(value: Any) -> Any:
    """Return a JSON value with every recognised secret replaced; the input is not altered."""
    return redact_json_counted(value)[0]


def redact_json_counted(value: Any) -> tuple[Any, int]:
    """Return a JSON value with every recognised secret replaced, and how many there were.

    Strings are judged by what they look like. Besides, the default, example or value under a name
    that speaks of a secret goes, and so does what a policy sets into a header that carries one.
    """
    walk = _Walk()
    return walk.clean(value, secret=False, depth=0), walk.count


class _Walk:
    """One walk through a JSON value, counting replacements."""

    def __init__(self) -> None:
        self.count = 0

    def clean(self, value: Any, *, secret: bool, depth: int) -> Any:
        if depth > _DEEPEST:
            return None
        if isinstance(value, str):
            return self._string(value, secret=secret)
        if isinstance(value, list):
            return [self.clean(item, secret=secret, depth=depth + 1) for item in value]
        if isinstance(value, dict):
            return self._mapping(value, secret=secret, depth=depth)
        return value

    def _string(self, value: str, *, secret: bool) -> str:
        if secret and value and value != REDACTED and not value.startswith("@"):
            self.count += 1
            return REDACTED
        text, count = redact_text_counted(value)
        self.count += count
        return text

    def _mapping(self, value: dict[str, Any], *, secret: bool, depth: int) -> dict[str, Any]:
        named = _names_secret(value)
        cleaned: dict[str, Any] = {}
        for key, item in value.items():
            if isinstance(item, str):
                flat = _SECRET_NAME.search(key) is not None and key not in _WORDS
                holds = (named or secret) and _holds_value(key)
                cleaned[key] = self._string(item, secret=holds or (flat and _looks_set(item)))
            else:
                inside = secret or (_SECRET_NAME.search(key) is not None and depth > 0)
                inherits = inside and key not in _WORDS and isinstance(item, dict)
                holds = (named or secret) and _holds_value(key)
                cleaned[key] = self.clean(item, secret=inherits or holds, depth=depth + 1)
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
    "tokenUrl",
    "authorizationUrl",
    "tokenUrlTemplate",
    "parameters",
    "properties",
    "required",
    "securityDefinitions",
    "security",
}


def _names_secret(value: dict[str, Any]) -> bool:
    """Tell whether an object describes something secret by its own name.

    A parameter carries it in ``name``; a policy that sets a header, in a parameter of its template.
    """
    for key, text in value.items():
        if not isinstance(text, str):
            continue
        if key == "name" and (_SECRET_NAME.search(text) or _HEADERS.match(text)):
            return True
        if key.endswith("TemplateParameter.name") and (
            _SECRET_NAME.search(text) or _HEADERS.match(text)
        ):
            return True
    return False


def _holds_value(key: str) -> bool:
    return key in _VALUE_KEYS or key.endswith("TemplateParameter.value")


def _looks_set(text: str) -> bool:
    """Tell a value from a word that only describes: a secret has no spaces and some length."""
    return (
        len(text) >= _SHORTEST
        and text.casefold() != "string"
        and " " not in text
        and not text.startswith(("http", "#/", "@"))
    )
