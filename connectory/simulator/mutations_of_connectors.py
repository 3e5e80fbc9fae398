"""Changes of a connector as a whole: where it calls, how it signs in, and what stands beside it."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Final

from connectory.simulator.drafts import Draft, fresh

_KEY: Final = {"type": "apiKey", "in": "header", "name": "X-Next-Key"}


def stage_host(stage: str) -> Callable[[Draft], None]:
    """Return the change by which a connector calls the host of a stage: that is meant to be."""

    def change(draft: Draft) -> None:
        host = draft.document.get("host")
        if isinstance(host, str) and host:
            draft.document["host"] = own = f"{stage}.{host}"
            draft.plant("host changed", host=own, expected=True)

    return change


def change_host(draft: Draft) -> None:
    """Call another host."""
    host = draft.document.get("host")
    if isinstance(host, str) and host and draft.free("host-changed"):
        draft.document["host"] = own = f"next.{host}"
        draft.plant("host changed", host=own)


def change_base_path(draft: Draft) -> None:
    """Call below another path."""
    base = draft.document.get("basePath", "")
    if isinstance(base, str) and draft.free("base-path-changed"):
        draft.document["basePath"] = f"/next{base.rstrip('/')}"
        draft.plant("base path changed")


def add_scheme(draft: Draft) -> None:
    """Offer to be called without encryption as well."""
    if draft.document.get("schemes") == ["https"] and draft.free("schemes-changed"):
        draft.document["schemes"] = ["https", "http"]
        draft.plant("scheme added")


def change_sign_in(draft: Draft) -> None:
    """Sign in with a key instead of a password, or the reverse."""
    schemes = draft.document.get("securityDefinitions")
    if not isinstance(schemes, dict) or len(schemes) != 1 or not draft.free("security-changed"):
        return
    name, scheme = next(iter(schemes.items()))
    kind = scheme.get("type") if isinstance(scheme, dict) else None
    if kind in ("apiKey", "basic"):
        schemes[name] = {"type": "basic"} if kind == "apiKey" else dict(_KEY)
        draft.plant("sign-in changed")


def raise_version(draft: Draft) -> None:
    """Number the document anew."""
    info = draft.document.get("info")
    if isinstance(info, dict) and draft.free("metadata-changed"):
        info["version"] = f"{draft.rng.randrange(2, 9)}.{draft.rng.randrange(90_000)}"
        draft.plant("version raised", part="info.version")


def change_color(draft: Draft) -> None:
    """Paint the icon otherwise."""
    if draft.free("metadata-changed"):
        draft.extras.brand_color = f"#{draft.rng.randrange(16**6):06x}"
        draft.plant("colour changed", part="iconBrandColor")


def add_connection_parameter(draft: Draft) -> None:
    """Ask whoever connects for one thing more."""
    if draft.free("connection-parameters-changed"):
        parameters = deepcopy(draft.extras.connection_parameters)
        design = {"displayName": "Region", "constraints": {"required": "true"}}
        name = fresh("region", set(parameters))
        parameters[name] = {"type": "string", "uiDefinition": design}
        draft.extras.connection_parameters = parameters
        draft.plant("connection parameter added", name=name)


def add_policy(draft: Draft) -> None:
    """Send a header more with every call."""
    if draft.free("policies-changed"):
        policy = {
            "templateId": "setheader",
            "title": "Add trace",
            "parameters": {
                "x-ms-apimTemplateParameter.name": "X-Trace",
                "x-ms-apimTemplateParameter.value": "on",
                "x-ms-apimTemplateParameter.existsAction": "override",
                "x-ms-apimTemplate-policySection": "Request",
                "x-ms-apimTemplate-operationName": [],
            },
        }
        draft.extras.policies = [*deepcopy(draft.extras.policies), policy]
        draft.plant("policy added", part="setheader")


def widen_script(draft: Draft) -> None:
    """Let the custom code of a connector handle one operation more."""
    handled = draft.extras.script_operations
    spot = draft.pick(draft.spots()) if handled and draft.free("script-changed") else None
    if spot is not None:
        draft.extras.script_operations = [*handled, spot.id]
        draft.plant("script widened")


OF_CONNECTORS: Final[dict[str, Callable[[Draft], None]]] = {
    "host-dev": stage_host("dev"),
    "host-test": stage_host("test"),
    "change-host": change_host,
    "change-base-path": change_base_path,
    "add-scheme": add_scheme,
    "change-sign-in": change_sign_in,
    "version": raise_version,
    "change-color": change_color,
    "add-connection-parameter": add_connection_parameter,
    "add-policy": add_policy,
    "widen-script": widen_script,
}
