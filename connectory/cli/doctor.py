"""The commands before the first run: write the settings, and check what they give access to."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from connectory.cli.state import State

if TYPE_CHECKING:
    from connectory.doctor import Check

CLOUDS = click.Choice(["commercial", "gcc", "gcc_high", "dod", "china"])
METHODS = click.Choice(["client_secret", "certificate", "device_code", "managed_identity"])


@click.command()
@click.option("--environment", default="", help="Ask about this environment id; else about any.")
@click.option(
    "--format",
    "kind",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Words for people, or one JSON object for programs.",
)
@click.pass_obj
def doctor(state: State, environment: str, kind: str) -> None:
    """Check every service: reachable, signed in to, permitted; and what is lost where not.

    It only reads, one small request a permission. On a terminal it also signs a person in for the
    services of sign_in.delegated_services.

    Exit code: 0 all is well, 3 something is refused or unreachable, 1 nothing works.
    """
    from connectory.doctor import examine

    found = examine(
        state.settings,
        today=state.now().date(),
        environment=environment,
        told=_print if kind == "text" else lambda _: None,
    )
    if kind == "json":
        click.echo(json.dumps({"checks": [asdict(check) for check in found.checks]}, indent=1))
    sys.exit(found.exit_code)


def _print(check: Check) -> None:
    click.echo(f"{check.state.replace('_', ' '):<12} {check.subject:<42} {check.permission}")
    if check.reason:
        click.echo(f"{'':<12} {check.reason}")
    if check.lost:
        click.echo(f"{'':<12} without it: {check.lost}")


@click.command()
@click.option("--tenant", help="Entra tenant id (GUID).")
@click.option("--client-id", help="Application id of the app registration.")
@click.option("--cloud", type=CLOUDS, help="National cloud of the tenant.")
@click.option("--method", type=METHODS, help="How collectors sign in.")
@click.option("--database-url", help="Address of the store; SQLite by default.")
@click.option("--time-zone", help="Zone in which times are shown, e.g. Europe/Berlin.")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    default="config.toml",
    show_default=True,
    help="Where to write; a file that is there is never overwritten.",
)
def init(
    tenant: str | None,
    client_id: str | None,
    cloud: str | None,
    method: str | None,
    database_url: str | None,
    time_zone: str | None,
    output: Path,
) -> None:
    """Write config.toml: every setting with its explanation, and what is given here filled in.

    On a terminal it asks for what is not given; otherwise that keeps its default. No secret is
    asked for: the file names the environment variable that holds it.
    """
    from connectory.initial import refuse_overwriting, write

    refuse_overwriting(output)
    asks = sys.stdin.isatty() and sys.stdout.isatty()
    if asks:
        tenant = tenant or click.prompt("Tenant id (GUID)")
        cloud = cloud or click.prompt("Cloud", type=CLOUDS, default="commercial")
        method = method or click.prompt("Sign-in", type=METHODS, default="client_secret")
        client_id = client_id or click.prompt("Application (client) id", default="")
    given = {
        "tenant.id": tenant,
        "tenant.cloud": cloud,
        "sign_in.method": method,
        "sign_in.client_id": client_id,
        "database.url": database_url,
        "dashboard.time_zone": time_zone,
    }
    write(output, {name: value for name, value in given.items() if value})
    click.echo(f"{output} written; set the secret it names, then run: connectory doctor")
