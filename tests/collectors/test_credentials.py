"""Credentials: only names and dates of them, matched by client id, never taken for another's."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine, text
from tenants import tenant
from told import told

from collectors.credentials import credentials, registration
from connectory.database import reading


def test_a_credential_keeps_its_name_and_dates_only() -> None:
    """Neither value, hint nor thumbprint is taken, whatever the directory shows."""
    secret = {
        "keyId": "KEY-1",
        "displayName": "rotated",
        "startDateTime": "2026-01-31T10:00:00.1234567Z",
        "endDateTime": "2027-01-31T10:00:00Z",
        "secretText": "value",
        "hint": "val",
        "customKeyIdentifier": "thumb",
    }
    record = {"id": "OBJ", "appId": "APP", "passwordCredentials": [secret], "keyCredentials": None}

    assert credentials(record, "application") == [
        {
            "holder_key": "obj",
            "holder": "application",
            "client_key": "app",
            "credential_key": "key-1",
            "kind": "secret",
            "display_name": "rotated",
            "starts_at": datetime(2026, 1, 31, 10, 0, 0, 123456, tzinfo=UTC),
            "ends_at": datetime(2027, 1, 31, 10, tzinfo=UTC),
        }
    ]


def test_the_barest_registration_is_read() -> None:
    """An application that tells nothing but its ids is kept under its client id."""
    kept = registration({"id": "OBJ", "appId": "APP"})

    assert kept.key == "app"
    assert kept.values == {"object_id": "obj", "display_name": None, "created_at": None}
    assert credentials({"id": "OBJ", "appId": "APP"}, "application") == []


def test_most_client_ids_of_connectors_are_registered_here(store: Engine, tmp_path: Path) -> None:
    """Connectors and registrations meet by client id, for the same pairs as in the tenant."""
    with tenant(tmp_path, "small") as simulated:
        simulated.collect(store)
        truth = simulated.get("truth")
    found = told(store)
    here = {row["client_id"] for row in truth["app_registrations"]}
    wanted = {row["client_id"] for row in truth["connector_clients"]} & here
    clients = {client for _, _, client in found["connector_clients"]}

    assert wanted
    assert clients & found["app_registrations"].keys() == wanted
    assert clients - found["app_registrations"].keys()


def test_refused_registrations_are_kept_and_enterprise_applications_asked(
    store: Engine, tmp_path: Path
) -> None:
    """What enterprise applications carry is added, and nothing known of registrations is lost."""
    with tenant(tmp_path) as simulated:
        simulated.collect(store, ["credentials"])
        before = told(store)["app_registrations"]
        simulated.post(
            "faults", host="graph.microsoft.com", path="/v1.0/applications", kind="forbidden"
        )
        report = simulated.collect(store, ["credentials"])
        truth = simulated.get("truth")
    wanted = {
        (row["id"], row["client_id"], one["id"])
        for row in truth["service_principal_credentials"]
        for one in row["credentials"]
    }
    query = "SELECT * FROM app_credentials WHERE holder = 'service_principal' AND to_run IS NULL"
    with reading(store) as connection:
        rows = connection.execute(text(query)).all()

    assert report.state == "partial"
    assert wanted
    assert {(row.holder_key, row.client_key, row.credential_key) for row in rows} == wanted
    assert told(store)["app_registrations"] == before


def test_what_stood_in_for_registrations_ends_once_they_are_read(
    store: Engine, tmp_path: Path
) -> None:
    """Nothing is left of a refusal that is over, and nothing of a principal that is gone."""
    query = "SELECT holder_key FROM app_credentials WHERE holder = 'service_principal' AND to_run IS NULL"

    def holders() -> set[str]:
        with reading(store) as connection:
            return {row.holder_key for row in connection.execute(text(query))}

    with tenant(tmp_path) as simulated:
        simulated.post(
            "faults", host="graph.microsoft.com", path="/v1.0/applications", kind="forbidden"
        )
        simulated.collect(store, ["credentials"])
        standing_in = holders()
        with store.begin() as connection:
            connection.execute(
                text(
                    "UPDATE app_credentials SET holder_key = 'gone-principal' WHERE id = (SELECT min(id) FROM app_credentials WHERE holder = 'service_principal')"
                )
            )
        simulated.collect(store, ["credentials"])
        again = holders()
        simulated.clear_faults()
        simulated.collect(store, ["credentials"])

    assert standing_in
    assert again == standing_in
    assert holders() == set()


def test_while_registrations_are_read_nothing_else_is_asked(
    sqlite_store: Engine, tmp_path: Path
) -> None:
    """One list is enough; enterprise applications are the way out only."""
    with tenant(tmp_path) as simulated:
        simulated.collect(sqlite_store, ["credentials"])
        routes = simulated.get("requests")["routes"]

    assert not [route for route in routes if "servicePrincipals" in route]
