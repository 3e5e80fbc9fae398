from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from test_wire_hosts import readable
from wired import FLOW, Wired

from connectory.simulator.state import Call, Flow, FlowReference

ADMIN = f"{FLOW}/scopes/admin/environments"


def shown(cloud: Wired) -> list[Flow]:
    """Return the flows the service lists in the readable environment with most connectors."""
    home = readable(cloud).name
    flows = cloud.tenant.flows
    return [f for f in flows if f.environment == home and f.in_flow_api and not f.deleted]


def single(cloud: Wired, flow: Flow) -> Any:
    """Return the properties of a flow as the single read tells them."""
    url = f"{ADMIN}/{flow.environment}/flows/{flow.name}?api-version=2016-11-01"
    return cloud.get(url)["properties"]


Place = tuple[tuple[str, ...], str, dict[str, Any]]


def steps(actions: dict[str, Any], inside: tuple[str, ...] = ()) -> Iterator[Place]:
    """Yield every connector call of a workflow definition with the containers around it."""
    for name, action in actions.items():
        kind = action["type"]
        if kind == "OpenApiConnection":
            yield inside, name, action["inputs"]["host"]
        yield from steps(action.get("actions", {}), (*inside, f"{kind}:{name}"))
        for branch, held in {
            "else": action.get("else"),
            "default": action.get("default"),
            **action.get("cases", {}),
        }.items():
            within = (*inside, f"{kind}:{name}:{branch}")
            yield from steps((held or {}).get("actions", {}), within)


def test_the_list_says_nothing_of_connectors(shared_cloud: Wired) -> None:
    """Summaries in the list are empty and references absent, even for flows that call much."""
    flows = shown(shared_cloud)
    home = flows[0].environment
    rows = shared_cloud.rows(f"{ADMIN}/{home}/v2/flows?api-version=2016-11-01")

    assert {row["name"] for row in rows} == {flow.name for flow in flows}
    assert any(flow.calls for flow in flows)
    assert len({row["id"] for row in rows}) == len(rows)
    for row in rows:
        assert row["properties"]["definitionSummary"] == {"triggers": [], "actions": []}
        assert "connectionReferences" not in row["properties"]
        assert "definition" not in row["properties"]


def test_a_single_read_has_every_call_where_it_belongs(shared_cloud: Wired) -> None:
    """Each call of a flow stands in the definition inside exactly its containers."""
    nested = 0
    for flow in shown(shared_cloud):
        definition = single(shared_cloud, flow)["definition"]
        found = {
            (inside, name, host["operationId"], host["apiId"].rpartition("/")[2])
            for inside, name, host in steps(definition["actions"])
        }
        wanted = {
            (call.path, call.action, call.operation_id, call.connector)
            for call in flow.calls
            if not call.trigger
        }
        assert found == wanted
        nested += sum(len(call.path) > 1 for call in flow.calls)
        triggers = {
            (name, trigger["inputs"]["host"]["operationId"])
            for name, trigger in definition["triggers"].items()
            if "inputs" in trigger and "host" in trigger["inputs"]
        }
        assert triggers == {(c.action, c.operation_id) for c in flow.calls if c.trigger}
        assert len(definition["triggers"]) == 1

    assert nested > 0


def test_every_kind_of_container_can_hold_a_call(cloud: Wired) -> None:
    """Scopes, loops, both sides of a condition, cases and the default, three deep."""
    paths: list[tuple[str, ...]] = [
        (),
        ("Scope:Try",),
        ("Foreach:Each", "Until:Wait"),
        ("If:Check",),
        ("If:Check:else",),
        ("Switch:Which:open", "Scope:Inner"),
        ("Switch:Which:default",),
    ]
    flow = shown(cloud)[0]
    flow.calls = [Call(f"Do{n}", "shared_x", f"Op{n}", path=p) for n, p in enumerate(paths)]
    flow.references = [FlowReference("shared_x_1", "shared_x", "c0ffee", None)]
    definition = single(cloud, flow)["definition"]
    found = {name: inside for inside, name, _ in steps(definition["actions"])}
    hosts = [host for _, _, host in steps(definition["actions"])]

    assert found == {f"Do{n}": path for n, path in enumerate(paths)}
    assert {host["connectionName"] for host in hosts} == {"shared_x_1"}


