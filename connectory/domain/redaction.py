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
    r"credential|^token$|^authorization$)"
    r"(?!\w*(format|type|rank|name|url|uri|template|length|policy|count|expires|expiry|required|properties|rules|strength)$)",
    re.IGNORECASE,
)
_EXPRESSION = re.compile(r"@\{?\s*\w+\(|\{\{|@connectionParameters", re.IGNORECASE)
_NAMED = (
    r"(?:[\w-]*(?:api|subscription|functions?|access|account|private|shared|signing)[-_ ]?key|"
    r"[\w-]*secret|passw(?:or)?d|pwd|passphrase|[\w-]*[-_]?token|credentials?)"
)
_VALUES = (
    # JSON web tokens
    re.compile(r"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,}+\.[A-Za-z0-9_-]{8,}+\.[A-Za-z0-9_-]*+"),
    # private keys, whole or cut off
    re.compile(
        r"(-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----)(?!\[redacted\])[^-]++"
        r"(?:-----END [A-Z ]{0,30}PRIVATE KEY-----)?"
    ),
    # tokens that say by their beginning whose they are
    re.compile(
        r"(?<![A-Za-z0-9])(?:gh[pousr]_|github_pat_|glpat-|xox[abeoprs]-|sk[-_](?:live[-_]|proj-)?|"
        r"SG\.|AKIA|AIza)(?=[A-Za-z0-9_.-]*\d)[A-Za-z0-9_.-]{12,}+"
    ),
    # addresses that are a secret as a whole
    re.compile(r"(?<=://hooks\.slack\.com/services/)[A-Za-z0-9/_-]{8,}+"),
    re.compile(r"(?<=\.webhook\.office\.com/webhookb2/)[^\s\"'<>\[]{8,}+"),
    # Authorization values
    re.compile(r"(?i)(?<=\bbearer )\s*(?=\S*\d)[A-Za-z0-9._~+/=-]{12,}+"),
    re.compile(r"(?i)(?<=\bbearer )\s*[A-Za-z0-9._~+/=-]{24,}+"),
    re.compile(r"(?i)(?<=\bbasic )\s*(?=\S*[\d=])[A-Za-z0-9+/]{12,}+={0,2}"),
    re.compile(r"(?i)(?<=\b(?:appkey|apikey) )\s*(?=\S*\d)[A-Za-z0-9+/=_-]{8,}+"),
    # shared access signatures and keys in addresses
    re.compile(
        r"(?i)(?<![A-Za-z0-9])((?:sig|code|key|token|"
        r"[\w-]*(?:api[-_]?key|secret|[-_](?:key|token)))=)"
        r"(?!\[redacted\]|@)[^&\s\"'<>\[{}]{6,}+"
    ),
    # the same inside another address
    re.compile(
        r"(?i)(%(?:3F|26)(?:sig|code|key|token|[\w-]{0,30}(?:key|secret|token))%3D)"
        r"(?:[A-Za-z0-9._~-]|%2[B-F]|%3D){6,}+"
    ),
    # connection strings
    re.compile(
        r"(?i)(?<![A-Za-z0-9])((?:accountkey|sharedaccesskey|password|pwd)=)"
        r"(?!\[redacted\])[^;&\s\"'\[]{3,}+"
    ),
    # a header or a setting with its value, as people write it down
    re.compile(
        rf"(?i)(?<![A-Za-z0-9])(?<!\(')({_NAMED}\s?[:=]\s?[\"']?)"
        r"(?!\[redacted\]|@|https?:)(?=\S*[\d!#$%^*+/=])[^\s\"',;<>()\[\]{}]{6,}+"
    ),
    # a name and password inside an address, or a token in their place
    re.compile(r"(?<=://)[^/\s:@\"'\[]{1,200}+(?::[^/\s@\"'\[]{1,200}+)?(?=@(?!\w+\())"),
)
_VALUE_KEYS = {"default", "example", "x-example", "value", "const", "enum", "x-ms-test-value"}
_HINT = re.compile(
    r"(?i)eyJ|bearer |basic |a(?:pp|pi)key |=|%3d|://[^/\s]*@|-----BEGIN|gh[pousr]_|github_pat_|glpat-|"
    r"xox[abeoprs]-|sk[-_]|SG\.|AKIA|AIza|hooks\.slack|webhook\.office|"
    r"(?:key|secret|passw(?:or)?d|pwd|passphrase|token|credentials?)\s?:"
)
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

    def clean(
        self, value: Any, *, held: bool, depth: int, sample: bool = False, headers: bool = False
    ) -> Any:
        """Return a cleaned value.

        Args:
            value: Any JSON value.
            held: It describes something secret.
            depth: How deep it lies.
            sample: It is an example of what is sent, so that a name in it has a value and no schema.
            headers: Its members are headers.
        """
        if depth > _DEEPEST:
            return None
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, list):
            return [self.clean(item, held=held, depth=depth + 1, sample=sample) for item in value]
        if isinstance(value, dict):
            return self._mapping(value, held=held, depth=depth, sample=sample, headers=headers)
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

    def _mapping(
        self, value: dict[str, Any], *, held: bool, depth: int, sample: bool, headers: bool
    ) -> dict[str, Any]:
        held = held or _names_secret(value)
        cleaned: dict[str, Any] = {}
        for raw, item in value.items():
            key = self._text(raw)
            named = raw not in _WORDS and _SECRET_NAME.search(raw) is not None
            named = named or (headers and _CARRIERS.search(raw) is not None)
            holds = held and (raw in _VALUE_KEYS or raw.endswith("TemplateParameter.value"))
            if holds or (named and (sample or _looks_set(item))):
                item = self._removed(item)  # noqa: PLW2901 - the same value, its secret gone
            cleaned[key] = self.clean(
                item,
                held=named or (held and raw in _WITHIN),
                depth=depth + 1,
                sample=sample or raw in _SAMPLES,
                headers=raw == "headers",
            )
        return cleaned


