"""Texts to members in one queue; points to cash, to members, at partners and for trading.

Texts of joining that wait are dropped: the code in one is good for two minutes, and another can be asked for.

Revision: 0020, after 0019
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_IDENTIFIER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.DateTime(timezone=True)
_JSON = sa.JSON()
_NO_NULL_JSON = sa.JSON(none_as_null=True)
_TABLES = (
    "trading_credit_lines",
    "trading_credit_policies",
    "partner_movements",
    "partner_spendings",
    "partners",
    "point_transfers",
    "point_transfer_policies",
    "cash_out_vouchers",
    "cash_outs",
    "cash_out_batches",
    "cash_out_policies",
    "member_codes",
    "member_languages",
    "waiting_texts",
)


def upgrade() -> None:
    """Apply."""
    op.drop_table("joining_texts")
    _create_messages()
    _create_cash_outs()
    _create_point_transfers()
    _create_partner_spending()
    _create_trading_credit()


def downgrade() -> None:
    """Take back."""
    for table in _TABLES:
        op.drop_table(table)
    _create(
        "joining_texts",
        sa.Column("application_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.Column("receiver_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["membership_applications.id"],
            name="fk_joining_texts_application_id_membership_applications",
        ),
    )
    _create_index("joining_texts", "id")


def _create_messages() -> None:
    _create(
        "waiting_texts",
        sa.Column("topic", sa.String(32), nullable=False),
        sa.Column("reference", sa.String(64), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=True),
        sa.Column("receiver_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("text_plain", sa.Text(), nullable=True),
        sa.Column("is_waiting", sa.Boolean(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.Column("sent_at", _INSTANT, nullable=True),
        _of_member("waiting_texts", "member_id"),
        _unique("waiting_texts", "topic", "reference"),
        sa.CheckConstraint(
            "member_id IS NULL OR receiver_sealed IS NULL", name=op.f("ck_waiting_texts_one_receiver")
        ),
    )
    waiting = sa.text("is_waiting")
    op.create_index(
        "ix_waiting_texts_waiting",
        "waiting_texts",
        ["programme_id", "id"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    _create_index("waiting_texts", "member_id")
    _create_index("waiting_texts", "created_at")
    op.create_table(
        "member_languages",
        sa.Column("programme_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("member_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.PrimaryKeyConstraint("programme_id", "member_id", name="pk_member_languages"),
        _of_programme("member_languages"),
        _of_member("member_languages", "member_id"),
    )
    _create(
        "member_codes",
        sa.Column("topic", sa.String(32), nullable=False),
        sa.Column("reference", sa.String(64), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("salt", sa.LargeBinary(16), nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.Column("tries_left", sa.Integer(), nullable=False),
        sa.Column("sent_at", _INSTANT, nullable=False),
        sa.Column("times_sent", sa.Integer(), nullable=False),
        _of_member("member_codes", "member_id"),
        _unique("member_codes", "topic", "reference"),
    )
    _create_index("member_codes", "member_id", "sent_at")


def _create_cash_outs() -> None:
    _create_policy(
        "cash_out_policies",
        *_whole("least_units", "most_units"),
        sa.Column("limits", _JSON, nullable=False),
        *_whole("rate_units", "rate_rials", "fee_rials"),
        sa.Column("fee_basis_points", sa.Integer(), nullable=False),
        sa.Column("approval_above_units", sa.BigInteger(), nullable=True),
        sa.Column("audience", _NO_NULL_JSON, nullable=True),
        sa.Column("accounts", _JSON, nullable=False),
    )
    _create(
        "cash_out_batches",
        sa.Column("made_at", _INSTANT, nullable=False),
        sa.Column("made_by", sa.String(100), nullable=False),
        sa.Column("line_count", sa.Integer(), nullable=False),
        *_whole("gross_rials", "fee_rials", "net_rials"),
        sa.Column("paid_count", sa.Integer(), nullable=False),
        sa.Column("failed_count", sa.Integer(), nullable=False),
        sa.Column("accounts", _JSON, nullable=False),
    )
    _create_index("cash_out_batches", "id")
    _create(
        "cash_outs",
        *_second_person(),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("policy_id", sa.BigInteger(), nullable=False),
        sa.Column("purse", sa.Integer(), nullable=False),
        *_whole("units", "gross_rials", "fee_rials", "net_rials"),
        sa.Column("needs_approval", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(200), nullable=True),
        sa.Column("sheba_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("response_code", sa.String(2), nullable=True),
        sa.Column("debit_rrn", sa.String(12), nullable=True),
        sa.Column("batch_id", sa.BigInteger(), nullable=True),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.Column("paid_at", _INSTANT, nullable=True),
        sa.Column("bank_reference", sa.String(40), nullable=True),
        sa.Column("bank_reason", sa.String(200), nullable=True),
        sa.Column("returned_for", sa.String(9), nullable=True),
        sa.Column("return_attempts", sa.Integer(), nullable=False),
        sa.Column("return_rrn", sa.String(12), nullable=True),
        sa.Column("finished_at", _INSTANT, nullable=True),
        _of_member("cash_outs", "member_id"),
        _reference("cash_outs", "policy_id", "cash_out_policies"),
        _reference("cash_outs", "batch_id", "cash_out_batches"),
        _unique("cash_outs", "batch_id", "line"),
    )
    for columns in (("id",), ("state", "id"), ("member_id", "asked_at")):
        _create_index("cash_outs", *columns)
    _create(
        "cash_out_vouchers",
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(7), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("made_at", _INSTANT, nullable=False),
        sa.Column("lines", _JSON, nullable=False),
        _reference("cash_out_vouchers", "batch_id", "cash_out_batches"),
    )
    _create_index("cash_out_vouchers", "id")


def _create_point_transfers() -> None:
    _create_policy(
        "point_transfer_policies",
        *_whole("least_units", "most_units"),
        sa.Column("limits", _JSON, nullable=False),
        *_whole("least_left"),
        sa.Column("waiting_days", sa.Integer(), nullable=False),
        sa.Column("code_from_units", sa.BigInteger(), nullable=True),
        sa.Column("audience", _NO_NULL_JSON, nullable=True),
    )
    _create(
        "point_transfers",
        *_whole("member_id", "to_member_id", "policy_id"),
        sa.Column("purse", sa.Integer(), nullable=False),
        *_whole("units"),
        sa.Column("state", sa.String(11), nullable=False),
        sa.Column("asked_by_name", sa.String(100), nullable=False),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("confirm_until", _INSTANT, nullable=False),
        sa.Column("response_code", sa.String(2), nullable=True),
        sa.Column("rrn", sa.String(12), nullable=True),
        sa.Column("finished_at", _INSTANT, nullable=True),
        sa.Column("cancelled_by", sa.String(100), nullable=True),
        sa.Column("cancel_reason", sa.String(200), nullable=True),
        sa.Column("cancel_attempts", sa.Integer(), nullable=False),
        sa.Column("cancel_rrn", sa.String(12), nullable=True),
        *(
            sa.ForeignKeyConstraint(
                ["programme_id", column],
                ["members.programme_id", "members.id"],
                name=f"fk_point_transfers_{who}",
            )
            for who, column in (("giver", "member_id"), ("receiver", "to_member_id"))
        ),
        _reference("point_transfers", "policy_id", "point_transfer_policies"),
    )
    for columns in (
        ("id",),
        ("state", "id"),
        ("asked_at",),
        ("member_id", "asked_at"),
        ("to_member_id", "id"),
    ):
        _create_index("point_transfers", *columns)


def _create_partner_spending() -> None:
    _create(
        "partners",
        sa.Column("code", sa.String(16), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("status", sa.String(9), nullable=False),
        sa.Column("api_key_id", sa.String(8), nullable=True),
        sa.Column("valid_from", _INSTANT, nullable=False),
        sa.Column("valid_until", _INSTANT, nullable=True),
        sa.Column("purse", sa.Integer(), nullable=False),
        sa.Column("proofs", _JSON, nullable=False),
        *_whole("least_units", "most_units"),
        sa.Column("limits", _JSON, nullable=False),
        *_whole("rate_units", "rate_rials"),
        sa.Column("commission_basis_points", sa.Integer(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        _unique("partners", "code"),
        sa.UniqueConstraint("api_key_id", name="uq_partners_api_key_id"),
    )
    _create(
        "partner_spendings",
        *_whole("partner_id"),
        sa.Column("reference", sa.String(32), nullable=False),
        *_whole("member_id"),
        sa.Column("proof", sa.String(4), nullable=False),
        sa.Column("purse", sa.Integer(), nullable=False),
        *_whole("units", "rials", "commission_rials"),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("is_cancel_wanted", sa.Boolean(), nullable=False),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("request_id", sa.BigInteger(), nullable=True),
        sa.Column("response_code", sa.String(2), nullable=True),
        sa.Column("rrn", sa.String(12), nullable=True),
        sa.Column("return_attempts", sa.Integer(), nullable=False),
        sa.Column("return_rrn", sa.String(12), nullable=True),
        _of_member("partner_spendings", "member_id"),
        _reference("partner_spendings", "partner_id", "partners"),
        _unique("partner_spendings", "partner_id", "reference"),
    )
    for columns in (("id",), ("state", "id"), ("member_id", "asked_at")):
        _create_index("partner_spendings", *columns)
    _create(
        "partner_movements",
        *_whole("partner_id", "spending_id"),
        sa.Column("reference", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(6), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        *_whole("units", "rials", "commission_rials"),
        sa.Column("rrn", sa.String(12), nullable=False),
        _reference("partner_movements", "partner_id", "partners"),
        _reference("partner_movements", "spending_id", "partner_spendings"),
        _unique("partner_movements", "spending_id", "kind"),
    )
    _create_index("partner_movements", "partner_id", "at")
    _create_index("partner_movements", "id")


def _create_trading_credit() -> None:
    _create_policy(
        "trading_credit_policies",
        *_whole("least_units", "most_units"),
        sa.Column("limits", _JSON, nullable=False),
        *_whole("rate_units", "rate_rials"),
        sa.Column("valid_days", sa.Integer(), nullable=True),
        sa.Column("audience", _NO_NULL_JSON, nullable=True),
    )
    _create(
        "trading_credit_lines",
        *_whole("member_id", "policy_id"),
        sa.Column("purse", sa.Integer(), nullable=False),
        *_whole("units", "rials"),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("asked_by_name", sa.String(100), nullable=False),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("response_code", sa.String(2), nullable=True),
        sa.Column("debit_rrn", sa.String(12), nullable=True),
        sa.Column("granted_at", _INSTANT, nullable=True),
        sa.Column("valid_until", _INSTANT, nullable=True),
        sa.Column("reversed_at", _INSTANT, nullable=True),
        sa.Column("reversed_by", sa.String(100), nullable=True),
        sa.Column("reason", sa.String(200), nullable=True),
        sa.Column("return_attempts", sa.Integer(), nullable=False),
        sa.Column("return_rrn", sa.String(12), nullable=True),
        _of_member("trading_credit_lines", "member_id"),
        _reference("trading_credit_lines", "policy_id", "trading_credit_policies"),
    )
    for columns in (("id",), ("state", "id"), ("granted_at",), ("member_id", "asked_at")):
        _create_index("trading_credit_lines", *columns)


def _create_policy(table: str, *parts: sa.Column[Any]) -> None:
    """A table of versions of a policy about a purse."""
    _create(
        table,
        sa.Column("valid_from", _INSTANT, nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("created_by", sa.String(100), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("purse", sa.Integer(), nullable=False),
        *parts,
    )
    _create_index(table, "valid_from", "id")


def _whole(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.BigInteger(), nullable=False) for name in names]


def _second_person() -> list[sa.Column[Any]]:
    return [
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("asked_by", sa.String(72), nullable=False),
        sa.Column("asked_by_name", sa.String(100), nullable=False),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("decided_by", sa.String(72), nullable=True),
        sa.Column("decided_by_name", sa.String(100), nullable=True),
        sa.Column("decided_at", _INSTANT, nullable=True),
    ]


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


def _create_index(table: str, *columns: str) -> None:
    op.create_index(f"ix_{table}_programme_id_{'_'.join(columns)}", table, ["programme_id", *columns])


def _unique(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint("programme_id", *columns, name=f"uq_{table}_programme_id_{'_'.join(columns)}")


def _of_programme(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["programme_id"], ["programmes.id"], name=f"fk_{table}_programme_id_programmes"
    )


def _reference(table: str, column: str, referred: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{referred}.id"], name=f"fk_{table}_{column}_{referred}")


def _of_member(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["programme_id", column],
        ["members.programme_id", "members.id"],
        name=f"fk_{table}_programme_id_members",
    )
