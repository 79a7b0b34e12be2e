"""An index of introducers; what a prize is given for; rows that followed a merge; offers drawn openly.

Revision: 0028, after 0026
"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_IDENTIFIER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INTRODUCERS = "ix_members_programme_id_introducer_id"
_HAS_ONE = sa.text("introducer IS NOT NULL")
_OCCASIONS = ("occasion_fa", "occasion_en")


def upgrade() -> None:
    """Apply."""
    op.create_index(
        _INTRODUCERS,
        "members",
        ["programme_id", "introducer", "id"],
        sqlite_where=_HAS_ONE,
        postgresql_where=_HAS_ONE,
    )
    for name in _OCCASIONS:
        op.add_column("prize_awards", sa.Column(name, sa.String(300)))
    op.create_table(
        "member_moved_rows",
        sa.Column("id", _IDENTIFIER, primary_key=True, autoincrement=True),
        sa.Column("act_id", sa.BigInteger(), sa.ForeignKey("member_record_acts.id"), nullable=False),
        sa.Column("rows", sa.String(80), nullable=False),
        sa.Column("keys", sa.JSON(), nullable=False),
        sa.Column("programme_id", sa.BigInteger(), sa.ForeignKey("programmes.id"), nullable=False),
        sqlite_autoincrement=True,
    )
    op.drop_column("offers", "seed")
    op.add_column("offers", sa.Column("draw_id", sa.BigInteger()))
    op.create_index("ix_member_moved_rows_act_id_id", "member_moved_rows", ["act_id", "id"])


def downgrade() -> None:
    """Take back."""
    op.drop_column("offers", "draw_id")
    op.add_column("offers", sa.Column("seed", sa.String(64)))
    op.drop_table("member_moved_rows")
    for name in reversed(_OCCASIONS):
        op.drop_column("prize_awards", name)
    op.drop_index(_INTRODUCERS, "members")
