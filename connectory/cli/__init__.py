"""The command line: parse, call one function, print. Errors are one line, never a traceback."""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from connectory.cli.audit import audit
from connectory.cli.campaign import campaign
from connectory.cli.collect import collect
from connectory.cli.db import assess, db
from connectory.cli.demo import demo, simulate
from connectory.cli.diff import diff
from connectory.cli.doctor import doctor, init
from connectory.cli.estimate import estimate
from connectory.cli.estimates import estimates
from connectory.cli.export import export
from connectory.cli.leavers import leavers
from connectory.cli.lint import lint
from connectory.cli.outbox import outbox
from connectory.cli.report import report
from connectory.cli.schedule import schedule
from connectory.cli.serve import serve
from connectory.cli.state import State
from connectory.cli.steward import steward

_TIMES = ["%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d"]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="connectory")
@click.option(
    "--config",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Settings file; CONNECTORY_CONFIG or config.toml by default.",
)
@click.option("--now", type=click.DateTime(_TIMES), hidden=True)
@click.option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"]),
    default="warning",
    show_default=True,
    help="How much is logged.",
)
@click.pass_context
def cli(context: click.Context, config: Path | None, now: datetime | None, log_level: str) -> None:
    """Governance and usage monitoring for Power Platform custom connectors."""
    logging.basicConfig(level=log_level.upper(), format="%(levelname)s %(name)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    context.obj = State(config, now.replace(tzinfo=UTC) if now else None)


for command in (
    assess, audit, campaign, collect, db, demo, diff, doctor, estimate, estimates, export, init, leavers, lint, outbox, report, schedule, serve, simulate, steward,
):  # fmt: skip
    cli.add_command(command)


def main() -> None:
    """Run the command line; an error is one line on stderr: what, where, what to do."""
    from sqlalchemy.exc import SQLAlchemyError

    from collectors.api.errors import ApiError
    from collectors.ledger import WrongTenant
    from collectors.run import UnknownEnvironment
    from connectory.config import ConfigError
    from connectory.database import StoreError
    from connectory.lease import TAKEN_EXIT_CODE, LeaseTaken

    try:
        sys.exit(cli.main(standalone_mode=False) or 0)
    except click.exceptions.Exit as error:
        sys.exit(error.exit_code)
    except click.Abort:
        click.echo("connectory: interrupted; what was read is kept", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except SQLAlchemyError as error:
        cause = " ".join(str(getattr(error, "orig", None) or error).split())[:300]
        click.echo(
            f"connectory: the store failed: {cause}; database.url; "
            "what was read before is kept, run again when it answers",
            err=True,
        )
        sys.exit(1)
    except LeaseTaken as error:
        click.echo(f"connectory: {error}", err=True)
        sys.exit(TAKEN_EXIT_CODE)
    except (
        ApiError,
        ConfigError,
        StoreError,
        UnknownEnvironment,
        WrongTenant,
    ) as error:
        click.echo(f"connectory: {error}", err=True)
        sys.exit(1)
    except Exception as error:
        logging.getLogger("connectory").debug("unexpected", exc_info=True)
        click.echo(
            f"connectory: unexpected {type(error).__name__}: {str(error).splitlines()[:1]}; "
            "run again with --log-level debug and report it",
            err=True,
        )
        sys.exit(1)
