"""The command that reads the tenant into the store."""

from __future__ import annotations

import signal
import sys

import click

from connectory.cli.state import State
from connectory.clock import wall_clock

EXIT_CODES = {"complete": 0, "partial": 3, "failed": 1}


@click.command()
@click.argument("names", nargs=-1)
@click.option("--environment", "environments", multiple=True, help="Read only this environment id.")
@click.option("--full", is_flag=True, help="Read again also what is known and has not changed.")
@click.option(
    "--format",
    "kind",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Words for people, or one JSON object for programs.",
)
@click.pass_obj
def collect(
    state: State, names: tuple[str, ...], environments: tuple[str, ...], kind: str, *, full: bool
) -> None:
    """Read the tenant into the store, with all collectors or those named.

    Exit code: 0 everything was read, 3 parts could not be read (each is listed), 1 failed,
    4 another process collects the same at this moment.
    """
    from connectory.collecting import collect_once, named
    from connectory.progress import watch

    # Who stops us, a scheduler or the system, means what a person means by Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    settings = state.settings
    asked = {"environments": list(environments)} if environments else {}
    section = settings.collect.model_copy(update=asked | ({"full": True} if full else {}))
    settings = settings.model_copy(update={"collect": section})
    try:
        chosen = named(names or settings.collect.collectors)
    except LookupError as error:
        raise click.UsageError(str(error)) from error
    engine = state.engine(migrate=True)
    with watch(kind) as progress:
        report = collect_once(
            engine, settings, chosen, now=state.now, wall=wall_clock, progress=progress
        )
    progress.finish(report)
    sys.exit(EXIT_CODES.get(report.state, 1))
