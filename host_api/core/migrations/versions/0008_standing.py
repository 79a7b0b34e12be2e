"""A member's sub-club and risk class.

Revision: 0008, after 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("members", table_kwargs={"sqlite_autoincrement": True}) as members:
        members.add_column(sa.Column("club_level", sa.String(16), nullable=True))
        members.add_column(sa.Column("risk_class", sa.String(8), nullable=True))


def downgrade() -> None:
    """Take back."""
    with op.batch_alter_table("members", table_kwargs={"sqlite_autoincrement": True}) as members:
        members.drop_column("risk_class")
        members.drop_column("club_level")
