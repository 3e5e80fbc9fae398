"""`connectory lint` as people and pipelines run it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from connectory.cli import cli

GOOD = {
    "swagger": "2.0",
    "info": {
        "title": "Tides",
        "description": "Tells when the water of a harbour rises and falls.",
        "version": "1.0",
        "contact": {
            "name": "Office", "url": "https://tides.example.com", "email": "a@tides.example.com",
        },
    },
    "host": "tides.example.com",
    "x-ms-connector-metadata": [
        {"propertyName": "Website", "propertyValue": "https://tides.example.com"},
        {"propertyName": "Privacy policy", "propertyValue": "https://tides.example.com/p"},
        {"propertyName": "Categories", "propertyValue": "Data"},
    ],
    "paths": {
        "/tides": {
            "get": {
                "operationId": "ListTides",
                "summary": "List tides",
                "description": "Lists the coming tides.",
                "responses": {"200": {"description": "Them.", "schema": {"type": "object"}}},
            }
        }
    },
}  # fmt: skip
PROPERTIES = {
    "properties": {
        "connectionParameters": {"key": {"type": "securestring"}},
        "iconBrandColor": "#003366",
        "publisher": "Office",
        "stackOwner": "Office",
        "scriptOperations": ["ListTides"],
    }
}


def run(*words: str | Path) -> Result:
    """Run the command, with a terminal that is wide enough."""
    return CliRunner().invoke(cli, ["lint", *map(str, words)], env={"COLUMNS": "200"})


@pytest.fixture
def definition(tmp_path: Path) -> Path:
    """A definition without findings."""
    file = tmp_path / "tides.json"
    file.write_text(json.dumps(GOOD, indent=1), encoding="utf-8")
    return file


def test_a_process_of_its_own_says_the_same(definition: Path) -> None:
    """The command works as people start it."""
    done = subprocess.run(
        [sys.executable, "-m", "connectory", "lint", str(definition)],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "Clean: nothing was found.\n", "")


def test_nothing_found_is_exit_0(definition: Path) -> None:
    """A clean definition is told so."""
    done = run(definition)

    assert (done.exit_code, done.stdout, done.stderr) == (0, "Clean: nothing was found.\n", "")


def test_errors_are_exit_2_grouped_with_line_and_remedy(definition: Path) -> None:
    """People read the operation, the severity, the rule, what to do, the line and what is there."""
    text = definition.read_text(encoding="utf-8")
    text = text.replace('"operationId": "ListTides",', '"operationId": "List Tides",')
    text = text.replace('"host": "tides.example.com"', '"host": "https://tides.example.com"')
    definition.write_text(text, encoding="utf-8")

    done = run(definition)

    assert done.exit_code == 2
    assert done.stdout.splitlines() == [
        "Errors: it is not valid, or would not be certified.",
        "",
        "The connector",
        (
            "  error HostNameNotValid: Write the bare name of the host; the path belongs in basePath, "
            "a host that varies in a policy."
        ),
        "    line 13: 'https://tides.example.com' is no name of a host.",
        "",
        "List Tides",
        (
            "  warning OperationIdSanitized: Use letters, digits and underscores. Renaming breaks who "
            "calls it: do it in a new revision."
        ),
        "    line 31: The operationId List Tides has characters that are taken out: ' '.",
        "",
        "1 error, 1 warning",
    ]


def test_warnings_fail_only_where_asked(definition: Path) -> None:
    """A warning is exit 0, and 2 with --fail-on warning; programs get verdict, counts, findings."""
    text = definition.read_text(encoding="utf-8").replace(
        '"List tides"', '"Lists the coming tides"'
    )
    definition.write_text(text, encoding="utf-8")

    assert run(definition).exit_code == 0
    done = run(definition, "--fail-on", "warning", "--format", "json")

    assert done.exit_code == 2
    assert json.loads(done.stdout) == {
        "verdict": "warnings",
        "counts": {"error": 0, "warning": 1},
        "findings": [
            {
                "rule": "OperationDescriptionSameAsSummary",
                "severity": "warning",
                "location": "/paths/~1tides/get/description",
                "line": 33,
                "message": "The description of ListTides only repeats its summary.",
                "remedy": "Say what it does and returns.",
            }
        ],
    }


def test_a_folder_is_linted_with_its_properties_and_script(tmp_path: Path) -> None:
    """A folder as the platform's tools export it is read whole."""
    (tmp_path / "apiDefinition.swagger.json").write_text(json.dumps(GOOD), encoding="utf-8")
    (tmp_path / "apiProperties.json").write_text(json.dumps(PROPERTIES), encoding="utf-8")

    done = run(tmp_path)
    assert done.exit_code == 2
    assert "error ScriptMissing" in done.stdout

    (tmp_path / "script.csx").write_text("// code", encoding="utf-8")
    assert run(tmp_path).exit_code == 0
    apart = run(
        tmp_path / "apiDefinition.swagger.json", "--properties", tmp_path / "apiProperties.json"
    )
    assert apart.exit_code == 0


