from __future__ import annotations

from collections import Counter
from datetime import timedelta

from wired import GRAPH, Wired

from connectory.simulator.state import Person

DETAILS = "id,userPrincipalName,accountEnabled,userType,department,companyName"


def living(cloud: Wired) -> list[Person]:
    """Return everybody with an account."""
    return [p for p in cloud.tenant.people.values() if p.deleted is None]


def below(cloud: Wired, group: str, seen: frozenset[str] = frozenset()) -> set[str]:
    """Return the people in a group, directly or through other groups."""
    found = cloud.tenant.groups.get(group)
    if found is None or found.deleted or group in seen:
        return {group} & {person.id for person in living(cloud)}
    inside = [below(cloud, member, seen | {group}) for member in found.member_ids]
    return set().union(*inside)


def test_users_have_few_members_unless_asked(shared_cloud: Wired) -> None:
    """Without $select the members that matter are absent; with it only those named are there."""
    plain = shared_cloud.get(f"{GRAPH}/users")["value"][0]
    chosen = shared_cloud.get(f"{GRAPH}/users?$select={DETAILS}")["value"][0]

    assert len(plain) == 11
    assert not {"accountEnabled", "userType", "department", "assignedLicenses"} & plain.keys()
    assert chosen.keys() == set(DETAILS.split(","))


def test_the_directory_is_listed_page_by_page(shared_cloud: Wired) -> None:
    """All pages together hold everybody with an account once; a page holds 100 unless asked."""
    people = {person.id for person in living(shared_cloud)}
    pages = shared_cloud.pages(f"{GRAPH}/users?$select=id")
    whole = shared_cloud.pages(f"{GRAPH}/users?$select=id&$top=999")

    assert [len(page["value"]) for page in pages] == [100, len(people) - 100]
    assert "$skiptoken=" in pages[0]["@odata.nextLink"].replace("%24", "$")
    assert len(whole) == 1
    assert {row["id"] for page in pages for row in page["value"]} == people


def test_a_manager_is_expanded_and_left_out_when_deleted(shared_cloud: Wired) -> None:
    """$expand adds the manager, but not one who left; the single read is then a 404."""
    rows = shared_cloud.rows(f"{GRAPH}/users?$select=id&$expand=manager($select=id)&$top=999")
    told = {row["id"]: row["manager"]["id"] for row in rows if "manager" in row}
    here = {person.id for person in living(shared_cloud)}

    assert told == {p.id: p.manager_id for p in living(shared_cloud) if p.manager_id in here}
    orphan = next(p.id for p in living(shared_cloud) if p.manager_id not in here)
    led = next(iter(told))
    assert shared_cloud.ask(f"{GRAPH}/users/{orphan}/manager").status_code == 404
    assert shared_cloud.get(f"{GRAPH}/users/{led}/manager")["id"] == told[led]


def test_a_user_is_found_by_id_and_by_name(shared_cloud: Wired) -> None:
    """Both address the same account; a deleted account is found by neither."""
    person = living(shared_cloud)[0]
    gone = next(p for p in shared_cloud.tenant.people.values() if p.deleted)

    by_id = shared_cloud.get(f"{GRAPH}/users/{person.id}?$select=id")
    by_name = shared_cloud.get(f"{GRAPH}/users/{person.user_principal_name}?$select=id")
    assert by_id["id"] == by_name["id"] == person.id
    assert shared_cloud.ask(f"{GRAPH}/users/{gone.id}").status_code == 404


def test_the_deleted_are_shown_for_thirty_days(cloud: Wired) -> None:
    """The recycle bin puts the bare object id before the name, and forgets after 30 days."""
    url = f"{GRAPH}/directory/deletedItems/microsoft.graph.user"
    person = living(cloud)[0]
    cloud.story("remove_person", person=person.id)
    rows = {row["id"]: row for row in cloud.rows(url)}
    person.deleted = cloud.tenant.now - timedelta(days=31)

    assert rows[person.id]["userPrincipalName"] == (
        person.id.replace("-", "") + person.user_principal_name
    )
    assert rows[person.id]["deletedDateTime"].endswith("Z")
    assert person.id not in {row["id"] for row in cloud.rows(url)}
    assert person.id not in {row["id"] for row in cloud.rows(f"{GRAPH}/users")}


