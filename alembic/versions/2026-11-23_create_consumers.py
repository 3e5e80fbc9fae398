"""Create flows and apps, with what they refer to

Revision: 0005
Follows: 0004
Created: 2026-11-23
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
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


def downgrade() -> None:
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
    op.drop_table("flows")
    op.drop_table("apps")
