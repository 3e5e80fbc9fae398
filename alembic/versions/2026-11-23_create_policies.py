"""Create policies over connectors, and the answers that follow from them

Revision: 0018
Follows: 0017
Created: 2026-11-23
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "data_policies",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="surrogate key",
        ),
        sa.Column(
            "key", sa.String(length=450), nullable=False, comment="id of the policy, case-folded"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_policies")),
        sa.UniqueConstraint("key", name=op.f("uq_data_policies_key")),
    )
    op.create_table(
        "data_policy_connectors",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="surrogate key",
        ),
        sa.Column(
            "data_policy_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="policy",
        ),
        sa.Column(
            "environment_key",
            sa.String(length=450),
            nullable=False,
            comment="environment its path names, case-folded; empty text where it names none",
        ),
        sa.Column(
            "connector_key", sa.String(length=450), nullable=False, comment="key of the connector"
        ),
        sa.Column(
            "data_group",
            sa.String(length=64),
            nullable=False,
            comment="business, non_business, blocked or allowed",
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
            ["data_policy_id"],
            ["data_policies.id"],
            name=op.f("fk_data_policy_connectors_data_policy_id"),
        ),
        sa.ForeignKeyConstraint(
            ["from_run"], ["runs.id"], name=op.f("fk_data_policy_connectors_from_run")
        ),
        sa.ForeignKeyConstraint(
            ["to_run"], ["runs.id"], name=op.f("fk_data_policy_connectors_to_run")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_policy_connectors")),
    )
    with op.batch_alter_table("data_policy_connectors", schema=None) as batch_op:
        batch_op.create_index(
            "ix_data_policy_connectors_connector_key", ["connector_key"], unique=False
        )
        batch_op.create_index(
            "uq_data_policy_connectors_open",
            ["data_policy_id", "environment_key", "connector_key"],
            unique=True,
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )

    op.create_table(
        "data_policy_patterns",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="surrogate key",
        ),
        sa.Column(
            "data_policy_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="policy",
        ),
        sa.Column(
            "position",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="place in the list: the first match decides",
        ),
        sa.Column(
            "pattern",
            sa.String(length=1000),
            nullable=False,
            comment="address; * stands for anything",
        ),
        sa.Column(
            "data_group",
            sa.String(length=64),
            nullable=False,
            comment="business, non_business, blocked or ignore",
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
            ["data_policy_id"],
            ["data_policies.id"],
            name=op.f("fk_data_policy_patterns_data_policy_id"),
        ),
        sa.ForeignKeyConstraint(
            ["from_run"], ["runs.id"], name=op.f("fk_data_policy_patterns_from_run")
        ),
        sa.ForeignKeyConstraint(
            ["to_run"], ["runs.id"], name=op.f("fk_data_policy_patterns_to_run")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_policy_patterns")),
    )
    with op.batch_alter_table("data_policy_patterns", schema=None) as batch_op:
        batch_op.create_index(
            "uq_data_policy_patterns_open",
            ["data_policy_id", "position"],
            unique=True,
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )

    op.create_table(
        "data_policy_rules",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="surrogate key",
        ),
        sa.Column(
            "data_policy_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="policy",
        ),
        sa.Column(
            "environment_key",
            sa.String(length=450),
            nullable=False,
            comment="environment its path names, case-folded; empty text where it names none",
        ),
        sa.Column(
            "connector_key", sa.String(length=450), nullable=False, comment="key of the connector"
        ),
        sa.Column(
            "kind",
            sa.String(length=64),
            nullable=False,
            comment="action, other_actions or endpoint",
        ),
        sa.Column(
            "position",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="place among those of its kind, from 1",
        ),
        sa.Column(
            "subject",
            sa.String(length=1000),
            nullable=False,
            comment="operation id or address; * for all others",
        ),
        sa.Column("allowed", sa.Boolean(), nullable=False, comment="may be used"),
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
            ["data_policy_id"],
            ["data_policies.id"],
            name=op.f("fk_data_policy_rules_data_policy_id"),
        ),
        sa.ForeignKeyConstraint(
            ["from_run"], ["runs.id"], name=op.f("fk_data_policy_rules_from_run")
        ),
        sa.ForeignKeyConstraint(["to_run"], ["runs.id"], name=op.f("fk_data_policy_rules_to_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_policy_rules")),
    )
    with op.batch_alter_table("data_policy_rules", schema=None) as batch_op:
        batch_op.create_index(
            "uq_data_policy_rules_open",
            ["data_policy_id", "environment_key", "connector_key", "kind", "position"],
            unique=True,
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )

    op.create_table(
        "data_policy_targets",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="surrogate key",
        ),
        sa.Column(
            "data_policy_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="policy",
        ),
        sa.Column("kind", sa.String(length=64), nullable=False, comment="environment or group"),
        sa.Column(
            "target_key",
            sa.String(length=450),
            nullable=False,
            comment="environment or group, case-folded",
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
            ["data_policy_id"],
            ["data_policies.id"],
            name=op.f("fk_data_policy_targets_data_policy_id"),
        ),
        sa.ForeignKeyConstraint(
            ["from_run"], ["runs.id"], name=op.f("fk_data_policy_targets_from_run")
        ),
        sa.ForeignKeyConstraint(
            ["to_run"], ["runs.id"], name=op.f("fk_data_policy_targets_to_run")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_policy_targets")),
    )
    with op.batch_alter_table("data_policy_targets", schema=None) as batch_op:
        batch_op.create_index("ix_data_policy_targets_target_key", ["target_key"], unique=False)
        batch_op.create_index(
            "uq_data_policy_targets_open",
            ["data_policy_id", "kind", "target_key"],
            unique=True,
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )

    op.create_table(
        "data_policy_versions",
        sa.Column(
            "data_policy_id",
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
            "system",
            sa.String(length=64),
            nullable=False,
            comment="data_policy, or allow_list for an advanced connector policy",
        ),
        sa.Column(
            "reach",
            sa.String(length=64),
            nullable=True,
            comment="AllEnvironments, ExceptEnvironments, OnlyEnvironments, SingleEnvironment, Assigned",
        ),
        sa.Column(
            "default_group",
            sa.String(length=64),
            nullable=True,
            comment="business, non_business or blocked: where a connector falls that nothing names",
        ),
        sa.Column(
            "patterns_read", sa.Boolean(), nullable=False, comment="its URL patterns have been told"
        ),
        sa.Column(
            "targets_read", sa.Boolean(), nullable=False, comment="where it applies has been told"
        ),
        sa.Column(
            "exempt",
            sa.JSON().with_variant(postgresql.JSONB(), "postgresql"),
            nullable=True,
            comment="resources it exempts, as told; empty if not told",
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
            ["data_policy_id"],
            ["data_policies.id"],
            name=op.f("fk_data_policy_versions_data_policy_id"),
        ),
        sa.ForeignKeyConstraint(
            ["from_run"], ["runs.id"], name=op.f("fk_data_policy_versions_from_run")
        ),
        sa.ForeignKeyConstraint(
            ["to_run"], ["runs.id"], name=op.f("fk_data_policy_versions_to_run")
        ),
        sa.PrimaryKeyConstraint("data_policy_id", "from_run", name=op.f("pk_data_policy_versions")),
    )
    with op.batch_alter_table("data_policy_versions", schema=None) as batch_op:
        batch_op.create_index(
            "uq_data_policy_versions_open",
            ["data_policy_id"],
            unique=True,
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )

    op.create_table(
        "policy_answers",
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
            "data_group",
            sa.String(length=64),
            nullable=False,
            comment="blocked, unknown, business, non_business, or unrestricted if no policy applies",
        ),
        sa.Column(
            "rule",
            sa.String(length=64),
            nullable=False,
            comment="what decides: name, pattern, default, allow_list, unread or none",
        ),
        sa.Column(
            "policies",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="policies that apply",
        ),
        sa.Column(
            "reason",
            sa.String(length=1000),
            nullable=False,
            comment="the policies that decide, and how",
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
            ["connector_id"], ["connectors.id"], name=op.f("fk_policy_answers_connector_id")
        ),
        sa.ForeignKeyConstraint(["from_run"], ["runs.id"], name=op.f("fk_policy_answers_from_run")),
        sa.ForeignKeyConstraint(["to_run"], ["runs.id"], name=op.f("fk_policy_answers_to_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_answers")),
    )
    with op.batch_alter_table("policy_answers", schema=None) as batch_op:
        batch_op.create_index(
            "uq_policy_answers_open",
            ["connector_id"],
            unique=True,
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )

    with op.batch_alter_table("environment_versions", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "group_key",
                sa.String(length=450),
                nullable=True,
                comment="group it belongs to, case-folded",
            )
        )


def downgrade() -> None:
    with op.batch_alter_table("environment_versions", schema=None) as batch_op:
        batch_op.drop_column("group_key")

    with op.batch_alter_table("policy_answers", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_policy_answers_open",
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )

    op.drop_table("policy_answers")
    with op.batch_alter_table("data_policy_versions", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_data_policy_versions_open",
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )

    op.drop_table("data_policy_versions")
    with op.batch_alter_table("data_policy_targets", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_data_policy_targets_open",
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )
        batch_op.drop_index("ix_data_policy_targets_target_key")

    op.drop_table("data_policy_targets")
    with op.batch_alter_table("data_policy_rules", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_data_policy_rules_open",
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )

    op.drop_table("data_policy_rules")
    with op.batch_alter_table("data_policy_patterns", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_data_policy_patterns_open",
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )

    op.drop_table("data_policy_patterns")
    with op.batch_alter_table("data_policy_connectors", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_data_policy_connectors_open",
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )
        batch_op.drop_index("ix_data_policy_connectors_connector_key")

    op.drop_table("data_policy_connectors")
    op.drop_table("data_policies")