def test_a_change_list_of_users_ends_in_a_link_to_come_back_with(cloud: Wired) -> None:
    """The first round tells everybody; the link then tells changes, and who was removed."""
    cloud.lever("settings", page_limit=5)
    first = cloud.pages(f"{GRAPH}/users/delta?$select=id,displayName")
    link = first[-1]["@odata.deltaLink"]
    nothing = cloud.get(link)
    person = living(cloud)[0]
    cloud.story("remove_person", person=person.id)
    removed = {
        row["id"]: row["@removed"]["reason"] for row in cloud.rows(link) if "@removed" in row
    }

    assert len(first) > 1
    assert all("@odata.deltaLink" not in page for page in first[:-1])
    assert nothing["value"] == []
    assert removed == {person.id: "changed"}


def test_a_deleted_group_is_not_found(shared_cloud: Wired) -> None:
    """A group that was deleted is a 404, alone and with its members, and in no list."""
    groups = shared_cloud.tenant.groups.values()
    gone = next(group for group in groups if group.deleted)
    rows = shared_cloud.rows(f"{GRAPH}/groups?$select=id")

    assert {row["id"] for row in rows} == {group.id for group in groups if not group.deleted}
    for path in ("", "/transitiveMembers", "/owners"):
        assert shared_cloud.ask(f"{GRAPH}/groups/{gone.id}{path}").status_code == 404


def test_transitive_members_are_everybody_below(shared_cloud: Wired) -> None:
    """Nested groups are walked, circles end, deleted people are left out, an empty group is empty."""
    sizes = set()
    for group in shared_cloud.tenant.groups.values():
        if group.deleted is None:
            url = f"{GRAPH}/groups/{group.id}/transitiveMembers/microsoft.graph.user?$select=id"
            rows = [row["id"] for row in shared_cloud.rows(f"{url}&$top=999")]
            assert set(rows) == below(shared_cloud, group.id)
            assert len(rows) == len(set(rows))
            sizes.add(len(rows))

    assert 0 in sizes


def test_members_and_owners_are_found_in_any_spelling(shared_cloud: Wired) -> None:
    """Clients write Members with a capital; direct members may be groups themselves."""
    groups = shared_cloud.tenant.groups
    people = {p.id for p in living(shared_cloud)}
    outer = next(g for g in groups.values() if set(g.member_ids) & groups.keys())
    owned = next(g for g in groups.values() if set(g.owner_ids) & people and not g.deleted)
    rows = shared_cloud.rows(f"{GRAPH}/groups/{outer.id}/Members?$top=999")
    owners = shared_cloud.rows(f"{GRAPH}/groups/{owned.id}/Owners?$select=id")
    here = people | {g.id for g in groups.values() if not g.deleted}

    assert {row["id"] for row in rows} == set(outer.member_ids) & here
    assert "#microsoft.graph.group" in {row["@odata.type"] for row in rows}
    assert {row["id"] for row in owners} == set(owned.owner_ids) & people


def test_a_service_principal_is_found_by_both_its_ids(shared_cloud: Wired) -> None:
    """The object id and the client id address the same enterprise application."""
    tenant = shared_cloud.tenant
    rows = shared_cloud.rows(f"{GRAPH}/servicePrincipals?$select=id,appId,accountEnabled")
    mine = next(row for row in rows if row["appId"] == tenant.collector_app_id)
    by_id = shared_cloud.get(f"{GRAPH}/servicePrincipals/{mine['id']}")
    by_app = shared_cloud.get(f"{GRAPH}/servicePrincipals(appId='{mine['appId']}')")

    assert {row["id"] for row in rows} == tenant.service_principals.keys()
    assert by_id["id"] == by_app["id"] == mine["id"]
    assert {row["accountEnabled"] for row in rows} == {True, False}


def test_ids_that_do_not_exist_are_left_out_without_a_word(shared_cloud: Wired) -> None:
    """The look-up of many ids answers only for those that exist, of the kinds asked for."""
    tenant = shared_cloud.tenant
    person = living(shared_cloud)[0].id
    gone = next(p.id for p in tenant.people.values() if p.deleted)
    group = next(g.id for g in tenant.groups.values() if not g.deleted)
    robot = next(iter(tenant.service_principals))
    asked = [person, gone, group, robot, "00000000-0000-4000-8000-000000000000"]
    url = f"{GRAPH}/directoryObjects/getByIds"
    every = shared_cloud.get(url, method="POST", json={"ids": asked})["value"]
    users = shared_cloud.get(url, method="POST", json={"ids": asked, "types": ["user"]})["value"]
    many = shared_cloud.ask(url, method="POST", json={"ids": [person] * 1001})

    assert {row["id"]: row["@odata.type"] for row in every} == {
        person: "#microsoft.graph.user",
        group: "#microsoft.graph.group",
        robot: "#microsoft.graph.servicePrincipal",
    }
    assert [row["id"] for row in users] == [person]
    assert many.status_code == 400


