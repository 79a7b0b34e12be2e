"""Search of transactions, sums by day, voids and returns, disputes, faults.

The projection tables are emptied and filled from the journal's beginning: they hold nothing that the feed
does not tell.

Revision: 0014, after 0013
"""

from collections.abc import Sequence
from typing import Literal

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_IDENTIFIER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.DateTime(timezone=True)
_JSON = sa.JSON(none_as_null=True)

_SEARCHED_BY = (
    ("rrn",),
    ("concerns_rrn",),
    ("reverses_rrn",),
    ("card_reference",),
    ("terminal_id", "stan"),
    ("merchant_id",),
    ("merchant_id", "branch_number"),
    ("response_code",),
    ("operation",),
    ("standing",),
    ("amount",),
)
_PROJECTION = ("transfers", "transaction_grants", "transactions", "lots", "balances")
# Sums by day, what moved, and days: name, key, and what is kept under it.
_Column = tuple[str, sa.String | sa.BigInteger | sa.Integer | sa.Date]
_NEW_PROJECTION: Sequence[tuple[str, Sequence[_Column], Sequence[_Column]]] = (
    (
        "transaction_rules",
        (("rule", sa.String(32)), ("position", sa.BigInteger())),
        (),
    ),
    (
        "account_movements",
        (
            ("account", sa.String(64)),
            ("position", sa.BigInteger()),
            ("purse", sa.String(32)),
            ("kind", sa.String(16)),
        ),
        (("delta", sa.BigInteger()), ("at_ms", sa.BigInteger())),
    ),
    ("business_days", (("first_position", sa.BigInteger()),), (("business_date", sa.Date()),)),
    (
        "daily_answers",
        (
            ("day", sa.Date()),
            ("merchant_id", sa.String(15)),
            ("branch_number", sa.Integer()),
            ("operation", sa.String(20)),
            ("response_code", sa.String(2)),
        ),
        tuple((name, sa.BigInteger()) for name in ("count", "amount", "discount", "tendered", "net_amount")),
    ),
    (
        "daily_points",
        (
            ("day", sa.Date()),
            ("holder", sa.String(12)),
            ("purse", sa.String(32)),
            ("kind", sa.String(16)),
        ),
        (("received", sa.BigInteger()), ("spent", sa.BigInteger())),
    ),
    (
        "daily_rules",
        (("day", sa.Date()), ("rule", sa.String(32)), ("type", sa.String(16)), ("purse", sa.String(32))),
        (("count", sa.BigInteger()), ("granted", sa.BigInteger())),
    ),
    ("daily_members", (("day", sa.Date()),), (("active", sa.BigInteger()), ("first_time", sa.BigInteger()))),
    ("member_activity", (("member_number", sa.BigInteger()),), (("last_day", sa.Date()),)),
    (
        "lot_totals",
        (("holder", sa.String(12)), ("purse", sa.String(32)), ("expires_month", sa.Integer())),
        (("amount", sa.BigInteger()),),
    ),
)
_OPEN = sa.text("state IN ('asked', 'sent', 'doubtful')")


def upgrade() -> None:
    """Apply."""
    _empty_projection()
    with op.batch_alter_table("transactions", recreate=_recreate()) as transactions:
        transactions.add_column(sa.Column("operation", sa.String(20), nullable=False))
        transactions.add_column(sa.Column("standing", sa.String(13), nullable=False))
        transactions.add_column(sa.Column("returned_amount", sa.BigInteger(), nullable=False))
        transactions.add_column(sa.Column("lot_lines", sa.JSON(), nullable=False))
        transactions.add_column(sa.Column("record_lines", sa.JSON(), nullable=False))
    for columns in _SEARCHED_BY:
        _create_index("transactions", [*columns, "position"])
    op.drop_index("ix_transactions_programme_id_rrn", "transactions")
    for name, key, values in _NEW_PROJECTION:
        _create_keyed(name, key, values)
    _create_index("member_activity", ["last_day"])
    _create_index("members", ["created_at"])
    _create_index("events", ["type", "sequence"])
    _create_transaction_requests()
    _create_disputes()
    _create_faults()


def downgrade() -> None:
    """Take back."""
    for table in ("fault_sightings", "faults", "dispute_notes", "disputes", "transaction_requests"):
        op.drop_table(table)
    op.drop_index("ix_events_programme_id_type_sequence", "events")
    op.drop_index("ix_members_programme_id_created_at", "members")
    for name, _, _ in reversed(_NEW_PROJECTION):
        op.drop_table(name)
    _empty_projection()
    for columns in _SEARCHED_BY:
        op.drop_index(f"ix_transactions_programme_id_{'_'.join(columns)}_position", "transactions")
    _create_index("transactions", ["rrn"])
    with op.batch_alter_table("transactions", recreate=_recreate()) as transactions:
        for name in ("record_lines", "lot_lines", "returned_amount", "standing", "operation"):
            transactions.drop_column(name)


def _recreate() -> Literal["always", "never"]:
    """SQLite adds no column without a default to a table, not even to an empty one."""
    return "always" if op.get_bind().dialect.name == "sqlite" else "never"


def _empty_projection() -> None:
    for table in _PROJECTION:
        op.execute(f"DELETE FROM {table}")  # noqa: S608  (the names stand above)
    op.execute("UPDATE feed_position SET position = 0, last_event_at_ms = NULL")


