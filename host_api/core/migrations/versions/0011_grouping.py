"""Tiers, groups, guilds, organisations and sub-clubs.

Revision: 0011, after 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_IDENTIFIER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.DateTime(timezone=True)
_ACTIVE = sa.text("state = 'active'")


def upgrade() -> None:
    """Apply."""
    _make_registers()
    _make_tiers()
    _make_groups()
    op.create_index("ix_members_programme_id_id", "members", ["programme_id", "id"])


def downgrade() -> None:
    """Take back."""
    op.drop_index("ix_members_programme_id_id", table_name="members")
    for table in (
        "member_group_members",
        "member_group_computations",
        "tiers",
        "tier_policies",
        "tier_changes",
        "tier_assignments",
        "sub_clubs",
        "organisations",
        "member_tiers",
        "member_groups",
        "guilds",
    ):
        op.drop_table(table)


def _programme_reference(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["programme_id"], ["programmes.id"], name=f"fk_{table}_programme_id_programmes"
    )


def _make_registers() -> None:
    op.create_table(
        "guilds",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("code", sa.String(16), nullable=False),
        sa.Column("title", sa.String(60), nullable=False),
        sa.Column("title_fa", sa.String(60), nullable=False),
        sa.Column("sector", sa.String(16), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        _programme_reference("guilds"),
        sa.PrimaryKeyConstraint("id", name="pk_guilds"),
        sa.UniqueConstraint("programme_id", "code", name="uq_guilds_programme_id_code"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "organisations",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("code", sa.String(16), nullable=False),
        sa.Column("title", sa.String(100), nullable=False),
        sa.Column("title_fa", sa.String(100), nullable=False),
        sa.Column("contact_name_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("contact_phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("contract_from", sa.Date(), nullable=True),
        sa.Column("contract_to", sa.Date(), nullable=True),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        _programme_reference("organisations"),
        sa.PrimaryKeyConstraint("id", name="pk_organisations"),
        sa.UniqueConstraint("programme_id", "code", name="uq_organisations_programme_id_code"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "sub_clubs",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("code", sa.String(16), nullable=False),
        sa.Column("title", sa.String(60), nullable=False),
        sa.Column("title_fa", sa.String(60), nullable=False),
        sa.Column("policy", sa.String(1000), nullable=True),
        sa.Column("earns", sa.Boolean(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        _programme_reference("sub_clubs"),
        sa.PrimaryKeyConstraint("id", name="pk_sub_clubs"),
        sa.UniqueConstraint("programme_id", "code", name="uq_sub_clubs_programme_id_code"),
        sqlite_autoincrement=True,
    )


def _make_tiers() -> None:
    op.create_table(
        "member_tiers",
        sa.Column("programme_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("member_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("tier", sa.String(16), nullable=False),
        sa.Column("earned_tier", sa.String(16), nullable=False),
        sa.Column("since", _INSTANT, nullable=False),
        sa.Column("valid_until", _INSTANT, nullable=True),
        _programme_reference("member_tiers"),
        sa.PrimaryKeyConstraint("programme_id", "member_id", name="pk_member_tiers"),
    )
    op.create_table(
        "tier_assignments",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("tier", sa.String(16), nullable=False),
        sa.Column("is_exact", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("until", _INSTANT, nullable=True),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("asked_by", sa.String(72), nullable=False),
        sa.Column("asked_by_name", sa.String(100), nullable=False),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("decided_by_name", sa.String(100), nullable=True),
        sa.Column("decided_at", _INSTANT, nullable=True),
        sa.Column("ended_at", _INSTANT, nullable=True),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        _programme_reference("tier_assignments"),
        sa.PrimaryKeyConstraint("id", name="pk_tier_assignments"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_tier_assignments_programme_id_member_id_id",
        "tier_assignments",
        ["programme_id", "member_id", "id"],
    )
    op.create_index(
        "ix_tier_assignments_programme_id_state_id", "tier_assignments", ["programme_id", "state", "id"]
    )
    op.create_index(
        "uq_tier_assignments_active",
        "tier_assignments",
        ["programme_id", "member_id"],
        unique=True,
        sqlite_where=_ACTIVE,
        postgresql_where=_ACTIVE,
    )
    op.create_table(
        "tier_changes",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("from_tier", sa.String(16), nullable=False),
        sa.Column("to_tier", sa.String(16), nullable=False),
        sa.Column("cause", sa.String(16), nullable=False),
        sa.Column("assignment_id", sa.BigInteger(), nullable=True),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        _programme_reference("tier_changes"),
        sa.PrimaryKeyConstraint("id", name="pk_tier_changes"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_tier_changes_programme_id_id", "tier_changes", ["programme_id", "id"])
    op.create_index(
        "ix_tier_changes_programme_id_member_id_id", "tier_changes", ["programme_id", "member_id", "id"]
    )
    op.create_table(
        "tier_policies",
        sa.Column("programme_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("window", sa.String(8), nullable=False),
        sa.Column("rolling_days", sa.Integer(), nullable=False),
        sa.Column("downgrade", sa.String(10), nullable=False),
        sa.Column("grace_days", sa.Integer(), nullable=False),
        sa.Column("purse", sa.String(32), nullable=False),
        sa.Column("steps_alone", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        _programme_reference("tier_policies"),
        sa.PrimaryKeyConstraint("programme_id", name="pk_tier_policies"),
    )
    op.create_table(
        "tiers",
        sa.Column("programme_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("code", sa.String(16), nullable=False),
        sa.Column("title", sa.String(60), nullable=False),
        sa.Column("title_fa", sa.String(60), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("colour", sa.String(7), nullable=False),
        sa.Column("match", sa.String(3), nullable=False),
        sa.Column("criteria", sa.JSON(), nullable=False),
        sa.Column("benefits", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        _programme_reference("tiers"),
        sa.PrimaryKeyConstraint("programme_id", "code", name="pk_tiers"),
        sa.UniqueConstraint("programme_id", "rank", name="uq_tiers_programme_id_rank"),
    )


def _make_groups() -> None:
    op.create_table(
        "member_groups",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("code", sa.String(16), nullable=False),
        sa.Column("title", sa.String(60), nullable=False),
        sa.Column("title_fa", sa.String(60), nullable=False),
        sa.Column("kind", sa.String(7), nullable=False),
        sa.Column("effect", sa.String(7), nullable=False),
        sa.Column("segment_bit", sa.Integer(), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("query", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("schedule", sa.String(7), nullable=False),
        sa.Column("state", sa.String(6), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        _programme_reference("member_groups"),
        sa.PrimaryKeyConstraint("id", name="pk_member_groups"),
        sa.UniqueConstraint("programme_id", "code", name="uq_member_groups_programme_id_code"),
        sa.UniqueConstraint("programme_id", "segment_bit", name="uq_member_groups_programme_id_segment_bit"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "member_group_computations",
        sa.Column("programme_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("group_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("members", sa.BigInteger(), nullable=False),
        sa.Column("computed_at", _INSTANT, nullable=True),
        sa.Column("due_at", _INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["group_id"], ["member_groups.id"], name="fk_member_group_computations_group_id_member_groups"
        ),
        _programme_reference("member_group_computations"),
        sa.PrimaryKeyConstraint("programme_id", "group_id", name="pk_member_group_computations"),
    )
    op.create_index(
        "ix_member_group_computations_programme_id_due_at",
        "member_group_computations",
        ["programme_id", "due_at"],
    )
    op.create_table(
        "member_group_members",
        sa.Column("programme_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("group_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("member_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("since", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["member_groups.id"], name="fk_member_group_members_group_id_member_groups"
        ),
        _programme_reference("member_group_members"),
        sa.PrimaryKeyConstraint("programme_id", "group_id", "member_id", name="pk_member_group_members"),
    )
    op.create_index(
        "ix_member_group_members_programme_id_member_id_group_id",
        "member_group_members",
        ["programme_id", "member_id", "group_id"],
    )
