"""Runs of jobs, files, and imports.

Revision: 0006, after 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_IDENTIFIER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.DateTime(timezone=True)
_RUNNING = sa.text("state = 'running'")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "job_runs",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("job", sa.String(48), nullable=False),
        sa.Column("arguments", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(9), nullable=False),
        sa.Column("due_at", _INSTANT, nullable=True),
        sa.Column("run_at", _INSTANT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_holder", sa.String(16), nullable=True),
        sa.Column("lease_until", _INSTANT, nullable=True),
        sa.Column("is_cancel_wanted", sa.Boolean(), nullable=False),
        sa.Column("checkpoint", sa.JSON(), nullable=False),
        sa.Column("progress_done", sa.BigInteger(), nullable=False),
        sa.Column("progress_total", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("error_kind", sa.String(64), nullable=True),
        sa.Column("started_by_kind", sa.String(8), nullable=False),
        sa.Column("started_by_id", sa.String(60), nullable=False),
        sa.Column("started_by_name", sa.String(100), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("started_at", _INSTANT, nullable=True),
        sa.Column("finished_at", _INSTANT, nullable=True),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_job_runs"),
        sa.UniqueConstraint("programme_id", "job", "due_at", name="uq_job_runs_programme_id_job_due_at"),
        _programme_reference("job_runs"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_job_runs_running",
        "job_runs",
        ["programme_id", "job"],
        unique=True,
        sqlite_where=_RUNNING,
        postgresql_where=_RUNNING,
    )
    op.create_index("ix_job_runs_state_run_at", "job_runs", ["state", "run_at"])
    op.create_index("ix_job_runs_programme_id_job_id", "job_runs", ["programme_id", "job", "id"])
    op.create_table(
        "files",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(150), nullable=False),
        sa.Column("media_type", sa.String(80), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(32), nullable=False),
        sa.Column("audience", sa.String(48), nullable=True),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("created_by_kind", sa.String(8), nullable=False),
        sa.Column("created_by_id", sa.String(60), nullable=False),
        sa.Column("created_by_name", sa.String(100), nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_files"),
        _programme_reference("files"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_files_programme_id_sha256", "files", ["programme_id", "sha256"])
    op.create_index("ix_files_programme_id_expires_at", "files", ["programme_id", "expires_at"])
    op.create_table(
        "bulk_imports",
        sa.Column("id", _IDENTIFIER, autoincrement=True, nullable=False),
        sa.Column("resource", sa.String(32), nullable=False),
        sa.Column("file_id", sa.BigInteger(), nullable=False),
        sa.Column("file_sha256", sa.LargeBinary(32), nullable=False),
        sa.Column("media_type", sa.String(80), nullable=False),
        sa.Column("on_existing", sa.String(8), nullable=False),
        sa.Column("is_dry_run", sa.Boolean(), nullable=False),
        sa.Column("is_repeat", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("job_run_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("created", sa.Integer(), nullable=False),
        sa.Column("replaced", sa.Integer(), nullable=False),
        sa.Column("skipped", sa.Integer(), nullable=False),
        sa.Column("faulty", sa.Integer(), nullable=False),
        sa.Column("faults", sa.JSON(), nullable=False),
        sa.Column("report_file_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("finished_at", _INSTANT, nullable=True),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_bulk_imports"),
        _programme_reference("bulk_imports"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_bulk_imports_programme_id_resource_file_sha256",
        "bulk_imports",
        ["programme_id", "resource", "file_sha256"],
    )


def downgrade() -> None:
    """Take back."""
    for table in ("bulk_imports", "files", "job_runs"):
        op.drop_table(table)


def _programme_reference(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["programme_id"], ["programmes.id"], name=f"fk_{table}_programme_id_programmes"
    )
