"""The command that serves the pages."""

from __future__ import annotations

import click

from connectory.cli.state import State


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), help="Port; dashboard.port by default.")
@click.pass_obj
def serve(state: State, port: int | None) -> None:
    """Serve the dashboard on loopback."""
    from connectory.serve import serve as run_dashboard

    settings = state.settings
    if port is not None:
        dashboard = settings.dashboard.model_copy(update={"port": port})
        settings = settings.model_copy(update={"dashboard": dashboard})
    state.engine()
    run_dashboard(settings, config=state.config, clock=state.now)
