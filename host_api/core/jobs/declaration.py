"""What a service declares of a job, beside its logic."""

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from pydantic import BaseModel, ConfigDict

from host_api.core.jobs.run_table import JsonObject
from host_api.core.jobs.schedules import Schedule

if TYPE_CHECKING:
    from host_api.core.jobs.running import RunningJob

_NAME: Final = re.compile(r"[a-z][a-z0-9-]{1,47}", re.ASCII)


class NoArguments(BaseModel):
    """Arguments of a job that takes none."""

    model_config = ConfigDict(extra="forbid")


class JobFailed(Exception):  # noqa: N818
    """The work can't be done, and trying again wouldn't help. `kind` is kept, and shown to people."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Job:
    """A job.

    `run` may be ended anywhere and begun again, by this process or another: it does its work in steps
    (`RunningJob.step`), which are idempotent or go on from the checkpoint. What it gives is the outcome that
    people read.

    Parameters:
        name: stable name, small letters, digits and hyphens.
        schedule: None for a job that only runs when a service or a person asks.
        is_on_demand: whether a person may start it by name.
        arguments: what a start by name takes.
        timeout: of one attempt.
        retries: attempts after the first, also after a process was killed.
    """

    name: str
    title: str
    title_fa: str
    run: Callable[["RunningJob"], Awaitable[JsonObject]]
    schedule: Schedule | None = None
    is_on_demand: bool = False
    arguments: type[BaseModel] = NoArguments
    timeout: timedelta = timedelta(minutes=10)
    retries: int = 3

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or self.retries < 0 or self.timeout <= timedelta():
            raise ValueError("a job has a plain name, a timeout and no negative number of retries")


def by_name(jobs: Iterable[Job]) -> Mapping[str, Job]:
    """The jobs by their names.

    Raises:
        ValueError: two have the same name.
    """
    named: dict[str, Job] = {}
    for job in jobs:
        if named.setdefault(job.name, job) is not job:
            raise ValueError(f"two jobs are called {job.name}")
    return named
