"""`connectory lint`: whether a definition is valid, documented and fit to be certified."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

_DEFINITION: Final = "apiDefinition.swagger.json"
_PROPERTIES: Final = "apiProperties.json"
_SCRIPT: Final = "script.csx"
_FAILED: Final = 2


@click.command()
@click.argument("definition", type=click.Path(path_type=Path))
@click.option(
    "--properties", type=click.Path(path_type=Path), help="apiProperties.json of the connector."
)
@click.option(
    "--format",
    "kind",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="For people, or for programs.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning"]),
    default="error",
    show_default=True,
    help="The least severe finding that makes the exit code 2.",
)
def lint(definition: Path, properties: Path | None, kind: str, fail_on: str) -> None:
    """Tell what is wrong with a connector's DEFINITION before it is imported or certified.

    It is a file of JSON or YAML, or a folder as the platform's tools export it. Nothing is asked of
    a tenant, and nothing is fetched. docs/lint-rules.md describes every rule. Exit code 0: nothing
    is worse than a warning; 2: there are errors; 1: a file cannot be read.
    """
    from connectory.domain.json_document import Unreadable
    from connectory.domain.linting.findings import verdict
    from connectory.domain.linting.linting import PropertiesUnreadable
    from connectory.domain.linting.linting import lint as linted

    if definition.is_dir() and (definition / _DEFINITION).is_file():
        beside = definition / _PROPERTIES
        properties = properties or (beside if beside.is_file() else None)
        definition /= _DEFINITION
    content = _content(definition)
    told = _content(properties) if properties else None
    script = (properties.parent / _SCRIPT).is_file() if properties else None
    found = linted(content, told, has_script=script)
    if isinstance(found, PropertiesUnreadable):
        raise _unreadable(properties or definition, found.why)
    if isinstance(found, Unreadable):
        raise _unreadable(definition, found)
    if kind == "json":
        import json

        from connectory.domain.linting.findings import payload

        click.echo(json.dumps(payload(found), ensure_ascii=False, indent=2))
    else:
        from connectory.cli.lint_output import show

        show(found)
    failing = ("errors", "warnings") if fail_on == "warning" else ("errors",)
    if verdict(found) in failing:
        raise SystemExit(_FAILED)


def _unreadable(place: Path, why: object) -> click.ClickException:
    from connectory.cli.printing import printed

    return click.ClickException(printed(f"{place}: {getattr(why, 'detail', why)}"))


def _content(place: Path) -> bytes:
    """Return what a file holds, at most one byte more than is read of any.

    Raises:
        click.ClickException: There is no such file, or it cannot be read.
    """
    from connectory.cli.printing import printed
    from connectory.domain.json_document import MOST_BYTES

    try:
        with place.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        cause = error.strerror if isinstance(error, OSError) else str(error)
        cure = f"name a file, or a folder with {_DEFINITION}"
        raise click.ClickException(printed(f"{place} cannot be read: {cause}; {cure}")) from error
