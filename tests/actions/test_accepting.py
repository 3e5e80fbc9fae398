"""Accepting changes: who, why, until when, for what; each decision a row that stays."""

from __future__ import annotations

import threading
from datetime import date, timedelta
from typing import Any

import pytest
from factories import INVOICES, TWIN
from factories_drift import NOW, assessed, fill_drift
from sqlalchemy import Engine, select, text

import models
from connectory.actions.accepting import NotAccepted, accept, withdraw
from connectory.database import open_store, reading, writing

UNTIL = NOW.date() + timedelta(days=90)


@pytest.fixture
def drifted(store: Engine) -> Engine:
    """The small tenant, assessed."""
    fill_drift(store)
    assessed(store)
    return store


def breaking(store: Engine) -> tuple[int, str]:
    """Return the comparison of the one in Sandbox, and its breaking change."""
    with reading(store) as connection:
        query = text(
            "SELECT c.comparison_id, c.fingerprint FROM comparison_changes c "
            "JOIN drift_answers d ON d.comparison_id = c.comparison_id "
            "WHERE c.severity = 'breaking'"
        )
        number, fingerprint = connection.execute(query).one()
    return number, fingerprint


def decide(store: Engine, **told: Any) -> tuple[int, ...]:
    """Accept the breaking change."""
    number, fingerprint = breaking(store)
    usual: dict[str, Any] = {
        "comparison_id": number,
        "fingerprints": [fingerprint],
        "until": UNTIL,
        "reason": "Sandbox lags",
        "author": "Ada Ample",
        "now": NOW,
    }
    scope = {} if {"connector_id", "family_key"} & told.keys() else {"connector_id": TWIN}
    return accept(store, **{**usual, **scope, **told})


def rows(store: Engine) -> list[Any]:
    """Return every acceptance, the oldest first."""
    with reading(store) as connection:
        table = models.Acceptance.__table__
        return list(connection.execute(select(table).order_by(table.c.id)))


def test_a_decision_is_a_row_with_all_of_it(drifted: Engine) -> None:
    """What, how bad it was then, for which connector, until when, why, by whom and when."""
    numbers = decide(drifted, author="  Ada\nAmple ", reason="Sandbox\tlags")
    comparison, fingerprint = breaking(drifted)
    (row,) = rows(drifted)

    assert numbers == (row.id,)
    assert (row.connector_id, row.family_key) == (TWIN, None)
    assert (row.comparison_id, row.fingerprint) == (comparison, fingerprint)
    assert (row.rule, row.severity) == ("operation-removed", "breaking")
    assert (row.accepted_by, row.reason) == ("Ada Ample", "Sandbox lags")
    assert (row.until, row.accepted_at) == (UNTIL, NOW)
    assert (row.withdrawn_at, row.withdrawn_by, row.withdrawn_reason) == (None, None, None)


def test_a_decision_taken_anew_withdraws_the_one_before(drifted: Engine) -> None:
    """Both rows stay, and one stands; that of the family is another one."""
    decide(drifted)
    decide(drifted, until=UNTIL + timedelta(days=1), author="Bruno", now=NOW + timedelta(hours=1))
    decide(drifted, family_key="title:invoices")
    first, second, family = rows(drifted)

    assert (first.withdrawn_by, first.withdrawn_reason) == ("Bruno", "accepted anew")
    assert first.withdrawn_at == NOW + timedelta(hours=1)
    assert first.until == UNTIL
    assert (second.withdrawn_at, family.withdrawn_at) == (None, None)


