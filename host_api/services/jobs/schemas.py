"""What the jobs service takes and gives."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from host_api.core.jobs.run_table import RunState

JOB_NAME_PATTERN = r"^[a-z][a-z0-9-]{1,47}$"


class JobRead(BaseModel):
    """A job that this version knows."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "name": "prune-job-runs",
                "title": "Delete old runs of jobs",
                "title_fa": "پاک کردن اجراهای کهنهٔ کارها",
                "schedule": "daily 03:10",
                "next_due_at": "2026-11-22T23:40:00Z",
                "is_on_demand": True,
            }
        }
    )

    name: str
    title: str
    title_fa: str
    schedule: str | None = Field(
        description="`every N s`, `daily hh:mm` or `monthly d hh:mm`, the clock and calendar of Tehran; "
        "null for a job that only runs when something asks for it."
    )
    next_due_at: datetime | None
    is_on_demand: bool = Field(description="Whether it may be started by name.")


class JobRunCreate(BaseModel):
    """A wish that a job run now."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"arguments": {}}})

    arguments: dict[str, JsonValue] = Field(default={}, max_length=32, description="What the job takes.")


class JobRunRead(BaseModel):
    """One run of a job."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 41,
                "job": "prune-job-runs",
                "state": "succeeded",
                "due_at": "2026-11-21T23:40:00Z",
                "run_at": "2026-11-21T23:40:00Z",
                "arguments": {},
                "attempts": 1,
                "progress_done": 12,
                "progress_total": None,
                "outcome": {"deleted": 12},
                "error_kind": None,
                "is_cancel_wanted": False,
                "started_by": "prune-job-runs",
                "created_at": "2026-11-20T23:40:00Z",
                "started_at": "2026-11-21T23:40:00Z",
                "finished_at": "2026-11-21T23:40:01Z",
            }
        }
    )

    id: int
    job: str
    state: RunState
    due_at: datetime | None = Field(description="The due time of its schedule; null when it was asked for.")
    run_at: datetime = Field(description="It begins then or later; after a failure, the next attempt.")
    arguments: dict[str, JsonValue]
    attempts: int
    progress_done: int
    progress_total: int | None = Field(description="Null as long as the end is not known.")
    outcome: dict[str, JsonValue] | None
    error_kind: str | None = Field(description="Why the last attempt failed.")
    is_cancel_wanted: bool = Field(description="Somebody has cancelled it.")
    started_by: str = Field(description="Who asked for it; a scheduled job itself.")
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
