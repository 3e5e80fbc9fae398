"""Upstream documents over a simulated tenant: whose they are, what they say, and what goes wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text
from tenants import Tenant, tenant

from collectors.ledger import StepReport
from collectors.upstream_targets import Search, Wrapped, searches
from connectory.assess import assess
from connectory.config import Settings
from connectory.database import reading
from connectory.drift_settings import DriftSettings
from connectory.queries.moments import latest
from connectory.queries.upstream import available_operations, upstream, upstream_pairs
from connectory.upstream_settings import UpstreamSettings

Row = dict[str, Any]
READ = ("environments", "connectors", "upstream_documents")
ONLY = ("upstream_documents",)


@pytest.fixture
def simulated(tmp_path: Path) -> Iterator[Tenant]:
    """A tenant some of whose APIs tell of themselves."""
    with tenant(tmp_path, "small") as found:
        yield found


def allowing(
    simulated: Tenant, store: Engine, behaviours: Sequence[str] = ("serves",), **more: Any
) -> Settings:
    """Return settings that allow every host, and name the documents of these behaviours."""
    places = simulated.get("upstream")
    named = [
        {"connector": one["connector"], "url": one["url"]}
        for one in places["documents"]
        if one["behaviour"] in behaviours
    ]
    section = {"hosts": places["hosts"], "documents": named, "seconds": 3.0, **more}
    drift = DriftSettings(upstream=UpstreamSettings.model_validate(section))
    return simulated.settings(store).model_copy(update={"drift": drift})


def collect(simulated: Tenant, store: Engine, settings: Settings, names: Sequence[str] = READ, **more: Any) -> StepReport:  # fmt: skip
    """Collect, and return how the step over documents ended."""
    report = simulated.collect(store, names, settings=settings, **more)
    return next(step for step in report.steps if step.collector == "upstream_documents")


def rows(store: Engine, query: str) -> list[Row]:
    """Return the rows of a query."""
    with reading(store) as connection:
        return [dict(row) for row in connection.execute(text(query)).mappings()]


def linked(store: Engine) -> list[Row]:
    """Return each connector with the document it is held against now."""
    return rows(
        store,
        "SELECT e.key AS environment, c.key AS connector, d.key AS url, l.how, v.state,"
        " v.changed_at, f.sha256, f.format, v.detail FROM connector_upstreams l"
        " JOIN connectors c ON c.id = l.connector_id"
        " JOIN environments e ON e.id = c.environment_id"
        " JOIN upstream_documents d ON d.id = l.upstream_document_id"
        " JOIN upstream_document_versions v"
        " ON v.upstream_document_id = d.id AND v.to_run IS NULL"
        " LEFT JOIN definitions f ON f.id = v.definition_id"
        " WHERE l.to_run IS NULL",
    )


def truth(simulated: Tenant, *behaviours: str) -> list[Row]:
    """Return what is true of the APIs of these behaviours."""
    told = simulated.get("truth")["drift"]["upstream"]
    return [one for one in told if one["behaviour"] in behaviours]


def test_every_document_is_found_and_tied_to_its_connector(
    simulated: Tenant, store: Engine
) -> None:
    """Registered or found at a usual address, in every form: bytes, connector and origin are true."""
    step = collect(simulated, store, allowing(simulated, store))

    found = {
        (row["environment"], row["connector"], row["url"], row["sha256"], row["how"])
        for row in linked(store)
    }
    expected = {
        (
            one["environment_id"].casefold(),
            one["connector"].casefold(),
            one["url"],
            one["sha256"],
            "convention" if one["usual_place"] else "registered",
        )
        for one in truth(simulated, "serves")
    }
    assert found == expected
    assert len(found) == 6
    assert {row["format"] for row in linked(store)} == {"Swagger 2.0", "OpenAPI 3.0.3", "OpenAPI 3.1.0"}  # fmt: skip
    assert (step.state, step.rows_seen) == ("complete", 6)
    assert simulated.get("requests")["trespasses"] == {}


def test_what_goes_wrong_at_one_host_costs_no_other(
    simulated: Tenant, sqlite_store: Engine
) -> None:
    """Redirects inside, floods, bombs, pages, silence and absence are each told, and the rest is read."""
    every = ("serves", "leads inside", "large", "packed", "slow", "page", "absent")

    step = collect(simulated, sqlite_store, allowing(simulated, sqlite_store, every, megabytes=1.0))

    states = {row["url"]: row["state"] for row in linked(sqlite_store)}
    expected = {"leads inside": "refused", "absent": "absent", "serves": "read"}
    assert states == {
        one["url"]: expected.get(one["behaviour"], "failed") for one in truth(simulated, *every)
    }
    assert step.state == "partial"
    told = {row["detail"] for row in linked(sqlite_store) if row["state"] != "read"}
    for words in ("not allowed", "larger than", "no document but text/html", "within 3 seconds"):
        assert any(words in detail for detail in told)
    asked = simulated.get("requests")
    assert "169.254.169.254" not in asked["requests"]
    assert asked["trespasses"] == {}


def test_what_has_not_changed_is_spared(simulated: Tenant, sqlite_store: Engine) -> None:
    """A second run gets no document again; after a failure what was read before is still there."""
    settings = allowing(simulated, sqlite_store)
    collect(simulated, sqlite_store, settings)
    before = linked(sqlite_store)

    again = collect(simulated, sqlite_store, settings, ONLY)
    whole = collect(simulated, sqlite_store, settings, ONLY, full=True)
    simulated.post("faults", kind="500", host=".example")
    broken = collect(simulated, sqlite_store, settings, ONLY)

    assert (again.state, again.spared, again.rows_changed) == ("complete", 6, 0)
    assert (whole.state, whole.spared, whole.rows_changed) == ("complete", 0, 0)
    assert broken.state == "partial"
    after = linked(sqlite_store)
    assert {row["state"] for row in after} == {"failed"}
    assert [(row["url"], row["sha256"]) for row in after] == [
        (row["url"], row["sha256"]) for row in before
    ]


def test_connectors_are_held_against_what_their_apis_say(simulated: Tenant, store: Engine) -> None:
    """Every planted fact is found, with verdict and place, what is offered beyond, and since when."""
    settings = allowing(simulated, store)
    collect(simulated, store, settings)
    simulated.post("advance", days=7)
    collect(simulated, store, settings)
    now = datetime.fromisoformat(simulated.get("clock")["now"])

    assess(store, now=lambda: now, drifting=settings.drift)

    with reading(store) as connection:
        moment = latest(connection)
        assert moment is not None
        table = upstream(connection, moment).set_index("url")
        for one in truth(simulated, "serves"):
            row = table.loc[one["url"]]
            found = {
                (r["rule"], r["severity"], r["operation_id"], r["kind"], r["name"], r["property"])
                for r in connection.execute(
                    text("SELECT * FROM comparison_changes WHERE comparison_id = :id"),
                    {"id": int(row["comparison_id"])},
                ).mappings()
                if r["severity"] != "cosmetic"
            }
            planted = {
                (f["rule"], f["class"], f["operation_id"], f["in"], f["name"], f["property"])
                for f in one["facts"]
            }
            assert found == planted, one["url"]
            assert row["available"] == len(one["available"])
            offered = available_operations(connection, moment, int(row["connector_id"]))
            assert sorted(str(place.operation_id) for place in offered) == one["available"]
            assert (row["behind_since"] == row["behind_since"]) is (one["changed"] is not None and bool(planted))  # fmt: skip
        behind = table[table["behind_days"].notna()]
        assert set(behind["behind_days"]) == {0}
        assert len(upstream_pairs(connection, moment)) == len(table)
    changed = {row["url"] for row in linked(store) if row["changed_at"]}
    assert changed == {one["url"] for one in truth(simulated, "serves") if one["changed"]}


def test_how_long_a_connector_does_not_follow_is_counted(
    simulated: Tenant, sqlite_store: Engine
) -> None:
    """The lag grows with the days since the document changed, and the answer costs no further row."""
    settings = allowing(simulated, sqlite_store)
    for days in (0, 7, 7):
        simulated.post("advance", days=days)
        collect(simulated, sqlite_store, settings)
        now = datetime.fromisoformat(simulated.get("clock")["now"])
        assess(sqlite_store, now=lambda now=now: now, drifting=settings.drift)

    with reading(sqlite_store) as connection:
        moment = latest(connection)
        assert moment is not None
        lags = set(upstream(connection, moment)["behind_days"].dropna())
    assert lags == {7}
    first = now - timedelta(days=7)
    answers = rows(sqlite_store, "SELECT * FROM upstream_answers WHERE to_run IS NULL")
    since = {str(one["behind_since"])[:10] for one in answers if one["behind_since"]}
    assert since == {first.date().isoformat()}


def test_nothing_is_asked_unless_a_host_is_allowed(simulated: Tenant, sqlite_store: Engine) -> None:
    """Off by default; switched off again, connectors are held against nothing any more."""
    off = simulated.settings(sqlite_store)

    first = collect(simulated, sqlite_store, off)
    asked = simulated.get("requests")["requests"]
    collect(simulated, sqlite_store, allowing(simulated, sqlite_store), ONLY)
    held = len(linked(sqlite_store))
    last = collect(simulated, sqlite_store, off, ONLY)

    assert (first.state, last.state) == ("skipped", "skipped")
    assert not [host for host in asked if host.endswith(".example")]
    assert held == 6
    assert linked(sqlite_store) == []


def test_a_host_without_a_document_is_no_failure(simulated: Tenant, sqlite_store: Engine) -> None:
    """Where a host has none at any usual address, none is known, and the step is whole all the same."""
    settings = allowing(simulated, sqlite_store, conventions=["/nothing.json"])

    step = collect(simulated, sqlite_store, settings)

    assert step.state == "complete"
    assert {row["how"] for row in linked(sqlite_store)} == {"registered"}


def test_a_name_that_nothing_has_is_told(simulated: Tenant, sqlite_store: Engine) -> None:
    """A document registered for a connector that is not there falls short, and says which."""
    host = simulated.get("upstream")["hosts"][0]
    documents = [{"connector": "Nowhere/Nothing", "url": f"https://{host}/x.json"}]
    settings = allowing(simulated, sqlite_store, (), documents=documents, conventions=[])

    step = collect(simulated, sqlite_store, settings)

    assert step.state == "partial"
    assert "no connector is called Nowhere/Nothing" in str(step.reason)


# --- whose document is whose


def connector(number: int, host: str, name: str = "Orders", place: str = "Sales", **more: Any) -> Wrapped:  # fmt: skip
    """Return a connector as the store tells it."""
    facts = {"families": frozenset[str](), "document": None, **more}
    return Wrapped(
        number, host, frozenset({place.casefold()}), frozenset({name.casefold()}), **facts
    )


def asked(connectors: Sequence[Wrapped], **settings: Any) -> tuple[list[Search], list[str]]:
    """Return what is asked for."""
    return searches(connectors, UpstreamSettings(hosts=("api.example.com", "*.example.org"), **settings))  # fmt: skip


def test_a_family_is_registered_by_its_name() -> None:
    """Every member is held against the document of its family; who has one is looked for nowhere."""
    members = [
        connector(1, "api.example.com", place="dev"),
        connector(2, "api.example.com", place="prod"),
        connector(3, "api.example.com", "Bills", families=frozenset({"orders"})),
        connector(4, "api.example.com", "Other"),
    ]
    document = {"connector": "Orders", "url": "https://API.example.com/a.json"}

    found, vain = asked(members, documents=[document], conventions=("/x.json",))

    assert found == [
        Search("registered", ["https://api.example.com/a.json"], [1, 2, 3]),
        Search("convention", ["https://api.example.com/x.json"], [4]),
    ]
    assert vain == []


def test_a_connector_is_registered_by_its_environment_and_name() -> None:
    """The first document named for a connector is the one; the environment has to be right."""
    members = [connector(1, "a.example.org", place="dev"), connector(2, "b.example.org")]
    documents = [
        {"connector": "Sales/ORDERS", "url": "https://api.example.com/a.json"},
        {"connector": "orders", "url": "https://api.example.com/b.json"},
        {"connector": "Test/Orders", "url": "https://api.example.com/c.json"},
    ]

    found, vain = asked(members, documents=documents, conventions=())

    assert [(one.urls, one.connectors) for one in found] == [
        (["https://api.example.com/a.json"], [2]),
        (["https://api.example.com/b.json"], [1]),
    ]
    assert vain == ["Test/Orders"]


def test_only_allowed_hosts_are_looked_at() -> None:
    """Connectors of one host share a search that begins where a document was found before."""
    members = [
        connector(1, "api.example.com", document="https://api.example.com/old.json"),
        connector(2, "api.example.com"),
        connector(3, "evil.example.net"),
        connector(4, "x.example.org"),
        connector(5, "example.org"),
    ]

    found, _ = asked(members, conventions=("/x.json",))

    assert [(one.urls, one.connectors) for one in found] == [
        (["https://api.example.com/old.json", "https://api.example.com/x.json"], [1, 2]),
        (["https://x.example.org/x.json"], [4]),
    ]


@pytest.mark.parametrize(
    "section",
    [
        {"hosts": ["*"]}, {"hosts": ["*.com"]}, {"hosts": ["https://api.example.com"]},
        {"hosts": ["127.0.0.1"]}, {"hosts": ["[::1]"]}, {"hosts": ["localhost"]},
        {"hosts": ["api.*.com"]}, {"hosts": ["api.example.com:443"]}, {"hosts": [""]},
        {"conventions": ["//evil.example.com/x"]}, {"conventions": ["openapi.json"]},
        {"conventions": ["/../x"]}, {"conventions": ["/x?y"]}, {"ports": []}, {"ports": [0]},
        {"hosts": ["a.example.com"], "documents": [{"connector": "x", "url": "https://b.example.com/"}]},
        {"hosts": ["a.example.com"], "documents": [{"connector": "x", "url": "http://a.example.com/"}]},
        {"hosts": ["a.example.com"], "documents": [{"connector": "/", "url": "https://a.example.com/"}]},
        {"hosts": ["a.example.com"], "documents": [{"connector": "x", "url": "https://u@a.example.com/"}]},
        {"hosts": ["a.example.com"], "documents": [{"connector": "x", "url": "https://a.example.com:8443/"}]},
        {"megabytes": 0}, {"seconds": -1}, {"redirects": 99}, {"surprise": True},
    ],
)  # fmt: skip
def test_settings_that_would_open_too_much_are_refused(section: Row) -> None:
    """Whole domains, numbers, other schemes, hosts that are not allowed: refused when settings are read."""
    with pytest.raises(ValueError, match=r"."):
        UpstreamSettings.model_validate(section)
