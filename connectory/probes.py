"""What the doctor asks: the cheapest request for each permission, and what is lost without it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from collectors.api.allowed import AUDIT_QUERIES
from collectors.audit_backfill import PERMISSION
from collectors.inventory import PATH, smallest_query
from connectory.telemetry_settings import TelemetrySettings

ADMIN = "administration application"
BLOB = "blob"


@dataclass(frozen=True, slots=True)
class Probe:
    """One permission and the cheapest request that needs it.

    Attributes:
        service: Service, e.g. ``graph``.
        permission: What the request needs.
        path: Path; ``{environment}`` and ``{api_url}`` stand for those of one environment.
        parameters: Query values.
        lost: What is not known without it.
        person: Only a person is answered.
        body: Sent by POST, to a service that only reads by it; None for a GET.
        setting: Name of a number among the settings of collect that has to be above 0; empty if
            it is always needed.
    """

    service: str
    permission: str
    path: str
    parameters: Mapping[str, str]
    lost: str
    person: bool = False
    body: Any = None
    setting: str = ""


def _table(name: str, lost: str) -> Probe:
    path = f"{{api_url}}/api/data/v9.2/{name}s"
    return Probe("dataverse", f"read {name}", path, {"$select": f"{name}id", "$top": "1"}, lost)


LISTING = Probe(
    "bap",
    ADMIN,
    "/providers/Microsoft.BusinessAppPlatform/scopes/admin/environments",
    {"api-version": "2020-10-01"},
    "nothing else can be read",
)
"""The request that tells which environment the others ask about."""

PROBES: tuple[Probe, ...] = (
    Probe(
        "bap",
        f"{ADMIN}, data policies",
        "/providers/PowerPlatform.Governance/v2/policies",
        {"api-version": "2018-01-01"},
        "where data policies put a connector is not known",
    ),
    Probe(
        "powerapps",
        ADMIN,
        "/providers/Microsoft.PowerApps/scopes/admin/environments/{environment}/apis",
        {"api-version": "{version}", "$filter": "isCustomApi eq 'True'", "$top": "1"},
        "connectors outside solutions, their sharing, connections and apps are not seen",
    ),
    Probe(
        BLOB,
        "none: addresses are signed",
        "{definition}",
        {},
        "no operations, hosts or drift for connectors outside solutions",
    ),
    Probe(
        "powerapps",
        "none beyond a sign-in",
        "/providers/Microsoft.PowerApps/apis",
        {
            "api-version": "{maker_version}",
            "$filter": "environment eq '{environment}' and IsCustomApi eq 'True'",
            "$top": "1",
        },
        "one of the views of connectors to compare is missing",
    ),
    Probe(
        "flow",
        ADMIN,
        "/providers/Microsoft.ProcessSimple/scopes/admin/environments/{environment}/v2/flows",
        {"api-version": "2016-11-01", "$top": "1"},
        "flows outside solutions are not seen",
    ),
    Probe(
        "powerplatform",
        "Power Platform Reader",
        "/connectivity/environments/{environment}/connectors",
        {"$filter": "environment eq '{environment}'", "api-version": "2024-10-01", "$top": "1"},
        "one of the views of connectors to compare is missing",
    ),
    Probe(
        "graph",
        "User.Read.All",
        "/v1.0/users",
        {"$select": "id", "$top": "1"},
        "owners are object ids, and none can be found to have left",
    ),
    Probe(
        "graph",
        "Application.Read.All",
        "/v1.0/servicePrincipals",
        {"$select": "id", "$top": "1"},
        "owners that are applications stay unknown",
    ),
    Probe(
        "graph",
        "Application.Read.All, registrations",
        "/v1.0/applications",
        {"$select": "id", "$top": "1"},
        "when the secret behind a connector ends is not known",
    ),
    Probe(
        "graph",
        "GroupMember.Read.All",
        "/v1.0/groups",
        {"$select": "id", "$top": "1"},
        "a connector shared with a group counts the group, not the people",
    ),
    Probe(
        "graph",
        "LicenseAssignment.Read.All",
        "/v1.0/subscribedSkus",
        {"$select": "skuId"},
        "how many licences were bought, and which plans are inside, is not known",
    ),
    Probe(
        "powerplatform",
        "Power Platform Reader, billing policies",
        "/licensing/billingPolicies",
        {"api-version": "2022-03-01-preview", "$top": "1"},
        "which environments pay as they go is not known",
    ),
    Probe(
        "powerplatform",
        "Power Platform Reader, advanced connector policies",
        "/governance/ruleBasedPolicies",
        {"api-version": "2024-10-01"},
        "what advanced connector policies block is not known",
    ),
    Probe(
        "powerplatform",
        "a person with a role that may read all resources",
        PATH,
        {},
        "agents of environments whose Dataverse is closed, and one of the views to compare, are missing",
        person=True,
        body=smallest_query(),
    ),
    _table("connector", "solutions, logical names and record owners of connectors are not known"),
    _table("connectionreference", "which solutions rely on a connector is not known"),
    _table("workflow", "flows in solutions are not seen where the Flow service refuses"),
    _table("bot", "agents, and which connectors they call, are not known"),
    _table("botcomponent", "which connectors an agent calls is not known"),
    _table("systemuser", "owners of rows in Dataverse are not known as people"),
    _table("organization", "how long flow runs are kept there is not known, so none are counted"),
    _table("flowrun", "how often flows in solutions ran takes a request for each of them"),
    Probe(
        "activity",
        "ActivityFeed.Read",
        "/api/v1.0/{tenant}/activity/feed/subscriptions/list",
        {"PublisherIdentifier": "{tenant}"},
        "who made, shared and deleted connectors, and who opens apps, is not known",
    ),
    Probe(
        "graph",
        PERMISSION,
        AUDIT_QUERIES,
        {},
        "what the audit log handed out longer than a week ago, and nobody read, stays unknown",
        setting="audit_backfill_days",
    ),
)


def log_probes(settings: TelemetrySettings) -> list[Probe]:
    """Return what is asked of each log of calls that the settings name."""
    logs = settings.queried.values()
    places = {(log.workspace, log.app): name for named in logs for name, log in named.items()}
    return [
        Probe(
            "loganalytics" if workspace else "appinsights",
            f"{'Log Analytics Reader' if workspace else 'Monitoring Reader'}, {name}",
            f"/v1/{'workspaces' if workspace else 'apps'}/{workspace or app}/query",
            {},
            "what is logged there of calls is not known",
            body={"query": "print ok = 1"},
        )
        for (workspace, app), name in places.items()
    ]
