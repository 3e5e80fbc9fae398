"""The commands of campaigns: ask who answers for connectors, and see who did."""

from __future__ import annotations

import getpass
import json
import sys
from typing import IO, TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from connectory.cli.printing import printed
from connectory.cli.state import State

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import Engine

    from connectory.campaigning import Plan
    from connectory.queries.moments import Moment
    from connectory.reports.outbox import Queued

_LARGEST_FILE = 20_000_000
_NUMBER = click.IntRange(1, 2**31 - 1)
_ID = click.argument("number", type=_NUMBER, metavar="ID")
_AUTHOR = click.option("--author", help="Who decides; the account of this command by default.")
_FORM = click.option(
    "--format",
    "kind",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Words for people, or one JSON object for programs.",
)


@click.group()
def campaign() -> None:
    """Ask whoever answers for connectors whether they are needed, and see who answered."""


@campaign.command(name="open")
@click.option("--name", required=True, help="Name people see.")
@click.option("--purpose", required=True, help="Why people are asked; stands in the mail.")
@click.option(
    "--choice",
    type=click.Choice(["stale", "gaps", "all"]),
    help="Ask about those that look unused, those without an owner in working order, or all.",
)
@click.option(
    "--connector", "connectors", type=_NUMBER, multiple=True, help="Ask about this one; repeat it."
)
@click.option(
    "--again", is_flag=True, help="Ask also about what was kept lately, or is being retired."
)
@click.option("--dry-run", is_flag=True, help="Only say whom it would ask about what.")
@_AUTHOR
@click.pass_obj
def open_(
    state: State,
    name: str,
    purpose: str,
    choice: Any,
    connectors: tuple[int, ...],
    again: bool,  # noqa: FBT001 - a flag
    dry_run: bool,  # noqa: FBT001 - a flag
    author: str | None,
) -> None:
    """Open a campaign: one request for each connector, one letter to each person.

    What another campaign asks about already is left out, and said. Letters go into the outbox;
    connectory outbox send sends them.
    """
    from connectory import campaigning
    from connectory.actions.campaigns import NotOpened

    engine, moment = state.engine(), _moment(state)
    which: dict[str, Any] = {
        "choice": choice,
        "connector_ids": list(connectors) or None,
        "again": again or bool(connectors),
    }
    try:
        if dry_run:
            _say_plan(
                campaigning.planned_campaign(
                    engine, state.settings, moment, **which, today=_today(state)
                )
            )
            return
        told = campaigning.open_campaign(
            engine, state.settings, moment, name=name, purpose=purpose, **which,
            author=author or _account(), now=state.now(),
        )  # fmt: skip
    except NotOpened as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"campaign {told.campaign_id} is open: {_counted(len(told.requests), 'connector')}")
    _say_left_out(told.already, told.nobody)
    _say_letters(told.queued)


@campaign.command(name="list")
@_FORM
@click.pass_obj
def list_(state: State, kind: str) -> None:
    """Show campaigns with how far each is, the newest first."""
    from connectory.database import reading
    from connectory.queries.campaigns import campaigns

    with reading(state.engine()) as connection:
        found = campaigns(connection, _today(state))
    if kind == "json":
        click.echo(found.to_json(orient="records", date_format="iso", indent=1))
        return
    for row in found.to_dict("records"):
        click.echo(
            printed(
                f"{row['campaign_id']:>4}  {row['state']:<6}  {row['name']}  "
                f"{row['answered']} of {row['connectors']} answered, by {row['deadline']}"
            )
        )
    if found.empty:
        click.echo("nobody was ever asked; run: connectory campaign open")


@campaign.command()
@_ID
@_FORM
@click.pass_obj
def show(state: State, number: int, kind: str) -> None:
    """Show campaign ID: what was asked of whom, and what they answered."""
    from connectory.database import reading
    from connectory.queries.campaigns import campaign as one_campaign
    from connectory.queries.campaigns import requests

    moment, today = _moment(state), _today(state)
    with reading(state.engine()) as connection:
        found = one_campaign(connection, number, today)
        if found is None:
            raise click.ClickException(f"there is no campaign {number}; connectory campaign list")
        rows = requests(connection, moment, today, campaign_id=number)
    if kind == "json":
        told = json.loads(rows.to_json(orient="records", date_format="iso"))
        click.echo(json.dumps({"campaign": number, "requests": told}, indent=1))
        return
    facts = found.facts
    click.echo(printed(f"{facts['name']}: {facts['purpose']}"))
    click.echo(f"{facts['answered']} of {facts['connectors']} answered; {facts['state']}")
    for row in rows.to_dict("records"):
        answer = f": {row['reason']}" if row["reason"] else ""
        click.echo(
            printed(
                f"{row['request_id']:>6}  {row['state']:<10}  {row['connector']}  "
                f"({row['environment']})  {row['asked_name']}  {row['deadline']}{answer}"
            )
        )


