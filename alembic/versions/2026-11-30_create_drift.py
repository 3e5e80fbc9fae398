"""Keep comparisons of definitions, families of connectors, and what people accepted

Revision: 0030
Follows: 0029
Created: 2026-11-30
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "comparisons",
        sa.Column("id", BIG, nullable=False, comment="surrogate key"),
        sa.Column(
            "digest",
            sa.String(length=64),
            nullable=False,
            comment="SHA-256 of both sides, how they are compared and the rules' version",
        ),
        sa.Column(
            "purpose",
            sa.String(length=64),
            nullable=False,
            comment="history, environments or upstream",
        ),
        sa.Column(
            "rules_version",
            sa.String(length=64),
            nullable=False,
            comment="version of the rules it was made by",
        ),
        sa.Column("before_definition_id", BIG, nullable=True, comment="definition compared with"),
        sa.Column("after_definition_id", BIG, nullable=True, comment="definition compared"),
        sa.Column(
            "verdict",
            sa.String(length=64),
            nullable=False,
            comment="breaking, risky, compatible, cosmetic or identical",
        ),
        sa.Column("breaking", BIG, nullable=False, comment="breaking changes"),
        sa.Column("risky", BIG, nullable=False, comment="risky changes"),
        sa.Column("compatible", BIG, nullable=False, comment="compatible changes"),
        sa.Column(
            "cosmetic", BIG, nullable=False, comment="cosmetic changes, expected ones among them"
        ),
        sa.Column("expected", BIG, nullable=False, comment="changes that are meant to be"),
        sa.Column(
            "cut",
            sa.Boolean(),
            nullable=False,
            comment="there are more changes than are kept; the counts are of all",
        ),
        sa.Column("first_run", BIG, nullable=False, comment="run that asked for it first"),
        sa.ForeignKeyConstraint(
            ["after_definition_id"],
            ["definitions.id"],
            name=op.f("fk_comparisons_after_definition_id"),
        ),
        sa.ForeignKeyConstraint(
            ["before_definition_id"],
            ["definitions.id"],
            name=op.f("fk_comparisons_before_definition_id"),
        ),
        sa.ForeignKeyConstraint(["first_run"], ["runs.id"], name=op.f("fk_comparisons_first_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comparisons")),
        sa.UniqueConstraint("digest", name=op.f("uq_comparisons_digest")),
    )
    op.create_table(
        "family_answers",
        sa.Column("id", BIG, nullable=False, comment="surrogate key"),
        sa.Column("connector_id", BIG, nullable=False, comment="connector"),
        sa.Column(
            "family_key",
            sa.String(length=450),
            nullable=False,
            comment="its family; one of its own if it stands alone",
        ),
        sa.Column(
            "family_name", sa.String(length=1000), nullable=False, comment="name of the family"
        ),
        sa.Column(
            "rule",
            sa.String(length=64),
            nullable=False,
            comment="logical_name, solution_component, lineage, override or alone",
        ),
        sa.Column("reason", sa.String(length=1000), nullable=False, comment="why it belongs there"),
        sa.Column(
            "reference_connector_id", BIG, nullable=False, comment="connector it is compared with"
        ),
        sa.Column(
            "is_reference", sa.Boolean(), nullable=False, comment="it is that connector itself"
        ),
        sa.Column(
            "reference_reason",
            sa.String(length=1000),
            nullable=True,
            comment="why that one is the reference",
        ),
        sa.Column("from_run", BIG, nullable=False, comment="first run that found it so"),
        sa.Column("to_run", BIG, nullable=True, comment="first run that found it otherwise"),
        sa.ForeignKeyConstraint(
            ["connector_id"], ["connectors.id"], name=op.f("fk_family_answers_connector_id")
        ),
        sa.ForeignKeyConstraint(["from_run"], ["runs.id"], name=op.f("fk_family_answers_from_run")),
        sa.ForeignKeyConstraint(
            ["reference_connector_id"],
            ["connectors.id"],
            name=op.f("fk_family_answers_reference_connector_id"),
        ),
        sa.ForeignKeyConstraint(["to_run"], ["runs.id"], name=op.f("fk_family_answers_to_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_family_answers")),
    )
    with op.batch_alter_table("family_answers", schema=None) as batch_op:
        batch_op.create_index("ix_family_answers_family_key", ["family_key"], unique=False)
        batch_op.create_index(
            "uq_family_answers_open",
            ["connector_id"],
            unique=True,
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )

    op.create_table(
        "acceptances",
        sa.Column("id", BIG, nullable=False, comment="surrogate key"),
        sa.Column(
            "connector_id", BIG, nullable=True, comment="connector it holds for; null for a family"
        ),
        sa.Column(
            "family_key",
            sa.String(length=450),
            nullable=True,
            comment="family it holds for; null for a connector",
        ),
        sa.Column(
            "fingerprint", sa.String(length=64), nullable=False, comment="the change, as a fact"
        ),
        sa.Column(
            "comparison_id", BIG, nullable=False, comment="comparison in which it was accepted"
        ),
        sa.Column("rule", sa.String(length=64), nullable=False, comment="rule that found it"),
        sa.Column("severity", sa.String(length=64), nullable=False, comment="how bad it was then"),
        sa.Column("reason", sa.Text(), nullable=False, comment="why it was accepted"),
        sa.Column("until", sa.Date(), nullable=False, comment="last day for which it is accepted"),
        sa.Column(
            "accepted_by",
            sa.String(length=1000),
            nullable=False,
            comment="who accepted it, as that person said",
        ),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False, comment="when"),
        sa.Column(
            "withdrawn_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when it was withdrawn, if it was",
        ),
        sa.Column("withdrawn_by", sa.String(length=1000), nullable=True, comment="by whom"),
        sa.Column("withdrawn_reason", sa.Text(), nullable=True, comment="why"),
        sa.CheckConstraint(
            "(connector_id IS NULL) <> (family_key IS NULL)", name=op.f("ck_acceptances_one_scope")
        ),
        sa.ForeignKeyConstraint(
            ["comparison_id"], ["comparisons.id"], name=op.f("fk_acceptances_comparison_id")
        ),
        sa.ForeignKeyConstraint(
            ["connector_id"], ["connectors.id"], name=op.f("fk_acceptances_connector_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acceptances")),
    )
    with op.batch_alter_table("acceptances", schema=None) as batch_op:
        batch_op.create_index("ix_acceptances_fingerprint", ["fingerprint"], unique=False)
        batch_op.create_index("ix_acceptances_until", ["until"], unique=False)
        batch_op.create_index(
            "uq_acceptances_connector",
            ["connector_id", "fingerprint"],
            unique=True,
            sqlite_where=sa.text("withdrawn_at IS NULL"),
            postgresql_where=sa.text("withdrawn_at IS NULL"),
        )
        batch_op.create_index(
            "uq_acceptances_family",
            ["family_key", "fingerprint"],
            unique=True,
            sqlite_where=sa.text("withdrawn_at IS NULL"),
            postgresql_where=sa.text("withdrawn_at IS NULL"),
        )

    op.create_table(
        "comparison_changes",
        sa.Column("comparison_id", BIG, nullable=False, comment="comparison"),
        sa.Column(
            "ordinal", BIG, autoincrement=False, nullable=False, comment="place in the list, from 0"
        ),
        sa.Column(
            "rule",
            sa.String(length=64),
            nullable=False,
            comment="rule that found it (docs/drift.md)",
        ),
        sa.Column(
            "severity",
            sa.String(length=64),
            nullable=False,
            comment="breaking, risky, compatible or cosmetic",
        ),
        sa.Column(
            "direction",
            sa.String(length=64),
            nullable=False,
            comment="request, response or connector",
        ),
        sa.Column(
            "operation_id",
            sa.String(length=1000),
            nullable=True,
            comment="operation on the side before, of an addition after; METHOD /path without an id",
        ),
        sa.Column("method", sa.String(length=64), nullable=True, comment="HTTP method, upper case"),
        sa.Column("path", sa.Text(), nullable=True, comment="path template"),
        sa.Column(
            "kind",
            sa.String(length=64),
            nullable=True,
            comment="place of a parameter: query, path, …",
        ),
        sa.Column("name", sa.String(length=1000), nullable=True, comment="name of a parameter"),
        sa.Column("status", sa.String(length=64), nullable=True, comment="status of a response"),
        sa.Column(
            "property",
            sa.String(length=1000),
            nullable=True,
            comment="property of a body or response, by path",
        ),
        sa.Column("before", sa.Text(), nullable=True, comment="what was there, as JSON, bounded"),
        sa.Column("after", sa.Text(), nullable=True, comment="what is there now, as JSON, bounded"),
        sa.Column("message", sa.Text(), nullable=False, comment="what happened and why it matters"),
        sa.Column(
            "expected",
            sa.String(length=1000),
            nullable=True,
            comment="why it is meant to be; null if not",
        ),
        sa.Column(
            "fingerprint",
            sa.String(length=64),
            nullable=False,
            comment="what an acceptance of it is tied to",
        ),
        sa.ForeignKeyConstraint(
            ["comparison_id"], ["comparisons.id"], name=op.f("fk_comparison_changes_comparison_id")
        ),
        sa.PrimaryKeyConstraint("comparison_id", "ordinal", name=op.f("pk_comparison_changes")),
    )
    with op.batch_alter_table("comparison_changes", schema=None) as batch_op:
        batch_op.create_index("ix_comparison_changes_fingerprint", ["fingerprint"], unique=False)

    op.create_table(
        "definition_steps",
        sa.Column("id", BIG, nullable=False, comment="surrogate key"),
        sa.Column("connector_id", BIG, nullable=False, comment="connector"),
        sa.Column("run_id", BIG, nullable=False, comment="run that found the new version"),
        sa.Column(
            "before_run",
            BIG,
            nullable=True,
            comment="run of the version it is compared with: the last one that could be read",
        ),
        sa.Column(
            "verdict",
            sa.String(length=64),
            nullable=False,
            comment="breaking, risky, compatible, cosmetic, identical, unreadable or unknown",
        ),
        sa.Column("comparison_id", BIG, nullable=True, comment="what was compared"),
        sa.Column(
            "reason",
            sa.String(length=1000),
            nullable=True,
            comment="why it is unreadable or unknown",
        ),
        sa.ForeignKeyConstraint(
            ["before_run"], ["runs.id"], name=op.f("fk_definition_steps_before_run")
        ),
        sa.ForeignKeyConstraint(
            ["comparison_id"], ["comparisons.id"], name=op.f("fk_definition_steps_comparison_id")
        ),
        sa.ForeignKeyConstraint(
            ["connector_id"], ["connectors.id"], name=op.f("fk_definition_steps_connector_id")
        ),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_definition_steps_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_definition_steps")),
        sa.UniqueConstraint(
            "connector_id", "run_id", name=op.f("uq_definition_steps_connector_id_run_id")
        ),
    )
    with op.batch_alter_table("definition_steps", schema=None) as batch_op:
        batch_op.create_index("ix_definition_steps_run_id", ["run_id"], unique=False)

    op.create_table(
        "drift_answers",
        sa.Column("id", BIG, nullable=False, comment="surrogate key"),
        sa.Column("connector_id", BIG, nullable=False, comment="connector"),
        sa.Column(
            "state",
            sa.String(length=64),
            nullable=False,
            comment="same, expected, cosmetic, compatible, risky, breaking, unreadable or unknown",
        ),
        sa.Column(
            "against_connector_id",
            BIG,
            nullable=True,
            comment="reference; null if it is that itself",
        ),
        sa.Column("comparison_id", BIG, nullable=True, comment="what was compared"),
        sa.Column(
            "reason",
            sa.String(length=1000),
            nullable=True,
            comment="why it is unreadable or unknown",
        ),
        sa.Column("from_run", BIG, nullable=False, comment="first run that found it so"),
        sa.Column("to_run", BIG, nullable=True, comment="first run that found it otherwise"),
        sa.ForeignKeyConstraint(
            ["against_connector_id"],
            ["connectors.id"],
            name=op.f("fk_drift_answers_against_connector_id"),
        ),
        sa.ForeignKeyConstraint(
            ["comparison_id"], ["comparisons.id"], name=op.f("fk_drift_answers_comparison_id")
        ),
        sa.ForeignKeyConstraint(
            ["connector_id"], ["connectors.id"], name=op.f("fk_drift_answers_connector_id")
        ),
        sa.ForeignKeyConstraint(["from_run"], ["runs.id"], name=op.f("fk_drift_answers_from_run")),
        sa.ForeignKeyConstraint(["to_run"], ["runs.id"], name=op.f("fk_drift_answers_to_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drift_answers")),
    )
    with op.batch_alter_table("drift_answers", schema=None) as batch_op:
        batch_op.create_index("ix_drift_answers_comparison_id", ["comparison_id"], unique=False)
        batch_op.create_index(
            "uq_drift_answers_open",
            ["connector_id"],
            unique=True,
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )

    with op.batch_alter_table("assessments", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "steps_through",
                BIG,
                nullable=True,
                comment="last run whose replaced definitions are compared; null if none is",
            )
        )

    with op.batch_alter_table("connector_versions", schema=None) as batch_op:
        batch_op.create_index("ix_connector_versions_from_run", ["from_run"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("connector_versions", schema=None) as batch_op:
        batch_op.drop_index("ix_connector_versions_from_run")

    with op.batch_alter_table("assessments", schema=None) as batch_op:
        batch_op.drop_column("steps_through")

    with op.batch_alter_table("drift_answers", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_drift_answers_open",
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )
        batch_op.drop_index("ix_drift_answers_comparison_id")

    op.drop_table("drift_answers")
    with op.batch_alter_table("definition_steps", schema=None) as batch_op:
        batch_op.drop_index("ix_definition_steps_run_id")

    op.drop_table("definition_steps")
    with op.batch_alter_table("comparison_changes", schema=None) as batch_op:
        batch_op.drop_index("ix_comparison_changes_fingerprint")

    op.drop_table("comparison_changes")
    with op.batch_alter_table("acceptances", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_acceptances_family",
            sqlite_where=sa.text("withdrawn_at IS NULL"),
            postgresql_where=sa.text("withdrawn_at IS NULL"),
        )
        batch_op.drop_index(
            "uq_acceptances_connector",
            sqlite_where=sa.text("withdrawn_at IS NULL"),
            postgresql_where=sa.text("withdrawn_at IS NULL"),
        )
        batch_op.drop_index("ix_acceptances_until")
        batch_op.drop_index("ix_acceptances_fingerprint")

    op.drop_table("acceptances")
    with op.batch_alter_table("family_answers", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_family_answers_open",
            sqlite_where=sa.text("to_run IS NULL"),
            postgresql_where=sa.text("to_run IS NULL"),
        )
        batch_op.drop_index("ix_family_answers_family_key")

    op.drop_table("family_answers")
    op.drop_table("comparisons")
