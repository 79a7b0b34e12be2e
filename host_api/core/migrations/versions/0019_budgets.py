"""Budgets of the club's credits, and what members hold beside points.

Revision: 0019, after 0018
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_IDENTIFIER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Apply."""
    _make_budgets()
    _make_credit_grants()
    _make_credit_conversions()
    _make_wallets()
    _make_purse_conversions()


def downgrade() -> None:
    """Take back."""
    for table in (
        "purse_conversions",
        "wallet_acts",
        "wallet_policies",
        "credit_conversions",
        "conversion_rates",
        "credit_gifts",
        "credit_grants",
        "budget_changes",
        "budget_entries",
        "budget_reservations",
        "budget_figures",
        "budgets",
    ):
        op.drop_table(table)


def _make_budgets() -> None:
    _make(
        "budgets",
        sa.Column("title", sa.String(100), nullable=False),
        sa.Column("owner", sa.String(100), nullable=False),
        sa.Column("purse", sa.Integer(), nullable=False),
        sa.Column("starts_at", _INSTANT, nullable=False),
        sa.Column("ends_at", _INSTANT),
        sa.Column("warning_percent", sa.Integer(), nullable=False),
        sa.Column("is_closed", sa.Boolean(), nullable=False),
        sa.Column("created_by", sa.String(100), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        indexes=(("id",),),
    )
    op.create_table(
        "budget_figures",
        sa.Column("programme_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("budget_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("reserved", sa.BigInteger(), nullable=False),
        sa.Column("consumed", sa.BigInteger(), nullable=False),
        sa.Column("warned_at", _INSTANT),
        _programme_reference("budget_figures"),
        sa.PrimaryKeyConstraint("programme_id", "budget_id", name="pk_budget_figures"),
    )
    _make(
        "budget_reservations",
        sa.Column("budget_id", sa.BigInteger(), nullable=False),
        sa.Column("service", sa.String(32), nullable=False),
        sa.Column("reference", sa.String(64), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("consumed", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        _budget_reference("budget_reservations"),
        sa.UniqueConstraint(
            "programme_id",
            "service",
            "reference",
            name="uq_budget_reservations_programme_id_service_reference",
        ),
    )
    _make(
        "budget_entries",
        sa.Column("budget_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("service", sa.String(32), nullable=False),
        sa.Column("reference", sa.String(64), nullable=False),
        sa.Column("units_after", sa.BigInteger(), nullable=False),
        sa.Column("reserved_after", sa.BigInteger(), nullable=False),
        sa.Column("consumed_after", sa.BigInteger(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        _budget_reference("budget_entries"),
        indexes=(("budget_id", "id"),),
    )
    _make(
        "budget_changes",
        sa.Column("budget_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(6), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("note", sa.String(200)),
        *_second_person(),
        _budget_reference("budget_changes"),
        indexes=(("state", "id"), ("budget_id", "id")),
    )


def _make_credit_grants() -> None:
    _make(
        "credit_grants",
        sa.Column("title", sa.String(100), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("budget_id", sa.BigInteger(), nullable=False),
        sa.Column("purse", sa.Integer(), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("valid_days", sa.Integer()),
        sa.Column("member_id", sa.BigInteger()),
        sa.Column("audience", sa.JSON(none_as_null=True)),
        sa.Column("members_at_most", sa.Integer(), nullable=False),
        sa.Column("text_fa", sa.String(300)),
        sa.Column("text_en", sa.String(300)),
        sa.Column("note", sa.String(200)),
        sa.Column("is_asked", sa.Boolean(), nullable=False),
        sa.Column("left_out", sa.Boolean(), nullable=False),
        sa.Column("finished_at", _INSTANT),
        *_second_person(),
        indexes=(("id",), ("state", "id")),
    )
    _make(
        "credit_gifts",
        sa.Column("grant_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("response_code", sa.String(2)),
        sa.Column("rrn", sa.String(12)),
        sa.Column("finished_at", _INSTANT),
        sa.ForeignKeyConstraint(
            ["grant_id"], ["credit_grants.id"], name="fk_credit_gifts_grant_id_credit_grants"
        ),
        sa.UniqueConstraint("grant_id", "member_id", name="uq_credit_gifts_grant_id_member_id"),
        indexes=(("grant_id", "id"), ("member_id", "id")),
    )
    op.create_index("ix_credit_gifts_grant_id_state", "credit_gifts", ["grant_id", "state"])


def _make_credit_conversions() -> None:
    _make(
        "conversion_rates",
        sa.Column("purse", sa.Integer(), nullable=False),
        sa.Column("to_purse", sa.Integer(), nullable=False),
        sa.Column("give", sa.BigInteger(), nullable=False),
        sa.Column("per", sa.BigInteger(), nullable=False),
        sa.Column("units_min", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.BigInteger(), nullable=False),
        sa.Column("starts_at", _INSTANT, nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("note", sa.String(200)),
        *_second_person(),
        indexes=(("purse", "id"), ("state", "id")),
    )
    _make(
        "credit_conversions",
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("rate_id", sa.BigInteger(), nullable=False),
        sa.Column("purse", sa.Integer(), nullable=False),
        sa.Column("to_purse", sa.Integer(), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("rials", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(9), nullable=False),
        sa.Column("response_code", sa.String(2)),
        sa.Column("debit_rrn", sa.String(12)),
        sa.Column("credit_rrn", sa.String(12)),
        sa.Column("asked_by_name", sa.String(100), nullable=False),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("finished_at", _INSTANT),
        sa.ForeignKeyConstraint(
            ["rate_id"], ["conversion_rates.id"], name="fk_credit_conversions_rate_id_conversion_rates"
        ),
        indexes=(("id",), ("member_id", "id"), ("state", "id")),
    )


def _make_wallets() -> None:
    op.create_table(
        "wallet_policies",
        sa.Column("programme_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("balance_max", sa.BigInteger(), nullable=False),
        sa.Column("load_min", sa.BigInteger(), nullable=False),
        sa.Column("day_load_max", sa.BigInteger(), nullable=False),
        sa.Column("day_spend_max", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        _programme_reference("wallet_policies"),
        sa.PrimaryKeyConstraint("programme_id", name="pk_wallet_policies"),
    )
    _make(
        "wallet_acts",
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("merchant_id", sa.String(15), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("bank_reference", sa.String(40)),
        sa.Column("note", sa.String(200)),
        sa.Column("request_id", sa.BigInteger()),
        sa.Column("response_code", sa.String(2)),
        sa.Column("rrn", sa.String(12)),
        sa.Column("balance_after", sa.BigInteger()),
        sa.Column("finished_at", _INSTANT),
        *_second_person(),
        sa.UniqueConstraint(
            "programme_id", "bank_reference", name="uq_wallet_acts_programme_id_bank_reference"
        ),
        indexes=(("id",), ("member_id", "id"), ("member_id", "asked_at"), ("state", "id")),
    )


def _make_purse_conversions() -> None:
    _make(
        "purse_conversions",
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("from_purse", sa.Integer(), nullable=False),
        sa.Column("to_purse", sa.Integer(), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("response_code", sa.String(2)),
        sa.Column("rrn", sa.String(12)),
        sa.Column("balances_after", sa.JSON(none_as_null=True)),
        sa.Column("asked_by_name", sa.String(100), nullable=False),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("finished_at", _INSTANT),
        indexes=(("id",), ("member_id", "id")),
    )


def _make(
    table: str, *parts: sa.Column[object] | sa.Constraint, indexes: tuple[tuple[str, ...], ...] = ()
) -> None:
    """A table of programmes with an id of its own."""
    op.create_table(
        table,
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        *parts,
        _programme_reference(table),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        sqlite_autoincrement=True,
    )
    for columns in indexes:
        op.create_index(f"ix_{table}_programme_id_{'_'.join(columns)}", table, ["programme_id", *columns])


def _second_person() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("asked_by", sa.String(72), nullable=False),
        sa.Column("asked_by_name", sa.String(100), nullable=False),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("decided_by", sa.String(72)),
        sa.Column("decided_by_name", sa.String(100)),
        sa.Column("decided_at", _INSTANT),
    )


def _programme_reference(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["programme_id"], ["programmes.id"], name=f"fk_{table}_programme_id_programmes"
    )


def _budget_reference(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["budget_id"], ["budgets.id"], name=f"fk_{table}_budget_id_budgets")
