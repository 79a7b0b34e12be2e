"""Members: sealed personal data, identities, special days, interests, activity, numbers; ways of joining.

Revision: 0009, after 0008
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from host_api.core.clock import utc_now
from host_api.core.migrations.mobile_numbers import open_mobiles, seal_mobiles, set_sequence
from host_api.core.tables import UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_IDENTIFIER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.DateTime(timezone=True)
_KEPT = {"sqlite_autoincrement": True}
_LAST_HOST_NUMBER = 900_000_000_000

_SEALED_COLUMNS = ("birth_date", "city", "address", "postal_code", "sheba")
_JOINING = (
    "joining_messages",
    "joining_texts",
    "failed_joining_attempts",
    "membership_applications",
    "joining_policies",
)
_MEMBER_PARTS = (
    "member_activity_thresholds",
    "member_interests",
    "interests",
    "member_special_day_marks",
    "member_special_days_told",
    "member_special_days",
    "member_identity_kinds",
    "member_identities",
    "member_numbers",
)


def upgrade() -> None:
    """Apply."""
    _create_member_parts()
    _create_joining()
    op.drop_index("ix_members_programme_id_mobile", "members")
    with op.batch_alter_table("members", table_kwargs=_KEPT) as members:
        members.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
        members.add_column(sa.Column("status_reason", sa.String(200), nullable=True))
        members.add_column(sa.Column("status_at", _INSTANT, nullable=True))
        members.add_column(sa.Column("joined_via", sa.String(8), nullable=False, server_default="office"))
        members.add_column(sa.Column("activity", sa.String(8), nullable=False, server_default="new"))
        members.add_column(sa.Column("introduced_until", sa.Date(), nullable=True))
        for name in _SEALED_COLUMNS:
            members.add_column(sa.Column(f"{name}_sealed", sa.LargeBinary(), nullable=True))
    seal_mobiles()
    with op.batch_alter_table("members", table_kwargs=_KEPT) as members:
        members.drop_column("mobile")
        members.alter_column("version", existing_type=sa.Integer(), server_default=None)
        for name in ("joined_via", "activity"):
            members.alter_column(name, existing_type=sa.String(8), server_default=None)
    for columns in (["name", "id"], ["activity", "id"]):
        _create_index("members", columns)
    _begin_numbers()


def downgrade() -> None:
    """Take back; of identities only each member's first mobile number has a place in the older schema."""
    for columns in (["name", "id"], ["activity", "id"]):
        op.drop_index(f"ix_members_programme_id_{'_'.join(columns)}", "members")
    with op.batch_alter_table("members", table_kwargs=_KEPT) as members:
        members.add_column(sa.Column("mobile", sa.String(13), nullable=True))
    open_mobiles()
    with op.batch_alter_table("members", table_kwargs=_KEPT) as members:
        for name in ("version", "status_reason", "status_at", "joined_via", "activity", "introduced_until"):
            members.drop_column(name)
        for name in _SEALED_COLUMNS:
            members.drop_column(f"{name}_sealed")
    op.create_index("ix_members_programme_id_mobile", "members", ["programme_id", "mobile"])
    for table in (*_JOINING, *_MEMBER_PARTS):
        op.drop_table(table)


def _begin_numbers() -> None:
    """Have the counter go on behind the members that are there."""
    connection = op.get_bind()
    members = sa.table("members", sa.column("id", sa.BigInteger()))
    last = connection.scalar(sa.select(sa.func.max(members.c.id)).where(members.c.id <= _LAST_HOST_NUMBER))
    if last and connection.dialect.name == "postgresql":
        set_sequence("member_numbers", last)
    elif last:
        numbers = sa.table("member_numbers", sa.column("id"), sa.column("drawn_at", UtcDateTime()))
        connection.execute(numbers.insert().values(id=last, drawn_at=utc_now()))
        connection.execute(numbers.delete())


