"""Indexes for clubs with many members and cards.

Revision: 0018, after 0017
"""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_INDEXES = (
    *(("members", (column, "id")) for column in ("tier", "status", "joined_via")),
    ("cards", ("id",)),
    ("cards", ("last_four", "first_six")),
    ("cards", ("card_type", "id")),
    ("cards", ("branch_id", "id")),
)
_NAME_PATTERN = "ix_members_programme_id_name_pattern"


def upgrade() -> None:
    """Apply."""
    for table, columns in _INDEXES:
        op.create_index(_name(table, columns), table, ["programme_id", *columns])
    if op.get_bind().dialect.name == "postgresql":
        op.create_index(
            _NAME_PATTERN, "members", ["programme_id", "name"], postgresql_ops={"name": "varchar_pattern_ops"}
        )


def downgrade() -> None:
    """Take back."""
    if op.get_bind().dialect.name == "postgresql":
        op.drop_index(_NAME_PATTERN, "members")
    for table, columns in reversed(_INDEXES):
        op.drop_index(_name(table, columns), table)


def _name(table: str, columns: tuple[str, ...]) -> str:
    return f"ix_{table}_programme_id_{'_'.join(columns)}"
