"""Create agents

Revision: 0016
Follows: 0015
Created: 2026-11-23
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "agents",
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
        sa.Column("key", sa.String(length=450), nullable=False, comment="agent id, case-folded"),
        sa.ForeignKeyConstraint(
            ["environment_id"], ["environments.id"], name=op.f("fk_agents_environment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agents")),
        sa.UniqueConstraint("environment_id", "key", name=op.f("uq_agents_environment_id_key")),
    )
    op.create_table(
        "agent_operations",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="surrogate key",
        ),
        sa.Column(
            "agent_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="agent",
        ),
        sa.Column(
            "action",
            sa.String(length=1000),
            nullable=False,
            comment="schema name of the tool or topic, and which of its calls where it has several",
        ),
        sa.Column(
            "connector_key",
            sa.String(length=450),
            nullable=True,
            comment="connector it calls; null if nothing tells what its connection reference points to",
        ),
        sa.Column(
            "operation_id",
            sa.String(length=1000),
            nullable=True,
            comment="operation it calls, if it says so",
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
            nullable=True,
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
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agents.id"], name=op.f("fk_agent_operations_agent_id")
        ),
        sa.ForeignKeyConstraint(
            ["from_run"], ["runs.id"], name=op.f("fk_agent_operations_from_run")
        ),
        sa.ForeignKeyConstraint(["to_run"], ["runs.id"], name=op.f("fk_agent_operations_to_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agent_operations")),
    )
    with op.batch_alter_table("agent_operations", schema=None) as batch_op:
        batch_op.create_index("ix_agent_operations_connector_key", ["connector_key"], unique=False)
        batch_op.create_index(
            "uq_agent_operations_open",
            ["agent_id", "action"],
            unique=True,
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )

    op.create_table(
        "agent_versions",
        sa.Column(
            "agent_id",
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
            comment="agent id as the platform spells it",
        ),
        sa.Column(
            "schema_name",
            sa.String(length=1000),
            nullable=True,
            comment="schema name in its solution",
        ),
        sa.Column("display_name", sa.String(length=1000), nullable=True, comment="name people see"),
        sa.Column(
            "owner_key", sa.String(length=450), nullable=True, comment="object id of the owner"
        ),
        sa.Column("active", sa.Boolean(), nullable=True, comment="active rather than inactive"),
        sa.Column(
            "managed", sa.Boolean(), nullable=True, comment="installed by a managed solution"
        ),
        sa.Column(
            "solution_id", sa.String(length=64), nullable=True, comment="Dataverse solution id"
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True, comment="created"),
        sa.Column(
            "modified_at", sa.DateTime(timezone=True), nullable=True, comment="last modified"
        ),
        sa.Column(
            "published_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="last published; null if never",
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
            ["agent_id"], ["agents.id"], name=op.f("fk_agent_versions_agent_id")
        ),
        sa.ForeignKeyConstraint(["from_run"], ["runs.id"], name=op.f("fk_agent_versions_from_run")),
        sa.ForeignKeyConstraint(["to_run"], ["runs.id"], name=op.f("fk_agent_versions_to_run")),
        sa.PrimaryKeyConstraint("agent_id", "from_run", name=op.f("pk_agent_versions")),
    )
    with op.batch_alter_table("agent_versions", schema=None) as batch_op:
        batch_op.create_index(
            "uq_agent_versions_open",
            ["agent_id"],
            unique=True,
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )


def downgrade() -> None:
    with op.batch_alter_table("agent_versions", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_agent_versions_open",
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )

    op.drop_table("agent_versions")
    with op.batch_alter_table("agent_operations", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_agent_operations_open",
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )
        batch_op.drop_index("ix_agent_operations_connector_key")

    op.drop_table("agent_operations")
    op.drop_table("agents")
