"""Create the permissions of connections, and keep identities of other tenants

Revision: 0015
Follows: 0014
Created: 2026-11-23
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("connection_versions", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "creator_tenant",
                sa.String(length=64),
                nullable=True,
                comment="its creator's tenant, if another",
            )
        )
        batch_op.add_column(
            sa.Column(
                "account_tenant",
                sa.String(length=64),
                nullable=True,
                comment="its account's tenant, if another",
            )
        )

    op.create_table(
        "connection_permissions",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="surrogate key",
        ),
        sa.Column(
            "connection_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="connection",
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
            ["connection_id"],
            ["connections.id"],
            name=op.f("fk_connection_permissions_connection_id"),
        ),
        sa.ForeignKeyConstraint(
            ["from_run"], ["runs.id"], name=op.f("fk_connection_permissions_from_run")
        ),
        sa.ForeignKeyConstraint(
            ["to_run"], ["runs.id"], name=op.f("fk_connection_permissions_to_run")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_connection_permissions")),
    )
    with op.batch_alter_table("connection_permissions", schema=None) as batch_op:
        batch_op.create_index(
            "ix_connection_permissions_principal_key", ["principal_key"], unique=False
        )
        batch_op.create_index(
            "uq_connection_permissions_open",
            ["connection_id", "principal_type", "principal_key", "role"],
            unique=True,
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )


def downgrade() -> None:
    with op.batch_alter_table("connection_permissions", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_connection_permissions_open",
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )
        batch_op.drop_index("ix_connection_permissions_principal_key")

    op.drop_table("connection_permissions")
    with op.batch_alter_table("connection_versions", schema=None) as batch_op:
        batch_op.drop_column("account_tenant")
        batch_op.drop_column("creator_tenant")
