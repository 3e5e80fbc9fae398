"""The command that writes what the pages show into a file."""

from __future__ import annotations

from datetime import datetime
from typing import IO
from zoneinfo import ZoneInfo

import click

from connectory.cli.solver_output import solver_aside
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
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]),
    help="Rows as the last run by then found them: a whole day, or a time, in dashboard.time_zone.",
)
@click.pass_obj
def export(state: State, view: str, kind: str, output: IO[str], as_of: datetime | None) -> None:
    """Write VIEW as rows: connectors, connections, flows and others.

    An unknown VIEW is answered with the list of all.
    """
    from connectory.database import reading
    from connectory.domain.licensing.model import Unsolved
    from connectory.domain.licensing.prices import PriceBookError
    from connectory.queries.export import VIEWS, rows, to_csv, to_json
    from connectory.queries.moments import by, first, latest

    if view not in VIEWS:
        raise click.ClickException(f"no view named {view}; one of: {', '.join(sorted(VIEWS))}")
    with reading(state.engine()) as connection:
        oldest = first(connection)
        if oldest is None:
            raise click.ClickException("there is no finished run; run: connectory collect")
        zone = ZoneInfo(state.settings.dashboard.time_zone)
        moment = by(connection, as_of, zone) if as_of else latest(connection)
        if moment is None:
            began = oldest.read_at.astimezone(zone)
            raise click.ClickException(
                f"nothing had been read by {as_of}; --as-of; the first run began {began:%Y-%m-%d %H:%M}"
            )
        told = state.settings
        try:
            with solver_aside():
                frame = rows(
                    connection,
                    moment,
                    view,
                    told.findings.rules(),
                    told.ignore.rules(),
                    limit=told.telemetry.calls_per_minute,
                    licensing=told.licensing,
                )
        except (PriceBookError, Unsolved) as error:
            raise click.ClickException(str(error)) from error
    output.write(to_csv(frame) if kind == "csv" else to_json(frame))