def test_references_say_which_connection_and_whose(shared_cloud: Wired) -> None:
    """A reference names connection and connector, and whether the runner brings their own."""
    invoked = set()
    for flow in shown(shared_cloud):
        told = single(shared_cloud, flow)["connectionReferences"]
        assert told.keys() == {reference.key for reference in flow.references}
        for reference in flow.references:
            row = told[reference.key]
            assert row["id"].endswith(f"/apis/{reference.connector}")
            assert row.get("connectionName") == reference.connection
            assert row["source"] == ("Invoker" if reference.invoker else "Embedded")
            invoked.add(row["source"])

    assert invoked == {"Invoker", "Embedded"}


def test_a_single_read_sums_up_and_names_its_row_in_dataverse(shared_cloud: Wired) -> None:
    """Operations, creator and the row's id, which is not always the flow's own name."""
    differ = 0
    for flow in shown(shared_cloud):
        properties = single(shared_cloud, flow)
        summary = properties["definitionSummary"]
        told = [*summary["triggers"], *summary["actions"]]
        operations = {r["swaggerOperationId"] for r in told if "swaggerOperationId" in r}
        assert operations == {call.operation_id for call in flow.calls}
        assert properties["creator"]["objectId"] == flow.creator_id
        assert properties.get("workflowEntityId") == flow.workflow_id
        differ += flow.workflow_id not in {None, flow.name}

    assert differ > 0


def test_owners_of_a_flow_have_no_names(shared_cloud: Wired) -> None:
    """A permission of a flow has the id and kind of its principal, nothing else."""
    flow = shown(shared_cloud)[0]
    url = f"{ADMIN}/{flow.environment}/flows/{flow.name}/permissions?api-version=2016-11-01"
    principals = [row["properties"]["principal"] for row in shared_cloud.rows(url)]

    assert flow.owner_id in {principal["id"] for principal in principals}
    assert all(principal.keys() == {"id", "type"} for principal in principals)


def test_the_service_can_be_closed_to_applications(cloud: Wired) -> None:
    """Set to refuse, it answers applications 403 on every route, and people as before."""
    flow = shown(cloud)[0]
    cloud.lever("settings", flow_app_only="refuse")
    where = f"{ADMIN}/{flow.environment}"
    urls = [f"{where}/v2/flows", f"{where}/flows/{flow.name}", f"{FLOW}/environments"]
    refused = [cloud.ask(f"{url}?api-version=2016-11-01") for url in urls]
    person = cloud.person_token("https://service.flow.microsoft.com/")

    assert [reply.status_code for reply in refused] == [403, 403, 403]
    assert all(reply.json()["error"]["code"] for reply in refused)
    assert cloud.ask(f"{urls[0]}?api-version=2016-11-01", token=person).is_success


def test_a_deleted_flow_is_in_the_recycle_bin_only(cloud: Wired) -> None:
    """The plain list leaves it out; with deleted ones included its state is Deleted."""
    flow = shown(cloud)[0]
    flow.deleted = cloud.tenant.now
    cloud.lever("advance", days=0)
    url = f"{ADMIN}/{flow.environment}/v2/flows?api-version=2016-11-01"
    plain = {row["name"] for row in cloud.rows(url)}
    whole = {
        row["name"]: row["properties"]["state"]
        for row in cloud.rows(f"{url}&include=softDeletedFlows")
    }

    assert flow.name not in plain
    assert whole[flow.name] == "Deleted"
    assert plain < whole.keys()
