"""The table of imports: what was asked for, and what became of it."""

from enum import StrEnum

from pydantic import JsonValue
from sqlalchemy import JSON, Boolean, Index, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.programmes import InProgramme
from host_api.core.tables import Base, Identifier, Instant, Whole


class ImportState(StrEnum):
    """What became of an import."""

    WAITING = "waiting"
    REFUSED = "refused"  # rows are wrong; nothing was written
    CHECKED = "checked"  # a dry run found nothing wrong
    DONE = "done"


class BulkImport(InProgramme, Base):
    """One import of one file. `faults` holds the first ones; all are in the report."""

    __tablename__ = "bulk_imports"
    __table_args__ = (
        Index("ix_bulk_imports_programme_id_resource_file_sha256", "programme_id", "resource", "file_sha256"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    resource: Mapped[str] = mapped_column(String(32))
    file_id: Mapped[Whole]
    file_sha256: Mapped[bytes] = mapped_column(LargeBinary(32), info={"secret": True})
    media_type: Mapped[str] = mapped_column(String(80))
    on_existing: Mapped[str] = mapped_column(String(8))
    is_dry_run: Mapped[bool] = mapped_column(Boolean)
    is_repeat: Mapped[bool] = mapped_column(Boolean)
    language: Mapped[str] = mapped_column(String(2))
    job_run_id: Mapped[Whole]
    state: Mapped[str] = mapped_column(String(8))
    rows: Mapped[int] = mapped_column(Integer)
    created: Mapped[int] = mapped_column(Integer)
    replaced: Mapped[int] = mapped_column(Integer)
    skipped: Mapped[int] = mapped_column(Integer)
    faulty: Mapped[int] = mapped_column(Integer)
    faults: Mapped[list[JsonValue]] = mapped_column(JSON)
    report_file_id: Mapped[Whole | None]
    created_at: Mapped[Instant]
    finished_at: Mapped[Instant | None]
