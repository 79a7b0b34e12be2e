"""The blog; reports of reviews, and how many a member may write in a day.

Revision: 0040, after 0039
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

_IDENTIFIER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.DateTime(timezone=True)
_TABLES = ("blog_sites", "blog_posts", "blog_post_tags", "blog_post_views", "review_reports")
_INDEXES = (
    ("blog_posts", ("programme_id", "state", "dated_at", "id")),
    ("blog_posts", ("programme_id", "category_id")),
    ("blog_posts", ("programme_id", "translation_of")),
    ("blog_post_tags", ("programme_id", "key", "post_id")),
    ("blog_post_views", ("programme_id", "day")),
    ("review_reports", ("programme_id", "id")),
    ("review_reports", ("programme_id", "member_id", "reported_at")),
)


def upgrade() -> None:
    """Apply."""
    _create_blog()
    _create(
        "review_reports",
        sa.Column("review_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("reported_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["review_id"], ["reviews.id"], name="fk_review_reports_review_id_reviews", ondelete="CASCADE"
        ),
        _unique("review_reports", "programme_id", "review_id", "member_id"),
    )
    with op.batch_alter_table("review_policies") as policies:
        policies.add_column(sa.Column("most_per_day", sa.Integer(), nullable=False, server_default="20"))
    with op.batch_alter_table("review_policies") as policies:
        policies.alter_column("most_per_day", server_default=None)
    for table, columns in _INDEXES:
        op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns))


def downgrade() -> None:
    """Take back; texts about what goes go too."""
    op.execute("DELETE FROM reviews WHERE subject_kind IN ('post', 'library', 'course')")
    with op.batch_alter_table("review_policies") as policies:
        policies.drop_column("most_per_day")
    for table in reversed(_TABLES):
        op.drop_table(table)


def _create_blog() -> None:
    _create_keyed(
        "blog_sites",
        (),
        sa.Column("domain", sa.String(100), nullable=True),
        sa.Column("title", sa.String(60), nullable=False),
        sa.Column("title_fa", sa.String(60), nullable=False),
        sa.Column("tagline", sa.String(120), nullable=True),
        sa.Column("tagline_fa", sa.String(120), nullable=True),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        _unique("blog_sites", "domain"),
    )
    _create(
        "blog_posts",
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("translation_of", sa.BigInteger(), nullable=True),
        sa.Column("slug", sa.String(80), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("summary", sa.String(1000), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("reading_minutes", sa.Integer(), nullable=False),
        sa.Column("category_id", sa.BigInteger(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("references", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(9), nullable=False),
        sa.Column("dated_at", _INSTANT, nullable=False),
        sa.Column("written_by", sa.String(72), nullable=False),
        sa.Column("written_by_name", sa.String(100), nullable=False),
        sa.Column("reviewed_by_name", sa.String(100), nullable=True),
        sa.Column("reason", sa.String(200), nullable=True),
        sa.Column("changed_at", _INSTANT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        _refers("blog_posts", "translation_of", "blog_posts"),
        _refers("blog_posts", "category_id", "content_categories"),
        _refers("blog_posts", "author_id", "content_people"),
        _unique("blog_posts", "programme_id", "slug"),
    )
    _create_keyed(
        "blog_post_tags",
        ("post_id", "key"),
        sa.Column("post_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("key", sa.String(40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("tag", sa.String(40), nullable=False),
        _refers("blog_post_tags", "post_id", "blog_posts"),
    )
    _create_keyed(
        "blog_post_views",
        ("post_id", "day"),
        sa.Column("post_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("views", sa.BigInteger(), nullable=False),
        _refers("blog_post_views", "post_id", "blog_posts"),
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
