"""The store's tables as queries name them, and the conditions and joins that queries share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import ColumnElement, Connection, FromClause, Table, and_, case, func

import models
from connectory.queries.ownership import _directory_answered
from connectory.queries.ownership import holds as _holds


def _table(model: type[models.Base]) -> Table:
    return cast("Table", model.__table__)


RUNS = _table(models.Run)
STEPS = _table(models.Step)
SOURCES = _table(models.StepSource)
SIGHTINGS = _table(models.Sighting)
ENVIRONMENTS = _table(models.Environment)
ENVIRONMENT_VERSIONS = _table(models.EnvironmentVersion)
CONNECTORS = _table(models.Connector)
CONNECTOR_VERSIONS = _table(models.ConnectorVersion)
CONNECTOR_ALIASES = _table(models.ConnectorAlias)
CONNECTIONS = _table(models.Connection)
CONNECTION_VERSIONS = _table(models.ConnectionVersion)
REFERENCES = _table(models.ConnectionReference)
REFERENCE_VERSIONS = _table(models.ConnectionReferenceVersion)
FLOWS = _table(models.Flow)
FLOW_VERSIONS = _table(models.FlowVersion)
FLOW_OPERATIONS = _table(models.FlowOperation)
FLOW_REFERENCES = _table(models.FlowReference)
APPS = _table(models.App)
APP_VERSIONS = _table(models.AppVersion)
APP_REFERENCES = _table(models.AppReference)
AGENTS = _table(models.Agent)
AGENT_VERSIONS = _table(models.AgentVersion)
AGENT_OPERATIONS = _table(models.AgentOperation)
PRINCIPALS = _table(models.Principal)
PRINCIPAL_VERSIONS = _table(models.PrincipalVersion)
GROUP_MEMBERS = _table(models.GroupMember)
PERMISSIONS = _table(models.ConnectorPermission)
DEFINITIONS = _table(models.Definition)
OPERATIONS = _table(models.DefinitionOperation)
SCHEDULE_EVENTS = _table(models.ScheduleEvent)
ASSESSMENTS = _table(models.Assessment)
ANSWERS = _table(models.OwnershipAnswer)
APP_PERMISSIONS = _table(models.AppPermission)
CONNECTION_PERMISSIONS = _table(models.ConnectionPermission)
FLOW_PERMISSIONS = _table(models.FlowPermission)
LICENCE_SKUS = _table(models.LicenceSku)
LICENCE_SKU_VERSIONS = _table(models.LicenceSkuVersion)
LICENCE_ASSIGNMENTS = _table(models.LicenceAssignment)
BILLING_POLICIES = _table(models.BillingPolicy)
BILLING_POLICY_VERSIONS = _table(models.BillingPolicyVersion)
BILLING_POLICY_ENVIRONMENTS = _table(models.BillingPolicyEnvironment)
ENVIRONMENT_ALLOCATIONS = _table(models.EnvironmentAllocation)
REGISTRATIONS = _table(models.AppRegistration)
REGISTRATION_VERSIONS = _table(models.AppRegistrationVersion)
CREDENTIALS = _table(models.AppCredential)
DATA_POLICIES = _table(models.DataPolicy)
DATA_POLICY_VERSIONS = _table(models.DataPolicyVersion)
DATA_POLICY_TARGETS = _table(models.DataPolicyTarget)
DATA_POLICY_CONNECTORS = _table(models.DataPolicyConnector)
DATA_POLICY_PATTERNS = _table(models.DataPolicyPattern)
DATA_POLICY_RULES = _table(models.DataPolicyRule)
POLICY_ANSWERS = _table(models.PolicyAnswer)
EXPOSURE_ANSWERS = _table(models.ExposureAnswer)
CONNECTOR_EXPOSURE_ANSWERS = _table(models.ConnectorExposureAnswer)
COMPARISONS = _table(models.Comparison)
COMPARISON_CHANGES = _table(models.ComparisonChange)
FAMILY_ANSWERS = _table(models.FamilyAnswer)
DRIFT_ANSWERS = _table(models.DriftAnswer)
DEFINITION_STEPS = _table(models.DefinitionStep)
UPSTREAM_DOCUMENTS = _table(models.UpstreamDocument)
UPSTREAM_DOCUMENT_VERSIONS = _table(models.UpstreamDocumentVersion)
CONNECTOR_UPSTREAMS = _table(models.ConnectorUpstream)
UPSTREAM_ANSWERS = _table(models.UpstreamAnswer)
ACCEPTANCES = _table(models.Acceptance)
FLOW_RUN_DAYS = _table(models.FlowRunDay)
AUDIT_EVENTS = _table(models.AuditEvent)
AUDIT_BLOBS = _table(models.AuditBlob)
AUDIT_SPANS = _table(models.AuditSpan)
AUDIT_QUERIES = _table(models.AuditQuery)
STORE_TENANT = _table(models.StoreTenant)
FROZEN_ESTIMATES = _table(models.FrozenEstimate)
FROZEN_RECIPIENTS = _table(models.FrozenRecipient)
STALENESS_ANSWERS = _table(models.StalenessAnswer)
STEWARDS = _table(models.Steward)
EXEMPTIONS = _table(models.Exemption)
OUTBOX = _table(models.OutboxMessage)
OUTBOX_CONTENTS = _table(models.OutboxContent)
OUTBOX_EVENTS = _table(models.OutboxEvent)
CAMPAIGNS = _table(models.Campaign)
ATTESTATION_REQUESTS = _table(models.AttestationRequest)
ATTESTATION_EVENTS = _table(models.AttestationEvent)
RETIREMENT_PLANS = _table(models.RetirementPlan)

EVERYONE = "Everyone in the tenant"
"""Who is meant by a role given to the tenant."""

BROKEN = "Error"
"""Status of a connection that does not work."""


def alias(table: Table, name: str) -> Table:
    """Return the table under another name, for a second part in the same statement."""
    return cast("Table", table.alias(name))


def holds(table: FromClause, run_id: int) -> ColumnElement[bool]:
    """Return the condition that an interval of `table` covers a run."""
    return cast("ColumnElement[bool]", _holds(cast("Table", table), run_id))


def present(table: FromClause, run_id: int) -> ColumnElement[bool]:
    """Return the condition that a version covers a run and says its noun is there."""
    return and_(holds(table, run_id), table.c.presence == "present")


def environment_name(versions: FromClause = ENVIRONMENT_VERSIONS) -> ColumnElement[str]:
    """Return the name of an environment for people: the one they see, else its id."""
    return func.coalesce(versions.c.display_name, versions.c.name)


def connector_name(
    versions: FromClause = CONNECTOR_VERSIONS, connectors: FromClause = CONNECTORS
) -> ColumnElement[str]:
    """Return the name of a connector for people: the one they see, else its runtime name."""
    return func.coalesce(versions.c.display_name, versions.c.name, connectors.c.key)


@dataclass(frozen=True, slots=True)
class Person:
    """A principal joined to a statement by the key that some row names."""

    key: ColumnElement[Any]
    who: Table
    facts: Table

    @property
    def name(self) -> ColumnElement[Any]:
        """Display name, else sign-in name, else the key; null if the row names nobody."""
        return func.coalesce(self.facts.c.display_name, self.facts.c.user_principal_name, self.key)

    def state(self, *, absent: str) -> ColumnElement[Any]:
        """Return what the directory says: enabled, disabled or deleted; null if it names nobody.

        Args:
            absent: What it means that the directory has no such id: deleted or unknown.
        """
        return case(
            (self.key.is_(None), None),
            (self.facts.c.presence.is_(None), absent),
            (self.facts.c.presence == "gone", "deleted"),
            (self.facts.c.enabled.is_(False), "disabled"),
            else_="enabled",
        )


def with_person(
    rows: FromClause, key: ColumnElement[Any], run_id: int, name: str
) -> tuple[FromClause, Person]:
    """Join the principal that `key` names, where the directory told it.

    Two joins in a row rather than a nested one, which SQLite would build in full first.

    Args:
        rows: What to join to.
        key: Column that names the principal.
        run_id: As of which run.
        name: Distinguishes several people of one statement.
    """
    who, facts = alias(PRINCIPALS, name), alias(PRINCIPAL_VERSIONS, f"{name}_version")
    joined = rows.outerjoin(who, who.c.key == key).outerjoin(
        facts, and_(facts.c.principal_id == who.c.id, holds(facts, run_id))
    )
    return joined, Person(key, who, facts)


def meaning_of_absence(connection: Connection, run_id: int) -> str:
    """Return what it means that the directory has no such id, by the rule of ownership.

    Only where the directory was last read whole does absence prove a deletion.
    """
    return "deleted" if _directory_answered(connection, run_id) else "unknown"


def known_connectors(run_id: int) -> FromClause:
    """Return connectors that are not gone, joined with their facts."""
    return CONNECTORS.join(
        CONNECTOR_VERSIONS,
        and_(
            CONNECTOR_VERSIONS.c.connector_id == CONNECTORS.c.id,
            holds(CONNECTOR_VERSIONS, run_id),
            CONNECTOR_VERSIONS.c.presence != "gone",
        ),
    )


def in_environment(rows: FromClause, environment_id: ColumnElement[Any], run_id: int) -> FromClause:
    """Join the facts of the environment that `environment_id` names."""
    return rows.join(
        ENVIRONMENT_VERSIONS,
        and_(
            ENVIRONMENT_VERSIONS.c.environment_id == environment_id,
            holds(ENVIRONMENT_VERSIONS, run_id),
        ),
    )
