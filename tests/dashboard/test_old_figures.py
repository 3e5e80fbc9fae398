"""What was known before is told from what was read now, and nothing read is no zero."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import factories
import factories_policies
import pytest
from sqlalchemy import Engine, insert, text
from streamlit.testing.v1 import AppTest
from tenants import Tenant, tenant

from connectory.assess import assess
from connectory.clock import wall_clock
from connectory.database import reading, writing
from connectory.queries.connectors import connectors
from connectory.queries.moments import latest
from models import DataPolicyRule

Shown = Callable[..., AppTest]
PAGES = [
    "",
    "views/search.py",
    "views/connectors.py",
    "views/connections.py",
    "views/environments.py",
    "views/reconciliation.py",
]
CONNECTOR = "views/connector.py"


def said(page: AppTest) -> str:
    """Everything a page says in words."""
    parts = (*page.title, *page.header, *page.markdown, *page.caption, *page.warning, *page.error)
    return "\n".join(str(part.value) for part in parts)


@pytest.fixture
def simulated(tmp_path: Path) -> Iterator[Tenant]:
    """A tiny tenant that answers."""
    with tenant(tmp_path) as served:
        yield served


def collected(simulated: Tenant, store: Engine, **fault: Any) -> None:
    """Collect and assess while services fail; open the store only as long as that takes."""
    if fault:
        simulated.post("faults", **fault)
    simulated.collect(store, full=True)
    simulated.clear_faults()
    now = simulated.served.tenant.now
    assess(store, now=lambda: now, wall=wall_clock)


@pytest.mark.parametrize("page", PAGES)
def test_a_tenant_that_was_never_read_is_not_an_empty_one(
    simulated: Tenant, sqlite_store: Engine, shown: Shown, page: str
) -> None:
    """No figure and no tick stand on any page, but why nothing is known."""
    path = r"^(?!/[^/]+/(oauth2|v2\.0|discovery))"
    collected(simulated, sqlite_store, host="", path=path, kind="forbidden")
    app = shown(page)

    assert not app.error
    assert "The tenant could not be read" in said(app)
    assert list(app.metric) == []
    assert "Nothing needs attention" not in said(app)


def test_figures_known_before_say_so(simulated: Tenant, sqlite_store: Engine, shown: Shown) -> None:
    """Where a service failed, figures, lists and tabs that rest on it are marked."""
    collected(simulated, sqlite_store)
    whole = said(shown(""))
    collected(simulated, sqlite_store, host="api.powerapps.com", kind="503")
    with reading(sqlite_store) as connection:
        moment = latest(connection)
        assert moment is not None
        listed = connectors(connection, moment)
    used = listed.loc[listed["connections"] > 0, "connector_id"].iloc[0]

    assert "not read" not in whole
    assert said(shown("")).count("not read") >= 3
    assert "Not read at the latest attempt" in said(shown("views/connectors.py"))
    assert "connections in" in said(shown("views/connectors.py"))
    tab = said(shown(CONNECTOR, id=str(used), tab="Connections"))
    assert "what stands here was known before" in tab


def test_policies_known_before_say_so(
    simulated: Tenant, sqlite_store: Engine, shown: Shown
) -> None:
    """A verdict that rests on policies of an earlier run says since when they are not read."""
    collected(simulated, sqlite_store)
    whole = said(shown(CONNECTOR, id="1", tab="Policies"))
    collected(simulated, sqlite_store, host="api.bap.microsoft.com", path="olic", kind="forbidden")

    assert "known before" not in whole
    assert "known before" in said(shown(CONNECTOR, id="1", tab="Policies"))


def test_what_a_policy_says_of_actions_is_shown(shown: Shown, sqlite_store: Engine) -> None:
    """Blocked actions and addresses stand below the policies, allowed ones among them."""
    factories.fill(sqlite_store)
    factories_policies.fill_policies(sqlite_store)
    with writing(sqlite_store) as connection:
        policy, key = connection.execute(
            text(
                "SELECT t.data_policy_id, c.key FROM data_policies p"
                " JOIN data_policy_versions t ON t.data_policy_id = p.id,"
                " connectors c WHERE c.id = :id AND t.name = 'Finance only'"
            ),
            {"id": factories.INVOICES},
        ).one()
        for position, (kind, subject, allowed) in enumerate(
            [("action", "DeleteAll", False), ("endpoint", "https://a.example/*", True),
             ("endpoint", "*", False)],
            1,
        ):  # fmt: skip
            connection.execute(
                insert(DataPolicyRule).values(
                    data_policy_id=policy, environment_key="", connector_key=key, kind=kind,
                    position=position, subject=subject, allowed=allowed, from_run=1,
                )
            )  # fmt: skip
    app = shown(CONNECTOR, id=str(factories.INVOICES), tab="Policies")

    assert not app.exception
    assert "Blocked: 1 action and 1 address rule" in said(app)
    rules = app.dataframe[1].value
    assert rules["subject"].tolist() == ["DeleteAll", "https://a.example/*", "*"]


@pytest.mark.usefixtures("tenant")
def test_a_search_leads_to_exactly_what_it_found(shown: Shown) -> None:
    """A host within whose name another stands brings no other along; nor does a person."""
    host = shown("views/connectors.py", host="INVOICES.example", presence="Any")
    person = shown("views/connectors.py", owned_by=factories.CARLA, presence="Any")
    listed = person.dataframe[0].value["display_name"].tolist()
    person.button(key="pinned.owned_by").click().run()

    assert host.dataframe[0].value["host"].tolist() == ["invoices.example"]
    assert listed == ["Payroll"]
    assert len(person.dataframe[0].value) > 1


@pytest.mark.usefixtures("tenant")
def test_a_flow_found_opens_its_environment(shown: Shown) -> None:
    """From a hit to the page that shows it, by a click."""
    app = shown("views/search.py", q="legacy sync")
    app.button(key="search.flow.0").click().run()

    assert not app.exception
    assert not app.error
    assert app.title[0].value == "Environments"


@pytest.mark.usefixtures("tenant")
def test_a_connector_found_later_is_told_from_none(shown: Shown) -> None:
    """On a past day a connector that came later is said to be unknown then."""
    there = shown(CONNECTOR, id=str(factories.SCRATCH))
    later = shown(CONNECTOR, id="999999", as_of="2026-11-02")

    assert there.title[0].value != "Connector"
    assert "No such connector" in said(later)
