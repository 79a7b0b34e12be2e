"""The job that begins and ends entries of the block list at their times."""

from datetime import timedelta
from typing import Final

from host_api.core.jobs.declaration import Job
from host_api.core.jobs.run_table import JsonObject
from host_api.core.jobs.running import RunningJob
from host_api.core.jobs.schedules import Every
from host_api.services.member_classes.block_list.effect import apply_times

_BATCH: Final = 100


async def _apply(running: RunningJob) -> JsonObject:
    began = int(str(running.checkpoint.get("began", 0)))  # of an attempt before
    ended = int(str(running.checkpoint.get("ended", 0)))
    while True:
        async with running.step() as session:
            just_began, just_ended = await apply_times(session, running.now(), _BATCH)
            began, ended = began + just_began, ended + just_ended
            running.checkpoint.update(began=began, ended=ended)
            running.done = began + ended
        if max(just_began, just_ended) < _BATCH:
            return {"began": began, "ended": ended}


APPLY_BLOCK_LIST: Final = Job(
    "apply-block-list",
    "Begin and end entries of the block list",
    "آغاز و پایان ثبت‌های فهرست غیرمجازها",
    _apply,
    schedule=Every(timedelta(minutes=5)),
    is_on_demand=True,
)
