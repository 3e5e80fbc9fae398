"""`connectory estimates`: estimates of the tenant that was read, frozen, compared and taken along."""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from datetime import datetime
from typing import IO, TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

import click

from connectory.cli.printing import printed
from connectory.cli.solver_output import solver_aside
from connectory.cli.state import State

if TYPE_CHECKING:
    from decimal import Decimal

    from sqlalchemy import Engine

    from connectory.domain.licensing.frozen import Frozen
    from connectory.domain.licensing.statement import Item
    from connectory.queries.exposure import Exposure
    from connectory.queries.moments import Moment

_DAYS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
_FORMS = ("xlsx", "focus", "lines", "people", "scenario")
_NUMBER = click.IntRange(1, 2**31 - 1)
as_of_option = click.option(
    "--as-of",
    type=click.DateTime(_DAYS),
    help="As the last run by then found the tenant: a whole day, or a time, in dashboard.time_zone.",
)


class _Live(NamedTuple):
    engine: Engine
    moment: Moment
    told: Exposure


@click.group()
def estimates() -> None:
    """Freeze what licences the tenant needs and what they cost; compare that and take it along."""


@estimates.command()
@as_of_option
@click.option("--author", help="Who freezes it; the account of this command by default.")
@click.option("--note", default="", help="What it is made for.")
@click.pass_obj
def freeze(state: State, as_of: datetime | None, author: str | None, note: str) -> None:
    """Freeze the estimate of the latest run under the next number.

    It is kept with all it was reckoned from and never changes. Only the store is written.
    """
    from connectory.actions import freezing

    live = _live(state, as_of)
    try:
        frozen = freezing.freeze(
            live.engine,
            live.moment,
            live.told,
            state.settings.licensing,
            author=author if author is not None else _account(),
            note=note,
            now=state.now(),
        )
    except freezing.NotFrozen as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{frozen.title}: {_figures(frozen)}; SHA-256 {frozen.digest}")


def _account() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError) as error:
        raise click.ClickException("this account has no name; name the author: --author") from error


@estimates.command(name="list")
@click.pass_obj
def list_(state: State) -> None:
    """List what was frozen, the newest first."""
    from connectory.database import reading
    from connectory.domain.licensing.payload import amount
    from connectory.queries.estimates import frozen_estimates

    with reading(state.engine()) as connection:
        found = frozen_estimates(connection)
    if found.empty:
        click.echo("nothing was frozen yet; run: connectory estimates freeze")
        return
    zone = ZoneInfo(state.settings.dashboard.time_zone)
    _table(
        ("Number", "Frozen", "By", "A month", "A year", "Note"),
        [
            (str(row["number"]), f"{row['made_at'].astimezone(zone):%Y-%m-%d %H:%M}", row["author"],
             f"{amount(row['monthly'])} {row['currency']}", amount(row["annual"]), row["note"])
            for row in found.to_dict("records")
        ],
    )  # fmt: skip


@estimates.command()
@click.argument("number", type=_NUMBER)
@click.option("--again", is_flag=True, help="Reckon it anew from what was frozen, and compare.")
@click.pass_obj
def show(state: State, number: int, *, again: bool) -> None:
    """Show estimate NUMBER, and whether it is still what was frozen (exit 1 if not)."""
    from connectory.domain.licensing.payload import amount
    from connectory.exports.workbook import assumptions

    frozen = _frozen(state, number)
    told = frozen.statement
    click.echo(
        f"{frozen.title}, by {frozen.author}, {frozen.made_at:%Y-%m-%d %H:%M} UTC, run {frozen.run_id}"
    )
    if frozen.note:
        click.echo(frozen.note)
    click.echo(_figures(frozen))
    _table(
        ("Plan", "Environment", "Quantity", "Unit price", f"{told.currency} a month"),
        [
            (one.name, one.environment or "", f"{one.quantity:,}", amount(one.unit_price),
             amount(one.monthly))
            for one in told.items
        ],
    )  # fmt: skip
    for name, value in assumptions(told):
        click.echo(printed(f"{name}: {value}"))
    _check(frozen)
    click.echo("It is what was frozen.")
    if again:
        _again(frozen)


def _again(frozen: Frozen) -> None:
    from connectory.domain.licensing.frozen import reckoned
    from connectory.domain.licensing.model import Unsolved
    from connectory.domain.licensing.payload import amount
    from connectory.domain.licensing.prices import PriceBookError
    from connectory.domain.licensing.reading import ScenarioError

    try:
        with solver_aside():
            found = reckoned(frozen)
    except (ScenarioError, PriceBookError, Unsolved) as error:
        raise click.ClickException(f"it cannot be reckoned anew: {error}") from error
    if found.monthly != frozen.statement.monthly:
        raise click.ClickException(
            f"reckoned anew it comes to {amount(found.monthly)} {found.currency} a month"
        )
    click.echo("Reckoned anew it comes to the same.")


