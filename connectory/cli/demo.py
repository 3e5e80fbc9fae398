"""Commands around the simulated tenant."""

from __future__ import annotations

from pathlib import Path

import click

from connectory.cli.faults import FAULT, Fault
from connectory.cli.state import State
from connectory.simulator.wire.kinds import FAULTS

SIZES = click.Choice(["tiny", "small", "medium", "tenth", "large"])
DEFINITIONS = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command()
@click.option(
    "--size", type=SIZES, default="small", show_default=True, help="How big the tenant is."
)
@click.option("--seed", type=int, default=7, show_default=True, help="Which tenant of that size.")
@click.option("--definitions", type=DEFINITIONS, help="Folder of real connector definitions.")
@click.option(
    "--runs",
    type=click.IntRange(1),
    default=4,
    show_default=True,
    help="How often it is collected.",
)
@click.option(
    "--fault",
    "faults",
    type=FAULT,
    multiple=True,
    help="Let every service, or those whose host ends in HOST, fail in the last collect; "
    f"repeatable. Kinds: {', '.join(FAULTS)}.",
)
@click.option("--no-serve", is_flag=True, help="End after the answers are computed.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port; dashboard.port by default.")
@click.pass_obj
def demo(
    state: State,
    size: str,
    seed: int,
    definitions: Path | None,
    runs: int,
    faults: tuple[Fault, ...],
    *,
    no_serve: bool,
    port: int | None,
) -> None:
    """Show Connectory on a simulated tenant: collect, assess and serve.

    The store is var/demo.sqlite, made anew, unless CONNECTORY_DATABASE_URL names another.
    """
    from connectory.demo import run_demo

    run_demo(
        size=size,
        seed=seed,
        definitions=definitions,
        runs=runs,
        faults=faults,
        serve=not no_serve,
        port=port,
        config=state.config,
    )


@click.command()
@click.option(
    "--size", type=SIZES, default="small", show_default=True, help="How big the tenant is."
)
@click.option("--seed", type=int, default=7, show_default=True, help="Which tenant of that size.")
@click.option("--definitions", type=DEFINITIONS, help="Folder of real connector definitions.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8700,
    show_default=True,
    help="Port on loopback.",
)
def simulate(size: str, seed: int, definitions: Path | None, port: int) -> None:
    """Serve a simulated tenant on loopback until stopped."""
    from connectory.simulator.server import run

    run(size=size, seed=seed, definitions=definitions, port=port)
