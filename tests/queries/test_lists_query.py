from __future__ import annotations

from factories import BRUNO, CARLA, moment
from sqlalchemy import Connection

from connectory.queries.lists import apps, flows, people


def test_flows_say_how_many_custom_connectors_they_use(tenant: Connection) -> None:
    """All flows present are listed, also those that use none."""
    told = {
        run: dict(
            flows(tenant, moment(run))[["name", "custom_connectors"]].itertuples(
                index=False, name=None
            )
        )
        for run in (1, 2, 3)
    }

    assert told[1] == {"Legacy sync": 1, "Pay the bills": 1, "Try invoices": 1}
    assert told[2] == {
        "Legacy sync": 0,
        "Pay the bills": 1,
        "Payroll nightly": 1,
        "Try invoices": 1,
    }
    assert told[3] == {"Legacy sync": 0, "Pay the bills": 1, "Payroll nightly": 1}


def test_apps_say_how_many_custom_connectors_they_use(tenant: Connection) -> None:
    """A standard connector does not count."""
    frame = apps(tenant, moment(3))

    assert frame["name"].tolist() == ["Expense desk", "Timesheets"]
    assert frame["custom_connectors"].tolist() == [2, 0]
    assert frame["owner"].tolist() == ["Bruno Bogus", "Bruno Bogus"]


def test_people_are_told_with_their_state_and_roles(tenant: Connection) -> None:
    """A person who left stays on the list and is told apart."""
    second = people(tenant, moment(2)).set_index("principal_key")
    third = people(tenant, moment(3)).set_index("principal_key")

    assert (second.loc[CARLA, "state"], third.loc[CARLA, "state"]) == ("enabled", "deleted")
    assert third.loc[BRUNO, "state"] == "disabled"
    assert third.loc[BRUNO, "manager"] == "Ada Ample"
    assert dict(zip(third["name"], third["connectors_owned"], strict=True)) == {
        "Ada Ample": 2,
        "Bruno Bogus": 1,
        "Carla Contrived": 1,
        "dora@partner.example": 0,  # her connector went with its environment
        "Makers": 0,
        "Robot": 0,  # owned the twin at run 1
    }
    assert dict(zip(third["name"], third["connectors_shared"], strict=True))["Makers"] == 1
