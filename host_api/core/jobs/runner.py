"""Runs the jobs of all programmes in this process, as many at once as it has slots.

Several processes on one database share the work: a run belongs to whoever holds its lease, holds it longer
while it works, and loses it to another process when it no longer does.
"""

import asyncio
import contextlib
import logging
import secrets
import traceback
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from host_api.core.access.caller import Caller, CallerKind
from host_api.core.backoff import Backoff
from host_api.core.clock import utc_now
from host_api.core.jobs import run_store
from host_api.core.jobs.declaration import Job, JobFailed, by_name
from host_api.core.jobs.run_store import Lease
from host_api.core.jobs.run_table import JobRun, JsonObject, RunState
from host_api.core.jobs.running import CancelWanted, JobTools, LeaseLost, RunningJob

_log = logging.getLogger(__name__)

_SLOTS: Final = 4
_LEASE: Final = timedelta(seconds=60)
_RENEW_EVERY_S: Final = 5.0
_POLL_S: Final = 1.0
_FIRST_RETRY: Final = timedelta(seconds=30)
_LONGEST_RETRY: Final = timedelta(hours=1)
_FINISH_TRIES: Final = 5


class JobRunner:
    """The background task that makes the due runs and works off what waits.

    Parameters:
        now: the clock of due times and leases; the machines of one database agree within seconds.
        slots: runs at once in this process.
        lease: how long a run stays with a process that gives no sign of life.
        renew_every_s: how often it gives one, and hears of a cancellation.
    """

    def __init__(
        self,
        tools: JobTools,
        jobs: Iterable[Job],
        *,
        now: Callable[[], datetime] = utc_now,
        slots: int = _SLOTS,
        lease: timedelta = _LEASE,
        renew_every_s: float = _RENEW_EVERY_S,
        poll_s: float = _POLL_S,
    ) -> None:
        self._tools = tools
        self._database = tools.database
        self._now = now
        self._slots = slots
        self._lease = lease
        self._renew_every_s = renew_every_s
        self._poll_s = poll_s
        self._holder = secrets.token_hex(8)
        self._made: dict[tuple[int, str], datetime] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._work = asyncio.Event()
        self.jobs = by_name(jobs)
        self.last_error: str | None = None

    @property
    def running(self) -> int:
        """Runs under way in this process."""
        return len(self._tasks)

    def wake(self) -> None:
        """Look for work now rather than at the next poll."""
        self._work.set()

    async def run(self) -> None:
        """Work until cancelled; runs under way are then given back."""
        backoff = Backoff()
        try:
            while True:
                self._work.clear()
                try:
                    await self.tick()
                    self.last_error = None
                    backoff.reset()
                except SQLAlchemyError as error:
                    self.last_error = f"database: {type(error).__name__}"
                    _log.warning("jobs: %s", self.last_error)
                    await backoff.sleep()
                # Not wait_for: where work and a cancellation come at once, it forgets the cancellation.
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self._poll_s):
                        await self._work.wait()
        finally:
            await self.stop()

    async def stop(self) -> None:
        """End what is under way and give it back."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def settled(self) -> None:
        """Wait until nothing is under way."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def tick(self) -> int:
        """Make the runs that are due and begin what can begin; how many were begun."""
        await self._make_due()
        begun = 0
        while (free := self._slots - len(self._tasks)) > 0:
            async with self._database.reading() as session:
                found = await run_store.candidates(session, list(self.jobs), now=self._now(), limit=free)
            claimed = [run for candidate in found if (run := await self._claim(candidate)) is not None]
            for run in claimed:
                self._begin(run)
            begun += len(claimed)
            if not claimed:
                break
        return begun

    async def _make_due(self) -> None:
        """See that each schedule has a run that waits for its next due time."""
        now = self._now()
        async with self._database.reading() as session:
            programmes = await run_store.active_programmes(session)
            waiting = await run_store.waiting_due(session)
        for programme_id in programmes:
            missing = {
                job.name: due_at
                for job in self.jobs.values()
                if job.schedule is not None
                and self._is_missing((programme_id, job.name), due_at := job.schedule.next_due(now), waiting)
            }
            if not missing:
                continue
            async with self._database.writing(programme_id) as session:
                await run_store.make_due(session, missing, programme_id, now=now)
            self._made |= {(programme_id, name): due_at for name, due_at in missing.items()}

    def _is_missing(
        self, key: tuple[int, str], due_at: datetime, waiting: Mapping[tuple[int, str], datetime]
    ) -> bool:
        # An earlier one that still waits comes first; one that was made and cancelled stays so.
        earlier = waiting.get(key)
        return self._made.get(key) != due_at and (earlier is None or earlier > due_at)

    async def _claim(self, candidate: run_store.Candidate) -> JobRun | None:
        try:
            async with self._database.writing(candidate.programme_id) as session:
                return await run_store.claim(
                    session, candidate, self._holder, now=self._now(), lease=self._lease
                )
        except IntegrityError:  # another run of the job has begun in another process
            return None

    def _begin(self, run: JobRun) -> None:
        task = asyncio.create_task(self._carry_out(run), name=f"job {run.job}")
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self.wake()
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("%s: its end could not be written: %s", task.get_name(), type(error).__name__)

    async def _carry_out(self, run: JobRun) -> None:
        job = self.jobs[run.job]
        lease = Lease(run.id, run.programme_id, self._holder, run.attempts)
        if run.is_cancel_wanted:
            await self._finish(lease, RunState.CANCELLED)
            return
        if run.attempts > job.retries + 1:  # each time the process was killed, or gone too long
            await self._finish(lease, RunState.FAILED, error_kind="abandoned")
            return
        caller = Caller(
            CallerKind(run.started_by_kind),
            run.started_by_id,
            run.started_by_name,
            run.programme_id,
            frozenset(),
        )
        running = RunningJob(
            self._tools,
            lease,
            caller,
            self._now,
            arguments=dict(run.arguments),
            checkpoint=dict(run.checkpoint),
            done=run.progress_done,
            total=run.progress_total,
        )
        work = asyncio.create_task(_within(job, running), name=f"work of job {job.name}")
        try:
            is_held = await self._accompany(work, lease)
        except asyncio.CancelledError:
            await _end(work)
            await self._give_back(lease, run_at=self._now(), error_kind=None, is_counted=False)
            raise
        if is_held:
            await self._conclude(job, lease, work)
        else:
            _log.warning("job %s, run %d: another process has taken it over", job.name, run.id)

    async def _accompany(self, work: asyncio.Task[JsonObject], lease: Lease) -> bool:
        """Hold the lease until `work` ends, or end it where a person wants that; False where it is lost."""
        while True:
            done, _ = await asyncio.wait({work}, timeout=self._renew_every_s)
            if done:
                return True
            is_cancel_wanted: bool | None = False
            try:
                async with self._database.writing(lease.programme_id) as session:
                    is_cancel_wanted = await run_store.renew(session, lease, until=self._now() + self._lease)
            except SQLAlchemyError as error:  # the steps see for themselves whether the lease still holds
                _log.warning("jobs: a lease was not renewed: %s", type(error).__name__)
            if is_cancel_wanted is not False:
                await _end(work)
                return is_cancel_wanted is True

    async def _conclude(self, job: Job, lease: Lease, work: asyncio.Task[JsonObject]) -> None:
        # Here the work was cancelled only because a person wants it.
        error = CancelWanted() if work.cancelled() else work.exception()
        match error:
            case None:
                await self._finish(lease, RunState.SUCCEEDED, outcome=work.result())
            case LeaseLost():
                _log.warning("job %s, run %d: another process has taken it over", job.name, lease.run_id)
            case CancelWanted():
                await self._finish(lease, RunState.CANCELLED)
            case JobFailed():
                await self._finish(lease, RunState.FAILED, error_kind=error.kind)
            case _:
                kind = "timeout" if isinstance(error, TimeoutError) else type(error).__name__
                # The places of the fault, without its text, which may hold what the job was working on.
                places = "".join(traceback.format_tb(error.__traceback__))
                _log.error(
                    "job %s, run %d, attempt %d: %s\n%s", job.name, lease.run_id, lease.attempt, kind, places
                )
                if lease.attempt > job.retries:
                    await self._finish(lease, RunState.FAILED, error_kind=kind[:64])
                else:
                    wait = min(_LONGEST_RETRY, _FIRST_RETRY * 2 ** min(lease.attempt - 1, 10))
                    await self._give_back(
                        lease, run_at=self._now() + wait, error_kind=kind[:64], is_counted=True
                    )

    async def _finish(
        self,
        lease: Lease,
        state: RunState,
        *,
        outcome: JsonObject | None = None,
        error_kind: str | None = None,
    ) -> None:
        backoff = Backoff()
        for tries_left in reversed(range(_FINISH_TRIES)):
            try:
                async with self._database.writing(lease.programme_id) as session:
                    await run_store.finish(
                        session, lease, state, now=self._now(), outcome=outcome, error_kind=error_kind
                    )
            except SQLAlchemyError:
                if not tries_left:
                    raise
                await backoff.sleep()
            else:
                return

    async def _give_back(
        self, lease: Lease, *, run_at: datetime, error_kind: str | None, is_counted: bool
    ) -> None:
        async with self._database.writing(lease.programme_id) as session:
            await run_store.give_back(
                session, lease, run_at=run_at, error_kind=error_kind, is_counted=is_counted
            )


async def _within(job: Job, running: RunningJob) -> JsonObject:
    async with asyncio.timeout(job.timeout.total_seconds()):
        return await job.run(running)


async def _end(work: asyncio.Task[JsonObject]) -> None:
    work.cancel()
    await asyncio.wait({work})
