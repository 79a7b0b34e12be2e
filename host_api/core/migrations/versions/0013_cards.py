"""Card products, stock, designs, codes and gift cards; numbers of cards are sealed wherever they are kept.

Revision: 0013, after 0012
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.schema import SchemaItem

from host_api.core.migrations.card_number_sealing import (
    PASSING,
    hide_in_audit,
    open_cards,
    open_passing,
    seal_cards,
    seal_passing,
)
from host_api.core.migrations.row_sealing import begin_erasing

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_IDENTIFIER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.DateTime(timezone=True)
_INDEX_BYTES = 36


def upgrade() -> None:
    """Apply."""
    begin_erasing()
    products = _create_products()
    _create_stock()
    seal_cards(products)
    for table in PASSING:
        seal_passing(table)
    hide_in_audit()
    _create_transitions()
    _create_family()
    _create_codes()
    _create_gift_loads()
    _create_personalisation()


def downgrade() -> None:
    """Take back; cards in states that the older version doesn't know are blocked there."""
    for table in (
        "card_batch_lines",
        "card_batches",
        "card_designs",
        "gift_loads",
        "card_codes",
        "family_cards",
        "card_transitions",
        "card_counts",
        "card_allotments",
    ):
        op.drop_table(table)
    for table in PASSING:
        open_passing(table)
    open_cards()
    op.drop_table("card_orders")
    op.drop_table("card_products")


