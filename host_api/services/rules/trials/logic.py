"""Asking for trials, and keeping what came of them."""

from datetime import timedelta
from typing import Final

from sqlalchemy import delete, select

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.errors import Problem
from host_api.core.jobs import run_store
from host_api.core.jobs.run_table import JobRun, RunState
from host_api.core.listing import Page, read_rows
from host_api.services.rules.draft import logic as draft
from host_api.services.rules.draft.json_content import JsonObject
from host_api.services.rules.names import CHECK_JOB, TRIAL_JOB
from host_api.services.rules.trials.listing import RuleTrialQuery
from host_api.services.rules.trials.models import RuleTrial
from host_api.services.rules.trials.schemas import (
    Refusal,
    RuleCheckCreate,
    RuleExplanationCreate,
    RuleReplayCreate,
    RuleSimulationCreate,
    RuleTrialRead,
    TrialState,
    TrialWork,
)
from host_api.services.rules.versions import logic as versions

KEEP_FOR: Final = timedelta(days=30)

_JOBS = {
    TrialWork.CHECK: CHECK_JOB,
    TrialWork.EXPLAIN: CHECK_JOB,
    TrialWork.SIMULATE: TRIAL_JOB,
    TrialWork.REPLAY: TRIAL_JOB,
}
_ENDED_RUNS = {
    RunState.FAILED.value: TrialState.FAILED,
    RunState.CANCELLED.value: TrialState.CANCELLED,
}

Asked = RuleCheckCreate | RuleExplanationCreate | RuleSimulationCreate | RuleReplayCreate


class TrialNotFound(Problem):
    """No trial has this id."""

    status = 404
    code = "rule-trial-not-found"
    title = "Trial not found"
    title_fa = "آزمایش قواعد پیدا نشد"
    detail = "There is no trial with this id, or no longer."
    detail_fa = "آزمایشی با این شناسه نیست یا دیگر نیست."


class NoJournalHere(Problem):
    """This process can't see a journal."""

    status = 409
    code = "rule-trial-no-journal"
    title = "No journal to read"
    title_fa = "دفتری برای خواندن نیست"
    detail = "Past purchases are in the switch's journal, but no journal_directory is set for this programme."
    detail_fa = "خریدهای گذشته از دفتر سوئیچ خوانده می‌شود؛ برای این برنامه journal_directory تنظیم نشده است."


async def ask(session: WriteSession, asked: Asked, caller: Caller) -> RuleTrialRead:
    """Have a trial made soon.

    Raises:
        versions.VersionNotFound
    """
    work = _work_of(asked)
    against, sales_file_id = None, None
    if isinstance(asked, RuleSimulationCreate):
        against, sales_file_id = asked.against_version_id, asked.sales_file_id
    for version_id in (asked.version_id, against):
        if version_id is not None:
            await versions.read(session, version_id)
    now = utc_now()
    await session.execute(
        delete(RuleTrial)
        .where(RuleTrial.asked_at < now - KEEP_FOR)
        .execution_options(synchronize_session=False)
    )
    trial = RuleTrial(
        work=work.value,
        state=TrialState.WAITING.value,
        version_id=asked.version_id,
        against_version_id=against,
        options=_options(asked),
        sales=list(asked.sales) if isinstance(asked, RuleExplanationCreate | RuleSimulationCreate) else [],
        sales_file_id=sales_file_id,
        run_id=0,
        asked_by_name=caller.name,
        asked_at=now,
    )
    session.add(trial)
    await session.flush()
    run = run_store.enqueue(session, _JOBS[work], {"trial_id": trial.id}, caller, now=now)
    await session.flush()
    trial.run_id = run.id
    await session.flush()
    return _read(trial, None)


async def read(session: AnySession, trial_id: int) -> RuleTrialRead:
    """One trial.

    Raises:
        TrialNotFound
    """
    trial = await session.get(RuleTrial, trial_id)
    if trial is None:
        raise TrialNotFound
    return _read(trial, await _run_state(session, trial))


async def read_page(session: ReadSession, query: RuleTrialQuery) -> Page[RuleTrialRead]:
    """A page of trials, without their results."""
    trials, next_cursor = await read_rows(session, select(RuleTrial), query)
    items = [_read(trial, await _run_state(session, trial)) for trial in trials]
    return Page(items=[item.model_copy(update={"result": None}) for item in items], next_cursor=next_cursor)


async def cancel(session: WriteSession, trial_id: int) -> RuleTrialRead:
    """Have the work end, where it hasn't.

    Raises:
        TrialNotFound
    """
    found = await read(session, trial_id)
    if not is_over(found):
        await run_store.want_cancelled(session, found.run_id, now=utc_now())
        session.expire_all()
    return await read(session, trial_id)


async def documents_of(session: AnySession, trial: RuleTrial) -> tuple[JsonObject, JsonObject | None]:
    """The document that is tried, and the other one where there is one.

    Raises:
        versions.VersionNotFound
    """
    against = trial.against_version_id
    own = trial.version_id
    return (
        await draft.document_of(session) if own is None else await versions.document_of(session, own),
        None if against is None else await versions.document_of(session, against),
    )


def is_over(trial: RuleTrialRead) -> bool:
    """Whether nothing more comes of it."""
    return trial.state is not TrialState.WAITING


async def _run_state(session: AnySession, trial: RuleTrial) -> str | None:
    """How the run of a trial ended that has no result; None where that doesn't matter."""
    if trial.state != TrialState.WAITING:
        return None
    state: str | None = await session.scalar(select(JobRun.state).where(JobRun.id == trial.run_id))
    return state or RunState.FAILED.value  # runs are forgotten sooner than trials


def _work_of(asked: Asked) -> TrialWork:
    match asked:
        case RuleCheckCreate():
            return TrialWork.CHECK
        case RuleExplanationCreate():
            return TrialWork.EXPLAIN
        case RuleSimulationCreate():
            return TrialWork.SIMULATE
        case RuleReplayCreate():
            return TrialWork.REPLAY


def _options(asked: Asked) -> JsonObject:
    if not isinstance(asked, RuleReplayCreate):
        return {}
    return {
        "first": asked.first_day or "",
        "last": asked.last_day or "",
        "assume_absent": asked.assume_absent,
    }


def _read(trial: RuleTrial, run_state: str | None) -> RuleTrialRead:
    refusal = trial.refusal
    return RuleTrialRead(
        id=trial.id,
        work=TrialWork(trial.work),
        state=_ENDED_RUNS.get(run_state or "", TrialState(trial.state)),
        version_id=trial.version_id,
        against_version_id=trial.against_version_id,
        options=trial.options,
        run_id=trial.run_id,
        result=trial.result,
        refusal=None if refusal is None else Refusal.model_validate(refusal),
        report_file_id=trial.report_file_id,
        asked_by=trial.asked_by_name,
        asked_at=trial.asked_at,
        finished_at=trial.finished_at,
    )
