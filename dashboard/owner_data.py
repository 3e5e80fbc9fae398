"""The bridge to who answers for connectors, cached as in `dashboard.data`.

Naming a steward is what pages write here, into our own store and nowhere else. Answers that such a
decision alters are cached under what was decided last, so that it shows at once to everybody.
"""

from __future__ import annotations

from datetime import date

from pandas import DataFrame, Series, isna

from connectory.actions import steward_import, stewarding
from connectory.actions.steward_import import Applied
from connectory.clock import page_clock
from connectory.database import reading
from connectory.domain import steward_files
from connectory.domain.steward_files import Sheet
from connectory.domain.stewardship import StewardFields
from connectory.exports import steward_files as steward_files_out
from connectory.queries import campaigns, owner_filters, owner_gaps, stewards
from connectory.queries import suggestions as suggestions_query
from dashboard import data, my_data
from dashboard.caching import engine as _engine
from dashboard.caching import few as _few
from dashboard.caching import many as _many
from dashboard.data import At
from dashboard.decisions import Decided, decided

VIA = "dashboard"


def gaps(at: At) -> DataFrame:
    """Return who answers for each connector, the worst first."""
    return _gaps(at, data.day_of(at), decided(at))


@_few
def _gaps(at: At, today: date, decided: Decided) -> DataFrame:
    del decided
    with reading(_engine(at.url)) as connection:
        return owner_filters.told(owner_gaps.owner_gaps(connection, at.moment), today)


def of(at: At, connector_id: int) -> Series | None:
    """Return the row of one connector; None if it is gone or was not assessed."""
    rows = gaps(at)
    mine = rows[rows["connector_id"] == connector_id]
    return None if mine.empty else mine.iloc[0]


def suggestions(at: At, connector_id: int) -> DataFrame:
    """Return who could take a connector over, the likeliest first, each with the reason."""
    return _suggestions(at, connector_id, decided(at))


@_many
def _suggestions(at: At, connector_id: int, decided: Decided) -> DataFrame:
    del decided
    with reading(_engine(at.url)) as connection:
        return suggestions_query.suggestions(connection, at.moment, [connector_id])


def steward_log(at: At, connector_id: int) -> DataFrame:
    """Return what was decided of the steward of a connector, the latest first."""
    return _steward_log(at, connector_id, decided(at))


@_many
def _steward_log(at: At, connector_id: int, decided: Decided) -> DataFrame:
    del decided
    with reading(_engine(at.url)) as connection:
        return stewards.steward_log(connection, connector_id)


def likely(at: At, row: Series) -> dict[str, str]:
    """Return who is offered as steward of a connector: those named, those suggested, then others."""
    told = {
        str(row[f"{name}_key"]): str(row[name])
        for name in ("business_owner", "deputy")
        if not isna(row[f"{name}_key"])
    }
    for one in suggestions(at, int(row["connector_id"])).to_dict("records"):
        address = one["principal_key"] if isna(one["mail"]) else one["mail"]
        told.setdefault(one["principal_key"], f"{one['name']} · {address}")
    others = my_data.people(at)
    reachable = others[(others["state"] == "enabled") & others["mail"].notna()]
    for other in reachable.to_dict("records"):
        told.setdefault(other["key"], f"{other['name']} · {other['mail']}")
    return told


def appoint(at: At, connector_id: int, fields: StewardFields, *, reason: str, author: str) -> None:
    """Name who answers for a connector.

    Raises:
        NotAppointed: It was not written; the text says why.
    """
    stewarding.appoint(
        _engine(at.url),
        connector_id,
        fields,
        author=author,
        via=VIA,
        reason=reason,
        now=page_clock(),
    )


def dismiss(at: At, connector_id: int, *, reason: str, author: str) -> None:
    """Take back who is named for a connector.

    Raises:
        NotAppointed: It was not written; the text says why.
    """
    stewarding.dismiss(
        _engine(at.url), connector_id, author=author, via=VIA, reason=reason, now=page_clock()
    )


def requests(at: At, connector_id: int) -> DataFrame:
    """Return who was asked about a connector, the open request first; never cached."""
    with reading(_engine(at.url)) as connection:
        return campaigns.requests(connection, at.moment, data.day_of(at), connector_id=connector_id)


def steward_file(at: At, kind: str) -> str:
    """Return every connector with its steward as a file: csv or toml."""
    write = steward_files_out.as_csv if kind == "csv" else steward_files_out.as_toml
    with reading(_engine(at.url)) as connection:
        return write(steward_files_out.steward_rows(connection, at.moment, everything=True))


def read_stewards(name: str, content: bytes) -> Sheet:
    """Return what a file says of stewards.

    Raises:
        NotRead: It is no file of stewards; the text says where and what to do.
    """
    toml = name.lower().endswith(".toml")
    return steward_files.read_toml(content) if toml else steward_files.read_csv(content)


def try_stewards(at: At, sheet: Sheet) -> Applied:
    """Return what would be decided if a file were applied; nothing is written."""
    return steward_import.apply(
        _engine(at.url),
        at.moment,
        sheet,
        partial=True,
        dry_run=True,
        author=VIA,
        via="csv",
        now=page_clock(),
    )


def apply_stewards(
    at: At, sheet: Sheet, *, name: str, partial: bool, reason: str, author: str
) -> Applied:
    """Let stand what a file says; with `partial`, its other lines although some are wrong.

    Raises:
        NotAppointed: It was not written; the text says why.
    """
    return steward_import.apply(
        _engine(at.url),
        at.moment,
        sheet,
        partial=partial,
        author=author,
        via="file" if name.lower().endswith(".toml") else "csv",
        reason=reason,
        now=page_clock(),
    )
