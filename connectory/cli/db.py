"""Commands that look after the store and its answers."""

from __future__ import annotations

import click

from connectory.cli.printing import printed
from connectory.cli.state import State


@click.group()
def db() -> None:
    """Migrate, check and trim the store."""


@db.command()
@click.pass_obj
def upgrade(state: State) -> None:
    """Bring the store to the newest schema."""
    engine = state.engine(migrate=True)
    click.echo(f"the store is current: {engine.url.render_as_string(hide_password=True)}")


@db.command()
@click.pass_obj
def check(state: State) -> None:
    """Tell whether the store's schema is the one this version expects (exit 1 if not)."""
    from connectory.database import open_store, schema_differences, schema_is_current

    engine = open_store(state.settings.database.url)
    if not schema_is_current(engine):
        raise click.ClickException("the schema is not current; run: connectory db upgrade")
    differences = schema_differences(engine)
    if differences:
        raise click.ClickException("the schema differs from the models: " + "; ".join(differences))
    click.echo("the schema is current")


@db.command()
@click.pass_obj
def purge(state: State) -> None:
    """Drop single calls older than telemetry.retention_days; what they add up to stays.

    Who called is forgotten of days older than telemetry.people_days; how many called stays.
    Every collect of access logs does the same; this is for a store that is not collected any more,
    or after the setting was lowered. Days of which a log that is asked for may still tell stay open.
    """
    from datetime import UTC, timedelta

    from collectors.telemetry.days import purge as purge_days
    from collectors.telemetry.forgetting import forget
    from collectors.telemetry.log_windows import first_unread
    from connectory.database import reading, writing

    engine = state.engine()
    settings, today = state.settings.telemetry, state.now().astimezone(UTC).date()
    with reading(engine) as connection:
        unread = first_unread(connection, settings, state.now())
    first = min(today - timedelta(days=settings.retention_days), unread)
    known = today - timedelta(days=settings.people_days)
    try:
        days = purge_days(lambda: writing(engine), first)
        forgotten = forget(lambda: writing(engine), known)
    finally:
        engine.dispose()
    click.echo(f"{days} days before {first:%d %b %Y} sealed; their single calls are gone")
    click.echo(f"{forgotten} days before {known:%d %b %Y}: who called is forgotten")


@db.command()
@click.pass_obj
def distribute(state: State) -> None:
    """Spread a store on PostgreSQL with the extension citus over the machines of its cluster.

    What logs tell of calls is spread by the host that was called; every other table stands on each
    machine. Run it again after an upgrade that brought new tables. Elsewhere it does nothing and
    says why.
    """
    from connectory.distributing import distribute as spread

    engine = state.engine()
    try:
        told = spread(engine)
    finally:
        engine.dispose()
    if told.refusal is not None:
        click.echo(f"nothing was done: {told.refusal}")
    elif told.distributed or told.reference:
        click.echo(
            f"{len(told.distributed)} tables are spread by the host that was called, "
            f"{len(told.reference)} stand on each machine now"
        )
    else:
        click.echo("nothing was done: the store is spread already")


@click.command()
@click.pass_obj
def assess(state: State) -> None:
    """Compute the answers over the latest finished run again.

    The file of stewards that owners.steward_file names is applied as well, all of it or nothing.
    """
    from connectory.assess import assess as run_assess
    from connectory.cli.drifted import drifted
    from connectory.cli.licences import told
    from connectory.progress import reckoning
    from connectory.steward_file import apply_named

    engine = state.engine()
    with reckoning("licences", "drift") as (progress, compared):
        report = run_assess(
            engine,
            now=state.now,
            licensing=state.settings.licensing,
            drifting=state.settings.drift,
            staleness=state.settings.staleness,
            progress=progress,
            drift_progress=compared,
        )
    if report is None:
        raise click.ClickException("there is no finished run; run: connectory collect")
    click.echo(
        f"run {report.run_id} assessed: {report.changed} of {report.answers} answers changed"
    )
    click.echo(told(report.licences.tenant))
    click.echo(drifted(report.drift))
    for note in report.drift.notes:
        click.echo(f"connectory: {note}", err=True)
    if wrong := apply_named(engine, state.settings, now=state.now()):
        click.echo(printed(f"connectory: {wrong}"), err=True)
