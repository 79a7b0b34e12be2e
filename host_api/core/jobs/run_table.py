"""The table of runs: each is one piece of work of one job in one programme."""

from enum import StrEnum
from typing import Final

from pydantic import JsonValue
from sqlalchemy import JSON, Boolean, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.programmes import InProgramme
from host_api.core.tables import Base, Identifier, Instant, Whole

JsonObject = dict[str, JsonValue]

_RUNNING: Final = text("state = 'running'")


class RunState(StrEnum):
    """Where a run stands."""

    WAITING = "waiting"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


FINISHED: Final = (RunState.SUCCEEDED, RunState.FAILED, RunState.CANCELLED)


class JobRun(InProgramme, Base):
    """One run.

    A due time makes one run only, and of one job one run at a time is under way in a programme; the table's
    own constraints see to both. Arguments and checkpoint hold ids and options, no personal data.
    """

    __tablename__ = "job_runs"
    __table_args__ = (
        UniqueConstraint("programme_id", "job", "due_at"),
        Index(
            "uq_job_runs_running",
            "programme_id",
            "job",
            unique=True,
            sqlite_where=_RUNNING,
            postgresql_where=_RUNNING,
        ),
        Index("ix_job_runs_state_run_at", "state", "run_at"),
        Index("ix_job_runs_programme_id_job_id", "programme_id", "job", "id"),
        {"sqlite_autoincrement": True},
    )
    is_audited = False

    id: Mapped[Identifier]
    job: Mapped[str] = mapped_column(String(48))
    arguments: Mapped[JsonObject] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(9))
    due_at: Mapped[Instant | None]
    run_at: Mapped[Instant]
    attempts: Mapped[int] = mapped_column(Integer)
    lease_holder: Mapped[str | None] = mapped_column(String(16))
    lease_until: Mapped[Instant | None]
    is_cancel_wanted: Mapped[bool] = mapped_column(Boolean)
    checkpoint: Mapped[JsonObject] = mapped_column(JSON)
    progress_done: Mapped[Whole]
    progress_total: Mapped[Whole | None]
    outcome: Mapped[JsonObject | None] = mapped_column(JSON(none_as_null=True))
    error_kind: Mapped[str | None] = mapped_column(String(64))
    started_by_kind: Mapped[str] = mapped_column(String(8))
    started_by_id: Mapped[str] = mapped_column(String(60))
    started_by_name: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[Instant]
    started_at: Mapped[Instant | None]
    finished_at: Mapped[Instant | None]
