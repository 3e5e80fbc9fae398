"""The command that writes what the pages show into a file."""

from __future__ import annotations

from typing import IO

import click

from connectory.cli.state import State


@click.command()
@click.argument("view")
@click.option(
    "--format",
    "kind",
    type=click.Choice(["csv", "json"]),
    default="csv",
    show_default=True,
    help="Form of the rows.",
)
@click.option(
    "--output",
    type=click.File("w", encoding="utf-8", lazy=True),
    default="-",
    help="File to write; standard output by default.",
)
@click.pass_obj
def export(state: State, view: str, kind: str, output: IO[str]) -> None:
    """Write VIEW as rows: connectors, connections, flows and others.

    An unknown VIEW is answered with the list of all.
    """
    from connectory.database import reading
    from connectory.queries.export import VIEWS, rows, to_csv, to_json
    from connectory.queries.moments import latest

    if view not in VIEWS:
        raise click.ClickException(f"no view named {view}; one of: {', '.join(sorted(VIEWS))}")
    with reading(state.engine()) as connection:
        moment = latest(connection)
        if moment is None:
            raise click.ClickException("there is no finished run; run: connectory collect")
        frame = rows(connection, moment, view, state.settings.findings.rules())
    output.write(to_csv(frame) if kind == "csv" else to_json(frame))
