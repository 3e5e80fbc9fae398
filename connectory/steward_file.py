"""The file of stewards that the settings name: applied with every assessment."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from connectory.actions.steward_import import Applied, apply
from connectory.actions.stewarding import NotAppointed
from connectory.config import Settings
from connectory.database import reading
from connectory.domain.steward_files import MOST_BYTES, NotRead, Sheet, read_csv, read_toml
from connectory.queries.moments import latest


def read_file(place: Path) -> Sheet:
    """Read a file of stewards; TOML if it is called so, else CSV.

    Raises:
        NotRead: It cannot be opened, or is no file of stewards.
    """
    try:
        with place.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise NotRead(f"it cannot be opened: {error.strerror}") from None
    return read_toml(content) if place.suffix.lower() == ".toml" else read_csv(content)


def apply_file(
    engine: Engine,
    place: Path,
    *,
    partial: bool = False,
    dry_run: bool = False,
    author: str,
    reason: str = "",
    now: datetime,
) -> Applied:
    """Let stand what a file says of the connectors of the newest run.

    Args:
        engine: The store.
        place: The file.
        partial: Apply the other lines although some are wrong.
        dry_run: Write nothing, and tell what would have been.
        author: Who decides.
        reason: Why, where that is said.
        now: When that is.

    Raises:
        NotRead: It is no file of stewards.
        NotAppointed: There is no finished run, nobody is named who decides, or the store takes no
            writing.
    """
    sheet = read_file(place)
    with reading(engine) as connection:
        moment = latest(connection)
    if moment is None:
        raise NotAppointed("there is no finished run; run: connectory collect")
    return apply(
        engine,
        moment,
        sheet,
        partial=partial,
        dry_run=dry_run,
        author=author,
        via="file" if sheet.whole else "csv",
        reason=reason,
        now=now,
    )


def apply_named(engine: Engine, settings: Settings, *, now: datetime) -> str | None:
    """Apply the file that the settings name, all of it or nothing; return what is wrong with it.

    Args:
        engine: The store.
        settings: Where the file is; nothing is done if they name none.
        now: When that is.
    """
    name = settings.owners.steward_file
    if not name:
        return None
    try:
        told = apply_file(engine, Path(name), author=f"file {Path(name).name}", now=now)
    except (NotRead, NotAppointed) as error:
        return f"the file of stewards was not applied: {error}; {name}"
    if not told.faults:
        return None
    first = told.faults[0]
    return (
        f"the file of stewards was not applied: line {first.line}: {first.text}; {name}; "
        f"{len(told.faults)} lines in all; run: connectory steward import {name} --dry-run"
    )
