"""The subscription to the audit log: the one thing Connectory ever switches on at Microsoft."""

from __future__ import annotations

import sys

import click

from connectory.cli.state import State


@click.group()
def audit() -> None:
    """Show or start the subscription to the tenant's audit log."""


@audit.command()
@click.pass_obj
def start(state: State) -> None:
    """Subscribe to the audit log; the only command that alters anything at Microsoft.

    It is needed once. The first records come within twelve hours, none from before. Collecting
    never subscribes by itself.
    """
    from connectory.subscribing import start_audit

    if start_audit(state.settings):
        click.echo("subscribed; the first records come within twelve hours")
    else:
        click.echo("subscribed already; nothing was sent")


@audit.command()
@click.pass_obj
def status(state: State) -> None:
    """Tell whether the audit log is subscribed to. Exit code: 0 it is, 3 it is not."""
    from connectory.subscribing import audit_is_subscribed

    if audit_is_subscribed(state.settings):
        click.echo("subscribed")
        return
    click.echo("not subscribed; run: connectory audit start")
    sys.exit(3)
