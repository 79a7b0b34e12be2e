"""Merchants' products, stock, sales and books.

Revision: 0031, after 0026
"""

from typing import Any, Final

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

_IDENTIFIER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.DateTime(timezone=True)
_TABLES: Final = (
    "product_groups",
    "products",
    "product_prices",
    "stock_levels",
    "stock_entries",
    "stock_rules",
    "stock_counts",
    "stock_count_lines",
    "store_entries",
    "store_debtors",
    "store_debt_acts",
    "store_sales",
    "store_sale_lines",
    "store_returns",
    "store_return_lines",
)
_INDEXES: Final = (
    ("product_groups", ("parent_id",)),
    ("products", ("group_id", "id")),
    ("products", ("merchant", "id")),
    ("product_prices", ("product_id", "valid_from")),
    ("stock_entries", ("branch_id", "id")),
    ("stock_entries", ("product_id", "id")),
    ("stock_counts", ("branch_id", "id")),
    ("store_entries", ("member_id", "id")),
    ("store_entries", ("merchant", "at")),
    ("store_entries", ("merchant", "id")),
    ("store_debt_acts", ("member_id", "id")),
    ("store_sales", ("branch_id", "id")),
    ("store_sales", ("member_id", "id")),
    ("store_sales", ("points_state", "id")),
    ("store_returns", ("sale_id", "id")),
)
_OPEN: Final = sa.text("state = 'open'")


def upgrade() -> None:
    """Apply."""
    _create_products()
    _create_stock()
    _create_books()
    _create_sales()
    for table, columns in _INDEXES:
        op.create_index(f"ix_{table}_programme_id_{'_'.join(columns)}", table, ["programme_id", *columns])
    op.create_index(
        "uq_stock_counts_open",
        "stock_counts",
        ["programme_id", "branch_id"],
        unique=True,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )


def downgrade() -> None:
    """Take back."""
    for table in reversed(_TABLES):
        op.drop_table(table)


