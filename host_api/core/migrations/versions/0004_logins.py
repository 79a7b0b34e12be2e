"""First passwords, authenticators and recovery codes of users; families of refresh tokens; failed logins.

All logins end: their refresh tokens have no family.

Revision: 0004, after 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)
_COUNTED = {"sqlite_autoincrement": True}


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("users", table_kwargs=_COUNTED) as users:
        users.add_column(sa.Column("first_password_sha256", sa.LargeBinary(32), nullable=True))
        users.add_column(sa.Column("first_password_expires_at", _INSTANT, nullable=True))
        users.add_column(sa.Column("totp_unconfirmed", sa.LargeBinary(200), nullable=True))
        users.add_column(sa.Column("recovery_sha256", sa.JSON(), nullable=False, server_default="[]"))
        users.add_column(sa.Column("last_login_at", _INSTANT, nullable=True))
        users.drop_column("failed_logins")
        users.drop_column("locked_until")
    with op.batch_alter_table("users", table_kwargs=_COUNTED) as users:
        users.alter_column("recovery_sha256", existing_type=sa.JSON(), server_default=None)
    op.execute("DELETE FROM logins")
    with op.batch_alter_table("logins") as logins:
        logins.add_column(sa.Column("family_sha256", sa.LargeBinary(32), nullable=False))
        logins.drop_column("previous_refresh_sha256")
    op.create_table(
        "login_failures",
        sa.Column("slot", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", _INSTANT, nullable=False),
        sa.Column("locked_until", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("slot", name="pk_login_failures"),
    )


def downgrade() -> None:
    """Take back; the older version lets nobody in without a password of his own."""
    op.drop_table("login_failures")
    op.execute("DELETE FROM logins")
    with op.batch_alter_table("logins") as logins:
        logins.drop_column("family_sha256")
        logins.add_column(sa.Column("previous_refresh_sha256", sa.LargeBinary(32), nullable=True))
    with op.batch_alter_table("users", table_kwargs=_COUNTED) as users:
        for column in (
            *("first_password_sha256", "first_password_expires_at", "totp_unconfirmed"),
            *("recovery_sha256", "last_login_at"),
        ):
            users.drop_column(column)
        users.add_column(sa.Column("failed_logins", sa.Integer(), nullable=False, server_default="0"))
        users.add_column(sa.Column("locked_until", _INSTANT, nullable=True))
    with op.batch_alter_table("users", table_kwargs=_COUNTED) as users:
        users.alter_column("failed_logins", existing_type=sa.Integer(), server_default=None)
