"""Revisions of operations: old and new side by side, and one that is to be used."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, Final

from connectory.domain.drift.faults import told
from connectory.domain.linting.findings import Trip
from connectory.domain.linting.subject import Operation, Subject, mapping, text

_MOST_ACTIVE: Final = 2
_NEXT_LINKS: Final = ("nextLink", "@odata.nextLink")
_ANNOTATION: Final = "x-ms-api-annotation"


def check_versioning(subject: Subject) -> Iterator[Trip]:
    """Yield families whose members cannot be told apart, and replacements of nothing."""
    families: dict[str, list[tuple[Operation, Mapping[str, Any]]]] = defaultdict(list)
    connector = text(mapping(subject.value.get(_ANNOTATION)).get("status")).casefold()
    for operation in subject.operations:
        annotation = mapping(operation.raw.get(_ANNOTATION))
        family = text(annotation.get("family"))
        if family:
            families[family].append((operation, annotation))
        yield from _replacement(operation, annotation)
        status = text(annotation.get("status")).casefold()
        if connector == "preview" and status == "production":
            message = f"{operation.name} is in production, the connector in preview"
            place = f"{operation.pointer}/{_ANNOTATION}"
            yield Trip("OperationStatusAheadOfConnector", place, message)
        pageable = mapping(operation.raw.get("x-ms-pageable"))
        link = pageable.get("nextLinkName")
        if link is not None and link not in _NEXT_LINKS:
            message = f"the next page of {operation.name} is found in {told(link)}"
            place = f"{operation.pointer}/x-ms-pageable/nextLinkName"
            yield Trip("InvalidNextLinkNameValue", place, message)
    for name, members in families.items():
        yield from _family(name, members)


def _family(name: str, members: list[tuple[Operation, Mapping[str, Any]]]) -> Iterator[Trip]:
    seen: dict[int, str] = {}
    bare = [operation for operation, annotation in members if _revision(annotation) is None]
    for operation, annotation in members:
        place = f"{operation.pointer}/{_ANNOTATION}"
        revision = _revision(annotation)
        if revision is None:
            message = f"{operation.name} is in the family {told(name)} without a revision"
            yield Trip("OperationRevisionEmpty", place, message)
            continue
        if revision in seen:
            message = f"{operation.name} and {seen[revision]} are both revision {revision}"
            message += f" of {told(name)}"
            yield Trip("OperationFamilyHasDuplicateRevisions", place, message)
        seen.setdefault(revision, operation.name)
        if revision > 1 and not operation.id.casefold().endswith(f"v{revision}"):
            message = f"{operation.name} is revision {revision} and does not end with V{revision}"
            yield Trip("OperationIdShouldEndWithRevision", place, message)
    if len(bare) > 1:
        message = f"{len(bare)} operations of the family {told(name)} have no revision"
        place = f"{bare[1].pointer}/{_ANNOTATION}"
        yield Trip("OperationFamilyHasManyEmptyRevisions", place, message)
    active = [one for one in members if one[0].raw.get("deprecated") is not True]
    if len(active) > _MOST_ACTIVE:
        message = f"{len(active)} operations of the family {told(name)} are not deprecated"
        place = f"{active[0][0].pointer}/{_ANNOTATION}"
        yield Trip("OperationFamilyHasManyActiveOperations", place, message)
    ready = [o for o, a in active if text(a.get("status")).casefold() == "production"]
    if len(ready) > 1:
        message = f"{len(ready)} operations of the family {told(name)} are in production"
        place = f"{ready[0].pointer}/{_ANNOTATION}"
        yield Trip("OperationFamilyHasManyActiveProductionOperations", place, message)


def _revision(annotation: Mapping[str, Any]) -> int | None:
    value = annotation.get("revision")
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    written = text(value).strip()
    return int(written) if written.isdecimal() and len(written) < 10 else None  # noqa: PLR2004


def _replacement(operation: Operation, annotation: Mapping[str, Any]) -> Iterator[Trip]:
    if "replacement" not in annotation:
        return
    place = f"{operation.pointer}/{_ANNOTATION}/replacement"
    prefix = "ApiAnnotationExtensionReplacementInfo"
    if operation.raw.get("deprecated") is not True:
        message = f"{operation.name} has a replacement and is not deprecated"
        yield Trip(f"{prefix}ForNonDeprecatedOperations", place, message)
    for key, rule in (("api", "MissingApiProperty"), ("operationId", "MissingOperationIdProperty")):
        if not text(mapping(annotation["replacement"]).get(key)):
            message = f"the replacement of {operation.name} has no {key}"
            yield Trip(f"{prefix}{rule}", place, message)
