"""What is open on the drift board, whether it is used, and what one comparison is about."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pandas as pd
import pytest
from factories import INVOICES, PAYROLL, TWIN, WEATHER, fill_runs_only, moment
from factories_drift import NOW, assessed, fill_drift
from sqlalchemy import Engine, event, insert

import models
from connectory.actions.accepting import accept
from connectory.database import reading, writing
from connectory.queries.call_tables import Window
from connectory.queries.drift_board import drift_board
from connectory.queries.drift_changes import comparison_rows
from connectory.queries.drift_filters import NOBODY, narrow_board, narrow_log, narrow_upstream
from connectory.queries.drift_hits import families, grouped, open_changes, with_use
from connectory.queries.drift_pairs import SAVED, decided, of_member, of_step, of_upstream
from connectory.queries.hits import Grades, use

AT = moment(3)
MONTH = Window(date(2026, 10, 17), date(2026, 11, 15))
NOTHING_USED = Grades(frozenset(), frozenset(), frozenset(), frozenset())


@pytest.fixture(scope="module")
def drifted(module_store: Engine) -> Engine:
    """The small tenant, assessed; nothing of it is accepted."""
    fill_drift(module_store)
    assessed(module_store)
    return module_store


def told(frame: pd.DataFrame, *columns: str) -> list[tuple[Any, ...]]:
    """Return some columns as tuples, missing values as None."""
    chosen = frame[list(columns)].astype(object)
    return list(chosen.where(chosen.notna(), None).itertuples(index=False, name=None))


def board_of(engine: Engine) -> pd.DataFrame:
    """Return the board with how each member is shown and whether that is used."""
    with reading(engine) as connection:
        board, opened = drift_board(connection, AT), open_changes(connection, AT)
        graded = use(connection, AT, MONTH).graded()
    return with_use(board, opened, graded).assign(owner="Ada Ample")


def test_a_member_is_shown_for_what_is_open(drifted: Engine) -> None:
    """Sandbox lacks what Finance got; an app there may call it, and which operation nobody knows."""
    rows = board_of(drifted)

    assert told(rows[rows["family_name"] == "Invoices"], "environment", "shown", "use") == [
        ("Finance", "reference", None),
        ("Sandbox", "breaking", "perhaps"),
    ]
    with reading(drifted) as connection:
        assert told(open_changes(connection, AT), "connector_id", "severity", "operation_id") == [
            (TWIN, "breaking", "ListInvoices")
        ]


@pytest.mark.parametrize("family", [True, False])
def test_what_is_accepted_is_shown_as_that(store: Engine, family: bool) -> None:  # noqa: FBT001
    """For the connector or for its family; nothing of it is open any more."""
    fill_drift(store)
    assessed(store)
    with reading(store) as connection:
        before = decided(connection)
        pair = of_member(connection, AT, TWIN)
        assert pair is not None
        assert pair.comparison_id is not None
        rows = comparison_rows(connection, pair.comparison_id, TWIN, AT)
    accept(
        store,
        comparison_id=pair.comparison_id,
        fingerprints=rows[rows["severity"] == "breaking"]["fingerprint"].tolist(),
        connector_id=None if family else TWIN,
        family_key=pair.family_key if family else None,
        until=NOW.date() + timedelta(days=9),
        reason="Sandbox lags on purpose",
        author="Ada",
        now=NOW,
    )
    shown = board_of(store)

    assert told(shown[shown["connector_id"] == TWIN], "shown", "use") == [("accepted", None)]
    assert told(families(shown), "worst", "open", "accepted") == [("accepted", 0, 1)]
    with reading(store) as connection:
        assert open_changes(connection, AT).empty
        assert decided(connection) != before


def invented(*members: tuple[str, str, str | None]) -> pd.DataFrame:
    """Return rows of a board: family, how it is shown, grade."""
    return pd.DataFrame(
        [
            {"family": name, "family_name": name, "shown": shown, "use": grade, "open": 1,
             "accepted": 0, "environment": f"E{number}", "name": "c",
             "published_at": datetime(2026, 11, number + 1, tzinfo=UTC), "owner": f"O{number}"}
            for number, (name, shown, grade) in enumerate(members)
        ]
    ).assign(changed_at=pd.Series(pd.NaT, range(len(members)), dtype="datetime64[us, UTC]"))  # fmt: skip


def test_breaking_and_used_stands_above_breaking_and_unused() -> None:
    """Then what may be used, then what nobody is known to use; risky only below all of these."""
    rows = invented(
        ("a", "risky", "used"),
        ("b", "breaking", "unused"),
        ("c", "breaking", "not_known"),
        ("d", "breaking", "perhaps"),
        ("e", "breaking", "used"),
        ("f", "same", None),
        ("f", "expected", None),
        ("b", "risky", "used"),
        ("g", "accepted", None),
    )
    ranked = families(rows)

    assert told(ranked, "family", "worst", "use") == [
        ("e", "breaking", "used"),
        ("d", "breaking", "perhaps"),
        ("c", "breaking", "not_known"),
        ("b", "breaking", "unused"),
        ("a", "risky", "used"),
        ("g", "accepted", None),
        ("f", "expected", None),
    ]
    assert ranked["changed_at"].tolist()[3] == datetime(2026, 11, 8, tzinfo=UTC)


def test_the_board_is_narrowed() -> None:
    """By name, state, use, environment and owner; the worst is that of what is left."""
    rows = invented(("a", "breaking", "used"), ("a", "risky", "unused"), ("b", "risky", "used"))

    def left(**asked: Any) -> list[str]:
        return sorted(set(narrow_board(rows, **asked)["family"]))

    assert left() == left(search="") == ["a", "b"]
    assert left(search="A") == ["a"]
    assert left(states=["risky"]) == ["b"]
    assert left(states=["risky"], environments=["E1", "E2"]) == ["a", "b"]
    assert left(uses=["unused"], environments=["E1"]) == ["a"]
    assert left(owners=["O1"]) == ["a"]
    assert left(owners=["Nobody"]) == []


def test_the_log_is_narrowed() -> None:
    """A person by any of several who acted, and nobody by name."""
    rows = pd.DataFrame(
        {
            "who": [["Ada", "Bruno"], [], ["Carla"]],
            "connector": ["A", "B", None],
            "environment": ["E", "F", "F"],
            "detail": ["host [x", "", "removed"],
            "severity": ["breaking", None, None],
            "kind": ["definition_changed", "gone", "saved"],
        }
    )

    def left(**asked: Any) -> list[int]:
        return narrow_log(rows, **asked).index.tolist()

    assert left() == [0, 1, 2]
    assert left(people=["Bruno"]) == [0]
    assert left(people=[NOBODY, "Carla"]) == [1, 2]
    assert left(search="ada [x") == [0]
    assert (
        left(severities=["breaking"]) == left(connectors=["A"]) == left(environments=["E"]) == [0]
    )
    assert left(kinds=["gone", "saved"], environments=["F"]) == [1, 2]
    assert narrow_log(rows.head(0), search="a").empty


def test_documents_are_narrowed() -> None:
    """By what became of reading them, and how the connector stands to them."""
    rows = pd.DataFrame(
        {
            "connector": ["A", "B"],
            "environment": ["E", "F"],
            "url": ["https://a.example/openapi.json", "https://b.example/x"],
            "state": ["breaking", None],
            "document_state": ["read", "refused"],
        }
    )

    assert narrow_upstream(rows, search="openapi")["connector"].tolist() == ["A"]
    assert narrow_upstream(rows, states=["breaking"])["connector"].tolist() == ["A"]
    assert narrow_upstream(rows, documents=["refused"])["connector"].tolist() == ["B"]
    assert narrow_upstream(rows, environments=["F"])["connector"].tolist() == ["B"]


def test_a_member_is_a_pair_with_its_reference(drifted: Engine) -> None:
    """The reference is the side before; both are named as the command line names them."""
    with reading(drifted) as connection:
        pair = of_member(connection, AT, TWIN)
        others = [of_member(connection, AT, one) for one in (INVOICES, WEATHER, 99)]

    assert pair is not None
    assert (pair.purpose, pair.state) == ("environments", "breaking")
    assert (pair.before.environment, pair.after.environment) == ("Finance", "Sandbox")
    assert pair.connectors == (TWIN, INVOICES)
    assert pair.command == (
        "connectory diff env-finance/shared_invoices-5f0a env-sandbox/shared_invoices-5f0a "
        "--profile environments"
    )
    assert others == [None, None, None]


def test_a_version_is_a_pair_with_the_one_before(drifted: Engine) -> None:
    """Each side with the moment of the run that found it."""
    with reading(drifted) as connection:
        pair = of_step(connection, AT, INVOICES, 3)
        others = [of_step(connection, AT, *one) for one in ((INVOICES, 2), (99, 3))]
        early = of_step(connection, moment(2), INVOICES, 3)

    assert pair is not None
    assert (pair.purpose, pair.state, pair.connectors) == ("history", "breaking", (INVOICES,))
    assert pair.command == (
        "connectory diff env-finance/shared_invoices-5f0a@2026-11-02T02:00:00+00:00 "
        "env-finance/shared_invoices-5f0a@2026-11-16T02:00:00+00:00"
    )
    assert others == [None, None]
    assert early is None


def test_a_connector_is_a_pair_with_its_document(store: Engine) -> None:
    """One that was refused says why; without a document there is no pair."""
    fill_drift(store)
    with writing(store) as connection:
        connection.execute(insert(models.UpstreamDocument).values(id=1, key="https://a.example/x"))
        connection.execute(
            insert(models.UpstreamDocumentVersion).values(
                upstream_document_id=1, from_run=1, presence="present", state="refused",
                detail="the host is not allowed",
            )
        )  # fmt: skip
        link = {"connector_id": INVOICES, "upstream_document_id": 1, "how": "registered"}
        connection.execute(insert(models.ConnectorUpstream).values(**link, from_run=1))
    with reading(store) as connection:
        pair = of_upstream(connection, AT, INVOICES)
        other = of_upstream(connection, AT, PAYROLL)

    assert pair is not None
    assert (pair.purpose, pair.state, pair.comparison_id) == ("upstream", "unknown", None)
    assert pair.reason == "the host is not allowed"
    assert pair.after.name == "https://a.example/x"
    assert pair.command.endswith(f" {SAVED} --profile upstream")
    assert other is None


def test_changes_are_grouped_by_what_hits_somebody(drifted: Engine) -> None:
    """An operation each, the worst first, with how far it is used."""
    with reading(drifted) as connection:
        pair = of_step(connection, AT, INVOICES, 3)
        assert pair is not None
        assert pair.comparison_id is not None
        rows = comparison_rows(connection, pair.comparison_id, INVOICES, AT)
        graded = use(connection, AT, MONTH, pair.connectors).graded()
    groups = grouped(rows, pair.connectors, graded)

    assert [(one.operation_id, one.severity, one.grade) for one in groups] == [
        ("GetOld", "breaking", "used"),
        ("ListInvoices", "compatible", "perhaps"),
    ]
    assert (groups[0].method, groups[0].path, groups[0].operations) == ("GET", "/old", ("GetOld",))
    assert grouped(rows.head(0), pair.connectors, NOTHING_USED) == ()
    assert sum(len(one.changes) for one in groups) == len(rows)


def test_without_rows_there_are_columns(store: Engine) -> None:
    """Of a store that knows no connector."""
    fill_runs_only(store)
    with reading(store) as connection:
        board = drift_board(connection, moment(1))
        opened = open_changes(connection, moment(1))
    rows = with_use(board, opened, NOTHING_USED)

    assert rows.empty
    assert families(rows).empty
    assert {"worst", "use", "open"} <= set(families(rows).columns)


def test_it_asks_once_however_many_there_are(drifted: Engine) -> None:
    """What is open of all members is one statement."""
    sent: list[str] = []
    with reading(drifted) as connection:
        event.listen(connection, "before_cursor_execute", lambda *told: sent.append(told[2]))
        open_changes(connection, AT)

    assert len(sent) == 1
