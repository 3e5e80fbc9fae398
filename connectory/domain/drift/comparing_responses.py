"""Comparing what comes back from an operation, status by status, and what its webhook delivers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from connectory.domain.drift.api import ApiOperation, ApiResponse
from connectory.domain.drift.changes import Place, Severity, verdict
from connectory.domain.drift.comparing_received import Received
from connectory.domain.drift.comparing_schemas import Walk
from connectory.domain.drift.comparing_values import files, name_of
from connectory.domain.drift.differing import changed, difference, named
from connectory.domain.drift.findings import Findings
from connectory.domain.drift.pairs import Pairs
from connectory.domain.drift.profiles import Profile
from connectory.domain.drift.sameness import Sameness
from connectory.domain.drift.views import Schemas, View

_DEFAULT: Final = "default"


class Responses:
    """Compares the responses of one operation with those it has now."""

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
        self._schemas = before.api.schemas, after.api.schemas

    def compare(self) -> None:
        """Add what changed of responses."""
        before, after = self._before.responses, self._after.responses
        for status in dict.fromkeys([*before, *after]):
            old, new = before.get(status), after.get(status)
            if old is not None and new is not None and self._sameness.same(old.raw, new.raw):
                continue
            place = replace(self._place, status=status)
            told = old or new
            if told is None or not (told.successful or status == _DEFAULT):
                self._error(place, old, new)
            elif old is None or new is None:
                self._one_sided(place, old, new)
            else:
                self._pair(place, old, new)

    def notification(self) -> None:
        """Add what changed of what the webhook delivers."""
        old, new = self._before.notification, self._after.notification
        texts = self._before.notification_text, self._after.notification_text
        if texts[0] != texts[1] and not self._findings.upstream and old and new:
            what = f"What the webhook of {self._place.operation_id} delivers is described otherwise"
            self._findings.add("notification-text-changed", self._place, texts, what)
        if self._findings.upstream or self._sameness.same(old, new):
            return
        if (old is None) != (new is None):
            told = [self._schemas[0].type_of(old), self._schemas[1].type_of(new)]
            what = f"What the webhook of {self._place.operation_id} delivers is described"
            what += " no longer" if new is None else " now"
            severity: Severity | None = "compatible" if old is None else None
            rule = "notification-content-changed"
            self._findings.add(rule, self._place, told, what, severity)
            return
        values = Received(self._findings, notification=True)
        self._bodies(self._place, old, new, values, "notification-content-changed")

    def _one_sided(self, place: Place, old: ApiResponse | None, new: ApiResponse | None) -> None:
        added = old is None
        one = new if old is None else old
        if one is None:
            return
        schemas = self._schemas[1] if added else self._schemas[0]
        told = schemas.type_of(one.schema) if one.schema is not None else None
        values = (None, told) if added else (told, None)
        word = "was added" if added else "was removed"
        kind = "default-response" if one.status == _DEFAULT else "response-status"
        severity = self._added(one) if added else self._gone(one)
        what = f"{name_of(place)} {word}"
        if self._findings.upstream and added:
            return
        self._findings.add(
            f"{kind}-{'added' if added else 'removed'}", place, values, what, severity
        )

    def _gone(self, one: ApiResponse) -> Severity | None:
        """Return how bad it is that a response is gone; None for what the rule says."""
        described = [
            other.schema for other in self._after.responses.values()
            if other.schema is not None and (other.successful or other.status == _DEFAULT)
        ]  # fmt: skip
        if one.status == _DEFAULT:
            return None if one.schema is None or described else "breaking"
        if one.schema is None:
            return "compatible"
        if any(self._alike(one.schema, other) for other in described):
            return "cosmetic"
        first = next(
            (told.status for told in self._before.responses.values()
             if told.schema is not None and told.successful), None
        )  # fmt: skip
        still = self._after.responses.get(first or "")
        return "compatible" if still is not None and still.schema is not None else None

    def _added(self, one: ApiResponse) -> Severity | None:
        if one.schema is None or one.status == _DEFAULT:
            return None
        shapes = [
            other.schema for other in self._before.responses.values()
            if other.schema is not None and (other.successful or other.status == _DEFAULT)
            and other.status not in self._after.responses
        ]  # fmt: skip
        return "cosmetic" if any(self._alike(shape, one.schema) for shape in shapes) else None

    def _pair(self, place: Place, old: ApiResponse, new: ApiResponse) -> None:
        if (old.schema is None) != (new.schema is None):
            gone = new.schema is None
            if not (self._findings.upstream and not gone):
                rule = "response-schema-removed" if gone else "response-schema-added"
                told = [self._schemas[0].type_of(old.schema), self._schemas[1].type_of(new.schema)]
                what = f"{name_of(place)} is described {'no longer' if gone else 'now'}"
                # An API's document may leave out what it returns; the connector's author tried it.
                severity: Severity | None = "risky" if self._findings.upstream else None
                self._findings.add(rule, place, told, what, severity)
        elif old.schema is not None:
            values = Received(self._findings)
            self._bodies(place, old.schema, new.schema, values, "response-root-type-changed")
        if not self._findings.upstream:
            self._beside(place, old, new)

    def _bodies(self, place: Place, old: Any, new: Any, values: Received, rule: str) -> None:
        """Compare what comes back: the type of the whole, then all below it."""
        views = self._schemas[0].view(old), self._schemas[1].view(new)
        types = self._schemas[0].type_of(old), self._schemas[1].type_of(new)
        shapes = _shape(self._schemas[0], views[0]), _shape(self._schemas[1], views[1])
        if shapes[0] != shapes[1] and not (self._findings.upstream and files(*views)):
            severity: Severity | None = "risky" if not (types[0] and types[1]) else None
            where = name_of(place) if place.status else f"Webhook of {place.operation_id}"
            what = f"{where} is {types[1] or 'of no declared type'}, was {types[0] or 'of none'}"
            self._findings.add(rule, place, types, what, severity)
            return
        walk = Walk(self._findings, self._pairs, place, values)
        walk.root(old, new)

    def _alike(self, old: Any, new: Any) -> bool:
        """Tell whether two schemas describe the same values, whatever the texts."""
        scratch = Findings(Profile())
        inner = Responses(
            scratch, self._sameness, self._pairs, self._place, self._before, self._after
        )
        inner._bodies(
            replace(self._place, status="200"),
            old,
            new,
            Received(scratch),
            "response-root-type-changed",
        )
        return not scratch.cut and verdict(scratch.changes) in ("identical", "cosmetic")

    def _beside(self, place: Place, old: ApiResponse, new: ApiResponse) -> None:
        """Compare texts, headers and extensions of a response."""
        texts = [one.raw.get("description") for one in (old, new)]
        if texts[0] != texts[1]:
            what = f"{name_of(place)} has another description"
            self._findings.add("response-text-changed", place, texts, what)
        if difference(old.headers, new.headers):
            names = changed(old.headers, new.headers)
            gone = [name for name in names if name in old.headers]
            facts = [
                name for name in gone
                if difference(old.headers.get(name), new.headers.get(name)) == "facts"
            ]  # fmt: skip
            if not facts and not set(names) - set(gone):
                what = f"{name_of(place)} has other texts of headers"
                self._findings.add("response-text-changed", place, (None, None), what)
            else:
                what = f"{name_of(place)} has other headers ({', '.join(names)})"
                told = sorted(old.headers), sorted(new.headers)
                severity: Severity | None = "risky" if facts else None
                self._findings.add("response-headers-changed", place, told, what, severity)
        for name in changed(_extensions(old), _extensions(new)):
            values = (old.raw.get(name), new.raw.get(name))
            text = difference(*values) == "texts" or name == "x-ms-summary"
            rule = "response-text-changed" if text else "response-extension-changed"
            what = f"{name_of(place)} has another {name}"
            self._findings.add(rule, place, named(name, values), what)

    def _error(self, place: Place, old: ApiResponse | None, new: ApiResponse | None) -> None:
        """Take a change of a response that tells of no success."""
        if self._findings.upstream:
            return
        if old is None or new is None:
            word = "was added" if old is None else "was removed"
            told = ["described" if one is not None else None for one in (old, new)]
            what = f"{name_of(place)} {word}"
            self._findings.add("error-response-changed", place, told, what)
            return
        scratch = Findings(self._findings.profile)
        inner = Responses(
            scratch, self._sameness, self._pairs, self._place, self._before, self._after
        )
        inner._pair(place, old, new)
        worst = verdict(scratch.changes)
        if worst == "identical":
            return
        if worst == "cosmetic":
            what = f"{name_of(place)} has other texts"
            self._findings.add("response-text-changed", place, (None, None), what)
            return
        rules = sorted({change.rule for change in scratch.changes})
        what = f"{name_of(place)} is described otherwise"
        self._findings.add("error-response-changed", place, (None, rules), what)


def _shape(schemas: Schemas, view: View) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the types of a value, and of a list those of its items, whichever may be empty."""
    return view.types, schemas.view(view.items).types if view.types == ("array",) else ()


def _extensions(response: ApiResponse) -> dict[str, Any]:
    return {key: value for key, value in response.raw.items() if key.startswith("x-")}
