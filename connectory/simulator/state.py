"""What the simulated tenant consists of: plain records, no wire format and no routing.

Records hold what is *true* of the tenant. How a fact looks on the wire (quirks, missing fields,
spelling) is decided in the modules that answer requests; `truth` tells the same facts plainly.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from connectory.simulator.audit import AuditRecord
from connectory.simulator.dealt import Dealt
from connectory.simulator.drift_facts import Drifting, Edit, PlantedFact
from connectory.simulator.entitlements import (
    Allocation,
    BillingPolicy,
    Credential,
    Licence,
    Registration,
    Subscription,
)
from connectory.simulator.governance import Governance
from connectory.simulator.owning import Owning

Json = dict[str, Any]
Role = Literal["Owner", "CanEdit", "CanView", "CanViewWithShare"]
PrincipalType = Literal["User", "Group", "Tenant", "ServicePrincipal"]


@dataclass(slots=True)
class Person:
    """A user or guest account of the directory."""

    id: str
    user_principal_name: str
    display_name: str
    mail: str | None
    user_type: Literal["Member", "Guest"]
    enabled: bool
    department: str | None
    job_title: str | None
    company: str | None
    manager_id: str | None
    created: datetime
    preferred_language: str | None = None
    deleted: datetime | None = None


@dataclass(slots=True)
class Group:
    """A security group, or one with a mailbox; members are users, guests or other groups."""

    id: str
    display_name: str
    member_ids: list[str]
    owner_ids: list[str] = field(default_factory=list)
    deleted: datetime | None = None
    mail: str | None = None


@dataclass(slots=True)
class ServicePrincipal:
    """An enterprise application; `id` is the object id, `app_id` the client id."""

    id: str
    app_id: str
    display_name: str
    enabled: bool = True
    credentials: list[Credential] = field(default_factory=list)


@dataclass(slots=True)
class Dataverse:
    """The Dataverse database of an environment."""

    organization_id: str
    domain: str
    region: str
    application_user: bool = True
    """Whether the collecting service principal was added as application user there."""

    @property
    def web_host(self) -> str:
        """The host of `instanceUrl`."""
        return f"{self.domain}.{self.region}.dynamics.com"

    @property
    def api_host(self) -> str:
        """The host of `instanceApiUrl`."""
        return f"{self.domain}.api.{self.region}.dynamics.com"


@dataclass(slots=True)
class Environment:
    """A Power Platform environment; `name` is its id on the wire."""

    name: str
    display_name: str
    description: str | None
    sku: str
    location: str
    azure_region: str
    is_default: bool
    managed: bool
    created: datetime
    modified: datetime
    created_by: str | None
    dataverse: Dataverse | None
    deleted: datetime | None = None
    admin_readable: bool = True
    """False: every admin call for this environment answers 403 EnvironmentAccessDenied."""
    lists_addons: bool = True
    """Whether its admin record tells the capacity handed out to it."""
    group: str | None = None
    """Id of the environment group it belongs to."""


@dataclass(slots=True)
class Permission:
    """One role assignment on a connector, app or flow; `principal_id` is None for the whole tenant."""

    name: str
    role: Role
    principal_type: PrincipalType
    principal_id: str | None


@dataclass(slots=True)
class Definition:
    """A connector's original OpenAPI document, exactly the bytes its author uploaded."""

    content: bytes
    operations: list[Json] | None
    """`{operationId, method, path, summary, trigger}` per operation; None when unreadable."""


@dataclass(slots=True)
class DataverseConnector:
    """The solution-aware row of a connector in the Dataverse `connector` table."""

    connector_id: str
    logical_name: str
    internal_id: str | None
    owner_id: str
    managed: bool
    solution_id: str


@dataclass(slots=True)
class Connector:
    """A custom connector in one environment; `name` is None before its first runtime sync."""

    environment: str
    name: str | None
    display_name: str
    description: str | None
    created: datetime
    changed: datetime
    created_by: str | None
    modified_by: str | None
    backend_url: str | None
    brand_color: str
    connection_parameters: Json
    connection_parameter_sets: Json | None
    policies: list[Json]
    script_operations: list[str]
    has_script: bool
    definition: Definition | None
    permissions: list[Permission]
    dataverse: DataverseConnector | None
    in_admin_list: bool = True
    in_connectivity: bool = True
    runtime_deleted: datetime | None = None
    """Since when its runtime is gone although its Dataverse row is still there."""
    family: str | None = None
    deleted: datetime | None = None
    planted: list[PlantedFact] | None = field(default_factory=list)
    """Every change since its family's origin; None where what it was replaced by is unknown."""
    edits: list[Edit] = field(default_factory=list)


@dataclass(slots=True)
class Connection:
    """A connection of one account to a connector (custom or first-party) in one environment."""

    environment: str
    name: str
    connector: str
    display_name: str
    account_name: str | None
    created_by: str | None
    created: datetime
    modified: datetime
    statuses: list[Json]
    expiration: datetime | None = None
    allow_sharing: bool = False
    deleted: datetime | None = None
    permissions: list[Permission] = field(default_factory=list)
    """With whom its creator shares it; told only where sharing is allowed."""
    creator_tenant: str | None = None
    """The tenant of its creator, where that is another one."""
    account_tenant: str | None = None
    """The tenant of the account it signs in as, where the service tells it."""


