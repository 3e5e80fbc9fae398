"""What a connector is beside its OpenAPI document: connection parameters, policies, code, looks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class ConnectorProperties:
    """The properties of a connector that people export, or the platform tells.

    Attributes:
        connection_parameters: What a connection asks for, by name, as the platform writes it.
        connection_parameter_sets: The same where makers choose among several.
        policies: Instances of policy templates, as written.
        script_operations: Operations that run custom code; empty with a script means all.
        script: Hash of the code; None if there is none or it is not known.
        capabilities: Such as gateway and cloud.
        brand_color: Colour of the icon, #rrggbb.
        publisher: Who made it.
        stack_owner: Who owns the API behind it.
    """

    connection_parameters: Mapping[str, Any] = field(default_factory=dict)
    connection_parameter_sets: Mapping[str, Any] = field(default_factory=dict)
    policies: tuple[Mapping[str, Any], ...] = ()
    script_operations: tuple[str, ...] = ()
    script: str | None = None
    capabilities: tuple[str, ...] = ()
    brand_color: str | None = None
    publisher: str | None = None
    stack_owner: str | None = None


def properties_of(value: Mapping[str, Any], script: str | None = None) -> ConnectorProperties:
    """Return the properties in an apiProperties.json; what is malformed is left out.

    Args:
        value: The parsed document.
        script: Hash of the script beside it, if any.
    """
    told = value.get("properties", value)
    told = told if isinstance(told, Mapping) else {}
    return ConnectorProperties(
        connection_parameters=_mapping(told.get("connectionParameters")),
        connection_parameter_sets=_mapping(told.get("connectionParameterSets")),
        policies=tuple(
            one for one in _list(told.get("policyTemplateInstances")) if isinstance(one, Mapping)
        ),
        script_operations=_texts(told.get("scriptOperations")),
        script=script,
        capabilities=_texts(told.get("capabilities")),
        brand_color=_text(told.get("iconBrandColor")),
        publisher=_text(told.get("publisher")),
        stack_owner=_text(told.get("stackOwner")),
    )


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(one for one in _list(value) if isinstance(one, str))


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
