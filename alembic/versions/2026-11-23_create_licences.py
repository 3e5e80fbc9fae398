"""Create licences, billing policies and allocations

Revision: 0007
Follows: 0006
Created: 2026-11-23
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "billing_policies",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="surrogate key",
        ),
        sa.Column(
            "key", sa.String(length=450), nullable=False, comment="id of the policy, case-folded"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_policies")),
        sa.UniqueConstraint("key", name=op.f("uq_billing_policies_key")),
    )
    op.create_table(
        "licence_skus",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="surrogate key",
        ),
        sa.Column(
            "key", sa.String(length=450), nullable=False, comment="id of the SKU, case-folded"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_licence_skus")),
        sa.UniqueConstraint("key", name=op.f("uq_licence_skus_key")),
    )
    op.create_table(
        "billing_policy_environments",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="surrogate key",
        ),
        sa.Column(
            "billing_policy_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="policy",
        ),
        sa.Column(
            "environment_key",
            sa.String(length=450),
            nullable=False,
            comment="environment, case-folded",
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
            ["billing_policy_id"],
            ["billing_policies.id"],
            name=op.f("fk_billing_policy_environments_billing_policy_id"),
        ),
        sa.ForeignKeyConstraint(
            ["from_run"], ["runs.id"], name=op.f("fk_billing_policy_environments_from_run")
        ),
        sa.ForeignKeyConstraint(
            ["to_run"], ["runs.id"], name=op.f("fk_billing_policy_environments_to_run")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_policy_environments")),
    )
    with op.batch_alter_table("billing_policy_environments", schema=None) as batch_op:
        batch_op.create_index(
            "ix_billing_policy_environments_environment_key", ["environment_key"], unique=False
        )
        batch_op.create_index(
            "uq_billing_policy_environments_open",
            ["billing_policy_id", "environment_key"],
            unique=True,
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )

    op.create_table(
        "billing_policy_versions",
        sa.Column(
            "billing_policy_id",
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
        sa.Column("name", sa.String(length=1000), nullable=True, comment="name people see"),
        sa.Column(
            "kind", sa.String(length=64), nullable=True, comment="type of the policy, as told"
        ),
        sa.Column("status", sa.String(length=64), nullable=True, comment="Enabled or Disabled"),
        sa.Column("location", sa.String(length=64), nullable=True, comment="region of the policy"),
        sa.Column(
            "subscription_id",
            sa.String(length=64),
            nullable=True,
            comment="Azure subscription that pays",
        ),
        sa.Column(
            "resource_group", sa.String(length=1000), nullable=True, comment="its resource group"
        ),
        sa.Column(
            "meters",
            sa.JSON().with_variant(postgresql.JSONB(), "postgresql"),
            nullable=True,
            comment="whether each meter is on, by its name; empty if not told",
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
            ["billing_policy_id"],
            ["billing_policies.id"],
            name=op.f("fk_billing_policy_versions_billing_policy_id"),
        ),
        sa.ForeignKeyConstraint(
            ["from_run"], ["runs.id"], name=op.f("fk_billing_policy_versions_from_run")
        ),
        sa.ForeignKeyConstraint(
            ["to_run"], ["runs.id"], name=op.f("fk_billing_policy_versions_to_run")
        ),
        sa.PrimaryKeyConstraint(
            "billing_policy_id", "from_run", name=op.f("pk_billing_policy_versions")
        ),
    )
    with op.batch_alter_table("billing_policy_versions", schema=None) as batch_op:
        batch_op.create_index(
            "uq_billing_policy_versions_open",
            ["billing_policy_id"],
            unique=True,
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )

    op.create_table(
        "environment_allocations",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="surrogate key",
        ),
        sa.Column(
            "environment_key",
            sa.String(length=450),
            nullable=False,
            comment="environment, case-folded",
        ),
        sa.Column(
            "currency",
            sa.String(length=64),
            nullable=False,
            comment="what is handed out, e.g. AppPass",
        ),
        sa.Column(
            "allocated",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="units handed out",
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
            ["from_run"], ["runs.id"], name=op.f("fk_environment_allocations_from_run")
        ),
        sa.ForeignKeyConstraint(
            ["to_run"], ["runs.id"], name=op.f("fk_environment_allocations_to_run")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_environment_allocations")),
    )
    with op.batch_alter_table("environment_allocations", schema=None) as batch_op:
        batch_op.create_index(
            "uq_environment_allocations_open",
            ["environment_key", "currency"],
            unique=True,
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )

    op.create_table(
        "licence_assignments",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="surrogate key",
        ),
        sa.Column(
            "principal_key",
            sa.String(length=450),
            nullable=False,
            comment="object id of the user or guest",
        ),
        sa.Column(
            "sku_key", sa.String(length=450), nullable=False, comment="id of the SKU, case-folded"
        ),
        sa.Column(
            "disabled_plans",
            sa.JSON().with_variant(postgresql.JSONB(), "postgresql"),
            nullable=False,
            comment="ids of plans switched off, sorted",
        ),
        sa.Column(
            "direct",
            sa.Boolean(),
            nullable=True,
            comment="assigned to the person; empty if not told",
        ),
        sa.Column(
            "group_keys",
            sa.JSON().with_variant(postgresql.JSONB(), "postgresql"),
            nullable=True,
            comment="object ids of the groups it comes from, sorted; empty if not told",
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
            ["from_run"], ["runs.id"], name=op.f("fk_licence_assignments_from_run")
        ),
        sa.ForeignKeyConstraint(
            ["to_run"], ["runs.id"], name=op.f("fk_licence_assignments_to_run")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_licence_assignments")),
    )
    with op.batch_alter_table("licence_assignments", schema=None) as batch_op:
        batch_op.create_index("ix_licence_assignments_sku_key", ["sku_key"], unique=False)
        batch_op.create_index(
            "uq_licence_assignments_open",
            ["principal_key", "sku_key"],
            unique=True,
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )

    op.create_table(
        "licence_sku_versions",
        sa.Column(
            "sku_id",
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
            "part_number", sa.String(length=1000), nullable=True, comment="e.g. POWERAPPS_PER_USER"
        ),
        sa.Column(
            "capability_status",
            sa.String(length=64),
            nullable=True,
            comment="Enabled, Warning, Suspended, LockedOut or Deleted",
        ),
        sa.Column("applies_to", sa.String(length=64), nullable=True, comment="User or Company"),
        sa.Column(
            "consumed",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="units assigned",
        ),
        sa.Column(
            "enabled",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="units bought and usable",
        ),
        sa.Column(
            "warning",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="units past their end, still usable",
        ),
        sa.Column(
            "suspended",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="units suspended",
        ),
        sa.Column(
            "locked_out",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="units locked out",
        ),
        sa.Column(
            "service_plans",
            sa.JSON().with_variant(postgresql.JSONB(), "postgresql"),
            nullable=True,
            comment="plans inside: id, name, provisioning status, whom each applies to",
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
            ["from_run"], ["runs.id"], name=op.f("fk_licence_sku_versions_from_run")
        ),
        sa.ForeignKeyConstraint(
            ["sku_id"], ["licence_skus.id"], name=op.f("fk_licence_sku_versions_sku_id")
        ),
        sa.ForeignKeyConstraint(
            ["to_run"], ["runs.id"], name=op.f("fk_licence_sku_versions_to_run")
        ),
        sa.PrimaryKeyConstraint("sku_id", "from_run", name=op.f("pk_licence_sku_versions")),
    )
    with op.batch_alter_table("licence_sku_versions", schema=None) as batch_op:
        batch_op.create_index(
            "uq_licence_sku_versions_open",
            ["sku_id"],
            unique=True,
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )


def downgrade() -> None:
    with op.batch_alter_table("licence_sku_versions", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_licence_sku_versions_open",
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )

    op.drop_table("licence_sku_versions")
    with op.batch_alter_table("licence_assignments", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_licence_assignments_open",
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )
        batch_op.drop_index("ix_licence_assignments_sku_key")

    op.drop_table("licence_assignments")
    with op.batch_alter_table("environment_allocations", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_environment_allocations_open",
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )

    op.drop_table("environment_allocations")
    with op.batch_alter_table("billing_policy_versions", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_billing_policy_versions_open",
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )

    op.drop_table("billing_policy_versions")
    with op.batch_alter_table("billing_policy_environments", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_billing_policy_environments_open",
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )
        batch_op.drop_index("ix_billing_policy_environments_environment_key")

    op.drop_table("billing_policy_environments")
    op.drop_table("licence_skus")
    op.drop_table("billing_policies")
