"""Events and their order; webhooks, their deliveries and attempts.

What the projection has read so far is not told as events: the mark begins where the projection stands.

Revision: 0005, after 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_IDENTIFIER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Apply."""
    _create_events()
    _create_webhooks()
    _create_deliveries()
    op.execute(
        "INSERT INTO event_feed_marks (programme_id, position)"
        " SELECT programme_id, position FROM feed_position"
    )


def downgrade() -> None:
    """Take back."""
    for table in (
        *("webhook_attempts", "webhook_deliveries", "webhooks"),
        *("event_feed_marks", "event_streams", "events"),
    ):
        op.drop_table(table)


def _programme_reference(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["programme_id"], ["programmes.id"], name=f"fk_{table}_programme_id_programmes"
    )


def _create_events() -> None:
    op.create_table(
        "events",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("message_id", sa.String(28), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("type", sa.String(47), nullable=False),
        sa.Column("type_version", sa.Integer(), nullable=False),
        sa.Column("subject_kind", sa.String(16), nullable=False),
        sa.Column("subject_id", sa.String(20), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("only_webhook_id", sa.BigInteger(), nullable=True),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
        sa.UniqueConstraint("message_id", name="uq_events_message_id"),
        _programme_reference("events"),
        sqlite_autoincrement=True,
    )
    for columns in (["sequence", "id"], ["at"], ["subject_kind", "subject_id", "sequence"]):
        op.create_index(f"ix_events_programme_id_{'_'.join(columns)}", "events", ["programme_id", *columns])
    for table, column in (("event_streams", "last_sequence"), ("event_feed_marks", "position")):
        op.create_table(
            table,
            sa.Column("programme_id", sa.BigInteger(), autoincrement=False, nullable=False),
            sa.Column(column, sa.BigInteger(), nullable=False),
            sa.PrimaryKeyConstraint("programme_id", name=f"pk_{table}"),
            _programme_reference(table),
        )


def _create_webhooks() -> None:
    op.create_table(
        "webhooks",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("url", sa.String(2000), nullable=False),
        sa.Column("description", sa.String(200), nullable=False),
        sa.Column("event_types", sa.JSON(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("secret_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("old_secret_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("old_secret_until", _INSTANT, nullable=True),
        sa.Column("header_names", sa.JSON(), nullable=False),
        sa.Column("headers_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("failures_in_row", sa.Integer(), nullable=False),
        sa.Column("failing_since", _INSTANT, nullable=True),
        sa.Column("switched_off_at", _INSTANT, nullable=True),
        sa.Column("switched_off_reason", sa.String(8), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_webhooks"),
        _programme_reference("webhooks"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_webhooks_programme_id_id", "webhooks", ["programme_id", "id"])


def _create_deliveries() -> None:
    op.create_table(
        "webhook_deliveries",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("webhook_id", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(9), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", _INSTANT, nullable=False),
        sa.Column("lease", sa.String(16), nullable=True),
        sa.Column("leased_until", _INSTANT, nullable=True),
        sa.Column("finished_at", _INSTANT, nullable=True),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_deliveries"),
        sa.UniqueConstraint("webhook_id", "event_id", name="uq_webhook_deliveries_webhook_id_event_id"),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhooks.id"], name="fk_webhook_deliveries_webhook_id_webhooks"
        ),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name="fk_webhook_deliveries_event_id_events"),
        _programme_reference("webhook_deliveries"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_webhook_deliveries_webhook_id_id", "webhook_deliveries", ["webhook_id", "id"])
    op.create_index("ix_webhook_deliveries_event_id", "webhook_deliveries", ["event_id"])
    op.create_index(
        "ix_webhook_deliveries_webhook_id_state_due_at",
        "webhook_deliveries",
        ["webhook_id", "state", "due_at"],
    )
    op.create_table(
        "webhook_attempts",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("webhook_id", sa.BigInteger(), nullable=False),
        sa.Column("delivery_id", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("latency_ms", sa.Integer(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("error", sa.String(16), nullable=True),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_attempts"),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhooks.id"], name="fk_webhook_attempts_webhook_id_webhooks"
        ),
        sa.ForeignKeyConstraint(
            ["delivery_id"],
            ["webhook_deliveries.id"],
            name="fk_webhook_attempts_delivery_id_webhook_deliveries",
        ),
        _programme_reference("webhook_attempts"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_webhook_attempts_webhook_id_id", "webhook_attempts", ["webhook_id", "id"])
    op.create_index("ix_webhook_attempts_delivery_id", "webhook_attempts", ["delivery_id"])
