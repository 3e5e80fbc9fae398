"""`connectory diff`: what changed between two definitions, and whether it breaks anybody."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from connectory.cli.printing import printed
from connectory.cli.state import State

if TYPE_CHECKING:
    from connectory.domain.drift.api import Api
    from connectory.domain.drift.changes import Change
    from connectory.domain.drift.profiles import Profile
    from connectory.domain.drift.properties import ConnectorProperties

_DEFINITION: Final = "apiDefinition.swagger.json"
_PROPERTIES: Final = "apiProperties.json"
_SCRIPT: Final = "script.csx"
_BREAKING: Final = 2
_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("before")
@click.argument("after")
@click.option(
    "--format",
    "kind",
    type=click.Choice(["text", "json", "markdown"]),
    default="text",
    show_default=True,
    help="For people, for programs, or for a pull request.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["breaking", "risky"]),
    default="breaking",
    show_default=True,
    help="The least severe change that makes the exit code 2.",
)
@click.option(
    "--profile",
    "purpose",
    type=click.Choice(["history", "environments", "upstream"]),
    help="What the two are: one connector over time (as usual), in two environments (as usual where "
    "the store's two are), or a connector and its API.",
)
@click.option("--before-properties", type=_FILE, help="apiProperties.json of BEFORE.")
@click.option("--after-properties", type=_FILE, help="apiProperties.json of AFTER.")
@click.pass_obj
def diff(
    state: State,
    before: str,
    after: str,
    kind: str,
    fail_on: str,
    purpose: str | None,
    before_properties: Path | None,
    after_properties: Path | None,
) -> None:
    """Tell what changed from BEFORE to AFTER, and whether that breaks flows or apps.

    Each is a file, a folder as the platform's tools export it, or a connector in the store, written
    environment/connector or environment/connector@2026-11-02. Exit code 0: nothing breaks; 2:
    something does; 1: one of them cannot be read. Rules are judged as the settings say.
    """
    from connectory.domain.drift.changes import verdict
    from connectory.domain.drift.comparing import available
    from connectory.domain.drift.comparing import diff as compared

    sides = _side(state, before, before_properties), _side(state, after, after_properties)
    profile = _profile(state, purpose, before, after)
    changes = compared(*sides, profile)
    unwrapped = available(*sides) if profile.purpose == "upstream" else ()
    _show(kind, changes, [place.operation_id or "" for place in unwrapped])
    failing = ("breaking", "risky") if fail_on == "risky" else ("breaking",)
    if verdict(changes) in failing:
        raise SystemExit(_BREAKING)


def _show(kind: str, changes: tuple[Change, ...], unwrapped: list[str]) -> None:
    if kind == "json":
        import json

        from connectory.domain.drift.changes import payload

        click.echo(json.dumps(payload(changes), ensure_ascii=False, indent=2))
    elif kind == "markdown":
        from connectory.cli.diff_output import markdown

        click.echo(markdown(changes, unwrapped))
    else:
        from connectory.cli.diff_output import show

        show(changes, unwrapped)


def _profile(state: State, purpose: str | None, before: str, after: str) -> Profile:
    """Return how to judge: by the settings, and what is expected to differ between environments."""
    from connectory.domain.drift.profiles import UPSTREAM, Profile

    settings = state.settings.drift
    places = [named.rpartition("@")[0] or named for named in (before, after)]
    places = [place.partition("/")[0] for place in places]
    apart = _in_store(before) and _in_store(after) and places[0].casefold() != places[1].casefold()
    if purpose == "environments" or (purpose is None and apart):
        return settings.profile([places[1]])
    if purpose == "upstream":
        return Profile(UPSTREAM.purpose, settings.severity)
    return settings.history()


def _in_store(named: str) -> bool:
    """Tell whether a side is written as a connector of the store rather than as a file."""
    place = Path(named)
    written = "/" not in named or place.suffix in (".json", ".yaml", ".yml")
    return not written and not place.exists()


def _side(state: State, named: str, properties: Path | None) -> Api:
    """Return what one side names.

    Raises:
        click.ClickException: It is neither a file nor in the store, or cannot be read.
    """
    place = Path(named)
    if place.is_dir():
        return _folder(place, properties)
    if _in_store(named):
        return _stored(state, named)
    return _file(place, _properties(properties, None))


def _folder(folder: Path, properties: Path | None) -> Api:
    beside = folder / _PROPERTIES
    script = folder / _SCRIPT
    told = properties or (beside if beside.is_file() else None)
    return _file(folder / _DEFINITION, _properties(told, script if script.is_file() else None))


def _file(place: Path, properties: ConnectorProperties | None) -> Api:
    from connectory.domain.drift.reading import read_api
    from connectory.domain.json_document import Unreadable

    api = read_api(_content(place), properties)
    if isinstance(api, Unreadable):
        raise click.ClickException(f"{place}: {api.detail}")
    for fault in api.faults:
        click.echo(f"Note: {place}: {printed(fault)}", err=True)
    return api


def _properties(place: Path | None, script: Path | None) -> ConnectorProperties | None:
    """Return the properties in a file, with the hash of the script beside it."""
    if place is None:
        return None
    import hashlib

    from connectory.domain.drift.document import load_object
    from connectory.domain.drift.properties import properties_of
    from connectory.domain.json_document import Unreadable

    loaded = load_object(_content(place))
    if isinstance(loaded, Unreadable):
        raise click.ClickException(f"{place}: {loaded.detail}")
    # An editor's line ends are no other script.
    code = _content(script).replace(b"\r\n", b"\n").strip() if script else None
    return properties_of(loaded.value, hashlib.sha256(code).hexdigest() if code else None)


def _content(place: Path) -> bytes:
    try:
        return place.read_bytes()
    except OSError as error:
        raise click.ClickException(
            f"{place} cannot be read: {error.strerror}; name a file, a folder with {_DEFINITION}, "
            "or environment/connector of the store"
        ) from error


def _stored(state: State, named: str) -> Api:
    """Return a connector as the store has it, now or on a day."""
    from zoneinfo import ZoneInfo

    from connectory.database import reading
    from connectory.queries.api_at import NoSuchApi, api_at

    try:
        with reading(state.engine()) as connection:
            return api_at(connection, named, ZoneInfo(state.settings.dashboard.time_zone))
    except NoSuchApi as error:
        raise click.ClickException(printed(str(error))) from error
