"""A small tenant written by hand, over three runs, for tests of queries and pages.

The story, by run (2, 9 and 16 November 2026; a fourth run on the 23rd failed and read nothing):

* **Finance** is a production environment with Dataverse. **Sandbox** was called Playground at
  run 1. **Trial** is deleted at run 3 and takes its connector along.
* **Invoices** (1) is Ada's, seen by all three sources in turn. Its definition loses GetOld at
  run 3, which a flow still calls; everyone in the tenant may use it from then on.
* **Payroll** (2) is Carla's, who leaves at run 3 while a flow and an app use it. At run 2 its
  address and policies change.
* **Weather** (3) is Bruno's, whose account is disabled at run 2, when it is also renamed to
  Weather and tides. Its definition cannot be read. Nothing uses it.
* **Scratch** (4) appears at run 2 in Dataverse only: no runtime name, no definition, and whose
  it is nobody could ask.
* **Trial balloon** (5) belongs to a guest and goes with its environment at run 3.
* **Vanishing** (6) is nobody's, missing at run 2 and back at run 3.
* **Invoices** (7) in Sandbox has the same key as the first. An application owned it, Ada does
  from run 2.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, func, insert, select, text

import models
from connectory.database import writing
from connectory.queries.moments import Moment

RUN_TIMES = [datetime(2026, 11, day, 2, tzinfo=UTC) for day in (2, 9, 16, 23)]
FINANCE, SANDBOX, TRIAL = 1, 2, 3
INVOICES, PAYROLL, WEATHER, SCRATCH, BALLOON, VANISHING, TWIN = range(1, 8)
INVOICES_OLD, INVOICES_NEW, WEATHER_TEXT, PAYROLL_TEXT = range(1, 5)
ADA, BRUNO, CARLA, DORA, MAKERS, ROBOT, ZED = (
    f"{n}0000000-0000-4000-8000-000000000000" for n in range(1, 8)
)
TENANT = "f0000000-0000-4000-8000-000000000000"
INVOICES_KEY = "shared_invoices-5f0a"
PAYROLL_KEY = "shared_payroll-5f0b"
_ENVIRONMENT_COLLECTORS = (
    "connectors",
    "permissions",
    "connections",
    "connection_references",
    "flows",
    "apps",
)

OLD_DOCUMENT = {
    "swagger": "2.0",
    "info": {"title": "Invoices API", "version": "1.0"},
    "host": "invoices.example",
    "basePath": "/v1",
    "paths": {
        "/hooks": {
            "post": {
                "operationId": "OnInvoice",
                "summary": "When one arrives",
                "x-ms-trigger": "single",
            }
        },
        "/invoices/{id}": {
            "get": {
                "operationId": "GetInvoice",
                "summary": "Get one",
                "parameters": [{"name": "id", "in": "path", "required": True, "type": "string"}],
                "responses": {"200": {"description": "The invoice"}},
            }
        },
        "/old": {"get": {"operationId": "GetOld", "deprecated": True}},
    },
}


def moment(run: int) -> Moment:
    """Return one of the three finished runs as a moment."""
    state = "complete" if run == 1 else "partial"
    return Moment(run, RUN_TIMES[run - 1], state, assessment_id=run)


def fill(engine: Engine) -> None:
    """Write the tenant of this module into an empty migrated store."""
    with writing(engine) as connection:
        _runs(connection)
        _environments(connection)
        _people(connection)
        _definitions(connection)
        _connectors(connection)
        _permissions(connection)
        _connections(connection)
        _references(connection)
        _flows(connection)
        _apps(connection)
        _agents(connection)
        _answers(connection)
        _steps(connection)
        if connection.dialect.name == "postgresql":
            advance_sequences(connection)


def fill_runs_only(engine: Engine) -> None:
    """Write one finished run that found nothing into an empty migrated store."""
    with writing(engine) as connection:
        _add(connection, models.Run, [_run(1, "complete", 60, None)])


def _add(connection: Connection, model: type[models.Base], rows: list[dict[str, Any]]) -> None:
    # One statement a row: rows that leave a column out take its default.
    for row in rows:
        connection.execute(insert(model).values(**row))


def advance_sequences(connection: Connection) -> None:
    """Let PostgreSQL number new rows after those that were written with a number."""
    for table in models.Base.metadata.tables.values():
        if "id" in table.c and connection.scalar(select(func.max(table.c.id))):
            connection.execute(
                text(
                    f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), "  # noqa: S608
                    f"(SELECT max(id) FROM {table.name}))"
                )
            )


def _versions(
    connection: Connection,
    model: type[models.Base],
    link: str,
    entity: int,
    steps: list[tuple[int, dict[str, Any]]],
) -> None:
    """Write the versions of one row: each step changes some facts from a run on."""
    facts: dict[str, Any] = {"presence": "present"}
    for number, (run, changes) in enumerate(steps):
        facts = {**facts, **changes}
        to_run = steps[number + 1][0] if number + 1 < len(steps) else None
        row = {**facts, link: entity, "from_run": run, "to_run": to_run}
        connection.execute(insert(model).values(**row))


# --- runs


def _run(number: int, state: str, seconds: int, reason: str | None) -> dict[str, Any]:
    started = RUN_TIMES[number - 1]
    return {
        "id": number,
        "state": state,
        "started_at": started,
        "finished_at": started + timedelta(seconds=seconds),
        "identity": "client 00000000-aaaa-4000-8000-000000000000",
        "product_version": "0.1.0",
        "arguments": {"collectors": [], "environments": []},
        "reason": reason,
    }


def _runs(connection: Connection) -> None:
    short = "3 of 20 steps are not whole"
    failed = "nobody could sign in; the client secret has expired; make a new one"
    _add(
        connection,
        models.Run,
        [
            _run(1, "complete", 600, None),
            _run(2, "partial", 660, short),
            _run(3, "partial", 300, "1 of 12 steps are not whole"),
            _run(4, "failed", 5, failed),
        ],
    )


def _steps(connection: Connection) -> None:
    """Steps of the runs; run 3 read no apps, and Trial was gone by then."""
    number = 0
    for run in (1, 2, 3):
        scopes: list[tuple[str, int | None]] = [("environments", None), ("people", None)]
        environments = (FINANCE, SANDBOX) if run == 3 else (FINANCE, SANDBOX, TRIAL)
        scopes += [
            (name, environment)
            for name in _ENVIRONMENT_COLLECTORS
            for environment in environments
            if (run, name) != (3, "apps")
        ]
        for collector, environment in scopes:
            number += 1
            _step(connection, number, run, collector, environment)


def _step(
    connection: Connection, number: int, run: int, collector: str, environment: int | None
) -> None:
    state, reason, sources = _STEPS.get(
        (run, collector, environment),
        ("complete", None, [(_SOURCES.get(collector, "admin_list"), "complete", None)]),
    )
    if collector == "connection_references" and environment != FINANCE:
        state, reason = "skipped", "the environment has no Dataverse"
        sources = [("dataverse", "skipped", reason)]
    started = RUN_TIMES[run - 1] + timedelta(seconds=number)
    step = {
        "id": number,
        "run_id": run,
        "collector": collector,
        "environment_id": environment,
        "state": state,
        "reason": reason,
        "requests": 10,
        "retries": 1,
        "throttled_seconds": 0.5,
        "bytes_received": 1000,
        "rows_seen": 4,
        "rows_changed": 2,
        "started_at": started,
        "finished_at": started + timedelta(seconds=3),
    }
    connection.execute(insert(models.Step).values(**step))
    for source, outcome, why in sources:
        row = {"step_id": number, "source": source, "outcome": outcome, "reason": why, "rows": 4}
        connection.execute(insert(models.StepSource).values(**row))


_SOURCES = {
    "connectors": "admin",
    "permissions": "permissions",
    "connection_references": "dataverse",
    "flows": "flow_api",
}
_PEOPLE = ("users", "deleted_users", "service_principals")
_NO_USER = "403: no application user in this Dataverse; add one"
_STEPS: dict[tuple[int, str, int | None], tuple[str, str | None, list[tuple[Any, ...]]]] = {
    (1, "people", None): ("complete", None, [(name, "complete", None) for name in _PEOPLE]),
    (2, "people", None): (
        "partial",
        "deleted_users: 504 after 5 attempts",
        [
            ("users", "complete", None),
            ("deleted_users", "failed", "504 after 5 attempts"),
            ("service_principals", "complete", None),
        ],
    ),
    (3, "people", None): ("complete", None, [(name, "complete", None) for name in _PEOPLE]),
    (3, "connectors", FINANCE): (
        "complete",
        None,
        [("admin", "complete", None), ("connectivity", "complete", None)],
    ),
    (1, "flows", FINANCE): (
        "complete",
        None,
        [("flow_api", "complete", None), ("dataverse", "complete", None)],
    ),
    (2, "flows", FINANCE): (
        "partial",
        f"dataverse: {_NO_USER}",
        [("flow_api", "complete", None), ("dataverse", "refused", _NO_USER)],
    ),
    (3, "flows", FINANCE): (
        "partial",
        f"dataverse: {_NO_USER}",
        [("flow_api", "complete", None), ("dataverse", "refused", _NO_USER)],
    ),
    (2, "connections", TRIAL): (
        "failed",
        "a reply is not in the expected form: KeyError 'properties'",
        [("admin_list", "complete", None)],
    ),
}


# --- environments and people


def _environments(connection: Connection) -> None:
    base = {"is_default": False, "managed": False, "has_dataverse": False, "state": "Enabled"}
    stories = [
        (
            FINANCE,
            "env-finance",
            [
                (
                    1,
                    {
                        **base,
                        "display_name": "Finance",
                        "sku": "Production",
                        "has_dataverse": True,
                        "location": "europe",
                        "creator_key": ADA,
                        "created_at": RUN_TIMES[0],
                    },
                )
            ],
        ),
        (
            SANDBOX,
            "env-sandbox",
            [
                (1, {**base, "display_name": "Playground", "sku": "Sandbox"}),
                (2, {"display_name": "Sandbox"}),
            ],
        ),
        (
            TRIAL,
            "env-trial",
            [
                (1, {**base, "display_name": "Trial", "sku": "Trial"}),
                (3, {"presence": "gone", "presence_reason": "deleted"}),
            ],
        ),
    ]
    for entity, key, steps in stories:
        _add(connection, models.Environment, [{"id": entity, "key": key}])
        steps[0][1]["name"] = key
        _versions(connection, models.EnvironmentVersion, "environment_id", entity, steps)


def _people(connection: Connection) -> None:
    stories: list[tuple[str, list[tuple[int, dict[str, Any]]]]] = [
        (
            ADA,
            [
                (
                    1,
                    {
                        "kind": "user",
                        "display_name": "Ada Ample",
                        "enabled": True,
                        "user_principal_name": "ada@tenant.example",
                        "mail": "ada@tenant.example",
                        "department": "Accounting",
                        "job_title": "Controller",
                    },
                )
            ],
        ),
        (
            BRUNO,
            [
                (
                    1,
                    {
                        "kind": "user",
                        "display_name": "Bruno Bogus",
                        "enabled": True,
                        "department": "Research",
                        "manager_key": ADA,
                    },
                ),
                (2, {"enabled": False}),
            ],
        ),
        (
            CARLA,
            [
                (1, {"kind": "user", "display_name": "Carla Contrived", "enabled": True}),
                (
                    3,
                    {
                        "presence": "gone",
                        "presence_reason": "deleted",
                        "enabled": False,
                        "deleted_at": RUN_TIMES[2] - timedelta(days=1),
                    },
                ),
            ],
        ),
        (
            DORA,
            [
                (
                    1,
                    {
                        "kind": "guest",
                        "user_principal_name": "dora@partner.example",
                        "enabled": True,
                    },
                )
            ],
        ),
        (MAKERS, [(1, {"kind": "group", "display_name": "Makers"})]),
        (ROBOT, [(1, {"kind": "service_principal", "display_name": "Robot", "enabled": True})]),
    ]
    for entity, (key, steps) in enumerate(stories, start=1):
        _add(connection, models.Principal, [{"id": entity, "key": key}])
        _versions(connection, models.PrincipalVersion, "principal_id", entity, steps)
    members = [(ADA, 1, None), (BRUNO, 1, 3)]
    _add(connection, models.GroupMember, [
        {"group_key": MAKERS, "member_key": member, "from_run": start, "to_run": end}
        for member, start, end in members
    ])  # fmt: skip


def _permissions(connection: Connection) -> None:
    told = [
        (INVOICES, "user", ADA, "Ada Ample", "Owner", 1, None),
        (INVOICES, "group", MAKERS, "Makers", "CanView", 1, None),
        (INVOICES, "tenant", TENANT, None, "CanView", 3, None),
        (PAYROLL, "user", CARLA, "Carla Contrived", "Owner", 1, None),
        (PAYROLL, "user", ZED, "Zed Zero", "CanView", 1, None),
        (PAYROLL, "user", DORA, None, "CanView", 1, None),
        (WEATHER, "user", BRUNO, "Bruno Bogus", "Owner", 1, None),
        (BALLOON, "user", DORA, None, "Owner", 1, None),
        (TWIN, "service_principal", ROBOT, "Robot", "Owner", 1, 2),
        (TWIN, "user", ADA, "Ada Ample", "Owner", 2, None),
    ]
    _add(connection, models.ConnectorPermission, [
        {"connector_id": connector, "principal_type": kind, "principal_key": key,
         "principal_name": name, "role": role, "from_run": start, "to_run": end}
        for connector, kind, key, name, role, start, end in told
    ])  # fmt: skip


# --- connectors and their definitions


def _definitions(connection: Connection) -> None:
    texts = [
        (INVOICES_OLD, "readable", json.dumps(OLD_DOCUMENT), "Invoices API", "1.0", None),
        (INVOICES_NEW, "readable", '{"swagger": "2.0", "paths": {}}', "Invoices API", "1.1", None),
        (WEATHER_TEXT, "unreadable", "{", None, None, "not JSON: at line 1, column 2"),
        (PAYROLL_TEXT, "readable", '{"swagger": "2.0", "paths": {}}', "Payroll API", "3", None),
    ]
    for number, state, content, title, version, detail in texts:
        readable = state == "readable"
        _add(connection, models.Definition, [{
            "id": number, "sha256": f"{number}" * 64, "size_bytes": len(content), "state": state,
            "detail": detail, "content": content, "redactions": 1 if readable else 0,
            "title": title, "version": version, "format": "Swagger 2.0" if readable else None,
            "host": "api.example" if readable else None, "base_path": "/v1" if readable else None,
            "operations": {1: 3, 2: 4, 4: 1}.get(number),
            "first_run": 3 if number == INVOICES_NEW else 1,
        }])  # fmt: skip
    _add(connection, models.DefinitionOperation, [
        {"definition_id": definition, "ordinal": ordinal, "operation_id": operation,
         "method": method, "path": path, "summary": summary, "kind": kind,
         "visibility": "internal" if kind == "internal" else None,
         "deprecated": operation == "GetOld", "parameters": parameters, "responses": 1}
        for definition, ordinal, operation, method, path, summary, kind, parameters in (
            (INVOICES_OLD, 0, "OnInvoice", "POST", "/hooks", "When one arrives", "trigger", 1),
            (INVOICES_OLD, 1, "GetInvoice", "GET", "/invoices/{id}", "Get one", "action", 1),
            (INVOICES_OLD, 2, "GetOld", "GET", "/old", None, "action", 0),
            (INVOICES_NEW, 0, "OnInvoice", "POST", "/hooks", "When one arrives", "trigger", 1),
            (INVOICES_NEW, 1, "GetInvoice", "GET", "/invoices/{id}", "Get one", "action", 1),
            (INVOICES_NEW, 2, "ListInvoices", "GET", "/invoices", "List", "action", 2),
            (INVOICES_NEW, 3, "Ping", "GET", "/ping", None, "internal", 0),
            (PAYROLL_TEXT, 0, "RunPayroll", "POST", "/run", "Run it", "action", 0),
        )
    ])  # fmt: skip


def _connectors(connection: Connection) -> None:
    oauth = {
        "authentication": "OAuth 2.0, Microsoft Entra ID",
        "authentication_kinds": ["oauth2"],
        "client_id": "11111111-2222-4000-8000-000000000000",
        "connection_parameters": {"parameters": {"token": {"type": "oauthSetting"}}, "sets": {}},
        "policies": [{"templateId": "setheader"}],
        "script_operations": ["GetInvoice"],
        "has_script": True,
    }
    readable = {"definition_state": "readable"}
    made = {"created_at": RUN_TIMES[0] - timedelta(days=300), "creator_key": BRUNO}
    stories: list[tuple[int, int, str, list[tuple[int, dict[str, Any]]]]] = [
        (INVOICES, FINANCE, INVOICES_KEY, [
            (1, {"name": "shared_Invoices-5f0a", "display_name": "Invoices", **oauth, **readable,
                 **made, "changed_at": RUN_TIMES[0] - timedelta(days=30), "managed": False,
                 "definition_id": INVOICES_OLD, "description": "Reads invoices",
                 "backend_url": "https://invoices.example/v1", "dataverse_owner_key": BRUNO,
                 "tier": "Standard", "publisher": "Example Works", "gateway": False}),
            (3, {"definition_id": INVOICES_NEW, "changed_at": RUN_TIMES[2] - timedelta(days=2)}),
        ]),
        (PAYROLL, FINANCE, PAYROLL_KEY, [
            (1, {"name": "shared_Payroll-5f0b", "display_name": "Payroll", **readable, **made,
                 "definition_id": PAYROLL_TEXT, "authentication": "API key",
                 "backend_url": "https://old.payroll.example:8443/", "policies": []}),
            (2, {"backend_url": "https://payroll.example", "policies": [{"templateId": "route"}],
                 "changed_at": RUN_TIMES[1] - timedelta(days=1)}),
        ]),
        (WEATHER, SANDBOX, "shared_weather-5f0c", [
            (1, {"name": "shared_weather-5f0c", "display_name": "Weather",
                 "authentication": "No authentication", "definition_id": WEATHER_TEXT,
                 "definition_state": "unreadable",
                 "definition_detail": "not JSON: at line 1, column 2",
                 "backend_url": "https://weather.example"}),
            (2, {"display_name": "Weather and tides"}),
        ]),
        (SCRATCH, FINANCE, "dv:44444444-4444-4000-8000-000000000000", [
            (2, {"display_name": "Scratch", "definition_state": "absent", "managed": True,
                 "dataverse_owner_key": ADA}),
        ]),
        (BALLOON, TRIAL, "shared_balloon-5f0e", [
            (1, {"name": "shared_balloon-5f0e", "display_name": "Trial balloon",
                 "definition_state": "not_read", "definition_detail": "410: address expired"}),
            (3, {"presence": "gone", "presence_reason": "environment"}),
        ]),
        (VANISHING, SANDBOX, "shared_vanishing-5f0f", [
            (1, {"name": "shared_vanishing-5f0f", "display_name": "Vanishing", **readable,
                 "definition_id": PAYROLL_TEXT}),
            (2, {"presence": "missing", "presence_reason": "unseen"}),
            (3, {"presence": "present", "presence_reason": None}),
        ]),
        (TWIN, SANDBOX, INVOICES_KEY, [
            (1, {"name": "shared_Invoices-5f0a", "display_name": "Invoices", **oauth, **readable,
                 "definition_id": INVOICES_OLD, "backend_url": "https://test.invoices.example"}),
        ]),
    ]  # fmt: skip
    for entity, environment, key, steps in stories:
        identity = {"id": entity, "environment_id": environment, "key": key}
        _add(connection, models.Connector, [identity])
        _versions(connection, models.ConnectorVersion, "connector_id", entity, steps)
    seen = [
        (INVOICES, "admin", 1, None),
        (INVOICES, "dataverse", 1, 2),
        (INVOICES, "connectivity", 2, None),
        (PAYROLL, "admin", 1, None),
        (PAYROLL, "connectivity", 1, None),
        (WEATHER, "admin", 1, None),
        (WEATHER, "connectivity", 1, None),
        (SCRATCH, "dataverse", 2, None),
        (BALLOON, "admin", 1, 3),
        (VANISHING, "admin", 1, 2),
        (VANISHING, "admin", 3, None),
        (TWIN, "connectivity", 1, None),
        (TWIN, "admin", 1, None),
    ]
    _add(connection, models.Sighting, [
        {"noun": "connectors", "entity_id": entity, "source": source, "from_run": start,
         "to_run": end, "last_run": (end or 4) - 1}
        for entity, source, start, end in seen
    ])  # fmt: skip


# --- what uses them


def _connections(connection: Connection) -> None:
    error = {"status": "Error", "status_detail": "Unauthorized: the token has expired"}
    fine = {"status": "Connected"}
    stories: list[tuple[int, str, str, list[tuple[int, dict[str, Any]]]]] = [
        (FINANCE, INVOICES_KEY, "ada@tenant.example",
         [(1, {**fine, "creator_key": ADA, "display_name": "Ada's invoices"})]),
        (FINANCE, INVOICES_KEY, "bruno@tenant.example",
         [(1, {**fine, "creator_key": BRUNO}), (2, error)]),
        (FINANCE, PAYROLL_KEY, "carla@tenant.example",
         [(1, {**fine, "creator_key": CARLA}), (3, error)]),
        (FINANCE, "shared_office365", "ada@tenant.example", [(1, {**error, "creator_key": ADA})]),
        (SANDBOX, INVOICES_KEY, "zed@tenant.example",
         [(3, {**fine, "creator_key": ZED, "creator_name": "Zed Zero"})]),
        (FINANCE, PAYROLL_KEY, "dora@partner.example",
         [(1, {**fine, "creator_key": DORA}),
          (2, {"presence": "missing", "presence_reason": "unseen"}),
          (3, {"presence": "gone"})]),
    ]  # fmt: skip
    for entity, (environment, connector, account, steps) in enumerate(stories, start=1):
        name = f"conn-{entity}"
        identity = {"id": entity, "environment_id": environment, "key": name}
        _add(connection, models.Connection, [identity])
        steps[0][1].update(name=name, connector_key=connector, account_name=account)
        _versions(connection, models.ConnectionVersion, "connection_id", entity, steps)


def _references(connection: Connection) -> None:
    stories: list[tuple[str, list[tuple[int, dict[str, Any]]]]] = [
        ("cr_invoices", [(1, {"connector_key": INVOICES_KEY, "connection_key": "conn-2",
                              "owner_key": ADA, "active": True, "display_name": "Invoices"})]),
        ("cr_payroll", [(1, {"connector_key": PAYROLL_KEY, "owner_key": CARLA, "active": True}),
                        (2, {"connection_key": "conn-3"})]),
    ]  # fmt: skip
    for entity, (logical_name, steps) in enumerate(stories, start=1):
        identity = {"id": entity, "environment_id": FINANCE, "key": f"ref-{entity}"}
        _add(connection, models.ConnectionReference, [identity])
        steps[0][1]["logical_name"] = logical_name
        _versions(
            connection,
            models.ConnectionReferenceVersion,
            "connection_reference_id",
            entity,
            steps,
        )


def _flows(connection: Connection) -> None:
    gone = {"presence": "missing", "presence_reason": "unseen"}
    stories: list[tuple[int, str, list[tuple[int, dict[str, Any]]]]] = [
        (FINANCE, "Pay the bills", [(1, {"state": "Started", "creator_key": ADA})]),
        (FINANCE, "Payroll nightly", [(2, {"state": "Started", "owner_key": CARLA})]),
        (FINANCE, "Legacy sync", [(1, {"state": "Stopped", "creator_key": BRUNO})]),
        (SANDBOX, "Try invoices", [(1, {"state": "Started", "creator_key": ADA}), (3, gone)]),
    ]
    for entity, (environment, name, steps) in enumerate(stories, start=1):
        key = f"flow-{entity}"
        _add(connection, models.Flow, [{"id": entity, "environment_id": environment, "key": key}])
        steps[0][1].update(
            name=key,
            display_name=name,
            definition_state="readable",
            modified_at=RUN_TIMES[0] - timedelta(days=entity),
        )
        _versions(connection, models.FlowVersion, "flow_id", entity, steps)
    calls = [
        (1, "When_one_arrives", True, INVOICES_KEY, "OnInvoice", 1, None),
        (1, "Get_it", False, INVOICES_KEY, "GetInvoice", 1, None),
        (1, "Get_it_again", False, INVOICES_KEY, "GetInvoice", 2, None),
        (1, "Get_old", False, INVOICES_KEY, "GetOld", 1, None),
        (1, "Mail_it", False, "shared_office365", "SendEmailV2", 1, None),
        (2, "Run", False, PAYROLL_KEY, "RunPayroll", 2, None),
        (4, "Get", False, INVOICES_KEY, "GetInvoice", 1, None),
    ]
    _add(connection, models.FlowOperation, [
        {"flow_id": flow, "action": action, "is_trigger": trigger, "connector_key": connector,
         "operation_id": operation, "from_run": start, "to_run": end}
        for flow, action, trigger, connector, operation, start, end in calls
    ])  # fmt: skip
    links = [
        (1, INVOICES_KEY, "conn-2", None, False, 1, None),
        (2, PAYROLL_KEY, None, "cr_payroll", True, 2, None),
        (3, INVOICES_KEY, "conn-1", None, False, 1, 2),
    ]
    _add(connection, models.FlowReference, [
        {"flow_id": flow, "reference_key": "shared_x", "connector_key": connector,
         "connection_key": used, "logical_name": logical_name, "invoker": invoker,
         "from_run": start, "to_run": end}
        for flow, connector, used, logical_name, invoker, start, end in links
    ])  # fmt: skip


def _apps(connection: Connection) -> None:
    for entity, name in ((1, "Expense desk"), (2, "Timesheets")):
        _add(connection, models.App, [
            {"id": entity, "environment_id": FINANCE, "key": f"app-{entity}"}
        ])  # fmt: skip
        facts = {"name": f"app-{entity}", "display_name": name, "owner_key": BRUNO}
        _versions(connection, models.AppVersion, "app_id", entity, [(1, facts)])
    links = [(1, INVOICES_KEY, "conn-1"), (1, PAYROLL_KEY, "conn-3"), (2, "shared_office365", None)]
    _add(connection, models.AppReference, [
        {"app_id": app, "reference_key": f"ref-{number}", "connector_key": connector,
         "connection_key": used, "from_run": 1}
        for number, (app, connector, used) in enumerate(links)
    ])  # fmt: skip


def _agents(connection: Connection) -> None:
    """One agent of Ada's, which calls Invoices with a tool and with a step of a topic."""
    _add(connection, models.Agent, [{"id": 1, "environment_id": FINANCE, "key": "agent-1"}])
    facts = {"name": "agent-1", "display_name": "Ask finance", "owner_key": ADA, "active": True}
    _versions(connection, models.AgentVersion, "agent_id", 1, [(1, facts)])
    calls = [
        ("cr_agent.action.GetInvoice", INVOICES_KEY, "GetInvoice", True),
        ("cr_agent.topic.Ask/step1", INVOICES_KEY, "GetOld", False),
        ("cr_agent.topic.Ask/step2", None, "Elsewhere", None),
    ]
    _add(connection, models.AgentOperation, [
        {"agent_id": 1, "action": action, "connector_key": connector,
         "operation_id": operation, "invoker": invoker, "from_run": 1}
        for action, connector, operation, invoker in calls
    ])  # fmt: skip


