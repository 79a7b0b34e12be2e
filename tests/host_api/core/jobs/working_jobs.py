"""Runners with a clock that the test turns, and jobs that leave marks."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from host_api.core.access.caller import system_caller
from host_api.core.clock import utc_now
from host_api.core.database import Database
from host_api.core.encryption.vault import Vault
from host_api.core.files.content_store import ContentStore
from host_api.core.jobs import run_store
from host_api.core.jobs.declaration import Job
from host_api.core.jobs.run_table import JobRun, JsonObject
from host_api.core.jobs.runner import JobRunner
from host_api.core.jobs.running import JobTools, RunningJob
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.settings import Settings
from host_api.services.merchants.models import Merchant
from tests.host_api.idle_switches import idle_switches


class TurnedClock:
    """A clock that the test turns."""

    def __init__(self, now: datetime = datetime(2026, 11, 22, 9, tzinfo=UTC)) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def turn(self, **by: float) -> None:
        self.now += timedelta(**by)


async def tools_on(database: Database, settings: Settings) -> JobTools:
    vault = Vault(database, settings.keyring_path)
    await vault.open()
    contents = ContentStore(settings.files_directory, lambda: vault.streams)
    return JobTools(database, vault, contents, idle_switches(database))


class Runners:
    """Processes that share a database."""

    def __init__(self, tools: JobTools, *jobs: Job) -> None:
        self.tools = tools
        self.database = tools.database
        self.jobs = jobs
        self.clock = TurnedClock()

    def new(self, *, renew_every_s: float = 3600, slots: int = 4) -> JobRunner:
        return JobRunner(
            self.tools, self.jobs, now=self.clock, renew_every_s=renew_every_s, slots=slots, poll_s=0.01
        )

    async def enqueue(
        self, job: str, programme_id: int = FIRST_PROGRAMME, arguments: JsonObject | None = None
    ) -> int:
        async with self.database.writing(programme_id) as session:
            caller = system_caller("test", programme_id)
            run = run_store.enqueue(session, job, arguments or {}, caller, now=self.clock())
            await session.flush()
            return run.id

    async def work_off(self, runner: JobRunner) -> None:
        """Let `runner` do all it can do at this time."""
        while await runner.tick():
            await runner.settled()

    async def run(self, run_id: int, programme_id: int = FIRST_PROGRAMME) -> JobRun:
        async with self.database.reading(programme_id) as session:
            return await session.get_one(JobRun, run_id)

    async def runs(self, job: str, programme_id: int = FIRST_PROGRAMME) -> list[JobRun]:
        async with self.database.reading(programme_id) as session:
            statement = select(JobRun).where(JobRun.job == job).order_by(JobRun.id)
            return list(await session.scalars(statement))

    async def marks(self, programme_id: int = FIRST_PROGRAMME) -> list[str]:
        """What the jobs have left, in order."""
        async with self.database.reading(programme_id) as session:
            return list(await session.scalars(select(Merchant.name).order_by(Merchant.id)))


def mark(number: int, name: str) -> Merchant:
    """A row by which a step can be seen; two with one number can't be."""
    return Merchant(merchant_id=f"M{number}", name=name, created_at=utc_now())


def job(name: str, run: Callable[[RunningJob], Awaitable[JsonObject]], **others: object) -> Job:
    return Job(name, name, name, run, **others)  # type: ignore[arg-type]


async def do_nothing(_running: RunningJob) -> JsonObject:
    return {}
