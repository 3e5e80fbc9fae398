"""`connectory estimate`: what a scenario that is not in the store costs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from connectory.cli.solver_output import solver_aside
from connectory.cli.state import State

if TYPE_CHECKING:
    from connectory.domain.licensing.estimate import Estimate

_REVIEWS = 20


@click.command()
@click.argument("scenario", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--format",
    "kind",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="For people, or for programs.",
)
@click.pass_obj
def estimate(state: State, scenario: Path, kind: str) -> None:
    """Tell what licences the tenant of a SCENARIO file needs, and the cheapest way to have them.

    Nothing is asked of a tenant, and nothing of a store. docs/cost-model.md describes the file.
    """
    import json

    from connectory.domain.licensing.estimate import estimate as estimated
    from connectory.domain.licensing.model import Unsolved
    from connectory.domain.licensing.payload import payload
    from connectory.domain.licensing.prices import PriceBookError
    from connectory.domain.licensing.reading import ScenarioError, read_scenario

    settings = state.settings.licensing
    try:
        content = scenario.read_bytes()
    except OSError as error:
        raise click.ClickException(f"{scenario} cannot be read: {error.strerror}") from error
    try:
        told = read_scenario(content, str(scenario), state.now().date())
        with solver_aside():
            found = estimated(told, settings.prices(), settings.rules())
    except (ScenarioError, PriceBookError) as error:
        raise click.ClickException(str(error)) from error
    except Unsolved as error:
        raise click.ClickException(
            f"no cheapest plan was found: {error}; report it with the scenario"
        ) from error
    if kind == "json":
        click.echo(json.dumps(payload(found), ensure_ascii=False, indent=2))
    else:
        _show(found)


def _show(found: Estimate) -> None:
    from rich.console import Console
    from rich.markup import escape

    from connectory.domain.licensing.payload import amount

    console = Console(highlight=False)
    need = found.need
    console.print(
        f"On {found.scenario.as_of}, by those who "
        + ("use apps" if found.basis == "active" else "have access to apps")
        + f", [bold]{len(need.people):,} people and {len(need.flows):,} flows[/bold] need cover "
        "that is not there."
    )
    console.print(_ways(found))
    proof = "nothing costs less" if found.plan.proven else "not proven"
    console.print(
        f"Cheapest: [bold]{amount(found.monthly)} {found.currency}[/bold] a month beyond what is "
        f"held ({proof}); now metered: {amount(found.metered_now)}."
    )
    console.print(_lines(found))
    for review in need.review[:_REVIEWS]:
        console.print(f"To decide: {escape(review.subject)}: {escape(review.question)}")
    if len(need.review) > _REVIEWS:
        console.print(
            f"and {len(need.review) - _REVIEWS:,} more to decide; --format json lists all"
        )
    if found.reclaimable:
        console.print(f"Disabled accounts hold {len(found.reclaimable):,} paid licences.")
    for warning in found.warnings:
        console.print(f"Note: {escape(warning)}")


def _ways(found: Estimate) -> object:
    from rich.table import Table

    from connectory.domain.licensing.payload import amount

    table = Table("Way", box=None, pad_edge=False)
    table.add_column(f"{found.currency} a month", justify="right")
    table.add_column("")
    names = {
        "premium": "A licence for everybody",
        "per_app": "A pass for each app",
        "payg": "Pay-as-you-go",
        "process": "Licences of flows",
    }
    for name, way in found.ways.items():
        if way is None:
            continue
        lacks = [
            *([] if way.purchasable else ["cannot be bought"]),
            *([] if way.compliant else ["leaves a need"]),
        ]
        table.add_row(names[name], amount(way.monthly), ", ".join(lacks))
    return table


def _lines(found: Estimate) -> object:
    from rich.markup import escape
    from rich.table import Table

    from connectory.domain.licensing.payload import amount

    table = Table("Plan", "Environment", box=None, pad_edge=False)
    for head in ("Quantity", "Unit price", f"{found.currency} a month"):
        table.add_column(head, justify="right")
    for line in found.lines:
        table.add_row(
            line.plan,
            escape(line.environment or ""),
            f"{line.quantity:,}",
            amount(line.unit_price),
            amount(line.monthly),
        )
    return table
