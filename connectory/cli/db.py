"""Commands that look after the store and its answers."""

from __future__ import annotations

import click

from connectory.cli.state import State


@click.group()
def db() -> None:
    """Migrate and check the store."""


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


@click.command()
@click.pass_obj
def assess(state: State) -> None:
    """Compute the answers over the latest finished run again."""
    from connectory.assess import assess as run_assess

    report = run_assess(state.engine(), now=state.now)
    if report is None:
        raise click.ClickException("there is no finished run; run: connectory collect")
    click.echo(
        f"run {report.run_id} assessed: {report.changed} of {report.answers} answers changed"
    )
