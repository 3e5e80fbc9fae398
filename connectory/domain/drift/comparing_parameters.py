"""Comparing what callers give an operation: its parameters, and the body."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Final

from connectory.domain.drift.api import Api, ApiOperation, ApiParameter
from connectory.domain.drift.changes import Place, Severity
from connectory.domain.drift.comparing_schemas import Walk
from connectory.domain.drift.comparing_sent import Sent
from connectory.domain.drift.comparing_values import parameter_of
from connectory.domain.drift.differing import changed, difference
from connectory.domain.drift.findings import Findings
from connectory.domain.drift.pairs import Pairs
from connectory.domain.drift.sameness import Sameness
from connectory.domain.drift.views import View

_PLACEHOLDER: Final = re.compile(r"\{([^{}]*)\}")
_TEXTS: Final = ("description", "x-ms-summary", "title", "summary")
# What the platform or a way of signing in puts into requests by itself.
_SENT_ANYWAY: Final = frozenset({"accept", "content-type", "authorization", "host", "user-agent"})
_SEPARATORS: Final = ("collectionFormat", "style", "explode", "allowReserved")
# What stands there means no more than if nothing did.
_MEANT_ANYWAY: Final = (
    ("format", ("",)),
    ("x-ms-visibility", ("", "none")),
    ("collectionFormat", ("csv",)),
)
Key = tuple[str, str | None]


class Parameters:
    """Compares the parameters of one operation with those it has now."""

    def __init__(
        self,
        findings: Findings,
        sameness: Sameness,
        pairs: Pairs,
        place: Place,
        before: ApiOperation,
        after: ApiOperation,
    ) -> None:
        """Compare two states of an operation, at its place."""
        self._findings = findings
        self._sameness = sameness
        self._pairs = pairs
        self._place = place
        self._before, self._after = before, after

    def compare(self) -> None:
        """Add what changed of parameters and body."""
        before, after = self._before.parameters, self._after.parameters
        pairs, removed, added = self._paired(before, after)
        for one in removed:
            self._removed(one)
        for one in added:
            self._added(one)
        for old, new in pairs:
            if not self._sameness.same(old.raw, new.raw):
                self._pair(old, new)
        self._order(before, after)

    def _paired(
        self, before: list[ApiParameter], after: list[ApiParameter]
    ) -> tuple[list[tuple[ApiParameter, ApiParameter]], list[ApiParameter], list[ApiParameter]]:
        """Pair parameters by place and name, bodies with each other, in a path by their order."""
        ahead = {(one.kind, one.name): one for one in after}
        pairs, alone = [], []
        for one in before:
            other = ahead.pop(_key(one), None)
            if other is None:
                alone.append(one)
            else:
                pairs.append((one, other))
        rest = list(ahead.values())
        body = next((one for one in alone if one.kind == "body"), None)
        other = next((one for one in rest if one.kind == "body"), None)
        if body is not None and other is not None:
            self._renamed(body, other)
            pairs.append((body, other))
            alone.remove(body)
            rest.remove(other)
        if self._findings.upstream:
            _pair_by_position(self._before, self._after, pairs, alone, rest)
            _pair_headers(pairs, alone, rest)
        return pairs, alone, rest

    def _renamed(self, old: ApiParameter, new: ApiParameter) -> None:
        if old.name is None or new.name is None or self._findings.upstream:
            return
        place = replace(self._place, kind="body", name=old.name)
        what = f"{parameter_of(place)} is called {new.name} now"
        self._findings.add("body-renamed", place, (old.name, new.name), what)

    def _removed(self, one: ApiParameter) -> None:
        place = replace(self._place, kind=one.kind, name=one.name)
        severity: Severity | None = None
        if self._findings.upstream:
            if _signs_in(one, self._before.api):
                return
            severity = "breaking" if one.kind in ("path", "body") else "risky"
        told = self._before.api.schemas.type_of(one.schema)
        self._findings.add(
            "parameter-removed", place, (told, None), f"{parameter_of(place)} was removed", severity
        )

    def _added(self, one: ApiParameter) -> None:
        place = replace(self._place, kind=one.kind, name=one.name)
        told = self._after.api.schemas.type_of(one.schema)
        if one.required:
            if self._findings.upstream and _signs_in(one, self._after.api):
                return
            view = self._after.api.schemas.view(one.schema)
            fills = _internal(one, view) and view.has_default
            what = f"{parameter_of(place)} was added and must be given"
            severity: Severity | None = "risky" if fills else None
            self._findings.add("required-parameter-added", place, (None, told), what, severity)
        elif not self._findings.upstream:
            what = f"{parameter_of(place)} was added"
            self._findings.add("optional-parameter-added", place, (None, told), what)

    def _pair(self, old: ApiParameter, new: ApiParameter) -> None:
        place = replace(self._place, kind=old.kind, name=old.name)
        schemas = self._before.api.schemas, self._after.api.schemas
        views = schemas[0].view(old.schema), schemas[1].view(new.schema)
        self._required(place, old, new, views[1])
        values = Sent(self._findings, "parameter")
        types = schemas[0].type_of(old.schema), schemas[1].type_of(new.schema)
        alike = self._pairs.alike(*views)
        deeper = values.type(place, *views, types, alike=alike)
        if old.kind == "body":
            self._own(place, old, new)
            if deeper:
                below = Sent(self._findings)
                walk = Walk(self._findings, self._pairs, place, below)
                walk.root(old.schema, new.schema)
            return
        shown = _shown(old, views[0]), _shown(new, views[1])
        choice = self._pairs.other_choice(*shown)
        values.value(place, *shown, required=new.required, choice=choice)
        if deeper and views[0].items is not None and views[1].items is not None:
            self._items(place, *views)
        self._written(place, old, new)

    def _required(self, place: Place, old: ApiParameter, new: ApiParameter, view: View) -> None:
        if old.required == new.required:
            return
        if new.required:
            severity: Severity | None = (
                "risky" if _internal(new, view) and view.has_default else None
            )
            what = f"{parameter_of(place)} must be given now"
            self._findings.add("parameter-became-required", place, (False, True), what, severity)
        else:
            what = f"{parameter_of(place)} need not be given any more"
            self._findings.add("parameter-became-optional", place, (True, False), what)

    def _own(self, place: Place, old: ApiParameter, new: ApiParameter) -> None:
        """Compare what a body parameter says of itself rather than of its schema."""
        if self._findings.upstream:
            return
        before, after = _own_view(old), _own_view(new)
        if before.visibility != after.visibility:
            below = Sent(self._findings)
            below.visibility(place, before, after, required=new.required)
            before.visibility = after.visibility
        Sent(self._findings, "parameter").value(place, before, after, required=new.required)

    def _items(self, place: Place, old: View, new: View) -> None:
        """Compare what a list holds; an item that may not be sent any more breaks as a value does."""
        schemas = self._before.api.schemas, self._after.api.schemas
        before, after = schemas[0].view(old.items), schemas[1].view(new.items)
        scratch = Findings(self._findings.profile)
        Sent(scratch, "parameter").allowed(replace(place, property="[]"), before, after)
        breaks = any(change.severity == "breaking" for change in scratch.changes)
        if not scratch.changes and not difference(before.bounds, after.bounds):
            return
        told = [
            {"format": view.format, "enum": view.enum, **view.bounds} for view in (before, after)
        ]
        only = changed(*told)
        values = [{fact: side[fact] for fact in only if side.get(fact)} for side in told]
        severity: Severity | None = "breaking" if breaks else None
        what = f"{parameter_of(place)} has other items ({', '.join(only)})"
        self._findings.add("parameter-items-changed", place, values, what, severity)

    def _written(self, place: Place, old: ApiParameter, new: ApiParameter) -> None:
        """Compare how a value is written into the request."""
        if self._findings.upstream:
            return
        name = "x-ms-url-encoding"
        values = old.raw.get(name), new.raw.get(name)
        if values[0] != values[1]:
            what = f"{parameter_of(place)} is written otherwise into the path"
            self._findings.add("parameter-encoding-changed", place, values, what)
        before, after = _separators(old), _separators(new)
        if self._before.api.format == self._after.api.format and before != after:
            what = f"{parameter_of(place)} is written otherwise where it has several values"
            self._findings.add("parameter-separator-changed", place, (before, after), what)
        self._same_otherwise(place, old, new)
        empty = old.raw.get("allowEmptyValue"), new.raw.get("allowEmptyValue")
        if empty[0] != empty[1]:
            what = f"{parameter_of(place)} may be empty, or no longer"
            self._findings.add("parameter-constraint-changed", place, empty, what)

    def _same_otherwise(self, place: Place, old: ApiParameter, new: ApiParameter) -> None:
        """Take what is written otherwise and means the same: an empty text, a default."""
        sides = [
            {key: one.raw[key] for key, meant in _MEANT_ANYWAY if one.raw.get(key) in meant}
            for one in (old, new)
        ]
        for key in changed(*sides):
            if all(
                key in side or key not in one.raw
                for side, one in zip(sides, (old, new), strict=True)
            ):
                values = old.raw.get(key), new.raw.get(key)
                what = f"{parameter_of(place)} has its {key} written otherwise"
                self._findings.add("written-otherwise", place, values, what)

    def _order(self, before: list[ApiParameter], after: list[ApiParameter]) -> None:
        if self._findings.upstream:
            return
        old = [f"{one.kind}:{one.name}" for one in before if one.required]
        new = [f"{one.kind}:{one.name}" for one in after if one.required]
        both = set(old) & set(new)
        first, then = [one for one in old if one in both], [one for one in new if one in both]
        if first != then:
            what = f"Required parameters of {self._place.operation_id} stand in another order"
            self._findings.add("parameter-order-changed", self._place, (first, then), what)


def _separators(parameter: ApiParameter) -> dict[str, Any]:
    """Return how several values are written; by commas unless told."""
    told = {key: parameter.raw[key] for key in _SEPARATORS if key in parameter.raw}
    return {key: value for key, value in told.items() if value != "csv"}


def _key(parameter: ApiParameter) -> Key:
    return (parameter.kind, parameter.name)


def _internal(parameter: ApiParameter, view: View) -> bool:
    return view.internal or parameter.raw.get("x-ms-visibility") == "internal"


def _signs_in(parameter: ApiParameter, api: Api) -> bool:
    """Tell whether the connection or the platform gives it, not the caller."""
    if parameter.kind not in ("header", "query"):
        return False
    keys = {one.parameter.casefold() for one in api.security if one.parameter}
    name = (parameter.name or "").casefold()
    return name in keys or (parameter.kind == "header" and name in _SENT_ANYWAY)


def _shown(parameter: ApiParameter, view: View) -> View:
    """Return the view of a parameter with what stands on it rather than on its schema."""
    if parameter.raw is parameter.schema:
        return view
    own = _own_view(parameter)
    return replace(
        view,
        texts=own.texts,
        visibility=own.visibility or view.visibility,
        dynamic=own.dynamic or view.dynamic,
        extensions={**view.extensions, **own.extensions},
    )


def _own_view(parameter: ApiParameter) -> View:
    """Return what a parameter says of itself, its schema left out."""
    raw = parameter.raw
    visibility = raw.get("x-ms-visibility")
    own = View(visibility=visibility if visibility not in (None, "", "none") else None)
    for key, value in raw.items():
        if key in _TEXTS and isinstance(value, str):
            own.texts[key] = value
        elif key.startswith("x-ms-dynamic"):
            own.dynamic[key] = value
        elif key.startswith("x-") and key not in ("x-ms-visibility", "x-ms-url-encoding"):
            own.extensions[key] = value
    return own


def _pair_by_position(
    before: ApiOperation,
    after: ApiOperation,
    pairs: list[tuple[ApiParameter, ApiParameter]],
    alone: list[ApiParameter],
    rest: list[ApiParameter],
) -> None:
    """Pair the parameters of a path by where they stand in it, whatever they are called."""
    places = [
        {name: number for number, name in enumerate(_PLACEHOLDER.findall(one.path))}
        for one in (before, after)
    ]
    ahead = {places[1].get(one.name or ""): one for one in rest if one.kind == "path"}
    for one in [one for one in alone if one.kind == "path"]:
        number = places[0].get(one.name or "")
        other = ahead.get(number) if number is not None else None
        if other is not None:
            pairs.append((one, other))
            alone.remove(one)
            rest.remove(other)


def _pair_headers(
    pairs: list[tuple[ApiParameter, ApiParameter]],
    alone: list[ApiParameter],
    rest: list[ApiParameter],
) -> None:
    """Pair headers in whatever case they are written, as whoever receives them does."""
    ahead = {(one.name or "").casefold(): one for one in rest if one.kind == "header"}
    for one in [one for one in alone if one.kind == "header"]:
        other = ahead.pop((one.name or "").casefold(), None)
        if other is not None:
            pairs.append((one, other))
            alone.remove(one)
            rest.remove(other)
