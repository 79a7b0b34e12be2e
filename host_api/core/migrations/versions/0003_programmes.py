"""Programmes and their keys, users, roles and logins; the audit log; answers kept under idempotency keys.

What was there belongs to the first programme from now on.

Revision: 0003, after 0002
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_IDENTIFIER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.DateTime(timezone=True)
_FIRST = 1

_RECORDS = ("members", "cards", "merchants", "branches", "terminals", "outbox")
# Tables whose key begins with the programme from now on, and the rest of that key.
_PROJECTION = {
    "transactions": ["position"],
    "transfers": ["position", "sequence"],
    "transaction_grants": ["position", "sequence"],
    "lots": ["account", "purse", "available_from_s", "expires_at_s"],
    "balances": ["account", "purse"],
}
_UNIQUE = {"cards": "number", "merchants": "merchant_id", "terminals": "terminal_id"}
_INDEXES = {
    "transactions": (
        ["rrn"],
        ["at_ms", "position"],
        ["member_number", "position"],
        ["terminal_id", "position"],
    ),
    "members": (["mobile"],),
}


def upgrade() -> None:
    """Apply."""
    _create_programmes()
    _create_keys()
    for table in (*_RECORDS, "api_keys", *_PROJECTION):
        _add_programme(table)
    with op.batch_alter_table("api_keys") as keys:
        keys.add_column(sa.Column("permissions", sa.JSON(), nullable=False, server_default='["*"]'))
        keys.add_column(sa.Column("expires_at", _INSTANT, nullable=True))
    with op.batch_alter_table("api_keys") as keys:
        keys.alter_column("permissions", existing_type=sa.JSON(), server_default=None)
    for table, column in _UNIQUE.items():
        with op.batch_alter_table(table, table_kwargs={"sqlite_autoincrement": True}) as rows:
            rows.drop_constraint(f"uq_{table}_{column}", type_="unique")
            rows.create_unique_constraint(f"uq_{table}_programme_id_{column}", ["programme_id", column])
    _let_parts_follow(with_programme=None)
    for table, key in _PROJECTION.items():
        with op.batch_alter_table(table) as rows:
            rows.drop_constraint(f"pk_{table}", type_="primary")
            rows.create_primary_key(f"pk_{table}", ["programme_id", *key])
    _let_parts_follow(with_programme=True)
    for table, indexes in _INDEXES.items():
        for columns in indexes:
            op.drop_index(f"ix_{table}_{'_'.join(columns)}", table)
            op.create_index(f"ix_{table}_programme_id_{'_'.join(columns)}", table, ["programme_id", *columns])
    _create_feed_position()
    _create_access()
    _create_audit()


def downgrade() -> None:
    """Take back; only the first programme's rows are kept, as the older version knows no other."""
    for table in (
        "answered_requests",
        "audit_log",
        "switched_off_modules",
        "logins",
        "users",
        "roles",
    ):
        op.drop_table(table)
    position = (
        op.get_bind()
        .execute(sa.text("SELECT position, last_event_at_ms FROM feed_position WHERE programme_id = 1"))
        .one()
    )
    op.drop_table("feed_position")
    feed_position = op.create_table(
        "feed_position",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("last_event_at_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_feed_position"),
        sa.CheckConstraint("id = 1", name="ck_feed_position_single_row"),
    )
    op.bulk_insert(feed_position, [{"id": 1, "position": position[0], "last_event_at_ms": position[1]}])
    for table in ("transfers", "transaction_grants", *(name for name in _PROJECTION if name != "transfers")):
        _keep_first(table)
    for table in ("outbox", "cards", "terminals", "branches", "merchants", "members", "api_keys"):
        _keep_first(table)
    for table, indexes in _INDEXES.items():
        for columns in indexes:
            op.drop_index(f"ix_{table}_programme_id_{'_'.join(columns)}", table)
    _let_parts_follow(with_programme=None)
    for table, key in _PROJECTION.items():
        with op.batch_alter_table(table) as rows:
            rows.drop_constraint(f"pk_{table}", type_="primary")
            rows.create_primary_key(f"pk_{table}", key)
    for table, column in _UNIQUE.items():
        with op.batch_alter_table(table, table_kwargs={"sqlite_autoincrement": True}) as rows:
            rows.drop_constraint(f"uq_{table}_programme_id_{column}", type_="unique")
            rows.create_unique_constraint(f"uq_{table}_{column}", [column])
    for table in (*_RECORDS, "api_keys", *_PROJECTION):
        with op.batch_alter_table(table, table_kwargs=_kwargs(table)) as rows:
            rows.drop_constraint(f"fk_{table}_programme_id_programmes", type_="foreignkey")
            rows.drop_column("programme_id")
    _let_parts_follow(with_programme=False)
    for table, indexes in _INDEXES.items():
        for columns in indexes:
            op.create_index(f"ix_{table}_{'_'.join(columns)}", table, columns)
    with op.batch_alter_table("api_keys") as keys:
        keys.drop_column("permissions")
        keys.drop_column("expires_at")
    op.drop_table("programme_keys")
    op.drop_table("programmes")


def _keep_first(table: str) -> None:
    op.execute(f"DELETE FROM {table} WHERE programme_id <> {_FIRST}")  # noqa: S608  (constants)


def _kwargs(table: str) -> dict[str, bool]:
    return {"sqlite_autoincrement": True} if table in _RECORDS else {}


