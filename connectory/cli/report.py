"""The command that writes reports: to look at, or to send."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from connectory.cli.printing import printed
from connectory.cli.solver_output import solver_aside
from connectory.cli.state import State

if TYPE_CHECKING:
    from connectory.reports.letter import Letter

_NAMES = ["owner-digest", "tenant-summary", "exposure-summary"]
_LISTED = 50


@click.command()
@click.argument("name", type=click.Choice(_NAMES))
@click.option("--owner", help="Only the digest of this person: object id, mail address or name.")
@click.option("--dry-run", is_flag=True, help="Write every letter into a folder; send nothing.")
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("report"),
    show_default=True,
    help="Folder for --dry-run.",
)
@click.option("--send", is_flag=True, help="Put every letter into the outbox and send it.")
@click.option(
    "--format",
    "kind",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Words for people, or one JSON object for programs.",
)
@click.pass_obj
def report(
    state: State,
    name: str,
    *,
    owner: str | None,
    dry_run: bool,
    output: Path,
    send: bool,
    kind: str,
) -> None:
    """Write the report NAME: say to whom, or with --dry-run into a folder, or --send it.

    owner-digest goes to everybody who answers for connectors, tenant-summary to
    reports.coe_mailbox, exposure-summary to reports.licence_mailboxes. Nobody gets two for one
    week, or month.

    Exit code: 0 done, 3 something is held, refused, uncertain or put off, 1 nothing can be sent.
    """
    if dry_run and send:
        raise click.UsageError("--dry-run writes what --send would send; choose one")
    if owner is not None and name != "owner-digest":
        raise click.UsageError(f"--owner chooses among digests; {name} is one for all")
    letters = _written(state, name, owner)
    if dry_run:
        _keep(state, letters, output)
    if send:
        sys.exit(_sent(state, letters))
    _say(letters, kind)
    if dry_run and kind == "text":
        click.echo(f"written to {output}; nothing was sent")


def _written(state: State, name: str, owner: str | None) -> list[Letter]:
    """Return the letters of a report, of this week or month."""
    from connectory.database import reading
    from connectory.queries.moments import latest
    from connectory.report_letters import report_letters
    from connectory.reports.written import REPORTS

    settings, written = state.settings, REPORTS[name]
    with reading(state.engine()) as connection, solver_aside():
        moment = latest(connection)
        if moment is None:
            raise click.ClickException("there is no finished run; run: connectory collect")
        letters = report_letters(connection, moment, settings, name, now=state.now(), owner=owner)
    if not letters and owner is not None:
        raise click.ClickException(
            f"no digest for {owner!r}; --owner; name somebody whom connectory report {name} lists"
        )
    if not letters and written.mailboxes:
        raise click.ClickException(
            f"{name} goes to nobody; {written.mailboxes}; name a mail address there"
        )
    return letters


def _keep(state: State, letters: Sequence[Letter], folder: Path) -> None:
    """Write each letter as mail, HTML, text and card."""
    from connectory.reports.dry_run import keep

    try:
        keep(letters, folder, state.settings.reports, at=state.now())
    except OSError as error:
        raise click.ClickException(
            f"the folder cannot be written: {error.strerror}; {folder}; --output"
        ) from error


def _say(letters: Sequence[Letter], kind: str) -> None:
    """Say who gets what, as what, and why."""
    if kind == "json":
        click.echo(json.dumps([_row(one) for one in letters], indent=1))
        return
    for one in letters[:_LISTED]:
        whom = (
            f"{one.to.name} <{one.to.address}>" if one.to.name != one.to.address else one.to.address
        )
        click.echo(printed(f"{whom}  {one.to.role}  {one.language}  {one.subject}"))
        for passed in one.to.passed:
            before = f"{passed.role} {passed.name}".rstrip()
            click.echo(printed(f"    not to {before}: {passed.why.replace('_', ' ')}"))
    if len(letters) > _LISTED:
        click.echo(f"and {len(letters) - _LISTED:,} more; --format json lists all")
    click.echo(f"{len(letters):,} {'letter' if len(letters) == 1 else 'letters'}")


def _row(one: Letter) -> dict[str, object]:
    return {
        "to": one.to.name,
        "address": one.to.address,
        "role": one.to.role,
        "passed": [
            {"role": passed.role, "name": passed.name, "why": passed.why}
            for passed in one.to.passed
        ],
        "language": one.language,
        "occasion": one.occasion,
        "subject": one.subject,
        "connectors": list(one.connectors),
    }


def _sent(state: State, letters: Sequence[Letter]) -> int:
    """Put letters into the outbox, send what is due, say what came of it; return the exit code."""
    from connectory.cli.outbox import say
    from connectory.reports.outbox import queue
    from connectory.sending_out import send_out

    engine, settings = state.engine(), state.settings
    try:
        put = queue(engine, letters, settings.reports, now=state.now())
        click.echo(f"{put.queued} queued, {put.already} written to before for the same")
        if put.refused:
            click.echo(f"{put.refused} refused; connectory outbox list --state refused", err=True)
        if put.held:
            click.echo(
                f"{put.held} held: more than reports.cap_per_run; look at them, then: "
                f"connectory outbox release --occasion {letters[0].occasion} --author YOU",
                err=True,
            )
        told = send_out(engine, settings, now=state.now)
    finally:
        engine.dispose()
    say(told)
    return told.exit_code or (3 if put.held or put.refused else 0)