def test_a_batch_answers_each_request_in_its_own_order(shared_cloud: Wired) -> None:
    """Replies come unordered, each with its own status; more than twenty requests are refused."""
    person = living(shared_cloud)[0]
    urls = [f"/users/{person.id}?$select=id", "/users/nobody", "/groups?$top=1"]
    asked = [{"id": str(n), "method": "GET", "url": url} for n, url in enumerate(urls)]
    url = f"{GRAPH}/$batch"
    found = shared_cloud.get(url, method="POST", json={"requests": asked})["responses"]
    many = [{"id": str(n), "method": "GET", "url": "/groups"} for n in range(21)]
    by_id = {reply["id"]: reply for reply in found}

    assert [reply["id"] for reply in found] != ["0", "1", "2"]
    assert {name: reply["status"] for name, reply in by_id.items()} == {
        "0": 200,
        "1": 404,
        "2": 200,
    }
    assert by_id["0"]["body"]["id"] == person.id
    assert shared_cloud.ask(url, method="POST", json={"requests": many}).status_code == 400


def test_a_throttled_request_hides_inside_a_batch(cloud: Wired) -> None:
    """A 429 of one request stands in a batch that is itself a 200, with its own Retry-After."""
    cloud.lever("faults", host="graph.microsoft.com", path="/users/", kind="429", retry_after=7)
    asked = [
        {"id": "1", "method": "GET", "url": f"/users/{living(cloud)[0].id}"},
        {"id": "2", "method": "GET", "url": "/groups"},
    ]
    reply = cloud.ask(f"{GRAPH}/$batch", method="POST", json={"requests": asked})
    inside = {one["id"]: one for one in reply.json()["responses"]}

    assert reply.status_code == 200
    assert (inside["1"]["status"], inside["2"]["status"]) == (429, 200)
    assert inside["1"]["headers"]["Retry-After"] == "7"


def test_products_count_the_licences_that_people_hold(shared_cloud: Wired) -> None:
    """Units in use are exactly the licences of accounts that exist, whoever gave them."""
    users = shared_cloud.rows(f"{GRAPH}/users?$select=id,assignedLicenses&$top=999")
    held = Counter(one["skuId"] for user in users for one in user["assignedLicenses"])
    products = shared_cloud.get(f"{GRAPH}/subscribedSkus")["value"]

    assert {p["skuId"]: p["consumedUnits"] for p in products if p["consumedUnits"]} == dict(held)
    assert all(p["consumedUnits"] <= sum(p["prepaidUnits"].values()) for p in products)


def test_a_licence_says_every_way_it_came(shared_cloud: Wired) -> None:
    """A licence that comes directly and from a group has a state for each; none is left out."""
    users = shared_cloud.rows(f"{GRAPH}/users?$select=id,assignedLicenses,licenseAssignmentStates")
    ways = [
        {state["assignedByGroup"] for state in user["licenseAssignmentStates"]
         if state["skuId"] == one["skuId"]}
        for user in users
        for one in user["assignedLicenses"]
    ]  # fmt: skip

    assert all(ways)
    assert any(None in way and len(way) > 1 for way in ways)
    assert any(None not in way for way in ways)


def test_a_persons_licences_list_their_plans(shared_cloud: Wired) -> None:
    """The details of one person name the same products as the list of people."""
    users = shared_cloud.rows(f"{GRAPH}/users?$select=id,assignedLicenses&$top=999")
    holder = next(user for user in users if len(user["assignedLicenses"]) > 1)
    details = shared_cloud.get(f"{GRAPH}/users/{holder['id']}/licenseDetails")["value"]

    assert {d["skuId"] for d in details} == {one["skuId"] for one in holder["assignedLicenses"]}
    assert all(detail["servicePlans"] for detail in details)


def test_no_secret_is_ever_shown(shared_cloud: Wired) -> None:
    """Registered applications show when their secrets end, and never what they are."""
    rows = shared_cloud.rows(f"{GRAPH}/applications")
    secrets = [one for row in rows for one in row["passwordCredentials"]]

    assert secrets
    assert {one["secretText"] for one in secrets} == {None}
    assert {one["key"] for row in rows for one in row["keyCredentials"]} == {None}
