"""How runs are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from host_api.core.jobs.run_table import JobRun, RunState
from host_api.core.listing import AtLeast, Column, Equals, ListQuery
from host_api.services.jobs.schemas import JOB_NAME_PATTERN


class JobRunSort(StrEnum):
    """Orders of runs."""

    ID = "id"
    LATEST = "-id"


class JobRunQuery(ListQuery):
    """Which runs, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": JobRun.id}

    sort: JobRunSort = Field(default=JobRunSort.LATEST, description="The order; a minus turns it round.")
    job: Annotated[str | None, Equals(JobRun.job)] = Field(
        default=None, pattern=JOB_NAME_PATTERN, description="Only runs of this job."
    )
    state: Annotated[RunState | None, Equals(JobRun.state)] = None
    created_from: Annotated[AwareDatetime | None, AtLeast(JobRun.created_at)] = Field(
        default=None, description="Made at this instant or later."
    )
