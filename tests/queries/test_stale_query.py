"""Verdicts on use from the store: planted connectors, what is unknown, exemptions, effort."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest
from factories_staleness import (
    EXPECTED,
    TODAY,
    ago,
    at,
    connector,
    fill_staleness,
    moment,
    put,
)
from sqlalchemy import Engine, delete, event, func, select, update

import models
from connectory.actions.exempting import NotExempted, exempt, withdraw
from connectory.assess import AssessReport, assess
from connectory.database import reading, writing
from connectory.domain.connection_facts import ConnectionRules
from connectory.domain.staleness import stale_verdict
from connectory.queries.export import rows as exported
from connectory.queries.export import to_csv, to_json
from connectory.queries.ignoring import NO_RULES
from connectory.queries.stale import exemptions, stale_connectors
from connectory.queries.stale_facts import stale_facts
from connectory.staleness_settings import StalenessSettings

SETTINGS = StalenessSettings()


@pytest.fixture
def planted(store: Engine) -> Engine:
    """The planted connectors, before anybody assessed them."""
    fill_staleness(store)
    return store


def assessed(store: Engine, **settings: Any) -> AssessReport:
    """Assess the latest run and return what came of it."""
    told = StalenessSettings.model_validate(settings)
    report = assess(store, now=lambda: at(0, 12), staleness=told)
    assert report is not None
    return report


def verdicts(store: Engine, run: int = 3) -> dict[str, str]:
    """Return the verdict on each connector by its name."""
    names = {connector(name): name for name in EXPECTED}
    with reading(store) as connection:
        return {
            names[number]: stale_verdict(
                facts, SETTINGS.profile(facts.kind), moment(run).read_at.date()
            ).state
            for number, facts in stale_facts(connection, moment(run)).items()
        }


def test_every_planted_verdict_is_found(planted: Engine) -> None:
    """Each class, by each kind of evidence and of what is missing, as its name says."""
    assert verdicts(planted) == EXPECTED


def test_the_past_is_judged_by_what_was_known_then(planted: Engine) -> None:
    """As of the first run a flow was still linked, and nothing of its days was read."""
    told = verdicts(planted, run=1)

    assert told["unlinked at the second run"] == "unknown"
    assert told["never used"] == "never_used"
    assert "new" not in told


def test_the_reason_names_what_was_not_read(planted: Engine) -> None:
    """Each unknown says what would have to be read."""
    with reading(planted) as connection:
        facts = stale_facts(connection, moment())

    def unread(name: str) -> tuple[str, ...]:
        return facts[connector(name)].unread

    assert unread("silent in Closed") == ("flows (refused)",)
    assert unread("agent without a log") == ("calls of agents",)
    assert unread("flow never counted") == ("runs of flows",)
    assert unread("flow with a hole") == ()
    assert facts[connector("flow with a hole")].silent_since == ago(9)


def test_a_log_read_too_long_ago_proves_nothing_of_today(planted: Engine) -> None:
    """Launches read until three weeks ago: an app may have been opened since."""
    with writing(planted) as connection:
        connection.execute(update(models.AuditSpan).values(to_at=at(21)))

    told = verdicts(planted)

    assert told["opened 120 days ago"] == "unknown"
    assert told["opened yesterday"] == "active"


def test_a_list_never_read_makes_silence_unknown(planted: Engine) -> None:
    """Without the agents ever listed, one may use what nothing else does."""
    with writing(planted) as connection:
        steps = select(models.Step.id).where(models.Step.collector == "agents")
        connection.execute(delete(models.StepSource).where(models.StepSource.step_id.in_(steps)))
        connection.execute(delete(models.Step).where(models.Step.collector == "agents"))

    told = verdicts(planted)

    assert told["never used"] == "unknown"
    assert told["ran 45 days ago"] == "unknown"
    assert told["called by an agent 100 days ago"] == "stale"


def test_connections_never_listed_may_hide_that_somebody_used_it(planted: Engine) -> None:
    """Nothing is linked to it, but whether anybody ever had a connection nobody knows."""
    with writing(planted) as connection:
        steps = select(models.Step.id).where(models.Step.collector == "connections")
        connection.execute(delete(models.StepSource).where(models.StepSource.step_id.in_(steps)))
        connection.execute(delete(models.Step).where(models.Step.collector == "connections"))

    told = verdicts(planted)

    assert told["never used"] == "unknown"
    assert told["ran 45 days ago"] == "quiet"


def test_a_gap_in_the_log_of_the_gateway_breaks_its_silence(planted: Engine) -> None:
    """Calls lost ten days ago may have been those of an agent."""
    with writing(planted) as connection:
        put(
            connection, models.CallGap, source="gateway_logs", log="main", name="main",
            from_at=at(11), to_at=at(10), reason="expired", run_id=3,
        )  # fmt: skip

    assert verdicts(planted)["called by an agent 100 days ago"] == "unknown"


def test_answers_are_kept_and_unchanged_cost_no_row(planted: Engine) -> None:
    """Assessed twice nothing is written; the frame tells what stands, with its arithmetic."""
    assessed(planted)
    again = assessed(planted)

    assert again.changed == 0
    with reading(planted) as connection:
        told = stale_connectors(connection, moment(), TODAY)
        number = connection.scalar(select(func.count()).select_from(models.StalenessAnswer))
    assert number == len(EXPECTED)
    assert dict(zip(told["connector"], told["state"], strict=True)) == EXPECTED
    scores = told["score"].dropna()
    assert list(scores) == sorted(scores, reverse=True)
    for row in told.itertuples():
        total = sum(part["points"] for part in row.parts)
        assert (row.parts == []) == (row.state == "unknown")
        assert row.state == "unknown" or row.score == total
        assert all(part["words"] for part in row.parts)
    gone = told[told["connector"] == "unlinked at the second run"].iloc[0]
    assert (gone["evidence"], gone["source"], gone["profile"]) == (
        "reference",
        "definitions",
        "Production",
    )
    assert pd.isna(gone["last_used_on"])
    assert set(told[told["to_be_asked"]]["state"]) == {"stale", "abandoned", "never_used"}
    assert not told[told["connector"] == "new"].iloc[0]["to_be_asked"]


def test_thresholds_follow_the_type_of_environment(planted: Engine) -> None:
    """With a year of patience in production nothing there is even quiet that was ever used."""
    assessed(planted, days={"Production": [365, 400, 500]})

    with reading(planted) as connection:
        told = stale_connectors(connection, moment(), TODAY)
    states = dict(zip(told["connector"], told["state"], strict=True))

    assert states["unlinked at the second run"] == "active"
    assert states["opened 120 days ago"] == "active"
    assert states["never used"] == "never_used"


def test_an_exemption_stands_beside_the_verdict_until_its_day(planted: Engine) -> None:
    """It alters no verdict, holds to the end of its last day, and its log stays."""
    assessed(planted)
    number = connector("opened 120 days ago")
    until = TODAY + timedelta(days=30)
    told: dict[str, Any] = {"author": "Ada", "via": "dashboard", "now": at(0, 12)}

    exempt(planted, number, reason="year end", until=TODAY + timedelta(days=3), **told)
    exempt(planted, number, reason="needed\nat year end", until=until, **told)

    def row(today: date) -> Any:
        with reading(planted) as connection:
            return stale_connectors(connection, moment(), today, connectors=[number]).iloc[0]

    assert (row(TODAY)["state"], bool(row(TODAY)["exempt"])) == ("stale", True)
    assert row(TODAY)["exempt_reason"] == "needed at year end"
    assert row(TODAY)["exempt_until"].date() == until
    assert row(until)["exempt"]
    assert not row(until + timedelta(days=1))["exempt"]
    with reading(planted) as connection:
        assert not stale_connectors(connection, moment(2), TODAY)["exempt"].any()

    withdraw(planted, number, reason="moved", author="Bruno", now=at(0, 13))

    assert not row(TODAY)["exempt"]
    with reading(planted) as connection:
        log = exemptions(connection, moment(), TODAY, number)
    assert list(log["withdrawn_reason"]) == ["moved", "exempted anew"]
    assert list(log["stands"]) == [False, False]
    assert list(log["withdrawn_by"]) == ["Bruno", "Ada"]


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"reason": " \n"}, "no reason is given"),
        ({"author": ""}, "nobody is named"),
        ({"until": TODAY}, "is not ahead"),
        ({"until": TODAY + timedelta(days=900)}, "more than two years ahead"),
        ({"connector_id": 999}, "knows no connector 999"),
    ],
)
def test_a_wrong_exemption_writes_nothing(
    planted: Engine, changed: dict[str, Any], problem: str
) -> None:
    """The error says what is missing."""
    told: dict[str, Any] = {
        "connector_id": 1, "reason": "r", "until": TODAY + timedelta(days=9), "author": "Ada",
        "via": "dashboard", "now": at(0, 12), **changed,
    }  # fmt: skip

    with pytest.raises(NotExempted, match=problem):
        exempt(planted, **told)

    with pytest.raises(NotExempted, match="no exemption of it stands"):
        withdraw(planted, 1, reason="r", author="Ada", now=at(0))
    with reading(planted) as connection:
        assert connection.scalar(select(func.count()).select_from(models.Exemption)) == 0


def test_the_export_tells_the_arithmetic_in_words(planted: Engine) -> None:
    """As CSV and JSON, each part with its points."""
    assessed(planted)
    with reading(planted) as connection:
        told = exported(connection, moment(), "stale", ConnectionRules(), NO_RULES)

    assert "no flow, app or agent uses it: 12 of 12" in told.iloc[0]["parts"]
    assert "60 of 60" in to_csv(told)
    assert '"to_be_asked": true' in to_json(told)
    assert "ignored" in told


def test_the_number_of_statements_does_not_grow_with_connectors(planted: Engine) -> None:
    """Facts of all connectors take as many statements as of one, and no single call is read."""
    with reading(planted) as connection:
        sent: list[str] = []
        event.listen(connection, "before_cursor_execute", lambda *told: sent.append(told[2]))
        stale_facts(connection, moment())
        many = len(sent)
    with writing(planted) as connection:
        for name in EXPECTED:
            if name != "never used":
                connection.execute(
                    update(models.ConnectorVersion)
                    .where(models.ConnectorVersion.connector_id == connector(name))
                    .values(presence="gone")
                )
        sent = []
        event.listen(connection, "before_cursor_execute", lambda *told: sent.append(told[2]))
        assert len(stale_facts(connection, moment())) == 1

    assert len(sent) == many
    assert not any("invocations" in statement for statement in sent)
