"""A member's number is one programme's: the key of members begins with the programme, and so do references.

The audit log names rows by their key within the programme.

Revision: 0016, after 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_IDENTIFIER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_KEPT = {"sqlite_autoincrement": True}
# SQLite keeps no name for the key of a table that counts by itself.
_NAMED = {"pk": "pk_%(table_name)s"}

# Tables that refer to members, by which columns.
_REFERENCES = {
    "block_entries": ("member_id",),
    "credit_users": ("member_id",),
    "guests": ("member_id",),
    "household_members": ("member_id",),
    "member_identities": ("member_id",),
    "member_interests": ("member_id",),
    "member_record_acts": ("from_member_id", "to_member_id"),
    "member_special_days": ("member_id",),
    "membership_applications": ("member_id",),
    "privacy_requests": ("member_id",),
}
# Tables of the audit log whose key begins with the programme and has further parts.
_KEYED = ("member_group_members", "member_interests", "switched_off_modules", "tiers")


def upgrade() -> None:
    """Apply."""
    _drop_references(is_whole=False)
    op.drop_index("ix_members_programme_id_id", "members")
    op.drop_index("ix_member_identities_member_id_id", "member_identities")
    op.create_index(
        "ix_member_identities_programme_id_member_id_id",
        "member_identities",
        ["programme_id", "member_id", "id"],
    )
    with op.batch_alter_table("members", naming_convention=_NAMED) as members:
        members.drop_constraint("pk_members", type_="primary")
        members.alter_column("id", existing_type=_IDENTIFIER, type_=sa.BigInteger(), server_default=None)
        members.create_primary_key("pk_members", ["programme_id", "id"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP SEQUENCE IF EXISTS members_id_seq")
    _create_references(is_whole=True)
    op.execute(
        "UPDATE audit_log SET row_key = substr(row_key, length(CAST(programme_id AS VARCHAR)) + 2)"
        " WHERE row_key LIKE CAST(programme_id AS VARCHAR) || ',%'"
    )


def downgrade() -> None:
    """Take back.

    Raises:
        RuntimeError: two programmes have members of one number, for whom the older schema has no place.
    """
    if op.get_bind().execute(sa.text("SELECT id FROM members GROUP BY id HAVING count(*) > 1")).first():
        raise RuntimeError(
            "programmes have members of the same number: the older schema has no place for them"
        )
    keyed = ", ".join(f"'{table}'" for table in _KEYED)
    op.execute(
        "UPDATE audit_log SET row_key = CAST(programme_id AS VARCHAR) || ',' || row_key"  # noqa: S608  (constants)
        f" WHERE table_name IN ({keyed})"
    )
    _drop_references(is_whole=True)
    with op.batch_alter_table("members", table_kwargs=_KEPT) as members:
        members.drop_constraint("pk_members", type_="primary")
        members.alter_column("id", existing_type=sa.BigInteger(), type_=_IDENTIFIER)
        members.create_primary_key("pk_members", ["id"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE SEQUENCE members_id_seq OWNED BY members.id")
        op.execute("SELECT setval('members_id_seq', (SELECT coalesce(max(id), 0) + 1 FROM members), false)")
        op.alter_column("members", "id", server_default=sa.text("nextval('members_id_seq'::regclass)"))
    op.create_index("ix_members_programme_id_id", "members", ["programme_id", "id"])
    op.drop_index("ix_member_identities_programme_id_member_id_id", "member_identities")
    op.create_index("ix_member_identities_member_id_id", "member_identities", ["member_id", "id"])
    _create_references(is_whole=False)


def _drop_references(*, is_whole: bool) -> None:
    for table, columns in _REFERENCES.items():
        with op.batch_alter_table(table, table_kwargs=_kwargs(table)) as rows:
            for column in columns:
                rows.drop_constraint(_name(table, column, is_whole=is_whole), type_="foreignkey")


def _create_references(*, is_whole: bool) -> None:
    for table, columns in _REFERENCES.items():
        with op.batch_alter_table(table, table_kwargs=_kwargs(table)) as rows:
            for column in columns:
                programme = ["programme_id"] if is_whole else []
                name = _name(table, column, is_whole=is_whole)
                rows.create_foreign_key(name, "members", [*programme, column], [*programme, "id"])


def _name(table: str, column: str, *, is_whole: bool) -> str:
    return f"fk_{table}_{'programme_id_' if is_whole else ''}{column}_members"


def _kwargs(table: str) -> dict[str, bool]:
    return {} if table == "member_interests" else _KEPT