@campaign.command()
@click.pass_obj
def advance(state: State) -> None:
    """Remind, ask the next one and give up where that is due; put the letters into the outbox."""
    from connectory import campaigning

    told = campaigning.advance(state.engine(), state.settings, _moment(state), now=state.now())
    words = {"remind": "reminded", "escalate": "went on to the next one", "give_up": "given up"}
    parts = [f"{told.steps.get(step, 0)} {said}" for step, said in words.items()]  # type: ignore[call-overload]
    click.echo(", ".join(parts))
    for count, said in (
        (told.gone, "ended because their connector is gone"),
        (told.removed, "plans done: their connector is gone"),
        (told.closed, "campaigns closed, nothing is open in them any more"),
    ):
        if count:
            click.echo(f"{count} {said}")
    _say_letters(told.queued)


@campaign.command()
@_ID
@_AUTHOR
@click.pass_obj
def close(state: State, number: int, author: str | None) -> None:
    """Close campaign ID: what is open of it is not asked any more, and its links end."""
    from connectory.actions.campaigns import NotOpened, close_campaign

    try:
        ended = close_campaign(state.engine(), number, author=author or _account(), now=state.now())
    except NotOpened as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"campaign {number} is closed; {ended} had not answered")


@campaign.command()
@_ID
@click.option("--owner", help="Only what this one is asked: object id, mail address or name.")
@click.option(
    "--output",
    type=click.File("w", encoding="utf-8-sig", lazy=True),
    default="-",
    help="File to write; standard output by default.",
)
@click.pass_obj
def export(state: State, number: int, owner: str | None, output: IO[str]) -> None:
    """Write what is open of campaign ID as CSV to be filled in: answer, reason, hand_over_to, until."""
    from connectory.campaigning.returned import handed_out
    from connectory.database import reading
    from connectory.queries.export import to_csv

    with reading(state.engine()) as connection:
        found = handed_out(connection, number, owner)
    if found.empty:
        raise click.ClickException(f"nothing is open of campaign {number} to that person")
    output.write(to_csv(found))


@campaign.command(name="import")
@click.argument("file", type=click.File("rb"))
@click.option("--partial", is_flag=True, help="Take what is right although other lines are wrong.")
@_AUTHOR
@click.pass_obj
def import_(state: State, file: IO[bytes], partial: bool, author: str | None) -> None:  # noqa: FBT001 - a flag
    """Take the answers of a filled-in FILE that connectory campaign export wrote; - reads the pipe.

    Exit code: 0 all are taken, 3 some lines are wrong and were left out, 1 nothing was taken.
    """
    from connectory.campaigning.returned import NotRead, read_lines, take

    place = getattr(file, "name", "-")
    content = file.read(_LARGEST_FILE + 1)
    if len(content) > _LARGEST_FILE:
        raise click.ClickException(f"{place}: larger than 20 MB; take one campaign at a time")
    try:
        told = take(
            state.engine(), state.settings, read_lines(content.decode("utf-8-sig")),
            partial=partial, author=author or _account(), now=state.now(),
        )  # fmt: skip
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{place}: no text in UTF-8; save it as CSV UTF-8") from error
    except NotRead as error:
        raise click.ClickException(f"{place}: {error}") from error
    for line, why in told.problems:
        click.echo(printed(f"{place}, line {line}: {why}"), err=True)
    click.echo(f"{_counted(told.answered, 'answer')} taken, {told.empty} lines without one")
    if told.problems:
        if not partial:
            click.echo("nothing was taken; mend these lines, or use --partial", err=True)
        sys.exit(3 if partial else 1)


def _say_plan(plan: Plan) -> None:
    by_person: dict[str, list[str]] = {}
    for one in plan.asking:
        whom = f"{one.to.name} <{one.to.address}> ({one.to.role})"
        by_person.setdefault(whom, []).append(plan.names[one.connector_id])
    for whom, names in sorted(by_person.items()):
        click.echo(printed(f"{whom}: {', '.join(names)}"))
    click.echo(
        f"{_counted(len(plan.asking), 'connector')}, {_counted(len(by_person), 'letter')}; "
        "nothing was written"
    )
    _say_left_out(plan.already, plan.nobody, len(plan.settled))


def _say_left_out(already: Any, nobody: tuple[int, ...], settled: int = 0) -> None:
    if settled:
        click.echo(f"{settled} left out: kept lately or being retired; --again asks all the same")
    if already:
        numbers = ", ".join(str(one) for one in sorted(set(already.values())))
        click.echo(f"{len(already)} left out: asked about already in campaign {numbers}")
    if nobody:
        click.echo(
            f"{len(nobody)} left out: nobody can be asked; set reports.coe_mailbox", err=True
        )


def _say_letters(queued: Queued) -> None:
    if queued.queued:
        click.echo(f"{_counted(queued.queued, 'letter')} in the outbox; connectory outbox send")
    if queued.held:
        click.echo(
            f"{_counted(queued.held, 'letter')} held: more than reports.cap_per_run; "
            "connectory outbox release",
            err=True,
        )
    if queued.refused:
        click.echo(f"{_counted(queued.refused, 'letter')} without a plain address", err=True)


def _counted(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def _account() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError) as error:
        raise click.ClickException("this account has no name; name the author: --author") from error


def _moment(state: State) -> Moment:
    from connectory.database import reading
    from connectory.queries.moments import latest

    engine: Engine = state.engine()
    with reading(engine) as connection:
        found = latest(connection)
    if found is None:
        raise click.ClickException("there is no finished run yet; run: connectory collect")
    return found


def _today(state: State) -> date:
    return state.now().astimezone(ZoneInfo(state.settings.dashboard.time_zone)).date()
