"""Messages: channels and log of the queue, gateways, topics, templates, consent, broadcasts, inboxes.

Revision: 0034, after 0033
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

_IDENTIFIER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.DateTime(timezone=True)
_TABLES = (
    "message_gateways",
    "message_topics",
    "message_policies",
    "message_templates",
    "message_wordings",
    "message_consents",
    "message_suppressions",
    "message_broadcasts",
    "message_triggers",
    "message_trigger_marks",
    "inbox_messages",
)
_INDEXES = (
    ("message_gateways", ("programme_id", "id")),
    ("message_wordings", ("programme_id", "id")),
    ("message_suppressions", ("programme_id", "id")),
    ("message_suppressions", ("programme_id", "channel", "address_index")),
    ("message_broadcasts", ("programme_id", "id")),
    ("message_broadcasts", ("programme_id", "state", "starts_at")),
    ("message_triggers", ("programme_id", "id")),
    ("inbox_messages", ("programme_id", "member_id", "id")),
    ("inbox_messages", ("programme_id", "is_from_member", "id")),
    ("waiting_texts", ("programme_id", "state", "due_at", "id")),
    ("waiting_texts", ("programme_id", "provider_id")),
)


def upgrade() -> None:
    """Apply."""
    for column in _columns():
        op.add_column("waiting_texts", column)
    _fill_queue()
    _create_rules()
    _create_templates()
    _create_receivers()
    for table, columns in _INDEXES:
        op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns))


def downgrade() -> None:
    """Take back."""
    for table, columns in _INDEXES[-2:]:
        op.drop_index(f"ix_{table}_{'_'.join(columns)}", table)
    for table in reversed(_TABLES):
        op.drop_table(table)
    for column in reversed(_columns()):
        op.drop_column("waiting_texts", column.name)


def _columns() -> tuple[sa.Column[Any], ...]:
    """What the queue gets; a column belongs to one statement."""
    return (
        sa.Column("channel", sa.String(7), nullable=False, server_default="sms"),
        sa.Column("state", sa.String(11), nullable=False, server_default="waiting"),
        sa.Column("is_code", sa.Boolean(), nullable=False, server_default=sa.text("false")),
        sa.Column("due_at", _INSTANT, nullable=True),
        sa.Column("template_version_id", sa.BigInteger(), nullable=True),
        sa.Column("values", sa.JSON(), nullable=True),
        sa.Column("broadcast_id", sa.BigInteger(), nullable=True),
        sa.Column("gateway_id", sa.BigInteger(), nullable=True),
        sa.Column("lease", sa.String(16), nullable=True),
        sa.Column("leased_until", _INSTANT, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("provider_id", sa.String(64), nullable=True),
        sa.Column("parts", sa.Integer(), nullable=True),
        sa.Column("cost_rials", sa.BigInteger(), nullable=True),
        sa.Column("failure", sa.String(24), nullable=True),
        sa.Column("delivered_at", _INSTANT, nullable=True),
    )


def _fill_queue() -> None:
    """Rows of before: sent or late, or due since they were made; codes were the only sealed texts."""
    texts = sa.table(
        "waiting_texts",
        sa.column("is_waiting", sa.Boolean()),
        sa.column("sent_at", _INSTANT),
        sa.column("created_at", _INSTANT),
        sa.column("due_at", _INSTANT),
        sa.column("state", sa.String()),
        sa.column("is_code", sa.Boolean()),
        sa.column("text_sealed", sa.LargeBinary()),
    )
    waits = texts.c.is_waiting.is_(True)
    op.execute(texts.update().where(waits).values(due_at=texts.c.created_at))
    op.execute(texts.update().where(waits, texts.c.text_sealed.is_not(None)).values(is_code=True))
    op.execute(texts.update().where(~waits).values(state="late"))
    op.execute(texts.update().where(~waits, texts.c.sent_at.is_not(None)).values(state="sent"))


def _create_rules() -> None:
    _create(
        "message_gateways",
        sa.Column("channel", sa.String(7), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("secret_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("rials_per_part", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
    )
    _create_keyed(
        "message_topics",
        ("code",),
        sa.Column("code", sa.String(32), nullable=False),
        sa.Column("title", sa.String(60), nullable=False),
        sa.Column("title_fa", sa.String(60), nullable=False),
        sa.Column("purpose", sa.String(11), nullable=False),
        sa.Column("is_automatic", sa.Boolean(), nullable=False),
        sa.Column("channels", sa.JSON(), nullable=False),
        sa.Column("day_most", sa.Integer(), nullable=True),
        sa.Column("week_most", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
    )
    _create_keyed(
        "message_policies",
        (),
        sa.Column("quiet_from_minute", sa.Integer(), nullable=True),
        sa.Column("quiet_until_minute", sa.Integer(), nullable=True),
        sa.Column("asks_consent", sa.Boolean(), nullable=False),
        sa.Column("promotional_day_most", sa.Integer(), nullable=True),
        sa.Column("promotional_week_most", sa.Integer(), nullable=True),
        sa.Column("most_parts", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
    )


def _create_templates() -> None:
    _create(
        "message_templates",
        sa.Column("code", sa.String(16), nullable=False),
        sa.Column("topic", sa.String(32), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        _unique("message_templates", "programme_id", "code"),
    )
    _create(
        "message_wordings",
        sa.Column("template_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(100), nullable=False),
        sa.Column("subject_fa", sa.String(100), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("text_fa", sa.Text(), nullable=False),
        sa.Column("variables", sa.JSON(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("created_by", sa.String(100), nullable=False),
        _refers("message_wordings", "template_id", "message_templates"),
        _unique("message_wordings", "template_id", "number"),
    )
    _create(
        "message_broadcasts",
        sa.Column("title", sa.String(60), nullable=False),
        sa.Column("template_version_id", sa.BigInteger(), nullable=False),
        sa.Column("topic", sa.String(32), nullable=False),
        sa.Column("audience", sa.JSON(), nullable=True),
        sa.Column("member_ids", sa.JSON(), nullable=True),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(9), nullable=False),
        sa.Column("starts_at", _INSTANT, nullable=False),
        sa.Column("useful_hours", sa.Integer(), nullable=False),
        sa.Column("after_member", sa.BigInteger(), nullable=False),
        sa.Column("queued", sa.Integer(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("created_by", sa.String(100), nullable=False),
        _refers("message_broadcasts", "template_version_id", "message_wordings"),
    )
    _create(
        "message_triggers",
        sa.Column("event_type", sa.String(47), nullable=False),
        sa.Column("template_id", sa.BigInteger(), nullable=False),
        sa.Column("conditions", sa.JSON(), nullable=False),
        sa.Column("audience", sa.JSON(), nullable=True),
        sa.Column("delay_minutes", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("active_since", _INSTANT, nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        _refers("message_triggers", "template_id", "message_templates"),
    )
    _create_keyed("message_trigger_marks", (), sa.Column("sequence", sa.BigInteger(), nullable=False))


def _create_receivers() -> None:
    _create_keyed(
        "message_consents",
        ("member_id", "channel"),
        sa.Column("member_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("channel", sa.String(7), nullable=False),
        sa.Column("is_allowed", sa.Boolean(), nullable=False),
        sa.Column("changed_at", _INSTANT, nullable=False),
        sa.Column("changed_by", sa.String(100), nullable=False),
        _within("message_consents", "member_id", "members"),
    )
    _create(
        "message_suppressions",
        sa.Column("channel", sa.String(7), nullable=False),
        sa.Column("address_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("address_index", sa.LargeBinary(36), nullable=True),
        sa.Column("source", sa.String(6), nullable=False),
        sa.Column("since", _INSTANT, nullable=False),
    )
    _create(
        "inbox_messages",
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("is_from_member", sa.Boolean(), nullable=False),
        sa.Column("topic", sa.String(32), nullable=False),
        sa.Column("subject", sa.String(100), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("read_at", _INSTANT, nullable=True),
        _within("inbox_messages", "member_id", "members"),
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


def _within(table: str, column: str, referred: str) -> sa.ForeignKeyConstraint:
    """The id of a row of the same programme, in a table whose key is programme and id."""
    return sa.ForeignKeyConstraint(
        ["programme_id", column],
        [f"{referred}.programme_id", f"{referred}.id"],
        name=f"fk_{table}_programme_id_{column}_{referred}",
    )


def _refers(table: str, column: str, referred: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{referred}.id"], name=f"fk_{table}_{column}_{referred}")


def _unique(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name=f"uq_{table}_{'_'.join(columns)}")
