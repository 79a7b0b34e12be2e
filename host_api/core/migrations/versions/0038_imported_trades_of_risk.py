"""Trades of risk: references of imported ones, and whether they counted as risky.

Revision: 0038, after 0033
"""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

_KEPT = {"sqlite_autoincrement": True}


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("risk_trades", table_kwargs=_KEPT) as trades:
        trades.alter_column("reference", existing_type=sa.String(40), type_=sa.String(64))
        trades.add_column(sa.Column("is_risky", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("risk_trades", table_kwargs=_KEPT) as trades:
        trades.alter_column("is_risky", existing_type=sa.Boolean(), server_default=None)


def downgrade() -> None:
    """Take back."""
    with op.batch_alter_table("risk_trades", table_kwargs=_KEPT) as trades:
        trades.drop_column("is_risky")
        trades.alter_column("reference", existing_type=sa.String(64), type_=sa.String(40))
