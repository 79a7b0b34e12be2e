"""Clubs in coalition: contracts, letters, links, exchanges, statements; programmes made from templates.

Revision: 0033, after 0026
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

_IDENTIFIER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.DateTime(timezone=True)
_TABLES = (
    "partner_clubs",
    "club_accounts",
    "club_letters",
    "club_contracts",
    "club_link_codes",
    "club_links",
    "club_exchanges",
    "club_statements",
    "club_settlements",
    "programme_template_uses",
)
_INDEXES = (
    ("club_contracts", ("programme_id", "state", "id")),
    ("club_links", ("programme_id", "member_id")),
    ("club_exchanges", ("done_at",)),
    ("club_exchanges", ("programme_id", "club_id", "done_at")),
    ("club_exchanges", ("programme_id", "member_id", "id")),
    ("club_exchanges", ("programme_id", "state", "id")),
    ("club_statements", ("programme_id", "club_id", "id")),
    ("club_settlements", ("programme_id", "statement_id")),
)


def upgrade() -> None:
    """Apply."""
    _create_clubs()
    _create_programme_templates()
    for table, columns in _INDEXES:
        op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns))


def downgrade() -> None:
    """Take back."""
    for table in reversed(_TABLES):
        op.drop_table(table)


def _create_clubs() -> None:
    _create(
        "partner_clubs",
        sa.Column("club_code", sa.String(32), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("is_local", sa.Boolean(), nullable=False),
        sa.Column("api_key_id", sa.String(8), nullable=True),
        sa.Column("status", sa.String(9), nullable=False),
        sa.Column("credit_limit_rials", sa.BigInteger(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        _unique("partner_clubs", "api_key_id"),
        _unique("partner_clubs", "programme_id", "club_code"),
    )
    _create_keyed(
        "club_accounts",
        ("club_id",),
        sa.Column("club_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("balance_rials", sa.BigInteger(), nullable=False),
        sa.Column("reserved_rials", sa.BigInteger(), nullable=False),
        sa.Column("begun_number", sa.BigInteger(), nullable=False),
        sa.Column("written_number", sa.BigInteger(), nullable=False),
        sa.Column("arrived_number", sa.BigInteger(), nullable=False),
        sa.Column("taken_number", sa.BigInteger(), nullable=False),
        sa.Column("closed_until", _INSTANT, nullable=True),
        _refers("club_accounts", "club_id", "partner_clubs"),
    )
    _create(
        "club_letters",
        sa.Column("club_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("written_at", _INSTANT, nullable=False),
        _refers("club_letters", "club_id", "partner_clubs"),
        _unique("club_letters", "programme_id", "club_id", "number"),
    )
    _create(
        "club_contracts",
        sa.Column("club_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(16), nullable=False),
        sa.Column("is_ours", sa.Boolean(), nullable=False),
        sa.Column("own_purse", sa.Integer(), nullable=False),
        sa.Column("partner_purse", sa.Integer(), nullable=False),
        sa.Column("own_units", sa.BigInteger(), nullable=False),
        sa.Column("partner_units", sa.BigInteger(), nullable=False),
        sa.Column("rials", sa.BigInteger(), nullable=False),
        sa.Column("valid_until", _INSTANT, nullable=True),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("asked_by", sa.String(72), nullable=False),
        sa.Column("asked_by_name", sa.String(100), nullable=False),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("decided_by", sa.String(72), nullable=True),
        sa.Column("decided_by_name", sa.String(100), nullable=True),
        sa.Column("decided_at", _INSTANT, nullable=True),
        _refers("club_contracts", "club_id", "partner_clubs"),
        _unique("club_contracts", "programme_id", "club_id", "code"),
    )
    _create(
        "club_link_codes",
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.Column("used_at", _INSTANT, nullable=True),
        _within("club_link_codes", "member_id", "members"),
        _unique("club_link_codes", "programme_id", "digest"),
    )
    _create(
        "club_links",
        sa.Column("club_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.String(48), nullable=False),
        sa.Column("state", sa.String(7), nullable=False),
        sa.Column("made_at", _INSTANT, nullable=False),
        _refers("club_links", "club_id", "partner_clubs"),
        _within("club_links", "member_id", "members"),
        _unique("club_links", "programme_id", "club_id", "reference"),
    )
    _create(
        "club_exchanges",
        sa.Column("club_id", sa.BigInteger(), nullable=False),
        sa.Column("contract_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.String(48), nullable=False),
        sa.Column("is_outgoing", sa.Boolean(), nullable=False),
        sa.Column("purse", sa.Integer(), nullable=False),
        sa.Column("lots", sa.BigInteger(), nullable=False),
        sa.Column("own_units", sa.BigInteger(), nullable=False),
        sa.Column("partner_units", sa.BigInteger(), nullable=False),
        sa.Column("rials", sa.BigInteger(), nullable=False),
        sa.Column("remainder_units", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("reason", sa.String(16), nullable=True),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("done_at", _INSTANT, nullable=True),
        sa.Column("response_code", sa.String(2), nullable=True),
        sa.Column("rrn", sa.String(12), nullable=True),
        sa.Column("return_attempts", sa.Integer(), nullable=False),
        sa.Column("return_rrn", sa.String(12), nullable=True),
        _refers("club_exchanges", "club_id", "partner_clubs"),
        _refers("club_exchanges", "contract_id", "club_contracts"),
        _within("club_exchanges", "member_id", "members"),
        _unique("club_exchanges", "programme_id", "club_id", "reference"),
    )
    _create(
        "club_statements",
        sa.Column("club_id", sa.BigInteger(), nullable=False),
        sa.Column("begin", _INSTANT, nullable=True),
        sa.Column("end", _INSTANT, nullable=False),
        sa.Column("outgoing_count", sa.BigInteger(), nullable=False),
        sa.Column("outgoing_rials", sa.BigInteger(), nullable=False),
        sa.Column("incoming_count", sa.BigInteger(), nullable=False),
        sa.Column("incoming_rials", sa.BigInteger(), nullable=False),
        sa.Column("net_rials", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("made_at", _INSTANT, nullable=False),
        _refers("club_statements", "club_id", "partner_clubs"),
    )
    _create(
        "club_settlements",
        sa.Column("statement_id", sa.BigInteger(), nullable=False),
        sa.Column("bank_reference", sa.String(40), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("asked_by", sa.String(72), nullable=False),
        sa.Column("asked_by_name", sa.String(100), nullable=False),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("decided_by", sa.String(72), nullable=True),
        sa.Column("decided_by_name", sa.String(100), nullable=True),
        sa.Column("decided_at", _INSTANT, nullable=True),
        _refers("club_settlements", "statement_id", "club_statements"),
    )


def _create_programme_templates() -> None:
    _create(
        "programme_template_uses",
        sa.Column("made_programme_id", sa.BigInteger(), nullable=False),
        sa.Column("template", sa.String(48), nullable=False),
        sa.Column("owner_username", sa.String(64), nullable=False),
        sa.Column("made_at", _INSTANT, nullable=False),
        _refers("programme_template_uses", "made_programme_id", "programmes"),
        _unique("programme_template_uses", "made_programme_id"),
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
