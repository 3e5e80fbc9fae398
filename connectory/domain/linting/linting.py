"""Linting a definition: every group of rules over one document, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from connectory.domain.drift.document import Loaded, Places, load, load_object, places
from connectory.domain.drift.faults import Fault
from connectory.domain.json_document import Unreadable
from connectory.domain.linting import (
    dynamic,
    operations,
    parameters,
    paths,
    properties,
    schemas,
    security,
    shapes,
    texts,
    values,
    versioning,
    webhooks,
)
from connectory.domain.linting.findings import SEVERITIES, Finding, Trip
from connectory.domain.linting.rules import RULES
from connectory.domain.linting.subject import Subject

_Check = Callable[[Subject], Iterator[Trip]]
_ALWAYS: Final[tuple[_Check, ...]] = (
    shapes.check_version,
    texts.check_info,
    texts.check_metadata,
    operations.check_ids,
    operations.check_texts,
    operations.check_tags,
    paths.check_paths,
    paths.check_variables,
    paths.check_routes,
    versioning.check_versioning,
    properties.check_properties,
)
_OF_SWAGGER: Final[tuple[_Check, ...]] = (
    shapes.check_shapes,
    texts.check_host,
    operations.check_responses,
    operations.check_media_types,
    parameters.check_lists,
    parameters.check_each,
    values.check_values,
    schemas.check_references,
    schemas.check_schemas,
    schemas.check_loops,
    schemas.check_internal,
    dynamic.check_dynamic,
    webhooks.check_webhooks,
    security.check_security,
)
"""Checks of what only Swagger 2.0 writes down in this way."""
_FIRST_WORDS: Final = frozenset(
    {"a", "an", "another", "half", "its", "makers", "no", "nobody", "nothing", "operations",
     "requests", "the", "there"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PropertiesUnreadable:
    """The properties, not the definition, cannot be read."""

    why: Unreadable


def lint(
    content: bytes, properties_content: bytes | None = None, *, has_script: bool | None = None
) -> tuple[Finding, ...] | Unreadable | PropertiesUnreadable:
    """Return everything that is to be done about a definition, errors first.

    Args:
        content: The definition exactly as it is.
        properties_content: The file apiProperties.json, if there is one.
        has_script: Whether a script lies beside the properties; None if that is not known.
    """
    loaded = load(content)
    if isinstance(loaded, Unreadable):
        return loaded
    beside = None
    trips: list[Trip] = []
    if properties_content is not None:
        told = load_object(properties_content)
        if isinstance(told, Unreadable):
            return PropertiesUnreadable(told)
        faults = [f for f in told.faults if f.rule != "ReferenceNotLocal"]
        trips += [Trip(f.rule, f"{properties.HOME}{f.location}", f.message) for f in faults]
        trips += _script(told.value, has_script=has_script)
        beside = told.value
    subject = Subject(loaded.value, beside)
    trips += _trips(subject)
    found = [
        *map(_of_file, _file_faults(loaded)),
        *_findings(subject, trips, content, properties_content),
    ]
    return tuple(sorted(found, key=lambda finding: SEVERITIES.index(finding.severity)))


def _trips(subject: Subject) -> Iterator[Trip]:
    for check in (*_ALWAYS, *(_OF_SWAGGER if subject.swagger else ())):
        yield from check(subject)


def _script(told: Mapping[str, Any], *, has_script: bool | None) -> Iterator[Trip]:
    inner = told.get("properties")
    if has_script is False and isinstance(inner, Mapping) and inner.get("scriptOperations"):
        place = f"{properties.HOME}/properties/scriptOperations"
        yield Trip("ScriptMissing", place, "operations are served by a script that is not there")


def _file_faults(loaded: Loaded) -> Iterable[Fault]:
    if loaded.syntax == "yaml":
        yield Fault("FileNotJson", "the definition is written in YAML", 1)
    yield from loaded.faults


def _of_file(fault: Fault) -> Finding:
    rule = RULES[fault.rule]
    return Finding(
        rule.id, rule.severity, fault.location, fault.line, _sentence(fault.message), rule.remedy
    )


def _findings(
    subject: Subject, trips: list[Trip], content: bytes, properties_content: bytes | None
) -> Iterator[Finding]:
    """Yield a finding for each place that trips a rule, once, with its line."""
    operations_ = {operation.pointer: operation.name for operation in subject.operations}
    definition = places(content) if trips else Places({})
    beside = places(properties_content) if trips and properties_content else Places({})
    for trip in dict.fromkeys(trips):
        rule = RULES[trip.rule]
        if trip.location.startswith(properties.HOME):
            line = beside.line(trip.location.removeprefix(properties.HOME))
        else:
            line = definition.line(trip.location)
        operation = operations_.get("/".join(trip.location.split("/", 4)[:4]))
        yield Finding(
            rule.id,
            rule.severity,
            trip.location,
            line,
            _sentence(trip.message),
            rule.remedy,
            operation,
        )


def _sentence(message: str) -> str:
    """Return a message as a sentence; a name at its beginning stays as it is spelled."""
    word = message.partition(" ")[0]
    told = f"{message[:1].upper()}{message[1:]}" if word in _FIRST_WORDS else message
    return f"{told}."
