"""Contests and wheels of fortune.

Revision: 0023, after 0022
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_IDENTIFIER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.DateTime(timezone=True)
_TABLES = (
    "contest_policies",
    "contests",
    "contest_tallies",
    "contest_entries",
    "contest_results",
    "wheels",
    "wheel_odds",
    "wheel_stocks",
    "wheel_members",
    "wheel_spin_grants",
    "wheel_spins",
)
_INDEXES = (
    (
        "contests",
        (
            "ends_at",
            "id",
        ),
    ),
    ("contests", ("id",)),
    (
        "contests",
        (
            "stage",
            "id",
        ),
    ),
    (
        "contest_entries",
        (
            "contest_id",
            "score",
            "id",
        ),
    ),
    (
        "contest_entries",
        (
            "contest_id",
            "state",
            "id",
        ),
    ),
    ("contest_entries", ("id",)),
    (
        "contest_entries",
        (
            "member_id",
            "id",
        ),
    ),
    (
        "contest_entries",
        (
            "state",
            "id",
        ),
    ),
    (
        "contest_results",
        (
            "contest_id",
            "id",
        ),
    ),
    ("wheels", ("id",)),
    (
        "wheels",
        (
            "stage",
            "id",
        ),
    ),
    (
        "wheel_odds",
        (
            "wheel_id",
            "id",
        ),
    ),
    ("wheel_spin_grants", ("id",)),
    (
        "wheel_spin_grants",
        (
            "member_id",
            "id",
        ),
    ),
    ("wheel_spins", ("id",)),
    (
        "wheel_spins",
        (
            "member_id",
            "id",
        ),
    ),
    (
        "wheel_spins",
        (
            "state",
            "id",
        ),
    ),
    (
        "wheel_spins",
        (
            "wheel_id",
            "id",
        ),
    ),
    (
        "wheel_spins",
        (
            "wheel_id",
            "member_id",
            "asked_at",
        ),
    ),
)


def upgrade() -> None:
    """Apply."""
    _make_contests()
    _make_wheels()
    for table, columns in _INDEXES:
        names = ["programme_id", *columns]
        op.create_index(f"ix_{table}_{'_'.join(names)}", table, names)


def downgrade() -> None:
    """Take back."""
    for table in reversed(_TABLES):
        op.drop_table(table)


def _programme_reference(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["programme_id"], ["programmes.id"], name=f"fk_{table}_programme_id_programmes"
    )


def _make_contests() -> None:
    op.create_table(
        "contest_policies",
        sa.Column("programme_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("stake_cap", sa.BigInteger(), nullable=False),
        sa.Column("exposure_cap", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        _programme_reference("contest_policies"),
        sa.PrimaryKeyConstraint("programme_id", name="pk_contest_policies"),
    )
    op.create_table(
        "contests",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("title", sa.String(60), nullable=False),
        sa.Column("title_fa", sa.String(60), nullable=False),
        sa.Column("text", sa.String(500), nullable=False),
        sa.Column("text_fa", sa.String(500), nullable=False),
        sa.Column("scenario", sa.String(10), nullable=False),
        sa.Column("cost_mode", sa.String(8), nullable=False),
        sa.Column("payout_mode", sa.String(10), nullable=False),
        sa.Column("purse", sa.Integer(), nullable=False),
        sa.Column("stake_least", sa.BigInteger(), nullable=False),
        sa.Column("stake_cap", sa.BigInteger(), nullable=False),
        sa.Column("questions", sa.JSON(), nullable=False),
        sa.Column("right_needed", sa.Integer(), nullable=True),
        sa.Column("right_answers", sa.JSON(), nullable=True),
        sa.Column("ranks", sa.JSON(), nullable=False),
        sa.Column("club_part", sa.Integer(), nullable=False),
        sa.Column("without_winner", sa.String(6), nullable=False),
        sa.Column("prize_units", sa.BigInteger(), nullable=True),
        sa.Column("prize_id", sa.BigInteger(), nullable=True),
        sa.Column("valid_days", sa.Integer(), nullable=True),
        sa.Column("audience", sa.JSON(), nullable=True),
        sa.Column("entries_per_member", sa.Integer(), nullable=False),
        sa.Column("exposure_cap", sa.BigInteger(), nullable=True),
        sa.Column("budget_id", sa.BigInteger(), nullable=True),
        sa.Column("correction_minutes", sa.Integer(), nullable=False),
        sa.Column("starts_at", _INSTANT, nullable=False),
        sa.Column("ends_at", _INSTANT, nullable=False),
        sa.Column("stage", sa.String(10), nullable=False),
        sa.Column("written_by", sa.String(72), nullable=False),
        sa.Column("written_by_name", sa.String(100), nullable=False),
        sa.Column("result_id", sa.BigInteger(), nullable=True),
        sa.Column("settle_from", _INSTANT, nullable=True),
        sa.Column("cancel_reason", sa.String(200), nullable=True),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("finished_at", _INSTANT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        _programme_reference("contests"),
        sa.PrimaryKeyConstraint("id", name="pk_contests"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "contest_tallies",
        sa.Column("programme_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("contest_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entries", sa.BigInteger(), nullable=False),
        sa.Column("staked", sa.BigInteger(), nullable=False),
        sa.Column("exposure", sa.BigInteger(), nullable=False),
        sa.Column("winners", sa.BigInteger(), nullable=False),
        sa.Column("won", sa.BigInteger(), nullable=False),
        _programme_reference("contest_tallies"),
        sa.PrimaryKeyConstraint("programme_id", "contest_id", name="pk_contest_tallies"),
    )
    op.create_table(
        "contest_entries",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("contest_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("stake", sa.BigInteger(), nullable=False),
        sa.Column("possible", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(9), nullable=False),
        sa.Column("score", sa.BigInteger(), nullable=True),
        sa.Column("scored_at", _INSTANT, nullable=True),
        sa.Column("payout", sa.BigInteger(), nullable=True),
        sa.Column("rrn", sa.String(12), nullable=True),
        sa.Column("response_code", sa.String(2), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("entered_by", sa.String(72), nullable=False),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("changed_at", _INSTANT, nullable=False),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        _programme_reference("contest_entries"),
        sa.PrimaryKeyConstraint("id", name="pk_contest_entries"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "contest_results",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("contest_id", sa.BigInteger(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("ranking", sa.JSON(), nullable=False),
        sa.Column("note", sa.String(200), nullable=True),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("asked_by", sa.String(72), nullable=False),
        sa.Column("asked_by_name", sa.String(100), nullable=False),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("decided_by", sa.String(72), nullable=True),
        sa.Column("decided_by_name", sa.String(100), nullable=True),
        sa.Column("decided_at", _INSTANT, nullable=True),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        _programme_reference("contest_results"),
        sa.PrimaryKeyConstraint("id", name="pk_contest_results"),
        sqlite_autoincrement=True,
    )


def _make_wheels() -> None:
    op.create_table(
        "wheels",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("title", sa.String(60), nullable=False),
        sa.Column("title_fa", sa.String(60), nullable=False),
        sa.Column("stage", sa.String(9), nullable=False),
        sa.Column("starts_at", _INSTANT, nullable=False),
        sa.Column("ends_at", _INSTANT, nullable=True),
        sa.Column("audience", sa.JSON(), nullable=True),
        sa.Column("free_per_day", sa.Integer(), nullable=True),
        sa.Column("free_per_week", sa.Integer(), nullable=True),
        sa.Column("free_total", sa.Integer(), nullable=True),
        sa.Column("purse", sa.Integer(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=True),
        sa.Column("bought_per_day", sa.Integer(), nullable=True),
        sa.Column("odds_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        _programme_reference("wheels"),
        sa.PrimaryKeyConstraint("id", name="pk_wheels"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "wheel_odds",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("wheel_id", sa.BigInteger(), nullable=False),
        sa.Column("slices", sa.JSON(), nullable=False),
        sa.Column("written_by_name", sa.String(100), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        _programme_reference("wheel_odds"),
        sa.PrimaryKeyConstraint("id", name="pk_wheel_odds"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "wheel_stocks",
        sa.Column("programme_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("wheel_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("code", sa.String(16), nullable=False),
        sa.Column("given", sa.BigInteger(), nullable=False),
        _programme_reference("wheel_stocks"),
        sa.PrimaryKeyConstraint("programme_id", "wheel_id", "code", name="pk_wheel_stocks"),
    )
    op.create_table(
        "wheel_members",
        sa.Column("programme_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("wheel_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("member_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("earned", sa.BigInteger(), nullable=False),
        _programme_reference("wheel_members"),
        sa.PrimaryKeyConstraint("programme_id", "wheel_id", "member_id", name="pk_wheel_members"),
    )
    op.create_table(
        "wheel_spin_grants",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("wheel_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("service", sa.String(32), nullable=False),
        sa.Column("reference", sa.String(120), nullable=False),
        sa.Column("reason", sa.String(200), nullable=True),
        sa.Column("granted_at", _INSTANT, nullable=False),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        _programme_reference("wheel_spin_grants"),
        sa.PrimaryKeyConstraint("id", name="pk_wheel_spin_grants"),
        sa.UniqueConstraint(
            "programme_id", "service", "reference", name="uq_wheel_spin_grants_programme_id_service_reference"
        ),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "wheel_spins",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("wheel_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(6), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(9), nullable=False),
        sa.Column("odds_id", sa.BigInteger(), nullable=True),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.Column("total", sa.BigInteger(), nullable=True),
        sa.Column("slice", sa.String(16), nullable=True),
        sa.Column("given", sa.String(16), nullable=True),
        sa.Column("award_id", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("response_code", sa.String(2), nullable=True),
        sa.Column("rrn", sa.String(12), nullable=True),
        sa.Column("spun_by", sa.String(72), nullable=False),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("drawn_at", _INSTANT, nullable=True),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        _programme_reference("wheel_spins"),
        sa.PrimaryKeyConstraint("id", name="pk_wheel_spins"),
        sqlite_autoincrement=True,
    )
