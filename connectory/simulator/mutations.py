"""How a connector differs from its sibling or from its own past: small, typed changes, each known.

Only documents that survive being parsed and written again are changed (`openapi.roundtrips`).
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from connectory.simulator.drafts import Draft, Extras, written
from connectory.simulator.drift_facts import PlantedFact
from connectory.simulator.mutations_of_connectors import OF_CONNECTORS
from connectory.simulator.mutations_of_operations import OF_OPERATIONS
from connectory.simulator.mutations_of_parameters import OF_PARAMETERS
from connectory.simulator.mutations_of_schemas import OF_SCHEMAS
from connectory.simulator.randomness import chance

MUTATIONS: Final[Mapping[str, Callable[[Draft], None]]] = {
    **OF_OPERATIONS,
    **OF_PARAMETERS,
    **OF_SCHEMAS,
    **OF_CONNECTORS,
}
"""Every change by its kind; one that finds nothing to change plants nothing."""

USUAL: Final[Mapping[str, float]] = {
    "add-operation": 6, "add-optional-parameter": 4, "add-response-property": 3,
    "add-body-property": 2, "describe": 2.5, "deprecate": 1.5, "remove-operation": 2,
    "rename-operation": 1, "require-parameter": 1, "remove-parameter": 0.7,
    "rename-parameter": 0.4, "demand-parameter": 0.3, "free-parameter": 0.3,
    "retype-parameter": 0.3, "date-parameter": 0.2, "narrow-values": 0.3, "widen-values": 0.3,
    "change-default": 0.6, "set-parameter-aside": 0.5, "bury-parameter": 0.1,
    "rename-body": 0.3, "require-body-property": 0.3, "remove-body-property": 0.4,
    "demand-body-property": 0.3, "retype-body-property": 0.2, "remove-response-property": 0.7,
    "retype-response-property": 0.3, "list-response": 0.2, "change-status": 0.4,
    "remove-schema": 0.2, "remove-notification-property": 0.3, "batch-trigger": 0.1,
    "move-operation": 0.6, "hide-operation": 0.4, "change-host": 0.3, "change-base-path": 0.2,
    "add-scheme": 0.1, "change-sign-in": 0.2, "add-connection-parameter": 0.2, "add-policy": 0.3,
    "widen-script": 0.1, "change-color": 0.3,
}  # fmt: skip
"""How often authors change what, in any unit: mostly what breaks nobody."""


class Mutated(NamedTuple):
    """A changed document, what stands beside it, and every change by which it came about."""

    content: bytes
    extras: Extras
    facts: tuple[PlantedFact, ...]


def draft_of(
    content: bytes, rng: random.Random, extras: Extras | None = None, taken: Iterable[str] = ()
) -> Draft:
    """Return a document as a draft.

    Args:
        content: A JSON object.
        rng: Decides what is changed.
        extras: What stands beside the document; changes never reach into it.
        taken: Grounds on which nothing is to be changed.

    Raises:
        ValueError: `content` is no JSON object.
    """
    document = json.loads(content.decode("utf-8-sig"))
    if not isinstance(document, dict):
        raise ValueError("only a JSON object can be mutated")  # noqa: TRY004 - input, not a bug
    own = extras or Extras()
    beside = Extras(own.connection_parameters, own.policies, own.script_operations, own.brand_color)
    return Draft(document, rng, beside, set(taken), content=content)


def mutate(
    content: bytes,
    rng: random.Random,
    kinds: Sequence[str],
    *,
    extras: Extras | None = None,
    taken: Iterable[str] = (),
) -> Mutated:
    """Return a definition with the named changes applied in order, and which of them were made.

    Args:
        content: The document.
        rng: Decides where.
        kinds: Keys of `MUTATIONS`.
        extras: What stands beside the document.
        taken: Grounds on which nothing is to be changed.

    Raises:
        ValueError: `content` is no JSON object, or a kind is unknown.
    """
    draft = draft_of(content, rng, extras, taken)
    for kind in kinds:
        if kind not in MUTATIONS:
            raise ValueError(f"unknown mutation {kind!r}; known: {', '.join(sorted(MUTATIONS))}")
        MUTATIONS[kind](draft)
    return finished(draft)


def finished(draft: Draft) -> Mutated:
    """Return what a draft has become."""
    same = json.loads(draft.content.decode("utf-8-sig")) == draft.document
    content = draft.content if same else written(draft.document)
    return Mutated(content, draft.extras, tuple(draft.facts))


def usual_change(draft: Draft) -> None:
    """Make one change of those that authors make, if any can be made."""
    left, before = dict(USUAL), len(draft.facts)
    while left and len(draft.facts) == before:
        kind = draft.rng.choices(list(left), list(left.values()))[0]
        MUTATIONS[kind](draft)
        del left[kind]


def sibling(
    content: bytes,
    rng: random.Random,
    stage: str,
    *,
    extras: Extras | None = None,
    taken: Iterable[str] = (),
    plain: bool = False,
) -> Mutated:
    """Return how the connector in `content` looks at `stage` (`dev` or `test`) of its chain.

    Its host always differs; in some connectors something else does as well.

    Args:
        content: The document of the production stage.
        rng: Decides whether and where it differs.
        stage: Which.
        extras: What stands beside the document.
        taken: Grounds on which nothing is to be changed.
        plain: Nothing but the host may differ.
    """
    draft = draft_of(content, rng, extras, taken)
    MUTATIONS[f"host-{stage}"](draft)
    if not plain and chance(rng, 0.4 if stage == "dev" else 0.15):
        usual_change(draft)
    return finished(draft)


def drifted(
    content: bytes,
    rng: random.Random,
    *,
    extras: Extras | None = None,
    taken: Iterable[str] = (),
) -> Mutated:
    """Return the next version of a definition: mostly compatible, now and then breaking."""
    draft = draft_of(content, rng, extras, taken)
    usual_change(draft)
    if chance(rng, 0.2) and draft.facts:
        MUTATIONS["version"](draft)
    return finished(draft)
