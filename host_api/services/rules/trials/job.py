"""The jobs that make trials and compile versions."""

import asyncio
import csv
import io
import json
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Final, cast

from pydantic import JsonValue

from host_api.core.clock import utc_now
from host_api.core.errors import Problem
from host_api.core.files.file_table import LARGEST_FILE_BYTES, add_file
from host_api.core.files.media_types import MediaType
from host_api.core.jobs.declaration import Job
from host_api.core.jobs.run_table import JsonObject
from host_api.core.jobs.running import RunningJob
from host_api.services.rules import access
from host_api.services.rules.draft.document_file import document_text
from host_api.services.rules.names import CHECK_JOB, TRIAL_JOB
from host_api.services.rules.trials import logic
from host_api.services.rules.trials.models import RuleTrial
from host_api.services.rules.trials.process import Bounds, TrialBroken, TrialRefused, run_trial
from host_api.services.rules.trials.schemas import TrialState, TrialWork
from host_api.services.rules.versions import logic as versions

_SHORT: Final = Bounds(memory_mib=1024, cpu_s=90)
_LONG: Final = Bounds(memory_mib=2048, cpu_s=1500)
# A cell that begins so is a formula to a spreadsheet.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


async def _check(running: RunningJob) -> JsonObject:
    version_id = running.arguments.get("version_id")
    if isinstance(version_id, int):
        return await _prepare(running, version_id)
    return await _try(running, _SHORT)


async def _long_trial(running: RunningJob) -> JsonObject:
    return await _try(running, _LONG)


CHECKS: Final = Job(
    CHECK_JOB,
    "Checking and compiling rules",
    "بررسی و ترجمهٔ قواعد",
    _check,
    timeout=timedelta(minutes=2),
    retries=2,
)
TRIALS: Final = Job(
    TRIAL_JOB,
    "Trying rules on sales or on the journal",
    "آزمودن قواعد روی خریدها یا دفتر",
    _long_trial,
    timeout=timedelta(minutes=30),
    retries=1,
)


async def _prepare(running: RunningJob, version_id: int) -> JsonObject:
    async with running.reading() as session:
        document = await versions.document_of(session, version_id)
    asked: JsonObject = {"work": "check", "now_s": _now_s(), "document": document, "with_table": True}
    report = await _result_or_faults(running, asked)
    async with running.step() as session:
        await versions.note_prepared(session, version_id, report)
    return {"version_id": version_id}


async def _result_or_faults(running: RunningJob, asked: JsonObject) -> JsonObject:
    try:
        return await run_trial(asked, _SHORT, progress=running.report)
    except TrialRefused as refused:
        return {"faults": list[JsonValue](refused.lines), "faults_more": 0}
    except TrialBroken:  # it takes too much time or memory, and would again
        return {"faults": ["these rules can't be compiled within the bounds of time and memory"]}


async def _try(running: RunningJob, bounds: Bounds) -> JsonObject:
    trial_id = running.arguments.get("trial_id")
    async with running.reading() as session:
        trial = await session.get(RuleTrial, trial_id)
    if trial is None or trial.state != TrialState.WAITING:
        return {}
    try:
        asked, sales = await _asked(running, trial)
        result = await run_trial(asked, bounds, sales=sales, progress=running.report)
    except TrialRefused as refused:
        await _conclude(running, trial, TrialState.REFUSED, refusal=refused)
    except Problem as problem:  # a version or file that is gone meanwhile
        await _conclude(
            running, trial, TrialState.REFUSED, refusal=TrialRefused(problem.code, [problem.detail])
        )
    else:
        await _conclude(running, trial, TrialState.DONE, result=result)
    return {"trial_id": trial.id}


async def _asked(running: RunningJob, trial: RuleTrial) -> tuple[JsonObject, Iterable[bytes]]:
    async with running.reading() as session:
        document, against = await logic.documents_of(session, trial)
        text = ""
        if trial.sales_file_id is not None:
            text = await document_text(session, running.contents, running.caller, trial.sales_file_id)
    asked: JsonObject = {"work": trial.work, "now_s": _now_s(), "document": document, **trial.options}
    if against is not None:
        asked["against"] = against
    if trial.work == TrialWork.REPLAY:
        journal = running.switch.settings.journal_directory
        if journal is None:
            raise logic.NoJournalHere
        asked["journal"] = str(journal.absolute())
    return asked, _sale_lines(trial.sales, text)


def _sale_lines(sales: list[JsonValue], text: str) -> Iterator[bytes]:
    """A sale as JSON on each line, from the request or the text of a file."""
    if text.lstrip().startswith("["):
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            raise TrialRefused("sales-unreadable", ["the file is no JSON"]) from None
        sales = cast(list[JsonValue], found)
    elif text:
        return (line.encode() for line in text.splitlines())
    return (json.dumps(sale, ensure_ascii=False).encode() for sale in sales)


async def _conclude(
    running: RunningJob,
    trial: RuleTrial,
    state: TrialState,
    *,
    result: JsonObject | None = None,
    refusal: TrialRefused | None = None,
) -> None:
    rows = None if result is None else result.pop("rows", None)
    report = None
    if rows is not None:
        text = await asyncio.to_thread(_csv, cast(list[list[str | int]], rows))
        report = running.contents.draft(running.programme_id, LARGEST_FILE_BYTES)
    with report or io.BytesIO():
        if report is not None:
            report.write(text)
            await asyncio.to_thread(report.keep)
        async with running.step() as session:
            kept = await session.get_one(RuleTrial, trial.id, with_for_update=True)
            kept.state, kept.result, kept.finished_at = state.value, result, utc_now()
            if refusal is not None:
                kept.refusal = {"code": refusal.code, "lines": list[JsonValue](refusal.lines)}
            if report is not None:
                file = await add_file(
                    session,
                    name=f"rule-replay-{trial.id}.csv",
                    media_type=MediaType.CSV.value,
                    size=report.size,
                    sha256=report.sha256,
                    caller=running.caller,
                    now=utc_now(),
                    audience=str(access.READ),
                )
                kept.report_file_id = file.id


def _csv(rows: list[list[str | int]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _cell(value: str | int) -> str | int:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _now_s() -> int:
    return int(utc_now().timestamp())
