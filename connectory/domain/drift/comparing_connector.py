"""Comparing what a definition says of the whole connector: where it calls, who may, what it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, Final

from connectory.domain.drift.api import Api, Location, Scheme
from connectory.domain.drift.changes import Place, Severity
from connectory.domain.drift.differing import changed, difference
from connectory.domain.drift.expecting import expectation
from connectory.domain.drift.findings import Findings

_METADATA: Final = ("tags", "externalDocs", "x-ms-connector-metadata")
_WHOLE: Final = Place()


def compare(findings: Findings, before: Api, after: Api) -> None:
    """Add what changed of the connector as a whole."""
    _location(findings, before, after)
    _Security(findings, before, after).compare()
    if findings.upstream:
        return
    _media(findings, before, after)
    _empty_paths(findings, before, after)
    _metadata(findings, before, after)


def _location(findings: Findings, before: Api, after: Api) -> None:
    old, new = before.location, after.location
    hosts = (old.host or "").casefold(), (new.host or "").casefold()
    if hosts[0] != hosts[1] and not (findings.upstream and (not all(hosts) or _offered(old, new))):
        expected, wrong = expectation(findings.profile, "host", new.host)
        what = f"Calls go to {new.host or 'no named host'}, went to {old.host or 'none'}{wrong}"
        findings.add("host-changed", _WHOLE, (old.host, new.host), what, None, expected)
    if findings.upstream:
        return
    if old.base_path != new.base_path:
        bare = [(path or "").strip("/") for path in (old.base_path, new.base_path)]
        severity: Severity | None = "cosmetic" if bare[0] == bare[1] else None
        expected, wrong = expectation(findings.profile, "base_path", new.base_path)
        what = f"The base path is {new.base_path or 'none'}, was {old.base_path or 'none'}{wrong}"
        values = old.base_path, new.base_path
        findings.add("base-path-changed", _WHOLE, values, what, severity, expected)
    if old.schemes != new.schemes:
        told = list(old.schemes), list(new.schemes)
        if set(old.schemes) != set(new.schemes):
            words = [", ".join(schemes) or "none" for schemes in told]
            what = f"Schemes are {words[1]}, were {words[0]}"
            findings.add("schemes-changed", _WHOLE, told, what)
        else:
            what = f"The first scheme is {new.schemes[0]}, was {old.schemes[0]}"
            findings.add("scheme-order-changed", _WHOLE, told, what)


def _offered(connector: Location, upstream: Location) -> bool:
    """Tell whether the API is at the connector's host too, at its own port or that of https."""
    host = (connector.host or "").casefold().removesuffix(":443")
    hosts = [upstream.host or "", *upstream.hosts]
    return any(fnmatchcase(host, one.casefold().removesuffix(":443")) for one in hosts)


class _Security:
    """Compares the ways of signing in, whatever they are called."""

    def __init__(self, findings: Findings, before: Api, after: Api) -> None:
        self._findings = findings
        self._before, self._after = before, after

    def compare(self) -> None:
        """Add what changed of signing in."""
        old, new = self._before.security, self._after.security
        kinds = Counter(one.type for one in old), Counter(one.type for one in new)
        told = [sorted(_worded(one) for one in side) for side in (old, new)]
        if self._findings.upstream:
            shared = set().union(*map(_families, old)) & set().union(*map(_families, new))
            if old and new and not shared:
                what = f"The API is signed in by {', '.join(told[1])}, the connector by {', '.join(told[0])}"
                self._add(told, what, "risky", why="The API may refuse what a connection sends.")
            return
        if kinds[0] != kinds[1]:
            words = [", ".join(side) or "nothing" for side in told]
            self._add(told, f"Signing in needs {words[1]}, needed {words[0]}")
            return
        for one, other in _alike(old, new):
            self._pair(one, other)
        if difference(*[_requirement(api) for api in (self._before, self._after)]):
            values = self._before.requirement, self._after.requirement
            self._add(values, "What all operations ask for to sign in changed", "risky")

    def _pair(self, old: Scheme, new: Scheme) -> None:
        for fact, values in (
            ("authorization_url", (old.authorization_url, new.authorization_url)),
            ("token_url", (old.token_url, new.token_url)),
        ):
            if values[0] != values[1]:
                expected, wrong = expectation(self._findings.profile, fact, values[1])
                words = f"{fact.replace('_', ' ').replace('url', 'address')}"
                what = f"The {words} of {new.name} is {values[1] or 'none'}{wrong}"
                self._add(values, what, None, expected, name=old.name)
        if old.scopes != new.scopes:
            more = [scope for scope in new.scopes if scope not in old.scopes]
            severity: Severity | None = None if more else "compatible"
            expected, wrong = expectation(self._findings.profile, "scopes", " ".join(new.scopes))
            what = f"{new.name} asks for {'more' if more else 'fewer'} scopes{wrong}"
            told = list(old.scopes), list(new.scopes)
            self._add(told, what, severity, expected, name=old.name)
        if old.name != new.name:
            what = f"The way to sign in {old.name} is called {new.name} now"
            self._add((old.name, new.name), what, "cosmetic", name=old.name)
        elif old.description != new.description and old.scopes == new.scopes:
            what = f"Texts of the way to sign in {old.name} changed"
            self._add((None, None), what, "cosmetic", name=old.name)

    def _add(
        self,
        values: Sequence[Any],
        what: str,
        severity: Severity | None = None,
        expected: str | None = None,
        *,
        name: str | None = None,
        why: str | None = None,
    ) -> None:
        place = Place(name=name)
        self._findings.add("security-changed", place, values, what, severity, expected, why)


