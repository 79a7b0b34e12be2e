"""Members, cards, merchants, branches, terminals, API keys, outbox and the feed projection.

Revision: 0001, the first
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_IDENTIFIER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Apply."""
    _create_record_tables()
    _create_mechanism_tables()
    _create_projection_tables()


def downgrade() -> None:
    """Take back."""
    for table in (
        "balances",
        "transfers",
        "transactions",
        "feed_position",
        "outbox",
        "api_keys",
        "terminals",
        "branches",
        "merchants",
        "cards",
        "members",
    ):
        op.drop_table(table)


def _create_record_tables() -> None:
    op.create_table(
        "members",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("mobile", sa.String(13), nullable=True),
        sa.Column("tier", sa.String(16), nullable=False),
        sa.Column("status", sa.String(8), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_members"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_members_mobile", "members", ["mobile"])
    op.create_table(
        "cards",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("number", sa.String(16), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("card_type", sa.String(8), nullable=False),
        sa.Column("status", sa.String(8), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_cards"),
        sa.UniqueConstraint("number", name="uq_cards_number"),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_cards_member_id_members"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_cards_member_id_id", "cards", ["member_id", "id"])
    op.create_table(
        "merchants",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("merchant_id", sa.String(15), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_merchants"),
        sa.UniqueConstraint("merchant_id", name="uq_merchants_merchant_id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "branches",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("merchant_key", sa.BigInteger(), nullable=False),
        sa.Column("branch_number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("city", sa.String(60), nullable=True),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_branches"),
        sa.UniqueConstraint("merchant_key", "branch_number", name="uq_branches_merchant_key_branch_number"),
        sa.ForeignKeyConstraint(
            ["merchant_key"], ["merchants.id"], name="fk_branches_merchant_key_merchants"
        ),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "terminals",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("terminal_id", sa.String(8), nullable=False),
        sa.Column("branch_id", sa.BigInteger(), nullable=False),
        sa.Column("key_generation", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(8), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_terminals"),
        sa.UniqueConstraint("terminal_id", name="uq_terminals_terminal_id"),
        sa.ForeignKeyConstraint(["branch_id"], ["branches.id"], name="fk_terminals_branch_id_branches"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_terminals_branch_id", "terminals", ["branch_id"])


def _create_mechanism_tables() -> None:
    op.create_table(
        "api_keys",
        sa.Column("key_id", sa.String(8), nullable=False),
        sa.Column("secret_sha256", sa.LargeBinary(32), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("revoked_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("key_id", name="pk_api_keys"),
    )
    op.create_table(
        "outbox",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("subject_kind", sa.String(16), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("file_name", sa.String(17), nullable=False),
        sa.Column("update_code", sa.String(1), nullable=False),
        sa.Column("card_number", sa.String(19), nullable=True),
        sa.Column("record", sa.JSON(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("response_code", sa.String(2), nullable=True),
        sa.Column("finished_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_outbox_state_id", "outbox", ["state", "id"])
    op.create_index("ix_outbox_subject_kind_subject_id_id", "outbox", ["subject_kind", "subject_id", "id"])
    feed_position = op.create_table(
        "feed_position",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("last_event_at_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_feed_position"),
        sa.CheckConstraint("id = 1", name="ck_feed_position_single_row"),
    )
    op.bulk_insert(feed_position, [{"id": 1, "position": 0, "last_event_at_ms": None}])


def _create_projection_tables() -> None:
    op.create_table(
        "transactions",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("mti", sa.String(4), nullable=False),
        sa.Column("processing_code", sa.String(6), nullable=False),
        sa.Column("terminal_id", sa.String(8), nullable=False),
        sa.Column("merchant_id", sa.String(15), nullable=False),
        sa.Column("branch_number", sa.Integer(), nullable=False),
        sa.Column("stan", sa.String(6), nullable=False),
        sa.Column("transmitted_at", sa.String(10), nullable=False),
        sa.Column("rrn", sa.String(12), nullable=False),
        sa.Column("card_reference", sa.BigInteger(), nullable=True),
        sa.Column("member_number", sa.BigInteger(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("response_code", sa.String(2), nullable=False),
        sa.Column("rule_table_version", sa.BigInteger(), nullable=False),
        sa.Column("reverses_rrn", sa.String(12), nullable=True),
        sa.Column("reversed_by_rrn", sa.String(12), nullable=True),
        sa.Column("balances_after", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_transactions"),
    )
    op.create_index("ix_transactions_rrn", "transactions", ["rrn"])
    op.create_index("ix_transactions_at_ms_position", "transactions", ["at_ms", "position"])
    op.create_index("ix_transactions_member_number_position", "transactions", ["member_number", "position"])
    op.create_index("ix_transactions_terminal_id_position", "transactions", ["terminal_id", "position"])
    op.create_table(
        "transfers",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("purse", sa.String(32), nullable=False),
        sa.Column("debit_account", sa.String(64), nullable=False),
        sa.Column("credit_account", sa.String(64), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(16), nullable=False),
        sa.Column("rule", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("position", "sequence", name="pk_transfers"),
        sa.ForeignKeyConstraint(
            ["position"], ["transactions.position"], name="fk_transfers_position_transactions"
        ),
    )
    op.create_table(
        "balances",
        sa.Column("member_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("purse", sa.String(32), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("member_number", "purse", name="pk_balances"),
    )
