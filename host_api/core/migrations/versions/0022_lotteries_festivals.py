"""Verifiable draws, lotteries and festivals.

Revision: 0022, after 0021
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_IDENTIFIER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.DateTime(timezone=True)
_TABLES = (
    "festival_wins",
    "festival_awards",
    "festival_members",
    "festival_boards",
    "festivals",
    "lottery_wins",
    "lottery_members",
    "lottery_entries",
    "lottery_rounds",
    "lotteries",
    "draw_wins",
    "draw_parts",
    "draw_tickets",
    "draws",
)


def upgrade() -> None:
    """Apply."""
    _make_draws()
    _make_lotteries()
    _make_festivals()


def downgrade() -> None:
    """Take back."""
    for table in _TABLES:
        op.drop_table(table)


def _keys(table: str, *columns: str) -> tuple[sa.Constraint, ...]:
    return (
        sa.PrimaryKeyConstraint(*columns, name=f"pk_{table}"),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name=f"fk_{table}_programme_id_programmes"
        ),
    )


def _refers(table: str, column: str, referred: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{referred}.id"], name=f"fk_{table}_{column}_{referred}")


def _make_draws() -> None:
    op.create_table(
        "draws",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("service", sa.String(12), nullable=False),
        sa.Column("reference", sa.String(40), nullable=False),
        sa.Column("state", sa.String(9), nullable=False),
        sa.Column("winners", sa.Integer(), nullable=False),
        sa.Column("is_once_each", sa.Boolean(), nullable=False),
        sa.Column("commitment", sa.String(64), nullable=False),
        sa.Column("seed_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("salt_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("root", sa.String(64), nullable=True),
        sa.Column("entries", sa.BigInteger(), nullable=False),
        sa.Column("public_value_source", sa.String(200), nullable=True),
        sa.Column("public_value", sa.String(200), nullable=True),
        sa.Column("value_by_name", sa.String(100), nullable=True),
        sa.Column("value_at", _INSTANT, nullable=True),
        sa.Column("created_by", sa.String(72), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("closed_at", _INSTANT, nullable=True),
        sa.Column("drawn_at", _INSTANT, nullable=True),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        *_keys("draws", "id"),
        sa.UniqueConstraint(
            "programme_id", "service", "reference", name="uq_draws_programme_id_service_reference"
        ),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "draw_tickets",
        sa.Column("programme_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("draw_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("first_position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("chances", sa.Integer(), nullable=False),
        sa.Column("ticket", sa.String(24), nullable=False),
        sa.Column("participant", sa.String(16), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        *_keys("draw_tickets", "programme_id", "draw_id", "first_position"),
    )
    op.create_index(
        "ix_draw_tickets_programme_id_draw_id_member_id",
        "draw_tickets",
        ["programme_id", "draw_id", "member_id", "first_position"],
    )
    op.create_table(
        "draw_parts",
        sa.Column("programme_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("draw_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(32), nullable=False),
        *_keys("draw_parts", "programme_id", "draw_id", "number"),
    )
    op.create_table(
        "draw_wins",
        sa.Column("programme_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("draw_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("rank", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("ticket", sa.String(24), nullable=False),
        sa.Column("participant", sa.String(16), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        *_keys("draw_wins", "programme_id", "draw_id", "rank"),
    )


def _make_lotteries() -> None:
    op.create_table(
        "lotteries",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("title", sa.String(60), nullable=False),
        sa.Column("title_fa", sa.String(60), nullable=False),
        sa.Column("occasion", sa.String(60), nullable=True),
        sa.Column("model", sa.String(16), nullable=False),
        sa.Column("cost_mode", sa.String(6), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("purse", sa.Integer(), nullable=False),
        sa.Column("tickets_per_entry", sa.Integer(), nullable=False),
        sa.Column("entries_per_day", sa.Integer(), nullable=True),
        sa.Column("tickets_per_member", sa.Integer(), nullable=True),
        sa.Column("free_daily_tickets", sa.Integer(), nullable=False),
        sa.Column("winners", sa.Integer(), nullable=False),
        sa.Column("is_once_each", sa.Boolean(), nullable=False),
        sa.Column("tier_chances", sa.JSON(), nullable=False),
        sa.Column("prizes", sa.JSON(), nullable=False),
        sa.Column("audience", sa.JSON(), nullable=True),
        sa.Column("public_value_source", sa.String(200), nullable=True),
        sa.Column("starts_at", _INSTANT, nullable=False),
        sa.Column("ends_at", _INSTANT, nullable=False),
        sa.Column("created_by", sa.String(72), nullable=False),
        sa.Column("created_by_name", sa.String(100), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("cancelled_at", _INSTANT, nullable=True),
        sa.Column("cancelled_by_name", sa.String(100), nullable=True),
        sa.Column("cancel_reason", sa.String(200), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        *_keys("lotteries", "id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_lotteries_programme_id_ends_at_id", "lotteries", ["programme_id", "ends_at", "id"])
    op.create_index("ix_lotteries_programme_id_id", "lotteries", ["programme_id", "id"])
    op.create_table(
        "lottery_rounds",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("lottery_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("opens_at", _INSTANT, nullable=False),
        sa.Column("closes_at", _INSTANT, nullable=False),
        sa.Column("draw_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(9), nullable=False),
        sa.Column("listed_up_to", sa.BigInteger(), nullable=False),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        *_keys("lottery_rounds", "id"),
        sa.UniqueConstraint("lottery_id", "number", name="uq_lottery_rounds_lottery_id_number"),
        _refers("lottery_rounds", "draw_id", "draws"),
        _refers("lottery_rounds", "lottery_id", "lotteries"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_lottery_rounds_programme_id_state_closes_at",
        "lottery_rounds",
        ["programme_id", "state", "closes_at"],
    )
    op.create_table(
        "lottery_entries",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("lottery_id", sa.BigInteger(), nullable=False),
        sa.Column("round_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("code", sa.String(12), nullable=False),
        sa.Column("tickets", sa.Integer(), nullable=False),
        sa.Column("free_tickets", sa.Integer(), nullable=False),
        sa.Column("chances", sa.Integer(), nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("request_id", sa.BigInteger(), nullable=True),
        sa.Column("response_code", sa.String(2), nullable=True),
        sa.Column("rrn", sa.String(12), nullable=True),
        sa.Column("refunds_asked", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        *_keys("lottery_entries", "id"),
        _refers("lottery_entries", "lottery_id", "lotteries"),
        _refers("lottery_entries", "round_id", "lottery_rounds"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_lottery_entries_programme_id_lottery_id_id",
        "lottery_entries",
        ["programme_id", "lottery_id", "id"],
    )
    op.create_index(
        "ix_lottery_entries_programme_id_member_id_id", "lottery_entries", ["programme_id", "member_id", "id"]
    )
    op.create_index(
        "ix_lottery_entries_programme_id_round_id_state_id",
        "lottery_entries",
        ["programme_id", "round_id", "state", "id"],
    )
    op.create_table(
        "lottery_members",
        sa.Column("programme_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("lottery_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("member_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("tickets", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("day_entries", sa.Integer(), nullable=False),
        sa.Column("day_free_tickets", sa.Integer(), nullable=False),
        *_keys("lottery_members", "programme_id", "lottery_id", "member_id"),
    )
    op.create_table(
        "lottery_wins",
        sa.Column("programme_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("round_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("rank", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("ticket", sa.String(24), nullable=False),
        sa.Column("prize_id", sa.BigInteger(), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("awarded_at", _INSTANT, nullable=True),
        *_keys("lottery_wins", "programme_id", "round_id", "rank"),
    )
    op.create_index("ix_lottery_wins_programme_id_member_id", "lottery_wins", ["programme_id", "member_id"])
    op.create_index(
        "ix_lottery_wins_programme_id_state_round_id", "lottery_wins", ["programme_id", "state", "round_id"]
    )


def _make_festivals() -> None:
    op.create_table(
        "festivals",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("title", sa.String(60), nullable=False),
        sa.Column("title_fa", sa.String(60), nullable=False),
        sa.Column("starts_at", _INSTANT, nullable=False),
        sa.Column("ends_at", _INSTANT, nullable=False),
        sa.Column("indicators", sa.JSON(), nullable=False),
        sa.Column("merchant_ids", sa.JSON(), nullable=False),
        sa.Column("audience", sa.JSON(), nullable=True),
        sa.Column("category_by", sa.String(12), nullable=True),
        sa.Column("refresh_minutes", sa.Integer(), nullable=False),
        sa.Column("created_by_name", sa.String(100), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("cancelled_at", _INSTANT, nullable=True),
        sa.Column("cancel_reason", sa.String(200), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        *_keys("festivals", "id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_festivals_programme_id_ends_at_id", "festivals", ["programme_id", "ends_at", "id"])
    op.create_index("ix_festivals_programme_id_id", "festivals", ["programme_id", "id"])
    op.create_table(
        "festival_boards",
        sa.Column("programme_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("festival_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("due_at", _INSTANT, nullable=True),
        sa.Column("counted_from", _INSTANT, nullable=True),
        sa.Column("counted_until", _INSTANT, nullable=True),
        *_keys("festival_boards", "programme_id", "festival_id"),
    )
    op.create_index("ix_festival_boards_programme_id_due_at", "festival_boards", ["programme_id", "due_at"])
    op.create_table(
        "festival_members",
        sa.Column("programme_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("festival_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("member_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("joined_ms", sa.BigInteger(), nullable=False),
        sa.Column("category", sa.String(64), nullable=False),
        sa.Column("score", sa.BigInteger(), nullable=False),
        sa.Column("sort_score", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=True),
        sa.Column("category_place", sa.BigInteger(), nullable=True),
        *_keys("festival_members", "programme_id", "festival_id", "member_id"),
    )
    op.create_index(
        "ix_festival_members_programme_id_category_place",
        "festival_members",
        ["programme_id", "festival_id", "category", "sort_score", "joined_ms", "member_id"],
    )
    op.create_index(
        "ix_festival_members_programme_id_place",
        "festival_members",
        ["programme_id", "festival_id", "sort_score", "joined_ms", "member_id"],
    )
    op.create_table(
        "festival_awards",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("festival_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(60), nullable=False),
        sa.Column("title_fa", sa.String(60), nullable=False),
        sa.Column("method", sa.String(7), nullable=False),
        sa.Column("counts_from", _INSTANT, nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("delay_minutes", sa.Integer(), nullable=False),
        sa.Column("is_by_category", sa.Boolean(), nullable=False),
        sa.Column("winners", sa.Integer(), nullable=False),
        sa.Column("min_score", sa.BigInteger(), nullable=False),
        sa.Column("score_per_chance", sa.BigInteger(), nullable=True),
        sa.Column("most_chances", sa.Integer(), nullable=False),
        sa.Column("prizes", sa.JSON(), nullable=False),
        sa.Column("budget_id", sa.BigInteger(), nullable=True),
        sa.Column("budget_units", sa.BigInteger(), nullable=False),
        sa.Column("spent_units", sa.BigInteger(), nullable=False),
        sa.Column("draw_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(9), nullable=False),
        sa.Column("listed_up_to", sa.BigInteger(), nullable=False),
        sa.Column("created_by_name", sa.String(100), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("settled_at", _INSTANT, nullable=True),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        *_keys("festival_awards", "id"),
        sa.UniqueConstraint("festival_id", "number", name="uq_festival_awards_festival_id_number"),
        _refers("festival_awards", "festival_id", "festivals"),
        _refers("festival_awards", "draw_id", "draws"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_festival_awards_programme_id_state_at", "festival_awards", ["programme_id", "state", "at"]
    )
    op.create_table(
        "festival_wins",
        sa.Column("programme_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("award_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("category", sa.String(64), nullable=False),
        sa.Column("rank", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("score", sa.BigInteger(), nullable=False),
        sa.Column("prize_id", sa.BigInteger(), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("cost_units", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(11), nullable=False),
        sa.Column("awarded_at", _INSTANT, nullable=True),
        *_keys("festival_wins", "programme_id", "award_id", "category", "rank"),
    )
    op.create_index(
        "ix_festival_wins_programme_id_award_id_state", "festival_wins", ["programme_id", "award_id", "state"]
    )
    op.create_index("ix_festival_wins_programme_id_member_id", "festival_wins", ["programme_id", "member_id"])
