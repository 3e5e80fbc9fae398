"""What is told to those who answer for connectors is what the pages show, in few statements."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from factories import (
    ADA,
    CARLA,
    FINANCE,
    INVOICES,
    PAYROLL,
    SCRATCH,
    TWIN,
    VANISHING,
    WEATHER,
    moment,
)
from factories_drift import NOW, assessed, fill_drift
from sqlalchemy import Engine, event, insert, select, text, update

import models
from connectory.actions.accepting import accept
from connectory.config import Settings
from connectory.database import reading, writing
from connectory.domain.answering import Recipient
from connectory.domain.digest import Asked, Ending, Gaps, Mine
from connectory.queries.drift_hits import open_changes
from connectory.queries.drift_pairs import of_member
from connectory.queries.exposure_answers import connector_answers
from connectory.queries.moments import latest
from connectory.queries.recipients import recipients
from connectory.queries.stale import stale_connectors
from connectory.reports.letter import Letter
from connectory.reports.owner_digest import Asking, held, owner_digests
from connectory.reports_settings import ReportSettings

AT = moment(3)
TODAY = date(2026, 11, 16)
COE = "coe@tenant.example"
SETTINGS = Settings(reports=ReportSettings(coe_mailbox=COE, digest_without_tasks=True))
USUAL = Settings(reports=ReportSettings(coe_mailbox=COE))


@pytest.fixture(scope="module")
def told(module_store: Engine) -> Engine:
    """The small tenant with drift, assessed, of which a secret ends and a review is due."""
    fill_drift(module_store)
    assessed(module_store)
    plant(module_store)
    return module_store


def plant(engine: Engine) -> None:
    """Plant what the small tenant has not: verdicts on use, an exemption, a steward, a secret."""
    with writing(engine) as connection:
        for connector, state, last in (
            (INVOICES, "active", date(2026, 11, 15)),
            (WEATHER, "abandoned", date(2025, 11, 16)),
            (TWIN, "stale", date(2026, 7, 1)),
        ):
            connection.execute(
                update(models.StalenessAnswer)
                .where(models.StalenessAnswer.connector_id == connector)
                .values(state=state, score=50, last_used_on=last, source="flow_runs", known=True)
            )
        connection.execute(
            insert(models.Exemption).values(
                connector_id=TWIN, reason="Closing of the year", until=TODAY + timedelta(days=30),
                via="dashboard", exempted_by="Ada", exempted_at=NOW - timedelta(days=8),
            )
        )  # fmt: skip
        connection.execute(
            insert(models.Steward).values(
                connector_id=INVOICES, business_owner_key=ADA, review_on=TODAY,
                via="csv", decided_by="Ada", decided_at=NOW - timedelta(days=8),
            )
        )  # fmt: skip
        connection.execute(
            update(models.ConnectorVersion)
            .where(models.ConnectorVersion.connector_id == INVOICES)
            .values(client_id="AAAAAAAA-0000-4000-8000-000000000001")
        )
        for number, ends in enumerate((datetime(2026, 11, 20, 23, 30, tzinfo=UTC), None)):
            if ends is not None:
                connection.execute(
                    insert(models.AppCredential).values(
                        holder_key=f"h{number}", holder="service_principal", kind="secret",
                        client_key="aaaaaaaa-0000-4000-8000-000000000001", ends_at=ends,
                        credential_key=f"c{number}", from_run=1,
                    )
                )  # fmt: skip


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    """Count the statements that a store is asked meanwhile."""
    asked: list[str] = []

    def note(*told: Any) -> None:
        asked.append(str(told[2]))

    event.listen(engine, "before_cursor_execute", note)
    yield asked
    event.remove(engine, "before_cursor_execute", note)


def mine(engine: Engine, **more: Any) -> dict[int, Mine]:
    """Return what is told of each connector."""
    with reading(engine) as connection:
        who = recipients(connection, AT, SETTINGS.reports)
        found: dict[int, Mine] = held(
            connection, AT, who, SETTINGS.drift, zone=UTC, today=TODAY, **more
        )
    return found


def letters(engine: Engine, settings: Settings = SETTINGS, **more: Any) -> dict[str, Letter]:
    """Return the letters by recipient."""
    with reading(engine) as connection:
        options = {"today": TODAY, "period": "2026-W47"} | more
        written = list(owner_digests(connection, AT, settings, **options))
    assert len({one.to.recipient for one in written}) == len(written)
    return {one.to.recipient: one for one in written}


def test_each_figure_is_the_one_its_page_shows(told: Engine) -> None:
    """Cost, use and open changes are those of the queries that pages ask."""
    found = mine(told)
    with reading(told) as connection:
        costs = {row.connector_id: row.monthly for row in connector_answers(connection, AT)}
        stale = stale_connectors(connection, AT, TODAY).set_index("connector_id")
        opened = open_changes(connection, AT, TODAY)
    breaking = opened[opened["severity"] == "breaking"].groupby("connector_id")["changes"].sum()

    assert set(found) == {INVOICES, PAYROLL, WEATHER, SCRATCH, VANISHING, TWIN}
    assert any(costs.values())
    for connector, one in found.items():
        assert one.monthly == costs.get(connector)
        assert one.use is not None
        assert one.use.state == stale.loc[connector, "state"]
        drifted = [drift.changes for drift in one.drifts if drift.kind == "drifted"]
        assert sum(drifted) == breaking.get(connector, 0)


def test_what_is_known_of_a_connector_is_told(told: Engine) -> None:
    """Use, exemption, secret, review, gaps and whom a new version breaks."""
    found = mine(told)
    invoices, twin = found[INVOICES], found[TWIN]

    assert (invoices.name, invoices.environment, invoices.sku) == (
        "Invoices",
        "Finance",
        "Production",
    )
    assert invoices.recipient.role == "steward"
    assert invoices.review_on == TODAY
    assert invoices.endings == (
        Ending("aaaaaaaa-0000-4000-8000-000000000001", "secret", date(2026, 11, 20)),
    )
    assert [(one.kind, one.grade, one.operations) for one in invoices.drifts] == [
        ("broke", "used", ("GetOld",))
    ]
    assert (invoices.drifts[0].flows, invoices.drifts[0].apps, invoices.drifts[0].agents) == (
        1,
        1,
        1,
    )
    assert [one.name for one in invoices.drifts[0].contacts] == ["Ada Ample", "Bruno Bogus"]
    assert twin.use is not None
    assert twin.use.exempt_until == TODAY + timedelta(days=30)
    assert [(one.kind, one.against, one.grade) for one in twin.drifts] == [
        ("drifted", "Finance", "perhaps")
    ]
    assert found[PAYROLL].gaps == Gaps(1, 0, described=False)
    assert found[WEATHER].gaps is None
    assert found[WEATHER].owner_state == "disabled_owner"


def test_a_secret_ends_on_the_day_of_the_reader(told: Engine) -> None:
    """Half an hour before midnight in London is the next day in Berlin."""
    settings = SETTINGS.model_copy(
        update={"dashboard": SETTINGS.dashboard.model_copy(update={"time_zone": "Europe/Berlin"})}
    )
    with reading(told) as connection:
        one = next(
            iter(owner_digests(connection, AT, settings, today=TODAY, period="2026-W47", owner=ADA))
        )

    assert "21 November 2026" in one.text


def test_everybody_gets_one_letter_about_all_of_theirs(told: Engine) -> None:
    """Ada hers and those of who reports to her; what nobody answers for goes to the mailbox."""
    written = letters(told)

    assert {one: letter.connectors for one, letter in written.items()} == {
        ADA: (INVOICES, WEATHER, TWIN),
        f"mailbox:{COE}": (PAYROLL, SCRATCH, VANISHING),
    }
    assert all(one.occasion == "owner-digest/2026-W47" for one in written.values())
    assert (
        "Carla Contrived (owner) \N{EN DASH} no longer in the directory"
        in written[f"mailbox:{COE}"].text
    )


@pytest.mark.parametrize("owner", [ADA, "ADA@tenant.example", "ada ample"])
def test_one_owner_may_be_chosen(told: Engine, owner: str) -> None:
    """By id, address or name, whatever their case."""
    assert set(letters(told, owner=owner)) == {ADA}


def test_questions_are_written_to_those_asked_alone(told: Engine) -> None:
    """Who answers for nothing else gets a letter too; the connector keeps what is known of it."""
    carla = Recipient(CARLA, "Carla", "carla@tenant.example", "de-DE", "named")
    asked = {
        CARLA: [Asked(4, TWIN, "Invoices", TODAY, "https://c.example/attest/4")],
        "unknown": [Asked(5, PAYROLL, "Payroll", TODAY, "https://c.example/attest/5")],
    }
    written = letters(
        told,
        occasion="asked",
        period="campaign/7/asked/1",
        asked=asked,
        to={CARLA: carla},
        asking=Asking(7, "Review", "Because."),
    )

    assert list(written) == [CARLA]
    one = written[CARLA]
    assert (one.occasion, one.report, one.campaign_id) == ("campaign/7/asked/1", "attestation", 7)
    assert (one.to, one.language, one.connectors) == (carla, "de", (TWIN,))
    assert "https://c.example/attest/4" in one.text
    assert "Finance" in one.text


def test_the_digest_carries_open_questions(told: Engine) -> None:
    """Also about a connector that is gone by now."""
    asked = {
        ADA: [
            Asked(4, TWIN, "Invoices", TODAY, "https://c.example/attest/4"),
            Asked(6, 99, "Gone by now", TODAY, "https://c.example/attest/6"),
        ]
    }
    written = letters(told, asked=asked)

    assert written[ADA].connectors == (INVOICES, WEATHER, TWIN, 99)
    assert written[ADA].text.count("/attest/") == 2
    assert "/attest/" not in written[f"mailbox:{COE}"].text


def test_connectors_left_out_are_not_told_of(told: Engine) -> None:
    """Whoever answers for nothing else gets no letter."""
    assert set(mine(told, left_out={PAYROLL, TWIN})) == {INVOICES, WEATHER, SCRATCH, VANISHING}


def test_what_is_accepted_is_nothing_to_do(store: Engine) -> None:
    """Neither the difference from the reference nor the new version is told any more."""
    fill_drift(store)
    assessed(store)
    before = mine(store)
    with reading(store) as connection:
        pair = of_member(connection, AT, TWIN)
        assert pair is not None
        rows = connection.execute(
            select(
                models.ComparisonChange.comparison_id, models.ComparisonChange.fingerprint
            ).where(models.ComparisonChange.severity == "breaking")
        ).all()
    for comparison_id, fingerprint in rows:
        accept(
            store,
            comparison_id=comparison_id,
            fingerprints=[fingerprint],
            connector_id=None,
            family_key=pair.family_key,
            until=NOW.date() + timedelta(days=9),
            reason="On purpose",
            author="Ada",
            now=NOW,
        )

    assert {one for one, found in before.items() if found.drifts} == {INVOICES, TWIN}
    assert {one for one, found in mine(store).items() if found.drifts} == set()


def test_many_owners_ask_the_store_no_more_often(store: Engine) -> None:
    """Five hundred connectors of as many owners take the statements of six."""
    fill_drift(store)
    assessed(store)
    with statements(store) as few:
        first = letters(store)
    many(store, 500)
    with statements(store) as more:
        second = letters(store)

    assert (len(first), len(second)) == (2, 502)
    assert len(more) == len(few)


def test_who_has_nothing_to_do_gets_no_digest(store: Engine) -> None:
    """Five more owners of sound connectors are written to only where the settings want that."""
    fill_drift(store)
    assessed(store)
    before = letters(store, USUAL)
    many(store, 5)

    assert letters(store, USUAL).keys() == before.keys()
    assert len(letters(store)) == len(before) + 5


def many(engine: Engine, number: int) -> None:
    """Add so many connectors, each with an owner of its own."""
    with writing(engine) as connection:
        run = latest(connection)
        assert run is not None
        last = connection.scalar(select(models.Connector.id).order_by(models.Connector.id.desc()))
        person = connection.scalar(select(models.Principal.id).order_by(models.Principal.id.desc()))
        assert last is not None
        assert person is not None
        here = {"from_run": 1, "presence": "present"}
        keys = [f"owner-{one}" for one in range(1, number + 1)]
        numbered = list(enumerate(keys, 1))
        rows: list[tuple[type[models.Base], list[dict[str, Any]]]] = [
            (
                models.Connector,
                [{"id": last + n, "environment_id": FINANCE, "key": f"shared_{key}", "first_run": 1}
                 for n, key in numbered],
            ),
            (
                models.ConnectorVersion,
                [{"connector_id": last + n, "name": key, "definition_state": "absent"} | here
                 for n, key in numbered],
            ),
            (
                models.Principal,
                [{"id": person + n, "key": key, "first_run": 1} for n, key in numbered],
            ),
            (
                models.PrincipalVersion,
                [{"principal_id": person + n, "kind": "user", "enabled": True, "display_name": key,
                  "mail": f"{key}@tenant.example"} | here for n, key in numbered],
            ),
            (
                models.ConnectorPermission,
                [{"connector_id": last + n, "principal_key": key, "principal_type": "user",
                  "role": "Owner", "from_run": 1} for n, key in numbered],
            ),
            (
                models.OwnershipAnswer,
                [{"connector_id": last + n, "state": "owned", "owner_key": key, "reason": "it is so",
                  "from_run": run.run_id} for n, key in numbered],
            ),
        ]  # fmt: skip
        for model, values in rows:
            connection.execute(insert(model), values)


def test_amounts_are_told_only_where_they_could_be_reckoned(store: Engine) -> None:
    """Without a price book no amount is shown, and none is zero."""
    fill_drift(store)
    assessed(store)
    assert "What they cost in licences" in letters(store)[ADA].text
    with writing(store) as connection:
        connection.execute(
            text("UPDATE exposure_answers SET reason = 'no prices', currency = NULL")
        )

    assert "What they cost in licences" not in letters(store)[ADA].text
    assert mine(store)[INVOICES].monthly != Decimal(0)