def test_words_of_a_tenant_move_no_terminal(definition: Path) -> None:
    """What a definition holds is printed without what terminals and mark-up obey."""
    text = definition.read_text(encoding="utf-8")
    text = text.replace('"ListTides"', '"[red]A\\u001b[2J\\u202eB[/]\\u0007"')
    definition.write_text(text, encoding="utf-8")

    done = run(definition)

    assert done.exit_code == 0
    assert "[red]A\ufffd[2J\ufffdB[/]\ufffd" in done.stdout
    assert "\x1b" not in done.stdout


def _bomb() -> str:
    lines = ["swagger: '2.0'", "paths: {}", "a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "the file is empty; export the definition again"),
        (b"Dear colleague, see the attachment", "YAML, but a single value, not an object"),
        (
            b'{"properties": {}}',
            "JSON, but no OpenAPI: it has neither swagger or openapi nor paths",
        ),
        (b'{"swagger": "2.0",\n "paths": {', "at line 2, column 12"),
        (b"swagger: '2.0'\npaths:\n\t/a: {}\n", "at line 3, column 1"),
        (b" " * (5 * 1024 * 1024 + 1), "larger than the limit of 5,242,880 bytes"),
        (b'{"swagger": ' + b"[" * 200 + b"]" * 200 + b"}", "nested deeper than the limit of 100"),
        (_bomb().encode(), "more than the limit of 500,000 values"),
        (bytes(range(256)), "neither JSON nor YAML"),
        (b"PK\x03\x04" + b"\x00" * 50, "neither JSON nor YAML"),
    ],
)
def test_what_cannot_be_read_is_exit_1_and_one_line(
    tmp_path: Path, content: bytes, told: str
) -> None:
    """A bad file is told with its name, the place and the cure, on one line of stderr."""
    file = tmp_path / "bad.json"
    file.write_bytes(content)

    done = run(file)

    assert (done.exit_code, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1
    assert str(file) in done.stderr
    assert told in done.stderr
    assert ";" in done.stderr


def test_what_is_no_file_is_exit_1_and_one_line(tmp_path: Path, definition: Path) -> None:
    """A missing file, a directory and unreadable properties are told with their names."""
    broken = tmp_path / "properties.json"
    broken.write_text("{", encoding="utf-8")
    empty = tmp_path / "empty"
    empty.mkdir()

    for words, told in (
        ((tmp_path / "none.json",), "none.json cannot be read: No such file or directory; name"),
        ((empty,), "empty cannot be read: Is a directory; name"),
        ((definition, "--properties", broken), "properties.json: not JSON: "),
    ):
        done = run(*words)
        assert (done.exit_code, done.stdout) == (1, "")
        assert len(done.stderr.splitlines()) == 1
        assert told in done.stderr


def test_a_remote_reference_is_an_error_and_is_not_fetched(definition: Path) -> None:
    """A reference to a host that does not exist is told at once, with its line."""
    text = definition.read_text(encoding="utf-8")
    text = text.replace('"type": "object"', '"$ref": "http://nowhere.invalid/x.json"')
    definition.write_text(text, encoding="utf-8")

    done = run(definition)

    assert done.exit_code == 2
    assert "error ReferenceNotLocal: Copy what is referred to into the document" in done.stdout
    assert "is not followed: http://nowhere.invalid/x.json" in done.stdout