_WITHIN = {"schema", "uiDefinition", "constraints", "items", "allOf", "anyOf", "oneOf"}
"""Keys under which an object goes on describing the same thing."""
_SAMPLES = {"example", "examples", "x-example", "x-examples", "default"}
"""Keys under which names stand with values rather than with schemas."""
_SECRET_TYPES = {"securestring", "secureobject", "clientsecret"}
"""Types of a connection parameter whose value is a secret, whatever the parameter is called."""
_SPEAKS = re.compile(
    r"(?i)auth|key|token|secret|passw|pwd|cookie|session|credential|signature|(?:^|[-_. ])(?:sig|code)$"
)
"""Names of headers and query values that may carry a credential."""
_PLAIN_VALUE = re.compile(
    r"(?i)[\w.+-]+/[\w.+*-]+(?:\s*;.*)?|json|xml|utf-?8|true|false|yes|no|\*|[a-z_ -]{1,40}|"
    r"v?\d+(?:\.\d+){0,3}|20\d\d-\d\d(?:-\d\d(?:-preview)?)?|[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}"
)
"""What a policy may set and is certainly no secret: a format, a version, a host, a word."""
_RANDOM = re.compile(r"(?=\S*\d)(?=\S*[A-Za-z])\S{12,}")


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
    """Tell whether an object describes something secret: by its own name, or by its type.

    A parameter carries its name in ``name``, and a connection parameter its type in ``type``. What
    a policy sets into a header or a query value is secret unless it plainly is not: makers name
    headers as they like.
    """
    if str(value.get("type")).casefold() in _SECRET_TYPES:
        return True
    for key, text in value.items():
        if not isinstance(text, str):
            continue
        if key == "name" and _SECRET_NAME.search(text):
            return True
        if key == "name" and value.get("in") in {"query", "header"}:
            return _CARRIERS.search(text.strip()) is not None
        if key.endswith("TemplateParameter.name"):
            told = str(value.get(f"{key.removesuffix('.name')}.value") or "").strip()
            if _CARRIERS.search(text.strip()) or _SECRET_NAME.search(text):
                return True
            plain = _PLAIN_VALUE.fullmatch(told) is not None
            return not plain and bool(_SPEAKS.search(text) or _RANDOM.search(told))
    return False


def _looks_set(value: object) -> bool:
    """Tell a value from a word that only describes: a secret has no spaces and some length."""
    if isinstance(value, list):
        return bool(value) and all(_looks_set(item) for item in value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return len(str(value)) >= _SHORTEST
    return (
        isinstance(value, str)
        and len(value) >= _SHORTEST
        and value.casefold() != "string"
        and " " not in value
        and not value.startswith(("http", "#/"))
        and _EXPRESSION.search(value) is None
    )
