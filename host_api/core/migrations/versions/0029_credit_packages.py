"""Credit packages: contracts, their ledger, instalments, payments; packages as items of the shop.

Revision: 0029, after 0026
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

_IDENTIFIER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.DateTime(timezone=True)
_TABLES = (
    "credit_packages",
    "credit_holidays",
    "credit_contracts",
    "credit_entries",
    "credit_instalments",
    "credit_payments",
    "credit_corrections",
    "credit_turnovers",
    "credit_reading",
)
_INDEXES = (
    ("credit_packages", ("id",)),
    ("credit_contracts", ("id",)),
    ("credit_contracts", ("state", "id")),
    ("credit_contracts", ("member_id", "id")),
    ("credit_contracts", ("guest_id", "id")),
    ("credit_contracts", ("package_id", "id")),
    ("credit_contracts", ("account",)),
    ("credit_entries", ("contract_id", "id")),
    ("credit_entries", ("rrn",)),
    ("credit_payments", ("id",)),
    ("credit_payments", ("state", "id")),
    ("credit_payments", ("member_id", "id")),
    ("credit_corrections", ("id",)),
    ("credit_corrections", ("state", "id")),
    ("credit_turnovers", ("member_id", "day")),
    ("credit_turnovers", ("guest_id", "day")),
)


def upgrade() -> None:
    """Apply."""
    _create_packages()
    _create_contracts()
    _create_ledger()
    _create_payments()
    for table, columns in _INDEXES:
        op.create_index(f"ix_{table}_programme_id_{'_'.join(columns)}", table, ["programme_id", *columns])
    op.add_column("shop_items", sa.Column("credit_package_id", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    """Take back."""
    op.drop_column("shop_items", "credit_package_id")
    for table in reversed(_TABLES):
        op.drop_table(table)


def _create_packages() -> None:
    _create(
        "credit_packages",
        sa.Column("title", sa.String(60), nullable=False),
        sa.Column("title_fa", sa.String(60), nullable=False),
        sa.Column("rials", sa.BigInteger(), nullable=False),
        sa.Column("cost_rials", sa.BigInteger(), nullable=False),
        sa.Column("valid_days", sa.Integer(), nullable=False),
        sa.Column("sold_from", sa.Date(), nullable=True),
        sa.Column("sold_until", sa.Date(), nullable=True),
        sa.Column("budget_id", sa.BigInteger(), nullable=True),
        sa.Column("rate_bp", sa.Integer(), nullable=False),
        sa.Column("late_rate_bp", sa.Integer(), nullable=False),
        sa.Column("day_count", sa.String(12), nullable=False),
        sa.Column("compounding", sa.String(7), nullable=False),
        sa.Column("rounding", sa.String(9), nullable=False),
        sa.Column("grace_days", sa.Integer(), nullable=False),
        sa.Column("months_of", sa.String(9), nullable=False),
        sa.Column("instalments", sa.Integer(), nullable=False),
        sa.Column("instalment_months", sa.Integer(), nullable=False),
        sa.Column("instalment_method", sa.String(15), nullable=False),
        sa.Column("due_adjustment", sa.String(18), nullable=False),
        sa.Column("weekend", sa.JSON(), nullable=False),
        sa.Column("turnover_days", sa.Integer(), nullable=False),
        sa.Column("turnover_tiers", sa.JSON(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("created_by", sa.String(100), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
    )
    _create(
        "credit_holidays",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("title", sa.String(60), nullable=False),
        sa.Column("title_fa", sa.String(60), nullable=False),
        _unique("credit_holidays", "day"),
    )


def _create_contracts() -> None:
    _create(
        "credit_contracts",
        sa.Column("package_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=True),
        sa.Column("guest_id", sa.BigInteger(), nullable=True),
        sa.Column("service", sa.String(32), nullable=False),
        sa.Column("reference", sa.String(64), nullable=True),
        sa.Column("reason", sa.String(200), nullable=True),
        sa.Column("giving_attempts", sa.Integer(), nullable=False),
        sa.Column("response_code", sa.String(2), nullable=True),
        sa.Column("credit_rrn", sa.String(12), nullable=True),
        sa.Column("account", sa.String(64), nullable=True),
        sa.Column("available_from_s", sa.BigInteger(), nullable=True),
        sa.Column("expires_at_s", sa.BigInteger(), nullable=True),
        sa.Column("started_on", sa.Date(), nullable=True),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("accrued_through", sa.Date(), nullable=True),
        sa.Column("accrued", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("unsure_from", sa.Date(), nullable=True),
        sa.Column("overdue", sa.BigInteger(), nullable=False),
        sa.Column("overdue_since", sa.Date(), nullable=True),
        sa.Column("instalments_due", sa.Integer(), nullable=False),
        sa.Column("settled_at", _INSTANT, nullable=True),
        *(
            sa.Column(name, sa.BigInteger(), nullable=False)
            for name in (
                "open",
                "principal",
                "interest",
                "cost",
                "late",
                "paid",
                "club",
                "consumed",
                "accrued_interest",
            )
        ),
        *_second_person(),
        _referring("credit_contracts", "package_id", "credit_packages"),
        _unique("credit_contracts", "service", "reference"),
    )


def _create_ledger() -> None:
    _create(
        "credit_entries",
        sa.Column("contract_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("debit", sa.String(9), nullable=False),
        sa.Column("credit", sa.String(9), nullable=False),
        sa.Column("rials", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("rrn", sa.String(40), nullable=True),
        sa.Column("at", _INSTANT, nullable=False),
        _referring("credit_entries", "contract_id", "credit_contracts"),
        _unique("credit_entries", "contract_id", "key"),
    )
    _create_keyed(
        "credit_instalments",
        ("contract_id", "number"),
        sa.Column("contract_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("principal", sa.BigInteger(), nullable=False),
        sa.Column("interest", sa.BigInteger(), nullable=False),
        _referring("credit_instalments", "contract_id", "credit_contracts"),
    )
    _create_keyed("credit_reading", (), sa.Column("position", sa.BigInteger(), nullable=False))


def _create_payments() -> None:
    _create(
        "credit_payments",
        sa.Column("member_id", sa.BigInteger(), nullable=True),
        sa.Column("guest_id", sa.BigInteger(), nullable=True),
        sa.Column("contract_id", sa.BigInteger(), nullable=True),
        sa.Column("rials", sa.BigInteger(), nullable=False),
        sa.Column("receipt", sa.String(40), nullable=True),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("applied", sa.BigInteger(), nullable=False),
        sa.Column("return_attempts", sa.Integer(), nullable=False),
        sa.Column("response_code", sa.String(2), nullable=True),
        sa.Column("debit_rrn", sa.String(12), nullable=True),
        *_second_person(),
        _unique("credit_payments", "receipt"),
    )
    _create(
        "credit_corrections",
        sa.Column("contract_id", sa.BigInteger(), nullable=False),
        sa.Column("debt", sa.String(9), nullable=False),
        sa.Column("rials", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        *_second_person(),
        _referring("credit_corrections", "contract_id", "credit_contracts"),
    )
    _create(
        "credit_turnovers",
        sa.Column("member_id", sa.BigInteger(), nullable=True),
        sa.Column("guest_id", sa.BigInteger(), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("rials", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.String(40), nullable=False),
        _unique("credit_turnovers", "reference"),
    )


def _second_person() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("asked_by", sa.String(72), nullable=False),
        sa.Column("asked_by_name", sa.String(100), nullable=False),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("decided_by", sa.String(72), nullable=True),
        sa.Column("decided_by_name", sa.String(100), nullable=True),
        sa.Column("decided_at", _INSTANT, nullable=True),
    )


def _unique(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint("programme_id", *columns, name=f"uq_{table}_programme_id_{'_'.join(columns)}")


def _referring(table: str, column: str, referred: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{referred}.id"], name=f"fk_{table}_{column}_{referred}")


def _create(table: str, *parts: sa.Column[Any] | sa.Constraint) -> None:
    """A table of a programme's rows with an id of their own."""
    op.create_table(
        table,
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        *parts,
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        _of_programme(table),
        sqlite_autoincrement=True,
    )


def _create_keyed(table: str, key: tuple[str, ...], *parts: sa.Column[Any] | sa.Constraint) -> None:
    """A table whose key begins with the programme."""
    op.create_table(
        table,
        sa.Column("programme_id", sa.BigInteger(), autoincrement=False, nullable=False),
        *parts,
        sa.PrimaryKeyConstraint("programme_id", *key, name=f"pk_{table}"),
        _of_programme(table),
    )


def _of_programme(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["programme_id"], ["programmes.id"], name=f"fk_{table}_programme_id_programmes"
    )
