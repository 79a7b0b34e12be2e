"""Households, guests, credit users, the block list, merges and splits of members, privacy requests.

Revision: 0010, after 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_IDENTIFIER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.DateTime(timezone=True)
_SEALED = sa.LargeBinary()
_BLIND = sa.LargeBinary(36)
_TABLES = (
    "households",
    "household_members",
    "guests",
    "guest_visits",
    "credit_users",
    "block_entries",
    "block_liftings",
    "member_record_acts",
    "member_record_moves",
    "privacy_requests",
)

_ADOPT_HOUSEHOLDS = """
INSERT INTO households (programme_id, number, created_at, version)
SELECT programme_id, household, min(created_at), 1 FROM members
WHERE household IS NOT NULL GROUP BY programme_id, household
"""
_ADOPT_THEIR_MEMBERS = """
INSERT INTO household_members (programme_id, household_id, member_id, relation, joined_at)
SELECT m.programme_id, h.id, m.id, CASE WHEN m.id = (
    SELECT min(o.id) FROM members o WHERE o.programme_id = m.programme_id AND o.household = m.household
) THEN 'head' ELSE 'other' END, m.created_at
FROM members m JOIN households h ON h.programme_id = m.programme_id AND h.number = m.household
"""


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("members", table_kwargs={"sqlite_autoincrement": True}) as members:
        members.add_column(sa.Column("merged_into", sa.BigInteger(), nullable=True))
    _create_households()
    _create_guests()
    _create_classes()
    _create_record_acts()
    _create_privacy()
    # Numbers that members had until now were households without a record.
    op.execute(_ADOPT_HOUSEHOLDS)
    op.execute(_ADOPT_THEIR_MEMBERS)


def downgrade() -> None:
    """Take back."""
    for table in reversed(_TABLES):
        op.drop_table(table)
    with op.batch_alter_table("members", table_kwargs={"sqlite_autoincrement": True}) as members:
        members.drop_column("merged_into")


def _create_households() -> None:
    _create(
        "households",
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(100), nullable=True),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("dissolved_at", _INSTANT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.UniqueConstraint("programme_id", "number", name="uq_households_programme_id_number"),
    )
    _create(
        "household_members",
        sa.Column("household_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("relation", sa.String(6), nullable=False),
        sa.Column("joined_at", _INSTANT, nullable=False),
        sa.Column("left_at", _INSTANT, nullable=True),
        _reference("household_members", "household_id", "households"),
        _reference("household_members", "member_id", "members"),
    )
    op.create_index("ix_household_members_household_id_id", "household_members", ["household_id", "id"])
    op.create_index(
        "ix_household_members_programme_id_member_id_id",
        "household_members",
        ["programme_id", "member_id", "id"],
    )
    _create_unique(
        "uq_household_members_head",
        "household_members",
        ["household_id"],
        "left_at IS NULL AND relation = 'head'",
    )
    _create_unique(
        "uq_household_members_present", "household_members", ["programme_id", "member_id"], "left_at IS NULL"
    )


def _create_guests() -> None:
    _create(
        "guests",
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("name_key", sa.String(200), nullable=False),
        sa.Column("mobile_sealed", _SEALED, nullable=True),
        sa.Column("mobile_index", _BLIND, nullable=True),
        sa.Column("identity_sealed", _SEALED, nullable=True),
        sa.Column("identity_index", _BLIND, nullable=True),
        sa.Column("email_sealed", _SEALED, nullable=True),
        sa.Column("address_sealed", _SEALED, nullable=True),
        sa.Column("notes_sealed", _SEALED, nullable=True),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=True),
        sa.Column("converted_at", _INSTANT, nullable=True),
        sa.Column("merged_into", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        _reference("guests", "member_id", "members"),
        _reference("guests", "merged_into", "guests"),
    )
    op.create_index("ix_guests_programme_id_identity_index", "guests", ["programme_id", "identity_index"])
    op.create_index("ix_guests_programme_id_member_id", "guests", ["programme_id", "member_id"])
    op.create_index("ix_guests_programme_id_mobile_index", "guests", ["programme_id", "mobile_index"])
    op.create_index("ix_guests_programme_id_name_key", "guests", ["programme_id", "name_key"])
    _create(
        "guest_visits",
        sa.Column("guest_id", sa.BigInteger(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("merchant_id", sa.String(15), nullable=True),
        sa.Column("note_sealed", _SEALED, nullable=True),
        _reference("guest_visits", "guest_id", "guests"),
    )
    op.create_index(
        "ix_guest_visits_programme_id_guest_id_id", "guest_visits", ["programme_id", "guest_id", "id"]
    )


def _create_classes() -> None:
    _create(
        "credit_users",
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("ceiling", sa.BigInteger(), nullable=False),
        sa.Column("valid_from", _INSTANT, nullable=False),
        sa.Column("valid_until", _INSTANT, nullable=True),
        sa.Column("reason_sealed", _SEALED, nullable=True),
        sa.Column("state", sa.String(7), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("ended_at", _INSTANT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        _reference("credit_users", "member_id", "members"),
    )
    op.create_index(
        "ix_credit_users_programme_id_member_id_id", "credit_users", ["programme_id", "member_id", "id"]
    )
    op.create_index(
        "ix_credit_users_programme_id_state_valid_until",
        "credit_users",
        ["programme_id", "state", "valid_until"],
    )
    _create_unique(
        "uq_credit_users_active", "credit_users", ["programme_id", "member_id"], "state = 'active'"
    )
    _create(
        "block_entries",
        sa.Column("member_id", sa.BigInteger(), nullable=True),
        sa.Column("mobile_sealed", _SEALED, nullable=True),
        sa.Column("mobile_index", _BLIND, nullable=True),
        sa.Column("national_id_sealed", _SEALED, nullable=True),
        sa.Column("national_id_index", _BLIND, nullable=True),
        sa.Column("reason_code", sa.String(12), nullable=False),
        sa.Column("reason_sealed", _SEALED, nullable=True),
        sa.Column("from_at", _INSTANT, nullable=False),
        sa.Column("until_at", _INSTANT, nullable=True),
        sa.Column("state", sa.String(7), nullable=False),
        sa.Column("has_blocked_member", sa.Boolean(), nullable=False),
        sa.Column("entered_by", sa.String(100), nullable=False),
        sa.Column("entered_at", _INSTANT, nullable=False),
        sa.Column("ended_at", _INSTANT, nullable=True),
        _reference("block_entries", "member_id", "members"),
    )
    op.create_index(
        "ix_block_entries_programme_id_member_id_id", "block_entries", ["programme_id", "member_id", "id"]
    )
    op.create_index(
        "ix_block_entries_programme_id_mobile_index", "block_entries", ["programme_id", "mobile_index"]
    )
    op.create_index(
        "ix_block_entries_programme_id_national_id_index",
        "block_entries",
        ["programme_id", "national_id_index"],
    )
    op.create_index(
        "ix_block_entries_programme_id_state_from_at", "block_entries", ["programme_id", "state", "from_at"]
    )
    op.create_index(
        "ix_block_entries_programme_id_state_until_at", "block_entries", ["programme_id", "state", "until_at"]
    )
    _create(
        "block_liftings",
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("reason_sealed", _SEALED, nullable=True),
        *_second_person(),
        _reference("block_liftings", "entry_id", "block_entries"),
    )
    op.create_index("ix_block_liftings_entry_id_id", "block_liftings", ["entry_id", "id"])
    _create_unique("uq_block_liftings_asked", "block_liftings", ["entry_id"], "state = 'asked'")


def _create_record_acts() -> None:
    _create(
        "member_record_acts",
        sa.Column("kind", sa.String(5), nullable=False),
        sa.Column("from_member_id", sa.BigInteger(), nullable=False),
        sa.Column("to_member_id", sa.BigInteger(), nullable=False),
        sa.Column("card_ids", sa.JSON(), nullable=False),
        sa.Column("wanted", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("takes_back", sa.BigInteger(), nullable=True),
        sa.Column("moves_untransferable", sa.Boolean(), nullable=False),
        sa.Column("reason_code", sa.String(12), nullable=False),
        sa.Column("reason_sealed", _SEALED, nullable=True),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("balances", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("finished_at", _INSTANT, nullable=True),
        *_second_person(),
        _reference("member_record_acts", "from_member_id", "members"),
        _reference("member_record_acts", "to_member_id", "members"),
    )
    op.create_index(
        "ix_member_record_acts_programme_id_from_member_id_id",
        "member_record_acts",
        ["programme_id", "from_member_id", "id"],
    )
    op.create_index(
        "ix_member_record_acts_programme_id_state_id", "member_record_acts", ["programme_id", "state", "id"]
    )
    op.create_index(
        "ix_member_record_acts_programme_id_to_member_id_id",
        "member_record_acts",
        ["programme_id", "to_member_id", "id"],
    )
    _create(
        "member_record_moves",
        sa.Column("act_id", sa.BigInteger(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("purse", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("follows", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("request_id", sa.BigInteger(), nullable=True),
        sa.Column("response_code", sa.String(2), nullable=True),
        sa.Column("rrn", sa.String(12), nullable=True),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("finished_at", _INSTANT, nullable=True),
        _reference("member_record_moves", "act_id", "member_record_acts"),
    )
    op.create_index("ix_member_record_moves_act_id_id", "member_record_moves", ["act_id", "id"])


def _create_privacy() -> None:
    _create(
        "privacy_requests",
        sa.Column("kind", sa.String(6), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("reason_code", sa.String(12), nullable=False),
        sa.Column("gives_up_points", sa.Boolean(), nullable=False),
        sa.Column("debits", sa.Integer(), nullable=False),
        sa.Column("hindrances", sa.JSON(), nullable=False),
        sa.Column("file_ids", sa.JSON(), nullable=False),
        sa.Column("finished_at", _INSTANT, nullable=True),
        *_second_person(),
        _reference("privacy_requests", "member_id", "members"),
    )
    op.create_index(
        "ix_privacy_requests_programme_id_member_id_id",
        "privacy_requests",
        ["programme_id", "member_id", "id"],
    )
    op.create_index(
        "ix_privacy_requests_programme_id_state_id", "privacy_requests", ["programme_id", "state", "id"]
    )


def _create(table: str, *parts: sa.Column[object] | sa.ForeignKeyConstraint | sa.UniqueConstraint) -> None:
    """A table of a programme's rows."""
    op.create_table(
        table,
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        *parts,
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        _reference(table, "programme_id", "programmes"),
        sqlite_autoincrement=True,
    )


def _create_unique(name: str, table: str, columns: list[str], where: str) -> None:
    """One row of each kind among those where something holds."""
    condition = sa.text(where)
    op.create_index(name, table, columns, unique=True, sqlite_where=condition, postgresql_where=condition)


def _reference(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}_{other}")


def _second_person() -> list[sa.Column[object]]:
    return [
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("asked_by", sa.String(72), nullable=False),
        sa.Column("asked_by_name", sa.String(100), nullable=False),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("decided_by", sa.String(72), nullable=True),
        sa.Column("decided_by_name", sa.String(100), nullable=True),
        sa.Column("decided_at", _INSTANT, nullable=True),
    ]
