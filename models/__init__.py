"""What the store remembers; importing this package completes the metadata."""

from models.agents import Agent, AgentOperation, AgentVersion
from models.answers import OwnershipAnswer, PolicyAnswer
from models.audit import AuditBlob, AuditEvent, AuditSpan
from models.base import Base, Interval, UtcDateTime, Version
from models.consumers import (
    App,
    AppReference,
    AppVersion,
    Flow,
    FlowOperation,
    FlowReference,
    FlowVersion,
)
from models.credentials import AppCredential, AppRegistration, AppRegistrationVersion
from models.history import Definition, DefinitionOperation
from models.inventory import (
    Connection,
    ConnectionReference,
    ConnectionReferenceVersion,
    ConnectionVersion,
    Connector,
    ConnectorAlias,
    ConnectorVersion,
    Environment,
    EnvironmentVersion,
)
from models.licensing import (
    BillingPolicy,
    BillingPolicyEnvironment,
    BillingPolicyVersion,
    EnvironmentAllocation,
    LicenceAssignment,
    LicenceSku,
    LicenceSkuVersion,
)
from models.people import (
    AppPermission,
    ConnectionPermission,
    ConnectorPermission,
    FlowPermission,
    GroupMember,
    Principal,
    PrincipalVersion,
)
from models.policies import (
    DataPolicy,
    DataPolicyConnector,
    DataPolicyPattern,
    DataPolicyRule,
    DataPolicyTarget,
    DataPolicyVersion,
)
from models.runs import Assessment, DetailRead, Lease, Run, Sighting, Step, StepSource, StoreTenant
from models.schedule import AlertSent, ScheduleEvent
from models.usage import FlowRunDay

__all__ = [
    "Agent",
    "AgentOperation",
    "AgentVersion",
    "AlertSent",
    "App",
    "AppCredential",
    "AppPermission",
    "AppReference",
    "AppRegistration",
    "AppRegistrationVersion",
    "AppVersion",
    "Assessment",
    "AuditBlob",
    "AuditEvent",
    "AuditSpan",
    "Base",
    "BillingPolicy",
    "BillingPolicyEnvironment",
    "BillingPolicyVersion",
    "Connection",
    "ConnectionPermission",
    "ConnectionReference",
    "ConnectionReferenceVersion",
    "ConnectionVersion",
    "Connector",
    "ConnectorAlias",
    "ConnectorPermission",
    "ConnectorVersion",
    "DataPolicy",
    "DataPolicyConnector",
    "DataPolicyPattern",
    "DataPolicyRule",
    "DataPolicyTarget",
    "DataPolicyVersion",
    "Definition",
    "DefinitionOperation",
    "DetailRead",
    "Environment",
    "EnvironmentAllocation",
    "EnvironmentVersion",
    "Flow",
    "FlowOperation",
    "FlowPermission",
    "FlowReference",
    "FlowRunDay",
    "FlowVersion",
    "GroupMember",
    "Interval",
    "Lease",
    "LicenceAssignment",
    "LicenceSku",
    "LicenceSkuVersion",
    "OwnershipAnswer",
    "PolicyAnswer",
    "Principal",
    "PrincipalVersion",
    "Run",
    "ScheduleEvent",
    "Sighting",
    "Step",
    "StepSource",
    "StoreTenant",
    "UtcDateTime",
    "Version",
]
