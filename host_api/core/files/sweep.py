"""The job that deletes expired files, and contents and drafts that belong to no file."""

import asyncio
from datetime import timedelta
from itertools import islice
from typing import Final

from host_api.core.files.file_table import delete_expired, unreferenced
from host_api.core.jobs.declaration import Job
from host_api.core.jobs.run_table import JsonObject
from host_api.core.jobs.running import RunningJob
from host_api.core.jobs.schedules import Every

# A content has its name before the transaction with its row ends; a draft is written for as long as it takes.
_SPARE_CONTENTS_FOR: Final = timedelta(hours=1)
_SPARE_DRAFTS_FOR: Final = timedelta(days=1)
_BATCH: Final = 200


async def _sweep(running: RunningJob) -> JsonObject:
    now, programme_id, contents = running.now(), running.programme_id, running.contents
    expired = int(str(running.checkpoint.get("expired", 0)))  # of an attempt before
    while True:
        async with running.step() as session:
            deleted = await delete_expired(session, now=now, limit=_BATCH)
            expired += deleted
            running.checkpoint["expired"] = expired
            running.done += deleted
        if deleted < _BATCH:
            break
    before = (now - _SPARE_CONTENTS_FOR).timestamp()
    stored = contents.stored_before(programme_id, before)
    removed = 0
    while digests := await asyncio.to_thread(lambda: list(islice(stored, _BATCH))):
        async with running.reading() as session:
            idle = await unreferenced(session, digests)
        removed += await asyncio.to_thread(contents.remove, programme_id, idle, before)
        await running.report(expired + removed)
    drafts = await asyncio.to_thread(
        contents.remove_drafts, programme_id, (now - _SPARE_DRAFTS_FOR).timestamp()
    )
    return {"expired_files": expired, "removed_contents": removed, "removed_drafts": drafts}


SWEEP_FILES: Final = Job(
    "sweep-files",
    "Delete expired files",
    "پاک کردن فایل‌های منقضی",
    _sweep,
    schedule=Every(timedelta(hours=1)),
    is_on_demand=True,
)