def _create_member_parts() -> None:
    _create("member_numbers", sa.Column("drawn_at", _INSTANT, nullable=False), is_in_programme=False)
    _create(
        "member_identities",
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("is_unique", sa.Boolean(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("value_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("value_index", sa.LargeBinary(36), nullable=True),
        _reference("member_identities", "member_id", "members"),
    )
    op.create_index("ix_member_identities_member_id_id", "member_identities", ["member_id", "id"])
    _create_index("member_identities", ["kind", "value_index"])
    _create_unique_where("member_identities", "unique", ["kind", "value_index"], "is_unique")
    _create(
        "member_identity_kinds",
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("title", sa.String(60), nullable=False),
        sa.Column("title_fa", sa.String(60), nullable=False),
        sa.Column("is_unique", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        _unique("member_identity_kinds", "kind"),
    )
    _create(
        "member_special_days",
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("day_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("day_index", sa.LargeBinary(36), nullable=True),
        _unique("member_special_days", "member_id", "kind"),
        _reference("member_special_days", "member_id", "members"),
    )
    _create_index("member_special_days", ["day_index", "id"])
    _create_keyed(
        "member_special_days_told",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        key=["day", "member_id", "kind"],
    )
    _create_keyed("member_special_day_marks", sa.Column("told_on", sa.Date(), nullable=False), key=[])
    _create(
        "interests",
        sa.Column("code", sa.String(32), nullable=False),
        sa.Column("title", sa.String(60), nullable=False),
        sa.Column("title_fa", sa.String(60), nullable=False),
        sa.Column("is_offered", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        _unique("interests", "code"),
    )
    _create_keyed(
        "member_interests",
        sa.Column("member_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("interest_id", sa.BigInteger(), autoincrement=False, nullable=False),
        _reference("member_interests", "member_id", "members"),
        _reference("member_interests", "interest_id", "interests"),
        key=["member_id", "interest_id"],
    )
    _create_index("member_interests", ["interest_id", "member_id"])
    _create_keyed(
        "member_activity_thresholds",
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in (
                "new_days",
                "lapsing_after_days",
                "inactive_after_days",
                "active_purchases",
                "version",
            )
        ),
        key=[],
    )


def _create_joining() -> None:
    _create(
        "joining_policies",
        sa.Column("club_level", sa.String(16), nullable=False),
        sa.Column("kind", sa.String(7), nullable=False),
        sa.Column("ways", sa.JSON(), nullable=False),
        sa.Column("fee_rials", sa.BigInteger(), nullable=False),
        sa.Column("required_fields", sa.JSON(), nullable=False),
        sa.Column("required_agreements", sa.JSON(), nullable=False),
        sa.Column("needs_approval", sa.Boolean(), nullable=False),
        sa.Column("sms_keyword", sa.String(32), nullable=True),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        _unique("joining_policies", "club_level"),
        _unique("joining_policies", "sms_keyword"),
    )
    _create(
        "membership_applications",
        sa.Column("club_level", sa.String(16), nullable=False),
        sa.Column("way", sa.String(7), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("is_pending", sa.Boolean(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("asked_by", sa.String(72), nullable=False),
        sa.Column("asked_by_name", sa.String(100), nullable=False),
        sa.Column("fee_rials", sa.BigInteger(), nullable=False),
        sa.Column("fee_reference", sa.String(60), nullable=True),
        sa.Column("fee_noted_at", _INSTANT, nullable=True),
        sa.Column("fee_noted_by", sa.String(100), nullable=True),
        sa.Column("needs_approval", sa.Boolean(), nullable=False),
        sa.Column("decided_by", sa.String(72), nullable=True),
        sa.Column("decided_by_name", sa.String(100), nullable=True),
        sa.Column("decided_at", _INSTANT, nullable=True),
        sa.Column("reason", sa.String(200), nullable=True),
        sa.Column("member_id", sa.BigInteger(), nullable=True),
        sa.Column("confirmed_at", _INSTANT, nullable=True),
        sa.Column("code_salt", sa.LargeBinary(16), nullable=True),
        sa.Column("code_digest", sa.LargeBinary(32), nullable=True),
        sa.Column("code_expires_at", _INSTANT, nullable=True),
        sa.Column("code_tries_left", sa.Integer(), nullable=False),
        sa.Column("codes_sent", sa.Integer(), nullable=False),
        sa.Column("code_sent_at", _INSTANT, nullable=True),
        sa.Column("details_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("mobile_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("mobile_index", sa.LargeBinary(36), nullable=True),
        sa.Column("national_id_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("national_id_index", sa.LargeBinary(36), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        _reference("membership_applications", "member_id", "members"),
    )
    for columns in (["id"], ["state", "id"], ["mobile_index"]):
        _create_index("membership_applications", columns)
    for name in ("mobile", "national_id"):
        _create_unique_where("membership_applications", f"pending_{name}", [f"{name}_index"], "is_pending")
    _create(
        "failed_joining_attempts",
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("way", sa.String(7), nullable=False),
        sa.Column("club_level", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("application_id", sa.BigInteger(), nullable=True),
        sa.Column("is_followed_up", sa.Boolean(), nullable=False),
        sa.Column("followed_up_at", _INSTANT, nullable=True),
        sa.Column("followed_up_by", sa.String(100), nullable=True),
        sa.Column("note", sa.String(200), nullable=True),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("mobile_sealed", sa.LargeBinary(), nullable=True),
    )
    _create_index("failed_joining_attempts", ["id"])
    _create(
        "joining_texts",
        sa.Column("application_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.Column("receiver_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=True),
        _reference("joining_texts", "application_id", "membership_applications"),
    )
    _create_index("joining_texts", ["id"])
    _create(
        "joining_messages",
        sa.Column("message_id", sa.String(64), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("outcome", sa.String(40), nullable=False),
        sa.Column("application_id", sa.BigInteger(), nullable=True),
        sa.Column("member_id", sa.BigInteger(), nullable=True),
        _unique("joining_messages", "message_id"),
    )
    _create_index("joining_messages", ["at"])


def _create(table: str, *parts: sa.Column[Any] | sa.Constraint, is_in_programme: bool = True) -> None:
    """A table with an id of its own."""
    own: list[sa.Column[Any] | sa.Constraint] = [
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
    ]
    if is_in_programme:
        own += [
            sa.Column("programme_id", sa.BigInteger(), nullable=False),
            _reference(table, "programme_id", "programmes"),
        ]
    op.create_table(table, *own, *parts, sqlite_autoincrement=True)


def _create_keyed(table: str, *parts: sa.Column[Any] | sa.Constraint, key: list[str]) -> None:
    """A table whose key begins with the programme."""
    op.create_table(
        table,
        sa.Column("programme_id", sa.BigInteger(), autoincrement=False, nullable=False),
        *parts,
        sa.PrimaryKeyConstraint("programme_id", *key, name=f"pk_{table}"),
        _reference(table, "programme_id", "programmes"),
    )


def _create_index(table: str, columns: list[str]) -> None:
    columns = ["programme_id", *columns]
    op.create_index(f"ix_{table}_{'_'.join(columns)}", table, columns)


def _create_unique_where(table: str, name: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(
        f"uq_{table}_{name}",
        table,
        ["programme_id", *columns],
        unique=True,
        sqlite_where=where,
        postgresql_where=where,
    )


def _unique(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint("programme_id", *columns, name=f"uq_{table}_programme_id_{'_'.join(columns)}")


def _reference(table: str, column: str, referred: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{referred}.id"], name=f"fk_{table}_{column}_{referred}")
