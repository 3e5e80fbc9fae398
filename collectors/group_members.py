"""Groups that hold a permission, and everybody in them, directly or through other groups.

Source: Microsoft Graph v1.0. Only groups that matter are read: a tenant has many thousands.
"""

from __future__ import annotations

from typing import Any

from collectors.api.errors import ApiError, NotFound
from collectors.api.paging import ODataNextLink
from collectors.contract import Collector, SourceReading, StepContext
from collectors.details import Details
from collectors.lookups import ids_of
from collectors.nouns import GROUP_MEMBERS, PRINCIPALS
from collectors.records import Shape, every
from collectors.store import Kept
from collectors.targets import groups_that_matter

_MEMBER = Shape(texts=("id",))
_GROUP = {"$select": "id,displayName,mail,mailEnabled"}


def collect(step: StepContext) -> None:
    """Read each group named by a permission, with its transitive members."""
    with step.reading("groups") as source:
        groups = groups_that_matter(step.store)
        details = Details(step, PRINCIPALS, "members")
        ids = ids_of(step.store, PRINCIPALS, groups)
        known = details.recent(list(ids.values()))
        source.spared += len(known)
        asked = [key for key in groups if ids.get(key) not in known]
        read = step.read_each(lambda key: _members(step, key), asked)
        for group, result in (pair for batch in read for pair in batch):
            if isinstance(result, NotFound):
                # A permission outlives its group: Graph answers 404, which proves the deletion.
                step.store.keep(
                    PRINCIPALS,
                    [Kept(group, {"kind": "group"})],
                    source="groups",
                    presence="gone",
                    reason="deleted",
                )
                step.store.replace_edges(GROUP_MEMBERS, [group], [])
            elif isinstance(result, ApiError):
                source.falls_short(str(result))
            else:
                _keep(step, source, group, *result)


def _members(step: StepContext, key: str) -> tuple[dict[str, Any], list[str]]:
    group = step.api.get_json("graph", f"/v1.0/groups/{key}", _GROUP)
    pages = step.api.pages(
        "graph",
        f"/v1.0/groups/{key}/transitiveMembers/microsoft.graph.user",
        {"$select": "id", "$top": "999"},
        pager=ODataNextLink(),
    )
    members = every(pages, _MEMBER, f"groups/{key}/transitiveMembers")
    return group, [record["id"].casefold() for record in members]


def _keep(
    step: StepContext, source: SourceReading, key: str, group: dict[str, Any], members: list[str]
) -> None:
    # A group that takes no mail may keep the address it had.
    mail = group.get("mail") if group.get("mailEnabled") is True else None
    told = {"kind": "group", "display_name": group.get("displayName"), "mail": mail}
    fact = Kept(key, told)
    edges = [{"group_key": key, "member_key": member} for member in members]
    with step.store.together():
        ids = step.store.keep(PRINCIPALS, [fact], source=source.source)
        step.store.replace_edges(GROUP_MEMBERS, [key], edges)
        Details(step, PRINCIPALS, "members").note(dict.fromkeys(ids.values()))
    source.rows += 1


COLLECTOR = Collector(
    "group_members", "tenant", collect, after=("permissions", "asset_permissions")
)
