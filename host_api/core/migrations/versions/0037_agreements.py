"""Agreements: texts and what is accepted.

Revision: 0037, after 0036
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

_IDENTIFIER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.DateTime(timezone=True)
_TABLES = ("agreements", "agreement_versions", "agreement_acceptances")


def upgrade() -> None:
    """Apply."""
    _create(
        "agreements",
        sa.Column("code", sa.String(16), nullable=False),
        sa.Column("party", sa.String(8), nullable=False),
        sa.Column("processes", sa.JSON(), nullable=False),
        sa.Column("refusal_fa", sa.String(80), nullable=False),
        sa.Column("refusal_en", sa.String(80), nullable=False),
        sa.Column("is_retired", sa.Boolean(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.UniqueConstraint("programme_id", "code", name="uq_agreements_programme_id_code"),
    )
    _create(
        "agreement_versions",
        sa.Column("agreement_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title_fa", sa.String(120), nullable=False),
        sa.Column("title_en", sa.String(120), nullable=False),
        sa.Column("text_fa", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("needs_acceptance", sa.Boolean(), nullable=False),
        sa.Column("bit", sa.Integer(), nullable=True),
        sa.Column("effective_from", _INSTANT, nullable=True),
        sa.Column("note", sa.String(200), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("asked_by", sa.String(72), nullable=False),
        sa.Column("asked_by_name", sa.String(100), nullable=False),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("decided_by", sa.String(72), nullable=True),
        sa.Column("decided_by_name", sa.String(100), nullable=True),
        sa.Column("decided_at", _INSTANT, nullable=True),
        _refers("agreement_versions", "agreement_id", "agreements"),
        sa.UniqueConstraint(
            "programme_id",
            "agreement_id",
            "number",
            name="uq_agreement_versions_programme_id_agreement_id_number",
        ),
    )
    _create(
        "agreement_acceptances",
        sa.Column("agreement_id", sa.BigInteger(), nullable=False),
        sa.Column("version_id", sa.BigInteger(), nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=True),
        sa.Column("merchant_key", sa.BigInteger(), nullable=True),
        sa.Column("accepted_at", _INSTANT, nullable=False),
        sa.Column("channel", sa.String(8), nullable=False),
        sa.Column("proof", sa.String(8), nullable=False),
        sa.Column("reference", sa.String(48), nullable=True),
        sa.Column("rrn", sa.String(12), nullable=True),
        sa.Column("address_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("recorded_by", sa.String(100), nullable=False),
        _refers("agreement_acceptances", "agreement_id", "agreements"),
        _refers("agreement_acceptances", "version_id", "agreement_versions"),
        _refers("agreement_acceptances", "merchant_key", "merchants"),
        sa.ForeignKeyConstraint(
            ["programme_id", "member_id"],
            ["members.programme_id", "members.id"],
            name="fk_agreement_acceptances_programme_id_member_id_members",
        ),
        sa.CheckConstraint(
            "(member_id IS NULL) <> (merchant_key IS NULL)",
            name=op.f("ck_agreement_acceptances_one_party"),
        ),
        *(
            sa.UniqueConstraint(
                "programme_id",
                "version_id",
                party,
                name=f"uq_agreement_acceptances_programme_id_version_id_{party}",
            )
            for party in ("member_id", "merchant_key")
        ),
    )
    for table in _TABLES:
        op.create_index(f"ix_{table}_programme_id_id", table, ["programme_id", "id"])
    op.create_index(
        "ix_agreement_acceptances_programme_id_member_id_id",
        "agreement_acceptances",
        ["programme_id", "member_id", "id"],
    )


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
