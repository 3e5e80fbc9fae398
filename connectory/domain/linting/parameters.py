"""Parameters: which may stand together, what each must say, and what makers read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from connectory.domain.drift.faults import told
from connectory.domain.linting.findings import Trip
from connectory.domain.linting.subject import Parameter, Subject, text

_LONGEST_SUMMARY: Final = 80
_COLLECTIONS: Final = ("csv", "ssv", "tsv", "pipes", "multi")
_NOT_OF_A_BODY: Final = (
    "type", "format", "items", "collectionFormat", "default", "enum", "maximum", "minimum",
    "maxLength", "minLength", "pattern", "maxItems", "minItems", "uniqueItems", "multipleOf",
)  # fmt: skip


def check_lists(subject: Subject) -> Iterator[Trip]:
    """Yield parameters that cannot stand in one list."""
    for pointer, raw in subject.lists_of_parameters:
        of_operation = pointer.count("/") > 3  # noqa: PLR2004 - /paths/…/get/parameters
        owner = "Operation" if of_operation else "Path"
        listed = [(at, Parameter("", subject.resolve(one))) for at, one in enumerate(raw)]
        seen: set[tuple[str, str]] = set()
        bodies = 0
        for at, parameter in listed:
            place = f"{pointer}/{at}"
            key = (parameter.kind, parameter.name)
            if parameter.name and key in seen:
                message = f"the {key[0]} parameter {told(key[1])} is listed again"
                yield Trip(f"{owner}ParametersContainDuplicateParameter", place, message)
            seen.add(key)
            bodies += parameter.kind == "body"
            if parameter.kind == "body" and bodies > 1:
                message = f"{told(parameter.name)} is a second body"
                yield Trip(f"{owner}ParametersContainMultipleBodyParameters", place, message)
    for operation in subject.operations:
        if {"body", "formData"} <= {parameter.kind for parameter in operation.parameters}:
            message = f"{operation.name} sends both a body and form data"
            rule = "ParameterListContainsFormDataAndBody"
            yield Trip(rule, f"{operation.pointer}/parameters", message)


def check_each(subject: Subject) -> Iterator[Trip]:
    """Yield what is wrong with a parameter by itself."""
    for parameter in subject.parameters:
        place, raw, name = parameter.pointer, parameter.raw, told(parameter.name)
        if parameter.kind == "body":
            yield from _body(parameter)
        elif "schema" in raw and subject.swagger:
            message = f"{name} is no body and has a schema"
            yield Trip("NonBodyParameterSchemaNotValid", f"{place}/schema", message)
        if raw.get("type") == "file" and parameter.kind != "formData":
            message = f"{name} is a file in {parameter.kind or 'no place'}"
            yield Trip("FileParameterMustBeInFormData", place, message)
        if parameter.name == "connectionId":
            message = "a parameter is called connectionId"
            yield Trip("ConnectionIdParameterNotAllowed", f"{place}/name", message)
        collection = raw.get("collectionFormat")
        if collection is not None and (
            collection not in _COLLECTIONS
            or (collection == "multi" and parameter.kind not in {"query", "formData"})
        ):
            message = f"{name} is joined as {told(collection)!r}"
            rule = "CollectionFormatValueNotSupported"
            yield Trip(rule, f"{place}/collectionFormat", message)
        if raw.get("allowEmptyValue") is True and parameter.kind not in {"query", "formData"}:
            message = f"{name} may be empty in {parameter.kind}"
            rule = "AllowEmptyValueOnlyValidForQueryFormData"
            yield Trip(rule, f"{place}/allowEmptyValue", message)
        if parameter.kind == "formData" and not parameter.name.isascii():
            message = f"the name of the form field {name} has other letters than ASCII"
            yield Trip("InvalidFormDataParameterName", f"{place}/name", message)
        yield from _texts(parameter)


def _body(parameter: Parameter) -> Iterator[Trip]:
    name = told(parameter.name)
    if "schema" not in parameter.raw:
        message = f"the body {name} has no schema"
        yield Trip("BodyParameterSchemaRequired", parameter.pointer, message)
    for key in _NOT_OF_A_BODY:
        if key in parameter.raw:
            message = f"the body {name} has {key} beside its schema"
            yield Trip("BodyParameterPropertyNotValid", f"{parameter.pointer}/{key}", message)


def _texts(parameter: Parameter) -> Iterator[Trip]:
    """Yield what makers miss; the body's own texts are never shown."""
    if parameter.kind == "body" or parameter.internal:
        return
    name = f"the {parameter.kind} parameter {told(parameter.name)}"
    summary = text(parameter.raw.get("x-ms-summary")).strip()
    if not summary:
        message = f"{name} has no x-ms-summary"
        yield Trip("ParameterSummaryMissing", parameter.pointer, message)
    elif len(summary) > _LONGEST_SUMMARY:
        message = f"the x-ms-summary of {told(parameter.name)} has {len(summary)} characters"
        place = f"{parameter.pointer}/x-ms-summary"
        yield Trip("ParameterSummaryTooLong", place, message)
    if not text(parameter.raw.get("description")).strip():
        yield Trip("ParameterDescriptionMissing", parameter.pointer, f"{name} has no description")
