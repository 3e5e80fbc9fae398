"""Create the history of environments and people

Revision: 0002
Follows: 0001
Created: 2026-11-23
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
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


def downgrade() -> None:
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
    with op.batch_alter_table("environment_versions", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_environment_versions_open",
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )
    op.drop_table("environment_versions")
    op.drop_table("principals")
