"""The jobs that write a member's data into files, and that erase a member."""

import asyncio
import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from pydantic import JsonValue
from sqlalchemy import delete

from host_api.core.database import WriteSession
from host_api.core.events.emission import Subject, emit
from host_api.core.files.file_table import LARGEST_FILE_BYTES, StoredFile, add_file
from host_api.core.jobs.declaration import Job, JobFailed
from host_api.core.jobs.run_table import JsonObject
from host_api.core.jobs.running import RunningJob
from host_api.core.personal_data import PersonalData, erase_member, export_member
from host_api.core.stored_answers import empty_answers
from host_api.services.member_merging import logic as merging
from host_api.services.privacy import access, logic
from host_api.services.privacy.events import MEMBER_ERASED, MemberErased
from host_api.services.privacy.giving_up import ERASE_JOB
from host_api.services.privacy.models import PrivacyRequest
from host_api.services.privacy.readable import readable
from host_api.services.privacy.schemas import PrivacyState

_ANSWERS_AT_ONCE: Final = 200
_TIMEOUT: Final = timedelta(minutes=30)


def privacy_jobs(parts: Sequence[PersonalData]) -> tuple[Job, Job]:
    """Export and erasing over these parts."""

    async def export(running: RunningJob) -> JsonObject:
        return await _export(running, parts)

    async def erase(running: RunningJob) -> JsonObject:
        return await _erase(running, parts)

    return (
        Job(
            logic.EXPORT_JOB,
            "Write a member's data into files",
            "نوشتن داده‌های یک عضو در فایل",
            export,
            timeout=_TIMEOUT,
        ),
        Job(ERASE_JOB, "Erase a member", "پاک کردن داده‌های یک عضو", erase, timeout=_TIMEOUT),
    )


async def _request(running: RunningJob) -> PrivacyRequest | None:
    """The request, while there is work to do for it."""
    async with running.reading() as session:
        request = await session.get(PrivacyRequest, running.arguments.get("request_id"))
    if request is None:
        raise JobFailed("privacy-request-unknown")
    return request if request.state == PrivacyState.WORKING else None


async def _export(running: RunningJob, parts: Sequence[PersonalData]) -> JsonObject:
    request = await _request(running)
    if request is None:
        return {}
    exported: dict[str, JsonObject] = {}
    async with running.reading() as session:
        for member_id in await merging.records_of(session, request.member_id):
            exported[str(member_id)] = await export_member(session, running.cipher, parts, member_id)
    told: JsonObject = {"exported_at": running.now().isoformat(), "records": {**exported}}
    name = f"member-{request.member_id}"
    contents = (
        (f"{name}.json", "application/json", json.dumps(told, ensure_ascii=False, indent=2)),
        (f"{name}.html", "text/html", readable(parts, exported)),
    )
    kept = [
        (file_name, media_type, *await asyncio.to_thread(_keep, running, text.encode()))
        for file_name, media_type, text in contents
    ]
    async with running.step() as session:
        request = await logic.lock(session, request.id)
        files = [
            await add_file(
                session,
                name=file_name,
                media_type=media_type,
                size=size,
                sha256=sha256,
                caller=running.caller,
                now=running.now(),
                audience=str(access.READ),
            )
            for file_name, media_type, size, sha256 in kept
        ]
        request.file_ids = [file.id for file in files]
        request.state, request.finished_at = PrivacyState.DONE.value, running.now()
        ids: list[JsonValue] = [file.id for file in files]
    return {"file_ids": ids}


def _keep(running: RunningJob, content: bytes) -> tuple[int, bytes]:
    """Size and SHA-256 of a content that is on disk, sealed."""
    with running.contents.draft(running.programme_id, LARGEST_FILE_BYTES) as draft:
        draft.write(content)
        draft.keep()
        return draft.size, draft.sha256


async def _erase(running: RunningJob, parts: Sequence[PersonalData]) -> JsonObject:
    request = await _request(running)
    if request is not None:
        await _empty_answers(running, parts, request.member_id)
        async with running.step() as session:
            await _erase_in(session, running, parts, request.id)
    return {"is_log_truncated": await running.truncate_log()}


async def _empty_answers(running: RunningJob, parts: Sequence[PersonalData], member_id: int) -> None:
    """Empty the answers that show the member, but for those that come meanwhile."""
    while True:
        after_id = int(str(running.checkpoint.get("answers", 0)))
        async with running.step() as session:
            texts = await _texts(session, running, parts, member_id)
            emptied, next_id = await empty_answers(
                session, running.cipher, texts, after_id=after_id, limit=_ANSWERS_AT_ONCE
            )
            running.done += emptied
            running.checkpoint["answers"] = next_id or after_id
        if next_id is None:
            return


async def _erase_in(
    session: WriteSession, running: RunningJob, parts: Sequence[PersonalData], request_id: int
) -> None:
    request = await logic.lock(session, request_id)
    if request.state != PrivacyState.WORKING:
        return
    request.finished_at = running.now()
    found = await logic.standing_hindrances(session, parts, request)
    if found:
        request.state, request.hindrances = PrivacyState.HINDERED.value, [one.code for one in found]
        return
    member_ids = await merging.records_of(session, request.member_id)
    texts = await _texts(session, running, parts, request.member_id)
    after_id: int | None = int(str(running.checkpoint.get("answers", 0)))
    while after_id is not None:
        _, after_id = await empty_answers(
            session, running.cipher, texts, after_id=after_id, limit=_ANSWERS_AT_ONCE
        )
    await session.execute(
        delete(StoredFile).where(StoredFile.id.in_(await logic.files_of(session, member_ids))),
        execution_options={"synchronize_session": False},
    )
    for member_id in member_ids:
        await erase_member(session, running.cipher, parts, member_id)
        emit(
            session,
            MEMBER_ERASED,
            Subject("member", member_id),
            MemberErased(request_id=request.id, member_id=member_id),
        )
    request.state = PrivacyState.DONE.value


async def _texts(
    session: WriteSession, running: RunningJob, parts: Sequence[PersonalData], member_id: int
) -> set[str]:
    return {
        text
        for one in await merging.records_of(session, member_id)
        for part in parts
        for text in await part.texts(session, running.cipher, one)
    }
