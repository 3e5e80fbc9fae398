"""APIs behind connectors that tell of themselves: equal to the connector, ahead of it, or in disarray.

Each document is derived from the definition of the connector that wraps the API, by changes whose
meaning is known; it has none of the connector's own extensions.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from connectory.simulator.drafts import Draft
from connectory.simulator.drift_facts import Backend, Behaviour, DriftStory, Published
from connectory.simulator.inventory import live_connectors
from connectory.simulator.mutations import MUTATIONS, draft_of
from connectory.simulator.openapi import roundtrips
from connectory.simulator.openapi3 import published
from connectory.simulator.randomness import stream
from connectory.simulator.state import Connector, Json, Tenant

STORY: Final = "its API tells of itself"
_SERVICES: Final = re.compile(
    r".*(microsoft|microsoftonline|office|azure|azure-api|windows|dynamics|powerapps|powerplatform|powerbi)"
    r"\.(com|net|io)"
)
"""Hosts at which the tenant's own services answer, or might."""
_PLAIN_HOST: Final = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
_ODD: Final = ('"formData"', '"x-ms-dynamic', '"x-ms-trigger"', '"allOf"', '"file"', '"$ref": "#/p',
               '"$ref": "#/r', '"collectionFormat"', '"x-nullable"', '"discriminator"')  # fmt: skip
_MOST_BYTES: Final = 120_000
_MORE: Final = ("add-operation",) * 5


@dataclass(frozen=True, slots=True)
class Plan:
    """One API and how it stands to its connector.

    Attributes:
        path: Where its document is.
        form: How that is written.
        kinds: Changes since the connector was made.
        coming: Changes that are still to come.
        usual: The document is where it would be looked for.
        behaviour: What is answered there.
    """

    path: str
    form: str = "3.0"
    kinds: tuple[str, ...] = ()
    coming: tuple[str, ...] = ()
    usual: bool = False
    behaviour: Behaviour = "serves"


PLANS: Final = (
    Plan("/openapi.json", "3.0", ("require-parameter", "remove-operation", *_MORE), usual=True),
    Plan("/swagger.json", "2.0", usual=True),
    Plan("/v3/api-docs", "3.1", ("remove-response-property", *_MORE), usual=True),
    Plan("/docs/openapi.yaml", "yaml", ("require-body-property",)),
    Plan("/swagger/v1/swagger.json", "2.0", (), ("require-parameter",), usual=True),
    Plan("/api/v2/openapi.json", "3.0", ("remove-operation",), ("add-operation",)),
    Plan("/api/openapi.json", behaviour="leads inside"),
    Plan("/export/openapi.json", behaviour="large"),
    Plan("/export/openapi.json.gz", behaviour="packed"),
    Plan("/slow/openapi.json", behaviour="slow"),
    Plan("/developers", behaviour="page"),
    Plan("/old/openapi.json", behaviour="absent"),
)
"""Every API that tells of itself, in a tenant that has families."""


def plant_backends(tenant: Tenant) -> None:
    """Let the APIs of some connectors tell of themselves; those of a tiny tenant never do."""
    if not tenant.drifting.chains:
        return
    candidates = _candidates(tenant)
    for number, plan in enumerate(PLANS):
        for connector, document in candidates:
            backend = _backend(tenant, connector, document, plan, number)
            if backend is not None:
                tenant.drifting.backends.append(backend)
                tenant.drifting.stories.append(
                    DriftStory(STORY, str(connector.family), connector.environment, connector.name)
                )
                candidates.remove((connector, document))
                break


def _candidates(tenant: Tenant) -> list[tuple[Connector, Json]]:
    """Return connectors whose host is theirs alone, outside every story, with plain documents."""
    told = {story.family for story in tenant.drifting.stories}
    live = list(_documents(tenant))
    hosts = [document.get("host") for _, document in live]
    return [
        (connector, document)
        for connector, document in live
        if connector.family not in told
        and hosts.count(document.get("host")) == 1
        and "@" not in str(connector.family)
        and _plain(document)
    ]


def _documents(tenant: Tenant) -> Iterator[tuple[Connector, Json]]:
    for connector in live_connectors(tenant):
        home = tenant.environments[connector.environment]
        shown = connector.name is not None and connector.in_admin_list and home.admin_readable
        definition = connector.definition
        content = definition.content if shown and definition is not None else b""
        if content and len(content) < _MOST_BYTES and roundtrips(content):
            document = json.loads(content.decode("utf-8-sig"))
            if isinstance(document, dict):
                yield connector, document


def _plain(document: Json) -> bool:
    host = str(document.get("host") or "")
    text = json.dumps(document)
    return (
        document.get("swagger") == "2.0"
        and isinstance(document.get("info"), dict)
        and _PLAIN_HOST.fullmatch(host) is not None
        and _SERVICES.fullmatch(host) is None
        and not any(word in text for word in _ODD)
    )


def _backend(
    tenant: Tenant, connector: Connector, document: Json, plan: Plan, number: int
) -> Backend | None:
    """Return the API behind a connector, None if what is planned finds no place in it."""
    definition = connector.definition
    if definition is None:
        return None
    draft = draft_of(definition.content, stream(tenant.seed, "backend", number))
    stages = []
    for kinds in (plan.kinds, plan.coming):
        for kind in kinds:
            before = len(draft.facts)
            MUTATIONS[kind](draft)
            if len(draft.facts) == before:
                return None
        stages.append(_published(draft, plan.form))
    now, later = stages
    return Backend(
        environment=connector.environment,
        connector=str(connector.name),
        host=str(document["host"]),
        path=plan.path,
        usual=plan.usual,
        form=plan.form,
        behaviour=plan.behaviour,
        published=now,
        coming=later if plan.coming else None,
    )


def _published(draft: Draft, form: str) -> Published:
    """Return what an API says now: what it has more than the connector is no difference."""
    added = [fact for fact in draft.facts if fact.change == "operation added"]
    return Published(
        published(draft.document, form),
        tuple(fact for fact in draft.facts if fact not in added),
        tuple(str(fact.operation_id) for fact in added),
    )
