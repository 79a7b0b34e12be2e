"""The jobs that exchange a programme's data keys.

One gives the programme new keys. The other passes over everything that is sealed, each night while there are
older keys; a pass that finds nothing left under them, a day after the last of them sealed, deletes them.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Final, cast

from pydantic import AwareDatetime, BaseModel

from host_api.core import audit
from host_api.core.encryption.envelope import SealFault
from host_api.core.encryption.key_table import retire_key, stored_keys
from host_api.core.encryption.programme_keys import KeyPurpose, WrappedKey
from host_api.core.encryption.vault import ProgrammeKey
from host_api.core.files.content_store import ContentMissing
from host_api.core.jobs.declaration import Job, JobFailed
from host_api.core.jobs.run_table import JsonObject
from host_api.core.jobs.running import RunningJob
from host_api.core.jobs.schedules import DailyAt
from host_api.core.resealing.places import sealed_places

# Longer than anything sealed by an old key may take until it is stored: transactions, drafts, imports.
OLD_KEYS_STAY: Final = timedelta(days=1)

_TIMEOUT: Final = timedelta(hours=6)
_CHECKPOINT: Final = "pass"


class _Pass(BaseModel):
    """How far a pass has come."""

    keys: dict[str, int]
    began_at: AwareDatetime
    finished: list[str] = []
    after_id: int = 0
    resealed: int = 0
    left: int = 0


async def _renew(running: RunningJob) -> JsonObject:
    """Give the programme a new key of each purpose, once."""
    if not running.checkpoint:
        async with running.step() as session:
            if _older(await stored_keys(session, ProgrammeKey, running.programme_id), None):
                raise JobFailed("older-keys-are-still-there")
            numbers = await running.vault.add_keys(session, running.programme_id)
            running.checkpoint.update({purpose.value: number for purpose, number in numbers.items()})
            for purpose, number in numbers.items():
                audit.note(session, "create", ProgrammeKey.__tablename__, f"{purpose},{number}")
    await running.vault.reload()
    return dict(running.checkpoint)


async def _reseal(running: RunningJob) -> JsonObject:
    async with running.reading() as session:
        keys = await stored_keys(session, ProgrammeKey, running.programme_id)
    active = _active(keys, running.now())
    older = _older(keys, active)
    if not older:
        return {"resealed": 0, "left": 0, "deleted_keys": 0}
    numbers = {purpose.value: key.number for purpose, key in active.items()}
    state = _Pass(keys=numbers, began_at=running.now())
    if _CHECKPOINT in running.checkpoint:
        earlier = _Pass.model_validate(running.checkpoint[_CHECKPOINT])
        if earlier.keys == numbers:
            state = earlier
    await _reseal_rows(running, state)
    await _reseal_contents(running, state)
    retired = [key for key in older if active[key.purpose].active_from <= state.began_at - OLD_KEYS_STAY]
    if state.resealed or state.left:
        retired = []
    async with running.step() as session:
        for key in retired:
            await retire_key(session, ProgrammeKey, running.programme_id, key.purpose, key.number)
            audit.note(session, "delete", ProgrammeKey.__tablename__, f"{key.purpose},{key.number}")
    await running.vault.reload()
    return {"resealed": state.resealed, "left": state.left, "deleted_keys": len(retired)}


async def _reseal_rows(running: RunningJob, state: _Pass) -> None:
    for place in sealed_places():
        is_over = place.name in state.finished
        while not is_over:
            async with running.step() as session:
                step = await place.step(session, running.cipher, running.programme_id, state.after_id)
                state.resealed += step.resealed
                state.left += step.overtaken + len(step.damaged_ids)
                state.after_id = step.next_after_id or 0
                is_over = step.next_after_id is None
                if is_over:
                    state.finished.append(place.name)
                running.done += step.examined
                running.checkpoint[_CHECKPOINT] = cast(JsonObject, state.model_dump(mode="json"))


async def _reseal_contents(running: RunningJob, state: _Pass) -> None:
    """The contents of files; what has been sealed anew already is passed over by itself."""
    contents, programme_id = running.contents, running.programme_id
    older = contents.under_older_keys(programme_id)
    while (sha256 := await asyncio.to_thread(next, older, None)) is not None:
        try:
            state.resealed += await asyncio.to_thread(contents.reseal, programme_id, sha256)
        except ContentMissing:
            continue
        except SealFault:
            state.left += 1
        await running.report(running.done + 1)


def _active(keys: Sequence[WrappedKey], now: datetime) -> Mapping[KeyPurpose, WrappedKey]:
    """The key of each purpose that seals."""
    return {key.purpose: key for key in sorted(keys, key=lambda key: key.number) if key.active_from <= now}


def _older(keys: Sequence[WrappedKey], active: Mapping[KeyPurpose, WrappedKey] | None) -> list[WrappedKey]:
    """Keys that have a successor, which seals already where `active` is given."""
    highest = (
        {key.purpose: key for key in sorted(keys, key=lambda key: key.number)} if active is None else active
    )
    return [key for key in keys if key.purpose in highest and key.number < highest[key.purpose].number]


RENEW_KEYS: Final = Job(
    "renew-data-keys",
    "Give the programme new data keys",
    "ساختن کلیدهای تازهٔ داده",
    _renew,
    is_on_demand=True,
)
RESEAL: Final = Job(
    "reseal-data",
    "Seal data anew under the newest keys",
    "مهر کردن دوبارهٔ داده‌ها با تازه‌ترین کلیدها",
    _reseal,
    schedule=DailyAt(time(3, 40)),
    is_on_demand=True,
    timeout=_TIMEOUT,
)
KEY_JOBS: Final = (RENEW_KEYS, RESEAL)
