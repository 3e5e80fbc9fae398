"""What the store remembers; importing this package completes the metadata."""

from models.answers import OwnershipAnswer
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
from models.people import ConnectorPermission, GroupMember, Principal, PrincipalVersion
from models.runs import Assessment, Lease, Run, Sighting, Step, StepSource, StoreTenant
from models.schedule import AlertSent, ScheduleEvent

__all__ = [
    "AlertSent",
    "App",
    "AppReference",
    "AppVersion",
    "Assessment",
    "Base",
    "Connection",
    "ConnectionReference",
    "ConnectionReferenceVersion",
    "ConnectionVersion",
    "Connector",
    "ConnectorAlias",
    "ConnectorPermission",
    "ConnectorVersion",
    "Definition",
    "DefinitionOperation",
    "Environment",
    "EnvironmentVersion",
    "Flow",
    "FlowOperation",
    "FlowReference",
    "FlowVersion",
    "GroupMember",
    "Interval",
    "Lease",
    "OwnershipAnswer",
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
