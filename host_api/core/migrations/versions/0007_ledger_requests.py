"""The bank of requests, points acts, reconciliations; when an outbox row was first about to be sent.

Revision: 0007, after 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_IDENTIFIER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Apply."""
    op.add_column("outbox", sa.Column("sent_at", _INSTANT, nullable=True))
    _create_requests()
    _create_acts()
    _create_reconciliations()


def downgrade() -> None:
    """Take back."""
    for table in ("reconciliations", "points_acts", "ledger_requests"):
        op.drop_table(table)
    with op.batch_alter_table("outbox", table_kwargs={"sqlite_autoincrement": True}) as outbox:
        outbox.drop_column("sent_at")


def _create_requests() -> None:
    op.create_table(
        "ledger_requests",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("service", sa.String(32), nullable=False),
        sa.Column("reference", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=True),
        sa.Column("other_member_id", sa.BigInteger(), nullable=True),
        sa.Column("card_number", sa.String(19), nullable=True),
        sa.Column("purse", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("asked_by", sa.String(72), nullable=False),
        sa.Column("asked_by_name", sa.String(100), nullable=False),
        sa.Column("mti", sa.String(4), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("after_outbox_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("deadline_at", _INSTANT, nullable=True),
        sa.Column("state", sa.String(9), nullable=False),
        sa.Column("next_attempt_at", _INSTANT, nullable=True),
        sa.Column("sent_at", _INSTANT, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("reversal_at", _INSTANT, nullable=True),
        sa.Column("reversal_attempts", sa.Integer(), nullable=False),
        sa.Column("response_code", sa.String(2), nullable=True),
        sa.Column("reversal_code", sa.String(2), nullable=True),
        sa.Column("rrn", sa.String(12), nullable=True),
        sa.Column("balances", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("told", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("finished_at", _INSTANT, nullable=True),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_requests"),
        sa.UniqueConstraint(
            "programme_id", "service", "reference", name="uq_ledger_requests_programme_id_service_reference"
        ),
        _programme_reference("ledger_requests"),
        sqlite_autoincrement=True,
    )
    for columns in (
        ["next_attempt_at", "id"],
        ["state", "id"],
        ["member_id", "id"],
        ["finished_at", "id"],
        ["rrn"],
    ):
        _create_index("ledger_requests", columns)


def _create_acts() -> None:
    op.create_table(
        "points_acts",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("to_member_id", sa.BigInteger(), nullable=True),
        sa.Column("purse", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("original_rrn", sa.String(12), nullable=True),
        sa.Column("reason_code", sa.String(12), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("state", sa.String(9), nullable=False),
        sa.Column("asked_by", sa.String(72), nullable=False),
        sa.Column("asked_by_name", sa.String(100), nullable=False),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("decided_by", sa.String(72), nullable=True),
        sa.Column("decided_by_name", sa.String(100), nullable=True),
        sa.Column("decided_at", _INSTANT, nullable=True),
        sa.Column("note", sa.String(200), nullable=True),
        sa.Column("request_id", sa.BigInteger(), nullable=True),
        sa.Column("response_code", sa.String(2), nullable=True),
        sa.Column("rrn", sa.String(12), nullable=True),
        sa.Column("balances_after", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("finished_at", _INSTANT, nullable=True),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_points_acts"),
        _programme_reference("points_acts"),
        sqlite_autoincrement=True,
    )
    for columns in (["id"], ["state", "id"], ["member_id", "id"]):
        _create_index("points_acts", columns)


def _create_reconciliations() -> None:
    op.create_table(
        "reconciliations",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("asked_by", sa.String(100), nullable=False),
        sa.Column("began_at", _INSTANT, nullable=False),
        sa.Column("finished_at", _INSTANT, nullable=True),
        sa.Column("is_balanced", sa.Boolean(), nullable=True),
        sa.Column("fault", sa.String(200), nullable=True),
        sa.Column("from_position", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("totals_position", sa.BigInteger(), nullable=True),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.Column("transactions", sa.Integer(), nullable=False),
        sa.Column("settled", sa.Integer(), nullable=False),
        sa.Column("difference_count", sa.Integer(), nullable=False),
        sa.Column("differences", sa.JSON(), nullable=False),
        sa.Column("totals", sa.JSON(), nullable=False),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_reconciliations"),
        _programme_reference("reconciliations"),
        sqlite_autoincrement=True,
    )
    _create_index("reconciliations", ["id"])


def _create_index(table: str, columns: list[str]) -> None:
    columns = ["programme_id", *columns]
    op.create_index(f"ix_{table}_{'_'.join(columns)}", table, columns)


def _programme_reference(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["programme_id"], ["programmes.id"], name=f"fk_{table}_programme_id_programmes"
    )