def test_what_is_withdrawn_says_by_whom_and_why(drifted: Engine) -> None:
    """Once; nobody can do it again."""
    numbers = decide(drifted)

    assert withdraw(drifted, numbers, reason="It broke", author="Bruno", now=NOW) == 1
    (row,) = rows(drifted)
    assert (row.withdrawn_by, row.withdrawn_reason, row.withdrawn_at) == ("Bruno", "It broke", NOW)
    assert row.reason == "Sandbox lags"
    with pytest.raises(NotAccepted, match="none of these acceptances stands"):
        withdraw(drifted, numbers, reason="Again", author="Carla", now=NOW)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"author": " \n"}, "nobody is named"),
        ({"reason": "\x00"}, "no reason is given"),
        ({"until": NOW.date()}, "23 Nov 2026 is not ahead"),
        ({"until": date(2020, 1, 1)}, "01 Jan 2020 is not ahead"),
        ({"fingerprints": []}, "no change is named"),
        ({"fingerprints": ["0" * 16]}, "has no change 0000000000000000"),
        ({"comparison_id": 10_000}, "comparison 10000 has no change"),
        ({"connector_id": 10_000}, "the store knows no connector 10000"),
        ({"family_key": "title:nothing"}, "the store knows no family title:nothing"),
        ({"connector_id": TWIN, "family_key": "title:invoices"}, "name one of them"),
        ({"connector_id": None}, "name one of them"),
    ],
)
def test_what_is_not_a_decision_is_refused(
    drifted: Engine, told: dict[str, Any], words: str
) -> None:
    """With the reason, and nothing is written."""
    with pytest.raises(NotAccepted, match=words):
        decide(drifted, **told)

    assert rows(drifted) == []


def test_nobody_withdraws_without_a_name_and_a_reason(drifted: Engine) -> None:
    """The decision stands."""
    numbers = decide(drifted)
    for told in ({"author": "", "reason": "x"}, {"author": "Ada", "reason": " "}):
        with pytest.raises(NotAccepted):
            withdraw(drifted, numbers, now=NOW, **told)

    assert rows(drifted)[0].withdrawn_at is None


def test_two_who_accept_at_once_leave_one_that_stands(drifted: Engine) -> None:
    """Whoever comes second takes the place of the first, or is told."""
    gate = threading.Barrier(4)
    told: list[str] = []

    def run(name: str) -> None:
        gate.wait()
        try:
            decide(drifted, author=name)
        except NotAccepted as error:
            told.append(str(error))

    threads = [threading.Thread(target=run, args=(f"P{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len([row for row in rows(drifted) if row.withdrawn_at is None]) == 1
    assert all("at this moment" in one for one in told)


def test_another_assessment_alters_no_decision(drifted: Engine) -> None:
    """They stand beside what is found, and are tied to the fact."""
    decide(drifted)
    decide(drifted, connector_id=INVOICES)
    before = rows(drifted)
    assessed(drifted, severity={"operation-removed": "risky"})

    assert rows(drifted) == before


def test_a_store_that_takes_no_writing_is_told(drifted: Engine) -> None:
    """In one line, with what the account needs."""
    if drifted.dialect.name == "sqlite":
        refusing = open_store(f"sqlite:///file:{drifted.url.database}?mode=ro&uri=true")
    else:
        with writing(drifted) as connection:
            connection.execute(text("DROP ROLE IF EXISTS onlooker"))
            connection.execute(text("CREATE ROLE onlooker LOGIN"))
            connection.execute(text("GRANT SELECT ON ALL TABLES IN SCHEMA public TO onlooker"))
        refusing = open_store(
            drifted.url.set(username="onlooker").render_as_string(hide_password=False)
        )
    number, fingerprint = breaking(drifted)
    with pytest.raises(NotAccepted, match="the store took no writing") as told:
        accept(
            refusing, comparison_id=number, fingerprints=[fingerprint], connector_id=TWIN,
            until=UNTIL, reason="x", author="Ada", now=NOW,
        )  # fmt: skip
    refusing.dispose()
    if drifted.dialect.name != "sqlite":
        with writing(drifted) as connection:
            connection.execute(text("DROP OWNED BY onlooker"))
            connection.execute(text("DROP ROLE onlooker"))

    assert "\n" not in str(told.value)
    assert "insert into and update acceptances" in str(told.value)