def _create_products() -> sa.Table:
    products: sa.Table = op.create_table(
        "card_products",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("code", sa.String(8), nullable=False),
        sa.Column("card_type", sa.String(8), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("title", sa.String(100), nullable=False),
        sa.Column("title_fa", sa.String(100), nullable=False),
        sa.Column("media", sa.JSON(), nullable=False),
        sa.Column("number_digits", sa.String(2), nullable=False),
        sa.Column("validity_months", sa.Integer(), nullable=True),
        sa.Column("is_pin_wanted", sa.Boolean(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("replacement_fee", sa.BigInteger(), nullable=False),
        sa.Column("tiers", sa.JSON(), nullable=False),
        sa.Column("club_levels", sa.JSON(), nullable=False),
        sa.Column("limit_per_member", sa.Integer(), nullable=True),
        sa.Column("limit_total", sa.Integer(), nullable=True),
        sa.Column("limit_per_branch", sa.Integer(), nullable=True),
        sa.Column("limit_per_branch_day", sa.Integer(), nullable=True),
        sa.Column("is_family_allowed", sa.Boolean(), nullable=False),
        sa.Column("static_code", sa.String(8), nullable=False),
        sa.Column("moment_code_s", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(8), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        *_ends("card_products"),
        sa.UniqueConstraint("programme_id", "code", name="uq_card_products_programme_id_code"),
        sqlite_autoincrement=True,
    )
    return products


def _create_stock() -> None:
    op.create_table(
        "card_orders",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("branch_id", sa.BigInteger(), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unit_cost", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.String(200), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("state", sa.String(9), nullable=False),
        sa.Column("made", sa.Integer(), nullable=False),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.Column("job_run_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", _INSTANT, nullable=False),
        *_ends("card_orders", product_id="card_products", branch_id="branches"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "card_allotments",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("from_branch_id", sa.BigInteger(), nullable=True),
        sa.Column("to_branch_id", sa.BigInteger(), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("first_card_id", sa.BigInteger(), nullable=False),
        sa.Column("last_card_id", sa.BigInteger(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        *_ends(
            "card_allotments", product_id="card_products", from_branch_id="branches", to_branch_id="branches"
        ),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "card_counts",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("branch_id", sa.BigInteger(), nullable=True),
        sa.Column("expected", sa.Integer(), nullable=False),
        sa.Column("counted", sa.Integer(), nullable=False),
        sa.Column("missing", sa.JSON(), nullable=False),
        sa.Column("misplaced", sa.JSON(), nullable=False),
        sa.Column("unknown", sa.Integer(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("counted_by", sa.String(100), nullable=False),
        sa.Column("settled_at", _INSTANT, nullable=True),
        *_ends("card_counts", product_id="card_products", branch_id="branches"),
        sqlite_autoincrement=True,
    )
    for table in ("card_orders", "card_allotments", "card_counts"):
        _index(table, "programme_id", "product_id", "id")


def _create_transitions() -> None:
    op.create_table(
        "card_transitions",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("card_id", sa.BigInteger(), nullable=False),
        sa.Column("from_status", sa.String(9), nullable=False),
        sa.Column("to_status", sa.String(9), nullable=False),
        sa.Column("reason", sa.String(16), nullable=False),
        sa.Column("note", sa.String(200), nullable=True),
        sa.Column("fee", sa.BigInteger(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("caller_kind", sa.String(8), nullable=False),
        sa.Column("caller_id", sa.String(60), nullable=False),
        sa.Column("caller_name", sa.String(100), nullable=False),
        sa.Column("feed_position", sa.BigInteger(), nullable=True),
        *_ends("card_transitions", card_id="cards"),
        sqlite_autoincrement=True,
    )
    _index("card_transitions", "programme_id", "card_id", "id")


def _create_family() -> None:
    op.create_table(
        "family_cards",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("principal_member_id", sa.BigInteger(), nullable=False),
        sa.Column("relation", sa.String(8), nullable=False),
        sa.Column("limit_per_purchase", sa.BigInteger(), nullable=True),
        sa.Column("limit_per_day", sa.BigInteger(), nullable=True),
        sa.Column("limit_per_month", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        *_ends("family_cards", id="cards"),
    )
    _index("family_cards", "programme_id", "principal_member_id")


def _create_codes() -> None:
    op.create_table(
        "card_codes",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("card_id", sa.BigInteger(), nullable=True),
        sa.Column("member_id", sa.BigInteger(), nullable=True),
        sa.Column("number_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("number_index", sa.LargeBinary(_INDEX_BYTES), nullable=True),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=True),
        sa.Column("is_due", sa.Boolean(), nullable=False),
        *_ends("card_codes", card_id="cards"),
        sa.UniqueConstraint("programme_id", "number_index", name="uq_card_codes_programme_id_number_index"),
        sqlite_autoincrement=True,
    )
    for column in ("card_id", "member_id", "expires_at", "is_due"):
        _index("card_codes", "programme_id", column)


def _create_gift_loads() -> None:
    op.create_table(
        "gift_loads",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("card_id", sa.BigInteger(), nullable=False),
        sa.Column("merchant_id", sa.String(15), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("request_id", sa.BigInteger(), nullable=True),
        sa.Column("response_code", sa.String(2), nullable=True),
        sa.Column("rrn", sa.String(12), nullable=True),
        sa.Column("balance_after", sa.BigInteger(), nullable=True),
        sa.Column("asked_by_name", sa.String(100), nullable=False),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("finished_at", _INSTANT, nullable=True),
        *_ends("gift_loads", card_id="cards"),
        sqlite_autoincrement=True,
    )
    _index("gift_loads", "programme_id", "card_id", "id")


def _create_personalisation() -> None:
    op.create_table(
        "card_designs",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("card_name", sa.String(60), nullable=False),
        sa.Column("elements", sa.JSON(), nullable=False),
        sa.Column("tracks", sa.JSON(), nullable=False),
        sa.Column("service_code", sa.String(3), nullable=False),
        sa.Column("chip_zone", sa.Integer(), nullable=True),
        sa.Column("chip_generation", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(8), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        *_ends("card_designs"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "card_batches",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("design_id", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=True),
        sa.Column("reprints_id", sa.BigInteger(), nullable=True),
        sa.Column("file_format", sa.String(8), nullable=False),
        sa.Column("state", sa.String(9), nullable=False),
        sa.Column("cards", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.BigInteger(), nullable=True),
        sa.Column("file_sha256", sa.LargeBinary(32), nullable=True),
        sa.Column("job_run_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("taken_at", _INSTANT, nullable=True),
        sa.Column("taken_by", sa.String(100), nullable=True),
        sa.Column("confirmed_at", _INSTANT, nullable=True),
        sa.Column("confirmed_by", sa.String(100), nullable=True),
        *_ends("card_batches", design_id="card_designs", order_id="card_orders", reprints_id="card_batches"),
        sqlite_autoincrement=True,
    )
    _index("card_batches", "programme_id", "order_id")
    op.create_table(
        "card_batch_lines",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("card_id", sa.BigInteger(), nullable=False),
        sa.Column("fault", sa.String(16), nullable=True),
        *_ends("card_batch_lines", batch_id="card_batches", card_id="cards"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_card_batch_lines_batch_id_sequence", "card_batch_lines", ["batch_id", "sequence"], unique=True
    )
    _index("card_batch_lines", "card_id")


def _ends(table: str, **references: str) -> list[SchemaItem]:
    """What every table ends with: its programme, its key, and its references by column."""
    return [
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name=f"fk_{table}_programme_id_programmes"
        ),
        *(
            sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}_{other}")
            for column, other in references.items()
        ),
    ]


def _index(table: str, *columns: str) -> None:
    op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns))
