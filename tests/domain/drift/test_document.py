"""Reading an OpenAPI document that anybody may have written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectory.domain.drift.document import Loaded, Unreadable, load, places
from connectory.domain.drift.yaml_reading import MOST_PARTS, Yaml, read_yaml

API: dict[str, Any] = {"swagger": "2.0", "info": {"title": "Café"}, "paths": {"/a": {}}}


def loaded(content: bytes | str) -> Loaded:
    """Return a document that must be readable."""
    answer = load(content if isinstance(content, bytes) else content.encode())
    assert isinstance(answer, Loaded), answer
    return answer


def told(content: bytes | str) -> list[tuple[str, int | None, int | None]]:
    """Return the rules of the faults of a document with their places."""
    return [(fault.rule, fault.line, fault.column) for fault in loaded(content).faults]


def refused(content: bytes | str, **limits: int) -> Unreadable:
    """Return why a document is not read."""
    answer = load(content if isinstance(content, bytes) else content.encode(), **limits)
    assert isinstance(answer, Unreadable), answer
    assert "\n" not in answer.detail
    assert ";" in answer.detail
    return answer


def test_strict_json_is_as_it_was_written() -> None:
    """A document without faults comes back whole, with its size."""
    content = json.dumps(API).encode()

    assert load(content) == Loaded(API, (), len(content))


@pytest.mark.parametrize(
    ("content", "faults"),
    [
        (b"\xef\xbb\xbf" + json.dumps(API).encode(), [("FileByteOrderMark", 1, 1)]),
        (
            json.dumps(API, ensure_ascii=False).encode("cp1252"),
            [("FileNotUtf8", None, None)],
        ),
        (
            json.dumps(API, ensure_ascii=False).encode("utf-16"),
            [("FileNotUtf8", None, None)],
        ),
        (
            '{"swagger": "2.0", "info": {"title": "Café",},\n "paths": {"/a": {}},}',
            [("FileTrailingComma", 1, 44), ("FileTrailingComma", 2, 21)],
        ),
        (
            '// ours\n{"swagger": "2.0", /* old */ "info": {"title": "Café"}, "paths": {"/a": {}}}',
            [("FileComment", 1, 1), ("FileComment", 2, 20)],
        ),
        (json.dumps(API) + "\n}", [("FileTextAfterDocument", 2, 1)]),
        (
            '{"swagger": "1.2", "info": {"title": "Café"}, "paths": {"/a": {}},\n "swagger": "2.0"}',
            [("FileRepeatedKey", 2, 2)],
        ),
    ],
)
def test_what_a_person_could_read_is_read(
    content: bytes | str, faults: list[tuple[str, int, int]]
) -> None:
    """Odd encodings, commas, comments, second endings and keys are read and told with place."""
    assert loaded(content).value == API
    assert told(content) == faults


def test_control_characters_stay_in_their_string() -> None:
    """A tabulator inside a string is kept and told."""
    document = loaded('{"swagger": "2.0",\n "paths": {}, "x": "a\tb"}')

    assert document.value["x"] == "a\tb"
    assert [(fault.rule, fault.line) for fault in document.faults] == [("FileControlCharacter", 2)]


def test_a_repeated_key_is_named_with_what_holds_it() -> None:
    """The pointer and the name of a repeated key are told, however it is spelled."""
    text = '{"swagger": "2.0", "paths": {"/a/b": {"get": 1, "x~": 2,\n "g\\u0065t": 3}}}'

    (fault,) = loaded(text).faults

    assert (fault.rule, fault.location) == ("FileRepeatedKey", "/paths/~1a~1b/get")
    assert (fault.line, fault.column) == (2, 2)
    assert loaded(text).value["paths"]["/a/b"]["get"] == 3


def test_quotes_spelled_as_numbers_hide_no_repeated_key() -> None:
    """A document whose quotes happen to be as many as without the repetition is looked at too."""
    assert told('{"swagger": "2.0", "swagger": "\\u0022\\u0022", "paths": {}}') != []


def test_strings_that_look_like_damage_are_none() -> None:
    """Commas, comments and brackets inside strings are text."""
    document = loaded('{"swagger": "2.0", "paths": {}, "x": "a,] // b /* \\" ,}",}')

    assert document.value["x"] == 'a,] // b /* " ,}'
    assert [fault.rule for fault in document.faults] == ["FileTrailingComma"]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{"swagger": "2.0",\n "a": "b"\n "paths": {}}', "line 3, column 2"),
        ('{"swagger": "2.0"\n', "line 2, column 1"),
        ('{"swagger": "2.0", "paths": {"a": }}', "line 1, column 35"),
        ('{"swagger": "2.0, "paths": {}}', "line 1, column 20"),
        ('{"swagger": "2.0", "paths": "x', "line 1, column 29"),
        ("swagger: '2.0'\npaths:\n\t/a: {}\n", "line 3, column 1"),
        ("swagger: '2.0'\n info: x: y\n", "line 2, column"),
        ("? {a: b}\n: c\n", "line 1, column 3"),
        ("swagger: '2.0'\npaths: *nowhere\n", "line 2, column 8"),
        ("swagger: &s\n  paths: *s\n", "line 2, column 10"),
    ],
)
def test_what_nobody_can_read_is_refused_with_place_and_cure(text: str, place: str) -> None:
    """What is broken in a way that leaves its meaning open ends reading, and the line says where."""
    assert place in refused(text).detail


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not_json"),
        (b" \n", "not_json"),
        (b"# only a remark\n", "not_yaml"),
        (b"[1, 2]", "not_an_object"),
        (b"just words", "not_an_object"),
        (b"<html><body>Sign in</body></html>", "not_an_object"),
        (b'{"properties": {"connectionParameters": {}}}', "not_openapi"),
        (b'{"paths": "x"}', "not_openapi"),
        (bytes(range(256)) * 4, "not_yaml"),
        (b"PK\x03\x04\x14\x00\x00\x00\x08\x00", "not_yaml"),
        (b"\x00" * 100, "not_yaml"),
        (b'{"swagger": "2.0", "paths": {}, "x": ' + b"9" * 5000 + b",}", "not_json"),
    ],
)
def test_what_is_no_api_is_refused(content: bytes, reason: str) -> None:
    """A file that holds no definition is told so, whatever it holds."""
    assert refused(content).reason == reason


def test_bounds_hold() -> None:
    """Size and depth are bounded for JSON and YAML, before anything recurses."""
    deep = '{"swagger": ' + "[" * 200 + "]" * 200 + "}"
    deeper = '{"swagger": ' + "[" * 100_000

    assert refused(b" " * 11, max_bytes=10).reason == "too_large"
    assert refused(deep).reason == "too_deep"
    assert refused(deeper).reason == "too_deep"
    assert refused("swagger: " + "[" * 200 + "]" * 200).reason == "too_deep"
    assert (
        refused("swagger:" + "".join("\n" + " " * at + "a:" for at in range(1, 200))).reason
        == "too_deep"
    )
    level = '{"swagger": "2.0", "paths": {"a": [1]}}'
    assert isinstance(load(level.encode(), max_depth=3), Loaded)
    assert refused(level, max_depth=2).reason == "too_deep"


def test_a_bomb_of_aliases_does_not_go_off() -> None:
    """What aliases repeat is counted before it is built, by value, merge and depth."""
    lists = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lists += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    wide = ["a: &a {" + ", ".join(f"k{n}: 1" for n in range(2000)) + "}"]
    merges = [f"m{n}:\n  <<: *a" for n in range(2000)]
    chain = ["a0: &a0 [x]"] + [f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 200)]

    for lines, reason in ((lists, "too_many"), (wide + merges, "too_many"), (chain, "too_deep")):
        assert refused("\n".join(["swagger: '2.0'", "paths: {}", *lines])).reason == reason


def test_yaml_is_read_as_the_json_it_stands_for() -> None:
    """Keys are text, and scalars are what JSON knows or else what is written."""
    text = """
