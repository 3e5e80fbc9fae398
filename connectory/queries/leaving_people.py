"""Who leaves: people whom a list names, as the directory knows them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, func, or_, select

from connectory.domain.leaving import Entry, Leaver, first_day
from connectory.queries.moments import Moment
from connectory.queries.tables import PRINCIPAL_VERSIONS, PRINCIPALS, holds


@dataclass(frozen=True, slots=True)
class Known:
    """What the directory says of somebody who leaves, or last said.

    Attributes:
        name: Name for people.
        mail: Mail address.
        state: enabled, disabled or deleted; None if the directory never had such an id.
        department: Department.
        manager_key: Object id of the manager.
        accounts: Sign-in names and mail addresses they ever had, case-folded.
    """

    name: str
    mail: str | None = None
    state: str | None = None
    department: str | None = None
    manager_key: str | None = None
    accounts: frozenset[str] = frozenset()


def find_leavers(
    connection: Connection, moment: Moment, entries: Iterable[Entry]
) -> tuple[list[Leaver], list[str]]:
    """Return who is meant by the lines of a list, and which lines mean nobody or several.

    Whoever stands in it twice leaves on the first of the days.

    Args:
        connection: Open transaction on the store.
        moment: As of when people are known.
        entries: Lines, each with an object id, sign-in name or mail address.
    """
    told = list(entries)
    found = _called(connection, moment.run_id, sorted({one.person.casefold() for one in told}))
    days: dict[str, list[date | None]] = {}
    problems: list[str] = []
    for entry in told:
        meant = found.get(entry.person.casefold(), {})
        # Who is there wins over somebody who left an address behind.
        here = [key for key, (_, there) in meant.items() if there] or list(meant)
        problem = None
        if len(here) != 1:
            problem = f"{'several people are' if here else 'nobody is'} called {entry.person!r} in the directory; write the object id"  # fmt: skip
        elif meant[here[0]][0] == "group":
            problem = f"{entry.person!r} is a group; name its members"
        if problem:
            problems.append(f"line {entry.line}: {problem}")
        else:
            days.setdefault(here[0], []).append(entry.last_day)
    return [Leaver(key, first_day(some)) for key, some in days.items()], problems


def _called(
    connection: Connection, run_id: int, names: Collection[str]
) -> Mapping[str, dict[str, tuple[str, bool]]]:
    """Return by name who bears it: object id, with the kind and whether they are still there."""
    facts = PRINCIPAL_VERSIONS.c
    sign_in, mail = func.lower(facts.user_principal_name), func.lower(facts.mail)
    query = (
        select(PRINCIPALS.c.key, sign_in, mail, facts.kind, facts.presence)
        .join(PRINCIPAL_VERSIONS, facts.principal_id == PRINCIPALS.c.id)
        .where(
            holds(PRINCIPAL_VERSIONS, run_id),
            or_(PRINCIPALS.c.key.in_(names), sign_in.in_(names), mail.in_(names)),
        )
        .order_by(PRINCIPALS.c.id)
    )
    found: dict[str, dict[str, tuple[str, bool]]] = defaultdict(dict)
    for key, account, address, kind, presence in connection.execute(query):
        for name in {key, account, address} - {None}:
            found[name][key] = kind, presence == "present"
    return found


def known_leavers(connection: Connection, run_id: int, keys: Collection[str]) -> dict[str, Known]:
    """Return what the directory says of people, by object id; of one it never had, the id alone.

    Args:
        connection: Open transaction on the store.
        run_id: As of which run.
        keys: Object ids.
    """
    facts = PRINCIPAL_VERSIONS.c
    query = (
        select(
            PRINCIPALS.c.key,
            func.coalesce(facts.display_name, facts.user_principal_name).label("name"),
            facts.user_principal_name,
            facts.mail,
            facts.presence,
            facts.enabled,
            facts.department,
            facts.manager_key,
        )
        .join(PRINCIPAL_VERSIONS, facts.principal_id == PRINCIPALS.c.id)
        .where(facts.from_run <= run_id, PRINCIPALS.c.key.in_(list(keys)))
        .order_by(PRINCIPALS.c.id, facts.from_run)
    )
    found = {key: Known(key) for key in keys}
    # The record of a deleted account tells little; what it told before still holds.
    for row in connection.execute(query):
        before = found[row.key]
        state = "disabled" if row.enabled is False else "enabled"
        names = {told.casefold() for told in (row.user_principal_name, row.mail) if told}
        found[row.key] = Known(
            row.name or before.name,
            row.mail or before.mail,
            state if row.presence == "present" else "deleted",
            row.department or before.department,
            row.manager_key or before.manager_key,
            before.accounts | names,
        )
    return found
