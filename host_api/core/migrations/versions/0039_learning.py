"""What articles, books and courses have in common; the library, courses and what members get of them.

Revision: 0039, after 0033
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

_IDENTIFIER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.DateTime(timezone=True)
_TABLES = (
    "content_categories",
    "content_people",
    "content_words",
    "library_documents",
    "courses",
    "course_lessons",
    "learning_purchases",
    "course_lessons_done",
)
_INDEXES = (
    ("content_categories", ("programme_id", "parent_id")),
    ("content_people", ("programme_id", "id")),
    ("content_words", ("programme_id", "kind", "subject_id")),
    ("library_documents", ("programme_id", "id")),
    ("library_documents", ("programme_id", "category_id")),
    ("courses", ("programme_id", "id")),
    ("courses", ("programme_id", "state", "id")),
    ("courses", ("programme_id", "category_id")),
    ("learning_purchases", ("programme_id", "id")),
    ("learning_purchases", ("programme_id", "member_id", "id")),
)


def upgrade() -> None:
    """Apply."""
    _create_content()
    _create_library_and_courses()
    _create_purchases()
    for table, columns in _INDEXES:
        op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns))
    op.create_index(
        "ix_content_words_pattern",
        "content_words",
        ["programme_id", "kind", "word"],
        postgresql_ops={"word": "varchar_pattern_ops"},
    )


def downgrade() -> None:
    """Take back."""
    for table in reversed(_TABLES):
        op.drop_table(table)


def _create_content() -> None:
    _create(
        "content_categories",
        sa.Column("area", sa.String(7), nullable=False),
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column("slug", sa.String(80), nullable=False),
        sa.Column("title", sa.String(60), nullable=False),
        sa.Column("title_fa", sa.String(60), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        _refers("content_categories", "parent_id", "content_categories"),
        _unique("content_categories", "programme_id", "area", "slug"),
    )
    _create(
        "content_people",
        sa.Column("role", sa.String(7), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("name_fa", sa.String(80), nullable=False),
        sa.Column("position", sa.String(80), nullable=True),
        sa.Column("licence_number", sa.String(40), nullable=True),
        sa.Column("specialities", sa.String(200), nullable=True),
        sa.Column("biography", sa.String(2000), nullable=True),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
    )
    _create_keyed(
        "content_words",
        ("kind", "word", "subject_id"),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("word", sa.String(40), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), autoincrement=False, nullable=False),
    )


def _create_library_and_courses() -> None:
    _create(
        "library_documents",
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("abstract", sa.String(1000), nullable=False),
        sa.Column("category_id", sa.BigInteger(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("subject", sa.String(80), nullable=True),
        sa.Column("publisher", sa.String(80), nullable=True),
        sa.Column("publisher_kind", sa.String(10), nullable=True),
        sa.Column("dated_on", sa.Date(), nullable=True),
        sa.Column("file_id", sa.BigInteger(), nullable=True),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("purse", sa.Integer(), nullable=False),
        sa.Column("is_downloadable", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(9), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        _refers("library_documents", "category_id", "content_categories"),
        _refers("library_documents", "author_id", "content_people"),
    )
    _create(
        "courses",
        sa.Column("mode", sa.String(7), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("abstract", sa.String(1000), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("category_id", sa.BigInteger(), nullable=False),
        sa.Column("teacher_id", sa.BigInteger(), nullable=False),
        sa.Column("audience_level", sa.String(60), nullable=True),
        sa.Column("starts_at", _INSTANT, nullable=True),
        sa.Column("enrol_until", _INSTANT, nullable=True),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("places_left", sa.Integer(), nullable=True),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("purse", sa.Integer(), nullable=False),
        sa.Column("refund_days", sa.Integer(), nullable=False),
        sa.Column("refund_percent", sa.Integer(), nullable=False),
        sa.Column("is_downloadable", sa.Boolean(), nullable=False),
        sa.Column("has_certificate", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(9), nullable=False),
        sa.Column("reason", sa.String(200), nullable=True),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        _refers("courses", "category_id", "content_categories"),
        _refers("courses", "teacher_id", "content_people"),
    )
    _create(
        "course_lessons",
        sa.Column("course_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("starts_at", _INSTANT, nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("address", sa.String(300), nullable=True),
        sa.Column("file_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        _refers("course_lessons", "course_id", "courses"),
        _unique("course_lessons", "programme_id", "course_id", "position"),
    )


def _create_purchases() -> None:
    _create(
        "learning_purchases",
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("paid_by", sa.BigInteger(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("purse", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("return_attempts", sa.Integer(), nullable=False),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("begun_at", _INSTANT, nullable=True),
        sa.Column("completed_at", _INSTANT, nullable=True),
        sa.Column("returned_at", _INSTANT, nullable=True),
        sa.Column("reason", sa.String(200), nullable=True),
        sa.Column("response_code", sa.String(2), nullable=True),
        sa.Column("rrn", sa.String(12), nullable=True),
        sa.Column("certificate_number", sa.String(32), nullable=True),
        _unique("learning_purchases", "programme_id", "kind", "subject_id", "member_id"),
    )
    _create_keyed(
        "course_lessons_done",
        ("purchase_id", "lesson_id"),
        sa.Column("purchase_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("lesson_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("done_at", _INSTANT, nullable=False),
        _refers("course_lessons_done", "purchase_id", "learning_purchases"),
        _refers("course_lessons_done", "lesson_id", "course_lessons"),
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


def _refers(table: str, column: str, referred: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{referred}.id"], name=f"fk_{table}_{column}_{referred}")


def _unique(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name=f"uq_{table}_{'_'.join(columns)}")
