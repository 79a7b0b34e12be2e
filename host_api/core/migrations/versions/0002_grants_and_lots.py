"""Grants, holds, discounts and lots in the projection; stock cards; what rules know of members.

The projection tables are made anew and filled from the journal's beginning: they hold nothing that the feed
does not tell.

Revision: 0002, after 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_MEMBER_COLUMNS = (
    ("group_name", sa.String(16)),
    ("organisation", sa.String(16)),
    ("segments", sa.JSON()),
    ("agreements", sa.JSON()),
    ("household", sa.BigInteger()),
    ("introducer", sa.BigInteger()),
)


def upgrade() -> None:
    """Apply."""
    for name, column_type in _MEMBER_COLUMNS:
        op.add_column("members", sa.Column(name, column_type, nullable=True))
    _let_cards_be_without_member(allowed=True)
    for table in ("balances", "transfers", "transactions"):
        op.drop_table(table)
    _create_transactions(is_old=False)
    _create_transfers(is_old=False)
    _create_grants()
    op.create_table(
        "lots",
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("purse", sa.String(32), nullable=False),
        sa.Column("available_from_s", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("expires_at_s", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "purse", "available_from_s", "expires_at_s", name="pk_lots"),
    )
    op.create_table(
        "balances",
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("purse", sa.String(32), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "purse", name="pk_balances"),
    )
    _begin_feed_again()


def downgrade() -> None:
    """Take back; cards of the stock go, as the older version has no place for them."""
    for table in ("balances", "lots", "transaction_grants", "transfers", "transactions"):
        op.drop_table(table)
    _create_transactions(is_old=True)
    _create_transfers(is_old=True)
    op.create_table(
        "balances",
        sa.Column("member_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("purse", sa.String(32), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("member_number", "purse", name="pk_balances"),
    )
    _begin_feed_again()
    op.execute("DELETE FROM cards WHERE member_id IS NULL")
    _let_cards_be_without_member(allowed=False)
    for name, _ in reversed(_MEMBER_COLUMNS):
        op.drop_column("members", name)


def _let_cards_be_without_member(*, allowed: bool) -> None:
    with op.batch_alter_table("cards", table_kwargs={"sqlite_autoincrement": True}) as cards:
        cards.alter_column("member_id", existing_type=sa.BigInteger(), nullable=allowed)


def _begin_feed_again() -> None:
    op.execute("UPDATE feed_position SET position = 0, last_event_at_ms = NULL")


def _create_transactions(*, is_old: bool) -> None:
    amounts: tuple[sa.Column[int], ...] = (
        sa.Column("discount", sa.BigInteger(), nullable=False),
        sa.Column("tendered", sa.BigInteger(), nullable=False),
        sa.Column("net_amount", sa.BigInteger(), nullable=False),
    )
    about: tuple[sa.Column[object], ...] = (
        sa.Column("concerns_rrn", sa.String(12), nullable=True),
        sa.Column("hold_until_s", sa.BigInteger(), nullable=True),
        sa.Column("line_count", sa.Integer(), nullable=False),
    )
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
        *(() if is_old else amounts),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("response_code", sa.String(2), nullable=False),
        sa.Column("rule_table_version", sa.BigInteger(), nullable=False),
        sa.Column("reverses_rrn", sa.String(12), nullable=True),
        sa.Column("reversed_by_rrn", sa.String(12), nullable=True),
        *(() if is_old else about),
        sa.Column("balances_after", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_transactions"),
    )
    op.create_index("ix_transactions_rrn", "transactions", ["rrn"])
    op.create_index("ix_transactions_at_ms_position", "transactions", ["at_ms", "position"])
    op.create_index("ix_transactions_member_number_position", "transactions", ["member_number", "position"])
    op.create_index("ix_transactions_terminal_id_position", "transactions", ["terminal_id", "position"])


def _create_transfers(*, is_old: bool) -> None:
    op.create_table(
        "transfers",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("purse", sa.String(32), nullable=False),
        sa.Column("debit_account", sa.String(64), nullable=False),
        sa.Column("credit_account", sa.String(64), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(16), nullable=False),
        *(() if is_old else (sa.Column("stage", sa.String(16), nullable=False),)),
        sa.Column("rule", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("position", "sequence", name="pk_transfers"),
        sa.ForeignKeyConstraint(
            ["position"], ["transactions.position"], name="fk_transfers_position_transactions"
        ),
    )


def _create_grants() -> None:
    op.create_table(
        "transaction_grants",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("rule", sa.String(32), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.String(16), nullable=False),
        sa.Column("purse", sa.String(32), nullable=True),
        sa.Column("beneficiary", sa.String(64), nullable=False),
        sa.Column("desired", sa.BigInteger(), nullable=False),
        sa.Column("granted", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("position", "sequence", name="pk_transaction_grants"),
        sa.ForeignKeyConstraint(
            ["position"], ["transactions.position"], name="fk_transaction_grants_position_transactions"
        ),
    )
