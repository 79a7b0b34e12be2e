"""Risk: limits, counters, alerts, acts, trades, symbols, ratings.

Revision: 0032, after 0026
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

_IDENTIFIER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.DateTime(timezone=True)
_TABLES = (
    "risk_limits",
    "risk_counters",
    "risk_marks",
    "risk_alerts",
    "risk_acts",
    "risk_misses",
    "risky_symbols",
    "risk_trades",
    "risk_ratings",
    "risk_flags",
)
_INDEXES = (
    ("risk_limits", ("id",)),
    (
        "risk_limits",
        (
            "state",
            "id",
        ),
    ),
    ("risk_counters", ("until_ms",)),
    ("risk_alerts", ("first_at",)),
    ("risk_alerts", ("id",)),
    (
        "risk_alerts",
        (
            "limit_id",
            "id",
        ),
    ),
    (
        "risk_alerts",
        (
            "member_id",
            "id",
        ),
    ),
    (
        "risk_alerts",
        (
            "state",
            "id",
        ),
    ),
    (
        "risk_acts",
        (
            "alert_id",
            "id",
        ),
    ),
    (
        "risk_acts",
        (
            "state",
            "id",
        ),
    ),
    ("risk_misses", ("at",)),
    ("risk_misses", ("member_id",)),
    ("risky_symbols", ("id",)),
    ("risk_trades", ("at",)),
    ("risk_trades", ("id",)),
    (
        "risk_trades",
        (
            "member_id",
            "at",
        ),
    ),
    (
        "risk_ratings",
        (
            "risk_class",
            "member_id",
        ),
    ),
    (
        "risk_ratings",
        (
            "score",
            "member_id",
        ),
    ),
    ("risk_flags", ("member_id",)),
)


def upgrade() -> None:
    """Apply."""
    _create(
        "risk_limits",
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("name_fa", sa.String(100), nullable=False),
        sa.Column("measure", sa.String(17), nullable=False),
        sa.Column("per", sa.String(18), nullable=False),
        sa.Column("window_minutes", sa.Integer(), nullable=False),
        sa.Column("most", sa.BigInteger(), nullable=False),
        sa.Column("from_minute", sa.Integer(), nullable=True),
        sa.Column("until_minute", sa.Integer(), nullable=True),
        sa.Column("weekdays", sa.JSON(), nullable=True),
        sa.Column("speed_kmh", sa.Integer(), nullable=False),
        sa.Column("quick_minutes", sa.Integer(), nullable=False),
        sa.Column("severity", sa.String(6), nullable=False),
        sa.Column("action", sa.String(14), nullable=False),
        sa.Column("active_from", _INSTANT, nullable=True),
        sa.Column("gate_rule_id", sa.String(16), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("asked_by", sa.String(72), nullable=False),
        sa.Column("asked_by_name", sa.String(100), nullable=False),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("decided_by", sa.String(72), nullable=True),
        sa.Column("decided_by_name", sa.String(100), nullable=True),
        sa.Column("decided_at", _INSTANT, nullable=True),
    )
    _create_keyed(
        "risk_counters",
        (
            "limit_id",
            "subject",
        ),
        sa.Column("limit_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("subject", sa.String(48), nullable=False),
        sa.Column("state", sa.JSON(), nullable=False),
        sa.Column("until_ms", sa.BigInteger(), nullable=False),
    )
    _create_keyed(
        "risk_marks",
        (),
        sa.Column("position", sa.BigInteger(), nullable=False),
    )
    _create(
        "risk_alerts",
        sa.Column("limit_id", sa.BigInteger(), nullable=False),
        sa.Column("severity", sa.String(6), nullable=False),
        sa.Column("subject", sa.String(48), nullable=False),
        sa.Column("state", sa.String(14), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("most", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=True),
        sa.Column("card_reference", sa.BigInteger(), nullable=True),
        sa.Column("terminal_id", sa.String(8), nullable=True),
        sa.Column("merchant_id", sa.String(15), nullable=True),
        sa.Column("branch_number", sa.Integer(), nullable=True),
        sa.Column("operator_id", sa.BigInteger(), nullable=True),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("first_at", _INSTANT, nullable=False),
        sa.Column("last_at", _INSTANT, nullable=False),
        sa.Column("decided_by_name", sa.String(100), nullable=True),
        sa.Column("decided_at", _INSTANT, nullable=True),
        sa.Column("note", sa.String(200), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["limit_id"], ["risk_limits.id"], name="fk_risk_alerts_limit_id_risk_limits"),
    )
    _create(
        "risk_acts",
        sa.Column("alert_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("target", sa.String(16), nullable=True),
        sa.Column("fault", sa.String(48), nullable=True),
        sa.Column("done_at", _INSTANT, nullable=True),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("asked_by", sa.String(72), nullable=False),
        sa.Column("asked_by_name", sa.String(100), nullable=False),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("decided_by", sa.String(72), nullable=True),
        sa.Column("decided_by_name", sa.String(100), nullable=True),
        sa.Column("decided_at", _INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["alert_id"], ["risk_alerts.id"], name="fk_risk_acts_alert_id_risk_alerts"),
    )
    _create(
        "risk_misses",
        sa.Column("limit_id", sa.BigInteger(), nullable=True),
        sa.Column("rrn", sa.String(12), nullable=True),
        sa.Column("member_id", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.String(200), nullable=True),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("reported_by_name", sa.String(100), nullable=False),
        sa.ForeignKeyConstraint(["limit_id"], ["risk_limits.id"], name="fk_risk_misses_limit_id_risk_limits"),
    )
    _create(
        "risky_symbols",
        sa.Column("symbol", sa.String(32), nullable=False),
        sa.Column("level", sa.String(6), nullable=False),
        sa.Column("text", sa.String(200), nullable=False),
        sa.Column("text_fa", sa.String(200), nullable=False),
        sa.Column("tells_member", sa.Boolean(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.UniqueConstraint("programme_id", "symbol", name="uq_risky_symbols_programme_id_symbol"),
    )
    _create(
        "risk_trades",
        sa.Column("reference", sa.String(40), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("symbol", sa.String(32), nullable=False),
        sa.Column("side", sa.String(4), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("told_at", _INSTANT, nullable=False),
        sa.Column("limits_passed", sa.JSON(), nullable=False),
        sa.UniqueConstraint("programme_id", "reference", name="uq_risk_trades_programme_id_reference"),
    )
    _create_keyed(
        "risk_ratings",
        ("member_id",),
        sa.Column("member_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("risk_class", sa.String(8), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("quality", sa.Integer(), nullable=False),
        sa.Column("score_version", sa.Integer(), nullable=False),
        sa.Column("rated_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_id", "member_id"],
            ["members.programme_id", "members.id"],
            name="fk_risk_ratings_programme_id_member_id_members",
        ),
    )
    _create_keyed(
        "risk_flags",
        (
            "flag",
            "member_id",
        ),
        sa.Column("flag", sa.String(14), nullable=False),
        sa.Column("member_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_id", "member_id"],
            ["members.programme_id", "members.id"],
            name="fk_risk_flags_programme_id_member_id_members",
        ),
    )
    for table, columns in _INDEXES:
        op.create_index(f"ix_{table}_programme_id_{'_'.join(columns)}", table, ["programme_id", *columns])


def downgrade() -> None:
    """Take back."""
    for table in reversed(_TABLES):
        op.drop_table(table)


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