def _create_products() -> None:
    _create(
        "product_groups",
        sa.Column("merchant", sa.BigInteger(), nullable=False),
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column("code", sa.String(16), nullable=False),
        sa.Column("title", sa.String(60), nullable=False),
        sa.Column("title_fa", sa.String(60), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["merchant"], ["merchants.id"], name="fk_product_groups_merchant_merchants"),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["product_groups.id"], name="fk_product_groups_parent_id_product_groups"
        ),
        sa.UniqueConstraint(
            "programme_id", "merchant", "code", name="uq_product_groups_programme_id_merchant_code"
        ),
    )
    _create(
        "products",
        sa.Column("merchant", sa.BigInteger(), nullable=False),
        sa.Column("group_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(32), nullable=False),
        sa.Column("barcode", sa.String(40), nullable=True),
        sa.Column("title", sa.String(60), nullable=False),
        sa.Column("title_fa", sa.String(60), nullable=False),
        sa.Column("tag", sa.String(30), nullable=True),
        sa.Column("unit", sa.String(10), nullable=False),
        sa.Column("price_quantity", sa.Integer(), nullable=False),
        sa.Column("tax_rate", sa.Integer(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["product_groups.id"], name="fk_products_group_id_product_groups"
        ),
        sa.ForeignKeyConstraint(["merchant"], ["merchants.id"], name="fk_products_merchant_merchants"),
        sa.UniqueConstraint(
            "programme_id", "merchant", "barcode", name="uq_products_programme_id_merchant_barcode"
        ),
        sa.UniqueConstraint(
            "programme_id", "merchant", "code", name="uq_products_programme_id_merchant_code"
        ),
    )
    _create(
        "product_prices",
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("valid_from", _INSTANT, nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("created_by", sa.String(100), nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name="fk_product_prices_product_id_products"
        ),
    )


def _create_stock() -> None:
    _create_keyed(
        "stock_levels",
        (
            "branch_id",
            "product_id",
        ),
        sa.Column("branch_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("product_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["branches.id"], name="fk_stock_levels_branch_id_branches"),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name="fk_stock_levels_product_id_products"),
    )
    _create(
        "stock_entries",
        sa.Column("branch_id", sa.BigInteger(), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(9), nullable=False),
        sa.Column("document_id", sa.BigInteger(), nullable=True),
        sa.Column("change", sa.BigInteger(), nullable=False),
        sa.Column("level_after", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.String(100), nullable=True),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("by_name", sa.String(100), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["branches.id"], name="fk_stock_entries_branch_id_branches"),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name="fk_stock_entries_product_id_products"),
    )
    _create_keyed(
        "stock_rules",
        ("branch_id",),
        sa.Column("branch_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("may_go_below_zero", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["branches.id"], name="fk_stock_rules_branch_id_branches"),
    )
    _create(
        "stock_counts",
        sa.Column("branch_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(9), nullable=False),
        sa.Column("note", sa.String(100), nullable=True),
        sa.Column("opened_at", _INSTANT, nullable=False),
        sa.Column("opened_by_name", sa.String(100), nullable=False),
        sa.Column("ended_at", _INSTANT, nullable=True),
        sa.Column("ended_by_name", sa.String(100), nullable=True),
        sa.ForeignKeyConstraint(["branch_id"], ["branches.id"], name="fk_stock_counts_branch_id_branches"),
    )
    _create(
        "stock_count_lines",
        sa.Column("count_id", sa.BigInteger(), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("counted", sa.BigInteger(), nullable=False),
        sa.Column("expected", sa.BigInteger(), nullable=False),
        sa.Column("counted_at", _INSTANT, nullable=False),
        sa.Column("by_name", sa.String(100), nullable=False),
        sa.ForeignKeyConstraint(
            ["count_id"], ["stock_counts.id"], name="fk_stock_count_lines_count_id_stock_counts"
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name="fk_stock_count_lines_product_id_products"
        ),
        sa.UniqueConstraint("count_id", "product_id", name="uq_stock_count_lines_count_id_product_id"),
    )


def _create_books() -> None:
    _create(
        "store_entries",
        sa.Column("merchant", sa.BigInteger(), nullable=False),
        sa.Column("branch_id", sa.BigInteger(), nullable=False),
        sa.Column("document_kind", sa.String(12), nullable=False),
        sa.Column("document_id", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.String(12), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("by_name", sa.String(100), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["branches.id"], name="fk_store_entries_branch_id_branches"),
        sa.ForeignKeyConstraint(["merchant"], ["merchants.id"], name="fk_store_entries_merchant_merchants"),
    )
    _create_keyed(
        "store_debtors",
        (
            "merchant",
            "member_id",
        ),
        sa.Column("merchant", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("member_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["merchant"], ["merchants.id"], name="fk_store_debtors_merchant_merchants"),
    )
    _create(
        "store_debt_acts",
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("merchant", sa.BigInteger(), nullable=False),
        sa.Column("branch_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.String(12), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.String(100), nullable=True),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("by_name", sa.String(100), nullable=False),
        sa.Column("till", sa.String(16), nullable=False),
        sa.Column("reference", sa.String(40), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["branches.id"], name="fk_store_debt_acts_branch_id_branches"),
        sa.ForeignKeyConstraint(["merchant"], ["merchants.id"], name="fk_store_debt_acts_merchant_merchants"),
        sa.UniqueConstraint(
            "programme_id", "till", "reference", name="uq_store_debt_acts_programme_id_till_reference"
        ),
    )


def _create_sales() -> None:
    _create(
        "store_sales",
        sa.Column("kind", sa.String(4), nullable=False),
        sa.Column("merchant", sa.BigInteger(), nullable=False),
        sa.Column("branch_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=True),
        sa.Column("net", sa.BigInteger(), nullable=False),
        sa.Column("tax", sa.BigInteger(), nullable=False),
        sa.Column("payments", sa.JSON(), nullable=False),
        sa.Column("debt", sa.BigInteger(), nullable=False),
        sa.Column("sold_at", _INSTANT, nullable=False),
        sa.Column("registered_at", _INSTANT, nullable=False),
        sa.Column("by_name", sa.String(100), nullable=False),
        sa.Column("points_state", sa.String(8), nullable=False),
        sa.Column("rrn", sa.String(12), nullable=True),
        sa.Column("request_id", sa.BigInteger(), nullable=True),
        sa.Column("response_code", sa.String(2), nullable=True),
        sa.Column("points", sa.BigInteger(), nullable=True),
        sa.Column("club_discount", sa.BigInteger(), nullable=True),
        sa.Column("has_basket", sa.Boolean(), nullable=False),
        sa.Column("till", sa.String(16), nullable=False),
        sa.Column("reference", sa.String(40), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["branches.id"], name="fk_store_sales_branch_id_branches"),
        sa.ForeignKeyConstraint(["merchant"], ["merchants.id"], name="fk_store_sales_merchant_merchants"),
        sa.UniqueConstraint("programme_id", "rrn", name="uq_store_sales_programme_id_rrn"),
        sa.UniqueConstraint(
            "programme_id", "till", "reference", name="uq_store_sales_programme_id_till_reference"
        ),
    )
    _create(
        "store_sale_lines",
        sa.Column("sale_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("returned", sa.BigInteger(), nullable=False),
        sa.Column("unit_price", sa.BigInteger(), nullable=False),
        sa.Column("discount", sa.BigInteger(), nullable=False),
        sa.Column("net", sa.BigInteger(), nullable=False),
        sa.Column("tax", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name="fk_store_sale_lines_product_id_products"
        ),
        sa.ForeignKeyConstraint(
            ["sale_id"], ["store_sales.id"], name="fk_store_sale_lines_sale_id_store_sales"
        ),
        sa.UniqueConstraint("sale_id", "number", name="uq_store_sale_lines_sale_id_number"),
    )
    _create(
        "store_returns",
        sa.Column("sale_id", sa.BigInteger(), nullable=False),
        sa.Column("net", sa.BigInteger(), nullable=False),
        sa.Column("tax", sa.BigInteger(), nullable=False),
        sa.Column("refunds", sa.JSON(), nullable=False),
        sa.Column("debt", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(200), nullable=True),
        sa.Column("returned_at", _INSTANT, nullable=False),
        sa.Column("registered_at", _INSTANT, nullable=False),
        sa.Column("by_name", sa.String(100), nullable=False),
        sa.Column("transaction_request_id", sa.BigInteger(), nullable=True),
        sa.Column("rrn", sa.String(12), nullable=True),
        sa.Column("till", sa.String(16), nullable=False),
        sa.Column("reference", sa.String(40), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["sale_id"], ["store_sales.id"], name="fk_store_returns_sale_id_store_sales"),
        sa.UniqueConstraint("programme_id", "rrn", name="uq_store_returns_programme_id_rrn"),
        sa.UniqueConstraint(
            "programme_id", "till", "reference", name="uq_store_returns_programme_id_till_reference"
        ),
    )
    _create(
        "store_return_lines",
        sa.Column("return_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("net", sa.BigInteger(), nullable=False),
        sa.Column("tax", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["return_id"], ["store_returns.id"], name="fk_store_return_lines_return_id_store_returns"
        ),
        sa.UniqueConstraint("return_id", "number", name="uq_store_return_lines_return_id_number"),
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
