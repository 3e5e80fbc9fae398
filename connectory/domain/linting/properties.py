"""apiProperties.json: how people connect, what policies and scripts do, who is behind it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from connectory.domain.drift.faults import escaped, told
from connectory.domain.linting.findings import Trip
from connectory.domain.linting.subject import Subject, items, mapping, names, text

HOME: Final = "apiProperties#"
"""Begins the pointers into the properties."""
_PROPERTIES: Final = f"{HOME}/properties"
_COLOR: Final = re.compile(r"#[0-9a-fA-F]{6}")
_NOT_ALLOWED: Final = {"#007ee5", "#ffffff"}
_KNOWN: Final = {
    "connectionParameters", "connectionParameterSets", "iconBrandColor", "capabilities",
    "policyTemplateInstances", "publisher", "stackOwner", "scriptOperations",
}  # fmt: skip
_TYPES: Final = {
    "string", "securestring", "oauthsetting", "gatewaysetting", "int", "bool", "clientcertificate",
    "managedidentity",
}  # fmt: skip
_PROVIDERS: Final = {
    "aad", "aadcertificate", "oauth2", "oauth2generic", "bitly", "box", "docusign", "dropbox",
    "dynamicscrmonline", "eventbrite", "facebook", "github", "google", "harvest", "infusionsoft",
    "instagram", "lithium", "mailchimp", "msa", "salesforce", "slack", "smartsheet", "square",
    "squareup", "todoist", "trello", "twitter", "vimeo", "wordpress", "wunderlist", "yammer",
    "zoom", "zendesk",
}  # fmt: skip
_TEMPLATE_NEEDS: Final[dict[str, tuple[str, ...]]] = {
    "dynamichosturl": ("urlTemplate",),
    "dynamicsubdomain": ("urlTemplate",),
    "routerequesttoendpoint": ("newPath",),
    "setheader": ("name", "value"),
    "setqueryparameter": ("name", "value"),
    "setproperty": (
        "newPropertyParentPathTemplate", "newPropertySubPathTemplate", "propertyValuePathTemplate",
    ),
    "setvaluefromurl": ("parameterTemplate", "parameterValueUrl", "parameterValuePathTemplate"),
    "pollingtrigger": ("triggerConfig", "triggerDataPath"),
    "updatenextlink": ("nextLinkPropertyName",),
    "stringreplace": (),
    "convertobjecttoarray": (),
    "convertarraytoobject": (),
    "convertstringtoarray": (),
    "stringtoarray": (),
    "moveproperties": (),
}  # fmt: skip
_PARAMETER: Final = "x-ms-apimTemplateParameter."
_PLACEHOLDER: Final = re.compile(
    r"\W|your|dummy|secret|client|place|todo|change|sample|example|test|x{4}|0{6}", re.IGNORECASE
)
_SHORTEST_SECRET: Final = 12


def check_properties(subject: Subject) -> Iterator[Trip]:
    """Yield what is missing, unknown or dangerous in the properties, if there are any."""
    if subject.properties is None:
        return
    properties = subject.properties.get("properties")
    if not isinstance(properties, Mapping):
        yield Trip("PropertiesMissing", HOME, "the file has no member called properties")
        return
    for key in properties:
        if key not in _KNOWN:
            message = f"{told(key)} is nothing that properties have"
            yield Trip("PropertiesMemberUnknown", f"{_PROPERTIES}/{escaped(key)}", message)
    yield from _brand(properties)
    yield from _connections(properties)
    yield from _policies(subject, properties)
    for at, name in enumerate(names(properties.get("scriptOperations"))):
        if name not in subject.by_id:
            message = f"the script serves {told(name)}, which is no operation"
            yield Trip("ScriptOperationNotFound", f"{_PROPERTIES}/scriptOperations/{at}", message)


def _brand(properties: Mapping[str, Any]) -> Iterator[Trip]:
    place = f"{_PROPERTIES}/iconBrandColor"
    color = properties.get("iconBrandColor")
    if color is None or not _COLOR.fullmatch(text(color)):
        message = (
            f"the colour is {told(repr(color))}" if color is not None else "there is no colour"
        )
        yield Trip("BrandColorNotValid", place if color is not None else _PROPERTIES, message)
    elif text(color).lower() in _NOT_ALLOWED:
        yield Trip(
            "BrandColorNotAllowed", place, f"the colour is {text(color)}, as of a new connector"
        )
    if not text(properties.get("publisher")).strip():
        yield Trip("PublisherMissing", _PROPERTIES, "nobody is named as publisher")
    if not text(properties.get("stackOwner")).strip():
        yield Trip("StackOwnerMissing", _PROPERTIES, "nobody is named as stackOwner")


def _connections(properties: Mapping[str, Any]) -> Iterator[Trip]:
    place = f"{_PROPERTIES}/connectionParameters"
    groups = [(place, mapping(properties.get("connectionParameters")))]
    sets = items(mapping(properties.get("connectionParameterSets")).get("values"))
    for at, one in enumerate(sets):
        where = f"{_PROPERTIES}/connectionParameterSets/values/{at}/parameters"
        groups.append((where, mapping(mapping(one).get("parameters"))))
    for where, group in groups:
        for name, raw in group.items():
            parameter = mapping(raw)
            at_ = f"{where}/{escaped(name)}"
            kind = text(parameter.get("type"))
            if kind.casefold() not in _TYPES:
                message = f"the connection parameter {told(name)} is of type {told(kind)!r}"
                yield Trip("ConnectionParameterTypeUnknown", at_, message)
            settings = mapping(parameter.get("oAuthSettings"))
            if settings:
                yield from _sign_in(f"{at_}/oAuthSettings", settings)
            elif kind.casefold() == "oauthsetting":
                message = f"{told(name)} has no oAuthSettings"
                yield Trip("OAuthSettingsIncomplete", at_, message)


def _sign_in(place: str, settings: Mapping[str, Any]) -> Iterator[Trip]:
    provider = text(settings.get("identityProvider"))
    if not provider:
        yield Trip("OAuthSettingsIncomplete", place, "no identityProvider is named")
    elif provider.casefold() not in _PROVIDERS:
        message = f"{told(provider)!r} is no identity provider that is known"
        yield Trip("IdentityProviderUnknown", f"{place}/identityProvider", message)
    elif not provider.casefold().startswith("aad") and "scopes" not in settings:
        yield Trip("OAuthSettingsIncomplete", place, "no scopes are named")
    secret = text(settings.get("clientSecret"))
    if len(secret) >= _SHORTEST_SECRET and not _is_placeholder(secret):
        message = "a client secret is written in the file"
        yield Trip("ClientSecretCommitted", f"{place}/clientSecret", message)


def _is_placeholder(secret: str) -> bool:
    """Tell whether a text stands for a secret; it is never repeated."""
    wrapped = secret[0] in "[<{$%" and secret[-1] in "]>}%"
    words = _PLACEHOLDER.search(secret.strip("~_-.")) and not any(c.isdigit() for c in secret)
    return wrapped or bool(words)


def _policies(subject: Subject, properties: Mapping[str, Any]) -> Iterator[Trip]:
    for at, raw in enumerate(items(properties.get("policyTemplateInstances"))):
        policy, place = mapping(raw), f"{_PROPERTIES}/policyTemplateInstances/{at}"
        template = text(policy.get("templateId")).casefold()
        given = mapping(policy.get("parameters"))
        called = told(policy.get("title") or policy.get("templateId") or at)
        if template not in _TEMPLATE_NEEDS:
            message = f"the policy {called} is of the template {told(template)!r}"
            yield Trip("PolicyTemplateUnknown", f"{place}/templateId", message)
        for name in _TEMPLATE_NEEDS.get(template, ()):
            if f"{_PARAMETER}{name}" not in given:
                message = f"the policy {called} has no {name}"
                yield Trip("PolicyParameterMissing", f"{place}/parameters", message)
        operations = given.get("x-ms-apimTemplate-operationName")
        for number, name in enumerate(names(operations)):
            if name not in subject.by_id:
                message = f"the policy {called} is for {told(name)}, which is no operation"
                where = f"{place}/parameters/x-ms-apimTemplate-operationName/{number}"
                yield Trip("PolicyOperationNotFound", where, message)
