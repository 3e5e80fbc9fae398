"""Create registered applications and their credentials

Revision: 0008
Follows: 0007
Created: 2026-11-23
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "app_registrations",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="surrogate key",
        ),
        sa.Column("key", sa.String(length=450), nullable=False, comment="client id, case-folded"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_app_registrations")),
        sa.UniqueConstraint("key", name=op.f("uq_app_registrations_key")),
    )
    op.create_table(
        "app_credentials",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="surrogate key",
        ),
        sa.Column(
            "holder_key",
            sa.String(length=450),
            nullable=False,
            comment="object id of what carries it",
        ),
        sa.Column(
            "holder",
            sa.String(length=64),
            nullable=False,
            comment="application or service_principal",
        ),
        sa.Column(
            "client_key",
            sa.String(length=450),
            nullable=False,
            comment="client id of the application, case-folded",
        ),
        sa.Column(
            "credential_key",
            sa.String(length=450),
            nullable=False,
            comment="id of the credential, case-folded",
        ),
        sa.Column("kind", sa.String(length=64), nullable=False, comment="secret or certificate"),
        sa.Column(
            "display_name",
            sa.String(length=1000),
            nullable=True,
            comment="what its maker called it",
        ),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True, comment="valid from"),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True, comment="valid until"),
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
            ["from_run"], ["runs.id"], name=op.f("fk_app_credentials_from_run")
        ),
        sa.ForeignKeyConstraint(["to_run"], ["runs.id"], name=op.f("fk_app_credentials_to_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_app_credentials")),
    )
    with op.batch_alter_table("app_credentials", schema=None) as batch_op:
        batch_op.create_index("ix_app_credentials_client_key", ["client_key"], unique=False)
        batch_op.create_index(
            "uq_app_credentials_open",
            ["holder_key", "credential_key"],
            unique=True,
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )

    op.create_table(
        "app_registration_versions",
        sa.Column(
            "app_registration_id",
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
            "object_id",
            sa.String(length=450),
            nullable=False,
            comment="object id of the registration",
        ),
        sa.Column("display_name", sa.String(length=1000), nullable=True, comment="name people see"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True, comment="registered"),
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
            ["app_registration_id"],
            ["app_registrations.id"],
            name=op.f("fk_app_registration_versions_app_registration_id"),
        ),
        sa.ForeignKeyConstraint(
            ["from_run"], ["runs.id"], name=op.f("fk_app_registration_versions_from_run")
        ),
        sa.ForeignKeyConstraint(
            ["to_run"], ["runs.id"], name=op.f("fk_app_registration_versions_to_run")
        ),
        sa.PrimaryKeyConstraint(
            "app_registration_id", "from_run", name=op.f("pk_app_registration_versions")
        ),
    )
    with op.batch_alter_table("app_registration_versions", schema=None) as batch_op:
        batch_op.create_index(
            "uq_app_registration_versions_open",
            ["app_registration_id"],
            unique=True,
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )


def downgrade() -> None:
    with op.batch_alter_table("app_registration_versions", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_app_registration_versions_open",
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )

    op.drop_table("app_registration_versions")
    with op.batch_alter_table("app_credentials", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_app_credentials_open",
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )
        batch_op.drop_index("ix_app_credentials_client_key")

    op.drop_table("app_credentials")
    op.drop_table("app_registrations")
