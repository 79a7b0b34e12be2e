"""Sellers and their accounts, storefronts, instalment sales, paid notices.

Revision: 0035, after 0033
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

_IDENTIFIER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.DateTime(timezone=True)
_TABLES = (
    "sellers",
    "seller_accounts",
    "seller_lines",
    "seller_movements",
    "seller_settlements",
    "storefronts",
    "storefront_goods",
    "storefront_privileges",
    "storefront_orders",
    "instalment_sales",
    "instalment_parts",
    "instalment_payments",
    "paid_notice_policies",
    "notice_consents",
    "paid_notices",
    "paid_notice_messages",
)
_INDEXES = (
    ("sellers", ("programme_id", "state", "id")),
    ("seller_lines", ("programme_id", "id")),
    ("seller_lines", ("programme_id", "seller_id", "at")),
    ("seller_movements", ("programme_id", "id")),
    ("seller_movements", ("programme_id", "member_id", "id")),
    ("seller_movements", ("programme_id", "state", "id")),
    ("seller_settlements", ("programme_id", "seller_id", "id")),
    ("seller_settlements", ("programme_id", "state", "id")),
    ("storefronts", ("programme_id", "seller_id")),
    ("storefronts", ("programme_id", "state", "id")),
    ("storefront_goods", ("programme_id", "state", "id")),
    ("storefront_goods", ("programme_id", "storefront_id", "id")),
    ("storefront_privileges", ("programme_id", "state", "id")),
    ("storefront_privileges", ("programme_id", "storefront_id", "id")),
    ("storefront_orders", ("programme_id", "good_id")),
    ("storefront_orders", ("programme_id", "id")),
    ("storefront_orders", ("programme_id", "interest", "member_id")),
    ("storefront_orders", ("programme_id", "member_id", "id")),
    ("storefront_orders", ("programme_id", "privilege_id")),
    ("storefront_orders", ("programme_id", "seller_id", "id")),
    ("storefront_orders", ("programme_id", "state", "deadline_at")),
    ("instalment_sales", ("programme_id", "id")),
    ("instalment_sales", ("programme_id", "member_id", "id")),
    ("instalment_sales", ("programme_id", "seller_id", "id")),
    ("instalment_parts", ("programme_id", "due_on", "id")),
    ("paid_notice_policies", ("programme_id", "valid_from", "id")),
    ("paid_notices", ("programme_id", "seller_id", "id")),
    ("paid_notices", ("programme_id", "state", "id")),
    ("paid_notice_messages", ("programme_id", "member_id", "queued_at")),
    ("paid_notice_messages", ("programme_id", "notice_id", "state", "id")),
)


def upgrade() -> None:
    """Apply."""
    _create_sellers()
    _create_storefronts()
    _create_instalment_sales()
    _create_paid_notices()
    for table, columns in _INDEXES:
        op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns))


def downgrade() -> None:
    """Take back."""
    for table in reversed(_TABLES):
        op.drop_table(table)


def _create_sellers() -> None:
    _create(
        "sellers",
        sa.Column("member_id", sa.BigInteger(), nullable=True),
        sa.Column("merchant_key", sa.BigInteger(), nullable=True),
        sa.Column("credit_limit_rials", sa.BigInteger(), nullable=False),
        sa.Column("point_rials", sa.BigInteger(), nullable=False),
        sa.Column("commission_bp", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("asked_by", sa.String(72), nullable=False),
        sa.Column("asked_by_name", sa.String(100), nullable=False),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("decided_by", sa.String(72), nullable=True),
        sa.Column("decided_by_name", sa.String(100), nullable=True),
        sa.Column("decided_at", _INSTANT, nullable=True),
        sa.CheckConstraint(
            "(member_id IS NULL) != (merchant_key IS NULL)", name=op.f("ck_sellers_one_holder")
        ),
        _refers("sellers", "merchant_key", "merchants"),
        _within("sellers", "member_id", "members"),
        _unique("sellers", "programme_id", "member_id"),
        _unique("sellers", "programme_id", "merchant_key"),
    )
    _create_keyed(
        "seller_accounts",
        ("seller_id",),
        sa.Column("seller_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("owed_rials", sa.BigInteger(), nullable=False),
        sa.Column("held_rials", sa.BigInteger(), nullable=False),
        _refers("seller_accounts", "seller_id", "sellers"),
    )
    _create(
        "seller_lines",
        sa.Column("seller_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(15), nullable=False),
        sa.Column("service", sa.String(32), nullable=False),
        sa.Column("reference", sa.String(64), nullable=False),
        sa.Column("rials", sa.BigInteger(), nullable=False),
        sa.Column("owed_after_rials", sa.BigInteger(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        _refers("seller_lines", "seller_id", "sellers"),
        _unique("seller_lines", "programme_id", "service", "reference", "kind"),
    )
    _create(
        "seller_movements",
        sa.Column("seller_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(7), nullable=False),
        sa.Column("service", sa.String(32), nullable=False),
        sa.Column("reference", sa.String(64), nullable=False),
        sa.Column("purse", sa.Integer(), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("rials", sa.BigInteger(), nullable=False),
        sa.Column("commission_rials", sa.BigInteger(), nullable=False),
        sa.Column("is_booked", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("returned_units", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("ended_at", _INSTANT, nullable=True),
        sa.Column("response_code", sa.String(2), nullable=True),
        sa.Column("rrn", sa.String(12), nullable=True),
        sa.Column("return_rrn", sa.String(12), nullable=True),
        _within("seller_movements", "member_id", "members"),
        _refers("seller_movements", "seller_id", "sellers"),
        _unique("seller_movements", "programme_id", "service", "reference"),
    )
    _create(
        "seller_settlements",
        sa.Column("seller_id", sa.BigInteger(), nullable=False),
        sa.Column("rials", sa.BigInteger(), nullable=False),
        sa.Column("bank_reference", sa.String(40), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("asked_by", sa.String(72), nullable=False),
        sa.Column("asked_by_name", sa.String(100), nullable=False),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("decided_by", sa.String(72), nullable=True),
        sa.Column("decided_by_name", sa.String(100), nullable=True),
        sa.Column("decided_at", _INSTANT, nullable=True),
        _refers("seller_settlements", "seller_id", "sellers"),
    )


def _create_storefronts() -> None:
    _create(
        "storefronts",
        sa.Column("seller_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("description", sa.String(1000), nullable=False),
        sa.Column("contact_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("file_ids", sa.JSON(), nullable=False),
        sa.Column("confirm_hours", sa.Integer(), nullable=False),
        sa.Column("deliver_days", sa.Integer(), nullable=False),
        sa.Column("return_days", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("asked_by", sa.String(72), nullable=False),
        sa.Column("asked_by_name", sa.String(100), nullable=False),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("decided_by", sa.String(72), nullable=True),
        sa.Column("decided_by_name", sa.String(100), nullable=True),
        sa.Column("decided_at", _INSTANT, nullable=True),
        _refers("storefronts", "seller_id", "sellers"),
    )
    _create(
        "storefront_goods",
        sa.Column("storefront_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(7), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("description", sa.String(1000), nullable=False),
        sa.Column("interest", sa.String(32), nullable=True),
        sa.Column("price_rials", sa.BigInteger(), nullable=False),
        sa.Column("stock", sa.BigInteger(), nullable=True),
        sa.Column("file_ids", sa.JSON(), nullable=False),
        sa.Column("is_offered", sa.Boolean(), nullable=False),
        sa.Column("search_key", sa.String(1200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("asked_by", sa.String(72), nullable=False),
        sa.Column("asked_by_name", sa.String(100), nullable=False),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("decided_by", sa.String(72), nullable=True),
        sa.Column("decided_by_name", sa.String(100), nullable=True),
        sa.Column("decided_at", _INSTANT, nullable=True),
        _refers("storefront_goods", "storefront_id", "storefronts"),
    )
    _create(
        "storefront_privileges",
        sa.Column("storefront_id", sa.BigInteger(), nullable=False),
        sa.Column("good_id", sa.BigInteger(), nullable=True),
        sa.Column("title", sa.String(60), nullable=False),
        sa.Column("title_fa", sa.String(60), nullable=False),
        sa.Column("audience", sa.JSON(), nullable=True),
        sa.Column("starts_at", _INSTANT, nullable=False),
        sa.Column("ends_at", _INSTANT, nullable=True),
        sa.Column("discount_bp", sa.Integer(), nullable=False),
        sa.Column("bonus_points", sa.BigInteger(), nullable=False),
        sa.Column("instalments", sa.JSON(), nullable=True),
        sa.Column("left", sa.BigInteger(), nullable=True),
        sa.Column("most_per_member", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("asked_by", sa.String(72), nullable=False),
        sa.Column("asked_by_name", sa.String(100), nullable=False),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("decided_by", sa.String(72), nullable=True),
        sa.Column("decided_by_name", sa.String(100), nullable=True),
        sa.Column("decided_at", _INSTANT, nullable=True),
        _refers("storefront_privileges", "good_id", "storefront_goods"),
        _refers("storefront_privileges", "storefront_id", "storefronts"),
    )
    _create(
        "storefront_orders",
        sa.Column("seller_id", sa.BigInteger(), nullable=False),
        sa.Column("storefront_id", sa.BigInteger(), nullable=False),
        sa.Column("good_id", sa.BigInteger(), nullable=False),
        sa.Column("privilege_id", sa.BigInteger(), nullable=True),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("interest", sa.String(32), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unit_price_rials", sa.BigInteger(), nullable=False),
        sa.Column("discount_rials", sa.BigInteger(), nullable=False),
        sa.Column("total_rials", sa.BigInteger(), nullable=False),
        sa.Column("payment", sa.String(11), nullable=False),
        sa.Column("bonus_units", sa.BigInteger(), nullable=False),
        sa.Column("bonus_rials", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(9), nullable=False),
        sa.Column("deadline_at", _INSTANT, nullable=True),
        sa.Column("delivery_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("tracking", sa.String(40), nullable=True),
        sa.Column("ordered_by", sa.String(100), nullable=False),
        sa.Column("placed_at", _INSTANT, nullable=False),
        sa.Column("confirmed_at", _INSTANT, nullable=True),
        sa.Column("delivered_at", _INSTANT, nullable=True),
        sa.Column("ended_at", _INSTANT, nullable=True),
        _refers("storefront_orders", "good_id", "storefront_goods"),
        _refers("storefront_orders", "privilege_id", "storefront_privileges"),
        _within("storefront_orders", "member_id", "members"),
        _refers("storefront_orders", "seller_id", "sellers"),
        _refers("storefront_orders", "storefront_id", "storefronts"),
    )


def _create_instalment_sales() -> None:
    _create(
        "instalment_sales",
        sa.Column("seller_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("service", sa.String(32), nullable=False),
        sa.Column("reference", sa.String(64), nullable=False),
        sa.Column("price_rials", sa.BigInteger(), nullable=False),
        sa.Column("charge_rials", sa.BigInteger(), nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(9), nullable=False),
        sa.Column("paid_rials", sa.BigInteger(), nullable=False),
        sa.Column("asked_rials", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", _INSTANT, nullable=False),
        sa.Column("ended_at", _INSTANT, nullable=True),
        _within("instalment_sales", "member_id", "members"),
        _refers("instalment_sales", "seller_id", "sellers"),
        _unique("instalment_sales", "programme_id", "service", "reference"),
    )
    _create(
        "instalment_parts",
        sa.Column("sale_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("price_rials", sa.BigInteger(), nullable=False),
        sa.Column("charge_rials", sa.BigInteger(), nullable=False),
        sa.Column("paid_rials", sa.BigInteger(), nullable=False),
        sa.Column("paid_at", _INSTANT, nullable=True),
        sa.Column("late_on", sa.Date(), nullable=True),
        _refers("instalment_parts", "sale_id", "instalment_sales"),
        _unique("instalment_parts", "sale_id", "number"),
    )
    _create(
        "instalment_payments",
        sa.Column("sale_id", sa.BigInteger(), nullable=False),
        sa.Column("means", sa.String(6), nullable=False),
        sa.Column("reference", sa.String(40), nullable=False),
        sa.Column("rials", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(7), nullable=False),
        sa.Column("told_by", sa.String(100), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        _refers("instalment_payments", "sale_id", "instalment_sales"),
        _unique("instalment_payments", "sale_id", "reference"),
    )


def _create_paid_notices() -> None:
    _create(
        "paid_notice_policies",
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("message_rials", sa.BigInteger(), nullable=False),
        sa.Column("most_recipients", sa.Integer(), nullable=False),
        sa.Column("most_per_member", sa.Integer(), nullable=False),
        sa.Column("per_days", sa.Integer(), nullable=False),
        sa.Column("valid_from", _INSTANT, nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("created_by", sa.String(100), nullable=False),
    )
    _create_keyed(
        "notice_consents",
        ("member_id",),
        sa.Column("member_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("given_at", _INSTANT, nullable=False),
        _within("notice_consents", "member_id", "members"),
    )
    _create(
        "paid_notices",
        sa.Column("seller_id", sa.BigInteger(), nullable=False),
        sa.Column("policy_id", sa.BigInteger(), nullable=False),
        sa.Column("interest", sa.String(32), nullable=False),
        sa.Column("audience", sa.JSON(), nullable=True),
        sa.Column("text", sa.String(300), nullable=False),
        sa.Column("text_fa", sa.String(300), nullable=False),
        sa.Column("means", sa.String(7), nullable=False),
        sa.Column("recipients", sa.Integer(), nullable=False),
        sa.Column("message_rials", sa.BigInteger(), nullable=False),
        sa.Column("after_id", sa.BigInteger(), nullable=False),
        sa.Column("queued", sa.Integer(), nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.Column("billed_rials", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", _INSTANT, nullable=True),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("asked_by", sa.String(72), nullable=False),
        sa.Column("asked_by_name", sa.String(100), nullable=False),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("decided_by", sa.String(72), nullable=True),
        sa.Column("decided_by_name", sa.String(100), nullable=True),
        sa.Column("decided_at", _INSTANT, nullable=True),
        _refers("paid_notices", "policy_id", "paid_notice_policies"),
        _refers("paid_notices", "seller_id", "sellers"),
    )
    _create(
        "paid_notice_messages",
        sa.Column("notice_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(6), nullable=False),
        sa.Column("queued_at", _INSTANT, nullable=False),
        _refers("paid_notice_messages", "notice_id", "paid_notices"),
        _within("paid_notice_messages", "member_id", "members"),
        _unique("paid_notice_messages", "notice_id", "member_id"),
    )


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


def _within(table: str, column: str, referred: str) -> sa.ForeignKeyConstraint:
    """The id of a row of the same programme, in a table whose key is programme and id."""
    return sa.ForeignKeyConstraint(
        ["programme_id", column],
        [f"{referred}.programme_id", f"{referred}.id"],
        name=f"fk_{table}_programme_id_{column}_{referred}",
    )


def _refers(table: str, column: str, referred: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{referred}.id"], name=f"fk_{table}_{column}_{referred}")


def _unique(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name=f"uq_{table}_{'_'.join(columns)}")
