"""What is concluded of each connector from a store, for checks that no failure changes it."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import Engine, select

from collectors.nouns import CONNECTORS, ENVIRONMENTS
from connectory.database import reading
from connectory.domain.ownership import owner_verdict, without_owner
from connectory.queries.connection_findings import findings
from connectory.queries.moments import latest
from connectory.queries.ownership import owner_facts
from connectory.queries.policies import policy_verdicts
from connectory.queries.reconciliation import disagreements

Verdict = tuple[str, str, str, str, str]
"""Key of the environment, key of the connector, verdict, what it rests on, and the proof."""


def verdicts(engine: Engine) -> dict[str, set[Verdict]]:
    """Return who is said to own each connector, and where policies are said to put it."""
    connectors, places = CONNECTORS.entity, ENVIRONMENTS.entity
    query = select(connectors.c.id, places.c.key, connectors.c.key).join(
        places, places.c.id == connectors.c.environment_id
    )
    with reading(engine) as connection:
        moment = latest(connection)
        assert moment is not None
        names = {row[0]: (row[1], row[2]) for row in connection.execute(query)}
        facts = owner_facts(connection, moment.run_id)
        groups = policy_verdicts(connection, moment.run_id)
    owners = {names[one]: owner_verdict(told) for one, told in facts.items()}
    return {
        "owner_verdicts": {
            (*one, v.state, v.principal_id or "", v.reason) for one, v in owners.items()
        },
        "group_verdicts": {(*names[one], v.group, v.rule, v.reason) for one, v in groups.items()},
    }


def claims(engine: Engine) -> set[tuple[str, str, int]]:
    """Return what is said to be wrong: disagreements of connectors, findings of what signs in."""
    with reading(engine) as connection:
        moment = latest(connection)
        assert moment is not None
        differ = disagreements(connection, moment)
        wrong = findings(connection, moment)
    return {
        *((row.kind, "connector", row.connector_id) for row in differ.itertuples()),
        *((row.finding, row.asset, row.asset_id) for row in wrong.itertuples()),
    }


def ownerless(engine: Engine) -> set[tuple[str, str]]:
    """Return the connectors of which a store would say that nobody in working order owns them."""
    told = verdicts(engine)["owner_verdicts"]
    return {(place, key) for place, key, state, *_ in told if without_owner(cast("Any", state))}
