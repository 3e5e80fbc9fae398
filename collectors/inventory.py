"""What the tenant-wide inventory query knows: who uses which connector, and agents.

Source: the resource query of the Power Platform API, which answers people only. It lists apps,
flows and agents with the connectors each refers to; a connector shows there because something uses
it, and a deleted one for as long as something still does. So what it shows of connectors is noted
beside what the other sources show, and proves no presence.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from collectors.api.errors import BadReply
from collectors.contract import Collector, SourceReading, StepContext
from collectors.lookups import environment_ids, ids_by_key, seen_by
from collectors.nouns import AGENT_OPERATIONS, AGENTS, CONNECTORS
from collectors.records import Shape, sound
from collectors.store import Kept
from connectory.domain.identity import connector_key, environment_key, parse_time

PATH = "/resourcequery/resources/query?api-version=2024-10-01"
_PAGE = 1000
_AGENTS = "microsoft.copilotstudio/agents"
_TYPES = (
    "microsoft.powerapps/canvasapps",
    "microsoft.powerapps/modeldrivenapps",
    "microsoft.powerapps/codeapps",
    "microsoft.powerapps/apps",
    "microsoft.powerautomate/cloudflows",
    "microsoft.powerautomate/agentflows",
    "microsoft.powerautomate/m365agentflows",
    _AGENTS,
)
_RESOURCE = Shape(texts=("name", "type"), objects=("properties",))
NEEDS_A_PERSON = (
    "the inventory query answers people only; it is asked once powerplatform stands in "
    "sign_in.delegated_services and a person has signed in"
)


def collect(step: StepContext) -> None:
    """Read every app, flow and agent, then note which known connectors they refer to."""
    if not step.api.asks_as_person("powerplatform"):
        step.cannot_ask("inventory", NEEDS_A_PERSON)
        return
    homes = environment_ids(step.store)
    named: set[tuple[int, str]] = set()
    with step.reading("inventory") as source:
        for page in sound(source, _pages(step, source), _RESOURCE):
            source.rows += len(page)
            agents: dict[int, list[dict[str, Any]]] = defaultdict(list)
            for record in page:
                home = homes.get(environment_key(str(_told(record, "environmentId") or "")))
                if home is None:
                    continue
                named |= {(home, key) for key, _ in links(record)}
                if str(record.get("type")).casefold() == _AGENTS:
                    agents[home].append(record)
            _keep_agents(step, agents)
        known = ids_by_key(step.store, CONNECTORS)
        shown = sorted({known[one] for home, key in named for one in _as_known(home, key, known)})
        step.store.note(CONNECTORS, shown, source.source, whole=source.outcome == "complete")


def _as_known(
    home: int, key: str, known: Mapping[tuple[int, str], int]
) -> Iterator[tuple[int, str]]:
    """Yield a connector under the key it is known by; most are the platform's own and have none."""
    bare = key.removeprefix("shared_")
    for spelling in (f"shared_{bare}", bare):
        if (home, spelling) in known:
            yield home, spelling
            return


def _pages(step: StepContext, source: SourceReading) -> Iterator[list[dict[str, Any]]]:
    """Yield the pages; a token handed out twice, or too few rows in all, make the list incomplete."""
    token, seen, count = "", set[str](), 0
    while True:
        reply = step.api.post_json("powerplatform", PATH, _query(token))
        rows = reply.get("data") if isinstance(reply, dict) else None
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise BadReply(
                "a page has no list 'data'", PATH, "the listing counts as incomplete; read again"
            )
        if rows:
            yield rows
        count += len(rows)
        token = str(reply.get("skipToken") or "")
        if not rows or not token:
            break
        if token in seen:
            source.falls_short(f"the pages lead in a circle after {count} rows")
            return
        seen.add(token)
    total = reply.get("totalRecords")
    if isinstance(total, int) and count < total:
        source.falls_short(f"{count} of {total} resources were shown")


def smallest_query() -> dict[str, Any]:
    """Return the query that shows whether it is answered, with one row."""
    return _query("", top=1)


def _query(token: str, *, top: int = _PAGE) -> dict[str, Any]:
    """Return the query: whole rows, since projecting lists has been seen to break the paging."""
    return {
        "TableName": "PowerPlatformResources",
        "Clauses": [
            {
                "$type": "where",
                "FieldName": "type",
                "Operator": "in~",
                "Values": [f"'{name}'" for name in _TYPES],
            },
            {"$type": "orderby", "FieldNamesAscDesc": {"name": "asc"}},
        ],
        "Options": {"Top": top, "Skip": 0, "SkipToken": token},
    }


def _keep_agents(step: StepContext, agents: Mapping[int, list[dict[str, Any]]]) -> None:
    """Keep the agents that only this list shows; of others Dataverse tells more, and better."""
    with step.store.together():
        for home, records in agents.items():
            store = step.store.within(home)
            keys = [record["name"].casefold() for record in records]
            better = seen_by(store, AGENTS, keys, source="dataverse")
            store.note(AGENTS, sorted(better.values()), "inventory", whole=False)
            mine = [record for record in records if record["name"].casefold() not in better]
            ids = store.keep(AGENTS, [parse_agent(record) for record in mine], source="inventory")
            rows = [row for record in mine for row in _calls(record, ids)]
            store.replace_edges(AGENT_OPERATIONS, list(ids.values()), rows)


def _calls(record: dict[str, Any], ids: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    for key, operation in links(record):
        yield {
            "agent_id": ids[record["name"].casefold()],
            "action": f"{key}/{operation}" if operation else key,
            "connector_key": key,
            "operation_id": operation,
        }


def parse_agent(record: dict[str, Any]) -> Kept:
    """Return one agent as the inventory tells it."""
    owner = _told(record, "ownerId")
    return Kept(
        record["name"].casefold(),
        {
            "name": record["name"],
            "schema_name": _told(record, "schemaName"),
            "display_name": _told(record, "displayName"),
            "owner_key": owner.casefold() if isinstance(owner, str) and owner else None,
            "created_at": parse_time(_told(record, "createdAt")),
            "modified_at": parse_time(_told(record, "lastModifiedAt")),
            "published_at": parse_time(_told(record, "lastPublishedAt")),
        },
    )


def links(record: dict[str, Any]) -> set[tuple[str, str | None]]:
    """Return the connectors a resource refers to, each with its operations, or None for none told.

    Connectors of tables list no operation.
    """
    found: set[tuple[str, str | None]] = set()
    listed = _told(record, "powerPlatformConnectors")
    for link in listed if isinstance(listed, list) else ():
        key = connector_key(link["connectorId"])
        operations = [one["operationId"] for one in link.get("operations") or []]
        found |= {(key, operation) for operation in operations or [None]}
    return found


def _told(record: dict[str, Any], name: str) -> Any:
    return (record.get("properties") or {}).get(name)


COLLECTOR = Collector(
    "inventory",
    "tenant",
    collect,
    retires=(AGENTS,),
    presence_sources=("inventory",),
    after=("environments", "connectors", "agents"),
)