def _create_keyed(
    name: str,
    key: Sequence[_Column],
    values: Sequence[_Column],
) -> None:
    """A table of the projection, the programme first in its key."""
    constraints: list[sa.Constraint] = [
        sa.PrimaryKeyConstraint("programme_id", *(column for column, _ in key), name=f"pk_{name}"),
        _programme_reference(name),
    ]
    if name == "transaction_rules":
        constraints.append(
            sa.ForeignKeyConstraint(
                ["programme_id", "position"],
                ["transactions.programme_id", "transactions.position"],
                name=f"fk_{name}_programme_id_position_transactions",
            )
        )
    op.create_table(
        name,
        sa.Column("programme_id", sa.BigInteger(), autoincrement=False, nullable=False),
        *(sa.Column(column, kind, autoincrement=False, nullable=False) for column, kind in key),
        *(sa.Column(column, kind, nullable=False) for column, kind in values),
        *constraints,
    )


def _create_transaction_requests() -> None:
    op.create_table(
        "transaction_requests",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(9), nullable=False),
        sa.Column("original_rrn", sa.String(12), nullable=False),
        sa.Column("merchant_id", sa.String(15), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=True),
        sa.Column("card_id", sa.BigInteger(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
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
        sa.Column("refund_amount", sa.BigInteger(), nullable=True),
        sa.Column("refund_units", sa.BigInteger(), nullable=True),
        sa.Column("balances_after", _JSON, nullable=True),
        sa.Column("finished_at", _INSTANT, nullable=True),
        *_tail("transaction_requests"),
        sqlite_autoincrement=True,
    )
    for columns in (["id"], ["state", "id"], ["original_rrn", "id"], ["member_id", "id"]):
        _create_index("transaction_requests", columns)
    op.create_index(
        "uq_transaction_requests_open",
        "transaction_requests",
        ["programme_id", "original_rrn"],
        unique=True,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )


def _create_disputes() -> None:
    op.create_table(
        "disputes",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("rrn", sa.String(12), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("claim_amount", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("assignee", sa.String(100), nullable=True),
        sa.Column("deadline_at", _INSTANT, nullable=False),
        sa.Column("opened_by", sa.String(100), nullable=False),
        sa.Column("opened_at", _INSTANT, nullable=False),
        sa.Column("outcome", sa.String(8), nullable=True),
        sa.Column("decision", sa.String(1000), nullable=True),
        sa.Column("decided_by", sa.String(100), nullable=True),
        sa.Column("decided_at", _INSTANT, nullable=True),
        sa.Column("transaction_request_id", sa.BigInteger(), nullable=True),
        sa.Column("points_act_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        *_tail("disputes"),
        sqlite_autoincrement=True,
    )
    for columns in (["id"], ["state", "id"], ["deadline_at", "id"], ["rrn", "id"], ["member_id", "id"]):
        _create_index("disputes", columns)
    op.create_table(
        "dispute_notes",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("dispute_id", sa.BigInteger(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("author", sa.String(100), nullable=False),
        sa.Column("text", sa.String(1000), nullable=False),
        sa.ForeignKeyConstraint(["dispute_id"], ["disputes.id"], name="fk_dispute_notes_dispute_id_disputes"),
        *_tail("dispute_notes"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_dispute_notes_dispute_id_id", "dispute_notes", ["dispute_id", "id"])


def _create_faults() -> None:
    op.create_table(
        "faults",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("fingerprint", sa.String(16), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("place", sa.String(160), nullable=False),
        sa.Column("cause", sa.String(200), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("first_seen_at", _INSTANT, nullable=False),
        sa.Column("last_seen_at", _INSTANT, nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("acknowledged_at", _INSTANT, nullable=True),
        sa.Column("acknowledged_by", sa.String(100), nullable=True),
        sa.Column("note", sa.String(200), nullable=True),
        *_tail("faults"),
        sa.UniqueConstraint("programme_id", "fingerprint", name="uq_faults_programme_id_fingerprint"),
        sqlite_autoincrement=True,
    )
    for columns in (["last_seen_at", "id"], ["is_open", "last_seen_at", "id"]):
        _create_index("faults", columns)
    op.create_table(
        "fault_sightings",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("fault_id", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.String(64), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("request_id", sa.String(36), nullable=True),
        sa.Column("rrn", sa.String(12), nullable=True),
        sa.Column("terminal_id", sa.String(8), nullable=True),
        sa.ForeignKeyConstraint(["fault_id"], ["faults.id"], name="fk_fault_sightings_fault_id_faults"),
        *_tail("fault_sightings"),
        sa.UniqueConstraint("fault_id", "reference", name="uq_fault_sightings_fault_id_reference"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_fault_sightings_fault_id_id", "fault_sightings", ["fault_id", "id"])
    for column in ("request_id", "rrn", "terminal_id", "at"):
        _create_index("fault_sightings", [column])


def _tail(table: str) -> "tuple[sa.schema.SchemaItem, ...]":
    return (
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        _programme_reference(table),
    )


def _create_index(table: str, columns: list[str]) -> None:
    columns = ["programme_id", *columns]
    op.create_index(f"ix_{table}_{'_'.join(columns)}", table, columns)


def _programme_reference(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["programme_id"], ["programmes.id"], name=f"fk_{table}_programme_id_programmes"
    )
