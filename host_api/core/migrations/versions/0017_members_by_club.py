"""Members are found by organisation and by sub-club without a look at all of them.

Revision: 0017, after 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_COLUMNS = ("organisation", "club_level")


def upgrade() -> None:
    """Add the indexes; most members are of no organisation and no sub-club."""
    for column in _COLUMNS:
        has_one = sa.text(f"{column} IS NOT NULL")
        op.create_index(
            _name(column),
            "members",
            ["programme_id", column, "id"],
            sqlite_where=has_one,
            postgresql_where=has_one,
        )


def downgrade() -> None:
    """Drop them."""
    for column in _COLUMNS:
        op.drop_index(_name(column), "members")


def _name(column: str) -> str:
    return f"ix_members_programme_id_{column}_id"