@dataclass(slots=True)
class ConnectionReference:
    """A Dataverse connection reference."""

    environment: str
    id: str
    logical_name: str
    display_name: str
    connector: str
    connector_row_id: str | None
    connection: str | None
    owner_id: str
    active: bool
    managed: bool
    created: datetime
    modified: datetime
    prompting_behavior: int = 0
    solution_id: str | None = None
    deleted: datetime | None = None


@dataclass(frozen=True, slots=True)
class PlantedCase:
    """A connection or connection reference made to show one thing.

    `identity` is the connection's name or the reference's id; `findings` hold until it changes.
    """

    case: str
    environment: str
    asset: Literal["connection", "connection_reference"]
    identity: str
    findings: tuple[str, ...]


@dataclass(slots=True)
class Call:
    """One action or trigger of a flow that calls an operation of a connector."""

    action: str
    connector: str
    operation_id: str
    trigger: bool = False
    path: tuple[str, ...] = ()
    """Enclosing containers from the outside in, each `Kind:Name` or `Kind:Name:branch`.

    Kinds are `Scope`, `Foreach`, `Until`, `If` (branch `else`, or none for the actions of the
    yes-side) and `Switch` (branch is the case's name, or `default`); names contain no colon.
    Example: ("If:Condition:else", "Scope:Try").
    """


@dataclass(slots=True)
class FlowReference:
    """What a flow uses to reach one connector."""

    key: str
    connector: str
    connection: str | None
    reference_logical_name: str | None
    invoker: bool = False


@dataclass(slots=True)
class Flow:
    """A cloud flow; `workflow_id` is its row in Dataverse, None for a flow outside solutions."""

    environment: str
    name: str
    display_name: str
    state: Literal["Started", "Stopped", "Suspended"]
    creator_id: str
    owner_id: str
    created: datetime
    modified: datetime
    workflow_id: str | None
    in_flow_api: bool
    calls: list[Call]
    references: list[FlowReference]
    trigger_kind: str = "Recurrence"
    managed: bool = False
    deleted: datetime | None = None
    permissions: list[Permission] = field(default_factory=list)
    """Who holds it beside its owner."""
    runs_until: datetime | None = None
    """Since when nothing starts it any more, though it is on."""


@dataclass(slots=True)
class AppReference:
    """A canvas app's link to one connector."""

    key: str
    connector: str
    custom: bool
    shared_connection: str | None = None
    data_sources: list[str] = field(default_factory=list)
    flow: str | None = None
    """For the link named `shared_logicflows`: the name (id) of the flow the app starts."""


@dataclass(slots=True)
class App:
    """A canvas app."""

    environment: str
    name: str
    display_name: str
    owner_id: str
    created_by: str
    created: datetime
    modified: datetime
    published: datetime | None
    references: list[AppReference]
    shared_users: int
    shared_groups: int
    permissions: list[Permission]
    old: bool = False
    """True: an app saved long ago, whose wire record lacks the isCustomApi flags."""
    deleted: datetime | None = None


@dataclass(slots=True)
class AgentCall:
    """One call of a connector in a tool or topic of an agent.

    `component` is the schema name of that part, `step` the id of the call inside a topic and empty
    for a tool, `reference` how the text names the connector.
    """

    component: str
    step: str
    connector: str
    operation_id: str
    reference: str
    invoker: bool
    protocol: bool = False
    """Calls a server of the Model Context Protocol."""


@dataclass(slots=True)
class Agent:
    """An agent built in Copilot Studio; `id` is that of its row in Dataverse."""

    environment: str
    id: str
    schema_name: str
    display_name: str
    owner_id: str
    created: datetime
    modified: datetime
    published: datetime | None
    active: bool
    managed: bool
    calls: list[AgentCall]
    in_inventory: bool = True
    deleted: datetime | None = None


@dataclass(slots=True)
class Tenant:
    """The whole tenant at its own clock `now`."""

    id: str
    domain: str
    seed: int
    size: str
    now: datetime
    started: datetime
    """Its clock before the first advance."""
    collector_app_id: str
    people: dict[str, Person] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    service_principals: dict[str, ServicePrincipal] = field(default_factory=dict)
    environments: dict[str, Environment] = field(default_factory=dict)
    connectors: list[Connector] = field(default_factory=list)
    connections: list[Connection] = field(default_factory=list)
    connection_references: list[ConnectionReference] = field(default_factory=list)
    flows: list[Flow] = field(default_factory=list)
    apps: list[App] = field(default_factory=list)
    agents: list[Agent] = field(default_factory=list)
    subscriptions: list[Subscription] = field(default_factory=list)
    licences: list[Licence] = field(default_factory=list)
    billing_policies: list[BillingPolicy] = field(default_factory=list)
    allocations: list[Allocation] = field(default_factory=list)
    registrations: list[Registration] = field(default_factory=list)
    audit: list[AuditRecord] = field(default_factory=list)
    planted: list[PlantedCase] = field(default_factory=list)
    """Connections and references whose findings are known beforehand, by the name of the case."""
    dealt: Dealt = field(default_factory=Dealt)
    governance: Governance = field(default_factory=Governance)
    drifting: Drifting = field(default_factory=Drifting)
    owning: Owning = field(default_factory=Owning)
