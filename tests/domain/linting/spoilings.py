"""For each rule: what makes a connector trip it, and what comes near without tripping it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from whole_connector import DEFINITION, GONE, PROPERTIES, spoiled

_LIST: Final = "/paths/~1harbours/get"
_TIDES: Final = "/paths/~1harbours~1{id}~1tides"
_DAYS: Final = f"{_TIDES}/get/parameters/1"
_ID: Final = f"{_TIDES}/parameters/0"
_VALUES: Final = f"{_ID}/x-ms-dynamic-values"
_OLD: Final = "/paths/~1readings/post"
_NEW: Final = "/paths/~1v2~1readings/post"
_OUTPUT: Final = f"{_NEW}/responses/200/schema"
_HOOK: Final = "/paths/~1hooks/post"
_TARGET: Final = f"{_HOOK}/parameters/0/schema/properties/target"
_WATCH: Final = "/paths/~1tide-watch/get"
_PHOTO: Final = "/paths/~1photos/post"
_COUNTRY: Final = "/parameters/country"
_LIMIT: Final = "/parameters/limit"
_PLACE: Final = "/definitions/Place"
_READING: Final = "/definitions/Reading"
_ANNOTATION: Final = "x-ms-api-annotation"
_TEXT: Final = {"type": "string"}
_LONG: Final = "A" * 121

Edit = tuple[str, Any]


@dataclass(frozen=True)
class Spoiling:
    """A definition, with its properties, spoiled in one way."""

    definition: bytes
    properties: bytes = spoiled(PROPERTIES)
    has_script: bool = True


def _of(*edits: Edit) -> Spoiling:
    return Spoiling(spoiled(DEFINITION, *edits))


def _told(*edits: Edit, has_script: bool = True) -> Spoiling:
    there = [("/properties" + pointer if pointer else "/properties", v) for pointer, v in edits]
    return Spoiling(spoiled(DEFINITION), spoiled(PROPERTIES, *there), has_script)


def _file(before: str, after: str, encoding: str = "utf-8") -> Spoiling:
    text = spoiled(DEFINITION).decode()
    assert before in text
    return Spoiling(text.replace(before, after, 1).encode(encoding))


def _parameter(**parts: Any) -> dict[str, Any]:
    plain = {"in": "query", "type": "string", "x-ms-summary": "Mark", "description": "A mark."}
    return {"name": "mark", **plain, **parts}


def _operation(**parts: Any) -> dict[str, Any]:
    schema = {"type": "object", "properties": {"a": _TEXT}}
    return {
        "summary": "Read mark",
        "description": "Reads a mark of a gauge.",
        "responses": {"200": {"description": "It.", "schema": schema}},
        **parts,
    }


_NAMED: Final = {"name": "mark", "in": "path", "required": True, "x-ms-url-encoding": "single"}
_IN_PATH: Final = [_parameter(**_NAMED)]

TRIPPING: Final[dict[str, list[Spoiling]]] = {
    # --- the file
    "FileNotJson": [Spoiling(b"swagger: '2.0'\ninfo: {}\npaths: {}\n")],
    "FileNotUtf8": [_file("Harbour Office", "Caf\xe9", "cp1252")],
    "FileByteOrderMark": [_file('{\n "swagger"', '\ufeff{\n "swagger"')],
    "FileTrailingComma": [Spoiling(spoiled(DEFINITION)[:-2] + b",\n}")],
    "FileComment": [_file("{\n", "{ // ours\n"), _file("{\n", "{ /* ours */\n")],
    "FileTextAfterDocument": [Spoiling(spoiled(DEFINITION) + b"}")],
    "FileControlCharacter": [_file("Harbour Office", "Harbour\tOffice")],
    "FileRepeatedKey": [_file('"version": "1.0"', '"version": "1.0", "version": "2.0"')],
    "FileNumberNotJson": [
        _file('"multipleOf": 1', '"multipleOf": NaN'),
        _file('": 50', '": 1e999'),
    ],
    "FileBrokenCharacter": [_file("Harbour Office", "\\ud800")],
    "FileYamlTag": [Spoiling(b"swagger: '2.0'\ninfo: !!set {}\npaths: {}\n")],
    "ReferenceNotLocal": [_of((f"{_PLACE}/properties/near/$ref", "other.json#/definitions/Place"))],
    # --- the specification
    "SpecificationVersionIncorrect": [
        _of(("/swagger", "1.2")),
        _of(("/swagger", 2.0)),
        _of(("/swagger", GONE)),
        _of(("/swagger", GONE), ("/openapi", "3.0.3")),
    ],
    "OperationsMissing": [_of(("/paths", {})), _of(("/paths", {"/a": {}}))],
    "RequiredPropertyMissing": [
        _of(("/info/version", GONE)),
        _of((f"{_DAYS}/type", GONE)),
        _of(("/responses/Failed/description", GONE)),
        _of(("/tags/0/name", GONE)),
    ],
    "AdditionalPropertyNotAllowed": [
        _of(("/info/owner", "me")),
        _of((f"{_LIST}/parameters/0", _parameter(nullable=True))),
        _of((f"{_PLACE}/oneOf", [])),
        _of((f"{_TIDES}/trace", {})),
    ],
    "JsonTypeIncorrect": [
        _of(("/info/title", 5)),
        _of((f"{_PLACE}/required", True)),
        _of((f"{_PLACE}/minItems", -1)),
        _of((f"{_OLD}/deprecated", "true")),
        _of((f"{_TIDES}/get/tags", [1])),
        _of(("/security", {})),
    ],
    "JsonValueNotInEnum": [_of((f"{_DAYS}/in", "url")), _of((f"{_PLACE}/type", "uuid"))],
    # --- title, description and contact
    "RequiredValueEmpty": [_of(("/info/title", " "))],
    "FieldLengthExceeded": [_of(("/info/title", "Tides of all the harbours of all the seas"))],
    "ValueContainsRestrictedWords": [
        _of(("/info/title", "Tides API")),
        _of(("/info/title", "Tides for PowerApps")),
        _of(("/info/title", "Tide connector")),
    ],
    "ValueMustEndWithAlphanumeric": [
        _of(("/info/title", "Tides (Kiel)")),
        _of(("/info/title", "Tides ")),
    ],
    "ValueMustBeInEnglish": [_of(("/info/title", "Gezeiten für alle"))],
    "FieldLengthNotInRange": [
        _of(("/info/description", "Short.")),
        _of(("/info/description", "a" * 501)),
    ],
    "DescriptionSaysApi": [
        _of(("/info/description", "Calls the API of the harbour office for tides."))
    ],
    "DescriptionSaysProduct": [
        _of(("/info/description", "Brings all tides of the sea to Power Apps."))
    ],
    "ContactIncomplete": [_of(("/info/contact", GONE)), _of(("/info/contact/email", ""))],
    "ContactEmailNotValid": [_of(("/info/contact/email", "help at tides"))],
    "UrlNotValid": [
        _of(("/info/contact/url", "tides.example.com")),
        _of(("/externalDocs/url", "hhttp://a.example")),
        _of(("/x-ms-connector-metadata/0/propertyValue", "www.tides.example.com")),
        _of(("/info/license/url", "http://[tides")),
    ],
    # --- metadata
    "ConnectorMetadataPropertiesMissing": [
        _of(("/x-ms-connector-metadata", GONE)),
        _of(("/x-ms-connector-metadata/1", GONE)),
    ],
    "InvalidConnectorCategory": [_of(("/x-ms-connector-metadata/2/propertyValue", "data"))],
    "TooManyConnectorCategories": [
        _of(("/x-ms-connector-metadata/2/propertyValue", "AI;Data;Finance"))
    ],
    # --- host
    "HostMissing": [_of(("/host", GONE))],
    "HostNameNotValid": [
        _of(("/host", "https://tides.example.com")),
        _of(("/host", "a.example/v1")),
        _of(("/host", "{{h}}")),
    ],
    "BasePathNotValid": [_of(("/basePath", "v1"))],
    "SchemesArrayEmpty": [_of(("/schemes", []))],
    "SchemeNotValid": [_of(("/schemes", ["https", "ftp"]))],
    "SchemeNotSupported": [_of(("/schemes", ["https", "wss"]))],
    "HttpsMissing": [_of(("/schemes", ["http"]))],
    # --- operations
    "OperationIdRequired": [_of((f"{_LIST}/operationId", GONE)), _of((f"{_LIST}/operationId", ""))],
    "OperationIdNotUnique": [_of((f"{_PHOTO}/operationId", "ListTides"))],
    "OperationIdSanitized": [_of((f"{_WATCH}/operationId", "On-tide"))],
    "OperationIdTooLong": [_of((f"{_WATCH}/operationId", _LONG))],
    "OperationSummaryMissing": [_of((f"{_LIST}/summary", GONE)), _of((f"{_LIST}/summary", " "))],
    "OperationSummaryTooLong": [_of((f"{_LIST}/summary", _LONG))],
    "OperationSummaryLong": [_of((f"{_LIST}/summary", _LONG[:81]))],
    "RestrictedCharactersInSummary": [_of((f"{_LIST}/summary", "List harbours/ports"))],
    "SummaryMustEndWithAlphanumeric": [_of((f"{_LIST}/summary", "List harbours."))],
    "OperationDescriptionMissing": [_of((f"{_LIST}/description", GONE))],
    "OperationDescriptionSameAsSummary": [_of((f"{_LIST}/description", "List harbours."))],
    "OperationMustHaveResponse": [
        _of((f"{_LIST}/responses", {})),
        _of((f"{_LIST}/responses", GONE)),
    ],
    "OperationShouldHaveSuccessfulResponse": [
        _of((f"{_LIST}/responses", {"400": {"description": "No."}}))
    ],
    "ResponseMustBeDefaultOrHttpStatusCode": [
        _of((f"{_LIST}/responses/2XX", {"description": "It."}))
    ],
    "SchemaDefinitionSetIncorrectly": [
        _of((f"{_LIST}/responses/200/schema", GONE)),
        _of((f"{_LIST}/responses", {"202": {"description": "It.", "schema": _TEXT}})),
    ],
    "OperationHasManyResponsesWithSchema": [
        _of((f"{_LIST}/responses/201", {"description": "It.", "schema": _TEXT})),
    ],
    "DefaultResponseHasSchema": [
        _of((f"{_LIST}/responses/default", {"description": "It.", "schema": _TEXT})),
        _of((f"{_LIST}/responses/default", {"$ref": "#/responses/Empty"})),
    ],
    "BodyOrFormDataParameterInFetchOperationNotAllowed": [
        _of((f"{_LIST}/parameters/-", {"name": "b", "in": "body", "schema": _TEXT})),
        _of((f"{_LIST}/parameters/-", _parameter(**{"in": "formData"}))),
    ],
    "ConsumesMissing": [_of((f"{_NEW}/consumes", []))],
    "MimeTypeNotValid": [_of((f"{_NEW}/consumes", ["json"]))],
    "MimeTypeNotSupported": [
        _of((f"{_NEW}/consumes", ["application/xml"])),
        _of(("/consumes", ["text/xml"])),
    ],
    "MimeTypeNotCompatibleWithRequestContentSchemaType": [_of((f"{_PHOTO}/consumes", GONE))],
    "TagRedefined": [_of(("/tags/1/name", "tides"))],
    "TriggerSummaryShouldSayWhen": [_of((f"{_WATCH}/summary", "On tide change"))],
    # --- paths
    "OperationPathMustStartWithSlash": [
        _of(("/paths/marks", {"get": _operation(operationId="M")}))
    ],
    "OperationPathMayNotContainQueryOrFragment": [
        _of(("/paths/~1marks?a=1", {"get": _operation(operationId="M")})),
        _of(("/paths/~1marks#a", {"get": _operation(operationId="M")})),
    ],
    "OperationPathContainsUnsupportedCharacters": [
        _of(("/paths/~1marks~1*", {"get": _operation()}))
    ],
    "OperationPathTemplateNotValid": [
        _of(("/paths/~1a~1{b", {})),
        _of(("/paths/~1{a~1b}", {})),
        _of(("/paths/~1{}", {})),
    ],
    "OperationPathVariablesContainDefaults": [
        _of(
            ("/paths/~1marks~1{mark=1}", {"get": _operation(operationId="M", parameters=_IN_PATH)})
        ),
    ],
    "PathItemRefNotSuppored": [_of(("/paths/~1marks", {"$ref": "#/paths/~1harbours"}))],
    "PathRedefined": [_of(("/paths/~1Harbours", {"post": _operation(operationId="M")}))],
    "OperationMissingPathParameter": [_of((f"{_TIDES}/parameters", []))],
    "PathParameterNotDefinedInTemplate": [_of((f"{_LIST}/parameters", _IN_PATH))],
    "PathParameterMustBeRequired": [_of((f"{_ID}/required", False))],
    "PathParameterMissingEncoding": [
        _of((f"{_ID}/x-ms-url-encoding", GONE)),
        _of((f"{_ID}/x-ms-url-encoding", "none")),
    ],
    "QueryParameterEncodingNotSupported": [_of((f"{_DAYS}/x-ms-url-encoding", "single"))],
    "DuplicateOperationPath": [
        _of(
            (
                "/paths/~1harbours~1{mark}~1tides",
                {"get": _operation(operationId="M", parameters=_IN_PATH)},
            )
        ),
    ],
    "PartialDuplicateOperationPath": [
        _of(("/paths/~1{mark}", {"post": _operation(operationId="M", parameters=_IN_PATH)})),
    ],
    # --- parameters
    "OperationParametersContainDuplicateParameter": [
        _of((f"{_LIST}/parameters", [_parameter(), _parameter()]))
    ],
    "PathParametersContainDuplicateParameter": [
        _of((f"{_TIDES}/parameters", [_parameter(), _parameter()]))
    ],
    "OperationParametersContainMultipleBodyParameters": [
        _of((f"{_NEW}/parameters/-", {"name": "b", "in": "body", "schema": _TEXT})),
    ],
    "PathParametersContainMultipleBodyParameters": [
        _of((f"{_TIDES}/parameters", [{"name": n, "in": "body", "schema": _TEXT} for n in "ab"])),
    ],
    "ParameterListContainsFormDataAndBody": [
        _of((f"{_NEW}/parameters/-", _parameter(**{"in": "formData"})))
    ],
    "BodyParameterSchemaRequired": [_of((f"{_NEW}/parameters/0/schema", GONE))],
    "BodyParameterPropertyNotValid": [_of((f"{_NEW}/parameters/0/type", "object"))],
    "NonBodyParameterSchemaNotValid": [_of((f"{_DAYS}/schema", _TEXT))],
    "FileParameterMustBeInFormData": [_of((f"{_DAYS}/type", "file"))],
    "ConnectionIdParameterNotAllowed": [_of((f"{_DAYS}/name", "connectionId"))],
    "CollectionFormatValueNotSupported": [
        _of((f"{_DAYS}/collectionFormat", "commas")),
        _of((f"{_ID}/collectionFormat", "multi")),
    ],
    "AllowEmptyValueOnlyValidForQueryFormData": [_of((f"{_ID}/allowEmptyValue", True))],
    "InvalidFormDataParameterName": [_of((f"{_PHOTO}/parameters/0/name", "größe"))],
    "ParameterSummaryMissing": [_of((f"{_DAYS}/x-ms-summary", GONE))],
    "ParameterSummaryTooLong": [_of((f"{_DAYS}/x-ms-summary", _LONG))],
    "ParameterDescriptionMissing": [_of((f"{_DAYS}/description", " "))],
    # --- values
    "DefaultValueMustMatchType": [
        _of((f"{_LIMIT}/default", "5")),
        _of((f"{_LIMIT}/default", True)),
        _of((f"{_LIMIT}/default", 1.5)),
        _of((f"{_READING}/properties/metres/default", None)),
        _of((f"{_PLACE}/default", [])),
    ],
    "DefaultValueNotInEnum": [_of((f"{_COUNTRY}/default", "fr"))],
    "EnumMustContainAtLeastOneElement": [_of((f"{_DAYS}/items/enum", []))],
    "InvalidEnumValue": [_of((f"{_DAYS}/items/enum", ["today", 1]))],
    "ArrayDuplicateValue": [_of((f"{_DAYS}/items/enum", ["today", "today"]))],
    "MissingEnumValuesDisplayName": [_of((f"{_COUNTRY}/x-ms-enum-values/0/displayName", GONE))],
    "InvalidEnumValuesExtensionValue": [_of((f"{_COUNTRY}/x-ms-enum-values/0/value", "fr"))],
    "DuplicateEnumValuesInExtension": [_of((f"{_COUNTRY}/x-ms-enum-values/0/value", "nl"))],
    "ArrayHasNoItems": [
        _of((f"{_DAYS}/items", GONE)),
        _of((f"{_READING}/properties/marks/items", GONE)),
    ],
    "MinimumShouldBeLessThanOrEqualToMaximum": [_of((f"{_LIMIT}/minimum", 51))],
    "MinLengthShouldBeLessThanOrEqualToMaxLength": [
        _of((f"{_PLACE}/properties/name/minLength", 81))
    ],
    "MinItemsShouldBeLessThanOrEqualToMaxItems": [
        _of((f"{_READING}/properties/marks/minItems", 10))
    ],
    "ExclusiveMaximumRequiresMaximum": [_of((f"{_LIMIT}/maximum", GONE))],
    "ExclusiveMinimumRequiresMinimum": [
        _of((f"{_LIMIT}/exclusiveMinimum", True), (f"{_LIMIT}/minimum", GONE))
    ],
    "MultipleOfMustBeGreaterThanZero": [_of((f"{_LIMIT}/multipleOf", 0))],
    "PatternShouldBeValidRegularExpression": [
        _of((f"{_PLACE}/properties/name/pattern", "([a-z")),
        _of((f"{_PLACE}/properties/name/pattern", "*")),
    ],
    "UnrecognizedTypeFormat": [
        _of((f"{_LIMIT}/format", "int16")),
        _of((f"{_LIST}/responses/200/headers/X-Left/format", "date")),
    ],
    # --- schemas and references
    "SchemaReferenceNotFound": [
        _of((f"{_PLACE}/properties/near/$ref", "#/definitions/Nowhere")),
        _of((f"{_TIDES}/get/responses/200/schema/items/$ref", "#/definitions/Nowhere")),
    ],
    "SchemaReferenceNotValid": [
        _of((f"{_PLACE}/properties/near/$ref", "#/parameters/country")),
        _of((f"{_PLACE}/properties/near/$ref", 5)),
        _of((f"{_PLACE}/properties/near/$ref", "#")),
    ],
    "ParameterReferenceNotFound": [_of((f"{_LIST}/parameters/0/$ref", "#/parameters/region"))],
    "ParameterReferenceNotValid": [_of((f"{_LIST}/parameters/0/$ref", "#/definitions/Place"))],
    "ResponseReferenceNotFound": [_of((f"{_LIST}/responses/default/$ref", "#/responses/Lost"))],
    "ResponseReferenceNotValid": [_of((f"{_LIST}/responses/default/$ref", "#/definitions/Place"))],
    "SchemaRefLoopNotAllowed": [
        _of(
            ("/definitions/A", {"$ref": "#/definitions/B"}),
            ("/definitions/B", {"$ref": "#/definitions/A"}),
        ),
    ],
    "ParameterRefLoopNotAllowed": [_of(("/parameters/a", {"$ref": "#/parameters/a"}))],
    "ResponseRefLoopNotAllowed": [_of(("/responses/a", {"$ref": "#/responses/a"}))],
    "AdditionalPropertyNotAllowedAdjacentToRef": [
        _of((f"{_PLACE}/properties/near/description", "Near it."))
    ],
    "RequiredLoopInSchemaNotAllowed": [
        _of((f"{_PLACE}/required", ["name", "near"])),
        _of(
            (
                "/definitions/A",
                {
                    "type": "object",
                    "required": ["b"],
                    "properties": {"b": {"$ref": "#/definitions/B"}},
                },
            ),
            ("/definitions/B", {"allOf": [{"$ref": "#/definitions/A"}]}),
        ),
    ],
    "RequiredPropertyArrayEmpty": [_of((f"{_PLACE}/required", []))],
    "RequiredPropertyNotOnObject": [_of((f"{_READING}/properties/marks/required", ["a"]))],
    "RequiredPropertyDefinitionMissing": [_of((f"{_PLACE}/required", ["name", "height"]))],
    "RequiredReadOnlyPropertyNotAllowedAsInput": [
        _of((f"{_READING}/required", ["source", "gauge", "seen"]))
    ],
    "SchemaTypeFileNotValid": [_of((f"{_PLACE}/properties/name/type", "file"))],
    "DiscriminatorMustBeARequiredStringProperty": [
        _of(("/definitions/Tide/required", ["at"])),
        _of(("/definitions/Tide/discriminator", "sort")),
    ],
    # --- internal
    "InternalPropertyWithDefaultOptional": [
        _of((f"{_COUNTRY}/required", False), (f"{_COUNTRY}/x-ms-visibility", "internal")),
    ],
    "PropertyMustBeRequired": [_of((f"{_READING}/required", ["gauge"]))],
    # --- dynamic values and schemas
    "OperationIdNotFound": [
        _of((f"{_VALUES}/operationId", "ListPorts")),
        _of((f"{_OUTPUT}/x-ms-dynamic-schema/operationId", "No")),
        _of((f"{_WATCH}/x-ms-notification/operationId", "No")),
    ],
    "OperationMissingRequiredProperty": [_of((f"{_OUTPUT}/x-ms-dynamic-schema/parameters", {}))],
    "OperationParameterNameNotFound": [
        _of((f"{_VALUES}/parameters/region", "north")),
        _of(
            (
                f"{_DAYS}/x-ms-dynamic-values",
                {
                    "operationId": "ListHarbours",
                    "value-collection": "value",
                    "parameters": {"country": {"parameter": "region"}},
                },
            )
        ),
    ],
    "OperationParameterStaticTypeMismatch": [
        _of((f"{_VALUES}/parameters/limit", "5")),
        _of((f"{_VALUES}/parameters/country", {"value": 5})),
    ],
    "OperationParameterTypeMismatch": [
        _of(
            (
                f"{_DAYS}/x-ms-dynamic-values",
                {
                    "operationId": "ListHarbours",
                    "value-collection": "value",
                    "parameters": {"limit": {"parameter": "country"}},
                },
            )
        ),
    ],
    "OperationParameterRequiredMismatch": [
        _of(
            (f"{_LIST}/parameters/-", _parameter(required=True)),
            (f"{_TIDES}/get/parameters/-", _parameter()),
            (
                f"{_DAYS}/x-ms-dynamic-values",
                {
                    "operationId": "ListHarbours",
                    "value-collection": "value",
                    "parameters": {"mark": {"parameter": "mark"}},
                },
            ),
        ),
    ],
    "InvokedOperationShouldProduceArray": [
        _of((f"{_VALUES}/value-collection", "harbours")),
        _of((f"{_VALUES}/value-collection", "nextLink")),
        _of((f"{_VALUES}/value-collection", GONE)),
        _of((f"{_ID}/x-ms-dynamic-list/itemsPath", "nextLink")),
    ],
    "InvokedOperationShouldProduceProperty": [
        _of((f"{_VALUES}/value-title", "title")),
        _of((f"{_ID}/x-ms-dynamic-list/itemTitlePath", "place/title")),
        _of(
            (f"{_OUTPUT}/x-ms-dynamic-schema/value-path", "shape"),
            (f"{_OUTPUT}/x-ms-dynamic-properties", GONE),
        ),
    ],
    "DynamicListExtensionRequiredForAmbiguousReferences": [
        _of(
            (
                f"{_NEW}/parameters/-",
                _parameter(
                    name="gauge",
                    **{
                        "x-ms-dynamic-values": {
                            "operationId": "ListHarbours",
                            "value-collection": "value",
                            "parameters": {"country": {"parameter": "gauge"}},
                        }
                    },
                ),
            )
        ),
    ],
    "DynamicListExtensionRequiredForNonParameterReferences": [
        _of(
            (f"{_VALUES}/parameters/country/parameter", "place/country"),
            (f"{_ID}/x-ms-dynamic-list", GONE),
        ),
    ],
    "DynamicPropertiesExtensionRequiredForAmbiguousReferences": [
        _of(
            (f"{_NEW}/parameters/-", _parameter(name="gauge")),
            (f"{_OUTPUT}/x-ms-dynamic-properties", GONE),
        ),
    ],
    "DynamicPropertiesExtensionRequiredForNonParameterReferences": [
        _of(
            (f"{_OUTPUT}/x-ms-dynamic-schema/parameters/gauge/parameter", "reading/gauge"),
            (f"{_OUTPUT}/x-ms-dynamic-properties", GONE),
        ),
    ],
    "DynamicPropertiesItemValuePathMismatch": [
        _of((f"{_OUTPUT}/x-ms-dynamic-properties/itemValuePath", GONE))
    ],
    "DynamicExtensionDefinitionNotAllowedInParameter": [
        _of((f"{_NEW}/parameters/0/x-ms-dynamic-schema", {"operationId": "ReadSchema"})),
    ],
    # --- webhooks
    "NotificationUrlNotInternal": [_of((f"{_TARGET}/x-ms-visibility", GONE))],
    "NotificationUrlNotRequired": [
        _of((f"{_TARGET}/required", GONE)),
        _of((f"{_HOOK}/parameters/0/schema/required", GONE)),
    ],
    "NotificationUrlNotString": [_of((f"{_TARGET}/properties/url/type", "object"))],
    "NotificationUrlNotAllowedInThisPosition": [
        _of((f"{_DAYS}/x-ms-notification-url", True)),
        _of((f"{_OUTPUT}/properties", {"url": {"type": "string", "x-ms-notification-url": True}})),
    ],
    "OperationMustHaveNotificationContentExtension": [
        _of(("/paths/~1hooks/x-ms-notification-content", GONE))
    ],
    "WebhookOperationsMissingNotificationUrlProperty": [
        _of((f"{_TARGET}/properties/url/x-ms-notification-url", GONE))
    ],
    "NotificationExtensionSupportedForTriggerOnly": [
        _of((f"{_LIST}/x-ms-notification", {"operationId": "OnHighTide"}))
    ],
    "NotificationExtensionNotSupportedInWebhookOperation": [
        _of((f"{_HOOK}/x-ms-notification", {}))
    ],
    "NotificationOperationMustBeWebhook": [
        _of((f"{_WATCH}/x-ms-notification/operationId", "ListTides"))
    ],
    # --- revisions
    "OperationFamilyHasDuplicateRevisions": [_of((f"{_OLD}/{_ANNOTATION}/revision", 2))],
    "OperationFamilyHasManyEmptyRevisions": [
        _of((f"{_OLD}/{_ANNOTATION}/revision", GONE), (f"{_NEW}/{_ANNOTATION}/revision", GONE)),
    ],
    "OperationFamilyHasManyActiveOperations": [
        _of(
            (f"{_OLD}/deprecated", False),
            (f"{_LIST}/{_ANNOTATION}", {"family": "AddReading", "revision": 3}),
            (f"{_PHOTO}/{_ANNOTATION}", {"family": "AddReading", "revision": 4}),
        ),
    ],
    "OperationFamilyHasManyActiveProductionOperations": [_of((f"{_OLD}/deprecated", False))],
    "OperationRevisionEmpty": [_of((f"{_NEW}/{_ANNOTATION}/revision", GONE))],
    "OperationIdShouldEndWithRevision": [_of((f"{_NEW}/operationId", "AddBetterReading"))],
    "OperationStatusAheadOfConnector": [_of((f"/{_ANNOTATION}/status", "Preview"))],
    "ApiAnnotationExtensionReplacementInfoForNonDeprecatedOperations": [
        _of((f"{_OLD}/deprecated", GONE))
    ],
    "ApiAnnotationExtensionReplacementInfoMissingApiProperty": [
        _of((f"{_OLD}/{_ANNOTATION}/replacement/api", GONE))
    ],
    "ApiAnnotationExtensionReplacementInfoMissingOperationIdProperty": [
        _of((f"{_OLD}/{_ANNOTATION}/replacement/operationId", "")),
    ],
    "InvalidNextLinkNameValue": [_of((f"{_TIDES}/get/x-ms-pageable/nextLinkName", "next"))],
    # --- security
    "SecurityRequirementMustBeDefined": [
        _of(("/security/0", {"token": []})),
        _of((f"{_NEW}/security/0", {"t": []})),
    ],
    "SecurityRequirementMustHaveValue": [_of(("/security/0/key", None))],
    "SecurityRequirementMustHaveEmptyValue": [_of(("/security/0/key", ["read"]))],
    "OAuthSecurityRequirementValueMustBeScopeName": [
        _of((f"{_NEW}/security/0/account", ["erase"]))
    ],
    "SecuritySchemePropertyRequired": [
        _of(("/securityDefinitions/key/name", GONE)),
        _of(("/securityDefinitions/account/tokenUrl", "")),
        _of(("/securityDefinitions/account/flow", "device")),
    ],
    "SecuritySchemePropertyNotValid": [
        _of(("/securityDefinitions/key/in", "cookie")),
        _of(("/securityDefinitions/key/flow", "implicit")),
    ],
    # --- apiProperties
    "PropertiesMissing": [_told(("", GONE)), _told(("", []))],
    "PropertiesMemberUnknown": [_told(("/stackowner", "Harbour Office"))],
    "BrandColorNotValid": [_told(("/iconBrandColor", "blue")), _told(("/iconBrandColor", GONE))],
    "BrandColorNotAllowed": [
        _told(("/iconBrandColor", "#007EE5")),
        _told(("/iconBrandColor", "#FFFFFF")),
    ],
    "PublisherMissing": [_told(("/publisher", GONE)), _told(("/publisher", " "))],
    "StackOwnerMissing": [_told(("/stackOwner", GONE))],
    "ConnectionParameterTypeUnknown": [
        _told(("/connectionParameters/key/type", "secret")),
        _told(
            ("/connectionParameterSets", {"values": [{"parameters": {"a": {"type": "secret"}}}]})
        ),
    ],
    "IdentityProviderUnknown": [
        _told(("/connectionParameters/account/oAuthSettings/identityProvider", "tides"))
    ],
    "OAuthSettingsIncomplete": [
        _told(("/connectionParameters/account/oAuthSettings", GONE)),
        _told(("/connectionParameters/account/oAuthSettings/scopes", GONE)),
        _told(("/connectionParameters/account/oAuthSettings/identityProvider", GONE)),
    ],
    "ClientSecretCommitted": [
        _told(
            ("/connectionParameters/account/oAuthSettings/clientSecret", "Zq8~k3Jd92hfKs82kd91jdK2")
        ),
    ],
    "PolicyTemplateUnknown": [_told(("/policyTemplateInstances/0/templateId", "sethost"))],
    "PolicyParameterMissing": [
        _told(
            ("/policyTemplateInstances/0/parameters/x-ms-apimTemplateParameter.urlTemplate", GONE)
        ),
    ],
    "PolicyOperationNotFound": [
        _told(
            ("/policyTemplateInstances/0/parameters/x-ms-apimTemplate-operationName", ["ListPorts"])
        ),
    ],
    "ScriptOperationNotFound": [_told(("/scriptOperations", ["AddPhoto"]))],
    "ScriptMissing": [_told(has_script=False)],
}

NEAR: Final[dict[str, list[Spoiling]]] = {
    "FileTrailingComma": [_file("Harbour Office", "Harbour, }")],
    "FileComment": [_file("Harbour Office", "Harbour // Office /* all */")],
    "FileControlCharacter": [_file("Harbour Office", "Harbour\\tOffice")],
    "FileRepeatedKey": [_file("Harbour Office", "version, version")],
    "FileNumberNotJson": [_file("Harbour Office", "NaN")],
    "FileBrokenCharacter": [_file("Harbour Office", "\\ud83d\\ude00")],
    "FileByteOrderMark": [_file("Harbour Office", "\\ufeff")],
    "FileNotUtf8": [_file("Harbour Office", "Caf\xe9")],
    "AdditionalPropertyNotAllowed": [
        _of(("/x-tides", 1)),
        _of((f"{_PLACE}/properties/oneOf", _TEXT)),
    ],
    "JsonTypeIncorrect": [
        _of((f"{_PLACE}/additionalProperties", False)),
        _of((f"{_LIMIT}/maximum", 49.5)),
    ],
    "SpecificationVersionIncorrect": [_of(("/info/version", "1.2"))],
    "ValueMustEndWithAlphanumeric": [_of(("/info/title", "Tides (Independent Publisher)"))],
    "FieldLengthExceeded": [_of(("/info/title", "Tides of all harbours (Independent Publisher)"))],
    "ValueContainsRestrictedWords": [_of(("/info/title", "Rapid Connections"))],
    "DescriptionSaysApi": [
        _of(("/info/description", "Tells rapidly how the water of a harbour rises."))
    ],
    "FieldLengthNotInRange": [
        _of(("/info/description", "a" * 30)),
        _of(("/info/description", "a" * 500)),
    ],
    "InvalidConnectorCategory": [
        _of(("/x-ms-connector-metadata/2/propertyValue", "AI, Sales and CRM"))
    ],
    "HostNameNotValid": [_of(("/host", "localhost"))],
    "HttpsMissing": [_of(("/schemes", ["http", "https"])), _of(("/schemes", GONE))],
    "OperationIdSanitized": [_of((f"{_WATCH}/operationId", "On_tide_2"))],
    "OperationDescriptionMissing": [_of(("/paths/~1schema/get/description", ""))],
    "OperationShouldHaveSuccessfulResponse": [
        _of((f"{_LIST}/responses/204", {"description": "None."}))
    ],
    "SchemaDefinitionSetIncorrectly": [_of((f"{_HOOK}/responses/201/description", "Done."))],
    "MimeTypeNotSupported": [_of((f"{_NEW}/consumes", ["application/json; charset=utf-8"]))],
    "TriggerSummaryShouldSayWhen": [_of((f"{_WATCH}/summary", "when it turns"))],
    "OperationPathMayNotContainQueryOrFragment": [
        _of(("/paths/~1a%3Fb", {"get": _operation(operationId="M")}))
    ],
    "PathRedefined": [_of(("/paths/~1harbour", {"post": _operation(operationId="M")}))],
    "DuplicateOperationPath": [
        _of(
            (
                "/paths/~1harbours~1{mark}~1tides",
                {"put": _operation(operationId="M", parameters=_IN_PATH)},
            )
        ),
    ],
    "PartialDuplicateOperationPath": [
        _of(("/paths/~1marks~1{mark}", {"get": _operation(operationId="M", parameters=_IN_PATH)})),
    ],
    "OperationParametersContainDuplicateParameter": [
        _of((f"{_LIST}/parameters", [_parameter(), _parameter(**{"in": "header"})])),
    ],
    "ParameterSummaryMissing": [
        _of((f"{_DAYS}/x-ms-summary", GONE), (f"{_DAYS}/x-ms-visibility", "internal"))
    ],
    "DefaultValueMustMatchType": [
        _of((f"{_LIMIT}/default", 5.0)),
        _of((f"{_READING}/properties/metres/default", 5)),
        _of((f"{_LIMIT}/default", None), (f"{_LIMIT}/x-nullable", True)),
    ],
    "ArrayDuplicateValue": [_of((f"{_DAYS}/items/enum", ["today", "Today"]))],
    "PatternShouldBeValidRegularExpression": [
        _of((f"{_PLACE}/properties/name/pattern", "^(?<first>\\p{L}+)\\/\\-$")),
        _of((f"{_PLACE}/properties/name/pattern", "(?<=a)b(?<!c)[[:alpha:]]")),
    ],
    "UnrecognizedTypeFormat": [_of((f"{_LIMIT}/format", "int64"))],
    "SchemaReferenceNotFound": [
        _of(("/definitions/a~1b", _TEXT), (f"{_PLACE}/properties/near/$ref", "#/definitions/a~1b"))
    ],
    "SchemaRefLoopNotAllowed": [_of(("/definitions/Alias", {"$ref": "#/definitions/Place"}))],
    "AdditionalPropertyNotAllowedAdjacentToRef": [
        _of(
            (
                f"{_PLACE}/properties/near",
                {"allOf": [{"$ref": "#/definitions/Place"}], "description": "Near."},
            )
        )
    ],
    "RequiredLoopInSchemaNotAllowed": [
        _of(
            (
                f"{_READING}/properties/again",
                {"type": "array", "items": {"$ref": "#/definitions/Reading"}},
            ),
            (f"{_READING}/required", ["gauge", "source", "again"]),
        ),
    ],
    "RequiredPropertyDefinitionMissing": [_of(("/definitions/Harbour/required", ["id"]))],
    "RequiredReadOnlyPropertyNotAllowedAsInput": [
        _of(("/definitions/Harbours/required", ["nextLink"]))
    ],
    "PropertyMustBeRequired": [
        _of(
            (
                "/definitions/Tide/properties/at",
                {**_TEXT, "x-ms-visibility": "internal", "default": ""},
            )
        )
    ],
    "OperationParameterNameNotFound": [
        _of(
            (
                f"{_DAYS}/x-ms-dynamic-values",
                {"operationId": "AddReadingV2", "parameters": {"reading/gauge": "a", "metres": 5}},
            )
        ),
    ],
    "InvokedOperationShouldProduceArray": [
        _of(
            (f"{_VALUES}/operationId", "ListTides"),
            (f"{_VALUES}/value-collection", GONE),
            (f"{_VALUES}/parameters", {"id": "1", "country": "de"}),
            (f"{_VALUES}/value-path", "at"),
            (f"{_VALUES}/value-title", "at"),
        )
    ],
    "NotificationUrlNotRequired": [
        _of(
            (
                "/definitions/Hook",
                {
                    "type": "object",
                    "required": ["url"],
                    "properties": {
                        "url": {
                            "type": "string",
                            "x-ms-notification-url": True,
                            "x-ms-visibility": "internal",
                        }
                    },
                },
            ),
            (f"{_HOOK}/parameters/0/schema", {"$ref": "#/definitions/Hook"}),
        ),
    ],
    "ClientSecretCommitted": [
        _told(("/connectionParameters/account/oAuthSettings/clientSecret", "YOUR_CLIENT_SECRET")),
        _told(
            ("/connectionParameters/account/oAuthSettings/clientSecret", "[[secret 12345678901]]")
        ),
        _told(("/connectionParameters/account/oAuthSettings/clientSecret", "")),
    ],
    "IdentityProviderUnknown": [
        _told(("/connectionParameters/account/oAuthSettings/identityProvider", "AAD"))
    ],
    "PolicyTemplateUnknown": [_told(("/policyTemplateInstances/0/templateId", "DynamicHostURL"))],
    "ScriptMissing": [_told(("/scriptOperations", []), has_script=False)],
}
"""Further documents that do not trip; the whole connector trips nothing."""
