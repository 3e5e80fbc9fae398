"""Create connectors, their definitions and permissions

Revision: 0003
Follows: 0002
Created: 2026-11-23
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
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


def downgrade() -> None:
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
    op.drop_table("definitions")
    op.drop_table("connectors")