# --- answers


def _answers(connection: Connection) -> None:
    sole = "one owner, and nobody else may edit it"
    told = [
        (INVOICES, "sole_owner", ADA, sole, 1, None),
        (PAYROLL, "sole_owner", CARLA, sole, 1, 3),
        (PAYROLL, "departed_owner", CARLA, "its owner is no longer in the directory", 3, None),
        (WEATHER, "sole_owner", BRUNO, sole, 1, 2),
        (WEATHER, "disabled_owner", BRUNO, "the account of its owner is disabled", 2, None),
        (SCRATCH, "owner_unknown", None, "its permissions have not been read", 2, None),
        (BALLOON, "guest_owner", DORA, "no member of the tenant owns it, only a guest", 1, 3),
        (VANISHING, "nobody", None, "its permissions were read and name no owner", 1, None),
        (TWIN, "service_principal_owner", ROBOT, "no person owns it, only an application", 1, 2),
        (TWIN, "sole_owner", ADA, sole, 2, None),
    ]
    _add(connection, models.OwnershipAnswer, [
        {"connector_id": connector, "state": state, "owner_key": owner, "reason": reason,
         "from_run": start, "to_run": end}
        for connector, state, owner, reason, start, end in told
    ])  # fmt: skip
    _add(connection, models.Assessment, [
        {"id": run, "run_id": run, "state": "complete", "started_at": RUN_TIMES[run - 1],
         "finished_at": RUN_TIMES[run - 1]}
        for run in (1, 2, 3)
    ])  # fmt: skip
