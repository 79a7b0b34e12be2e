"""Trades and portfolios at brokers and in funds; marketers, their statements and affiliate links.

Revision: 0030, after 0026
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

_IDENTIFIER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.DateTime(timezone=True)
_TABLES = (
    "brokerage_portfolio_updates",
    "brokerage_positions",
    "brokerage_sources",
    "brokerage_symbol_days",
    "brokerage_trade_changes",
    "brokerage_trade_reports",
    "brokerage_trades",
    "marketer_gates",
    "marketer_rebate_tables",
    "marketers",
    "affiliate_links",
    "marketer_lines",
    "marketer_statements",
    "affiliate_attributions",
    "affiliate_clicks",
    "affiliate_days",
    "marketer_adjustments",
    "marketer_payments",
)
_INDEXES = (
    ("brokerage_positions", ("id",)),
    ("brokerage_positions", ("member_id",)),
    ("brokerage_positions", ("next_try_at", "id")),
    ("brokerage_symbol_days", ("id",)),
    ("brokerage_symbol_days", ("symbol", "day")),
    ("brokerage_trade_changes", ("id",)),
    ("brokerage_trade_reports", ("id",)),
    ("brokerage_trade_reports", ("next_try_at", "id")),
    ("brokerage_trade_reports", ("state", "id")),
    ("brokerage_trades", ("id",)),
    ("brokerage_trades", ("member_id", "traded_at")),
    ("brokerage_trades", ("symbol", "traded_at")),
    ("brokerage_trades", ("traded_at", "id")),
    ("marketer_rebate_tables", ("valid_from", "id")),
    ("marketers", ("id",)),
    ("affiliate_links", ("id",)),
    ("marketer_lines", ("id",)),
    ("marketer_lines", ("marketer_id", "month")),
    ("marketer_lines", ("marketer_id", "statement_id")),
    ("marketer_lines", ("trade_id", "id")),
    ("marketer_statements", ("id",)),
    ("marketer_statements", ("state", "id")),
    ("affiliate_attributions", ("id",)),
    ("affiliate_attributions", ("link_id", "id")),
    ("affiliate_clicks", ("clicked_at",)),
    ("affiliate_clicks", ("visitor", "clicked_at")),
    ("affiliate_days", ("id",)),
    ("marketer_adjustments", ("marketer_id", "month")),
    ("marketer_adjustments", ("statement_id", "id")),
    ("marketer_payments", ("id",)),
    ("marketer_payments", ("state", "id")),
    ("marketer_payments", ("statement_id",)),
)


def upgrade() -> None:
    """Apply."""
    _create_brokerage()
    _create_marketers()
    for table, columns in _INDEXES:
        op.create_index(f"ix_{table}_programme_id_{'_'.join(columns)}", table, ["programme_id", *columns])


def downgrade() -> None:
    """Take back."""
    for table in reversed(_TABLES):
        op.drop_table(table)


def _create_brokerage() -> None:
    _create_keyed(
        "brokerage_portfolio_updates",
        ("member_id", "source"),
        sa.Column("member_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("as_of", _INSTANT, nullable=False),
        sa.Column("told_at", _INSTANT, nullable=False),
    )
    _create(
        "brokerage_positions",
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("symbol", sa.String(24), nullable=False),
        sa.Column("asset_type", sa.String(9), nullable=False),
        sa.Column("as_of", _INSTANT, nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("value_rials", sa.BigInteger(), nullable=False),
        sa.Column("cost_rials", sa.BigInteger(), nullable=True),
        sa.Column("told_at", _INSTANT, nullable=False),
        sa.Column("next_try_at", _INSTANT, nullable=True),
        sa.UniqueConstraint(
            "programme_id", "source", "member_id", "as_of", "symbol", name="uq_brokerage_positions_once"
        ),
    )
    _create(
        "brokerage_sources",
        sa.Column("code", sa.String(16), nullable=False),
        sa.Column("kind", sa.String(6), nullable=False),
        sa.Column("title", sa.String(60), nullable=False),
        sa.Column("title_fa", sa.String(60), nullable=False),
        sa.Column("event_code", sa.String(16), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.UniqueConstraint("programme_id", "code", name="uq_brokerage_sources_programme_id_code"),
    )
    _create(
        "brokerage_symbol_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("symbol", sa.String(24), nullable=False),
        sa.Column("asset_type", sa.String(9), nullable=False),
        sa.Column("buy_count", sa.BigInteger(), nullable=False),
        sa.Column("buy_rials", sa.BigInteger(), nullable=False),
        sa.Column("sell_count", sa.BigInteger(), nullable=False),
        sa.Column("sell_rials", sa.BigInteger(), nullable=False),
        sa.Column("turnover_rials", sa.BigInteger(), nullable=False),
        sa.Column("commission_rials", sa.BigInteger(), nullable=False),
        sa.UniqueConstraint(
            "programme_id", "day", "source", "symbol", "asset_type", name="uq_brokerage_symbol_days_once"
        ),
    )
    _create(
        "brokerage_trade_changes",
        sa.Column("trade_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("traded_at", _INSTANT, nullable=False),
        sa.Column("is_taken_off", sa.Boolean(), nullable=False),
        sa.Column("turnover_rials", sa.BigInteger(), nullable=False),
        sa.Column("commission_rials", sa.BigInteger(), nullable=False),
    )
    _create(
        "brokerage_trade_reports",
        sa.Column("digest", sa.String(32), nullable=False),
        sa.Column("told_at", _INSTANT, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("refusal", sa.String(32), nullable=True),
        sa.Column("next_try_at", _INSTANT, nullable=True),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("reference", sa.String(40), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("symbol", sa.String(24), nullable=False),
        sa.Column("asset_type", sa.String(9), nullable=False),
        sa.Column("side", sa.String(4), nullable=False),
        sa.Column("traded_at", _INSTANT, nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("price_rials", sa.BigInteger(), nullable=False),
        sa.Column("turnover_rials", sa.BigInteger(), nullable=False),
        sa.Column("commission_rials", sa.BigInteger(), nullable=False),
        sa.Column("is_cancelled", sa.Boolean(), nullable=False),
        sa.UniqueConstraint(
            "programme_id",
            "source",
            "reference",
            "revision",
            "digest",
            name="uq_brokerage_trade_reports_once",
        ),
    )
    _create(
        "brokerage_trades",
        sa.Column("first_told_at", _INSTANT, nullable=False),
        sa.Column("told_at", _INSTANT, nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("reference", sa.String(40), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("symbol", sa.String(24), nullable=False),
        sa.Column("asset_type", sa.String(9), nullable=False),
        sa.Column("side", sa.String(4), nullable=False),
        sa.Column("traded_at", _INSTANT, nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("price_rials", sa.BigInteger(), nullable=False),
        sa.Column("turnover_rials", sa.BigInteger(), nullable=False),
        sa.Column("commission_rials", sa.BigInteger(), nullable=False),
        sa.Column("is_cancelled", sa.Boolean(), nullable=False),
        sa.UniqueConstraint(
            "programme_id", "source", "reference", name="uq_brokerage_trades_programme_id_source_reference"
        ),
    )


def _create_marketers() -> None:
    _create_keyed(
        "marketer_gates",
        (),
        sa.Column("followed_up_to", sa.BigInteger(), nullable=False),
    )
    _create(
        "marketer_rebate_tables",
        sa.Column("tier_by", sa.String(10), nullable=False),
        sa.Column("tiers", sa.JSON(), nullable=False),
        sa.Column("valid_from", _INSTANT, nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("created_by", sa.String(100), nullable=False),
    )
    _create(
        "marketers",
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.UniqueConstraint("programme_id", "member_id", name="uq_marketers_programme_id_member_id"),
    )
    _create(
        "affiliate_links",
        sa.Column("marketer_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(16), nullable=False),
        sa.Column("title", sa.String(60), nullable=False),
        sa.Column("target_url", sa.String(300), nullable=False),
        sa.Column("window_days", sa.Integer(), nullable=False),
        sa.Column("most_clicks_a_day", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["marketer_id"], ["marketers.id"], name="fk_affiliate_links_marketer_id_marketers"
        ),
        sa.UniqueConstraint("programme_id", "code", name="uq_affiliate_links_programme_id_code"),
    )
    _create(
        "marketer_lines",
        sa.Column("marketer_id", sa.BigInteger(), nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("trade_id", sa.BigInteger(), nullable=True),
        sa.Column("reference", sa.String(40), nullable=True),
        sa.Column("trades", sa.Integer(), nullable=False),
        sa.Column("turnover_rials", sa.BigInteger(), nullable=False),
        sa.Column("commission_rials", sa.BigInteger(), nullable=False),
        sa.Column("new_customers", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(200), nullable=True),
        sa.Column("made_by", sa.String(100), nullable=False),
        sa.Column("made_at", _INSTANT, nullable=False),
        sa.Column("statement_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["marketer_id"], ["marketers.id"], name="fk_marketer_lines_marketer_id_marketers"
        ),
        sa.UniqueConstraint("programme_id", "reference", name="uq_marketer_lines_programme_id_reference"),
    )
    _create(
        "marketer_statements",
        sa.Column("marketer_id", sa.BigInteger(), nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("customers", sa.Integer(), nullable=False),
        sa.Column("new_customers", sa.Integer(), nullable=False),
        sa.Column("trades", sa.Integer(), nullable=False),
        sa.Column("turnover_rials", sa.BigInteger(), nullable=False),
        sa.Column("commission_rials", sa.BigInteger(), nullable=False),
        sa.Column("rebate_table_id", sa.BigInteger(), nullable=True),
        sa.Column("basis_points", sa.Integer(), nullable=False),
        sa.Column("rebate_rials", sa.BigInteger(), nullable=False),
        sa.Column("adjustment_rials", sa.BigInteger(), nullable=False),
        sa.Column("carried_in_rials", sa.BigInteger(), nullable=False),
        sa.Column("payable_rials", sa.BigInteger(), nullable=False),
        sa.Column("carried_on_rials", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(7), nullable=False),
        sa.Column("closed_at", _INSTANT, nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["marketer_id"], ["marketers.id"], name="fk_marketer_statements_marketer_id_marketers"
        ),
        sa.ForeignKeyConstraint(
            ["rebate_table_id"],
            ["marketer_rebate_tables.id"],
            name="fk_marketer_statements_rebate_table_id_marketer_rebate_tables",
        ),
        sa.UniqueConstraint(
            "programme_id",
            "marketer_id",
            "month",
            name="uq_marketer_statements_programme_id_marketer_id_month",
        ),
    )
    _create(
        "affiliate_attributions",
        sa.Column("link_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("clicked_at", _INSTANT, nullable=False),
        sa.Column("attributed_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["link_id"], ["affiliate_links.id"], name="fk_affiliate_attributions_link_id_affiliate_links"
        ),
        sa.UniqueConstraint(
            "programme_id", "member_id", name="uq_affiliate_attributions_programme_id_member_id"
        ),
    )
    _create(
        "affiliate_clicks",
        sa.Column("link_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("visitor", sa.String(32), nullable=False),
        sa.Column("clicked_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["link_id"], ["affiliate_links.id"], name="fk_affiliate_clicks_link_id_affiliate_links"
        ),
        sa.UniqueConstraint(
            "programme_id",
            "link_id",
            "day",
            "visitor",
            name="uq_affiliate_clicks_programme_id_link_id_day_visitor",
        ),
    )
    _create(
        "affiliate_days",
        sa.Column("link_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("clicks", sa.Integer(), nullable=False),
        sa.Column("uncounted", sa.BigInteger(), nullable=False),
        sa.Column("attributions", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["link_id"], ["affiliate_links.id"], name="fk_affiliate_days_link_id_affiliate_links"
        ),
        sa.UniqueConstraint(
            "programme_id", "link_id", "day", name="uq_affiliate_days_programme_id_link_id_day"
        ),
    )
    _create(
        "marketer_adjustments",
        sa.Column("statement_id", sa.BigInteger(), nullable=False),
        sa.Column("marketer_id", sa.BigInteger(), nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("turnover_rials", sa.BigInteger(), nullable=False),
        sa.Column("commission_rials", sa.BigInteger(), nullable=False),
        sa.Column("basis_points", sa.Integer(), nullable=False),
        sa.Column("rebate_rials", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["statement_id"],
            ["marketer_statements.id"],
            name="fk_marketer_adjustments_statement_id_marketer_statements",
        ),
    )
    _create(
        "marketer_payments",
        sa.Column("statement_id", sa.BigInteger(), nullable=False),
        sa.Column("amount_rials", sa.BigInteger(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("bank_reference", sa.String(40), nullable=False),
        sa.Column("note", sa.String(200), nullable=True),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("asked_by", sa.String(72), nullable=False),
        sa.Column("asked_by_name", sa.String(100), nullable=False),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("decided_by", sa.String(72), nullable=True),
        sa.Column("decided_by_name", sa.String(100), nullable=True),
        sa.Column("decided_at", _INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["statement_id"],
            ["marketer_statements.id"],
            name="fk_marketer_payments_statement_id_marketer_statements",
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
