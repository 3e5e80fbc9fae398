"""Create the permissions of apps and flows

Revision: 0009
Follows: 0008
Created: 2026-11-23
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "app_permissions",
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
        sa.ForeignKeyConstraint(["app_id"], ["apps.id"], name=op.f("fk_app_permissions_app_id")),
        sa.ForeignKeyConstraint(
            ["from_run"], ["runs.id"], name=op.f("fk_app_permissions_from_run")
        ),
        sa.ForeignKeyConstraint(["to_run"], ["runs.id"], name=op.f("fk_app_permissions_to_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_app_permissions")),
    )
    with op.batch_alter_table("app_permissions", schema=None) as batch_op:
        batch_op.create_index("ix_app_permissions_principal_key", ["principal_key"], unique=False)
        batch_op.create_index(
            "uq_app_permissions_open",
            ["app_id", "principal_type", "principal_key", "role"],
            unique=True,
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )

    op.create_table(
        "flow_permissions",
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
            "role",
            sa.String(length=64),
            nullable=False,
            comment="Owner and CanEdit may change it; CanView and others may only run it",
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
            ["flow_id"], ["flows.id"], name=op.f("fk_flow_permissions_flow_id")
        ),
        sa.ForeignKeyConstraint(
            ["from_run"], ["runs.id"], name=op.f("fk_flow_permissions_from_run")
        ),
        sa.ForeignKeyConstraint(["to_run"], ["runs.id"], name=op.f("fk_flow_permissions_to_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flow_permissions")),
    )
    with op.batch_alter_table("flow_permissions", schema=None) as batch_op:
        batch_op.create_index("ix_flow_permissions_principal_key", ["principal_key"], unique=False)
        batch_op.create_index(
            "uq_flow_permissions_open",
            ["flow_id", "principal_type", "principal_key", "role"],
            unique=True,
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )


def downgrade() -> None:
    with op.batch_alter_table("flow_permissions", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_flow_permissions_open",
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )
        batch_op.drop_index("ix_flow_permissions_principal_key")

    op.drop_table("flow_permissions")
    with op.batch_alter_table("app_permissions", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_app_permissions_open",
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )
        batch_op.drop_index("ix_app_permissions_principal_key")

    op.drop_table("app_permissions")