swagger: "2.0"
paths:
  /a:
    get:
      responses:
        200: {description: ok}
        default: {}
x:
  - yes
  - 0755
  - 2024-01-31
  - 2024-01-31T10:00:00Z
  - 12
  - -1.5e3
  - 1_000
  - 0x1F
  - true
  - ~
  -
  - "12"
  - 12:30:45
  - .inf
  - |
    two
    lines
"""
    document = loaded(text)

    assert document.syntax == "yaml"
    assert document.faults == ()
    assert list(document.value["paths"]["/a"]["get"]["responses"]) == ["200", "default"]
    assert document.value["x"] == [
        "yes", "0755", "2024-01-31", "2024-01-31T10:00:00Z", 12, -1500.0, "1_000", "0x1F", True,
        None, None, "12", "12:30:45", ".inf", "two\nlines\n",
    ]  # fmt: skip


def test_yaml_names_and_merges_are_followed() -> None:
    """Aliases stand for what they name; merged members give way to those written down."""
    text = """
swagger: "2.0"
base: &base {a: 1, b: 2}
other: &other {b: 3, c: 4}
paths:
  /x: {<<: [*base, *other], a: 5}
  /y: *base
"""
    assert loaded(text).value["paths"] == {
        "/x": {"a": 5, "b": 2, "c": 4},
        "/y": {"a": 1, "b": 2},
    }


def test_yaml_faults_have_places() -> None:
    """Repeated keys, tags and second documents are told; no tag builds anything."""
    text = """swagger: "2.0"
