"""Tickets: departments, staff, customers, types, threads, files, steps, canned answers.

Revision: 0036, after 0033
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

_IDENTIFIER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.DateTime(timezone=True)
_TABLES = (
    "ticket_departments",
    "ticket_staff",
    "ticket_links",
    "ticket_types",
    "tickets",
    "ticket_messages",
    "ticket_files",
    "ticket_steps",
    "ticket_canned_answers",
)
_INDEXES = (
    ("ticket_departments", ("programme_id", "id")),
    ("ticket_staff", ("programme_id", "caller_key")),
    ("ticket_types", ("programme_id", "id")),
    ("tickets", ("programme_id", "id")),
    ("tickets", ("programme_id", "member_id", "id")),
    ("tickets", ("programme_id", "department_id", "state", "id")),
    ("ticket_messages", ("ticket_id", "id")),
    ("ticket_files", ("ticket_id", "id")),
    ("ticket_files", ("programme_id", "file_id")),
    ("ticket_steps", ("ticket_id", "id")),
    ("ticket_canned_answers", ("programme_id", "id")),
)


def upgrade() -> None:
    """Apply."""
    _create_departments()
    _create_tickets()
    _create_threads()
    for table, columns in _INDEXES:
        op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns))
    for column in ("answer_due_at", "resolution_due_at"):
        is_set = sa.text(f"{column} IS NOT NULL")
        op.create_index(
            f"ix_tickets_programme_id_{column}",
            "tickets",
            ["programme_id", column],
            sqlite_where=is_set,
            postgresql_where=is_set,
        )


def downgrade() -> None:
    """Take back."""
    for table in reversed(_TABLES):
        op.drop_table(table)


def _create_departments() -> None:
    _create(
        "ticket_departments",
        sa.Column("code", sa.String(16), nullable=False),
        sa.Column("name_fa", sa.String(60), nullable=False),
        sa.Column("name_en", sa.String(60), nullable=False),
        sa.Column("above_id", sa.BigInteger(), nullable=True),
        sa.Column("hours", sa.JSON(), nullable=False),
        sa.Column("first_answer_minutes", sa.Integer(), nullable=False),
        sa.Column("resolution_minutes", sa.Integer(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        _refers("ticket_departments", "above_id", "ticket_departments"),
        _unique("ticket_departments", "programme_id", "code"),
    )
    _create(
        "ticket_staff",
        sa.Column("department_id", sa.BigInteger(), nullable=False),
        sa.Column("caller_key", sa.String(72), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        _refers("ticket_staff", "department_id", "ticket_departments"),
        _unique("ticket_staff", "programme_id", "department_id", "caller_key"),
    )
    _create(
        "ticket_links",
        sa.Column("department_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=True),
        sa.Column("organisation", sa.String(16), nullable=True),
        _refers("ticket_links", "department_id", "ticket_departments"),
        _of_member("ticket_links"),
        _unique("ticket_links", "programme_id", "member_id"),
        _unique("ticket_links", "programme_id", "organisation"),
    )
    _create(
        "ticket_types",
        sa.Column("code", sa.String(16), nullable=False),
        sa.Column("name_fa", sa.String(60), nullable=False),
        sa.Column("name_en", sa.String(60), nullable=False),
        sa.Column("department_id", sa.BigInteger(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        _refers("ticket_types", "department_id", "ticket_departments"),
        _unique("ticket_types", "programme_id", "code"),
    )
    _create(
        "ticket_canned_answers",
        sa.Column("code", sa.String(16), nullable=False),
        sa.Column("text_fa", sa.String(2000), nullable=False),
        sa.Column("text_en", sa.String(2000), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        _unique("ticket_canned_answers", "programme_id", "code"),
    )


def _create_tickets() -> None:
    _create(
        "tickets",
        sa.Column("tracking_code", sa.String(10), nullable=False),
        sa.Column("type_id", sa.BigInteger(), nullable=False),
        sa.Column("department_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("subject", sa.String(120), nullable=False),
        sa.Column("subject_key", sa.String(240), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("assignee", sa.String(72), nullable=True),
        sa.Column("assignee_name", sa.String(100), nullable=True),
        sa.Column("opened_at", _INSTANT, nullable=False),
        sa.Column("answer_due_at", _INSTANT, nullable=True),
        sa.Column("resolution_due_at", _INSTANT, nullable=True),
        sa.Column("first_answered_at", _INSTANT, nullable=True),
        sa.Column("resolved_at", _INSTANT, nullable=True),
        sa.Column("breaches", sa.SmallInteger(), nullable=False),
        sa.Column("reopened", sa.SmallInteger(), nullable=False),
        sa.Column("score", sa.SmallInteger(), nullable=True),
        sa.Column("merged_into", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        _refers("tickets", "type_id", "ticket_types"),
        _refers("tickets", "department_id", "ticket_departments"),
        _refers("tickets", "merged_into", "tickets"),
        _of_member("tickets"),
        _unique("tickets", "programme_id", "tracking_code"),
    )


def _create_threads() -> None:
    _create(
        "ticket_messages",
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("is_of_member", sa.Boolean(), nullable=False),
        sa.Column("is_internal", sa.Boolean(), nullable=False),
        sa.Column("author", sa.String(100), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=True),
        _refers("ticket_messages", "ticket_id", "tickets"),
    )
    _create(
        "ticket_files",
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("file_id", sa.BigInteger(), nullable=False),
        sa.Column("is_internal", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(150), nullable=False),
        sa.Column("media_type", sa.String(80), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("author", sa.String(100), nullable=False),
        _refers("ticket_files", "ticket_id", "tickets"),
    )
    _create(
        "ticket_steps",
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("by", sa.String(100), nullable=False),
        sa.Column("from_department_id", sa.BigInteger(), nullable=True),
        sa.Column("to_department_id", sa.BigInteger(), nullable=True),
        sa.Column("assignee_name", sa.String(100), nullable=True),
        sa.Column("note", sa.String(200), nullable=True),
        _refers("ticket_steps", "ticket_id", "tickets"),
    )


def _create(table: str, *parts: sa.Column[Any] | sa.Constraint) -> None:
    op.create_table(
        table,
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        *parts,
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name=f"fk_{table}_programme_id_programmes"
        ),
        sqlite_autoincrement=True,
    )


def _of_member(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["programme_id", "member_id"],
        ["members.programme_id", "members.id"],
        name=f"fk_{table}_programme_id_member_id_members",
    )


def _refers(table: str, column: str, referred: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{referred}.id"], name=f"fk_{table}_{column}_{referred}")


def _unique(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name=f"uq_{table}_{'_'.join(columns)}")
