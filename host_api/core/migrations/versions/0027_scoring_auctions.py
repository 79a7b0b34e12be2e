"""Scoring of members, and auctions of the shop.

Revision: 0027, after 0026
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_IDENTIFIER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.DateTime(timezone=True)
_TABLES = ("scoring_models", "scoring_runs", "scored_members", "shop_auctions", "shop_bids")
_INDEXES = (
    ("scoring_models", ("id",)),
    ("scoring_runs", ("id",)),
    ("scoring_runs", ("model_id", "id")),
    ("scoring_runs", ("state", "id")),
    ("scored_members", ("run_id", "band", "member_id")),
    ("scored_members", ("member_id", "run_id")),
    ("scored_members", ("run_id", "award_state")),
    ("shop_auctions", ("id",)),
    ("shop_auctions", ("state", "ends_at")),
    ("shop_bids", ("id",)),
    ("shop_bids", ("auction_id", "id")),
    ("shop_bids", ("member_id", "id")),
    ("shop_bids", ("state", "id")),
)


def upgrade() -> None:
    """Apply."""
    _create_scoring()
    _create_auctions()
    for table, columns in _INDEXES:
        op.create_index(f"ix_{table}_programme_id_{'_'.join(columns)}", table, ["programme_id", *columns])


def downgrade() -> None:
    """Take back."""
    for table in reversed(_TABLES):
        op.drop_table(table)


def _create_scoring() -> None:
    _create(
        "scoring_models",
        sa.Column("title", sa.String(60), nullable=False),
        sa.Column("title_fa", sa.String(60), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("created_by", sa.String(100), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
    )
    _create(
        "scoring_runs",
        sa.Column("model_id", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("previous_run_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("scored_up_to", sa.BigInteger(), nullable=False),
        sa.Column("published_up_to", sa.BigInteger(), nullable=False),
        sa.Column("members", sa.BigInteger(), nullable=False),
        sa.Column("award_units", sa.BigInteger(), nullable=False),
        sa.Column("by_band", sa.JSON(), nullable=False),
        sa.Column("asked_by", sa.String(72), nullable=False),
        sa.Column("asked_by_name", sa.String(100), nullable=False),
        sa.Column("published_by_name", sa.String(100), nullable=True),
        sa.Column("finished_at", _INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["model_id"], ["scoring_models.id"], name="fk_scoring_runs_model_id_scoring_models"
        ),
    )
    op.create_table(
        "scored_members",
        sa.Column("programme_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("run_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("member_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("band", sa.String(16), nullable=False),
        sa.Column("band_before", sa.String(16), nullable=True),
        sa.Column("measured", sa.JSON(), nullable=False),
        sa.Column("award_units", sa.BigInteger(), nullable=False),
        sa.Column("award_state", sa.String(8), nullable=False),
        sa.Column("response_code", sa.String(2), nullable=True),
        sa.Column("rrn", sa.String(12), nullable=True),
        sa.PrimaryKeyConstraint("programme_id", "run_id", "member_id", name="pk_scored_members"),
        sa.ForeignKeyConstraint(
            ["run_id"], ["scoring_runs.id"], name="fk_scored_members_run_id_scoring_runs"
        ),
        _of_programme("scored_members"),
    )


def _create_auctions() -> None:
    _create(
        "shop_auctions",
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("purse", sa.Integer(), nullable=False),
        sa.Column("starts_at", _INSTANT, nullable=False),
        sa.Column("ends_at", _INSTANT, nullable=False),
        sa.Column("latest_end_at", _INSTANT, nullable=False),
        sa.Column("start_units", sa.BigInteger(), nullable=False),
        sa.Column("step_units", sa.BigInteger(), nullable=False),
        sa.Column("extend_within_s", sa.Integer(), nullable=False),
        sa.Column("extend_by_s", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(9), nullable=False),
        sa.Column("leading_bid_id", sa.BigInteger(), nullable=True),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("bids", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=True),
        sa.Column("created_by", sa.String(100), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("ended_at", _INSTANT, nullable=True),
        sa.Column("cancel_reason", sa.String(200), nullable=True),
        sa.ForeignKeyConstraint(["item_id"], ["shop_items.id"], name="fk_shop_auctions_item_id_shop_items"),
        sa.ForeignKeyConstraint(
            ["order_id"], ["shop_orders.id"], name="fk_shop_auctions_order_id_shop_orders"
        ),
    )
    _create(
        "shop_bids",
        sa.Column("auction_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("rrn", sa.String(12), nullable=True),
        sa.Column("response_code", sa.String(2), nullable=True),
        sa.Column("bid_by", sa.String(100), nullable=False),
        sa.Column("bid_at", _INSTANT, nullable=False),
        sa.Column("changed_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["auction_id"], ["shop_auctions.id"], name="fk_shop_bids_auction_id_shop_auctions"
        ),
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


def _of_programme(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["programme_id"], ["programmes.id"], name=f"fk_{table}_programme_id_programmes"
    )