def _families(scheme: Scheme) -> set[str]:
    """Return what a way of signing in amounts to, however connectors or formats declare it.

    Connectors often write a token or a password into the Authorization header by an API key.
    """
    if scheme.kind == "apiKey" and (scheme.parameter or "").casefold() == "authorization":
        return {"apiKey", "bearer", "basic"}
    return {"oauth2" if scheme.kind == "openIdConnect" else scheme.kind}


def _alike(old: tuple[Scheme, ...], new: tuple[Scheme, ...]) -> list[tuple[Scheme, Scheme]]:
    """Pair ways of signing in of the same kind, those of the same name first."""
    pairs, rest = [], list(new)
    for one in sorted(old, key=lambda scheme: all(scheme.name != other.name for other in new)):
        same = [other for other in rest if other.type == one.type]
        found = next((other for other in same if other.name == one.name), same[0])
        rest.remove(found)
        pairs.append((one, found))
    return pairs


def _requirement(api: Api) -> Any:
    """Return what all operations ask for, ways of signing in told by what they are."""
    types: dict[str, Any] = {}
    for one in api.security:
        types.setdefault(one.name, list(one.type))
    told = [
        sorted(
            (str(types.get(str(name), name)), sorted(map(str, scopes)))
            for name, scopes in asked.items()
            if isinstance(scopes, list)
        )
        for asked in (api.requirement if isinstance(api.requirement, list) else ())
        if isinstance(asked, Mapping)
    ]
    return [[list(pair) for pair in asked] for asked in sorted(told)]


def _worded(scheme: Scheme) -> str:
    parts = [scheme.kind, scheme.flow, scheme.parameter and f"{scheme.place} {scheme.parameter}"]
    return " ".join(part for part in parts if part)


def _media(findings: Findings, before: Api, after: Api) -> None:
    """Compare the content types of all operations that have none of their own."""
    if before.format != after.format:
        return
    for key in ("consumes", "produces"):
        values = [api.root.get(key) for api in (before, after)]
        sets = [{str(one) for one in value} if isinstance(value, list) else {"application/json"}
                for value in values]  # fmt: skip
        if sets[0] != sets[1]:
            what = f"The definition {key} other content types"
            told = [sorted(one) for one in sets]
            place = Place(property=key)
            findings.add("operation-media-types-changed", place, told, what)


def _empty_paths(findings: Findings, before: Api, after: Api) -> None:
    """Take paths that offer nothing and are written down no longer, or now."""
    sides = [api.root.get("paths") for api in (before, after)]
    paths = [set(side) if isinstance(side, Mapping) else set() for side in sides]
    used = {one.path for api in (before, after) for one in api.operations}
    for path in sorted(map(str, (paths[0] ^ paths[1]) - used)):
        told = [path if path in side else None for side in paths]
        what = f"The path {path}, which offers nothing, is {'gone' if told[0] else 'new'}"
        findings.add("written-otherwise", Place(path=path), told, what)


def _metadata(findings: Findings, before: Api, after: Api) -> None:
    roots = before.root, after.root
    infos = [root.get("info") for root in roots]
    sides = [info if isinstance(info, dict) else {} for info in infos]
    for name in changed(*sides):
        values = [side.get(name) for side in sides]
        _told(findings, f"info.{name}", *values)
    for name in _METADATA:
        if difference(roots[0].get(name), roots[1].get(name)):
            _told(findings, name, roots[0].get(name), roots[1].get(name))
    extensions = [
        {key: value for key, value in root.items() if key.startswith("x-") and key not in _METADATA}
        for root in roots
    ]
    for name in changed(*extensions):
        values = [side.get(name) for side in extensions]
        rule = "metadata-changed" if difference(*values) == "texts" else "extension-changed"
        what = f"The definition has another {name}"
        findings.add(rule, Place(property=name), values, what)


def _told(findings: Findings, name: str, before: Any, after: Any) -> None:
    what = f"{name} changed"
    findings.add("metadata-changed", Place(property=name), (before, after), what)
