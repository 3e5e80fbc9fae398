"""`connectory diff` as people and pipelines run it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from factories_drift import assessed, fill_drift

from connectory.cli import cli
from connectory.database import open_store, upgrade
from connectory.domain.drift.rules import RULES

TIDES: dict[str, Any] = {
    "swagger": "2.0",
    "info": {"title": "Tides", "version": "1.0"},
    "host": "tides.example.com",
    "paths": {
        "/tides": {
            "get": {
                "operationId": "ListTides",
                "summary": "List tides",
                "parameters": [{"name": "since", "in": "query", "type": "string"}],
                "responses": {
                    "200": {
                        "description": "Them.",
                        "schema": {
                            "type": "array",
                            "items": {
                                "type": "object",
                                "properties": {
                                    "height": {"type": "number"},
                                    "port": {
                                        "type": "object",
                                        "properties": {"name": {"type": "string"}},
                                    },
                                },
                            },
                        },
                    }
                },
            }
        },
        "/ports": {"get": {"operationId": "ListPorts", "responses": {"200": {"description": ""}}}},
    },
}
PROPERTIES = {"properties": {"connectionParameters": {"key": {"type": "securestring"}}}}
CHANGE = {
    "rule", "class", "operation_id", "method", "path", "in", "name", "status", "property",
    "location", "before", "after", "message", "fingerprint",
}  # fmt: skip


def run(*words: str | Path) -> Result:
    """Run the command, with a terminal that is wide enough."""
    return CliRunner().invoke(cli, ["diff", *map(str, words)], env={"COLUMNS": "200"})


def process(*words: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Run the command as people start it."""
    return subprocess.run(
        [sys.executable, "-m", "connectory", "diff", *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env={**os.environ, **more},
    )


def write(place: Path, value: Any) -> Path:
    """Write a document and return its path."""
    place.write_text(json.dumps(value), encoding="utf-8")
    return place


@pytest.fixture
def before(tmp_path: Path) -> Path:
    """The definition as it was."""
    return write(tmp_path / "before.json", TIDES)


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """The definition after an operation and a property went and a text changed."""
    value = deepcopy(TIDES)
    del value["paths"]["/ports"]
    operation = value["paths"]["/tides"]["get"]
    operation["summary"] = "List all tides"
    items = operation["responses"]["200"]["schema"]["items"]["properties"]
    del items["port"]["properties"]["name"]
    return write(tmp_path / "after.json", value)


def test_a_process_of_its_own_says_that_nothing_changed(before: Path) -> None:
    """The command works as people start it."""
    done = process(before, before)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "Identical: nothing changed.\n"


def test_people_read_the_worst_first_by_operation(before: Path, broken: Path) -> None:
    """What broke stands above what only reads otherwise, each under its operation."""
    done = run(before, broken)

    assert (done.exit_code, done.stderr) == (2, "")
    lines = [line.strip() for line in done.stdout.splitlines()]
    assert lines[0] == "Breaking: something that flows or apps rely on is gone or another."
    assert lines.index("Breaking (2)") < lines.index("ListPorts  GET /ports")
    assert lines.index("ListPorts  GET /ports") < lines.index("Cosmetic (1)")
    assert "Property [].port.name of response 200 of ListTides was removed" in lines
    assert lines[-1] == "2 breaking, 1 cosmetic"


def test_programs_read_every_field(before: Path, broken: Path) -> None:
    """The JSON has the verdict, a count of each class, and each change with all its fields."""
    done = run(before, broken, "--format", "json")

    told = json.loads(done.stdout)
    assert (done.exit_code, told["verdict"]) == (2, "breaking")
    assert told["counts"] == {"breaking": 2, "risky": 0, "compatible": 0, "cosmetic": 1}
    assert all(set(change) == CHANGE for change in told["changes"])
    removed = next(one for one in told["changes"] if one["rule"] == "response-property-removed")
    assert removed | {"message": "", "fingerprint": ""} == {
        "rule": "response-property-removed",
        "class": "breaking",
        "operation_id": "ListTides",
        "method": "GET",
        "path": "/tides",
        "in": None,
        "name": None,
        "status": "200",
        "property": "[].port.name",
        "location": "/paths/~1tides/get/responses/200/schema/[].port.name",
        "before": "string",
        "after": None,
        "message": "",
        "fingerprint": "",
    }
    assert removed["message"].endswith("their expressions are empty or fail.")


def test_a_pull_request_obeys_no_word_of_a_definition(tmp_path: Path, before: Path) -> None:
    """Names that are Markdown or HTML are told as they are written."""
    value = deepcopy(TIDES)
    name = "a|b<img src=x>[c](d)`e`\n# f"
    value["paths"]["/tides"]["get"]["parameters"].append(
        {"name": name, "in": "query", "type": "string", "required": True}
    )
    after = write(tmp_path / "after.json", value)

    done = run(before, after, "--format", "markdown")

    row = next(line for line in done.stdout.splitlines() if "required-parameter-added" in line)
    assert done.exit_code == 2
    assert "\\|b\\<img src=x\\>\\[c\\](d)\\`e\\`" in row
    assert not any(line.startswith("# f") for line in done.stdout.splitlines())


def test_a_pull_request_calls_nobody(tmp_path: Path, before: Path) -> None:
    """Names of people, numbers of issues and addresses in a definition become no links."""
    value = deepcopy(TIDES)
    name = "@everybody #1 https://evil.example www.evil.example"
    value["paths"]["/tides"]["get"]["operationId"] = name
    after = write(tmp_path / "after.json", value)

    told = run(before, after, "--format", "markdown").stdout

    assert "@&#8203;everybody \\#&#8203;1" in told
    assert not any(part in told for part in ("@e", "#1 ", "://", "www."))


def test_a_terminal_obeys_no_word_of_a_definition(tmp_path: Path, before: Path) -> None:
    """Neither control characters nor the markup of the terminal's library do anything."""
    value = deepcopy(TIDES)
    value["paths"]["/x\x1b[2J[red]"] = {
        "get": {"operationId": "A\x1b]0;b\x07[bold]", "responses": {}}
    }
    after = write(tmp_path / "after.json", value)

    done = run(before, after)

    assert "\x1b" not in done.stdout
    assert "\x07" not in done.stdout
    assert "A\ufffd]0;b\ufffd[bold]" in done.stdout


@pytest.mark.parametrize(("fail_on", "code"), [("breaking", 0), ("risky", 2)])
def test_what_makes_it_fail_is_chosen(
    tmp_path: Path, before: Path, fail_on: str, code: int
) -> None:
    """A risky change fails only where that is asked for."""
    after = write(tmp_path / "after.json", TIDES | {"host": "other.example.com"})

    assert run(before, after, "--fail-on", fail_on).exit_code == code


def test_another_host_is_expected_between_environments(tmp_path: Path, before: Path) -> None:
    """What is risky over time is meant to be between environments."""
    after = write(tmp_path / "after.json", TIDES | {"host": "dev.tides.example.com"})

    done = run(before, after, "--profile", "environments", "--format", "json")

    told = json.loads(done.stdout)
    assert (told["verdict"], told["changes"][0]["rule"]) == ("cosmetic", "host-changed")
    assert "expected to differ" in told["changes"][0]["message"]


def test_an_api_may_offer_more_than_the_connector_wraps(tmp_path: Path, before: Path) -> None:
    """What is not wrapped is told as available, in another format too, and is no drift."""
    api = {
        "openapi": "3.1.0",
        "info": {"title": "Tides", "version": "7"},
        "servers": [{"url": "https://tides.example.com"}],
        "paths": {
            "/tides": {
                "get": {
                    "operationId": "get_tides",
                    "parameters": [{"name": "since", "in": "query", "schema": {"type": "string"}}],
                    "responses": {
                        "200": {
                            "description": "",
                            "content": {
                                "application/json": {
                                    "schema": TIDES["paths"]["/tides"]["get"]["responses"]["200"][
                                        "schema"
                                    ]
                                }
                            },
                        }
                    },
                }
            },
            "/ports": {"get": {"operationId": "get_ports", "responses": {"200": {}}}},
            "/moons": {"get": {"operationId": "get_moons", "responses": {"200": {}}}},
        },
    }
    after = write(tmp_path / "openapi.json", api)

    done = run(before, after, "--profile", "upstream")

    assert done.exit_code == 0
    assert "Identical: nothing changed." in done.stdout
    assert "The API offers 1 more operation: get_moons" in done.stdout


def test_folders_bring_their_properties(tmp_path: Path) -> None:
    """What a connection asks for is compared where both sides have it."""
    for side, kind in (("old", "securestring"), ("new", "oauthSetting")):
        folder = tmp_path / side
        folder.mkdir()
        write(folder / "apiDefinition.swagger.json", TIDES)
        properties = {"properties": {"connectionParameters": {"key": {"type": kind}}}}
        write(folder / "apiProperties.json", properties)

    done = run(tmp_path / "old", tmp_path / "new", "--format", "json")

    told = json.loads(done.stdout)
    assert (done.exit_code, len(told["changes"])) == (2, 1)
    assert told["changes"][0]["rule"] == "connection-parameters-changed"


def test_what_is_odd_about_a_file_is_noted(tmp_path: Path, before: Path) -> None:
    """A file that a person could read is read, and what is wrong with it is said."""
    odd = tmp_path / "odd.json"
    odd.write_bytes(b"\xef\xbb\xbf" + json.dumps(TIDES)[:-1].encode() + b",}")

    done = run(before, odd)

    assert (done.exit_code, done.stdout) == (0, "Identical: nothing changed.\n")
    assert done.stderr.count(f"Note: {odd}: ") == 2


BOMB = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 10)}]\n" for n in range(9)
)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(b"{'swagger': ", "line 2", id="neither JSON nor YAML"),
        pytest.param(b'{"hello": 1}', "no OpenAPI", id="no OpenAPI"),
        pytest.param(b"[1, 2]", "not an object", id="a list"),
        pytest.param(b"", "", id="nothing"),
        pytest.param(b'{"paths": {}, "x": "' + b"a" * 5_300_000 + b'"}', "limit", id="too large"),
        pytest.param(b'{"paths":' + b'{"a":' * 200 + b"1" + b"}" * 201, "deeper", id="too deep"),
        pytest.param(f"swagger: '2.0'\npaths: {{}}\n{BOMB}".encode(), "alias", id="a bomb"),
        pytest.param(b"\x00\xff\x00\xfe\x80", "", id="no text"),
    ],
)
def test_what_cannot_be_read_is_one_line_and_exit_1(
    tmp_path: Path, before: Path, content: bytes, words: str
) -> None:
    """File, place and cure stand in one line."""
    bad = tmp_path / "bad.json"
    bad.write_bytes(content)

    done = run(before, bad)

    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith(f"Error: {bad}")
    assert len(done.stderr.splitlines()) == 1
    assert words in done.stderr


