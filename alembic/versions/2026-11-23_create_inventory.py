"""Create the inventory

Revision: 0001
Follows:
Created: 2026-11-23

One idea per migration. SQLite rewrites a table to alter it: use ``op.batch_alter_table``. A column
is dropped one release after the code stopped reading it. Write the downgrade and run it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table(
        "environments",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="surrogate key",
        ),
        sa.Column(
            "key", sa.String(length=450), nullable=False, comment="environment id, case-folded"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_environments")),
        sa.UniqueConstraint("key", name=op.f("uq_environments_key")),
    )
    op.create_table(
        "leases",
        sa.Column("name", sa.String(length=450), nullable=False, comment="what is leased"),
        sa.Column(
            "holder",
            sa.String(length=1000),
            nullable=False,
            comment="host, process and start of the holder",
        ),
        sa.Column(
            "fence",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="number of this tenure",
        ),
        sa.Column(
            "expires_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="wall-clock end unless renewed",
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )
    op.create_table(
        "principals",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="surrogate key",
        ),
        sa.Column(
            "key", sa.String(length=450), nullable=False, comment="Entra object id, case-folded"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_principals")),
        sa.UniqueConstraint("key", name=op.f("uq_principals_key")),
    )
    op.create_table(
        "runs",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="surrogate key",
        ),
        sa.Column(
            "state",
            sa.String(length=64),
            nullable=False,
            comment="running, complete, partial, failed or died",
        ),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False, comment="start"),
        sa.Column(
            "finished_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="end; null while running",
        ),
        sa.Column(
            "identity",
            sa.String(length=200),
            nullable=True,
            comment="client id or user the run signed in as",
        ),
        sa.Column(
            "product_version", sa.String(length=64), nullable=False, comment="version of Connectory"
        ),
        sa.Column(
            "arguments",
            sa.JSON().with_variant(postgresql.JSONB(), "postgresql"),
            nullable=False,
            comment="collectors and filters asked for",
        ),
        sa.Column(
            "reason", sa.String(length=1000), nullable=True, comment="why the run is not whole"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
    )
    with op.batch_alter_table("runs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_runs_started_at"), ["started_at"], unique=False)

    op.create_table(
        "store_tenant",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="surrogate key",
        ),
        sa.Column(
            "tenant_id",
            sa.String(length=64),
            nullable=False,
            comment="Entra tenant id, case-folded",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="when the store was first used",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_store_tenant")),
    )
    op.create_table(
        "apps",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="surrogate key",
        ),
        sa.Column(
            "environment_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="environment",
        ),
        sa.Column("key", sa.String(length=450), nullable=False, comment="app id, case-folded"),
        sa.ForeignKeyConstraint(
            ["environment_id"], ["environments.id"], name=op.f("fk_apps_environment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_apps")),
        sa.UniqueConstraint("environment_id", "key", name=op.f("uq_apps_environment_id_key")),
    )
    op.create_table(
        "assessments",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="surrogate key",
        ),
        sa.Column(
            "run_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="run the answers are about",
        ),
        sa.Column(
            "state", sa.String(length=64), nullable=False, comment="running, complete or failed"
        ),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False, comment="start"),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True, comment="end"),
        sa.Column("reason", sa.Text(), nullable=True, comment="why it failed"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_assessments_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessments")),
    )
    with op.batch_alter_table("assessments", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_assessments_run_id"), ["run_id"], unique=False)

    op.create_table(
        "connection_references",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="surrogate key",
        ),
        sa.Column(
            "environment_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="environment",
        ),
        sa.Column(
            "key", sa.String(length=450), nullable=False, comment="Dataverse row id, case-folded"
        ),
        sa.ForeignKeyConstraint(
            ["environment_id"],
            ["environments.id"],
            name=op.f("fk_connection_references_environment_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_connection_references")),
        sa.UniqueConstraint(
            "environment_id", "key", name=op.f("uq_connection_references_environment_id_key")
        ),
    )
    op.create_table(
        "connections",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="surrogate key",
        ),
        sa.Column(
            "environment_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="environment",
        ),
        sa.Column(
            "key", sa.String(length=450), nullable=False, comment="connection name, case-folded"
        ),
        sa.ForeignKeyConstraint(
            ["environment_id"], ["environments.id"], name=op.f("fk_connections_environment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_connections")),
        sa.UniqueConstraint(
            "environment_id", "key", name=op.f("uq_connections_environment_id_key")
        ),
    )
    op.create_table(
        "connectors",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="surrogate key",
        ),
        sa.Column(
            "environment_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="environment",
        ),
        sa.Column(
            "key",
            sa.String(length=450),
            nullable=False,
            comment="runtime name, case-folded, dots as dashes; dv: and the row id before it has one",
        ),
        sa.ForeignKeyConstraint(
            ["environment_id"], ["environments.id"], name=op.f("fk_connectors_environment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_connectors")),
        sa.UniqueConstraint("environment_id", "key", name=op.f("uq_connectors_environment_id_key")),
    )
    op.create_table(
        "definitions",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="surrogate key",
        ),
        sa.Column(
            "sha256", sa.String(length=64), nullable=False, comment="hash of the bytes as received"
        ),
        sa.Column(
            "size_bytes",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="size as received",
        ),
        sa.Column("state", sa.String(length=64), nullable=False, comment="readable or unreadable"),
        sa.Column(
            "detail",
            sa.String(length=1000),
            nullable=True,
            comment="why it cannot be read, with the place",
        ),
        sa.Column(
            "content",
            sa.Text(),
            nullable=True,
            comment="the document with secrets redacted; null if it was too large to keep",
        ),
        sa.Column(
            "redactions",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="secrets replaced before storing",
        ),
        sa.Column("title", sa.String(length=1000), nullable=True, comment="title"),
        sa.Column(
            "version", sa.String(length=1000), nullable=True, comment="version its author gave it"
        ),
        sa.Column(
            "format", sa.String(length=64), nullable=True, comment="Swagger 2.0, OpenAPI 3.0, …"
        ),
        sa.Column("host", sa.String(length=1000), nullable=True, comment="host"),
        sa.Column("base_path", sa.String(length=1000), nullable=True, comment="base path"),
        sa.Column(
            "operations",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="number of operations",
        ),
        sa.Column(
            "triggers",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="of these, triggers",
        ),
        sa.Column(
            "deprecated",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="of these, deprecated",
        ),
        sa.Column(
            "undocumented",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="of these, without summary and description",
        ),
        sa.Column(
            "first_run",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="run that read it first",
        ),
        sa.ForeignKeyConstraint(["first_run"], ["runs.id"], name=op.f("fk_definitions_first_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_definitions")),
        sa.UniqueConstraint("sha256", name=op.f("uq_definitions_sha256")),
    )
    op.create_table(
        "environment_versions",
        sa.Column(
            "environment_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="whose",
        ),
        sa.Column(
            "from_run",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="first run that found it so",
        ),
        sa.Column(
            "name",
            sa.String(length=1000),
            nullable=False,
            comment="environment id as the platform spells it",
        ),
        sa.Column("display_name", sa.String(length=1000), nullable=True, comment="name people see"),
        sa.Column("description", sa.Text(), nullable=True, comment="description"),
        sa.Column(
            "sku",
            sa.String(length=64),
            nullable=True,
            comment="Production, Sandbox, Developer, Default, …",
        ),
        sa.Column(
            "location", sa.String(length=64), nullable=True, comment="geography, e.g. europe"
        ),
        sa.Column(
            "azure_region",
            sa.String(length=64),
            nullable=True,
            comment="Azure region, e.g. westeurope",
        ),
        sa.Column(
            "is_default", sa.Boolean(), nullable=False, comment="the tenant's default environment"
        ),
        sa.Column("managed", sa.Boolean(), nullable=False, comment="a Managed Environment"),
        sa.Column(
            "has_dataverse", sa.Boolean(), nullable=False, comment="has a Dataverse database"
        ),
        sa.Column(
            "organization_id",
            sa.String(length=64),
            nullable=True,
            comment="Dataverse organization id",
        ),
        sa.Column(
            "instance_url", sa.String(length=1000), nullable=True, comment="Dataverse web address"
        ),
        sa.Column(
            "api_url", sa.String(length=1000), nullable=True, comment="Dataverse Web API address"
        ),
        sa.Column(
            "state", sa.String(length=64), nullable=True, comment="runtime state, e.g. Enabled"
        ),
        sa.Column(
            "creator_key", sa.String(length=450), nullable=True, comment="object id of the creator"
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True, comment="created"),
        sa.Column(
            "presence", sa.String(length=64), nullable=False, comment="present, missing or gone"
        ),
        sa.Column(
            "presence_reason",
            sa.String(length=64),
            nullable=True,
            comment="why it is not present: unseen, deleted, environment or merged",
        ),
        sa.Column(
            "to_run",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="first run that found it otherwise",
        ),
        sa.ForeignKeyConstraint(
            ["environment_id"],
            ["environments.id"],
            name=op.f("fk_environment_versions_environment_id"),
        ),
        sa.ForeignKeyConstraint(
            ["from_run"], ["runs.id"], name=op.f("fk_environment_versions_from_run")
        ),
        sa.ForeignKeyConstraint(
            ["to_run"], ["runs.id"], name=op.f("fk_environment_versions_to_run")
        ),
        sa.PrimaryKeyConstraint("environment_id", "from_run", name=op.f("pk_environment_versions")),
    )
    with op.batch_alter_table("environment_versions", schema=None) as batch_op:
        batch_op.create_index(
            "uq_environment_versions_open",
            ["environment_id"],
            unique=True,
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )

    op.create_table(
        "flows",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="surrogate key",
        ),
        sa.Column(
            "environment_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="environment",
        ),
        sa.Column(
            "key",
            sa.String(length=450),
            nullable=False,
            comment="flow name, case-folded; or wf: and the row id",
        ),
        sa.ForeignKeyConstraint(
            ["environment_id"], ["environments.id"], name=op.f("fk_flows_environment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flows")),
        sa.UniqueConstraint("environment_id", "key", name=op.f("uq_flows_environment_id_key")),
    )
    op.create_table(
        "group_members",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="surrogate key",
        ),
        sa.Column(
            "group_key", sa.String(length=450), nullable=False, comment="object id of the group"
        ),
        sa.Column(
            "member_key", sa.String(length=450), nullable=False, comment="object id of the member"
        ),
        sa.Column(
            "from_run",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="first run that found it so",
        ),
        sa.Column(
            "to_run",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="first run that found it otherwise",
        ),
        sa.ForeignKeyConstraint(["from_run"], ["runs.id"], name=op.f("fk_group_members_from_run")),
        sa.ForeignKeyConstraint(["to_run"], ["runs.id"], name=op.f("fk_group_members_to_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_members")),
    )
    with op.batch_alter_table("group_members", schema=None) as batch_op:
        batch_op.create_index("ix_group_members_member_key", ["member_key"], unique=False)
        batch_op.create_index(
            "uq_group_members_open",
            ["group_key", "member_key"],
            unique=True,
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )

    op.create_table(
        "principal_versions",
        sa.Column(
            "principal_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="whose",
        ),
        sa.Column(
            "from_run",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="first run that found it so",
        ),
        sa.Column(
            "kind",
            sa.String(length=64),
            nullable=False,
            comment="user, guest, service_principal or group",
        ),
        sa.Column("display_name", sa.String(length=1000), nullable=True, comment="name people see"),
        sa.Column(
            "user_principal_name", sa.String(length=1000), nullable=True, comment="sign-in name"
        ),
        sa.Column("mail", sa.String(length=1000), nullable=True, comment="mail address"),
        sa.Column("enabled", sa.Boolean(), nullable=True, comment="may sign in"),
        sa.Column("department", sa.String(length=1000), nullable=True, comment="department"),
        sa.Column("job_title", sa.String(length=1000), nullable=True, comment="job title"),
        sa.Column("company", sa.String(length=1000), nullable=True, comment="company"),
        sa.Column(
            "manager_key", sa.String(length=450), nullable=True, comment="object id of the manager"
        ),
        sa.Column(
            "application_id",
            sa.String(length=64),
            nullable=True,
            comment="client id of a service principal",
        ),
        sa.Column(
            "preferred_language",
            sa.String(length=64),
            nullable=True,
            comment="language, e.g. de-DE",
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True, comment="created"),
        sa.Column(
            "deleted_at", sa.DateTime(timezone=True), nullable=True, comment="deleted in Entra"
        ),
        sa.Column(
            "presence", sa.String(length=64), nullable=False, comment="present, missing or gone"
        ),
        sa.Column(
            "presence_reason",
            sa.String(length=64),
            nullable=True,
            comment="why it is not present: unseen, deleted, environment or merged",
        ),
        sa.Column(
            "to_run",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="first run that found it otherwise",
        ),
        sa.ForeignKeyConstraint(
            ["from_run"], ["runs.id"], name=op.f("fk_principal_versions_from_run")
        ),
        sa.ForeignKeyConstraint(
            ["principal_id"], ["principals.id"], name=op.f("fk_principal_versions_principal_id")
        ),
        sa.ForeignKeyConstraint(["to_run"], ["runs.id"], name=op.f("fk_principal_versions_to_run")),
        sa.PrimaryKeyConstraint("principal_id", "from_run", name=op.f("pk_principal_versions")),
    )
    with op.batch_alter_table("principal_versions", schema=None) as batch_op:
        batch_op.create_index(
            "uq_principal_versions_open",
            ["principal_id"],
            unique=True,
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )

    op.create_table(
        "sightings",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="surrogate key",
        ),
        sa.Column("noun", sa.String(length=64), nullable=False, comment="table of the row seen"),
        sa.Column(
            "entity_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="surrogate key in that table",
        ),
        sa.Column("source", sa.String(length=64), nullable=False, comment="name of the source"),
        sa.Column(
            "from_run",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="first run that saw it",
        ),
        sa.Column(
            "to_run",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="first complete read without it",
        ),
        sa.Column(
            "last_run",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="latest run that saw it",
        ),
        sa.ForeignKeyConstraint(["from_run"], ["runs.id"], name=op.f("fk_sightings_from_run")),
        sa.ForeignKeyConstraint(["last_run"], ["runs.id"], name=op.f("fk_sightings_last_run")),
        sa.ForeignKeyConstraint(["to_run"], ["runs.id"], name=op.f("fk_sightings_to_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sightings")),
    )
    with op.batch_alter_table("sightings", schema=None) as batch_op:
        batch_op.create_index(
            "uq_sightings_open",
            ["noun", "entity_id", "source"],
            unique=True,
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )

    op.create_table(
        "steps",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="surrogate key",
        ),
        sa.Column(
            "run_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="run this step belongs to",
        ),
        sa.Column(
            "collector", sa.String(length=64), nullable=False, comment="name of the collector"
        ),
        sa.Column(
            "environment_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="scope; null for the tenant",
        ),
        sa.Column(
            "state",
            sa.String(length=64),
            nullable=False,
            comment="running, complete, partial, failed or skipped",
        ),
        sa.Column(
            "reason", sa.String(length=2000), nullable=True, comment="why it is not complete"
        ),
        sa.Column("identity", sa.String(length=200), nullable=True, comment="identity used"),
        sa.Column(
            "requests",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="HTTP requests sent",
        ),
        sa.Column(
            "retries",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="requests sent again",
        ),
        sa.Column(
            "throttled_seconds", sa.Double(), nullable=False, comment="seconds spent waiting"
        ),
        sa.Column(
            "bytes_received",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="bytes of reply bodies",
        ),
        sa.Column(
            "rows_seen",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="rows the sources returned",
        ),
        sa.Column(
            "rows_changed",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="rows opened, closed or altered",
        ),
        sa.Column(
            "watermark", sa.String(length=450), nullable=True, comment="how far a source was read"
        ),
        sa.Column(
            "fence",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="lease number the step wrote under",
        ),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False, comment="start"),
        sa.Column(
            "finished_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="end; null while running",
        ),
        sa.ForeignKeyConstraint(
            ["environment_id"], ["environments.id"], name=op.f("fk_steps_environment_id")
        ),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_steps_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_steps")),
        sa.UniqueConstraint(
            "run_id",
            "collector",
            "environment_id",
            name=op.f("uq_steps_run_id_collector_environment_id"),
        ),
    )
    with op.batch_alter_table("steps", schema=None) as batch_op:
        batch_op.create_index(
            "ix_steps_collector_environment_id_run_id",
            ["collector", "environment_id", "run_id"],
            unique=False,
        )

    op.create_table(
        "app_references",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="surrogate key",
        ),
        sa.Column(
            "app_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="app",
        ),
        sa.Column(
            "reference_key",
            sa.String(length=450),
            nullable=False,
            comment="key of the reference inside the app",
        ),
        sa.Column(
            "connector_key", sa.String(length=450), nullable=False, comment="connector it reaches"
        ),
        sa.Column(
            "connection_key",
            sa.String(length=450),
            nullable=True,
            comment="connection shared with the app",
        ),
        sa.Column(
            "from_run",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="first run that found it so",
        ),
        sa.Column(
            "to_run",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="first run that found it otherwise",
        ),
        sa.ForeignKeyConstraint(["app_id"], ["apps.id"], name=op.f("fk_app_references_app_id")),
        sa.ForeignKeyConstraint(["from_run"], ["runs.id"], name=op.f("fk_app_references_from_run")),
        sa.ForeignKeyConstraint(["to_run"], ["runs.id"], name=op.f("fk_app_references_to_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_app_references")),
    )
    with op.batch_alter_table("app_references", schema=None) as batch_op:
        batch_op.create_index("ix_app_references_connector_key", ["connector_key"], unique=False)
        batch_op.create_index(
            "uq_app_references_open",
            ["app_id", "reference_key"],
            unique=True,
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )

    op.create_table(
        "app_versions",
        sa.Column(
            "app_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="whose",
        ),
        sa.Column(
            "from_run",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="first run that found it so",
        ),
        sa.Column(
            "name",
            sa.String(length=1000),
            nullable=False,
            comment="app id as the platform spells it",
        ),
        sa.Column("display_name", sa.String(length=1000), nullable=True, comment="name people see"),
        sa.Column("app_type", sa.String(length=64), nullable=True, comment="kind of app"),
        sa.Column(
            "owner_key", sa.String(length=450), nullable=True, comment="object id of the owner"
        ),
        sa.Column(
            "creator_key", sa.String(length=450), nullable=True, comment="object id of the creator"
        ),
        sa.Column(
            "shared_users",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="users it is shared with directly",
        ),
        sa.Column(
            "shared_groups",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="groups it is shared with",
        ),
        sa.Column(
            "uses_premium", sa.Boolean(), nullable=True, comment="platform's premium flag, if told"
        ),
        sa.Column(
            "uses_custom", sa.Boolean(), nullable=True, comment="platform's custom flag, if told"
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True, comment="created"),
        sa.Column(
            "modified_at", sa.DateTime(timezone=True), nullable=True, comment="last modified"
        ),
        sa.Column(
            "published_at", sa.DateTime(timezone=True), nullable=True, comment="last published"
        ),
        sa.Column(
            "presence", sa.String(length=64), nullable=False, comment="present, missing or gone"
        ),
        sa.Column(
            "presence_reason",
            sa.String(length=64),
            nullable=True,
            comment="why it is not present: unseen, deleted, environment or merged",
        ),
        sa.Column(
            "to_run",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="first run that found it otherwise",
        ),
        sa.ForeignKeyConstraint(["app_id"], ["apps.id"], name=op.f("fk_app_versions_app_id")),
        sa.ForeignKeyConstraint(["from_run"], ["runs.id"], name=op.f("fk_app_versions_from_run")),
        sa.ForeignKeyConstraint(["to_run"], ["runs.id"], name=op.f("fk_app_versions_to_run")),
        sa.PrimaryKeyConstraint("app_id", "from_run", name=op.f("pk_app_versions")),
    )
    with op.batch_alter_table("app_versions", schema=None) as batch_op:
        batch_op.create_index(
            "uq_app_versions_open",
            ["app_id"],
            unique=True,
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )

    op.create_table(
        "connection_reference_versions",
        sa.Column(
            "connection_reference_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="whose",
        ),
        sa.Column(
            "from_run",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="first run that found it so",
        ),
        sa.Column("logical_name", sa.String(length=1000), nullable=False, comment="logical name"),
        sa.Column("display_name", sa.String(length=1000), nullable=True, comment="name people see"),
        sa.Column(
            "connector_key", sa.String(length=450), nullable=True, comment="connector it points to"
        ),
        sa.Column(
            "connector_row_key",
            sa.String(length=64),
            nullable=True,
            comment="Dataverse connector row",
        ),
        sa.Column(
            "connection_key",
            sa.String(length=450),
            nullable=True,
            comment="bound connection; null if unbound",
        ),
        sa.Column(
            "owner_key", sa.String(length=450), nullable=True, comment="object id of the owner"
        ),
        sa.Column("active", sa.Boolean(), nullable=True, comment="active rather than inactive"),
        sa.Column(
            "managed", sa.Boolean(), nullable=True, comment="installed by a managed solution"
        ),
        sa.Column(
            "prompting_behavior",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="0 prompt, 1 skip",
        ),
        sa.Column(
            "solution_id", sa.String(length=64), nullable=True, comment="Dataverse solution id"
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True, comment="created"),
        sa.Column(
            "modified_at", sa.DateTime(timezone=True), nullable=True, comment="last modified"
        ),
        sa.Column(
            "presence", sa.String(length=64), nullable=False, comment="present, missing or gone"
        ),
        sa.Column(
            "presence_reason",
            sa.String(length=64),
            nullable=True,
            comment="why it is not present: unseen, deleted, environment or merged",
        ),
        sa.Column(
            "to_run",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="first run that found it otherwise",
        ),
        sa.ForeignKeyConstraint(
            ["connection_reference_id"],
            ["connection_references.id"],
            name=op.f("fk_connection_reference_versions_connection_reference_id"),
        ),
        sa.ForeignKeyConstraint(
            ["from_run"], ["runs.id"], name=op.f("fk_connection_reference_versions_from_run")
        ),
        sa.ForeignKeyConstraint(
            ["to_run"], ["runs.id"], name=op.f("fk_connection_reference_versions_to_run")
        ),
        sa.PrimaryKeyConstraint(
            "connection_reference_id", "from_run", name=op.f("pk_connection_reference_versions")
        ),
    )
    with op.batch_alter_table("connection_reference_versions", schema=None) as batch_op:
        batch_op.create_index(
            "ix_connection_reference_versions_connector_key", ["connector_key"], unique=False
        )
        batch_op.create_index(
            "uq_connection_reference_versions_open",
            ["connection_reference_id"],
            unique=True,
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )

    op.create_table(
        "connection_versions",
        sa.Column(
            "connection_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="whose",
        ),
        sa.Column(
            "from_run",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="first run that found it so",
        ),
        sa.Column(
            "name",
            sa.String(length=1000),
            nullable=False,
            comment="connection name as the platform spells it",
        ),
        sa.Column(
            "connector_key",
            sa.String(length=450),
            nullable=False,
            comment="connector it belongs to",
        ),
        sa.Column("display_name", sa.String(length=1000), nullable=True, comment="name people see"),
        sa.Column(
            "account_name",
            sa.String(length=1000),
            nullable=True,
            comment="account it signs in as, if told",
        ),
        sa.Column(
            "creator_key", sa.String(length=450), nullable=True, comment="object id of its creator"
        ),
        sa.Column(
            "creator_name",
            sa.String(length=1000),
            nullable=True,
            comment="creator as the platform names it",
        ),
        sa.Column(
            "status",
            sa.String(length=64),
            nullable=True,
            comment="Error if any part is, else the first",
        ),
        sa.Column(
            "status_detail", sa.Text(), nullable=True, comment="error code and text, redacted"
        ),
        sa.Column("allow_sharing", sa.Boolean(), nullable=True, comment="may be shared"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True, comment="created"),
        sa.Column(
            "modified_at", sa.DateTime(timezone=True), nullable=True, comment="last modified"
        ),
        sa.Column(
            "expires_at", sa.DateTime(timezone=True), nullable=True, comment="expiry, if told"
        ),
        sa.Column(
            "presence", sa.String(length=64), nullable=False, comment="present, missing or gone"
        ),
        sa.Column(
            "presence_reason",
            sa.String(length=64),
            nullable=True,
            comment="why it is not present: unseen, deleted, environment or merged",
        ),
        sa.Column(
            "to_run",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="first run that found it otherwise",
        ),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name=op.f("fk_connection_versions_connection_id")
        ),
        sa.ForeignKeyConstraint(
            ["from_run"], ["runs.id"], name=op.f("fk_connection_versions_from_run")
        ),
        sa.ForeignKeyConstraint(
            ["to_run"], ["runs.id"], name=op.f("fk_connection_versions_to_run")
        ),
        sa.PrimaryKeyConstraint("connection_id", "from_run", name=op.f("pk_connection_versions")),
    )
    with op.batch_alter_table("connection_versions", schema=None) as batch_op:
        batch_op.create_index(
            "ix_connection_versions_connector_key", ["connector_key"], unique=False
        )
        batch_op.create_index(
            "uq_connection_versions_open",
            ["connection_id"],
            unique=True,
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )

    op.create_table(
        "connector_aliases",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="surrogate key",
        ),
        sa.Column(
            "connector_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="whose",
        ),
        sa.Column(
            "spelling", sa.String(length=450), nullable=False, comment="name exactly as seen"
        ),
        sa.Column(
            "source", sa.String(length=64), nullable=False, comment="source that used it first"
        ),
        sa.ForeignKeyConstraint(
            ["connector_id"], ["connectors.id"], name=op.f("fk_connector_aliases_connector_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_connector_aliases")),
        sa.UniqueConstraint(
            "connector_id", "spelling", name=op.f("uq_connector_aliases_connector_id_spelling")
        ),
    )
    with op.batch_alter_table("connector_aliases", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_connector_aliases_spelling"), ["spelling"], unique=False
        )

    op.create_table(
        "connector_permissions",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="surrogate key",
        ),
        sa.Column(
            "connector_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="connector",
        ),
        sa.Column(
            "principal_type",
            sa.String(length=64),
            nullable=False,
            comment="user, group, service_principal or tenant (everyone)",
        ),
        sa.Column(
            "principal_key",
            sa.String(length=450),
            nullable=False,
            comment="object id; the tenant id for everyone",
        ),
        sa.Column(
            "principal_name",
            sa.String(length=1000),
            nullable=True,
            comment="name as the platform tells it",
        ),
        sa.Column(
            "role",
            sa.String(length=64),
            nullable=False,
            comment="Owner, CanEdit, CanView or CanViewWithShare",
        ),
        sa.Column(
            "from_run",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="first run that found it so",
        ),
        sa.Column(
            "to_run",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="first run that found it otherwise",
        ),
        sa.ForeignKeyConstraint(
            ["connector_id"], ["connectors.id"], name=op.f("fk_connector_permissions_connector_id")
        ),
        sa.ForeignKeyConstraint(
            ["from_run"], ["runs.id"], name=op.f("fk_connector_permissions_from_run")
        ),
        sa.ForeignKeyConstraint(
            ["to_run"], ["runs.id"], name=op.f("fk_connector_permissions_to_run")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_connector_permissions")),
    )
    with op.batch_alter_table("connector_permissions", schema=None) as batch_op:
        batch_op.create_index(
            "ix_connector_permissions_principal_key", ["principal_key"], unique=False
        )
        batch_op.create_index(
            "uq_connector_permissions_open",
            ["connector_id", "principal_type", "principal_key", "role"],
            unique=True,
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )

    op.create_table(
        "connector_versions",
        sa.Column(
            "connector_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="whose",
        ),
        sa.Column(
            "from_run",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="first run that found it so",
        ),
        sa.Column(
            "name",
            sa.String(length=1000),
            nullable=True,
            comment="runtime name as the platform spells it",
        ),
        sa.Column("display_name", sa.String(length=1000), nullable=True, comment="name people see"),
        sa.Column("description", sa.Text(), nullable=True, comment="description"),
        sa.Column(
            "dataverse_id", sa.String(length=64), nullable=True, comment="id of its Dataverse row"
        ),
        sa.Column(
            "logical_name", sa.String(length=1000), nullable=True, comment="Dataverse logical name"
        ),
        sa.Column(
            "solution_id", sa.String(length=64), nullable=True, comment="Dataverse solution id"
        ),
        sa.Column(
            "managed", sa.Boolean(), nullable=True, comment="installed by a managed solution"
        ),
        sa.Column(
            "creator_key",
            sa.String(length=450),
            nullable=True,
            comment="object id of the original maker",
        ),
        sa.Column(
            "modifier_key",
            sa.String(length=450),
            nullable=True,
            comment="object id of the last editor",
        ),
        sa.Column(
            "dataverse_owner_key",
            sa.String(length=450),
            nullable=True,
            comment="owner of the Dataverse row",
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True, comment="created"),
        sa.Column(
            "changed_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="last changed at the platform",
        ),
        sa.Column(
            "tier", sa.String(length=64), nullable=True, comment="tier as the platform says it"
        ),
        sa.Column(
            "publisher",
            sa.String(length=1000),
            nullable=True,
            comment="publisher as written by its maker",
        ),
        sa.Column(
            "brand_color", sa.String(length=64), nullable=True, comment="icon colour, #rrggbb"
        ),
        sa.Column(
            "backend_url",
            sa.String(length=1000),
            nullable=True,
            comment="address the connector calls",
        ),
        sa.Column(
            "authentication",
            sa.String(length=1000),
            nullable=True,
            comment="how a connection signs in",
        ),
        sa.Column(
            "authentication_kinds",
            sa.JSON().with_variant(postgresql.JSONB(), "postgresql"),
            nullable=True,
            comment="the same as codes",
        ),
        sa.Column("client_id", sa.String(length=64), nullable=True, comment="OAuth client id"),
        sa.Column("gateway", sa.Boolean(), nullable=True, comment="reaches through a data gateway"),
        sa.Column(
            "connection_parameters",
            sa.JSON().with_variant(postgresql.JSONB(), "postgresql"),
            nullable=True,
            comment="connection parameters and sets, secrets redacted",
        ),
        sa.Column(
            "policies",
            sa.JSON().with_variant(postgresql.JSONB(), "postgresql"),
            nullable=True,
            comment="policies, secrets redacted",
        ),
        sa.Column(
            "script_operations",
            sa.JSON().with_variant(postgresql.JSONB(), "postgresql"),
            nullable=True,
            comment="operations with a script",
        ),
        sa.Column("has_script", sa.Boolean(), nullable=True, comment="runs custom code"),
        sa.Column(
            "definition_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="its OpenAPI document",
        ),
        sa.Column(
            "definition_state",
            sa.String(length=64),
            nullable=False,
            comment="readable, unreadable, absent or not_read",
        ),
        sa.Column(
            "definition_detail",
            sa.String(length=1000),
            nullable=True,
            comment="why it could not be read",
        ),
        sa.Column(
            "presence", sa.String(length=64), nullable=False, comment="present, missing or gone"
        ),
        sa.Column(
            "presence_reason",
            sa.String(length=64),
            nullable=True,
            comment="why it is not present: unseen, deleted, environment or merged",
        ),
        sa.Column(
            "to_run",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="first run that found it otherwise",
        ),
        sa.ForeignKeyConstraint(
            ["connector_id"], ["connectors.id"], name=op.f("fk_connector_versions_connector_id")
        ),
        sa.ForeignKeyConstraint(
            ["definition_id"], ["definitions.id"], name=op.f("fk_connector_versions_definition_id")
        ),
        sa.ForeignKeyConstraint(
            ["from_run"], ["runs.id"], name=op.f("fk_connector_versions_from_run")
        ),
        sa.ForeignKeyConstraint(["to_run"], ["runs.id"], name=op.f("fk_connector_versions_to_run")),
        sa.PrimaryKeyConstraint("connector_id", "from_run", name=op.f("pk_connector_versions")),
    )
    with op.batch_alter_table("connector_versions", schema=None) as batch_op:
        batch_op.create_index(
            "ix_connector_versions_definition_id", ["definition_id"], unique=False
        )
        batch_op.create_index(
            "uq_connector_versions_open",
            ["connector_id"],
            unique=True,
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )

    op.create_table(
        "definition_operations",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="surrogate key",
        ),
        sa.Column(
            "definition_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="definition",
        ),
        sa.Column(
            "ordinal",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="position in the document, from 0",
        ),
        sa.Column(
            "operation_id",
            sa.String(length=1000),
            nullable=True,
            comment="operationId, if it has one",
        ),
        sa.Column(
            "method", sa.String(length=64), nullable=False, comment="HTTP method, upper case"
        ),
        sa.Column("path", sa.Text(), nullable=False, comment="path template"),
        sa.Column("summary", sa.Text(), nullable=True, comment="summary"),
        sa.Column(
            "kind", sa.String(length=64), nullable=False, comment="action, trigger or internal"
        ),
        sa.Column(
            "visibility", sa.String(length=64), nullable=True, comment="x-ms-visibility, if given"
        ),
        sa.Column("deprecated", sa.Boolean(), nullable=False, comment="marked deprecated"),
        sa.Column(
            "parameters",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="number of parameters",
        ),
        sa.Column(
            "responses",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="number of responses",
        ),
        sa.ForeignKeyConstraint(
            ["definition_id"],
            ["definitions.id"],
            name=op.f("fk_definition_operations_definition_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_definition_operations")),
        sa.UniqueConstraint(
            "definition_id", "ordinal", name=op.f("uq_definition_operations_definition_id_ordinal")
        ),
    )
    op.create_table(
        "flow_operations",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="surrogate key",
        ),
        sa.Column(
            "flow_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="flow",
        ),
        sa.Column(
            "action",
            sa.String(length=1000),
            nullable=False,
            comment="name of the action or trigger in the flow",
        ),
        sa.Column(
            "is_trigger", sa.Boolean(), nullable=False, comment="a trigger rather than an action"
        ),
        sa.Column(
            "connector_key", sa.String(length=450), nullable=False, comment="connector it calls"
        ),
        sa.Column(
            "operation_id",
            sa.String(length=1000),
            nullable=True,
            comment="operation it calls, if it says so",
        ),
        sa.Column(
            "from_run",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="first run that found it so",
        ),
        sa.Column(
            "to_run",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="first run that found it otherwise",
        ),
        sa.ForeignKeyConstraint(["flow_id"], ["flows.id"], name=op.f("fk_flow_operations_flow_id")),
        sa.ForeignKeyConstraint(
            ["from_run"], ["runs.id"], name=op.f("fk_flow_operations_from_run")
        ),
        sa.ForeignKeyConstraint(["to_run"], ["runs.id"], name=op.f("fk_flow_operations_to_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flow_operations")),
    )
    with op.batch_alter_table("flow_operations", schema=None) as batch_op:
        batch_op.create_index("ix_flow_operations_connector_key", ["connector_key"], unique=False)
        batch_op.create_index(
            "uq_flow_operations_open",
            ["flow_id", "action", "is_trigger"],
            unique=True,
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )

    op.create_table(
        "flow_references",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="surrogate key",
        ),
        sa.Column(
            "flow_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="flow",
        ),
        sa.Column(
            "reference_key",
            sa.String(length=450),
            nullable=False,
            comment="key of the reference inside the flow",
        ),
        sa.Column(
            "connector_key", sa.String(length=450), nullable=False, comment="connector it reaches"
        ),
        sa.Column(
            "connection_key",
            sa.String(length=450),
            nullable=True,
            comment="connection used, if fixed",
        ),
        sa.Column(
            "logical_name",
            sa.String(length=450),
            nullable=True,
            comment="connection reference used",
        ),
        sa.Column(
            "invoker",
            sa.Boolean(),
            nullable=False,
            comment="runs with the invoking user's connection",
        ),
        sa.Column(
            "from_run",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="first run that found it so",
        ),
        sa.Column(
            "to_run",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="first run that found it otherwise",
        ),
        sa.ForeignKeyConstraint(["flow_id"], ["flows.id"], name=op.f("fk_flow_references_flow_id")),
        sa.ForeignKeyConstraint(
            ["from_run"], ["runs.id"], name=op.f("fk_flow_references_from_run")
        ),
        sa.ForeignKeyConstraint(["to_run"], ["runs.id"], name=op.f("fk_flow_references_to_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flow_references")),
    )
    with op.batch_alter_table("flow_references", schema=None) as batch_op:
        batch_op.create_index("ix_flow_references_connector_key", ["connector_key"], unique=False)
        batch_op.create_index(
            "uq_flow_references_open",
            ["flow_id", "reference_key"],
            unique=True,
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )

    op.create_table(
        "flow_versions",
        sa.Column(
            "flow_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="whose",
        ),
        sa.Column(
            "from_run",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="first run that found it so",
        ),
        sa.Column(
            "name", sa.String(length=1000), nullable=True, comment="flow id at the Flow service"
        ),
        sa.Column(
            "workflow_id", sa.String(length=64), nullable=True, comment="id of its Dataverse row"
        ),
        sa.Column("display_name", sa.String(length=1000), nullable=True, comment="name people see"),
        sa.Column(
            "state", sa.String(length=64), nullable=True, comment="Started, Stopped or Suspended"
        ),
        sa.Column(
            "creator_key", sa.String(length=450), nullable=True, comment="object id of the creator"
        ),
        sa.Column(
            "owner_key", sa.String(length=450), nullable=True, comment="owner of the Dataverse row"
        ),
        sa.Column(
            "trigger_kind", sa.String(length=64), nullable=True, comment="type of its trigger"
        ),
        sa.Column(
            "managed", sa.Boolean(), nullable=True, comment="installed by a managed solution"
        ),
        sa.Column(
            "solution_id", sa.String(length=64), nullable=True, comment="Dataverse solution id"
        ),
        sa.Column(
            "definition_state",
            sa.String(length=64),
            nullable=False,
            comment="readable, unreadable or not_read",
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True, comment="created"),
        sa.Column(
            "modified_at", sa.DateTime(timezone=True), nullable=True, comment="last modified"
        ),
        sa.Column(
            "presence", sa.String(length=64), nullable=False, comment="present, missing or gone"
        ),
        sa.Column(
            "presence_reason",
            sa.String(length=64),
            nullable=True,
            comment="why it is not present: unseen, deleted, environment or merged",
        ),
        sa.Column(
            "to_run",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="first run that found it otherwise",
        ),
        sa.ForeignKeyConstraint(["flow_id"], ["flows.id"], name=op.f("fk_flow_versions_flow_id")),
        sa.ForeignKeyConstraint(["from_run"], ["runs.id"], name=op.f("fk_flow_versions_from_run")),
        sa.ForeignKeyConstraint(["to_run"], ["runs.id"], name=op.f("fk_flow_versions_to_run")),
        sa.PrimaryKeyConstraint("flow_id", "from_run", name=op.f("pk_flow_versions")),
    )
    with op.batch_alter_table("flow_versions", schema=None) as batch_op:
        batch_op.create_index(
            "uq_flow_versions_open",
            ["flow_id"],
            unique=True,
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )

    op.create_table(
        "ownership_answers",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="surrogate key",
        ),
        sa.Column(
            "connector_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="connector",
        ),
        sa.Column(
            "state",
            sa.String(length=64),
            nullable=False,
            comment="verdict, e.g. owned, departed_owner, nobody",
        ),
        sa.Column(
            "owner_key",
            sa.String(length=450),
            nullable=True,
            comment="object id of the owner it rests on",
        ),
        sa.Column(
            "reason", sa.String(length=1000), nullable=False, comment="the proof in one sentence"
        ),
        sa.Column(
            "from_run",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="first run that found it so",
        ),
        sa.Column(
            "to_run",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="first run that found it otherwise",
        ),
        sa.ForeignKeyConstraint(
            ["connector_id"], ["connectors.id"], name=op.f("fk_ownership_answers_connector_id")
        ),
        sa.ForeignKeyConstraint(
            ["from_run"], ["runs.id"], name=op.f("fk_ownership_answers_from_run")
        ),
        sa.ForeignKeyConstraint(["to_run"], ["runs.id"], name=op.f("fk_ownership_answers_to_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ownership_answers")),
    )
    with op.batch_alter_table("ownership_answers", schema=None) as batch_op:
        batch_op.create_index("ix_ownership_answers_owner_key", ["owner_key"], unique=False)
        batch_op.create_index(
            "uq_ownership_answers_open",
            ["connector_id"],
            unique=True,
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )

    op.create_table(
        "step_sources",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="surrogate key",
        ),
        sa.Column(
            "step_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="step",
        ),
        sa.Column("source", sa.String(length=64), nullable=False, comment="name of the source"),
        sa.Column(
            "outcome",
            sa.String(length=64),
            nullable=False,
            comment="complete, partial, refused, failed or skipped",
        ),
        sa.Column(
            "reason", sa.String(length=2000), nullable=True, comment="cause and cure, one line"
        ),
        sa.Column(
            "rows",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="rows this source returned",
        ),
        sa.ForeignKeyConstraint(["step_id"], ["steps.id"], name=op.f("fk_step_sources_step_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_step_sources")),
        sa.UniqueConstraint("step_id", "source", name=op.f("uq_step_sources_step_id_source")),
    )


def downgrade() -> None:

    op.drop_table("step_sources")
    with op.batch_alter_table("ownership_answers", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_ownership_answers_open",
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )
        batch_op.drop_index("ix_ownership_answers_owner_key")

    op.drop_table("ownership_answers")
    with op.batch_alter_table("flow_versions", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_flow_versions_open",
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )

    op.drop_table("flow_versions")
    with op.batch_alter_table("flow_references", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_flow_references_open",
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )
        batch_op.drop_index("ix_flow_references_connector_key")

    op.drop_table("flow_references")
    with op.batch_alter_table("flow_operations", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_flow_operations_open",
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )
        batch_op.drop_index("ix_flow_operations_connector_key")

    op.drop_table("flow_operations")
    op.drop_table("definition_operations")
    with op.batch_alter_table("connector_versions", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_connector_versions_open",
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )
        batch_op.drop_index("ix_connector_versions_definition_id")

    op.drop_table("connector_versions")
    with op.batch_alter_table("connector_permissions", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_connector_permissions_open",
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )
        batch_op.drop_index("ix_connector_permissions_principal_key")

    op.drop_table("connector_permissions")
    with op.batch_alter_table("connector_aliases", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_connector_aliases_spelling"))

    op.drop_table("connector_aliases")
    with op.batch_alter_table("connection_versions", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_connection_versions_open",
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )
        batch_op.drop_index("ix_connection_versions_connector_key")

    op.drop_table("connection_versions")
    with op.batch_alter_table("connection_reference_versions", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_connection_reference_versions_open",
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )
        batch_op.drop_index("ix_connection_reference_versions_connector_key")

    op.drop_table("connection_reference_versions")
    with op.batch_alter_table("app_versions", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_app_versions_open",
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )

    op.drop_table("app_versions")
    with op.batch_alter_table("app_references", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_app_references_open",
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )
        batch_op.drop_index("ix_app_references_connector_key")

    op.drop_table("app_references")
    with op.batch_alter_table("steps", schema=None) as batch_op:
        batch_op.drop_index("ix_steps_collector_environment_id_run_id")

    op.drop_table("steps")
    with op.batch_alter_table("sightings", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_sightings_open",
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )

    op.drop_table("sightings")
    with op.batch_alter_table("principal_versions", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_principal_versions_open",
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )

    op.drop_table("principal_versions")
    with op.batch_alter_table("group_members", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_group_members_open",
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )
        batch_op.drop_index("ix_group_members_member_key")

    op.drop_table("group_members")
    op.drop_table("flows")
    with op.batch_alter_table("environment_versions", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_environment_versions_open",
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )

    op.drop_table("environment_versions")
    op.drop_table("definitions")
    op.drop_table("connectors")
    op.drop_table("connections")
    op.drop_table("connection_references")
    with op.batch_alter_table("assessments", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_assessments_run_id"))

    op.drop_table("assessments")
    op.drop_table("apps")
    op.drop_table("store_tenant")
    with op.batch_alter_table("runs", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_runs_started_at"))

    op.drop_table("runs")
    op.drop_table("principals")
    op.drop_table("leases")
    op.drop_table("environments")
