"""Discount codes, prizes and the club's shop.

Revision: 0021, after 0020
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_IDENTIFIER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Apply."""
    _create_discount_codes()
    _create_prizes()
    _create_shop_catalogue()
    _create_shop_orders()
    _create_shop_vouchers()


def downgrade() -> None:
    """Take back."""
    for table in (
        "shop_voucher_redemptions",
        "shop_vouchers",
        "shop_givings_back",
        "shop_order_lines",
        "shop_orders",
        "shop_cart_lines",
        "shop_slots",
        "shop_items",
        "shop_categories",
        "prize_awards",
        "prizes",
        "discount_codes",
        "code_pools",
    ):
        op.drop_table(table)


def _create_discount_codes() -> None:
    op.create_table(
        "code_pools",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("code", sa.String(16), nullable=False),
        sa.Column("title", sa.String(60), nullable=False),
        sa.Column("title_fa", sa.String(60), nullable=False),
        sa.Column("worth", sa.String(100), nullable=False),
        sa.Column("worth_fa", sa.String(100), nullable=False),
        sa.Column("supplier", sa.String(60), nullable=True),
        sa.Column("cost", sa.BigInteger(), nullable=False),
        sa.Column("prefix", sa.String(8), nullable=False),
        sa.Column("valid_from", _INSTANT, nullable=True),
        sa.Column("valid_until", _INSTANT, nullable=True),
        sa.Column("low_stock", sa.Integer(), nullable=False),
        sa.Column("is_low", sa.Boolean(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        *_common("code_pools"),
        sa.UniqueConstraint("programme_id", "code", name="uq_code_pools_programme_id_code"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "discount_codes",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("pool_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("state", sa.String(9), nullable=False),
        sa.Column("ends_at", _INSTANT, nullable=True),
        sa.Column("member_id", sa.BigInteger(), nullable=True),
        sa.Column("service", sa.String(32), nullable=True),
        sa.Column("reference", sa.String(64), nullable=True),
        sa.Column("added_at", _INSTANT, nullable=False),
        sa.Column("taken_at", _INSTANT, nullable=True),
        sa.Column("finished_at", _INSTANT, nullable=True),
        *_common("discount_codes"),
        sa.UniqueConstraint(
            "programme_id", "pool_id", "code", name="uq_discount_codes_programme_id_pool_id_code"
        ),
        sa.UniqueConstraint(
            "programme_id", "service", "reference", name="uq_discount_codes_programme_id_service_reference"
        ),
        _reference("discount_codes", "pool_id", "code_pools"),
        sqlite_autoincrement=True,
    )
    _create_index("discount_codes", "programme_id", "member_id", "id")
    _create_index("discount_codes", "programme_id", "pool_id", "state", "id")
    _create_index("discount_codes", "programme_id", "state", "ends_at")


def _create_prizes() -> None:
    op.create_table(
        "prizes",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(5), nullable=False),
        sa.Column("title", sa.String(60), nullable=False),
        sa.Column("title_fa", sa.String(60), nullable=False),
        sa.Column("purse", sa.Integer(), nullable=True),
        sa.Column("units", sa.BigInteger(), nullable=True),
        sa.Column("valid_days", sa.Integer(), nullable=True),
        sa.Column("pool_id", sa.BigInteger(), nullable=True),
        sa.Column("claim_days", sa.Integer(), nullable=True),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("stock", sa.BigInteger(), nullable=True),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        *_common("prizes"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "prize_awards",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("prize_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("service", sa.String(32), nullable=False),
        sa.Column("reference", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(5), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(11), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("code_ids", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("claim_until", _INSTANT, nullable=True),
        sa.Column("response_code", sa.String(2), nullable=True),
        sa.Column("rrn", sa.String(12), nullable=True),
        sa.Column("handed_over_by", sa.String(100), nullable=True),
        sa.Column("awarded_at", _INSTANT, nullable=False),
        sa.Column("finished_at", _INSTANT, nullable=True),
        *_common("prize_awards"),
        sa.UniqueConstraint(
            "programme_id", "service", "reference", name="uq_prize_awards_programme_id_service_reference"
        ),
        _reference("prize_awards", "prize_id", "prizes"),
        sqlite_autoincrement=True,
    )
    _create_index("prize_awards", "programme_id", "id")
    _create_index("prize_awards", "programme_id", "member_id", "id")
    _create_index("prize_awards", "programme_id", "prize_id", "id")
    _create_index("prize_awards", "programme_id", "state", "claim_until")


def _create_shop_catalogue() -> None:
    op.create_table(
        "shop_categories",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("code", sa.String(16), nullable=False),
        sa.Column("title", sa.String(60), nullable=False),
        sa.Column("title_fa", sa.String(60), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        *_common("shop_categories"),
        sa.UniqueConstraint("programme_id", "code", name="uq_shop_categories_programme_id_code"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "shop_items",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("category_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(11), nullable=False),
        sa.Column("title", sa.String(60), nullable=False),
        sa.Column("title_fa", sa.String(60), nullable=False),
        sa.Column("description", sa.String(1000), nullable=True),
        sa.Column("description_fa", sa.String(1000), nullable=True),
        sa.Column("parts", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("file_ids", sa.JSON(), nullable=False),
        sa.Column("supplier", sa.String(60), nullable=True),
        sa.Column("cost", sa.BigInteger(), nullable=False),
        sa.Column("purse", sa.Integer(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("sale_price", sa.BigInteger(), nullable=True),
        sa.Column("sale_starts_at", _INSTANT, nullable=True),
        sa.Column("sale_ends_at", _INSTANT, nullable=True),
        sa.Column("starts_at", _INSTANT, nullable=True),
        sa.Column("ends_at", _INSTANT, nullable=True),
        sa.Column("audience", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("stock", sa.BigInteger(), nullable=True),
        sa.Column("limit_quantity", sa.Integer(), nullable=True),
        sa.Column("limit_days", sa.Integer(), nullable=True),
        sa.Column("return_days", sa.Integer(), nullable=False),
        sa.Column("release_hours", sa.Integer(), nullable=False),
        sa.Column("pool_id", sa.BigInteger(), nullable=True),
        sa.Column("voucher_value", sa.BigInteger(), nullable=True),
        sa.Column("voucher_days", sa.Integer(), nullable=True),
        sa.Column("charity", sa.String(60), nullable=True),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        *_common("shop_items"),
        _reference("shop_items", "category_id", "shop_categories"),
        sqlite_autoincrement=True,
    )
    _create_index("shop_items", "programme_id", "category_id", "id")
    _create_index("shop_items", "programme_id", "id")
    op.create_table(
        "shop_slots",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("starts_at", _INSTANT, nullable=False),
        sa.Column("ends_at", _INSTANT, nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("booked", sa.Integer(), nullable=False),
        *_common("shop_slots"),
        _reference("shop_slots", "item_id", "shop_items"),
        sqlite_autoincrement=True,
    )
    _create_index("shop_slots", "programme_id", "item_id", "starts_at", "id")
    op.create_table(
        "shop_cart_lines",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("slot_id", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        *_common("shop_cart_lines"),
        sa.UniqueConstraint(
            "programme_id",
            "member_id",
            "item_id",
            "slot_id",
            name="uq_shop_cart_lines_programme_id_member_id_item_id_slot_id",
        ),
        _reference("shop_cart_lines", "item_id", "shop_items"),
        sqlite_autoincrement=True,
    )


def _create_shop_orders() -> None:
    op.create_table(
        "shop_orders",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("delivery_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("ordered_by", sa.String(100), nullable=False),
        sa.Column("ordered_at", _INSTANT, nullable=False),
        sa.Column("decided_at", _INSTANT, nullable=True),
        *_common("shop_orders"),
        sqlite_autoincrement=True,
    )
    _create_index("shop_orders", "programme_id", "id")
    _create_index("shop_orders", "programme_id", "member_id", "id")
    _create_index("shop_orders", "programme_id", "state", "id")
    op.create_table(
        "shop_order_lines",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("slot_id", sa.BigInteger(), nullable=True),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(11), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unit_price", sa.BigInteger(), nullable=False),
        sa.Column("purse", sa.Integer(), nullable=False),
        sa.Column("supplier", sa.String(60), nullable=True),
        sa.Column("cost", sa.BigInteger(), nullable=False),
        sa.Column("charity", sa.String(60), nullable=True),
        sa.Column("state", sa.String(9), nullable=False),
        sa.Column("returned", sa.Integer(), nullable=False),
        sa.Column("return_days", sa.Integer(), nullable=False),
        sa.Column("tracking", sa.String(40), nullable=True),
        sa.Column("response_code", sa.String(2), nullable=True),
        sa.Column("rrn", sa.String(12), nullable=True),
        sa.Column("ordered_at", _INSTANT, nullable=False),
        sa.Column("accepted_at", _INSTANT, nullable=True),
        sa.Column("delivered_at", _INSTANT, nullable=True),
        *_common("shop_order_lines"),
        _reference("shop_order_lines", "item_id", "shop_items"),
        _reference("shop_order_lines", "order_id", "shop_orders"),
        _reference("shop_order_lines", "slot_id", "shop_slots"),
        sqlite_autoincrement=True,
    )
    _create_index("shop_order_lines", "programme_id", "accepted_at")
    _create_index("shop_order_lines", "programme_id", "id")
    _create_index("shop_order_lines", "programme_id", "item_id", "id")
    _create_index("shop_order_lines", "programme_id", "member_id", "item_id")
    _create_index("shop_order_lines", "programme_id", "order_id", "id")
    _create_index("shop_order_lines", "programme_id", "state", "id")
    op.create_table(
        "shop_givings_back",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("line_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("cause", sa.String(12), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("is_restocked", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("response_code", sa.String(2), nullable=True),
        sa.Column("rrn", sa.String(12), nullable=True),
        sa.Column("asked_by", sa.String(100), nullable=False),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("finished_at", _INSTANT, nullable=True),
        *_common("shop_givings_back"),
        _reference("shop_givings_back", "line_id", "shop_order_lines"),
        sqlite_autoincrement=True,
    )
    _create_index("shop_givings_back", "programme_id", "asked_at")
    _create_index("shop_givings_back", "programme_id", "id")
    _create_index("shop_givings_back", "programme_id", "line_id")
    _create_index("shop_givings_back", "programme_id", "state", "id")


def _create_shop_vouchers() -> None:
    op.create_table(
        "shop_vouchers",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("line_id", sa.BigInteger(), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("remaining", sa.BigInteger(), nullable=False),
        sa.Column("valid_until", _INSTANT, nullable=False),
        sa.Column("issued_at", _INSTANT, nullable=False),
        sa.Column("withdrawn_at", _INSTANT, nullable=True),
        *_common("shop_vouchers"),
        sa.UniqueConstraint("programme_id", "code", name="uq_shop_vouchers_programme_id_code"),
        _reference("shop_vouchers", "item_id", "shop_items"),
        _reference("shop_vouchers", "line_id", "shop_order_lines"),
        sqlite_autoincrement=True,
    )
    _create_index("shop_vouchers", "programme_id", "id")
    _create_index("shop_vouchers", "programme_id", "line_id")
    _create_index("shop_vouchers", "programme_id", "member_id", "id")
    op.create_table(
        "shop_voucher_redemptions",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("voucher_id", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.String(40), nullable=False),
        sa.Column("merchant_id", sa.String(15), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("remaining", sa.BigInteger(), nullable=False),
        sa.Column("redeemed_by", sa.String(100), nullable=False),
        sa.Column("redeemed_at", _INSTANT, nullable=False),
        *_common("shop_voucher_redemptions"),
        sa.UniqueConstraint(
            "programme_id",
            "voucher_id",
            "reference",
            name="uq_shop_voucher_redemptions_programme_id_voucher_id_reference",
        ),
        _reference("shop_voucher_redemptions", "voucher_id", "shop_vouchers"),
        sqlite_autoincrement=True,
    )
    _create_index("shop_voucher_redemptions", "programme_id", "id")


def _common(table: str) -> tuple[sa.Column[int] | sa.Constraint, ...]:
    """What every table here has."""
    return (
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        _reference(table, "programme_id", "programmes"),
    )


def _reference(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}_{target}")


def _create_index(table: str, *columns: str) -> None:
    op.create_index(f"ix_{table}_{'_'.join(columns)}", table, [*columns])
