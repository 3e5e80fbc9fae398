from __future__ import annotations

import ast
import importlib.metadata
import re
import socket
import subprocess
import sys
from itertools import takewhile
from pathlib import Path

import alembic
import click
import pytest

from collectors import COLLECTORS, Collector
from connectory.cli import cli
from connectory.docs import stale
from models import Base

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("collectors", "connectory", "dashboard", "models")

_LISTED = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
TRACKED = [
    path for name in _LISTED.stdout.decode().split("\0") if name and (path := ROOT / name).is_file()
]
MODULES = [path for path in TRACKED if path.suffix == ".py"]
PRODUCT = [path for path in MODULES if path.relative_to(ROOT).parts[0] in PACKAGES]
PAGES = [path for path in TRACKED if path.suffix == ".md"]


def _name(path: object) -> str:
    return str(path.relative_to(ROOT)) if isinstance(path, Path) else str(path)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def _commands(group: click.Group, *words: str) -> list[tuple[str, click.Command]]:
    found = []
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            found += _commands(command, *words, name)
        elif not command.hidden:
            found.append((" ".join([*words, name]), command))
    return found


# --- names and places


def test_the_migrations_do_not_hide_their_library() -> None:
    """``import alembic`` finds the installed library, never the folder of the migrations."""
    assert not (ROOT / "alembic" / "__init__.py").exists()
    assert "site-packages" in Path(alembic.__file__).parts


def test_nothing_under_dashboard_hides_another_module() -> None:
    """Streamlit puts dashboard/ first on the path, so its names must be nobody else's."""
    inside = {
        path.stem
        for path in (ROOT / "dashboard").iterdir()
        if path.is_dir() or path.suffix == ".py"
    } - {"__init__", "__pycache__"}
    taken = set(PACKAGES) | set(sys.stdlib_module_names)
    taken |= set(importlib.metadata.packages_distributions())

    assert inside & taken == set()


@pytest.mark.parametrize("word", ["utils", "util", "helpers", "helper", "common", "misc"])
def test_no_module_has_a_name_that_says_nothing(word: str) -> None:
    """A module is called after what it holds."""
    assert [_name(path) for path in MODULES if path.stem == word or word in path.parts] == []


def test_no_module_is_too_long_to_read() -> None:
    """No module of the product is longer than 400 lines."""
    lengths = {_name(path): len(_text(path).splitlines()) for path in PRODUCT}

    assert {name: length for name, length in lengths.items() if length > 400} == {}


# --- what may stand in a file


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        (r"py[p]i\.org|pythonhoste[d]\.org|registry\.npm[j]s|npm\.pk[g]", "registries' addresses"),
        (r"(?<!no-emit-)\b(extra-)?(index-ur[l]|find-link[s])\b", "options naming an index"),
        (r"\b(TOD[O]|FIXM[E]|XX[X])\b", "promises of later work"),
        (r"# type: ignor[e](?!\[)|# noq[a](?!:)", "unnamed exemptions"),
        (r"(?<![\w.~-])/(roo[t]|hom[e]|User[s]|wor[k]|op[t])/", "paths of one machine"),
    ],
    ids=["registry", "index", "later", "exemption", "machine"],
)
def test_no_tracked_file_holds(pattern: str, why: str) -> None:
    """The repository speaks of the product alone, and stands without any one machine."""
    found = [_name(path) for path in TRACKED if re.search(pattern, _text(path))]

    assert found == [], f"these hold {why}"


@pytest.mark.parametrize("name", ["uv.lock", "poetry.lock", "package-lock.json", ".npmrc"])
def test_no_lock_file_is_tracked(name: str) -> None:
    """Pins stand in the requirements files, which record no address."""
    assert [_name(path) for path in TRACKED if path.name == name] == []


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_requirement_is_pinned_with_hashes(name: str) -> None:
    """Each requirement names one version and at least one hash of its files."""
    requirements = re.split(r"\n(?=\S)", (ROOT / name).read_text(encoding="utf-8").strip())

    assert requirements
    for requirement in requirements:
        assert re.match(r"[a-z0-9._-]+==\S+", requirement)
        assert "--hash=sha256:" in requirement


def test_development_pins_what_is_delivered() -> None:
    """Tests run on the very versions that the product is installed with."""
    pins = {
        name: set(
            re.findall(
                r"^[a-z0-9._-]+==\S+", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE
            )
        )
        for name in ("requirements.txt", "requirements-dev.txt")
    }

    assert pins["requirements.txt"] <= pins["requirements-dev.txt"]


@pytest.mark.parametrize("path", PRODUCT, ids=_name)
def test_a_module_says_what_it_is_for(path: Path) -> None:
    """Each module of the product has a docstring."""
    assert ast.get_docstring(ast.parse(_text(path)))


@pytest.mark.parametrize(
    "path", [path for path in MODULES if path.name.startswith("test_")], ids=_name
)
def test_a_test_states_its_promise(path: Path) -> None:
    """Each test has a docstring."""
    tests = [
        node
        for node in ast.walk(ast.parse(_text(path)))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    ]

    assert [test.name for test in tests if not ast.get_docstring(test)] == []


def test_tests_stay_on_this_machine() -> None:
    """Neither an address nor a name beyond this machine can be reached from a test."""
    with pytest.raises(RuntimeError, match="stay on this machine"):
        socket.create_connection(("203.0.113.1", 80), timeout=1)
    with pytest.raises(RuntimeError, match="stay on this machine"):
        socket.getaddrinfo("tenant.example", 443)


# --- documents


def test_generated_documents_are_current() -> None:
    """The generated pages say what the code says now."""
    assert stale() == [], "run: make docs"


def test_every_command_and_option_is_documented() -> None:
    """docs/cli.md has each command with each of its options, and each has a help text."""
    page = _text(ROOT / "docs" / "cli.md")
    commands = _commands(cli)

    assert commands
    for words, command in commands:
        start = page.index(f"\n## {words}\n")
        section = "\n".join(
            takewhile(lambda line: not line.startswith("## "), page[start + 4 :].splitlines())
        )
        assert command.help
        assert command.help.split()[0] in section
        for option in command.params:
            if isinstance(option, click.Option) and not option.hidden:
                assert max(option.opts, key=len) in section
                assert option.help, f"{words} {option.opts[0]} has no help"


def test_every_column_is_documented() -> None:
    """docs/data-dictionary.md has each table, and each column with what it holds."""
    page = _text(ROOT / "docs" / "data-dictionary.md")

    assert Base.metadata.tables
    for table in Base.metadata.tables.values():
        section = page.split(f"\n### {table.name}\n")[1].split("\n#")[0]
        for column in table.columns:
            assert column.comment, f"{table.name}.{column.name} has no comment"
            assert re.search(rf"^\| \**{column.name}\** \| .+ \| \S.* \|$", section, re.MULTILINE)


@pytest.mark.parametrize("collector", COLLECTORS, ids=lambda collector: collector.name)
def test_every_collector_states_what_it_needs(collector: Collector) -> None:
    """docs/permissions.md has each collector, and each source that decides on presence."""
    page = _text(ROOT / "docs" / "permissions.md")

    assert f"| `{collector.name}` |" in page
    for source in collector.presence_sources:
        assert f"| `{source}` |" in page


@pytest.mark.parametrize("path", PAGES, ids=_name)
def test_links_between_pages_lead_somewhere(path: Path) -> None:
    """A link to a file of the repository names one that exists."""
    targets = re.findall(r"\]\(([^)#\s]+)", _text(path))

    broken = [
        target for target in targets if "://" not in target and not (path.parent / target).exists()
    ]

    assert broken == []
