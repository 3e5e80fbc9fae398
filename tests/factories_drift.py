"""The small tenant of factories.py with definitions that can be compared, as drift finds it.

Invoices in Finance loses GetOld and gains ListInvoices at run 3; the one in Sandbox stays as it
was, and calls another host. Payroll's policies change at run 2.
"""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

from factories import INVOICES_NEW, INVOICES_OLD, OLD_DOCUMENT, RUN_TIMES, fill
from sqlalchemy import Engine, insert, text, update

import models
from connectory.assess import AssessReport, assess
from connectory.database import writing
from connectory.drift_settings import DriftSettings

NOW = RUN_TIMES[3]
NEW_DOCUMENT: dict[str, Any] = deepcopy(OLD_DOCUMENT)
del NEW_DOCUMENT["paths"]["/old"]
NEW_DOCUMENT["paths"]["/invoices"] = {
    "get": {
        "operationId": "ListInvoices",
        "summary": "List",
        "responses": {"200": {"description": "All of them"}},
    }
}


def fill_drift(engine: Engine) -> None:
    """Write the tenant into an empty migrated store; nobody has assessed it."""
    fill(engine)
    with writing(engine) as connection:
        connection.execute(text("DELETE FROM assessments"))
        connection.execute(
            update(models.Definition)
            .where(models.Definition.id == INVOICES_NEW)
            .values(content=json.dumps(NEW_DOCUMENT))
        )
    # What Sandbox has is another document than what Finance had: it names its own host.
    document(engine, 50, OLD_DOCUMENT | {"host": "sandbox.invoices.example"})
    with writing(engine) as connection:
        connection.execute(
            text("UPDATE connector_versions SET definition_id = 50 WHERE connector_id = 7")
        )
        # Vanishing was given the definition of Payroll, which would make them relatives.
        connection.execute(
            text(
                "UPDATE connector_versions SET definition_id = NULL, definition_state = 'absent' "
                "WHERE connector_id = 6"
            )
        )


def assessed(engine: Engine, **told: Any) -> AssessReport:
    """Assess the latest run and return what came of it."""
    report = assess(engine, now=lambda: NOW, drifting=DriftSettings.model_validate(told))
    assert report is not None
    return report


def document(engine: Engine, number: int, content: dict[str, Any] | str) -> int:
    """Keep another definition and return its number."""
    told = content if isinstance(content, str) else json.dumps(content)
    with writing(engine) as connection:
        connection.execute(
            insert(models.Definition).values(
                id=number, sha256=f"{number:x}" * 8, size_bytes=len(told), content=told,
                state="readable" if not isinstance(content, str) else "unreadable",
                redactions=0, first_run=1, title="Invoices API",
                host=content.get("host") if isinstance(content, dict) else None,
            )
        )  # fmt: skip
        if isinstance(content, dict):
            entries = [
                (method, path, entry)
                for path, item in content["paths"].items()
                for method, entry in item.items()
            ]
            for ordinal, (method, path, entry) in enumerate(entries):
                connection.execute(
                    insert(models.DefinitionOperation).values(
                        definition_id=number, ordinal=ordinal, operation_id=entry["operationId"],
                        method=method.upper(), path=path, kind="action", deprecated=False,
                        parameters=0, responses=1,
                    )
                )  # fmt: skip
    return number


def run_again(engine: Engine, number: int, state: str = "complete") -> None:
    """Add a run of the same day that found everything as it was."""
    when = RUN_TIMES[2].replace(hour=2 + number)
    with writing(engine) as connection:
        connection.execute(
            insert(models.Run).values(
                id=number, state=state, started_at=when, finished_at=when, product_version="0",
                arguments={},
            )
        )  # fmt: skip


def version(engine: Engine, connector: int, run: int, **facts: Any) -> None:
    """Give a connector another version from a run on."""
    table = models.ConnectorVersion.__table__
    with writing(engine) as connection:
        open_now = table.select().where(table.c.connector_id == connector, table.c.to_run.is_(None))
        row = dict(connection.execute(open_now).mappings().one())
        connection.execute(
            update(table)
            .where(table.c.connector_id == connector, table.c.to_run.is_(None))
            .values(to_run=run)
        )
        connection.execute(insert(table).values({**row, **facts, "from_run": run}))


__all__ = [
    "INVOICES_NEW", "INVOICES_OLD", "NEW_DOCUMENT", "NOW", "assessed", "document", "fill_drift",
    "run_again", "version",
]  # fmt: skip
