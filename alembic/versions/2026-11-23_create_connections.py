"""Create connections and connection references

Revision: 0004
Follows: 0003
Created: 2026-11-23
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
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


def downgrade() -> None:
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
    op.drop_table("connections")
    op.drop_table("connection_references")
