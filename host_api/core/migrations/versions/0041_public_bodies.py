"""Public bodies: participations, benefits of their members, credit of banks.

Revision: 0041, after 0040
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

_IDENTIFIER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.DateTime(timezone=True)
_TABLES = ("public_bodies", "body_participations", "body_benefits", "body_credit_lines")
_INDEXES = (
    ("body_participations", ("programme_id", "body_id", "id")),
    ("body_participations", ("programme_id", "state", "id")),
    ("body_credit_lines", ("programme_id", "id")),
    ("body_credit_lines", ("programme_id", "participation_id", "at")),
)


def upgrade() -> None:
    """Apply."""
    _create(
        "public_bodies",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        _refers("public_bodies", "organisation_id", "organisations"),
        _unique("public_bodies", "programme_id", "organisation_id"),
    )
    _create(
        "body_participations",
        sa.Column("body_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.String(15), nullable=False),
        sa.Column("terms", sa.String(2000), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("credit_limit_rials", sa.BigInteger(), nullable=False),
        sa.Column("drawn_rials", sa.BigInteger(), nullable=False),
        sa.Column("ended_by_name", sa.String(100), nullable=True),
        sa.Column("ended_at", _INSTANT, nullable=True),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("asked_by", sa.String(72), nullable=False),
        sa.Column("asked_by_name", sa.String(100), nullable=False),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("decided_by", sa.String(72), nullable=True),
        sa.Column("decided_by_name", sa.String(100), nullable=True),
        sa.Column("decided_at", _INSTANT, nullable=True),
        sa.CheckConstraint(
            "drawn_rials >= 0 AND drawn_rials <= credit_limit_rials",
            name="ck_body_participations_within_limit",
        ),
        _refers("body_participations", "body_id", "public_bodies"),
    )
    _create(
        "body_benefits",
        sa.Column("body_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(5), nullable=False),
        sa.Column("target_id", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.String(100), nullable=False),
        sa.Column("title_fa", sa.String(100), nullable=False),
        _refers("body_benefits", "body_id", "public_bodies"),
        _unique("body_benefits", "programme_id", "body_id", "kind", "target_id"),
    )
    _create(
        "body_credit_lines",
        sa.Column("participation_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(6), nullable=False),
        sa.Column("reference", sa.String(40), nullable=False),
        sa.Column("rials", sa.BigInteger(), nullable=False),
        sa.Column("drawn_after_rials", sa.BigInteger(), nullable=False),
        sa.Column("written_by", sa.String(100), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        _refers("body_credit_lines", "participation_id", "body_participations"),
        _unique("body_credit_lines", "programme_id", "participation_id", "reference"),
    )
    for table, columns in _INDEXES:
        op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns))


def downgrade() -> None:
    """Take back."""
    for table in reversed(_TABLES):
        op.drop_table(table)


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


def _refers(table: str, column: str, referred: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{referred}.id"], name=f"fk_{table}_{column}_{referred}")


def _unique(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name=f"uq_{table}_{'_'.join(columns)}")
