"""Who is written to about each connector of the small tenant, and who is passed over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from factories import (
    ADA,
    BALLOON,
    BRUNO,
    CARLA,
    DORA,
    INVOICES,
    MAKERS,
    PAYROLL,
    ROBOT,
    RUN_TIMES,
    SCRATCH,
    TWIN,
    VANISHING,
    WEATHER,
    ZED,
    fill,
    fill_runs_only,
    moment,
)
from sqlalchemy import Engine, event, insert, update

import models
from connectory.database import reading, writing
from connectory.domain.answering import Recipient
from connectory.queries.recipients import recipient_for, recipients

EVA = "80000000-0000-4000-8000-000000000000"
COE = "coe@tenant.example"


@dataclass(frozen=True)
class Mail:
    """Settings of a test."""

    coe_mailbox: str = ""
    mail_guests: bool = False


NOBODY_LEFT, TO_COE = Mail(), Mail(COE)


@pytest.fixture
def tenant(store: Engine) -> Engine:
    """The small tenant, in which Eva joined at run 1; she speaks German and is Ada's manager."""
    fill(store)
    facts = {"kind": "user", "display_name": "Eva Example", "enabled": True,
             "mail": "eva@tenant.example", "preferred_language": "de-DE"}  # fmt: skip
    person(store, EVA, **facts)
    change(store, models.PrincipalVersion, {"manager_key": EVA}, principal_id=1)
    return store


def person(store: Engine, key: str, **facts: Any) -> None:
    """Add somebody to the directory from run 1 on."""
    with writing(store) as connection:
        row = insert(models.Principal).values(key=key).returning(models.Principal.id)
        number = connection.execute(row).scalar_one()
        told = {"presence": "present", "from_run": 1, **facts, "principal_id": number}
        connection.execute(insert(models.PrincipalVersion).values(**told))


def change(store: Engine, model: type[models.Base], values: dict[str, Any], **which: Any) -> None:
    """Write other values into the rows of a table that fit."""
    table = model.__table__
    with writing(store) as connection:
        fits = [table.c[name] == value for name, value in which.items()]
        connection.execute(update(table).where(*fits).values(**values))


def owner(store: Engine, connector: int, kind: str, key: str, **told: Any) -> None:
    """Give somebody the role Owner from run 1 on."""
    row = {"connector_id": connector, "principal_type": kind, "principal_key": key,
           "role": "Owner", "from_run": 1, **told}  # fmt: skip
    with writing(store) as connection:
        connection.execute(insert(models.ConnectorPermission).values(**row))


def steward(store: Engine, connector: int, **told: Any) -> None:
    """Appoint somebody at the time of run 2, unless it says when."""
    row = {"connector_id": connector, "via": "csv", "decided_by": "a test",
           "decided_at": RUN_TIMES[1], **told}  # fmt: skip
    with writing(store) as connection:
        connection.execute(insert(models.Steward).values(**row))


def asked(
    store: Engine, settings: Mail = TO_COE, run: int = 3, **more: Any
) -> dict[int, Recipient]:
    """Return who is asked for each connector."""
    with reading(store) as connection:
        return recipients(connection, moment(run), settings, **more)


def passed(told: Recipient) -> list[tuple[str, str, str]]:
    """Return who was passed over as plain values."""
    return [(one.role, one.name, one.why) for one in told.passed]


def test_an_owner_in_working_order_is_asked(tenant: Engine) -> None:
    """With name, address and language as the directory tells them."""
    change(tenant, models.PrincipalVersion, {"preferred_language": "en-GB"}, principal_id=1)

    assert asked(tenant)[INVOICES] == Recipient(
        ADA, "Ada Ample", "ada@tenant.example", "en-GB", "owner"
    )


def test_everybody_else_goes_to_the_mailbox_with_the_reason(tenant: Engine) -> None:
    """Departed, disabled without a manager, read but nobody's, never read."""
    told = asked(tenant)

    assert {one: told[one].role for one in (PAYROLL, VANISHING, SCRATCH)} == dict.fromkeys(
        (PAYROLL, VANISHING, SCRATCH), "coe"
    )
    assert told[PAYROLL].recipient == f"mailbox:{COE}"
    assert told[PAYROLL].key is None
    assert passed(told[PAYROLL]) == [("owner", "Carla Contrived", "departed")]
    assert passed(told[VANISHING]) == [("owner", "", "nobody")]
    assert passed(told[SCRATCH]) == [("owner", "", "unknown")]


