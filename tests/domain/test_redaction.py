"""Secrets go, everything else stays."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectory.domain.definition import Unreadable, parse
from connectory.domain.redaction import REDACTED, redact_json, redact_json_counted, redact_text

TOKEN = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJub2JvZHkifQ.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        (f"token {TOKEN} refused", TOKEN),
        ("Authorization: Bearer abcdef0123456789", "abcdef0123456789"),
        ("Basic dXNlcjpwYXNzd29yZA==", "dXNlcjpwYXNzd29yZA=="),
        ("https://a.blob.core.windows.net/x?sv=1&sig=abc%2Fdef&se=2", "abc%2Fdef"),
        ("DefaultEndpointsProtocol=https;AccountKey=Zm9v/YmFy==;End", "Zm9v/YmFy=="),
        ("Server=db;Password=hunter22;", "hunter22"),
        ("ftp://joe:hunter22@files.example/x", "joe:hunter22"),
        ("https://f.example/api/x?code=aZ09aZ09aZ09", "aZ09aZ09aZ09"),
        ("https://f.example/?api_key=aZ09aZ09", "aZ09aZ09"),
        ("Server=db;Pwd=hunter22", "hunter22"),
        ("sig=aZ09aZ09aZ09", "aZ09aZ09aZ09"),
        ("Bearer  abcdef0123456789", "abcdef0123456789"),
        ("Ocp-Apim-Subscription-Key: aZ09aZ09", "aZ09aZ09"),
        ("x-functions-key: aZ09aZ09", "aZ09aZ09"),
        ("password: hunter-22", "hunter-22"),
        ("https://x.example/?key=abcdefgh", "abcdefgh"),
        ("https://x.example/?a=1&token=abcdefgh", "abcdefgh"),
        ("client_secret=aZ0~aZ09", "aZ0~aZ09"),
        ("https://aZ09aZ09@files.example/x", "aZ09aZ09"),
        ("https%3A%2F%2Fx.example%2F%3Fsig%3DaZ09aZ09", "aZ09aZ09"),
        ("ghp_aZ09aZ09aZ09aZ09", "ghp_aZ09aZ09aZ09aZ09"),
        ("sk-aZ09aZ09aZ09aZ09", "sk-aZ09aZ09aZ09aZ09"),
        ("xoxb-1234-aZ09aZ09aZ09", "xoxb-1234-aZ09aZ09aZ09"),
        ("https://hooks.slack.com/services/T0/B0/aZ09aZ09", "T0/B0/aZ09aZ09"),
        ("https://a.webhook.office.com/webhookb2/aZ09@aZ09/x", "aZ09@aZ09"),
        ("ApiKey 1a2b3c4d5e6f", "1a2b3c4d5e6f"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIaZ09\nbZ09\n", "MIIaZ09"),
    ],
)
def test_secrets_in_text_go(text: str, secret: str) -> None:
    """What looks like a secret is replaced, wherever it stands in a text."""
    cleaned = redact_text(text)

    assert secret not in cleaned
    assert REDACTED in cleaned


@pytest.mark.parametrize(
    "text",
    [
        "",
        "HTTP Basic Authentication",
        "bearer of news",
        "sig",
        "GetPassword",
        "user@x.example",
        "token: required",
        "Password: the one you sign in with",
        "https://x@connectionParameters('token:host')/",
        "https://api.example@connectionParameters('token:host')/a",
    ],
)
def test_plain_words_stay(text: str) -> None:
    """Words that only speak of secrets are left alone."""
    assert redact_text(text) == text


def test_headers_set_by_policies_lose_their_value() -> None:
    """A policy that sets a header carrying a credential keeps its name and loses its value."""
    policy = {
        "templateId": "setheader",
        "parameters": {
            "x-ms-apimTemplateParameter.name": "X-Api-Key",
            "x-ms-apimTemplateParameter.value": "k-12345",
        },
    }

    assert redact_json(policy)["parameters"] == {
        "x-ms-apimTemplateParameter.name": "X-Api-Key",
        "x-ms-apimTemplateParameter.value": REDACTED,
    }


@pytest.mark.parametrize("header", ["X-Token", "X-Api-Token", "Authorization ", "code", "sig"])
def test_every_carrier_of_a_credential_is_known(header: str) -> None:
    """Headers and query values that carry credentials lose what a policy hard-codes there."""
    policy = {
        "x-ms-apimTemplateParameter.name": header,
        "x-ms-apimTemplateParameter.value": "@dm1nPass",
    }

    assert redact_json(policy)["x-ms-apimTemplateParameter.value"] == REDACTED


@pytest.mark.parametrize(
    "value", ["application/json", "json", "2016-11-01", "logic-apps", "7", "x1.p.example.com"]
)
def test_what_a_policy_plainly_sets_stays(value: str) -> None:
    """Formats, versions, hosts and words that a policy sets are worth reading."""
    policy = {
        "x-ms-apimTemplateParameter.name": "X-Source",
        "x-ms-apimTemplateParameter.value": value,
    }

    assert redact_json(policy) == policy


@pytest.mark.parametrize(
    "described",
    [
        {"key": {"type": "securestring", "default": "hunter22"}},
        {"api_key": {"type": "string", "uiDefinition": {"constraints": {"default": "hunter22"}}}},
        {"name": "api_key", "in": "header", "schema": {"type": "string", "default": "hunter22"}},
        {"example": {"password": "two words hunter22"}},
        {"examples": [{"passwords": ["hunter22", "hunter22"]}]},
        {"headers": {"X-Key": "hunter22"}},
        {"credentials": ["hunter22"]},
    ],
)
def test_what_belongs_to_a_secret_goes_with_it(described: dict[str, Any]) -> None:
    """Type, schema, constraints and example do not hide what they hold."""
    assert "hunter22" not in json.dumps(redact_json(described))


def test_a_number_under_a_secret_name_goes() -> None:
    """A password may consist of digits, whatever its type."""
    assert redact_json({"password": 12345678}) == {"password": REDACTED}


def test_expressions_and_addresses_of_a_sign_in_stay() -> None:
    """What refers to a connection parameter, and where OAuth signs in, is no secret."""
    policy = {
        "x-ms-apimTemplateParameter.name": "Authorization",
        "x-ms-apimTemplateParameter.value": "Bearer @connectionParameters('api_key')",
    }
    oauth = {
        "token": {
            "type": "oauthSetting",
            "oAuthSettings": {
                "clientId": "c",
                "customParameters": {
                    "loginUri": {"value": "https://login.example"},
                    "tenantId": {"value": "common"},
                    "clientSecret": {"value": "hunter22"},
                },
            },
        }
    }

    cleaned = redact_json(oauth)["token"]["oAuthSettings"]["customParameters"]

    assert redact_json(policy) == policy
    assert cleaned == {
        "loginUri": {"value": "https://login.example"},
        "tenantId": {"value": "common"},
        "clientSecret": {"value": REDACTED},
    }


def test_a_long_text_is_read_once() -> None:
    """Half a megabyte that starts like tokens everywhere is redacted in linear time."""
    text = "eyJ" * 170_000

    assert redact_text(text) == text


def test_schemas_stay_and_their_defaults_go() -> None:
    """A property named password keeps its schema and loses default and example."""
    schema = {
        "properties": {
            "password": {"type": "string", "description": "The password", "default": "hunter22"},
            "city": {"type": "string", "default": "Bergen"},
        }
    }

    assert redact_json(schema) == {
        "properties": {
            "password": {"type": "string", "description": "The password", "default": REDACTED},
            "city": {"type": "string", "default": "Bergen"},
        }
    }


_VALUES = st.recursive(
    st.text(max_size=20)
    | st.integers()
    | st.none()
    | st.sampled_from([TOKEN, "Bearer a1b2c3d4e5f6g7"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["password", "default", "name", "value", "apiKey", "type", "x"]), inner
        )
    ),
    max_leaves=20,
)


@given(_VALUES)
def test_redacting_twice_changes_nothing(value: Any) -> None:
    """What was redacted once has nothing left to redact."""
    cleaned, _ = redact_json_counted(value)

    assert redact_json_counted(cleaned) == (cleaned, 0)


def test_real_definitions_stay_readable(corpus: Path) -> None:
    """Redaction touches few values of the real definitions and no key."""
    touched = 0
    for folder in sorted((corpus / "connectors").iterdir()):
        content = (folder / "apiDefinition.swagger.json").read_bytes()
        parsed = parse(content, max_bytes=5_000_000, max_depth=100)
        if isinstance(parsed, Unreadable):
            continue
        cleaned, count = redact_json_counted(parsed[0])
        touched += count
        assert json.dumps(cleaned).count('":') == json.dumps(parsed[0]).count('":')

    assert 0 < touched < 50
