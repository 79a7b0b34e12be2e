"""The job that has members' rows follow a merge, and come back where it is taken back."""

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import select

from host_api.core import audit
from host_api.core.access.caller import system_caller
from host_api.core.clock import utc_now
from host_api.core.database import WriteSession
from host_api.core.isolation import programme_of
from host_api.core.jobs import run_store
from host_api.core.jobs.declaration import Job, JobFailed
from host_api.core.jobs.run_table import JsonObject
from host_api.core.jobs.running import RunningJob
from host_api.core.member_rows import MemberRows, move_back, move_some
from host_api.services.member_merging import repository
from host_api.services.member_merging.models import MovedRows, RecordAct
from host_api.services.member_merging.schemas import RecordActState

JOB: Final = "move-rows-of-merged-members"
_AT_ONCE: Final = 500


def row_moving_job(declared: Sequence[MemberRows]) -> Job:
    """The job over these rows."""

    async def run(running: RunningJob) -> JsonObject:
        return await _run(running, [rows for rows in declared if rows.why is None])

    return Job(JOB, "Move rows of merged members", "انتقال سوابق اعضای ادغام‌شده", run)


def enqueue(session: WriteSession, act_id: int) -> None:
    """Have the rows follow what has become of a merge."""
    caller = system_caller("member_merging", programme_of(session.sync_session))
    run_store.enqueue(session, JOB, {"act_id": act_id}, caller, now=utc_now())


async def _run(running: RunningJob, declared: Sequence[MemberRows]) -> JsonObject:
    act_id = running.arguments.get("act_id")
    if not isinstance(act_id, int):
        raise JobFailed("record-act-unknown")
    for rows in declared:
        is_more = True
        while is_more:
            async with running.step() as session:
                act = await _lock(session, act_id)
                is_more = act.state == RecordActState.DONE and await _move_some(session, act, rows)
                running.done += is_more
    by_name = {rows.name: rows for rows in declared}
    is_more = True
    while is_more:
        async with running.step() as session:
            act = await _lock(session, act_id)
            is_more = act.state == RecordActState.TAKEN_BACK and await _give_some_back(session, act, by_name)
    return {}


async def _lock(session: WriteSession, act_id: int) -> RecordAct:
    act = await repository.lock(session, act_id)
    if act is None:
        raise JobFailed("record-act-unknown")
    return act


async def _move_some(session: WriteSession, act: RecordAct, rows: MemberRows) -> bool:
    keys = await move_some(session, rows, act.from_member_id, act.to_member_id, _AT_ONCE)
    if keys:
        session.add(MovedRows(act_id=act.id, rows=rows.name, keys=keys))
        audit.note(session, "merge", rows.table.name, str(act.to_member_id), after={"rows": len(keys)})
    return len(keys) == _AT_ONCE


async def _give_some_back(session: WriteSession, act: RecordAct, by_name: Mapping[str, MemberRows]) -> bool:
    moved = await session.scalar(
        select(MovedRows).where(MovedRows.act_id == act.id).order_by(MovedRows.id).limit(1)
    )
    if moved is None:
        return False
    rows = by_name.get(moved.rows)
    if rows is not None:
        await move_back(session, rows, moved.keys, act.from_member_id, act.to_member_id)
        audit.note(
            session, "split", rows.table.name, str(act.from_member_id), after={"rows": len(moved.keys)}
        )
    await session.delete(moved)
    return True