def test_without_a_mailbox_they_are_not_in_it(tenant: Engine) -> None:
    """So that a caller can say for which connectors nobody can be asked."""
    assert set(asked(tenant, NOBODY_LEFT)) == {INVOICES, WEATHER, TWIN}


def test_gone_connectors_are_not_asked_about(tenant: Engine) -> None:
    """Trial balloon went with its environment at run 3."""
    assert BALLOON in asked(tenant, run=1)
    assert BALLOON not in asked(tenant, run=3)


def test_the_manager_stands_in_for_a_disabled_owner(tenant: Engine) -> None:
    """Bruno's manager is Ada."""
    told = asked(tenant)[WEATHER]

    assert (told.recipient, told.role) == (ADA, "manager")
    assert passed(told) == [("owner", "Bruno Bogus", "disabled")]


def test_a_leavers_manager_is_the_last_one_known(tenant: Engine) -> None:
    """The record of a deleted user has no manager; the one before has."""
    change(tenant, models.PrincipalVersion, {"manager_key": EVA}, principal_id=3, from_run=1)
    told = asked(tenant)[PAYROLL]

    assert (told.recipient, told.role, told.language) == (EVA, "manager", "de-DE")
    assert passed(told) == [("owner", "Carla Contrived", "departed")]


def test_who_has_no_manager_any_more_while_here_has_none(tenant: Engine) -> None:
    """Only of those who left does an earlier record count."""
    change(tenant, models.PrincipalVersion, {"manager_key": None}, principal_id=2, from_run=2)

    assert asked(tenant)[WEATHER].role == "coe"


def test_the_last_owners_manager_where_nobody_owns_it_now(tenant: Engine) -> None:
    """Not the one of somebody who owned it long before."""
    owner(tenant, VANISHING, "user", BRUNO, to_run=2)
    owner(tenant, VANISHING, "user", ADA, from_run=2, to_run=3)
    told = asked(tenant)[VANISHING]

    assert (told.recipient, told.role) == (EVA, "manager")
    assert passed(told) == [("owner", "", "nobody")]


def test_the_business_owner_comes_first_then_the_deputy(tenant: Engine) -> None:
    """Also before an owner in working order."""
    steward(tenant, INVOICES, business_owner_key=EVA, deputy_key=ADA)
    steward(tenant, TWIN, business_owner_key=CARLA, deputy_key=EVA)
    told = asked(tenant)

    assert (told[INVOICES].recipient, told[INVOICES].role) == (EVA, "steward")
    assert (told[TWIN].recipient, told[TWIN].role) == (EVA, "deputy")
    assert passed(told[TWIN]) == [("steward", "Carla Contrived", "departed")]


def test_stewards_count_from_their_appointment_until_they_are_replaced(tenant: Engine) -> None:
    """At a past moment those of then are asked."""
    steward(tenant, INVOICES, business_owner_key=EVA, replaced_at=RUN_TIMES[2])
    told = [asked(tenant, run=run)[INVOICES].role for run in (1, 2, 3)]

    assert told == ["owner", "steward", "owner"]


def test_a_departed_stewards_manager_comes_after_those_of_owners(tenant: Engine) -> None:
    """Before the mailbox."""
    change(tenant, models.PrincipalVersion, {"manager_key": EVA}, principal_id=3, from_run=1)
    steward(tenant, VANISHING, business_owner_key=CARLA)
    told = asked(tenant)[VANISHING]

    assert (told.recipient, told.role) == (EVA, "manager")
    assert passed(told) == [("steward", "Carla Contrived", "departed"), ("owner", "", "nobody")]


def test_guests_only_where_the_settings_say_so(tenant: Engine) -> None:
    """Otherwise they are passed over."""
    change(tenant, models.PrincipalVersion, {"mail": "dora@partner.example"}, principal_id=4)
    told = asked(tenant, run=1)[BALLOON]
    guest = asked(tenant, Mail(COE, mail_guests=True), run=1)[BALLOON]

    assert (told.role, passed(told)) == ("coe", [("owner", "dora@partner.example", "guest")])
    assert (guest.recipient, guest.role) == (DORA, "owner")


def test_an_application_is_never_written_to(tenant: Engine) -> None:
    """It owned the twin at run 1."""
    told = asked(tenant, run=1)[TWIN]

    assert (told.role, passed(told)) == ("coe", [("owner", "Robot", "service_principal")])


def test_an_id_that_nobody_could_be_asked_about_is_unknown(tenant: Engine) -> None:
    """At run 2 deleted users could not be read; at run 3 the directory has no such id."""
    owner(tenant, VANISHING, "user", ZED, principal_name="Zed Zero")

    assert passed(asked(tenant, run=2)[VANISHING]) == [("owner", "Zed Zero", "unknown")]
    assert passed(asked(tenant, run=3)[VANISHING]) == [("owner", "Zed Zero", "departed")]


