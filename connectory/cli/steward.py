"""`connectory steward`: who answers for connectors, as files."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from connectory.cli.printing import printed
from connectory.cli.state import State

if TYPE_CHECKING:
    from connectory.actions.steward_import import Applied

PARTIAL = 3
_SHOWN = 50


@click.group()
def steward() -> None:
    """Say who answers for connectors: business owner, deputy, team and the rest."""


@steward.command(name="import")
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--partial", is_flag=True, help="Apply the other lines although some are wrong.")
@click.option("--dry-run", is_flag=True, help="Write nothing; tell what would be decided.")
@click.option("--author", help="Who decides; the account of this command by default.")
@click.option("--reason", default="", help="Why; stands in the log.")
@click.pass_obj
def import_(
    state: State,
    file: Path | None,
    author: str | None,
    reason: str,
    *,
    partial: bool,
    dry_run: bool,
) -> None:
    """Let stand what FILE says: CSV, or TOML; owners.steward_file by default.

    Lines that are wrong are listed with their numbers, and then nothing is applied unless --partial.
    Exit code: 0 all of it was applied, 3 the other lines were, 1 nothing was.
    """
    from connectory.actions.stewarding import NotAppointed
    from connectory.domain.steward_files import NotRead
    from connectory.steward_file import apply_file

    place = file or Path(state.settings.owners.steward_file)
    if not place.name:
        raise click.UsageError("no file is named, neither here nor in owners.steward_file")
    engine = state.engine()
    try:
        told = apply_file(
            engine,
            place,
            partial=partial,
            dry_run=dry_run,
            author=author if author is not None else _account(),
            reason=reason,
            now=state.now(),
        )
    except (NotRead, NotAppointed) as error:
        raise click.ClickException(printed(f"{error}; {place}")) from error
    finally:
        engine.dispose()
    _tell(told, dry_run=dry_run)
    if told.faults:
        sys.exit(PARTIAL if told.written else 1)


def _tell(told: Applied, *, dry_run: bool) -> None:
    for fault in told.faults[:_SHOWN]:
        click.echo(printed(f"line {fault.line}: {fault.text}"), err=True)
    if len(told.faults) > _SHOWN:
        click.echo(f"and {len(told.faults) - _SHOWN} more lines", err=True)
    counts = told.decided
    words = f"{counts.appointed} named, {counts.dismissed} taken back, {counts.unchanged} as before"
    if told.written or not (told.faults or dry_run):
        click.echo(words)
    elif dry_run:
        click.echo(f"nothing was written; it would be: {words}")
    else:
        click.echo(f"nothing was applied; with --partial it would be: {words}", err=True)


@steward.command()
@click.option(
    "--format",
    "kind",
    type=click.Choice(["csv", "toml"]),
    default="csv",
    show_default=True,
    help="Form of the file.",
)
@click.option("--all", "everything", is_flag=True, help="Also connectors that name nobody yet.")
@click.option(
    "--output",
    type=click.File("w", encoding="utf-8", lazy=True),
    default="-",
    help="File to write; standard output by default.",
)
@click.pass_obj
def export(state: State, kind: str, output: IO[str], *, everything: bool) -> None:
    """Write who answers for connectors as a file that `import` reads back."""
    from connectory.database import reading
    from connectory.exports.steward_files import as_csv, as_toml, steward_rows
    from connectory.queries.moments import latest

    with reading(state.engine()) as connection:
        moment = latest(connection)
        if moment is None:
            raise click.ClickException("there is no finished run; run: connectory collect")
        rows = steward_rows(connection, moment, everything=everything)
    output.write(as_csv(rows) if kind == "csv" else as_toml(rows))


def _account() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError) as error:
        raise click.ClickException("this account has no name; name the author: --author") from error
