"""The command that tells what stops working when people leave, and writes the hand-over sheet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from connectory.cli.printing import printed
from connectory.cli.state import State

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    import pandas as pd

    from connectory.domain.leaving import Entry
    from connectory.queries.leaving_frames import Leaving


@click.command()
@click.argument("person", nargs=-1)
@click.option(
    "--file",
    "path",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="CSV of leavers: person (object id, sign-in name or mail address) and last_day.",
)
@click.option("--partial", is_flag=True, help="Go on without the lines of the file that are wrong.")
@click.option(
    "--format",
    "kind",
    type=click.Choice(["table", "csv", "xlsx", "json"]),
    default="table",
    show_default=True,
    help="A table for people, else the hand-over sheet.",
)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write; standard output by default, but for xlsx.",
)
@click.option(
    "--days",
    type=click.IntRange(1, 400),
    default=30,
    show_default=True,
    help="Days before the last run of which calls are counted.",
)
@click.pass_obj
def leavers(
    state: State,
    *,
    person: tuple[str, ...],
    path: Path | None,
    partial: bool,
    kind: str,
    output: Path | None,
    days: int,
) -> None:
    """Tell what stops working when each PERSON leaves, and what to hand over to whom first.

    PERSON is an object id, sign-in name or mail address. Nothing of the tenant is changed.
    """
    from connectory.database import reading
    from connectory.exports.hand_over import hand_over_csv, hand_over_rows, hand_over_sheet
    from connectory.queries.call_tables import Window
    from connectory.queries.export import to_json
    from connectory.queries.hand_over import hand_over
    from connectory.queries.leaving import leaving
    from connectory.queries.leaving_people import find_leavers
    from connectory.queries.moments import latest

    if kind == "xlsx" and output is None:
        raise click.ClickException("a workbook needs a file; write e.g. --output hand-over.xlsx")
    entries, problems = _entries(person, path)
    with reading(state.engine()) as connection:
        moment = latest(connection)
        if moment is None:
            raise click.ClickException("there is no finished run; run: connectory collect")
        people, unknown = find_leavers(connection, moment, entries)
        _refuse([*problems, *unknown], path, partial=partial and bool(people))
        told = leaving(connection, moment, people, Window.before(moment, days))
        rows = hand_over(connection, moment, told)
    if kind == "xlsx" and output is not None:
        output.write_bytes(hand_over_sheet(rows, moment.read_at))
        return
    if kind == "table":
        text = _table(told, hand_over_rows(rows).head(_FIRST))
    else:
        text = hand_over_csv(rows) if kind == "csv" else to_json(hand_over_rows(rows))
    if output is None:
        click.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8", newline="")


_FIRST = 20


def _entries(person: tuple[str, ...], path: Path | None) -> tuple[list[Entry], list[str]]:
    from connectory.domain.leaving import Entry, read_leavers

    if bool(person) == (path is not None):
        raise click.ClickException("name people, or a file of them with --file; see --help")
    if path is None:
        return [Entry(number, one) for number, one in enumerate(person, 1)], []
    try:
        return read_leavers(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        why = "it is no UTF-8 text" if isinstance(error, UnicodeDecodeError) else error
        raise click.ClickException(f"{path}: {why}; save it as CSV in UTF-8") from error


def _refuse(problems: list[str], path: Path | None, *, partial: bool) -> None:
    """Say what is wrong with lines, and stop there unless the rest is wanted."""
    if path is None and problems:
        raise click.ClickException(printed(problems[0].partition(": ")[2]))
    for problem in problems:
        click.echo(printed(f"{path}: {problem}"), err=True)
    if problems and not partial:
        many = "1 line is" if len(problems) == 1 else f"{len(problems)} lines are"
        raise click.ClickException(f"{many} wrong; mend them, or leave them out with --partial")


def _table(told: Leaving, first: pd.DataFrame) -> str:
    """Return a table for people: how many of what, then what to hand over first."""
    lines = []
    people: Any = told.people.itertuples(index=False)
    for row in people:
        until = f", until {row.last_day:%d %b %Y}" if row.last_day else ""
        lines.append(f"{row.leaver} ({row.state or 'not in the directory'}{until})")
    for name in ("connections", "references", "flows", "apps", "agents", "connectors"):
        counted = getattr(told, name)["effect"].value_counts()
        words = [f"{counted[one]:,} {said}" for one, said in _SAID.items() if one in counted]
        lines.append(f"{name}: {', '.join(words) or 'none'}")
    if not first.empty:
        lines += ["", "first:", *map(_item, first.to_dict("records"))]
    return "".join(f"{printed(line)}\n" for line in lines)


def _item(row: Mapping[Hashable, Any]) -> str:
    import pandas as pd

    calls = row["calls_in_30_days"]
    told = "" if pd.isna(calls) else f", {calls:,} in 30 days ({row['evidence']})"
    to = f" -> {row['to']}" if row["to"] else ""
    what = f"{row['kind']} {row['name']} ({row['environment']}): {row['effect']}{told}"
    return f"{row['no']:>3} {what}; {row['to_do']}{to}"


_SAID = {
    "stops": "stop",
    "may_stop": "may stop",
    "orphaned": "nobody may change any more",
    "kept": "kept by others",
}
