"""A value of another kind is another value, also where the two compare as equal."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from readings import compared

_FLAG: dict[str, Any] = {"name": "flag", "in": "query", "type": "string", "default": False}
_BEFORE: dict[str, Any] = {
    "swagger": "2.0",
    "paths": {
        "/a": {
            "get": {
                "operationId": "A",
                "parameters": [_FLAG, {"$ref": "#/parameters/shared"}],
                "responses": {},
            }
        }
    },
    "parameters": {"shared": {"name": "size", "in": "query", "type": "number", "default": 1}},
}


@pytest.mark.parametrize("elsewhere", [False, True])
def test_a_default_that_is_false_is_not_zero(*, elsewhere: bool) -> None:
    """Whether or not anything else of the definition differs."""
    after = copy.deepcopy(_BEFORE)
    after["paths"]["/a"]["get"]["parameters"][0]["default"] = 0
    if elsewhere:
        after["paths"]["/b"] = {"get": {"operationId": "B", "responses": {}}}

    told = {(one.rule, one.place.name): (one.before, one.after) for one in compared(_BEFORE, after)}

    assert repr(told["parameter-default-changed", "flag"]) == "(False, 0)"


@pytest.mark.parametrize("other", [True, 1.0])
def test_a_shared_default_of_another_kind_is_told(other: float) -> None:
    """What operations refer to is compared as exactly as what they say themselves."""
    after = copy.deepcopy(_BEFORE)
    after["parameters"]["shared"]["default"] = other

    assert [one.rule for one in compared(_BEFORE, after)] == ["parameter-default-changed"]