paths: {}
x: !!python/object/apply:os.system ["exit 1"]
paths: {}
---
other: 1
"""
    assert told(text) == [
        ("FileYamlTag", 3, 4),
        ("FileRepeatedKey", 4, 1),
        ("FileTextAfterDocument", 5, 1),
    ]
    assert loaded(text).value["x"] == ["exit 1"]


def test_flow_style_of_yaml_is_not_mistaken_for_json() -> None:
    """A brace followed by a name without quotes is YAML."""
    assert loaded("{swagger: '2.0', paths: {}}").value == {"swagger": "2.0", "paths": {}}


@pytest.mark.parametrize(
    "text",
    [
        '{"swagger": "2.0",\n "paths": {"/a": {"$ref": "https://evil.example/x.json#/a"}}}',
        '{"swagger": "2.0",\n "paths": {"/a": {"\\u0024ref": "other.json"}}}',
        "swagger: '2.0'\npaths: {/a: {$ref: 'http://10.0.0.1/'}}",
    ],
)
def test_references_that_lead_out_are_told_and_never_followed(text: str) -> None:
    """A reference to another file or host is a fault with its place."""
    (fault,) = loaded(text).faults

    assert (fault.rule, fault.location, fault.line) == (
        "ReferenceNotLocal",
        "/paths/~1a/$ref",
        2,
    )


def test_references_in_examples_and_names_are_none() -> None:
    """What an example holds is data, and a property may be called $ref."""
    text = """{"swagger": "2.0", "paths": {}, "definitions": {"A":
      {"properties": {"$ref": {"type": "string"}}, "example": {"$ref": "http://x.example"}}}}"""

    assert told(text) == []


def test_places_are_lines_of_pointers() -> None:
    """Members and items of JSON and YAML have lines; what has none is told by what holds it."""
    text = '{"a": [\n 1,\n {"b/c": 2}],\n "d": {}}'
    found = places(text.encode())
    assert [found.line(p) for p in ("/a", "/a/0", "/a/1", "/a/1/b~1c", "/d", "/d/x")] == [
        1, 2, 3, 3, 4, 4,
    ]  # fmt: skip
    assert found.line("/nowhere") is None

    text = "a:\n  - 1\n  - b/c: 2\n    e: [\n      3]\nd: {}\n"
    found = places(text.encode())
    assert [found.line(p) for p in ("/a", "/a/0", "/a/1/b~1c", "/a/1/e/0", "/d")] == [
        1, 2, 3, 5, 6,
    ]  # fmt: skip


def values(text: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    """Return JSON values with this text."""
    return st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53), 2**53) | text,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
        max_leaves=20,
    )


@given(values(st.text(max_size=8)), st.sampled_from([None, 2]))
def test_strict_json_has_no_faults(value: Any, indent: int | None) -> None:
    """Whatever valid JSON holds, it comes back as it is, and nothing is found wrong with it."""
    document = {"swagger": "2.0", "paths": {}, "x": value}

    answer = load(json.dumps(document, indent=indent).encode())

    assert isinstance(answer, Loaded)
    assert answer.value == document
    assert [f.rule for f in answer.faults if f.rule != "ReferenceNotLocal"] == []


@given(values(st.text(st.characters(max_codepoint=0xFFFF, codec="utf-8"), max_size=8)))
def test_json_is_yaml(value: Any) -> None:
    """JSON read by the YAML reader is the same value: both know the same scalars."""
    text = json.dumps({"x": value})

    answer = read_yaml(text, max_depth=100)

    assert isinstance(answer, Yaml)
    assert answer.value == {"x": value}


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_nothing_raises(content: bytes) -> None:
    """Whatever a file holds, it is read or refused."""
    for start in (b"", b'{"swagger": "2.0", ', b"swagger: 2\n"):
        load(start + content)
        places(start + content)


def test_the_cap_on_parts_is_above_real_documents() -> None:
    """The limit leaves room for the largest connectors many times over."""
    assert MOST_PARTS >= 500_000


@pytest.mark.parametrize(
    ("name", "rules"),
    [
        ("c-avepoint-cloud-governance", {"FileByteOrderMark"}),
        ("c-cireson-service-manager-portal", {"FileTrailingComma"}),
        ("c-cognitiveservicestextanalytics", {"FileTextAfterDocument"}),
        ("c-easyvista-service-manager", {"FileControlCharacter"}),
        ("c-recordedfuturev2", {"FileRepeatedKey"}),
        ("i-yelp", {"FileNotUtf8"}),
        ("c-in-d-invoice-data-capture", "line 51, column 13"),
        ("c-zohosign", "line 14, column 1"),
        ("i-icon-horse", "line 56, column 11"),
    ],
)
def test_real_files_with_faults(corpus: Path, name: str, rules: set[str] | str) -> None:
    """Real definitions are read where a person could, and refused with the place where not."""
    answer = load((corpus / "connectors" / name / "apiDefinition.swagger.json").read_bytes())

    if isinstance(rules, str):
        assert isinstance(answer, Unreadable)
        assert rules in answer.detail
    else:
        assert isinstance(answer, Loaded)
        assert {fault.rule for fault in answer.faults} == rules