def _create_programmes() -> None:
    programmes = op.create_table(
        "programmes",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("code", sa.String(32), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("mode", sa.String(8), nullable=False),
        sa.Column("status", sa.String(9), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_programmes"),
        sa.UniqueConstraint("code", name="uq_programmes_code"),
        sqlite_autoincrement=True,
    )
    op.bulk_insert(
        programmes,
        [
            {
                "code": "club",
                "name": "باشگاه",
                "mode": "live",
                "status": "active",
                "created_at": datetime.now(UTC),
            }
        ],
    )


def _create_keys() -> None:
    op.create_table(
        "programme_keys",
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.String(5), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("active_from", _INSTANT, nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("programme_id", "purpose", "number", name="pk_programme_keys"),
        _programme_reference("programme_keys"),
    )


def _add_programme(table: str) -> None:
    with op.batch_alter_table(table, table_kwargs=_kwargs(table)) as rows:
        rows.add_column(
            sa.Column("programme_id", sa.BigInteger(), nullable=False, server_default=str(_FIRST))
        )
        rows.create_foreign_key(f"fk_{table}_programme_id_programmes", "programmes", ["programme_id"], ["id"])
    with op.batch_alter_table(table, table_kwargs=_kwargs(table)) as rows:
        rows.alter_column("programme_id", existing_type=sa.BigInteger(), server_default=None)


def _let_parts_follow(*, with_programme: bool | None) -> None:
    """Have transfers and grants refer to their transaction by the key given, or (None) not at all."""
    for table in ("transfers", "transaction_grants"):
        columns = ["programme_id", "position"] if with_programme else ["position"]
        with op.batch_alter_table(table) as rows:
            if with_programme is None:
                present = sa.inspect(op.get_bind()).get_foreign_keys(table)
                for key in present:
                    if key["referred_table"] == "transactions":
                        rows.drop_constraint(str(key["name"]), type_="foreignkey")
            else:
                rows.create_foreign_key(
                    f"fk_{table}_{'_'.join(columns)}_transactions", "transactions", columns, columns
                )


def _create_feed_position() -> None:
    position = op.get_bind().execute(sa.text("SELECT position, last_event_at_ms FROM feed_position")).one()
    op.drop_table("feed_position")
    feed_position = op.create_table(
        "feed_position",
        sa.Column("programme_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("last_event_at_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("programme_id", name="pk_feed_position"),
        _programme_reference("feed_position"),
    )
    op.bulk_insert(
        feed_position, [{"programme_id": _FIRST, "position": position[0], "last_event_at_ms": position[1]}]
    )


def _programme_reference(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["programme_id"], ["programmes.id"], name=f"fk_{table}_programme_id_programmes"
    )


def _create_access() -> None:
    op.create_table(
        "roles",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("permissions", sa.JSON(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_roles"),
        sa.UniqueConstraint("programme_id", "name", name="uq_roles_programme_id_name"),
        _programme_reference("roles"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "users",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("username", sa.String(60), nullable=False),
        sa.Column("display_name", sa.String(100), nullable=False),
        sa.Column("password_hash", sa.String(200), nullable=False),
        sa.Column("role_id", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(8), nullable=False),
        sa.Column("totp_secret", sa.LargeBinary(200), nullable=True),
        sa.Column("totp_last_step", sa.BigInteger(), nullable=False),
        sa.Column("failed_logins", sa.Integer(), nullable=False),
        sa.Column("locked_until", _INSTANT, nullable=True),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("username", name="uq_users_username"),
        sa.ForeignKeyConstraint(["role_id"], ["roles.id"], name="fk_users_role_id_roles"),
        _programme_reference("users"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_users_programme_id_id", "users", ["programme_id", "id"])
    op.create_table(
        "logins",
        sa.Column("login_id", sa.String(16), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("access_sha256", sa.LargeBinary(32), nullable=False),
        sa.Column("access_expires_at", _INSTANT, nullable=False),
        sa.Column("refresh_sha256", sa.LargeBinary(32), nullable=False),
        sa.Column("previous_refresh_sha256", sa.LargeBinary(32), nullable=True),
        sa.Column("refresh_expires_at", _INSTANT, nullable=False),
        sa.Column("began_at", _INSTANT, nullable=False),
        sa.Column("ended_at", _INSTANT, nullable=True),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("login_id", name="pk_logins"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_logins_user_id_users"),
        _programme_reference("logins"),
    )
    op.create_index("ix_logins_user_id", "logins", ["user_id"])
    op.create_table(
        "switched_off_modules",
        sa.Column("programme_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("module", sa.String(32), nullable=False),
        sa.Column("since", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("programme_id", "module", name="pk_switched_off_modules"),
        _programme_reference("switched_off_modules"),
    )


def _create_audit() -> None:
    op.create_table(
        "audit_log",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("caller_kind", sa.String(8), nullable=False),
        sa.Column("caller_id", sa.String(60), nullable=False),
        sa.Column("caller_name", sa.String(100), nullable=False),
        sa.Column("request_id", sa.String(36), nullable=True),
        sa.Column("action", sa.String(6), nullable=False),
        sa.Column("table_name", sa.String(64), nullable=False),
        sa.Column("row_key", sa.String(64), nullable=False),
        sa.Column("before", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("after", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_log"),
        _programme_reference("audit_log"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_audit_log_programme_id_table_name_row_key_id",
        "audit_log",
        ["programme_id", "table_name", "row_key", "id"],
    )
    op.create_index("ix_audit_log_programme_id_at_id", "audit_log", ["programme_id", "at", "id"])
    op.create_table(
        "answered_requests",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("caller", sa.String(72), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("request_sha256", sa.LargeBinary(32), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_answered_requests"),
        sa.UniqueConstraint(
            "programme_id", "caller", "key", name="uq_answered_requests_programme_id_caller_key"
        ),
        _programme_reference("answered_requests"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_answered_requests_at", "answered_requests", ["at"])