def test_no_definition_makes_us_fetch(tmp_path: Path, before: Path) -> None:
    """A reference to somewhere else is noted and left out; the suite has no way out anyway."""
    value = deepcopy(TIDES)
    response = value["paths"]["/tides"]["get"]["responses"]["200"]
    response["schema"] = {"$ref": "https://definitions.example.com/tides.json"}
    after = write(tmp_path / "after.json", value)

    done = run(before, after)

    assert done.exit_code == 0
    assert "https://definitions.example.com/tides.json" in done.stderr
    assert "response-root-type-changed" in done.stdout


def test_a_file_that_is_not_there_is_said(tmp_path: Path, before: Path) -> None:
    """A missing file names itself and what may be written instead."""
    done = run(before, tmp_path / "nothing.json")

    assert done.exit_code == 1
    assert "nothing.json cannot be read: No such file or directory; name a file" in done.stderr


def test_a_connector_of_the_store_is_compared_with_its_past(tmp_path: Path) -> None:
    """The store's connector is compared over time, and between environments as these differ."""
    url = f"sqlite:///{tmp_path}/store.sqlite"
    engine = open_store(url)
    upgrade(engine)
    fill_drift(engine)
    assessed(engine)
    engine.dispose()

    over_time = process(
        "Finance/Invoices@2026-11-15", "Finance/Invoices", "--format", "json",
        CONNECTORY_DATABASE_URL=url,
    )  # fmt: skip
    apart = process("Finance/Invoices@2026-11-15", "Sandbox/Invoices", CONNECTORY_DATABASE_URL=url)
    unknown = process("Finance/Invoices", "Finance/Invoicing", CONNECTORY_DATABASE_URL=url)

    told = json.loads(over_time.stdout)
    assert (over_time.returncode, told["verdict"]) == (2, "breaking")
    found = {(one["rule"], one["operation_id"]) for one in told["changes"]}
    assert {("operation-removed", "GetOld"), ("operation-added", "ListInvoices")} <= found
    assert (apart.returncode, "expected to differ" in apart.stdout) == (0, True)
    assert unknown.returncode == 1
    assert "did you mean finance/invoices" in unknown.stderr.casefold()


def test_settings_judge_otherwise(tmp_path: Path, before: Path, broken: Path) -> None:
    """A rule that is off is not told, and one that is judged compatible breaks no pipeline."""
    config = tmp_path / "config.toml"
    config.write_text(
        "[drift.severity]\noperation-removed = 'off'\nresponse-property-removed = 'compatible'\n",
        encoding="utf-8",
    )

    done = process(before, broken, "--format", "json", CONNECTORY_CONFIG=str(config))

    told = json.loads(done.stdout)
    assert (done.returncode, told["verdict"]) == (0, "compatible")
    assert {one["rule"] for one in told["changes"]} <= RULES.keys() - {"operation-removed"}