def test_a_group_with_a_mailbox_is_written_to_itself(tenant: Engine) -> None:
    """Under its own id."""
    change(tenant, models.PrincipalVersion, {"mail": "makers@tenant.example"}, principal_id=5)
    owner(tenant, VANISHING, "group", MAKERS)
    told = asked(tenant)[VANISHING]

    assert (told.recipient, told.address, told.role) == (MAKERS, "makers@tenant.example", "group")
    assert told.passed == ()


def test_of_a_group_without_one_its_members_are(tenant: Engine) -> None:
    """Those in working order with an address: Bruno of run 1 has none."""
    owner(tenant, VANISHING, "group", MAKERS)
    told = asked(tenant, run=1)[VANISHING]

    assert (told.recipient, told.role) == (ADA, "group")


def test_an_empty_group_answers_for_nothing(tenant: Engine) -> None:
    """Nor one that is gone, nor one that could not be read."""
    change(tenant, models.GroupMember, {"to_run": 2}, member_key=ADA)
    change(tenant, models.PrincipalVersion, {"mail": "makers@tenant.example"}, principal_id=5)
    owner(tenant, VANISHING, "group", MAKERS)
    owner(tenant, VANISHING, "group", ZED, principal_name="Zealots")
    told = asked(tenant)[VANISHING]

    assert told.role == "coe"
    assert passed(told) == [("group", "Makers", "empty_group"), ("group", "Zealots", "unknown")]


def test_the_next_one_is_asked_beyond_those_who_were(tenant: Engine) -> None:
    """Owner, then manager, then mailbox, then nobody."""
    owner(tenant, INVOICES, "service_principal", ROBOT)
    told = [asked(tenant, beyond={INVOICES: n}).get(INVOICES) for n in range(4)]

    assert [one.role for one in told if one] == ["owner", "manager", "coe"]
    assert told[2] is not None
    assert passed(told[2]) == [
        ("owner", "Ada Ample", "did_not_answer"),
        ("owner", "Robot", "service_principal"),
        ("manager", "Eva Example", "did_not_answer"),
    ]
    assert told[3] is None


def test_a_steward_named_since_is_asked_before_the_next_one(tenant: Engine) -> None:
    """Whoever was asked is known by who they are, not by where they stood."""
    steward(tenant, INVOICES, business_owner_key=EVA)
    told = asked(tenant, before={INVOICES: [ADA]})[INVOICES]
    then = asked(tenant, before={INVOICES: [ADA, EVA]})[INVOICES]

    assert (told.recipient, told.role, told.passed) == (EVA, "steward", ())
    assert (then.role, [one.why for one in then.passed]) == ("coe", ["did_not_answer"] * 2)
    assert INVOICES not in asked(tenant, before={INVOICES: [ADA, EVA, f"mailbox:{COE}"]})


def statements(store: Engine, **more: Any) -> int:
    """Return how many statements a question sends."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    event.listen(store, "before_cursor_execute", note)
    asked(store, **more)
    event.remove(store, "before_cursor_execute", note)
    return len(sent)


def test_it_asks_as_often_however_many_there_are(tenant: Engine) -> None:
    """One connector, two, or all."""
    one = statements(tenant, connector_ids=[INVOICES])

    assert one > 0
    assert statements(tenant, connector_ids=[INVOICES, PAYROLL]) == statements(tenant) == one


def test_only_those_that_are_asked_for(tenant: Engine) -> None:
    """However many that are, and whatever else is in the store."""
    assert set(asked(tenant, connector_ids=[INVOICES, PAYROLL])) == {INVOICES, PAYROLL}
    assert set(asked(tenant, connector_ids=range(INVOICES, INVOICES + 1_000))) >= {INVOICES, TWIN}
    assert asked(tenant, connector_ids=[]) == {}


def test_one_person_by_id(tenant: Engine) -> None:
    """Somebody who left, or of whom nothing is known, is nobody to write to."""
    with reading(tenant) as connection:
        told = {
            key: recipient_for(connection, moment(3), TO_COE, key, role="named")
            for key in (EVA, CARLA, ZED)
        }

    assert told[EVA] == Recipient(EVA, "Eva Example", "eva@tenant.example", "de-DE", "named")
    assert (told[CARLA], told[ZED]) == (None, None)


def test_a_store_without_anything_has_nobody(store: Engine) -> None:
    """And that is no error."""
    fill_runs_only(store)

    assert asked(store, run=1) == {}
