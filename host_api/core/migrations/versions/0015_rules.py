"""Rules: the draft, frozen versions, publications and what was in force, trials.

Revision: 0015, after 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_IDENTIFIER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.DateTime(timezone=True)
_TABLES = (
    "rule_drafts",
    "draft_rules",
    "rule_editions",
    "rule_versions",
    "rule_version_contents",
    "rule_publications",
    "rule_tables",
    "rule_trials",
)


def upgrade() -> None:
    """Apply."""
    _create_draft()
    _create_versions()
    _create_publications()
    _create_trials()


def downgrade() -> None:
    """Take back."""
    for table in reversed(_TABLES):
        op.drop_table(table)


def _create_draft() -> None:
    op.create_table(
        "rule_drafts",
        sa.Column("programme_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("head", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name="fk_rule_drafts_programme_id_programmes"
        ),
        sa.PrimaryKeyConstraint("programme_id", name="pk_rule_drafts"),
    )
    op.create_table(
        "draft_rules",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("rule_id", sa.String(16), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("form", sa.String(6), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name="fk_draft_rules_programme_id_programmes"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_draft_rules"),
        sa.UniqueConstraint("programme_id", "rule_id", name="uq_draft_rules_programme_id_rule_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_draft_rules_programme_id_place_id", "draft_rules", ["programme_id", "place", "id"])
    op.create_table(
        "rule_editions",
        sa.Column("programme_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("rule_id", sa.String(16), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("content_sha256", sa.LargeBinary(32), nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name="fk_rule_editions_programme_id_programmes"
        ),
        sa.PrimaryKeyConstraint("programme_id", "rule_id", name="pk_rule_editions"),
    )


def _create_versions() -> None:
    op.create_table(
        "rule_versions",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("state", sa.String(9), nullable=False),
        sa.Column("note", sa.String(200), nullable=False),
        sa.Column("rules", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=True),
        sa.Column("errors", sa.Integer(), nullable=True),
        sa.Column("report", sa.JSON(), nullable=True),
        sa.Column("frozen_by", sa.String(72), nullable=False),
        sa.Column("frozen_by_name", sa.String(100), nullable=False),
        sa.Column("frozen_at", _INSTANT, nullable=False),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name="fk_rule_versions_programme_id_programmes"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_rule_versions"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_rule_versions_programme_id_digest", "rule_versions", ["programme_id", "digest"])
    op.create_index("ix_rule_versions_programme_id_id", "rule_versions", ["programme_id", "id"])
    op.create_table(
        "rule_version_contents",
        sa.Column("version_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("packed_table", sa.LargeBinary(), nullable=True),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name="fk_rule_version_contents_programme_id_programmes"
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["rule_versions.id"], name="fk_rule_version_contents_version_id_rule_versions"
        ),
        sa.PrimaryKeyConstraint("version_id", name="pk_rule_version_contents"),
    )


def _create_publications() -> None:
    op.create_table(
        "rule_publications",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("state", sa.String(9), nullable=False),
        sa.Column("version_id", sa.BigInteger(), nullable=True),
        sa.Column("wanted_table_version", sa.Integer(), nullable=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("expected_version", sa.Integer(), nullable=False),
        sa.Column("publish_at", _INSTANT, nullable=True),
        sa.Column("is_despite_errors", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("asked_by", sa.String(72), nullable=False),
        sa.Column("asked_by_name", sa.String(100), nullable=False),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("decided_by", sa.String(72), nullable=True),
        sa.Column("decided_by_name", sa.String(100), nullable=True),
        sa.Column("decided_at", _INSTANT, nullable=True),
        sa.Column("note", sa.String(200), nullable=True),
        sa.Column("table_version", sa.Integer(), nullable=True),
        sa.Column("failure", sa.String(11), nullable=True),
        sa.Column("response_code", sa.String(2), nullable=True),
        sa.Column("found_version", sa.Integer(), nullable=True),
        sa.Column("finished_at", _INSTANT, nullable=True),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name="fk_rule_publications_programme_id_programmes"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_rule_publications"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_rule_publications_programme_id_digest", "rule_publications", ["programme_id", "digest"]
    )
    op.create_index("ix_rule_publications_programme_id_id", "rule_publications", ["programme_id", "id"])
    op.create_index(
        "ix_rule_publications_programme_id_state_id", "rule_publications", ["programme_id", "state", "id"]
    )
    op.create_table(
        "rule_tables",
        sa.Column("programme_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("table_version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("since", _INSTANT, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name="fk_rule_tables_programme_id_programmes"
        ),
        sa.PrimaryKeyConstraint("programme_id", "table_version", name="pk_rule_tables"),
    )


def _create_trials() -> None:
    op.create_table(
        "rule_trials",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("work", sa.String(8), nullable=False),
        sa.Column("state", sa.String(9), nullable=False),
        sa.Column("version_id", sa.BigInteger(), nullable=True),
        sa.Column("against_version_id", sa.BigInteger(), nullable=True),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("sales", sa.JSON(), nullable=False),
        sa.Column("sales_file_id", sa.BigInteger(), nullable=True),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=True),
        sa.Column("refusal", sa.JSON(), nullable=True),
        sa.Column("report_file_id", sa.BigInteger(), nullable=True),
        sa.Column("asked_by_name", sa.String(100), nullable=False),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("finished_at", _INSTANT, nullable=True),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name="fk_rule_trials_programme_id_programmes"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_rule_trials"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_rule_trials_programme_id_asked_at", "rule_trials", ["programme_id", "asked_at"])
    op.create_index("ix_rule_trials_programme_id_id", "rule_trials", ["programme_id", "id"])