@estimates.command()
@click.argument("before", type=_NUMBER)
@click.argument("after", type=_NUMBER)
@click.pass_obj
def compare(state: State, before: int, after: int) -> None:
    """Show how estimate AFTER differs from estimate BEFORE: lines, people and prices."""
    from connectory.domain.licensing.comparing import compared

    found = compared(_sound(state, before).statement, _sound(state, after).statement)
    if not found.comparable:
        click.echo("Their amounts are in different currencies, and none is converted.")
    else:
        click.echo(f"{_more(found.monthly)} {found.after.currency} a month")
    _table(
        ("Plan", "Environment", "Before", "After", "A month more"),
        [
            (one.named.name, one.named.environment or "", _bought(one.before), _bought(one.after),
             _more(one.difference) if found.comparable else "")
            for one in found.lines
        ],
    )  # fmt: skip
    for person in found.people:
        was = person.before.gets if person.before else "nothing"
        now = person.after.gets if person.after else "nothing"
        click.echo(printed(f"{person.named.person}: {was} → {now}"))
    for price in found.prices:
        was = str(price.before.price) if price.before else "not there"
        now = str(price.after.price) if price.after else "not there"
        click.echo(f"Price of {price.named.name}: {was} → {now}")


def _bought(one: Item | None) -> str:
    from connectory.domain.licensing.payload import amount

    return "" if one is None else f"{one.quantity:,} at {amount(one.unit_price)}"


def _more(difference: Decimal) -> str:
    from connectory.domain.licensing.payload import amount

    return f"{'+' if difference > 0 else ''}{amount(difference)}"


@estimates.command()
@click.argument("number", type=_NUMBER, required=False)
@as_of_option
@click.option(
    "--format",
    "kind",
    type=click.Choice(_FORMS),
    default="xlsx",
    show_default=True,
    help="A workbook, a cost file as FOCUS 1.2, the lines or people as CSV, or the scenario.",
)
@click.option(
    "--output",
    type=click.File("wb", lazy=True),
    required=True,
    help="File to write; - for standard output.",
)
@click.pass_obj
def export(
    state: State, number: int | None, as_of: datetime | None, kind: str, output: IO[bytes]
) -> None:
    """Write estimate NUMBER as a file; without one, that of the latest run, which is not frozen."""
    from connectory.database import reading
    from connectory.domain.licensing.writing import write_scenario
    from connectory.exports.files import content
    from connectory.queries.statements import statement

    if number is not None:
        if as_of is not None:
            raise click.ClickException("a frozen estimate has its day; leave out --as-of")
        frozen = _sound(state, number)
        output.write(content(kind, frozen.statement, frozen.scenario, frozen))
        return
    live = _live(state, as_of)
    with reading(live.engine) as connection, solver_aside():
        told = statement(connection, live.told, state.settings.licensing)
    output.write(content(kind, told, write_scenario(live.told.tenant.scenario)))


def _check(frozen: Frozen) -> None:
    if not frozen.unaltered:
        raise click.ClickException(
            f"{frozen.title} is not what was frozen: its SHA-256 or what lists tell of it differs"
        )


def _sound(state: State, number: int) -> Frozen:
    """Return an estimate that is still what was frozen; nothing is handed out of another."""
    found = _frozen(state, number)
    _check(found)
    return found


def _frozen(state: State, number: int) -> Frozen:
    from connectory.database import reading
    from connectory.queries.estimates import DamagedEstimate, frozen_estimate

    try:
        with reading(state.engine()) as connection:
            found = frozen_estimate(connection, number)
    except DamagedEstimate as error:
        raise click.ClickException(str(error)) from error
    if found is None:
        raise click.ClickException(f"there is no estimate {number}; connectory estimates list")
    return found


def _live(state: State, as_of: datetime | None) -> _Live:
    from connectory.database import reading
    from connectory.domain.licensing.model import Unsolved
    from connectory.domain.licensing.prices import PriceBookError
    from connectory.queries.exposure import exposure
    from connectory.queries.moments import by, latest

    engine, zone = state.engine(), ZoneInfo(state.settings.dashboard.time_zone)
    with reading(engine) as connection:
        moment = by(connection, as_of, zone) if as_of else latest(connection)
        if moment is None:
            raise click.ClickException(
                "there is no finished run by then; run: connectory collect, or another --as-of"
            )
        try:
            with solver_aside():
                told = exposure(connection, moment, state.settings.licensing)
            return _Live(engine, moment, told)
        except (PriceBookError, Unsolved) as error:
            raise click.ClickException(str(error)) from error


def _figures(frozen: Frozen) -> str:
    from connectory.domain.licensing.payload import amount

    told = frozen.statement
    return (
        f"{amount(told.monthly)} {told.currency} a month, {amount(told.annual)} in twelve; "
        f"{_counted(told.people_in_need, 'person', 'people')} and "
        f"{_counted(told.flows_in_need, 'flow', 'flows')} without cover"
    )


def _counted(number: int, one: str, several: str) -> str:
    return f"{number:,} {one if number == 1 else several}"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(*heads, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(escape(printed(value)) for value in row))
    Console(highlight=False).print(table)
