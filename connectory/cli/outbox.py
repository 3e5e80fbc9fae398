"""The commands of the outbox: look at it, send what waits, and decide what a person has to."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from connectory.cli.printing import printed
from connectory.cli.state import State
from connectory.domain.mailing import MEANING

if TYPE_CHECKING:
    from connectory.reports.delivering import Delivered

_AUTHOR = click.option("--author", required=True, help="Who decides it; kept with the message.")
_IDS = click.argument("ids", nargs=-1, type=int, metavar="[ID]...")


@click.group()
def outbox() -> None:
    """Look at messages to people, send them, and decide what nobody else may."""


@outbox.command(name="list")
@click.option("--state", "wanted", type=click.Choice(list(MEANING)), help="Only in this state.")
@click.option("--limit", default=50, show_default=True, help="Most messages, the newest first.")
@click.option(
    "--format",
    "kind",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Words for people, or one JSON object for programs.",
)
@click.pass_obj
def list_messages(state: State, wanted: str | None, limit: int, kind: str) -> None:
    """Show messages with their states, and how many are in each."""
    from connectory.database import reading
    from connectory.queries.outbox import outbox as messages
    from connectory.queries.outbox import outbox_counts

    with reading(state.engine()) as connection:
        found = messages(connection, wanted, limit=limit)
        counts = outbox_counts(connection)
    if kind == "json":
        rows = json.loads(found.to_json(orient="records", date_format="iso"))
        totals = dict(zip(counts["state"], counts["messages"].tolist(), strict=True))
        click.echo(json.dumps({"counts": totals, "messages": rows}, indent=1))
        return
    for row in found.itertuples():
        number, name, address = str(row.outbox_id), str(row.recipient_name), str(row.address)
        whom = f"{name} <{address}>" if name != address else address
        told = f"{number:>6}  {row.state!s:<9}  {row.occasion!s}  {whom}  {row.subject!s}"
        click.echo(printed(told))
        if row.reason:
            click.echo(printed(f"{'':>6}  {row.reason!s}"))
    some = counts[counts["messages"] > 0]
    total = ", ".join(f"{row.messages!s} {row.state!s}" for row in some.itertuples())
    click.echo(total or "nothing was ever written to anybody")


@outbox.command()
@click.option("--in-quiet-hours", is_flag=True, help="Send although it is quiet.")
@click.pass_obj
def send(state: State, in_quiet_hours: bool) -> None:  # noqa: FBT001 - a flag
    """Send what waits, as fast as reports.per_minute allows, until nothing is due.

    Several may run at once. SIGTERM or Ctrl-C ends it after the message under way.

    Exit code: 0 all that was due is sent or it is quiet, 3 something is refused, uncertain or put
    off, 1 nothing can be sent.
    """
    from connectory.sending_out import send_out

    engine = state.engine()
    try:
        told = send_out(engine, state.settings, now=state.now, in_quiet=in_quiet_hours)
    finally:
        engine.dispose()
    say(told)
    sys.exit(told.exit_code)


def say(told: Delivered) -> None:
    """Say what came of a round of sending."""
    click.echo(f"{told.sent} sent")
    uncertain = (
        "uncertain: they may have arrived, and only connectory outbox resend sends them again"
    )
    for number, words in (
        (told.later, "not taken; tried again later"),
        (told.refused, "refused; connectory outbox list --state refused"),
        (told.uncertain + told.lost, uncertain),
    ):
        if number:
            click.echo(f"{number} {words}", err=True)
    if told.quiet_until is not None:
        click.echo(f"quiet until {told.quiet_until:%d %b %Y %H:%M} UTC; {told.left} wait")
    if told.why:
        click.echo(f"connectory: {told.left} wait: {told.why}", err=True)
    for channel, waiting in told.elsewhere.items():
        click.echo(
            f"{waiting} wait for the channel {channel}, which reports.channel does not name "
            "any more; cancel them, or name it again",
            err=True,
        )


@outbox.command()
@_IDS
@click.option("--occasion", help="All of this occasion, e.g. owner-digest/2026-W48.")
@_AUTHOR
@click.pass_obj
def release(state: State, ids: tuple[int, ...], occasion: str | None, author: str) -> None:
    """Let messages be sent that were held, since their run would have written to too many."""
    from connectory.reports.outbox import release as decide

    _decided(state, decide, _chosen(state, ids, occasion, ["held"]), author, "released")


@outbox.command()
@_IDS
@click.option("--occasion", help="All of this occasion, e.g. owner-digest/2026-W48.")
@_AUTHOR
@click.pass_obj
def cancel(state: State, ids: tuple[int, ...], occasion: str | None, author: str) -> None:
    """Decide that messages are not sent which wait or are held."""
    from connectory.reports.outbox import cancel as decide

    _decided(state, decide, _chosen(state, ids, occasion, ["held", "queued"]), author, "cancelled")


@outbox.command()
@click.argument("number", type=int, metavar="ID")
@_AUTHOR
@click.pass_obj
def resend(state: State, number: int, author: str) -> None:
    """Have one message sent again that is uncertain, refused or bounced.

    It keeps its Message-ID, so that a mailbox which has it already may tell.
    """
    from connectory.reports.outbox import NotDecided
    from connectory.reports.outbox import resend as decide

    try:
        decide(state.engine(), number, author=author, now=state.now())
    except NotDecided as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"message {number} is sent again by the next connectory outbox send")


@outbox.command()
@click.argument("files", nargs=-1, required=True, type=click.File("rb"), metavar="FILE...")
@click.pass_obj
def bounce(state: State, files: tuple[Any, ...]) -> None:
    """Record delivery reports (RFC 3464) that came back by mail; - reads one from the pipe.

    Exit code: 0 all are recorded, 3 something else was among them.
    """
    from connectory.lease import holder_name
    from connectory.reports.bouncing import NotABounce, bounced

    engine = state.engine()
    strange = 0
    for file in files:
        try:
            found = bounced(engine, file.read(), actor=holder_name(), now=state.now())
        except NotABounce as error:
            strange += 1
            click.echo(printed(f"connectory: {file.name}: {error}"), err=True)
            continue
        became = "bounced" if found.changed else "noted"
        click.echo(printed(f"message {found.outbox_id} {became}: {found.told}"))
    sys.exit(3 if strange else 0)


def _chosen(
    state: State, ids: tuple[int, ...], occasion: str | None, states: list[str]
) -> list[int]:
    """Return the numbers of the messages that are meant."""
    from connectory.database import reading
    from connectory.queries.outbox import outbox as messages

    if bool(ids) == bool(occasion):
        raise click.UsageError("name messages by their numbers, or an --occasion")
    if ids:
        return list(ids)
    with reading(state.engine()) as connection:
        found = messages(connection, states, occasion=occasion)
    return [int(one) for one in found.loc[found["occasion"] == occasion, "outbox_id"]]


def _decided(
    state: State,
    decide: Callable[..., int],
    ids: list[int],
    author: str,
    what: str,
) -> None:
    from connectory.reports.outbox import NotDecided

    now: datetime = state.now()
    try:
        number = decide(state.engine(), ids, author=author, now=now)
    except NotDecided as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{number} {what}")
