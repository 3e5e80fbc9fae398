"""What each operation says: its id, its texts, its responses, what it consumes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from connectory.domain.drift.faults import escaped, told
from connectory.domain.linting.findings import Trip
from connectory.domain.linting.subject import Operation, Subject, items, mapping, names, text

_LONGEST_ID: Final = 100
_LONGEST_SUMMARY: Final = 120
_READABLE_SUMMARY: Final = 80
_SANE: Final = re.compile(r"[A-Za-z0-9_]*")
_RESTRICTED: Final = re.compile(r"[/\\<>{}|^`\[\]]")
_STATUS: Final = re.compile(r"[1-5][0-9][0-9]")
_MIME_TYPE: Final = re.compile(r"[\w.+*-]+/[\w.+*-]+")
_CONSUMED: Final = (
    "application/json",
    "text/plain",
    "multipart/form-data",
    "application/x-www-form-urlencoded",
)


def check_ids(subject: Subject) -> Iterator[Trip]:
    """Yield operations that cannot be told apart, or not well."""
    ids = Counter(operation.id for operation in subject.operations)
    for operation in subject.operations:
        place = f"{operation.pointer}/operationId"
        if not operation.id.strip():
            message = f"{operation.name} has no operationId"
            yield Trip("OperationIdRequired", operation.pointer, message)
            continue
        if ids[operation.id] > 1:
            message = f"{ids[operation.id]} operations are called {told(operation.id)}"
            yield Trip("OperationIdNotUnique", place, message)
        if not _SANE.fullmatch(operation.id):
            odd = "".join(sorted(set(re.sub("[A-Za-z0-9_]", "", operation.id))))
            message = (
                f"the operationId {told(operation.id)} has characters that are taken out: {odd!r}"
            )
            yield Trip("OperationIdSanitized", place, message)
        if len(operation.id) > _LONGEST_ID:
            message = f"the operationId has {len(operation.id)} characters, more than {_LONGEST_ID}"
            yield Trip("OperationIdTooLong", place, message)


def check_texts(subject: Subject) -> Iterator[Trip]:
    """Yield operations that say too little or too much of themselves."""
    for operation in subject.operations:
        if operation.raw.get("x-ms-visibility") == "internal":
            continue
        yield from _summary(operation)
        summary = text(operation.raw.get("summary")).strip()
        description = text(operation.raw.get("description")).strip()
        if not description:
            message = f"{operation.name} has no description"
            yield Trip("OperationDescriptionMissing", operation.pointer, message)
        elif description.rstrip(".").casefold() == summary.rstrip(".").casefold():
            message = f"the description of {operation.name} only repeats its summary"
            place = f"{operation.pointer}/description"
            yield Trip("OperationDescriptionSameAsSummary", place, message)


def _summary(operation: Operation) -> Iterator[Trip]:
    summary = text(operation.raw.get("summary"))
    place = f"{operation.pointer}/summary"
    if not summary.strip():
        message = f"{operation.name} has no summary"
        yield Trip("OperationSummaryMissing", operation.pointer, message)
        return
    length = f"the summary of {operation.name} has {len(summary)} characters"
    if len(summary) > _LONGEST_SUMMARY:
        yield Trip("OperationSummaryTooLong", place, f"{length}, more than {_LONGEST_SUMMARY}")
    elif len(summary) > _READABLE_SUMMARY:
        yield Trip("OperationSummaryLong", place, f"{length}, more than {_READABLE_SUMMARY}")
    if found := "".join(sorted(set(_RESTRICTED.findall(summary)))):
        message = f"the summary of {operation.name} contains {found!r}"
        yield Trip("RestrictedCharactersInSummary", place, message)
    if not summary.rstrip(")")[-1:].isalnum():
        message = f"the summary of {operation.name} ends in {summary[-1]!r}"
        yield Trip("SummaryMustEndWithAlphanumeric", place, message)
    if operation.trigger and not summary.casefold().startswith("when "):
        message = f"the summary of the trigger {operation.name} does not begin with When"
        yield Trip("TriggerSummaryShouldSayWhen", place, message)


def check_responses(subject: Subject) -> Iterator[Trip]:
    """Yield operations whose responses do not tell what they return."""
    for operation in subject.operations:
        place = f"{operation.pointer}/responses"
        statuses = [status for status in operation.responses if not status.startswith("x-")]
        if not statuses:
            message = f"{operation.name} has no responses"
            yield Trip("OperationMustHaveResponse", operation.pointer, message)
            continue
        for status in statuses:
            if status != "default" and not _STATUS.fullmatch(status):
                message = f"{told(status)!r} is no status of a response"
                where = f"{place}/{escaped(status)}"
                yield Trip("ResponseMustBeDefaultOrHttpStatusCode", where, message)
        good = [status for status in statuses if status.startswith("2")]
        if not good:
            message = f"{operation.name} has no response for success"
            yield Trip("OperationShouldHaveSuccessfulResponse", place, message)
        yield from _schemas(subject, operation, statuses)


def _schemas(subject: Subject, operation: Operation, statuses: list[str]) -> Iterator[Trip]:
    place = f"{operation.pointer}/responses"
    told_by = [s for s in statuses if "schema" in subject.resolve(operation.responses[s])]
    if "default" in told_by:
        message = f"{operation.name} has a schema on its default response"
        yield Trip("DefaultResponseHasSchema", f"{place}/default/schema", message)
    good = [status for status in told_by if status.startswith("2")]
    if len(good) > 1:
        message = f"{operation.name} has schemas on {', '.join(good)}; only one is used"
        yield Trip("OperationHasManyResponsesWithSchema", place, message)
    told_where_shown = {"200", "201"} & set(told_by) or operation.notification
    if not told_where_shown and operation.method != "head":
        message = f"{operation.name} tells no schema on 200 or 201"
        yield Trip("SchemaDefinitionSetIncorrectly", place, message)


def check_media_types(subject: Subject) -> Iterator[Trip]:
    """Yield bodies where none may be, and media types that connectors do not send."""
    yield from _consumed("", names(subject.value.get("consumes")), "the document")
    for operation in subject.operations:
        sent = [p for p in operation.parameters if p.kind in {"body", "formData"}]
        if operation.method == "get":
            for parameter in sent:
                message = f"{operation.name} is a GET and sends {told(parameter.name)} in a body"
                rule = "BodyOrFormDataParameterInFetchOperationNotAllowed"
                yield Trip(rule, parameter.pointer, message)
        yield from _consumed(
            operation.pointer, names(operation.raw.get("consumes")), operation.name
        )
        if operation.raw.get("consumes") == [] and sent:
            message = f"{operation.name} has a body and an empty list of media types"
            yield Trip("ConsumesMissing", f"{operation.pointer}/consumes", message)
        if any(text(p.raw.get("type")) == "file" for p in sent):
            yield from _file(subject, operation)


def _consumed(pointer: str, types: list[str], owner: str) -> Iterator[Trip]:
    for at, name in enumerate(types):
        place = f"{pointer}/consumes/{at}"
        plain = name.partition(";")[0].strip().lower()
        if not _MIME_TYPE.fullmatch(plain):
            yield Trip("MimeTypeNotValid", place, f"{told(name)!r} is no media type")
        elif plain not in _CONSUMED:
            message = f"{owner} consumes {told(name)}"
            yield Trip("MimeTypeNotSupported", place, message)


def _file(subject: Subject, operation: Operation) -> Iterator[Trip]:
    consumes = operation.raw.get("consumes", subject.value.get("consumes"))
    if "multipart/form-data" not in {name.lower() for name in names(consumes)}:
        message = f"{operation.name} sends a file but does not consume multipart/form-data"
        rule = "MimeTypeNotCompatibleWithRequestContentSchemaType"
        yield Trip(rule, operation.pointer, message)


def check_tags(subject: Subject) -> Iterator[Trip]:
    """Yield tags that are defined more than once."""
    seen: set[str] = set()
    for at, raw in enumerate(items(subject.value.get("tags"))):
        tag = text(mapping(raw).get("name"))
        if tag and tag in seen:
            yield Trip("TagRedefined", f"/tags/{at}", f"the tag {told(tag)!r} is defined again")
        seen.add(tag)
